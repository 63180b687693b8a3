"""Other blocks, levels, anaesthetic, sedation and imaging of an injection, from a file to a finding."""

import datetime as dt
from collections.abc import Sequence

import pytest

from tests.claims import DAY, Claim, Line, findings, npi, policies_of, told

RULES = ("LCD-", "INJ-1", "INJ-2", "NCCI-01")
Told = set[tuple[str, str, int | None]]


def of_blocks(*lines: Line, payer: str = "medicare", **fields: object) -> Told:
    claim = Claim(lines, payer=payer, **fields)  # type: ignore[arg-type]
    return {found for found in told(claim) if found[0].startswith(RULES)}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([Line("64493", ["RT"]), Line("62323")], {("LCD-F9", "audit", 1)}),
        ([Line("62323"), Line("64493", ["RT"])], {("LCD-F9", "audit", 2)}),
        ([Line("64483", ["RT"]), Line("64493", ["RT"])], {("LCD-F9", "audit", 2)}),
        ([Line("64493", ["RT"]), Line("27096", ["LT"])], {("LCD-F9", "audit", 1)}),
        ([Line("20553", ["XS"]), Line("64493")], {("LCD-F9", "audit", 2)}),
        ([Line("20553"), Line("64493")], {("NCCI-01a", "deny", 2)}),
        ([Line("64635", ["RT"]), Line("64450", ["LT", "XS"])], set()),
        ([Line("64635", ["RT"]), Line("64520", ["LT", "XS"])], {("LCD-F9", "audit", 1)}),
        ([Line("62323"), Line("20553")], {("LCD-E7a", "audit", 1)}),
        ([Line("62323"), Line("27096")], {("NCCI-01a", "deny", 1)}),
        ([Line("62323", ["59"]), Line("27096")], {("LCD-E7a", "audit", 1)}),
        ([Line("62323"), Line("64520", ["LT", "59"])], {("LCD-E7a", "audit", 1)}),
        ([Line("20553", ["XS"]), Line("64405", ["RT"])], set()),
        ([Line("20553", ["XS"]), Line("64520", ["RT"])], {("LCD-T1c", "audit", 1)}),
        ([Line("20553"), Line("64405")], {("NCCI-01a", "deny", 2)}),
        ([Line("20610", ["RT"]), Line("64493", ["RT"])], set()),
        ([Line("62323"), Line("20610", ["RT"])], set()),
        ([Line("27096", ["RT"]), Line("64451", ["RT"])], set()),
        ([Line("64405", ["RT"]), Line("64450", ["RT"])], set()),
    ],
)
def test_blocks_of_one_day(lines: list[Line], expected: Told) -> None:
    assert of_blocks(*lines) == expected
    for payer in ("commercial", "advantage", "workers"):
        assert not {one for one in of_blocks(*lines, payer=payer) if one[0].startswith("LCD-")}


def test_one_side_that_lifts_an_edit_leaves_the_day_to_the_policies() -> None:
    assert ("LCD-F9", "audit", 2) in of_blocks(Line("20553"), Line("64493", ["RT"]))
    assert ("LCD-E7a", "audit", 1) in of_blocks(Line("62323"), Line("27096", ["RT"]))


def test_each_two_blocks_of_a_day_are_told_once() -> None:
    lines = [Line("64493", ["RT"]), Line("62323"), Line("20553", ["XS"]), Line("64494", ["RT"])]
    assert of_blocks(*lines) == {("LCD-F9", "audit", 1)}
    (message,) = findings(Claim(lines)).filter(rule="LCD-F9")["message"]
    assert message == (
        "64493 and 62323 on one day: facet procedures are covered without other blocks in the session"
    )
    mixed = [Line("64635", ["RT"]), Line("64493", ["LT", "KX"]), Line("62323", ["59"])]
    assert {one for one in of_blocks(*mixed) if one[0] == "LCD-F9"} == {("LCD-F9", "audit", 1)}


def test_a_synovial_cyst_may_be_treated_beside_a_facet() -> None:
    lines = [Line("64483", ["RT"]), Line("64493", ["RT"])]
    assert of_blocks(*lines, dx=("M7138",)) == set()
    assert of_blocks(*lines, dx=("M5416",)) == {("LCD-F9", "audit", 2)}


def test_another_day_or_patient_is_no_session_together() -> None:
    facet, epidural = Claim([Line("64493", ["RT"])], id="A"), [Line("62323")]
    later = Claim(epidural, id="B", on=DAY + dt.timedelta(1))
    assert not {one for one in told(facet, later) if one[0] == "LCD-F9"}
    assert not {one for one in told(facet, Claim(epidural, id="B", patient=2)) if one[0] == "LCD-F9"}
    colleague = Claim(epidural, id="B", rendering=npi(77), taxonomy="207L00000X")
    assert {one for one in told(facet, colleague) if one[0] == "LCD-F9"} == {("LCD-F9", "audit", 1)}


def test_a_block_sent_before_is_told_at_the_one_checked_now() -> None:
    facet = Claim([Line("64493", ["RT"])], id="A")
    epidural = Claim([Line("62323")], id="B")
    muscles = Claim([Line("20553", ["XS"])], id="C")

    def of(claim: Claim, *sent: Claim) -> set[tuple[str, str, int | None]]:
        return {one for one in told(claim, history=sent) if one[0] in {"LCD-F9", "LCD-E7a", "LCD-T1c"}}

    assert of(facet, epidural) == {("LCD-F9", "audit", 1)}
    assert of(epidural, facet) == {("LCD-E7a", "audit", 1)}
    assert of(muscles, facet) == {("LCD-T1c", "audit", 1)}
    assert of(muscles, epidural) == {("LCD-T1c", "audit", 1)}
    assert of(epidural, muscles) == {("LCD-E7a", "audit", 1)}
    assert told(facet, epidural) == {("LCD-F9", "audit", 1)}


def test_where_a_contractor_has_no_trigger_point_policy() -> None:
    lines = [Line("20553", ["XS"]), Line("64520", ["RT"])]
    assert ("LCD-T1c", "audit", 1) in of_blocks(*lines, state="OH")
    assert not {one for one in of_blocks(*lines, state="TX") if one[0].startswith("LCD-")}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([Line("64635", ["RT"]), Line("64636", ["RT"])], set()),
        ([Line("64635", ["50"]), Line("64636", ["50"])], set()),
        ([Line("64635", ["RT"]), Line("64636", ["RT"], units=2)], {("LCD-F7a", "deny", 2)}),
        ([Line("64635", ["50"]), Line("64636", ["50"], units=2)], {("LCD-F7a", "deny", 2)}),
        ([Line("64635", ["50"]), Line("64636", units=2)], {("INJ-13", "deny", 2)}),
        ([Line("64635", ["50"]), Line("64636", units=4)], {("LCD-F7a", "deny", 2)}),
        (
            [Line("64635", ["50"]), Line("64636", ["LT"]), Line("64636", ["RT"])],
            {("INJ-13", "deny", 3)},
        ),
        ([Line("64483", ["50"]), Line("64484", units=2)], {("INJ-13", "deny", 2)}),
        ([Line("64483", ["RT"]), Line("64484", ["LT"])], set()),
        ([Line("64479", ["RT"]), Line("64480", ["RT"])], set()),
        ([Line("64493", ["50"]), Line("64494", ["LT"]), Line("64494", ["RT"])], {("INJ-11", "deny", 3)}),
        ([Line("64493"), Line("64495")], {("INJ-18a", "deny", 2), ("LCD-F7", "deny", 2)}),
        ([Line("64495")], {("INJ-18", "deny", 1), ("LCD-F7", "deny", 1)}),
        ([Line("64493"), Line("64494"), Line("64495")], {("LCD-F7", "deny", 3)}),
    ],
)
def test_levels_and_their_sides(lines: list[Line], expected: Told) -> None:
    assert of_blocks(*lines) == expected


def test_levels_to_other_payers() -> None:
    lines = [Line("64483", ["50"]), Line("64484", ["LT"]), Line("64484", ["RT"])]
    assert of_blocks(*lines, payer="commercial") == set()
    two_lines = policies_of("commercial", bilateral_form="two_lines")
    assert not {
        one for one in told(Claim(lines, payer="commercial"), policies=two_lines) if one[0] == "INJ-13"
    }
    third = [Line("64493"), Line("64495")]
    assert of_blocks(*third, payer="commercial") == {("INJ-18a", "deny", 2)}


@pytest.mark.parametrize("drug", ["J0665", "J2795", "J2003", "J0670"])
def test_the_anaesthetic_of_a_block(drug: str) -> None:
    for code in ("64450", "62323", "20553", "20610"):
        assert of_blocks(Line(code, ["RT"] if code == "20610" else []), Line(drug, units=10)) == {
            ("INJ-15", "deny", 2)
        }
    assert of_blocks(Line("99213"), Line(drug, units=10)) == set()
    assert of_blocks(Line("64450"), Line("J3301", units=4)) == set()
    assert of_blocks(Line("64450"), Line(drug, units=10), payer="commercial") == set()
    follows = policies_of("commercial", ncci_edits=True)
    claim = Claim([Line("64450"), Line(drug, units=10)], payer="commercial")
    assert ("INJ-15", "deny", 2) in told(claim, policies=follows)


def sedated(*lines: Line, payer: str = "medicare", **fields: object) -> Told:
    return {
        one for one in of_blocks(*lines, payer=payer, **fields) if one[0] in {"LCD-F8b", "INJ-16", "NCCI-01"}
    }


def test_sedation_beside_a_facet_procedure() -> None:
    facet, sedation = Line("64635", ["RT"]), [Line("99152"), Line("99153", units=2)]
    assert sedated(facet, *sedation) == {("LCD-F8b", "audit", 2)}
    assert sedated(facet, *sedation, payer="commercial") == set()
    assert sedated(Line("62323"), *sedation) == set()
    assert sedated(Line("20610", ["RT"]), *sedation) == set()
    assert sedated(facet, Line("99156")) == {("NCCI-01", "deny", 2)}
    assert sedated(Line("64493", ["RT"]), Line("01992")) == {("NCCI-01", "deny", 2)}
    assert sedated(facet, Line("01992")) == {("LCD-F8b", "audit", 2)}
    other = Claim([Line("01938")], id="B", rendering=npi(77), taxonomy="207L00000X", patient=1)
    found = {one for one in told(Claim([facet]), other) if one[0] == "LCD-F8b"}
    assert found == {("LCD-F8b", "audit", 1)}


def test_further_sedation_in_a_facility() -> None:
    lines = [Line("64483", ["RT"]), Line("99152"), Line("99153", units=2)]
    assert sedated(*lines, pos="11") == set()
    for pos in ("19", "21", "22", "24"):
        assert sedated(*lines, pos=pos) == {("INJ-16", "deny", 3)}
    assert sedated(*lines, pos="24", payer="commercial") == set()


def test_imaging_of_trigger_points() -> None:
    assert of_blocks(Line("20553"), Line("76942")) == {("LCD-T1a", "deny", 2)}
    assert of_blocks(Line("20552"), Line("77002")) == {("LCD-T1a", "deny", 2)}
    assert of_blocks(Line("20553", ["XS"]), Line("64418", ["RT"]), Line("76942")) == set()
    assert of_blocks(Line("20553"), Line("76942"), payer="commercial") == set()
    assert of_blocks(Line("20553"), Line("76942"), state="TX") == set()
    assert of_blocks(Line("20553"), Line("76942"), on=dt.date(2024, 3, 31)) == set()
    assert of_blocks(Line("20553"), Line("76942"), on=dt.date(2024, 4, 1)) == {("LCD-T1a", "deny", 2)}


@pytest.mark.parametrize(
    ("dx", "pointer", "expected"),
    [
        (("M461",), "1", {("INJ-20", "audit", 1)}),
        (("M533",), "1", {("INJ-20", "audit", 1)}),
        (("M1711", "M533"), "1", set()),
        (("M1711", "M533"), "2", {("INJ-20", "audit", 1)}),
        (("M1711", "M533"), "1:2", set()),
        (("M1711",), "1", set()),
    ],
)
def test_a_joint_code_for_the_sacroiliac_joint(dx: tuple[str, ...], pointer: str, expected: Told) -> None:
    for payer in ("medicare", "commercial"):
        assert of_blocks(Line("20610", ["RT"], dx=pointer), dx=dx, payer=payer) == expected


def test_the_sacroiliac_joint_by_who_bills() -> None:
    assert of_blocks(Line("G0260", ["RT"])) == {("INJ-12b", "deny", 1)}
    assert of_blocks(Line("27096", ["RT"])) == set()
    centre = "261QA1903X"
    assert of_blocks(Line("G0260", ["RT"]), billing_taxonomy=centre, taxonomy=centre, pos="24") == set()


@pytest.mark.parametrize(
    ("lines", "over"),
    [
        ([Line("J3301", ["JZ"], units=8)], False),
        ([Line("J3301", ["JZ"], units=9)], True),
        ([Line("J1010", ["JZ"], units=80)], False),
        ([Line("J1010", ["JZ"], units=81)], True),
        ([Line("J0702", units=2)], False),
        ([Line("J0702", units=3)], True),
        ([Line("J1100", units=15)], False),
        ([Line("J1100", units=16)], True),
        ([Line("J3301", units=8), Line("J3301", ["JW"], units=2)], False),
        ([Line("J3301", units=5), Line("J3301", units=4)], True),
        ([Line("J3301", units=9), Line("20610", ["RT"])], False),
    ],
)
def test_the_steroid_of_an_epidural(lines: list[Line], over: bool) -> None:
    found = {one for one in of_blocks(Line("62323"), *lines) if one[0] == "LCD-E7b"}
    assert found == ({("LCD-E7b", "audit", 1)} if over else set())
    assert not {
        one for one in of_blocks(Line("62323"), *lines, payer="commercial") if one[0].startswith("LCD-")
    }


def fascial(code: str, day: dt.date) -> Sequence[str]:
    found = findings(Claim([Line(code, ["RT"])], on=day))
    return found.filter(found["rule"].str.starts_with("CODE-"))["rule"].to_list()


def test_fascial_plane_codes_begin_in_2025() -> None:
    for code in ("64466", "64467", "64468", "64469", "64473", "64474"):
        assert fascial(code, dt.date(2024, 12, 31))
        assert not fascial(code, dt.date(2025, 1, 1))
