"""Global periods and new patients over the history: edge days, other practitioners, other payers."""

import datetime as dt

import pytest

from tests.claims import DAY, NURSE_PRACTITIONER, Claim, Line, findings, npi, told

MINE = ("EM-05", "EM-14c", "EM-14d", "EM-14e", "EM-14f", "EM-14g")


def mine(*claims: Claim, history: tuple[Claim, ...] = ()) -> set[tuple[str, str, int | None]]:
    return {finding for finding in told(*claims, history=history) if finding[0] in MINE}


def days_before(days: int, *lines: Line, **given: object) -> Claim:
    return Claim(lines, id=f"OLD{days}", on=DAY - dt.timedelta(days), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(("days", "covered"), [(1, True), (9, True), (10, True), (11, False)])
def test_ten_days_after_radiofrequency(days: int, covered: bool) -> None:
    surgery = days_before(days, Line("64635", ("LT",)))
    assert mine(Claim([Line("99213")]), history=(surgery,)) == ({("EM-14c", "deny", 1)} if covered else set())
    assert not mine(Claim([Line("99213", ("24",))]), history=(surgery,))


@pytest.mark.parametrize(("days", "covered"), [(1, True), (89, True), (90, True), (91, False)])
def test_ninety_days_after_a_paddle_lead(days: int, covered: bool) -> None:
    surgery = days_before(days, Line("63655"))
    assert mine(Claim([Line("99213")]), history=(surgery,)) == ({("EM-14c", "deny", 1)} if covered else set())


def test_the_surgery_may_be_checked_with_the_visit() -> None:
    visit, surgery = Claim([Line("99213")], id="A1"), days_before(5, Line("64635", ("LT",)))
    found = findings(visit, surgery).filter(rule="EM-14c")
    assert found.select("claim", "message").rows() == [
        (
            "A1",
            (
                "99213 is within 10 days after 64635 of 9 Oct 2026 (to 19 Oct 2026) and paid with it; "
                "24 only if unrelated: ask the clinician"
            ),
        )
    ]
    assert not mine(Claim([Line("99213")], id="A1", on=DAY - dt.timedelta(9)), surgery)


def test_25_does_not_speak_for_a_visit_after_surgery_and_57_does() -> None:
    surgery = days_before(5, Line("64635", ("LT",)))
    assert mine(Claim([Line("99213", ("25",))]), history=(surgery,)) == {("EM-14c", "deny", 1)}
    assert not mine(Claim([Line("99213", ("57",))]), history=(surgery,))


@pytest.mark.parametrize(
    "surgery",
    [
        days_before(5, Line("62323")),
        days_before(5, Line("64635", ("LT",)), patient=2),
        days_before(5, Line("64635", ("LT",)), rendering=npi(77), taxonomy=NURSE_PRACTITIONER),
        days_before(5, Line("64635", ("LT",)), billing=42),
        days_before(5, Line("63655", ("80",))),
        days_before(5, Line("64635", ("LT", "78"))),
        days_before(0, Line("64635", ("LT",))),
    ],
    ids=["no follow-up days", "patient", "specialty", "group", "assistant", "complication", "same day"],
)
def test_what_starts_no_period_for_the_visit(surgery: Claim) -> None:
    assert not mine(Claim([Line("99213", ("25",))]), history=(surgery,))


def test_a_colleague_of_the_specialty_is_the_same_practitioner() -> None:
    surgery = days_before(5, Line("64635", ("LT",)), rendering=npi(62))
    assert mine(Claim([Line("99213")]), history=(surgery,)) == {("EM-14c", "deny", 1)}


@pytest.mark.parametrize("payer", ["commercial", "workers", "medicaid"])
def test_a_payer_without_a_policy_is_asked(payer: str) -> None:
    surgery = days_before(5, Line("64635", ("LT",)), payer=payer)
    assert mine(Claim([Line("99213")], payer=payer), history=(surgery,)) == {("EM-14c", "ask", 1)}
    assert not mine(Claim([Line("99213", ("24",))], payer=payer), history=(surgery,))


@pytest.mark.parametrize(("modifier", "denied"), [("", True), ("58", False), ("78", False), ("79", False)])
def test_a_procedure_after_another(modifier: str, denied: bool) -> None:
    trial = days_before(7, Line("63650", units=2))
    implant = Claim([Line("63685", (modifier,) if modifier else ())])
    assert mine(implant, history=(trial,)) == ({("EM-14d", "deny", 1)} if denied else set())


@pytest.mark.parametrize(("days", "covered"), [(10, True), (11, False)])
def test_the_other_side_within_ten_days_is_told_by_79(days: int, covered: bool) -> None:
    left = days_before(days, Line("64635", ("LT",)), Line("64636", ("LT",)))
    right = Claim([Line("64635", ("RT",)), Line("64636", ("RT",))])
    assert mine(right, history=(left,)) == ({("EM-14d", "deny", 1)} if covered else set())


def test_injections_start_no_period() -> None:
    assert not mine(Claim([Line("62323")]), history=(days_before(5, Line("64483", ("RT",))),))


def test_the_day_before_major_surgery() -> None:
    tomorrow = Claim([Line("63655")], id="B1", on=DAY + dt.timedelta(1))
    minor = Claim([Line("63650")], id="B1", on=DAY + dt.timedelta(1))
    later = Claim([Line("63655")], id="B1", on=DAY + dt.timedelta(2))
    assert mine(Claim([Line("99214")], id="A1"), tomorrow) == {("EM-14e", "deny", 1)}
    assert not mine(Claim([Line("99214", ("57",))], id="A1"), tomorrow)
    assert not mine(Claim([Line("99214")], id="A1"), minor)
    assert not mine(Claim([Line("99214")], id="A1"), later)


@pytest.mark.parametrize(
    ("seen", "known"),
    [(dt.date(2023, 10, 15), True), (dt.date(2023, 10, 14), False), (dt.date(2023, 10, 13), False)],
)
def test_three_years_to_the_day(seen: dt.date, known: bool) -> None:
    before = Claim([Line("99214")], id="OLD", on=seen)
    assert mine(Claim([Line("99203")]), history=(before,)) == ({("EM-05", "deny", 1)} if known else set())


@pytest.mark.parametrize(("seen", "known"), [(dt.date(2025, 3, 1), True), (dt.date(2025, 2, 28), False)])
def test_three_years_from_a_leap_day(seen: dt.date, known: bool) -> None:
    visit = Claim([Line("99203")], on=dt.date(2028, 2, 29))
    before = Claim([Line("99214")], id="OLD", on=seen)
    assert mine(visit, history=(before,)) == ({("EM-05", "deny", 1)} if known else set())


@pytest.mark.parametrize("code", ["20610", "99204", "20560", "97810", "99348"])
def test_anything_face_to_face_makes_a_patient_known(code: str) -> None:
    assert mine(Claim([Line("99203")]), history=(days_before(400, Line(code)),)) == {("EM-05", "deny", 1)}


@pytest.mark.parametrize("code", ["99490", "80305", "99454", "J3301"])
def test_what_is_not_face_to_face_does_not(code: str) -> None:
    assert not mine(Claim([Line("99203")]), history=(days_before(400, Line(code)),))


def test_a_new_patient_of_another_specialty_or_group() -> None:
    nurse = days_before(400, Line("99214"), rendering=npi(77), taxonomy=NURSE_PRACTITIONER)
    assert not mine(Claim([Line("99203")]), history=(nurse,))
    assert not mine(Claim([Line("99203")]), history=(days_before(400, Line("99214"), billing=42),))
    assert not mine(Claim([Line("99203")]), history=(days_before(400, Line("99214"), patient=2),))


def test_a_new_visit_at_home_and_another_payer() -> None:
    seen = days_before(30, Line("99348"), payer="commercial", pos="12")
    visit = Claim([Line("99342")], payer="commercial", pos="12")
    assert mine(visit, history=(seen,)) == {("EM-05", "deny", 1)}
    assert not mine(visit)


def test_three_years_reach_back_before_anything_was_read_of_a_code() -> None:
    visit = Claim([Line("99203")], on=dt.date(2025, 3, 14))
    before = Claim([Line("99214")], id="OLD", on=dt.date(2022, 3, 15))
    assert mine(visit, history=(before,)) == {("EM-05", "deny", 1)}


def test_a_telephone_call_makes_nobody_known() -> None:
    before = Claim([Line("99442")], id="OLD", on=dt.date(2024, 3, 15))
    assert not mine(Claim([Line("99203")]), history=(before,))


def test_transitional_care_by_the_surgeon_and_by_another() -> None:
    surgery = days_before(20, Line("63655"))
    assert mine(Claim([Line("99496")]), history=(surgery,)) == {("EM-14f", "deny", 1)}
    nurse = Claim([Line("99496")], rendering=npi(77), taxonomy=NURSE_PRACTITIONER)
    assert not mine(nurse, history=(surgery,))
    assert not mine(Claim([Line("99496")]), history=(days_before(20, Line("64635", ("LT",))),))


@pytest.mark.parametrize(("days", "told_of"), [(89, False), (90, True), (91, True)])
@pytest.mark.parametrize("line", [Line("99213", ("24",)), Line("20610", ("79",))])
def test_a_period_of_no_surgery_where_the_claims_reach_back(line: Line, days: int, told_of: bool) -> None:
    other_patient = days_before(days, Line("20610"), patient=9)
    found = mine(Claim([line]), history=(other_patient,))
    assert found == ({("EM-14g", "audit", 1)} if told_of else set())


@pytest.mark.parametrize("code", ["64635", "63655", "22633"])
def test_a_surgery_or_a_procedure_not_known_is_reason_enough(code: str) -> None:
    reach = days_before(120, Line("20610"), patient=9)
    surgery = days_before(9, Line(code))
    assert not mine(Claim([Line("99213", ("24",))]), history=(reach, surgery))
    assert not mine(Claim([Line("64636", ("RT", "79"))]), history=(reach, surgery))
