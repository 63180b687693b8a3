"""How often: every limit of a payer, on its edge days, and the next eligible day against a count by hand."""

import calendar
import datetime as dt
import random
from collections.abc import Sequence

import polars as pl
import pytest

from anodyne.reference.policies import Policies
from anodyne.rules.rule import View
from anodyne.rules.views import build
from tests.claims import AS_OF, DAY, Claim, Line, book_from, findings, policies_of, reference, told

SESSIONS = ("LCD-E2", "LCD-E4", "LCD-F3", "LCD-F4", "LCD-F5", "LCD-F6", "LCD-S2", "LCD-T1")


def held(code: str, *days: dt.date, mods: Sequence[str] = ()) -> list[Claim]:
    return [Claim([Line(code, mods)], on=day, id=f"{code}-{day}", payer="commercial") for day in days]


def of_sessions(
    new: Claim, history: Sequence[Claim], policies: Policies | None = None
) -> set[tuple[str, str]]:
    found = told(new, history=history, policies=policies)
    return {(rule, outcome) for rule, outcome, _ in found if rule.startswith(SESSIONS)}


def said(new: Claim, history: Sequence[Claim], rule: str, policies: Policies | None = None) -> str:
    (message,) = findings(new, history=history, policies=policies).filter(rule=rule)["message"]
    return str(message)


def month_back(day: dt.date, months: int) -> dt.date:
    """The same day `months` before, or the last of a shorter month."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return dt.date(years, month + 1, min(day.day, calendar.monthrange(years, month + 1)[1]))


@pytest.mark.parametrize(
    ("oldest", "day", "denied", "eligible"),
    [
        (dt.date(2026, 1, 15), dt.date(2026, 7, 14), True, "15 Jul 2026"),
        (dt.date(2026, 1, 15), dt.date(2026, 7, 15), False, None),
        (dt.date(2026, 1, 15), dt.date(2026, 7, 16), False, None),
        (dt.date(2025, 8, 31), dt.date(2026, 2, 28), True, "1 Mar 2026"),
        (dt.date(2025, 8, 31), dt.date(2026, 3, 1), False, None),
        (dt.date(2023, 8, 31), dt.date(2024, 2, 29), True, "1 Mar 2024"),
        (dt.date(2026, 2, 28), dt.date(2026, 8, 28), False, None),
        (dt.date(2026, 2, 28), dt.date(2026, 8, 27), True, "28 Aug 2026"),
    ],
)
def test_half_a_year_reaches_back_to_its_own_day(
    oldest: dt.date, day: dt.date, denied: bool, eligible: str | None
) -> None:
    policies = policies_of("commercial", epidural_sessions_year=4, epidural_sessions_half_year=3)
    history = held("62323", oldest, oldest + dt.timedelta(40), oldest + dt.timedelta(80))
    new = Claim([Line("62323")], payer="commercial", on=day)
    assert of_sessions(new, history, policies) == ({("LCD-E2", "deny")} if denied else set())
    if eligible:
        message = said(new, history, "LCD-E2", policies)
        assert message.startswith("fourth lumbar epidural session in 6 months, 3 are covered")
        assert message.endswith(f"next eligible {eligible}")


def test_the_next_day_keeps_every_limit() -> None:
    policies = policies_of("commercial", epidural_sessions_year=4, epidural_sessions_half_year=3)
    days = [dt.date(2025, 12, 1), *(dt.date(2026, month, 1) for month in (7, 8, 9))]
    new = Claim([Line("62323")], payer="commercial")
    message = said(new, held("62323", *days), "LCD-E2", policies)
    assert message == (
        "fifth lumbar epidural session in 12 months, 4 are covered; "
        "earlier 1 Dec 2025, 1 Jul, 1 Aug, 1 Sep; next eligible 1 Jan 2027"
    )


@pytest.mark.parametrize(
    ("day", "denied"),
    [
        (dt.date(2026, 12, 31), True),
        (dt.date(2027, 1, 1), False),
        (dt.date(2026, 9, 1), True),
    ],
)
def test_a_calendar_year_begins_in_january(day: dt.date, denied: bool) -> None:
    policies = policies_of("commercial", session_year="calendar", trigger_point_sessions_year=3)
    history = held("20553", dt.date(2026, 1, 1), dt.date(2026, 4, 1), dt.date(2026, 7, 1))
    new = Claim([Line("20553")], payer="commercial", on=day)
    assert of_sessions(new, history, policies) == ({("LCD-T1", "deny")} if denied else set())
    if denied:
        assert said(new, history, "LCD-T1", policies) == (
            "fourth trigger-point session in 2026, 3 are covered; earlier 1 Jan, 1 Apr, 1 Jul; "
            "next eligible 1 Jan 2027"
        )


def test_the_end_of_december_does_not_count_in_january() -> None:
    policies = policies_of("commercial", session_year="calendar", trigger_point_sessions_year=1)
    new = Claim([Line("20553")], payer="commercial", on=dt.date(2026, 1, 2))
    assert not of_sessions(new, held("20553", dt.date(2025, 12, 31)), policies)
    assert of_sessions(new, held("20553", dt.date(2026, 1, 1)), policies) == {("LCD-T1", "deny")}


@pytest.mark.parametrize(("day", "denied"), [(364, True), (365, False), (366, False)])
def test_trigger_points_of_a_rolling_year(day: int, denied: bool) -> None:
    oldest = dt.date(2025, 10, 14)
    history = held("20552", oldest, oldest + dt.timedelta(90), oldest + dt.timedelta(180))
    new = Claim([Line("20553")], on=oldest + dt.timedelta(day))
    assert of_sessions(new, history) == ({("LCD-T1", "deny")} if denied else set())


@pytest.mark.parametrize(("day", "denied"), [(365, True), (366, False)])
def test_a_rolling_year_with_a_leap_day(day: int, denied: bool) -> None:
    oldest = dt.date(2027, 10, 14)
    history = held("20552", oldest, oldest + dt.timedelta(90), oldest + dt.timedelta(180))
    new = Claim([Line("20553")], on=oldest + dt.timedelta(day))
    assert of_sessions(new, history) == ({("LCD-T1", "deny")} if denied else set())


def test_sides_count_together_or_apart_as_the_payer_says() -> None:
    days = [dt.date(2026, 2, 1), dt.date(2026, 2, 15)]
    history = [*held("64635", days[0], mods=["RT"]), *held("64635", days[1], mods=["LT"])]
    new = Claim([Line("64635", ["RT"])], payer="commercial")
    together = policies_of("commercial", facet_rf_sessions_year=2)
    assert of_sessions(new, history, together) == {("LCD-F6", "deny")}
    apart = policies_of("commercial", facet_rf_sessions_year=2, sessions_by_side=True)
    assert of_sessions(new, history, apart) == set()
    once = policies_of("commercial", facet_rf_sessions_year=1, sessions_by_side=True)
    assert of_sessions(new, history, once) == {("LCD-F6", "deny")}
    assert said(new, history, "LCD-F6", once).endswith("earlier 1 Feb; next eligible 1 Feb 2027")
    both = Claim([Line("64635", ["50"])], payer="commercial")
    assert said(both, history, "LCD-F6", once).endswith("next eligible 15 Feb 2027")


def test_both_sides_on_one_day_are_one_session_and_on_two_days_two() -> None:
    days = [dt.date(2026, month, 1) for month in (1, 4, 7)]
    new = Claim([Line("27096", ["RT"])])
    one_day = [Claim([Line("27096", ["50"])], on=day, id=f"O{day}") for day in days]
    assert not of_sessions(new, one_day)
    split = [
        *one_day[:2],
        *held("27096", days[2], mods=["LT"]),
        *held("64451", DAY - dt.timedelta(1), mods=["LT"]),
    ]
    assert of_sessions(new, split[:-1]) == set()
    assert of_sessions(new, split) == {("LCD-S2", "deny")}


def test_sacroiliac_sessions_by_purpose() -> None:
    tries = held("27096", dt.date(2026, 9, 1), dt.date(2026, 9, 20), mods=["RT", "KX"])
    assert of_sessions(Claim([Line("27096", ["RT", "KX"])]), tries[:1]) == set()
    assert of_sessions(Claim([Line("27096", ["RT", "KX"])]), tries) == {("LCD-S2a", "deny")}
    assert of_sessions(Claim([Line("27096", ["RT"])]), tries) == set()
    treated = held("64451", dt.date(2026, 5, 4), mods=["RT"])
    assert of_sessions(Claim([Line("27096", ["RT", "KX"])]), treated) == {("LCD-S2b", "audit")}
    assert of_sessions(Claim([Line("27096", ["LT", "KX"])]), treated) == set()


def test_the_policies_bind_where_a_contractor_has_them() -> None:
    days = [dt.date(2025, 11, 3), dt.date(2026, 2, 3), dt.date(2026, 5, 3), dt.date(2026, 8, 3)]
    for code, mods, rule in (("27096", ["RT"], "LCD-S2"), ("20553", [], "LCD-T1")):
        history = held(code, *days, mods=mods)
        for state, found in (
            ("OH", {(rule, "deny")}),
            ("CA", {(rule, "deny")}),
            ("TX", set()),
            ("FL", set()),
        ):
            assert of_sessions(Claim([Line(code, mods)], state=state), history) == found, state
    assert told(Claim([Line("64625", ["RT"])], state="FL")) == set()
    assert ("LCD-S3", "deny", 1) in told(Claim([Line("64625", ["RT"])], state="OH"))


@pytest.mark.parametrize(
    ("code", "mods", "days", "rule"),
    [
        ("62323", [], 14, "LCD-E4"),
        ("64493", ["RT", "KX"], 14, "LCD-F3"),
        ("20553", [], 42, "LCD-T1b"),
    ],
)
def test_days_between_sessions(code: str, mods: list[str], days: int, rule: str) -> None:
    new = Claim([Line(code, mods)])
    for since, found in ((days - 1, {(rule, "audit")}), (days, set()), (days + 1, set())):
        assert of_sessions(new, held(code, DAY - dt.timedelta(since), mods=mods)) == found
    other = Claim([Line(code, mods)], payer="commercial")
    assert of_sessions(other, held(code, DAY - dt.timedelta(1), mods=mods)) == set()


@pytest.mark.parametrize(
    ("code", "months", "rule"),
    [("64493", 3, "LCD-F5a"), ("64635", 6, "LCD-F6a"), ("27096", 3, "LCD-S2c")],
)
def test_months_between_sessions_of_a_side(code: str, months: int, rule: str) -> None:
    new, back = Claim([Line(code, ["RT"])]), month_back(DAY, months)
    for last, found in (
        (back + dt.timedelta(1), {(rule, "audit")}),
        (back, set()),
        (back - dt.timedelta(1), set()),
    ):
        assert of_sessions(new, held(code, last, mods=["RT"])) == found
        assert of_sessions(new, held(code, last, mods=["50"])) == found
        assert of_sessions(new, held(code, last, mods=["LT"])) == set()
    unsaid = held(code, back + dt.timedelta(1))
    assert of_sessions(new, unsaid) == {(rule, "ask")}
    assert of_sessions(Claim([Line(code, ["RT"])], payer="commercial"), unsaid) == set()


def test_relief_of_months_that_begins_on_the_last_day_of_a_long_month_ends_with_the_short_one() -> None:
    last = held("64635", dt.date(2025, 8, 31), mods=["RT"])
    for day, found in ((dt.date(2026, 2, 27), {("LCD-F6a", "audit")}), (dt.date(2026, 2, 28), set())):
        assert of_sessions(Claim([Line("64635", ["RT"])], on=day), last) == found
    early = said(Claim([Line("64635", ["RT"])], on=dt.date(2026, 2, 27)), last, "LCD-F6a")
    assert "before 28 Feb 2026" in early


def test_the_side_is_asked_for_where_it_is_not_said() -> None:
    found = findings(Claim([Line("64635")]), history=held("64635", dt.date(2026, 7, 1), mods=["RT"]))
    assert found.filter(rule="LCD-F6a").select("outcome", "needs").rows() == [
        ("ask", ["the side treated, LT, RT or 50, on this claim and on the earlier one"])
    ]


def test_a_third_epidural_within_three_months_is_a_series() -> None:
    new = Claim([Line("62323")])
    series = held("62323", dt.date(2026, 8, 20), dt.date(2026, 9, 20))
    assert of_sessions(new, series) == {("LCD-E4a", "audit")}
    assert of_sessions(new, series[1:]) == set()
    assert of_sessions(new, held("62323", dt.date(2026, 7, 14), dt.date(2026, 9, 20))) == set()
    assert of_sessions(new, held("62323", dt.date(2026, 7, 15), dt.date(2026, 9, 20))) == {
        ("LCD-E4a", "audit")
    }
    assert of_sessions(new, held("62321", dt.date(2026, 8, 20), dt.date(2026, 9, 20))) == set()
    close = held("62323", dt.date(2026, 9, 20), dt.date(2026, 10, 4))
    assert of_sessions(new, close) == {("LCD-E4", "audit")}


def test_a_limit_passed_is_told_and_nothing_smaller() -> None:
    days = [dt.date(2026, 8, 1), dt.date(2026, 8, 20), dt.date(2026, 9, 20), dt.date(2026, 10, 10)]
    assert of_sessions(Claim([Line("62323")]), held("62323", *days)) == {("LCD-E2", "deny")}
    early = [dt.date(2026, 5, 1), dt.date(2026, 7, 1)]
    rf = held("64635", *early, mods=["RT"])
    assert of_sessions(Claim([Line("64635", ["RT"])]), rf) == {("LCD-F6", "deny")}


def test_a_diagnostic_block_after_radiofrequency_of_the_side() -> None:
    rf = held("64635", dt.date(2026, 3, 2), mods=["RT"])
    assert of_sessions(Claim([Line("64493", ["RT", "KX"])]), rf) == {("LCD-F4b", "audit")}
    assert of_sessions(Claim([Line("64493", ["LT", "KX"])]), rf) == set()
    assert of_sessions(Claim([Line("64490", ["RT", "KX"])]), rf) == set()
    assert of_sessions(Claim([Line("64493", ["RT"])]), rf) == set()
    assert of_sessions(Claim([Line("64493", ["RT", "KX"])], on=dt.date(2027, 3, 2)), rf) == set()


VALUES = {
    "epidural_sessions_year": 4,
    "epidural_sessions_half_year": 3,
    "epidural_days_apart": 14,
    "epidural_relief_months": 3,
}


def eligible(day: dt.date, others: set[dt.date], year: str) -> bool:
    """Whether one more session on `day` is within all of VALUES, counted by hand."""

    def within(start: dt.date) -> int:
        return sum(start < other < day for other in others)

    new_year = dt.date(day.year, 1, 1) - dt.timedelta(1)
    start = month_back(day, 12) if year == "rolling" else new_year
    return (
        within(start) < 4
        and within(month_back(day, 6)) < 3
        and within(month_back(day, 3)) < 2
        and all(other <= day - dt.timedelta(14) for other in others if other < day)
    )


@pytest.mark.parametrize("year", ["rolling", "calendar"])
def test_the_next_eligible_day_against_a_count_by_hand(year: str) -> None:
    chance = random.Random(year)  # noqa: S311
    policies = policies_of("commercial", session_year=year, **VALUES)
    claims: list[Claim] = []
    history: list[Claim] = []
    days: dict[int, tuple[dt.date, set[dt.date]]] = {}
    for patient in range(1, 200):
        day = dt.date(2024, 1, 1) + dt.timedelta(chance.randrange(1000))
        spread = chance.choice([120, 250, 400, 700])
        others = {day - dt.timedelta(chance.randrange(1, spread)) for _ in range(chance.randrange(1, 9))}
        days[patient] = day, others
        claims.append(Claim([Line("62323")], payer="commercial", patient=patient, on=day, id=f"N{patient}"))
        history += [
            Claim([Line("64483", ["RT"])], patient=patient, on=other, id=f"H{patient}-{n}")
            for n, other in enumerate(sorted(others))
        ]
    book = book_from(*claims, history=history)
    view = build(book, reference(), as_of=AS_OF, wanted={View.SESSION}, policies=policies)[View.SESSION]
    rows = view.join(book.claims.select("claim_key", "claim_id"), on="claim_key")
    assert len(rows) == len(claims)
    broken = 0
    for row in rows.iter_rows(named=True):
        day, others = days[int(row["claim_id"][1:])]
        first = next(
            day + dt.timedelta(n) for n in range(1200) if eligible(day + dt.timedelta(n), others, year)
        )
        violates = row["over_limit"] or (row["days_since"] or 14) < 14 or row["series"] > 2
        assert violates == (first != day), row
        if violates:
            broken += 1
            assert row["next_eligible"] == f"{first.day} {first:%b %Y}", (day, sorted(others), row)
    assert broken > 50


def test_sessions_held_after_the_day_count_for_the_next_one() -> None:
    days = [dt.date(2025, 10, 18), dt.date(2026, 1, 12), dt.date(2026, 4, 6), dt.date(2026, 6, 29)]
    later = held("62323", *days, dt.date(2027, 2, 1))
    message = said(Claim([Line("62323")]), later, "LCD-E2")
    assert message.endswith("earlier 18 Oct 2025, 12 Jan, 6 Apr, 29 Jun; next eligible 15 Feb 2027")


def test_a_book_without_sessions_has_no_rows() -> None:
    book = book_from(Claim([Line("99213")]))
    view = build(book, reference(), as_of=AS_OF, wanted={View.SESSION})[View.SESSION]
    assert view.equals(pl.DataFrame(schema=view.schema))
