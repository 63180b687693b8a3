"""Visits beside other services, from the bytes of a claim to the finding."""

import datetime as dt

import pytest

from tests.claims import NURSE_PRACTITIONER, Claim, Line, findings, npi, told

MINE = ("EM-", "MOD-25")


def visits(*claims: Claim, history: tuple[Claim, ...] = ()) -> set[tuple[str, str, int | None]]:
    return {finding for finding in told(*claims, history=history) if finding[0].startswith(MINE)}


def test_a_visit_without_25_is_part_of_the_procedure_and_its_twin_is_clean() -> None:
    assert visits(Claim([Line("99213"), Line("20610", ("RT",))])) == {("EM-12", "deny", 1)}
    assert visits(Claim([Line("99213", ("25",)), Line("20610", ("RT",))])) == set()


def test_several_procedures_are_one_finding_on_the_visit() -> None:
    lines = [Line("62323"), Line("99214"), Line("20610", ("RT",)), Line("20560")]
    assert visits(Claim(lines)) == {("EM-12", "deny", 2)}


def test_needling_after_a_visit_is_the_line_not_paid() -> None:
    found = visits(Claim([Line("99213"), Line("20560")]))
    assert found == {("EM-12", "deny", 2)}


def test_59_on_the_procedure_does_not_speak_for_the_visit() -> None:
    assert visits(Claim([Line("99213"), Line("20553", ("59",))])) == {("EM-12", "deny", 1)}


def test_the_procedure_may_be_on_another_claim() -> None:
    visit, procedure = Claim([Line("99213")], id="A1"), Claim([Line("20610", ("RT",))], id="A2")
    assert visits(visit, procedure) == {("EM-12", "deny", 1)}
    assert visits(visit, history=(procedure,)) == {("EM-12", "deny", 1)}


@pytest.mark.parametrize(
    "apart",
    [
        Claim([Line("20610", ("RT",))], id="A2", patient=2),
        Claim([Line("20610", ("RT",))], id="A2", on=dt.date(2026, 10, 13)),
        Claim([Line("20610", ("RT",))], id="A2", rendering=npi(77), taxonomy=NURSE_PRACTITIONER),
        Claim([Line("20610", ("RT",))], id="A2", billing=42),
    ],
    ids=["patient", "day", "specialty", "group"],
)
def test_another_patient_day_or_practitioner_is_no_reason_for_25(apart: Claim) -> None:
    assert visits(Claim([Line("99213")], id="A1"), apart) == set()


@pytest.mark.parametrize("payer", ["advantage", "commercial", "blue", "medicaid", "workers"])
def test_a_payer_without_a_policy_is_asked_about_only_where_25_is_missing(payer: str) -> None:
    assert visits(Claim([Line("99213"), Line("20610")], payer=payer)) == {("EM-12", "ask", 1)}
    assert visits(Claim([Line("99213", ("25",)), Line("20610")], payer=payer)) == set()


@pytest.mark.parametrize("code", ["95972", "62370", "80305", "J3301", "G3002"])
def test_services_that_no_edit_names_need_no_25(code: str) -> None:
    assert visits(Claim([Line("99213"), Line(code)])) == set()


def test_major_surgery_asks_for_57_and_minor_procedures_do_not_take_it() -> None:
    assert visits(Claim([Line("99214"), Line("63655")])) == {("EM-14", "deny", 1)}
    assert visits(Claim([Line("99214", ("57",)), Line("63655")])) == set()
    assert visits(Claim([Line("99214", ("57",)), Line("64635")])) == {("EM-14a", "deny", 1)}
    assert visits(Claim([Line("99214", ("57",)), Line("63655"), Line("20610")])) == set()


@pytest.mark.parametrize(
    ("mods", "payer", "expected"),
    [
        (["25"], "medicare", {("EM-14", "deny", 1)}),
        (["57"], "medicare", set()),
        (["25", "57"], "medicare", set()),
        (["25"], "commercial", set()),
    ],
)
def test_25_does_not_set_a_visit_apart_from_major_surgery(
    mods: list[str], payer: str, expected: set[tuple[str, str, int]]
) -> None:
    claim = Claim([Line("99215", mods), Line("27279", ["RT"])], payer=payer, dx=["M533"], pos="22")
    assert {found for found in told(claim) if found[0].startswith("EM-1")} == expected


def test_two_visits_of_a_day() -> None:
    assert visits(Claim([Line("99214"), Line("99213")])) == {("EM-15", "deny", 2)}
    assert visits(Claim([Line("99214"), Line("99213", ("25",))])) == set()
    assert visits(Claim([Line("99205"), Line("99204", ("25",))])) == {("EM-15", "deny", 2)}


def test_trigger_points_beside_a_visit_with_25_are_an_audit_for_everyone() -> None:
    lines = [Line("99213", ("25",), charge=90_00), Line("20553")]
    assert visits(Claim(lines)) == {("EM-11a", "audit", 1)}
    assert visits(Claim(lines, payer="commercial")) == {("EM-11a", "audit", 1)}
    assert visits(Claim([Line("99213", ("25",)), Line("20552")])) == set()


def test_complexity_is_lost_beside_25_and_kept_by_a_preventive_service() -> None:
    visit, added = Line("99214", ("25",)), Line("G2211")
    assert visits(Claim([visit, added, Line("20611", ("LT",))])) == {("EM-09", "deny", 2)}
    assert visits(Claim([visit, added, Line("G0439", ("33",))])) == set()
    assert visits(Claim([Line("99214"), added])) == set()
    assert visits(Claim([visit, added], payer="commercial")) == {("EM-09", "ask", 2)}
    before = dt.date(2024, 12, 31)
    assert visits(Claim([visit, added, Line("G0439", ("33",))], on=before)) == {("EM-09", "deny", 2)}


def test_complexity_needs_a_visit() -> None:
    assert visits(Claim([Line("G2211")])) == {("EM-09a", "deny", 1)}
    assert visits(Claim([Line("99348"), Line("G2211")], pos="12")) == set()
    on = dt.date(2025, 12, 31)
    assert visits(Claim([Line("99348"), Line("G2211")], pos="12", on=on)) == {("EM-09a", "deny", 2)}


def test_complexity_before_medicare_paid_it() -> None:
    lines, last = [Line("99213"), Line("G2211")], dt.date(2023, 12, 31)
    assert visits(Claim(lines, on=last)) == {("EM-09b", "deny", 2)}
    assert visits(Claim(lines, on=last + dt.timedelta(1))) == set()
    assert visits(Claim(lines, on=last, payer="commercial")) == set()


def test_25_on_an_injection_is_misplaced() -> None:
    assert visits(Claim([Line("20610", ("25",))])) == {("MOD-25", "deny", 1)}
    assert visits(Claim([Line("99213", ("25",))])) == {("EM-11", "audit", 1)}
    assert visits(Claim([Line("99213", ("25",)), Line("20610", ("RT",))])) == set()


def test_what_medicare_does_not_take() -> None:
    assert visits(Claim([Line("99244")])) == {("EM-08", "deny", 1)}
    assert visits(Claim([Line("99215"), Line("99417")])) == {("EM-06", "deny", 2)}
    assert visits(Claim([Line("99244")], payer="commercial")) == set()


def test_the_charge_at_risk_is_the_line_not_paid() -> None:
    found = findings(Claim([Line("99213", charge=90_00), Line("20610", ("RT",), charge=150_00)]))
    assert found.filter(rule="EM-12")["at_risk_cents"].to_list() == [90_00]


def test_a_pair_that_no_modifier_lifts_is_left_to_the_general_rule() -> None:
    for other in ("96372", "90837"):
        found = told(Claim([Line("99211", ("25",)), Line(other)]))
        assert ("NCCI-01", "deny", 1) in found
        assert not any(rule.startswith(MINE) for rule, _, _ in found)


def test_a_visit_on_the_day_of_complex_care_management_needs_25() -> None:
    assert visits(Claim([Line("99213"), Line("99487")])) == {("EM-12", "deny", 1)}
    assert visits(Claim([Line("99213"), Line("99490")])) == set()
