"""Left, right and both, from a file to a finding."""

import pytest

from tests.claims import Claim, Line, told

SURGERY_CENTRE = "261QA1903X"
RULES = ("INJ-11", "INJ-12", "INJ-14", "MOD-50", "NCCI-05", "NCCI-06")


def of_sides(*claims: Claim, history: tuple[Claim, ...] = ()) -> set[tuple[str, str, int | None]]:
    return {found for found in told(*claims, history=history) if found[0].startswith(RULES)}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([Line("64483", ["50"])], set()),
        ([Line("64483", ["RT"])], set()),
        ([Line("64405", ["50"])], set()),
        ([Line("64493", ["50", "KX"]), Line("64494", ["50", "KX"])], set()),
        ([Line("64483", ["RT"]), Line("64483", ["LT"])], {("INJ-11", "deny", 2)}),
        ([Line("64405", ["LT"]), Line("64405", ["RT"])], {("INJ-11", "deny", 2)}),
        ([Line("64483"), Line("64483", ["50"])], {("INJ-11", "deny", 2)}),
        ([Line("64483", ["RT"]), Line("64483", ["RT", "59"])], {("NCCI-06", "deny", 2)}),
        ([Line("64483", units=2)], {("INJ-11a", "deny", 1)}),
        ([Line("64483", ["50"], units=2)], {("INJ-11a", "deny", 1)}),
        ([Line("64483", ["LT", "RT"])], {("INJ-11b", "deny", 1)}),
        ([Line("20610", ["RT"]), Line("20610", ["LT"])], set()),
        ([Line("20610", ["50"])], set()),
        ([Line("64483", ["RT"]), Line("64484", ["RT"], units=2)], set()),
        ([Line("62323", ["50"])], {("INJ-14", "deny", 1)}),
        ([Line("62321", ["LT"])], {("INJ-14", "deny", 1)}),
        ([Line("20552", ["50"])], {("MOD-50a", "deny", 1)}),
        ([Line("64615", ["50"])], {("MOD-50b", "deny", 1)}),
        ([Line("20551", ["RT"])], set()),
    ],
)
def test_forms_of_sides_on_a_claim_to_medicare(
    lines: list[Line], expected: set[tuple[str, str, int]]
) -> None:
    assert of_sides(Claim(lines)) == expected


@pytest.mark.parametrize("payer", ["commercial", "blue", "advantage", "medicaid"])
@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([Line("64483", ["50"])], set()),
        ([Line("64483", ["RT"])], set()),
        ([Line("64483", ["RT"]), Line("64483", ["LT"])], {("MOD-50", "ask", 2)}),
        ([Line("64483", units=2)], {("INJ-11a", "ask", 1)}),
        ([Line("64483", ["LT", "RT"])], {("INJ-11b", "ask", 1)}),
        ([Line("62323", ["50"])], {("INJ-14", "deny", 1)}),
        ([Line("20552", ["50"])], {("MOD-50a", "ask", 1)}),
        ([Line("64615", ["50"])], {("MOD-50b", "deny", 1)}),
    ],
)
def test_forms_of_sides_on_a_claim_to_a_payer_without_a_policy(
    payer: str, lines: list[Line], expected: set[tuple[str, str, int]]
) -> None:
    assert of_sides(Claim(lines, payer=payer)) == expected


def test_the_other_side_may_be_on_another_claim_of_the_day() -> None:
    right, left = Claim([Line("64483", ["RT"])], id="A1"), Claim([Line("64483", ["LT"])], id="A2")
    assert of_sides(left, history=(right,)) == {("INJ-11", "deny", 1)}


def test_a_surgical_centre_bills_sides_on_two_lines() -> None:
    def centre(*lines: Line) -> Claim:
        return Claim(lines, billing_taxonomy=SURGERY_CENTRE, taxonomy=SURGERY_CENTRE, pos="24")

    assert of_sides(centre(Line("64493", ["RT"]), Line("64493", ["LT"]))) == set()
    assert of_sides(centre(Line("64493", ["50"]))) == {("INJ-12", "deny", 1)}
    assert of_sides(centre(Line("27096", ["RT"]))) == {("INJ-12a", "deny", 1)}
    assert of_sides(centre(Line("G0260", ["RT"]))) == set()
    assert of_sides(Claim([Line("64493", ["50"]), Line("27096", ["50"])], pos="24")) == set()
