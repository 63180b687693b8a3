"""Pairs and units, from a file to a finding."""

import datetime as dt

import pytest

from tests.claims import DAY, NURSE_PRACTITIONER, Claim, Line, npi, told


def of_ncci(*claims: Claim, history: tuple[Claim, ...] = ()) -> set[tuple[str, str, int | None]]:
    return {found for found in told(*claims, history=history) if found[0].startswith("NCCI-0")}


def test_the_second_code_of_a_pair_that_no_modifier_lifts_is_denied() -> None:
    assert of_ncci(Claim([Line("64451", ["RT"]), Line("64493", ["RT", "59"])])) == {("NCCI-01", "deny", 2)}


def test_the_order_of_the_lines_does_not_matter() -> None:
    assert of_ncci(Claim([Line("64493", ["RT"]), Line("64451", ["RT"])])) == {("NCCI-01", "deny", 1)}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([], [], {("NCCI-01a", "deny", 2)}),
        ([], ["50"], {("NCCI-01a", "deny", 2)}),
        ([], ["KX"], {("NCCI-01a", "deny", 2)}),
        ([], ["59"], set()),
        ([], ["XS"], set()),
        (["59"], [], set()),
        ([], ["RT"], set()),
        ([], ["KX", "", "", "XU"], set()),
        (["LT"], ["RT"], set()),
        (["RT"], ["RT"], {("NCCI-02", "audit", 2)}),
        (["RT"], ["RT", "XS"], set()),
    ],
)
def test_a_modifier_on_either_line_lifts_a_pair_of_indicator_1(
    first: list[str], second: list[str], expected: set[tuple[str, str, int]]
) -> None:
    claim = Claim([Line("64454", first), Line("64450", second)])
    assert of_ncci(claim) == expected


def test_lines_of_two_claims_of_one_day_and_practitioner_are_one_pair() -> None:
    paid = Claim([Line("64451", ["RT"])], id="A1")
    other = Claim([Line("64493", ["RT"])], id="A2")
    assert of_ncci(paid, other) == {("NCCI-01", "deny", 1)}
    assert of_ncci(other, history=(paid,)) == {("NCCI-01", "deny", 1)}


@pytest.mark.parametrize(
    "apart",
    [
        {"patient": 2},
        {"on": dt.date(2026, 10, 15)},
        {"billing": 42},
        {"rendering": npi(77), "taxonomy": NURSE_PRACTITIONER},
    ],
)
def test_another_patient_day_practice_or_specialty_makes_no_pair(apart: dict[str, object]) -> None:
    paid = Claim([Line("64451", ["RT"])], id="A1")
    other = Claim([Line("64493", ["RT"])], id="A2", **apart)  # type: ignore[arg-type]
    assert of_ncci(paid, other) == set()


def test_a_colleague_of_the_same_specialty_makes_a_pair() -> None:
    colleague = Claim([Line("64493", ["RT"])], id="A2", rendering=npi(77))
    assert of_ncci(Claim([Line("64451", ["RT"])]), colleague) == {("NCCI-01", "deny", 1)}


@pytest.mark.parametrize("payer", ["commercial", "blue", "advantage", "medicaid", "workers"])
def test_a_payer_without_a_policy_is_asked_only_where_the_edits_would_deny(payer: str) -> None:
    assert of_ncci(Claim([Line("64451"), Line("64493")], payer=payer)) == {("NCCI-01", "ask", 2)}
    assert of_ncci(Claim([Line("64454"), Line("64450")], payer=payer)) == {("NCCI-01a", "ask", 2)}
    assert of_ncci(Claim([Line("64454"), Line("64450", ["XS"])], payer=payer)) == set()
    assert of_ncci(Claim([Line("64454", ["RT"]), Line("64450", ["RT"])], payer=payer)) == set()


def test_a_line_that_several_edits_deny_is_told_once() -> None:
    claim = Claim([Line("64615"), Line("20553"), Line("64405")])
    assert of_ncci(claim) == {("NCCI-01a", "deny", 2), ("NCCI-01a", "deny", 3)}


def test_visits_and_monthly_care_are_left_to_their_own_rules() -> None:
    assert of_ncci(Claim([Line("99213"), Line("20610", ["RT"])])) == set()
    assert of_ncci(Claim([Line("99491"), Line("99490")])) == set()


def test_a_day_before_the_oldest_table_is_not_judged() -> None:
    early = dt.date(2024, 6, 30)
    assert of_ncci(Claim([Line("64451"), Line("64493"), Line("80307", units=2)], on=early)) == set()
    assert of_ncci(Claim([Line("80307", units=2)], on=early, payer="commercial")) == set()


@pytest.mark.parametrize(("units", "expected"), [(16, set()), (17, {("NCCI-05", "deny", 1)})])
def test_one_line_above_the_limit(units: int, expected: set[tuple[str, str, int]]) -> None:
    assert of_ncci(Claim([Line("J3301", units=units)])) == expected


def test_units_of_all_lines_of_the_day_are_added_and_told_where_they_cross() -> None:
    guided = [Line("64405", ["RT"]), Line("76942"), Line("64418", ["RT"]), Line("76942", ["59"])]
    assert of_ncci(Claim(guided)) == {("NCCI-06", "deny", 4)}
    assert of_ncci(Claim([*guided, Line("64430"), Line("76942", ["XS"])])) == {("NCCI-06", "deny", 4)}
    assert of_ncci(Claim(guided, payer="commercial")) == {("NCCI-06", "ask", 4)}
    assert of_ncci(Claim(guided[:3])) == set()


def test_units_of_an_earlier_claim_of_the_day_count() -> None:
    earlier = Claim([Line("80307")], id="A1", on=DAY)
    assert of_ncci(Claim([Line("80307")], id="A2"), history=(earlier,)) == {("NCCI-06", "deny", 1)}
    other_day = Claim([Line("80307")], id="A1", on=DAY - dt.timedelta(days=1))
    assert of_ncci(Claim([Line("80307")], id="A2"), history=(other_day,)) == set()


def test_drug_and_its_waste_together_stay_below_the_limit() -> None:
    assert of_ncci(Claim([Line("J0585", units=155), Line("J0585", ["JW"], units=45)])) == set()


def test_an_assistant_is_not_counted_with_the_surgeon() -> None:
    assistant = Line("63030", ["80"], rendering=npi(77))
    assert of_ncci(Claim([Line("63030"), assistant])) == set()


def test_a_code_medicare_allows_no_units_is_no_question_to_another_payer() -> None:
    assert of_ncci(Claim([Line("99080")])) == {("NCCI-05", "deny", 1)}
    assert of_ncci(Claim([Line("99080")], payer="workers")) == set()


def test_minutes_are_not_units() -> None:
    assert of_ncci(Claim([Line("80307", units=30, basis="MJ")])) == set()
