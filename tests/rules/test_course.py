"""Services that are repeated, from claim to finding: acupuncture, stimulators, vertebrae, migraine, discs."""

import datetime as dt

import pytest

from anodyne.app.catalogue import catalogue
from tests.claims import DAY, Claim, Line, findings, npi, policies_of, reference, told

ACUPUNCTURIST = "171100000X"
LOW_BACK = ("M5459",)
MIGRAINE = ("G43709",)
TOXIN = [Line("64615"), Line("J0585", units=155), Line("J0585", ("JW",), units=45)]
MINE = (
    "INJ-29", "INJ-33", "INJ-34", "INJ-36", "INJ-37", "INJ-38", "LCD-C", "LCD-K", "LCD-B",
)  # fmt: skip


def mine(found: set[tuple[str, str, int | None]]) -> set[tuple[str, str, int | None]]:
    return {one for one in found if one[0].startswith(MINE)}


def sent(
    code: str,
    *days: dt.date,
    dx: tuple[str, ...] = LOW_BACK,
    mods: tuple[str, ...] = (),
    pos: str = "11",
    state: str = "OH",
) -> list[Claim]:
    return [
        Claim([Line(code, mods)], on=day, dx=dx, id=f"OLD{code}{n}", pos=pos, state=state)
        for n, day in enumerate(days)
    ]


def weekly(count: int, before: dt.date = DAY) -> list[dt.date]:
    return [before - dt.timedelta(weeks=n) for n in range(count, 0, -1)]


def visit(*mods: str, on: dt.date = DAY, payer: str = "medicare", dx: tuple[str, ...] = LOW_BACK) -> Claim:
    return Claim([Line("97810", mods), Line("97811", mods)], on=on, payer=payer, dx=dx)


@pytest.mark.parametrize(
    ("earlier", "mods", "expected"),
    [
        (0, (), set()),
        (0, ("KX",), set()),
        (1, ("KX",), {("INJ-37b", "audit", 1)}),
        (11, (), set()),
        (11, ("KX",), {("INJ-37b", "audit", 1)}),
        (12, (), {("INJ-37a", "deny", 1)}),
        (12, ("KX",), set()),
        (19, ("KX",), set()),
        (20, ("KX",), {("INJ-37", "deny", 1)}),
        (20, (), {("INJ-37", "deny", 1)}),
    ],
)
def test_twelve_visits_eight_with_kx_and_no_more(
    earlier: int, mods: tuple[str, ...], expected: set[tuple[str, str, int | None]]
) -> None:
    assert mine(told(visit(*mods), history=sent("97810", *weekly(earlier)))) == expected


def test_kx_belongs_on_every_line_of_the_visit() -> None:
    half = Claim([Line("97810", ("KX",)), Line("97811")], dx=LOW_BACK)
    assert mine(told(half, history=sent("97810", *weekly(12)))) == {("INJ-37a", "deny", 1)}


def test_the_message_names_visits_and_the_next_year() -> None:
    found = findings(visit("KX"), history=sent("97810", *weekly(20))).filter(rule="INJ-37")
    assert found.select("message", "at_risk_cents").rows() == [
        (
            (
                "21st acupuncture visit in the year from the first visit, 20 are covered; "
                "latest 19 Aug, 26 Aug, 2 Sep, 9 Sep, 16 Sep, 23 Sep, 30 Sep, 7 Oct; next eligible 1 May 2027"
            ),
            200_00,
        )
    ]


@pytest.mark.parametrize(
    ("first", "day", "denied"),
    [
        (dt.date(2025, 3, 31), dt.date(2026, 2, 28), True),
        (dt.date(2025, 3, 31), dt.date(2026, 3, 1), False),
        (dt.date(2025, 3, 1), dt.date(2026, 2, 28), True),
        (dt.date(2024, 2, 29), dt.date(2025, 1, 31), True),
        (dt.date(2024, 2, 29), dt.date(2025, 2, 1), False),
        (dt.date(2025, 12, 31), dt.date(2026, 11, 20), True),
    ],
)
def test_a_year_begins_with_the_first_visit_and_ends_with_a_month(
    first: dt.date, day: dt.date, denied: bool
) -> None:
    twenty = [first + dt.timedelta(days=7 * n) for n in range(20)]
    found = mine(told(visit("KX", on=day), history=sent("97810", *twenty)))
    assert (("INJ-37", "deny", 1) in found) is denied


def test_a_second_year_counts_from_its_own_first_visit() -> None:
    first = [dt.date(2025, 3, 21) + dt.timedelta(days=7 * n) for n in range(20)]
    second = [dt.date(2026, 3, 2) + dt.timedelta(days=7 * n) for n in range(19)]
    new = visit("KX", on=dt.date(2026, 8, 3))
    assert not mine(told(new, history=sent("97810", *first, *second)))
    assert mine(told(new, history=sent("97810", *first, *second, dt.date(2026, 7, 30)))) == {
        ("INJ-37", "deny", 1)
    }


def test_needling_and_acupuncture_count_together_and_one_day_once() -> None:
    needled = sent("20560", *weekly(10)) + sent("97813", *weekly(3))
    assert not mine(told(visit(), history=needled))
    assert mine(told(visit(), history=needled + sent("97810", DAY - dt.timedelta(2), DAY - dt.timedelta(3))))


def test_patients_and_payers_count_apart() -> None:
    assert not mine(told(Claim(visit().lines, dx=LOW_BACK, patient=2), history=sent("97810", *weekly(20))))
    assert not mine(told(visit(payer="commercial"), history=sent("97810", *weekly(20))))


@pytest.mark.parametrize(("way", "denied"), [("rolling", True), ("calendar", False)])
def test_a_payer_says_how_it_counts_its_year(way: str, denied: bool) -> None:
    policies = policies_of("commercial", acupuncture_visits_year=6, acupuncture_year=way)
    days = [dt.date(2026, 1, 5) - dt.timedelta(weeks=n) for n in range(6, 0, -1)]
    new = visit(on=dt.date(2026, 1, 5), payer="commercial")
    found = findings(new, history=sent("97810", *days), policies=policies).filter(rule="INJ-37")
    assert bool(len(found)) is denied
    if denied:
        assert found["message"][0].endswith("next eligible 24 Nov 2026")


@pytest.mark.parametrize(
    ("oldest", "denied"),
    [
        (dt.date(2025, 10, 13), False),
        (dt.date(2025, 10, 14), False),
        (dt.date(2025, 10, 15), True),
    ],
)
def test_a_rolling_year_reaches_back_to_its_own_day(oldest: dt.date, denied: bool) -> None:
    policies = policies_of("commercial", acupuncture_visits_year=2)
    found = told(
        visit(payer="commercial"), history=sent("97810", oldest, dt.date(2026, 3, 2)), policies=policies
    )
    assert (("INJ-37", "deny", 1) in found) is denied


def test_acupuncture_is_for_the_low_back_by_the_day() -> None:
    assert mine(told(visit(dx=("M797",)))) == {("INJ-38", "deny", 1)}
    assert mine(told(visit(dx=("M170",)))) == {("INJ-38", "deny", 1)}
    assert not mine(told(visit(dx=("M5450",))))
    assert not mine(told(visit(dx=("M545",), on=dt.date(2021, 9, 30))))
    assert mine(told(visit(dx=("M545",), on=dt.date(2021, 10, 1)))) == {("INJ-38", "deny", 1)}
    assert not mine(told(visit(dx=("M797",), payer="commercial")))
    assert mine(told(Claim([Line("20561")], dx=("M542",)))) == {("INJ-38", "deny", 1)}


def test_the_diagnosis_is_the_one_the_line_points_to() -> None:
    both = ("M542", "M5459")
    assert mine(told(Claim([Line("97810", dx="1")], dx=both))) == {("INJ-38", "deny", 1)}
    assert not mine(told(Claim([Line("97810", dx="1:2")], dx=both)))


def test_low_back_pain_of_a_cause_that_is_not_covered() -> None:
    cause = {("INJ-38a", "audit", 1)}
    for other in ("M961", "O9989", "Z3A20", "C7951", "M450"):
        assert mine(told(Claim([Line("97810", dx="1:2")], dx=("M5459", other)))) == cause
        assert not mine(told(Claim([Line("97810", dx="1")], dx=("M5459", other))))
    assert not mine(told(Claim([Line("97810", dx="1:2")], dx=("M5459", "G8929"))))


def test_an_acupuncturist_does_not_bill_medicare() -> None:
    own = Claim([Line("97810")], dx=LOW_BACK, taxonomy=ACUPUNCTURIST)
    assert mine(told(own)) == {("INJ-37c", "deny", 1)}
    assert not mine(told(Claim(own.lines, dx=LOW_BACK, taxonomy=ACUPUNCTURIST, payer="commercial")))
    supervised = Claim([Line("97810", rendering=npi(61), taxonomy="208VP0014X")], dx=LOW_BACK)
    assert not mine(told(supervised))


@pytest.mark.parametrize(("days", "audited"), [(29, True), (30, False), (31, False)])
def test_a_stimulator_is_programmed_every_thirty_days(days: int, audited: bool) -> None:
    history = sent("95971", DAY - dt.timedelta(days), dx=("M961",))
    claim = Claim([Line("95972")], dx=("M961",), state="NC")
    found = findings(claim, history=history).filter(rule="INJ-29")
    assert bool(len(found)) is audited
    if audited:
        assert found["message"][0].endswith("next eligible 15 Oct 2026")


def test_programming_is_freer_in_the_month_after_the_implant() -> None:
    weekly_programming = sent("95972", DAY - dt.timedelta(7), dx=("M961",))
    new = Claim([Line("95972")], dx=("M961",), state="NC")
    assert mine(told(new, history=weekly_programming)) == {("INJ-29", "audit", 1)}
    young = sent("63685", DAY - dt.timedelta(30), pos="24")
    old = sent("63685", DAY - dt.timedelta(31), pos="24")
    assert not mine(told(new, history=weekly_programming + young))
    assert mine(told(new, history=weekly_programming + old)) == {("INJ-29", "audit", 1)}
    assert not mine(told(Claim(new.lines, payer="commercial"), history=weekly_programming))
    assert not mine(told(Claim([Line("95983")]), history=weekly_programming))


def test_a_third_trial_is_reviewed_and_a_permanent_lead_is_no_trial() -> None:
    trial = Claim([Line("63650", units=2)], dx=("M961",), state="GA")
    two = sent("63650", dt.date(2024, 1, 12), dt.date(2025, 4, 6))
    assert not mine(told(trial, history=two[:1]))
    assert mine(told(trial, history=two)) == {("LCD-C2", "audit", 1)}
    permanent = Claim([Line("63650", units=2), Line("63685")], dx=("M961",), pos="24", state="GA")
    assert not mine(told(permanent, history=two))
    earlier = Claim([Line("63650"), Line("63685")], on=dt.date(2024, 1, 22), id="OLDP", pos="24")
    assert not mine(told(trial, history=[two[0], earlier]))


def test_paddles_once_and_never_in_an_office() -> None:
    paddle = Claim([Line("63655")], pos="22", dx=("M961",), state="VA")
    earlier = sent("63655", dt.date(2020, 1, 12), pos="22")
    assert not mine(told(paddle))
    assert mine(told(paddle, history=earlier)) == {("LCD-C2a", "audit", 1)}
    assert mine(told(Claim([Line("63655")]))) == {("LCD-C2b", "deny", 1)}
    assert not mine(told(Claim([Line("63661")], state="OH")))
    assert mine(told(Claim([Line("63661")], state="NC"))) == {("LCD-C2b", "deny", 1)}
    assert not mine(told(Claim([Line("63661")], state="NC", pos="24")))


@pytest.mark.parametrize("state", ["OH", "TX", "FL", "NY", "CA", "IN"])
def test_what_palmetto_alone_writes_down_binds_no_other_contractor(state: str) -> None:
    programmed = sent("95972", DAY - dt.timedelta(10), dx=("M961",))
    trials = sent("63650", dt.date(2024, 1, 12), dt.date(2025, 4, 6), pos="22")
    paddle = sent("63655", dt.date(2024, 1, 12), pos="22")
    for code, history in (("95972", programmed), ("63650", trials), ("63655", paddle)):
        assert not mine(told(Claim([Line(code)], pos="22", state=state), history=history))
        assert mine(told(Claim([Line(code)], pos="22", state="SC"), history=history))


def test_a_finding_names_the_values_of_its_own_subject() -> None:
    assert catalogue()["INJ-29"][0].values() == ("programming_days",)
    assert catalogue()["INJ-34"][0].values() == ("botulinum_days",)


@pytest.mark.parametrize(("days", "denied"), [(83, True), (84, False), (85, False)])
def test_toxin_for_migraine_every_twelve_weeks(days: int, denied: bool) -> None:
    history = [Claim(TOXIN, on=DAY - dt.timedelta(days), dx=MIGRAINE, id="OLD")]
    expected = {("INJ-34", "deny", 1)} if denied else set()
    assert mine(told(Claim(TOXIN, dx=MIGRAINE), history=history)) == expected


def test_toxin_over_a_leap_day() -> None:
    history = [Claim(TOXIN, on=dt.date(2024, 1, 1), dx=MIGRAINE, id="OLD")]
    assert mine(told(Claim(TOXIN, on=dt.date(2024, 3, 24), dx=MIGRAINE), history=history)) == {
        ("INJ-34", "deny", 1)
    }
    assert not mine(told(Claim(TOXIN, on=dt.date(2024, 3, 25), dx=MIGRAINE), history=history))


def test_toxin_is_billed_with_its_injection_in_an_office() -> None:
    assert mine(told(Claim(TOXIN[:1], dx=MIGRAINE))) == {("INJ-34a", "ask", 1)}
    assert not mine(told(Claim(TOXIN[:1], dx=MIGRAINE, pos="22")))
    assert not mine(told(Claim(TOXIN[:1], dx=MIGRAINE, payer="commercial")))
    apart = Claim([Line("J0585", ("JZ",), units=200)], dx=MIGRAINE, id="B")
    assert not mine(told(Claim(TOXIN[:1], dx=MIGRAINE), apart))


def test_toxin_by_dose_and_diagnosis() -> None:
    much = Claim([Line("64615"), Line("J0585", ("JZ",), units=300)], dx=MIGRAINE)
    assert mine(told(much)) == {("INJ-34b", "audit", 1)}
    assert mine(told(Claim(TOXIN, dx=("G43009",)))) == {("INJ-34c", "deny", 1)}
    assert not mine(told(Claim(TOXIN, dx=("G43E09",))))
    assert not mine(told(Claim(TOXIN, dx=("G43009",), payer="commercial")))


def test_a_vertebra_is_broken_before_it_is_augmented() -> None:
    assert mine(told(Claim([Line("22514")], dx=("M5459",), pos="24"))) == {("LCD-K1", "deny", 1)}
    assert not mine(told(Claim([Line("22514"), Line("22515", units=2)], dx=("M8008XA",), pos="24")))
    four = Claim([Line("22514"), Line("22515", units=3)], dx=("M8008XA",), pos="24")
    assert mine(told(four)) == {("LCD-K1a", "audit", 1)}
    assert not mine(told(Claim([Line("22514")], dx=("M5459",), payer="commercial")))


def test_basivertebral_ablation_by_contractor() -> None:
    first = [Line("64628", ("KX",)), Line("64629", ("KX",), units=2)]
    assert not mine(told(Claim(first, dx=("M5451",), state="WA", pos="24")))
    assert mine(told(Claim(first, dx=("M5459",), state="WA", pos="24"))) == {("LCD-B1", "deny", 1)}
    assert mine(told(Claim([Line("64628")], dx=("M5451",), state="WA"))) == {("LCD-B1b", "deny", 1)}
    assert not mine(told(Claim([Line("64628")], dx=("M5451",), state="NC")))
    assert not mine(told(Claim([Line("64628")], dx=("M5459",), state="OH")))
    again = Claim([Line("64628", ("KX",))], dx=("M5451",), state="WA")
    history = [Claim(first, on=dt.date(2025, 1, 12), dx=("M5451",), state="WA", id="OLD")]
    assert mine(told(again, history=history)) == {("LCD-B1a", "deny", 1)}
    half = [Claim([Line("64628", ("KX",))], on=dt.date(2025, 1, 12), dx=("M5451",), state="WA", id="OLD")]
    assert not mine(told(again, history=half))


@pytest.mark.parametrize(
    ("day", "last", "audited"),
    [
        (dt.date(2026, 10, 14), dt.date(2026, 4, 13), False),
        (dt.date(2026, 10, 14), dt.date(2026, 4, 14), False),
        (dt.date(2026, 10, 14), dt.date(2026, 4, 15), True),
        (dt.date(2026, 2, 28), dt.date(2025, 8, 31), False),
        (dt.date(2026, 2, 27), dt.date(2025, 8, 31), True),
        (dt.date(2026, 10, 14), dt.date(2026, 9, 16), False),
        (dt.date(2026, 10, 14), dt.date(2026, 9, 15), True),
    ],
)
def test_a_series_of_hyaluronate_waits_for_its_months(day: dt.date, last: dt.date, audited: bool) -> None:
    def series(on: dt.date, side: str, *, state: str = "MI", key: str = "A100") -> Claim:
        return Claim(
            [Line("20611", (side,)), Line("J7325", (side, "JZ"), units=48)], on=on, state=state, id=key
        )

    def told_of(new: Claim, old: Claim) -> bool:
        return bool({one for one in told(new, history=[old]) if one[0] == "INJ-42a"})

    assert told_of(series(day, "RT"), series(last, "RT", key="OLD")) is audited
    assert not told_of(series(day, "LT"), series(last, "RT", key="OLD"))
    assert not told_of(series(day, "RT", state="OH"), series(last, "RT", state="OH", key="OLD"))


def test_discograms_go_with_their_injections() -> None:
    assert not mine(told(Claim([Line("62290", units=2), Line("72295", units=2)])))
    assert mine(told(Claim([Line("62290", units=2), Line("72295", units=3)]))) == {("INJ-33", "audit", 1)}
    assert mine(told(Claim([Line("62290"), Line("72285")]))) == {("INJ-33", "audit", 2)}
    assert not mine(told(Claim([Line("72295", ("26",), units=2)])))
    assert mine(told(Claim([Line("22526")]))) == {("INJ-33a", "deny", 1)}
    assert not mine(told(Claim([Line("22526")], payer="commercial")))


def test_courses_of_the_same_file_count_up_to_their_day() -> None:
    days = [*weekly(12), DAY]
    claims = [Claim([Line("97810")], on=day, dx=LOW_BACK, id=f"C{n}") for n, day in enumerate(days)]
    for order in (claims, claims[::-1]):
        assert findings(*order).filter(rule="INJ-37a")["claim"].to_list() == ["C12"]


def test_a_corrected_claim_is_the_same_visit() -> None:
    history = [*sent("97810", *weekly(11)), Claim([Line("97810")], dx=LOW_BACK, id="A")]
    again = Claim([Line("97810")], dx=LOW_BACK, id="A", frequency="7", original="X1")
    assert not mine(told(again, history=history))
    assert not mine(
        told(
            Claim([Line("97810")], dx=LOW_BACK, frequency="8", original="X1"),
            history=sent("97810", *weekly(20)),
        )
    )


def test_a_day_is_judged_on_its_latest_claim() -> None:
    parts = [
        Claim([Line("97810", charge=75_00)], dx=LOW_BACK, id="A"),
        Claim([Line("97811", charge=55_00)], dx=LOW_BACK, id="B"),
    ]
    found = findings(*parts, history=sent("97810", *weekly(20))).filter(rule="INJ-37")
    assert found.select("claim", "line", "at_risk_cents").rows() == [("B", 1, 55_00)]


def test_a_diagnosis_is_named_for_a_course_that_codes_have() -> None:
    courses = set(reference().table("course_codes")["course"])
    assert set(reference().table("course_diagnoses")["course"]) <= {*courses, "acupuncture_not"}


def test_another_payer_states_its_own_limits() -> None:
    policies = policies_of("commercial", programming_days=60, botulinum_days=90, stimulator_trials_lifetime=1)

    def found(lines: list[Line], old: Claim) -> set[tuple[str, str, int | None]]:
        new = Claim(lines, payer="commercial", dx=MIGRAINE, pos="22")
        return mine(told(new, history=[old], policies=policies))

    def earlier(code: str, days: int) -> Claim:
        return Claim([Line(code)], on=DAY - dt.timedelta(days), payer="commercial", id="OLD", pos="22")

    assert found([Line("95972")], earlier("95972", 59)) == {("INJ-29", "audit", 1)}
    assert not found([Line("95972")], earlier("95972", 60))
    assert found(TOXIN[:1], earlier("64615", 89)) == {("INJ-34", "deny", 1)}
    assert not found(TOXIN[:1], earlier("64615", 90))
    assert found([Line("63650")], earlier("63650", 400)) == {("LCD-C2", "audit", 1)}
