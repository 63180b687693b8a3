"""Image guidance beside what it guides, from a file to a finding."""

import datetime as dt

import pytest

from tests.claims import Claim, Line, findings, told

RULES = ("INJ-05", "INJ-07", "INJ-08", "INJ-09", "NCCI")


def of_imaging(*claims: Claim, history: tuple[Claim, ...] = ()) -> set[tuple[str, str, int | None]]:
    return {found for found in told(*claims, history=history) if found[0].startswith(RULES)}


@pytest.mark.parametrize("payer", ["medicare", "commercial", "workers"])
@pytest.mark.parametrize(
    ("code", "guidance", "rule"),
    [
        ("62323", "77003", "INJ-07"),
        ("64483", "77003", "INJ-07"),
        ("64493", "77012", "INJ-07"),
        ("64635", "76942", "INJ-07"),
        ("27096", "77002", "INJ-07"),
        ("64451", "77003", "INJ-07"),
        ("64486", "76942", "INJ-07"),
        ("22514", "76000", "INJ-07"),
        ("62322", "77003", "INJ-07a"),
        ("64415", "76942", "INJ-09"),
        ("64445", "76942", "INJ-09"),
        ("64448", "77002", "INJ-09"),
        ("20611", "76942", "INJ-05a"),
        ("20604", "77002", "INJ-05a"),
        ("20610", "76942", "INJ-05"),
        ("20600", "76942", "INJ-05"),
    ],
)
def test_guidance_that_the_code_leaves_no_room_for(payer: str, code: str, guidance: str, rule: str) -> None:
    assert of_imaging(Claim([Line(code, ["RT"]), Line(guidance)], payer=payer)) == {(rule, "deny", 2)}
    assert of_imaging(Claim([Line(guidance), Line(code)], payer=payer)) == {(rule, "deny", 1)}


@pytest.mark.parametrize("payer", ["medicare", "commercial"])
@pytest.mark.parametrize(
    ("code", "guidance"),
    [
        ("64510", "77003"),
        ("64520", "77003"),
        ("62273", "77003"),
        ("20610", "77002"),
        ("20553", "77002"),
        ("20553", "76942"),
        ("64405", "76942"),
        ("64418", "76942"),
        ("64640", "76942"),
        ("20526", "76942"),
    ],
)
def test_guidance_that_is_paid_beside_the_code(payer: str, code: str, guidance: str) -> None:
    assert of_imaging(Claim([Line(code, ["RT"]), Line(guidance)], payer=payer)) == set()


def test_guidance_of_another_procedure_of_the_day_passes_told_apart() -> None:
    assert of_imaging(Claim([Line("62323"), Line("64510"), Line("77003", ["59"])])) == set()
    assert of_imaging(Claim([Line("20610", ["RT"]), Line("64418", ["LT"]), Line("76942", ["XS"])])) == set()
    assert of_imaging(Claim([Line("64445"), Line("64405"), Line("76942")])) == set()


def test_guidance_of_another_procedure_not_told_apart_is_left_to_the_edit() -> None:
    lines = [Line("62323"), Line("64405", ["59"]), Line("76942")]
    assert of_imaging(Claim(lines)) == {("NCCI-01a", "deny", 3)}
    assert of_imaging(Claim(lines, payer="commercial")) == {("NCCI-01a", "ask", 3)}


def test_a_modifier_does_not_make_guidance_payable_where_there_is_nothing_else_to_guide() -> None:
    assert of_imaging(Claim([Line("64483", ["RT"]), Line("77003", ["59"])])) == {("INJ-07b", "audit", 2)}
    assert of_imaging(Claim([Line("20611", ["RT"]), Line("76942", ["XU"])])) == {("INJ-07b", "audit", 2)}
    assert of_imaging(Claim([Line("64483", ["RT"]), Line("99214", ["25"]), Line("77003", ["59"])])) == {
        ("INJ-07b", "audit", 3)
    }


@pytest.mark.parametrize("payer", ["medicare", "blue"])
def test_fluoroscopy_without_a_procedure_it_may_guide(payer: str) -> None:
    assert of_imaging(Claim([Line("77003")], payer=payer)) == {("INJ-08", "deny", 1)}
    assert of_imaging(Claim([Line("64640", ["RT"]), Line("77002")], payer=payer)) == {("INJ-08", "deny", 2)}


def test_a_pair_edit_is_not_told_again_where_the_primary_is_missing() -> None:
    assert of_imaging(Claim([Line("63650"), Line("77003")])) == {("INJ-08", "deny", 2)}


def test_the_primary_may_be_on_another_claim_of_the_day() -> None:
    alone = Claim([Line("77003")], id="A2")
    assert of_imaging(Claim([Line("64510", ["RT"])], id="A1"), alone) == set()
    assert of_imaging(alone, history=(Claim([Line("64510", ["RT"])], id="A1"),)) == set()
    assert of_imaging(alone, history=(Claim([Line("62323")], id="A1"),)) == {("INJ-07", "deny", 1)}
    message = findings(alone, history=(Claim([Line("62323")], id="A1"),))["message"].to_list()
    assert message == ["77003 is part of 62323 on another claim"]


def test_nerve_blocks_include_their_imaging_from_2023() -> None:
    lines = [Line("64445", ["RT"]), Line("76942")]
    assert of_imaging(Claim(lines, on=dt.date(2023, 1, 1))) == {("INJ-09", "deny", 2)}
    assert of_imaging(Claim(lines, on=dt.date(2022, 12, 31))) == set()


def test_guidance_is_dropped_but_a_joint_code_is_a_question_for_a_person() -> None:
    inside = findings(Claim([Line("62323"), Line("77003")]))
    joint = findings(Claim([Line("20610", ["RT"]), Line("76942")]))
    assert inside.filter(rule="INJ-07")["fix"].to_list() == ['{"drop": true}']
    assert joint.filter(rule="INJ-05")["fix"].to_list() == [None]
