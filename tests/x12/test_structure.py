"""Structural findings: one defect each, found with its id and segment, and nothing else."""

from typing import Any

import pytest

from anodyne.x12.edits import EDITS
from tests.claims import Claim, Line, file_of
from tests.x12.seeds import DEFECTS, WHOLE, seeded, told


def test_a_whole_file_has_no_findings() -> None:
    assert told(WHOLE.encode()) == []


@pytest.mark.parametrize("defect", DEFECTS, ids=[defect["name"] for defect in DEFECTS])
def test_a_seeded_defect_is_found_once_and_where_it_is(defect: dict[str, Any]) -> None:
    assert told(seeded(defect)) == sorted(defect["finds"])


def test_every_edit_is_shown_by_a_defect() -> None:
    shown = {rule.split()[0] for defect in DEFECTS for rule in defect["finds"]}
    assert set(EDITS) - shown == {"X12-CONTROL-REPEAT", "X12-HL-BARREN"}


def test_defects_have_names_of_their_own() -> None:
    names = [defect["name"] for defect in DEFECTS]
    assert len(names) == len(set(names))


def test_one_claim_to_two_payers_keeps_its_id() -> None:
    def repeated(*claims: Claim) -> list[str]:
        return [one for one in told(file_of(*claims)) if one.startswith("X12-CLAIM-REPEAT")]

    primary = Claim([Line("99213")], id="A1")
    secondary = Claim([Line("99213")], id="A1", rank="S", payer="commercial")
    assert repeated(primary, secondary) == []
    assert repeated(primary, Claim([Line("99213")], id="A2")) == []
    assert len(repeated(primary, secondary, primary)) == 1
    assert len(repeated(primary, secondary, secondary)) == 1
    assert len(repeated(primary, Claim([Line("99213")], id="A1", payer="commercial", patient=2))) == 1
