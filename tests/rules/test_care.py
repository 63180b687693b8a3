"""Monthly care management from claim to finding: months, practitioners, programmes and other payers."""

import datetime as dt

import pytest

from tests.claims import DAY, NURSE_PRACTITIONER, Claim, Line, findings, npi, told

FIRST, EARLIER, LATER = dt.date(2026, 10, 1), dt.date(2026, 10, 5), dt.date(2026, 10, 31)
LAST_MONTH = dt.date(2026, 9, 30)
PAIN = ("G894", "M961")


def cpm(*lines: Line, **given: object) -> Claim:
    return Claim(lines or (Line("G3002"),), **{"dx": PAIN, **given})  # type: ignore[arg-type]


def mine(found: set[tuple[str, str, int | None]]) -> set[tuple[str, str, int | None]]:
    return {one for one in found if one[0].startswith(("CPM-", "CM-"))}


@pytest.mark.parametrize("payer", ["medicare", "commercial", "advantage"])
@pytest.mark.parametrize("pos", ["11", "12", "19", "22"])
def test_an_ordinary_month_is_silent(payer: str, pos: str) -> None:
    assert not mine(told(cpm(Line("G3002"), Line("G3003", units=2), payer=payer, pos=pos)))


def test_pain_management_beside_a_visit_and_chronic_care_is_silent() -> None:
    lines = (Line("99214"), Line("G3002"), Line("99490"), Line("99457"), Line("98980", on=LAST_MONTH))
    assert not mine(told(cpm(*lines, dx=("E119", "I10", "G894"))))


def test_two_units_of_g3002_become_one_at_their_price() -> None:
    found = findings(cpm(Line("G3002", units=2, charge=160_00))).filter(rule="CPM-03")
    assert found.select("outcome", "line", "fix", "at_risk_cents").rows() == [
        ("deny", 1, '{"set": {"units":1,"charge_cents":8000}}', 160_00)
    ]


def test_an_odd_price_is_not_divided() -> None:
    found = findings(cpm(Line("G3002", units=2, charge=160_01))).filter(rule="CPM-03")
    assert found["fix"].to_list() == [None]


def test_a_second_line_of_the_day_is_one_finding() -> None:
    assert mine(told(cpm(Line("G3002"), Line("G3002")))) == {("CPM-03a", "deny", 2)}


def test_a_line_of_the_day_on_a_claim_already_sent_counts() -> None:
    assert mine(told(cpm(), history=[cpm(id="OLD")])) == {("CPM-03a", "deny", 1)}


@pytest.mark.parametrize(("units", "denied"), [(3, False), (4, False), (5, True)])
def test_the_unit_limit_of_further_time(units: int, denied: bool) -> None:
    found = mine(told(cpm(Line("G3002"), Line("G3003", units=units))))
    assert found == ({("CPM-03b", "deny", 2)} if denied else set())


def test_the_unit_limit_is_the_payers_to_say() -> None:
    lines = Line("G3002"), Line("G3003", units=5)
    assert mine(told(cpm(*lines, payer="commercial"))) == {("CPM-03b", "ask", 2)}


@pytest.mark.parametrize("payer", ["medicare", "commercial"])
def test_further_time_alone(payer: str) -> None:
    alone = cpm(Line("G3003"), payer=payer)
    assert mine(told(alone)) == {("CPM-04", "deny", 1)}
    assert not mine(told(alone, history=[cpm(on=EARLIER, id="OLD", payer=payer)]))
    assert not mine(told(alone, cpm(on=EARLIER, id="B", payer=payer)))


def test_further_time_wants_the_same_month_and_practitioner() -> None:
    alone = cpm(Line("G3003"))
    nurse = {"rendering": npi(61), "taxonomy": NURSE_PRACTITIONER}
    assert mine(told(alone, history=[cpm(on=LAST_MONTH, id="OLD")])) == {("CPM-04", "deny", 1)}
    assert mine(told(alone, history=[cpm(on=EARLIER, id="OLD", **nurse)])) == {("CPM-04", "deny", 1)}
    assert mine(told(alone, history=[cpm(on=EARLIER, id="OLD", patient=2)])) == {("CPM-04", "deny", 1)}
    assert not mine(told(alone, history=[cpm(on=EARLIER, id="OLD", rendering=npi(62))]))


@pytest.mark.parametrize(("pos", "mods"), [("02", ()), ("10", ()), ("11", ("95",)), ("11", ("93",))])
def test_a_first_month_by_telehealth_asks_for_the_visit(pos: str, mods: tuple[str, ...]) -> None:
    remote = cpm(Line("G3002", mods), pos=pos)
    found = findings(remote).filter(rule="CPM-06")
    assert found.select("outcome", "line").rows() == [("ask", 1)]
    assert "in-person visit" in found["needs"][0][0]
    assert not mine(told(remote, history=[cpm(on=LAST_MONTH, id="OLD")]))
    assert mine(told(remote, history=[cpm(on=LAST_MONTH, id="OLD", billing=77)])) == {("CPM-06", "ask", 1)}


@pytest.mark.parametrize(
    ("pos", "told_of"), [("21", True), ("23", True), ("31", True), ("51", True), ("61", True), ("32", False)]
)
def test_places_that_are_not_outpatient(pos: str, told_of: bool) -> None:
    assert mine(told(cpm(pos=pos))) == ({("CPM-15", "audit", 1)} if told_of else set())
    assert not mine(told(cpm(pos=pos, payer="commercial")))


@pytest.mark.parametrize("others", [1, 2, 3])
def test_from_the_third_practitioner_of_a_month(others: int) -> None:
    history = [cpm(on=EARLIER, id=f"OLD{n}", billing=70 + n) for n in range(others)]
    assert mine(told(cpm(), history=history)) == ({("CPM-13", "audit", 1)} if others > 1 else set())


def test_one_group_and_specialty_is_one_practitioner() -> None:
    history = [cpm(on=LAST_MONTH, id=f"OLD{n}", rendering=npi(70 + n)) for n in range(3)]
    assert not mine(told(cpm(), history=history))


def test_a_second_g3002_of_the_month() -> None:
    assert mine(told(cpm(on=LATER), history=[cpm(on=EARLIER, id="OLD")])) == {("CPM-16", "deny", 1)}
    assert mine(told(cpm(on=EARLIER), history=[cpm(on=LATER, id="OLD")])) == {("CPM-16", "deny", 1)}
    colleague = cpm(on=EARLIER, id="OLD", rendering=npi(62), payer="commercial")
    assert mine(told(cpm(on=LATER, payer="commercial"), history=[colleague])) == {("CPM-16", "deny", 1)}
    assert mine(told(cpm(on=LATER), history=[colleague])) == set()
    nurse = cpm(on=EARLIER, id="OLD", rendering=npi(61), taxonomy=NURSE_PRACTITIONER)
    assert not mine(told(cpm(on=LATER), history=[nurse]))


def test_the_month_is_of_the_calendar() -> None:
    assert not mine(told(cpm(on=FIRST), history=[cpm(on=LAST_MONTH, id="OLD")]))
    assert mine(told(cpm(on=LATER, id="B"), cpm(on=FIRST, id="A"))) == {("CPM-16", "deny", 1)}
    found = findings(cpm(on=LATER, id="B"), cpm(on=FIRST, id="A")).filter(rule="CPM-16")
    assert found.select("claim", "message").rows() == [
        ("B", "G3002 was billed on 1 Oct 2026: it is paid once in a calendar month")
    ]


def test_a_corrected_claim_is_not_a_second_one() -> None:
    assert not mine(told(cpm(id="A", frequency="7", original="X1"), history=[cpm(id="A", on=EARLIER)]))


def test_a_claim_that_voids_is_left_alone() -> None:
    assert not mine(told(cpm(Line("G3002", units=2), id="A", frequency="8", original="X1")))


@pytest.mark.parametrize(
    ("dx", "told_of"),
    [
        (("M5450", "M5459"), True),
        (("G894",), True),
        (("R52", "M79661", "M25551"), True),
        (("G894", "M961"), True),
        (("M5416", "M5450"), True),
        (("M797", "G8929"), True),
        (("M5416", "M47816", "M5450"), False),
        (("M961", "M5416"), False),
        (("M1711", "M25561"), False),
        (("E119", "G8929"), False),
    ],
)
def test_chronic_care_for_pain_alone(dx: tuple[str, ...], told_of: bool) -> None:
    found = mine(told(Claim([Line("99490"), Line("99439")], dx=dx)))
    assert found == ({("CM-15", "audit", 1)} if told_of else set())


def test_further_blocks_look_for_the_first_in_the_month() -> None:
    care = {"dx": ("E119", "I10")}
    alone = Claim([Line("99439")], **care)  # type: ignore[arg-type]
    first = Claim([Line("99490")], on=EARLIER, id="OLD", **care)  # type: ignore[arg-type]
    assert mine(told(alone)) == {("CM-05a", "deny", 1)}
    assert not mine(told(alone, history=[first]))
    other = Claim([Line("99491")], on=EARLIER, id="OLD", **care)  # type: ignore[arg-type]
    assert mine(told(alone, history=[other])) == {("CM-05a", "deny", 1)}


def test_programmes_that_never_share_a_month() -> None:
    care = {"dx": ("E119", "I10")}
    staff = Claim([Line("99490")], on=EARLIER, id="A", **care)  # type: ignore[arg-type]
    own = Claim([Line("99491")], on=LATER, id="B", **care)  # type: ignore[arg-type]
    assert mine(told(staff, own)) == {("CM-05", "deny", 1)}
    assert findings(staff, own).filter(rule="CM-05")["claim"].to_list() == ["A"]
    assert mine(told(own, history=[staff])) == {("CM-05", "deny", 1)}
    assert mine(told(staff, history=[own])) == {("CM-05", "deny", 1)}


def test_programmes_of_another_payer_or_month_or_day() -> None:
    care = {"dx": ("E119", "I10")}
    staff = Claim([Line("99490")], on=EARLIER, id="A", payer="commercial", **care)  # type: ignore[arg-type]
    own = Claim([Line("99491")], on=LATER, id="B", payer="commercial", **care)  # type: ignore[arg-type]
    assert mine(told(staff, own)) == {("CM-05", "ask", 1)}
    before = Claim([Line("99490")], on=LAST_MONTH, id="A", **care)  # type: ignore[arg-type]
    assert not mine(told(own, before))


def test_programmes_of_one_day() -> None:
    lines = [Line("99490"), Line("99439"), Line("99491"), Line("99437")]
    assert mine(told(Claim(lines, dx=("E119", "I10")))) == {("CM-03", "deny", 1)}
    assert mine(told(Claim(lines, dx=("E119", "I10"), payer="commercial"))) == {("CM-03", "ask", 1)}
    assert not mine(told(Claim(lines[:2], dx=("E119", "I10"))))


def test_devices_of_two_kinds_of_monitoring() -> None:
    assert mine(told(Claim([Line("99454"), Line("98977")]))) == {("CM-04", "deny", 2)}
    assert not mine(told(Claim([Line("99454"), Line("98977", ("59",))])))


def test_a_month_of_advanced_primary_care() -> None:
    care = {"dx": ("E119", "I10")}
    month = Claim([Line("G0557")], on=EARLIER, id="A", **care)  # type: ignore[arg-type]
    chronic = Claim([Line("99490"), Line("99439")], on=LATER, id="B", **care)  # type: ignore[arg-type]
    assert mine(told(month, chronic)) == {("CM-10", "deny", 1)}
    assert mine(told(chronic, history=[month])) == {("CM-10", "deny", 1)}
    assert mine(told(month, cpm(on=LATER, id="B"))) == {("CPM-12", "audit", 1)}
    nurse = {"rendering": npi(61), "taxonomy": NURSE_PRACTITIONER}
    assert not mine(told(month, cpm(on=LATER, id="B", **nurse)))


@pytest.mark.parametrize("code", ["99421", "98972", "99446", "99452", "G2250", "G2252", "99491", "99496"])
def test_what_advanced_primary_care_holds(code: str) -> None:
    month = Claim([Line("G0557")], on=EARLIER, id="A", dx=("E119", "I10"))
    inside = Claim([Line(code)], on=LATER, id="B", dx=("E119", "I10"))
    assert mine(told(month, inside)) == {("CM-10", "deny", 1)}
    assert not mine(told(inside))


@pytest.mark.parametrize(("longer", "shorter"), [("99457", "99470"), ("98980", "98979")])
def test_ten_and_twenty_minutes_of_one_month(longer: str, shorter: str) -> None:
    assert mine(told(Claim([Line(longer), Line(shorter)]))) == {("CM-12", "deny", 2)}
    apart = Claim([Line(longer, on=EARLIER), Line(shorter, on=LATER)])
    assert mine(told(apart)) == {("CM-12", "deny", 2)}
    assert not mine(told(Claim([Line(longer, on=LAST_MONTH), Line(shorter, on=EARLIER)])))


@pytest.mark.parametrize(("days", "denied"), [(29, True), (30, False), (31, False)])
@pytest.mark.parametrize(("longer", "shorter"), [("99454", "99445"), ("98977", "98985")])
def test_two_device_codes_in_thirty_days(longer: str, shorter: str, days: int, denied: bool) -> None:
    lines = [Line(longer, on=DAY), Line(shorter, on=DAY - dt.timedelta(days))]
    assert mine(told(Claim(lines))) == ({("CM-12", "deny", 2)} if denied else set())


CONDITIONS = ("E119", "I10")


def care(code: str, *, on: dt.date = DAY, **given: object) -> Claim:
    return Claim([Line(code)], **{"dx": CONDITIONS, "on": on, "id": f"{code}-{on}", **given})  # type: ignore[arg-type]


@pytest.mark.parametrize("code", ["99490", "99424", "99484", "99457", "98980", "G0557"])
def test_a_service_of_the_month_on_two_days(code: str) -> None:
    again = care(code, on=LATER)
    assert mine(told(again, history=[care(code, on=EARLIER)])) == {("CM-05b", "deny", 1)}
    assert mine(told(again, care(code, on=EARLIER))) == {("CM-05b", "deny", 1)}
    assert not mine(told(again, history=[care(code, on=LAST_MONTH)]))
    assert not mine(told(again, history=[care(code, on=EARLIER, patient=2)]))


@pytest.mark.parametrize(("units", "denied"), [(1, False), (2, True)])
def test_further_staff_time_counts_twice_in_a_month(units: int, denied: bool) -> None:
    lines = [Line("99490", on=EARLIER), Line("99439", on=EARLIER), Line("99439", units=units, on=LATER)]
    found = mine(told(Claim(lines, dx=CONDITIONS)))
    assert found == ({("CM-05b", "deny", 3)} if denied else set())


@pytest.mark.parametrize(("days", "denied"), [(29, True), (30, False), (31, False)])
@pytest.mark.parametrize("code", ["99454", "98977", "99445", "99495"])
def test_a_service_of_thirty_days(code: str, days: int, denied: bool) -> None:
    before = care(code, on=DAY - dt.timedelta(days))
    assert mine(told(care(code), history=[before])) == ({("CM-05c", "deny", 1)} if denied else set())


def test_two_levels_of_transitional_care_and_the_next_day() -> None:
    found = findings(care("99496"), history=[care("99495", on=DAY - dt.timedelta(9))]).filter(rule="CM-05c")
    assert found["message"].to_list() == [
        "99496 after 99495 of 5 Oct 2026: once in 30 days, so the next one from 4 Nov 2026"
    ]


@pytest.mark.parametrize("code", ["99490", "99495", "99454", "G0557"])
def test_a_second_practitioner_bills_what_one_may(code: str) -> None:
    nurse = {"rendering": npi(61), "taxonomy": NURSE_PRACTITIONER}
    other = care(code, on=EARLIER, **nurse)
    assert mine(told(care(code, on=LATER), history=[other])) == {("CM-08", "deny", 1)}
    assert not mine(told(care(code, on=LATER, payer="commercial"), history=[other]))


@pytest.mark.parametrize("code", ["99424", "99457", "99484", "G3002"])
def test_what_several_practitioners_may_bill(code: str) -> None:
    nurse = {"rendering": npi(61), "taxonomy": NURSE_PRACTITIONER}
    assert not mine(told(care(code, on=LATER), history=[care(code, on=EARLIER, **nurse)]))


@pytest.mark.parametrize("code", ["99453", "98975", "99492"])
def test_what_is_billed_once_in_an_episode(code: str) -> None:
    assert mine(told(care(code), history=[care(code, on=dt.date(2026, 1, 5))])) == {("CM-11a", "ask", 1)}
    assert not mine(told(care(code)))


def test_planning_of_chronic_care_once() -> None:
    first = care("G0506", on=dt.date(2024, 1, 5))
    assert ("CM-07a", "deny", 1) in told(care("G0506"), history=[first])
    assert ("CM-07a", "deny", 1) not in told(care("G0506"))


@pytest.mark.parametrize(
    ("seen", "asked"),
    [(dt.date(2025, 10, 13), True), (dt.date(2025, 10, 14), False), (dt.date(2026, 10, 14), False)],
)
@pytest.mark.parametrize("code", ["99490", "99424", "G0557"])
def test_a_programme_begins_with_a_visit_in_the_year_before(code: str, seen: dt.date, asked: bool) -> None:
    other_patient = care("99213", on=dt.date(2025, 6, 1), patient=9)
    history = [care("99213", on=seen), other_patient]
    assert mine(told(care(code), history=history)) == ({("CM-07", "ask", 1)} if asked else set())


def test_a_beginning_is_asked_of_only_where_the_claims_reach_back() -> None:
    short = care("99213", on=dt.date(2025, 10, 15), patient=9)
    long = care("99213", on=dt.date(2025, 10, 14), patient=9)
    assert not mine(told(care("99490"), history=[short]))
    assert mine(told(care("99490"), history=[long])) == {("CM-07", "ask", 1)}
    assert not mine(told(care("99490"), history=[long, care("99490", on=LAST_MONTH)]))
    assert not mine(told(care("99490", payer="commercial"), history=[long]))


@pytest.mark.parametrize(("one", "other"), [("99457", "98977"), ("99454", "98980"), ("99453", "98976")])
def test_two_kinds_of_monitoring_in_a_month(one: str, other: str) -> None:
    therapy = care(other, on=LATER)
    assert mine(told(therapy, history=[care(one, on=EARLIER)])) == {("CM-11", "deny", 1)}
    assert not mine(told(therapy, history=[care(one, on=LAST_MONTH)]))
    assert not mine(told(care(other, on=LATER, payer="commercial"), history=[care(one, on=EARLIER)]))


@pytest.mark.parametrize(
    ("paid", "unpaid"),
    [("99487", "99424"), ("99487", "99426"), ("99491", "99426"), ("99492", "99493"), ("99493", "99484")],
)
def test_other_programmes_that_never_share_a_month(paid: str, unpaid: str) -> None:
    assert mine(told(care(unpaid, on=LATER), history=[care(paid, on=EARLIER)])) == {("CM-05", "deny", 1)}
    assert mine(told(Claim([Line(paid), Line(unpaid)], dx=CONDITIONS))) == {("CM-03", "deny", 2)}
    assert not mine(told(care(unpaid, on=LATER), history=[care(paid, on=LAST_MONTH)]))


@pytest.mark.parametrize("device", ["98976", "98977"])
def test_monitoring_that_a_pair_edit_names_is_told_once(device: str) -> None:
    assert mine(told(Claim([Line("99453"), Line(device)]))) == {("CM-04", "deny", 2)}
    assert mine(told(Claim([Line("99454"), Line("98977")]))) == {("CM-04", "deny", 2)}
    apart = Claim([Line("99454", on=EARLIER), Line("98977", on=LATER)])
    assert mine(told(apart)) == {("CM-11", "deny", 2)}
    assert mine(told(Claim([Line("99457", on=EARLIER), Line("98980", on=LATER)]))) == {("CM-05", "deny", 2)}


def test_behavioural_additions_need_advanced_primary_care() -> None:
    assert mine(told(care("G0568"))) == {("CM-10a", "deny", 1)}
    assert not mine(told(care("G0568"), history=[care("G0557", on=EARLIER)]))
    assert mine(told(care("G0568"), history=[care("G0557", on=LAST_MONTH)])) == {("CM-10a", "deny", 1)}


@pytest.mark.parametrize(
    ("taxonomy", "told_of"), [("163W00000X", True), ("225100000X", True), ("207Q00000X", False)]
)
def test_who_gives_a_practitioners_own_time(taxonomy: str, told_of: bool) -> None:
    assert mine(told(cpm(taxonomy=taxonomy))) == ({("CPM-10", "deny", 1)} if told_of else set())
    own = care("99491", taxonomy=taxonomy)
    assert mine(told(own)) == ({("CM-WHO", "deny", 1)} if told_of else set())
    assert not mine(told(care("99490", taxonomy=taxonomy)))


def test_chronic_care_for_one_condition() -> None:
    assert mine(told(care("99490", dx=("E119",)))) == {("CM-06", "audit", 1)}
    assert mine(told(care("99490", dx=("M5450",)))) == {("CM-15", "audit", 1)}
    assert not mine(told(care("99424", dx=("E119",))))


def test_rural_clinics_by_date() -> None:
    clinic = {"pos": "72"}
    assert mine(told(care("G0511", on=dt.date(2025, 9, 30), **clinic))) == set()
    assert mine(told(care("G0511", on=dt.date(2025, 10, 1), **clinic))) == {("CM-14", "deny", 1)}
    assert mine(told(care("G0512", on=dt.date(2025, 12, 31), **clinic))) == set()
    assert mine(told(care("G0512", on=dt.date(2026, 1, 1), **clinic))) == {("CM-14", "deny", 1)}
    assert mine(told(care("G0511", on=dt.date(2025, 3, 1)))) == {("CM-14a", "deny", 1)}
    assert mine(told(cpm(on=dt.date(2024, 12, 31), **clinic))) == {("CPM-18", "deny", 1)}
    assert mine(told(cpm(on=dt.date(2025, 1, 1), **clinic))) == set()


def test_g3002_is_in_no_pair_edit() -> None:
    lines = [Line(code) for code in ("G3002", "99214", "99490", "20553", "64493", "99457", "99484")]
    found = findings(Claim(lines, dx=(*CONDITIONS, "G894")))
    assert not [codes for codes in found["codes"].to_list() if "G3002" in codes]


def test_two_levels_of_advanced_primary_care() -> None:
    assert mine(told(care("G0557", on=LATER), history=[care("G0556", on=EARLIER)])) == {("CM-05b", "deny", 1)}
    assert mine(told(Claim([Line("G0556"), Line("G0557")], dx=CONDITIONS))) == {("CM-05b", "deny", 2)}
    assert not mine(told(care("G0557", on=LATER), history=[care("G0556", on=LAST_MONTH)]))
