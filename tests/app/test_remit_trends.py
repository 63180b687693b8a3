"""Trends over many remittance files: a planted change is found with its cause, and noise is left alone."""

from pathlib import Path

import pytest

from anodyne.app.remit_trends import RemitTrends, remit_trends
from tests.app.remit_weeks import AS_OF, drawn, week, weeks_at
from tests.x12.remittances import bpr, claim, group, interchange, line, transaction

QUIET = [0.05] * 24
PLANTED = [0.05] * 14 + [0.4] * 10


def told(*paths: str) -> RemitTrends:
    return remit_trends(paths, as_of=AS_OF)


def test_a_planted_change_is_found_in_its_week_with_its_cause_and_dollars(tmp_path: Path) -> None:
    found = told(
        weeks_at(tmp_path / "a.835", drawn(1, PLANTED, 20), 20),
        weeks_at(tmp_path / "b.835", drawn(2, QUIET, 20), 20, payer="P2", name="ALDER"),
        weeks_at(tmp_path / "c.835", drawn(3, QUIET, 20), 20, code="99214"),
    )
    (change,) = found.changes.to_dicts()
    assert (change["payer"], change["family"], change["cause"]) == ("P1", "epidural_transforaminal", "level")
    assert change["since"] == week(14)
    assert change["confidence"] > 0.999
    assert change["excess_cents"] > 20_000_00
    assert (found.files, found.payments, found.held, found.undated) == (3, 72, 0, 0)


def test_noise_is_silent(tmp_path: Path) -> None:
    paths = [
        weeks_at(tmp_path / f"{n}.835", drawn(n, QUIET, 15), 15, payer=f"P{n}", name=f"PLAN {n}")
        for n in range(5)
    ]
    found = told(*paths)
    assert found.changes.is_empty()
    assert found.lowered.is_empty()
    assert len(found.payers) == 5


def test_counts_and_cents_agree_however_they_are_summed(tmp_path: Path) -> None:
    hits = [1, 0, 3, 2]
    found = told(
        weeks_at(tmp_path / "a.835", hits, 4),
        weeks_at(tmp_path / "b.835", [2], 3, code="99214", reason="CO-16"),
    )
    (payer,) = found.payers.to_dicts()
    assert payer == {
        "payer": "P1",
        "name": "JUNIPER PLAN",
        "claims": 19,
        "hit": 8,
        "cents": 8 * 500_00,
        "rate": 8 / 19,
    }
    assert found.weeks["cents"].sum() == found.payer_weeks["cents"].sum() == found.causes["cents"].sum()
    assert found.payer_weeks["claims"].to_list() == [7, 4, 4, 4]
    first, second = found.causes.to_dicts()
    assert (first["family"], first["cause"], first["claims"]) == ("epidural_transforaminal", "level", 6)
    assert (first["share"], first["first_week"], first["last_week"]) == (
        pytest.approx(0.75),
        week(0),
        week(3),
    )
    assert (second["family"], second["claims"], second["cents"]) == ("office_established", 2, 1000_00)


def test_a_payer_that_pays_a_lower_level_more_and_more_is_told(tmp_path: Path) -> None:
    found = told(
        weeks_at(tmp_path / "a.835", [0] * 10 + [8] * 10, 15, code="99214", paid_as="99213"),
        weeks_at(tmp_path / "b.835", [0] * 20, 15, payer="p2 ", name="ALDER", code="99214"),
    )
    (row,) = found.lowered.to_dicts()
    assert (row["payer"], row["family"]) == ("P1", "office visit, established")
    assert (row["lines"], row["lowered"], row["others_share"]) == (300, 80, 0.0)
    assert row["rising_confidence"] > 0.99
    assert row["earlier_share"] < row["later_share"]
    mix = {
        code: (billed, paid)
        for code, billed, paid in found.mix.filter(payer="P1")["code", "billed", "paid"].rows()
    }
    assert mix == {"99213": (0, 80), "99214": (300, 220)}
    assert set(found.levels["payer"]) == set(found.payers["payer"])


def test_two_payers_of_one_name_are_told_apart(tmp_path: Path) -> None:
    found = told(weeks_at(tmp_path / "a.835", [1], 2), weeks_at(tmp_path / "b.835", [0], 2, payer="P2"))
    assert found.payers["name"].to_list() == ["JUNIPER PLAN (P1)", "JUNIPER PLAN (P2)"]


def test_payments_that_do_not_add_up_are_not_counted(tmp_path: Path) -> None:
    held = tmp_path / "held.835"
    body = ("LX*1", *claim("C1"), *line("CAS*CO*45*15", "CAS*PR*2*5"))
    held.write_bytes(interchange(group(transaction(*body, head=(bpr("81"), "TRN*1*X*1", "N1*PR*CEDAR")))))
    found = told(weeks_at(tmp_path / "a.835", [1], 2), str(held))
    assert (found.payments, found.held) == (1, 1)
    assert found.payers["payer"].to_list() == ["P1"]


def test_a_file_that_cannot_be_read_hides_no_other(tmp_path: Path) -> None:
    bad = tmp_path / "bad.835"
    bad.write_text("nothing")
    found = told(str(bad), weeks_at(tmp_path / "a.835", [1], 2))
    assert len(found.errors) == 1
    assert found.payments == 1


def test_nothing_in_nothing_out(tmp_path: Path) -> None:
    bad = tmp_path / "bad.835"
    bad.write_text("nothing")
    found = told(str(bad))
    assert found.changes.is_empty()
    assert found.causes.is_empty()
    assert found.payers.is_empty()
