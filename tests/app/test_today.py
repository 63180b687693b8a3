"""What the day begins with: one's own first, then what costs most soonest."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.utils import timezone

from anodyne.app.practice import today
from anodyne.app.practice.today import Day, day_of
from anodyne.store.models import Appointment, Authorisation, ClaimState, Clearinghouse, Finding, Task
from anodyne.store.scope import within
from tests.practice import DAY, Small, make_practice, make_user

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def one(database: object) -> Iterator[Small]:
    del database
    small = make_practice()
    with within(small.practice.pk, small.user.pk):
        yield small


def after(days: int) -> dt.date:
    return DAY + dt.timedelta(days)


def day(one: Small, *, mine: bool = False) -> Day:
    return day_of(one.user.pk, DAY, mine_alone=mine)


@pytest.mark.parametrize(("days", "shown"), [(-400, True), (-1, True), (0, True), (30, True), (31, False)])
def test_a_filing_deadline_is_a_clock_until_a_month_ahead(one: Small, days: int, shown: bool) -> None:
    one.claim("A1", ClaimState.HELD, file_by=after(days))
    assert [clock.days for clock in day(one).clocks] == ([days] if shown else [])


@pytest.mark.parametrize("state", ClaimState)
def test_the_filing_deadline_runs_until_the_payer_has_the_claim(one: Small, state: ClaimState) -> None:
    one.claim("A1", state, file_by=DAY)
    assert len(day(one).clocks) == (state in {"held", "ready", "batched", "sent", "rejected"})


def approve(one: Small, last: int, visit: int | None, state: str = "planned") -> None:
    """An authorisation that ends `last` days from now, and an appointment `visit` days from now."""
    Authorisation.objects.create(
        patient=one.patient, payer=one.payer, number="AUTH1", codes=["20553", "64483"],
        period=DateRange(after(-60), after(last + 1)),
    )  # fmt: skip
    if visit is not None:
        at = dt.datetime.combine(after(visit), dt.time(15), dt.UTC)
        Appointment.objects.create(
            patient=one.patient, provider=one.provider, facility=one.facility, number="V1", state=state,
            when=DateTimeTZRange(at, at + dt.timedelta(minutes=30)),
        )  # fmt: skip


@pytest.mark.parametrize(("last", "shown"), [(-1, False), (0, True), (30, True), (31, False)])
def test_an_authorisation_that_ends_is_a_clock_while_a_visit_is_planned(
    one: Small, last: int, shown: bool
) -> None:
    one.claim("A1", ClaimState.PAID)
    approve(one, last, 5)
    found = day(one).clocks
    assert [(clock.kind, clock.days, clock.cents, clock.patient) for clock in found] == (
        [("authorisation", last, 17_500, one.patient.pk)] if shown else []
    )
    assert day(one, mine=True).clocks == ()


def test_it_is_said_when_the_visit_comes_too_late(one: Small) -> None:
    approve(one, 3, 5)
    (clock,) = day(one).clocks
    assert clock.says == "AUTH1 for 20553, 64483 ends; the next visit, 22 Nov, is after it"
    assert clock.cents == 0


@pytest.mark.parametrize(("visit", "state"), [(None, ""), (-1, "planned"), (5, "kept"), (5, "cancelled")])
def test_an_authorisation_that_nobody_will_use_is_no_clock(one: Small, visit: int | None, state: str) -> None:
    approve(one, 10, visit, state)
    assert day(one).clocks == ()


def test_a_claim_whose_deadline_nobody_knows_has_no_clock(one: Small) -> None:
    one.claim("A1", ClaimState.HELD)
    assert day(one).clocks == ()


def test_dollars_over_days_decide_and_ones_own_come_first(one: Small) -> None:
    one.claim("SMALL", file_by=after(1), charge_cents=300_00)
    one.claim("LARGE", file_by=after(9), charge_cents=4_000_00)
    one.claim("LATE", file_by=after(-5), charge_cents=399_00)
    one.claim("MINE", file_by=after(29), charge_cents=1_00, owner=one.user)
    assert [clock.claim_id for clock in day(one).clocks] == ["MINE", "LARGE", "LATE", "SMALL"]
    assert day(one).clock_cents == 4_700_00
    assert [clock.claim_id for clock in day(one, mine=True).clocks] == ["MINE"]


def test_tasks_are_clocks_until_they_are_done(one: Small) -> None:
    claim = one.claim("A1", ClaimState.DENIED)
    Task.objects.create(kind="appeal", title="appeal", claim=claim, due_on=after(3), stake_cents=100)
    Task.objects.create(kind="records", title="send records", due_on=DAY, stake_cents=5)
    Task.objects.create(kind="other", title="done", due_on=DAY, done_at=timezone.now())
    Task.objects.create(kind="other", title="no day")
    Task.objects.create(kind="other", title="far", due_on=after(31))
    told = day(one)
    assert [(clock.kind, clock.days, clock.claim_id) for clock in told.clocks] == [
        ("appeal", 3, "A1"), ("records", 0, ""),
    ]  # fmt: skip
    assert told.tasks == 1


def test_a_claim_with_two_clocks_counts_once_with_the_dearer(one: Small) -> None:
    claim = one.claim("A1", file_by=DAY, charge_cents=100)
    Task.objects.create(kind="records", title="send records", claim=claim, due_on=DAY, stake_cents=70)
    Task.objects.create(kind="other", title="no claim", due_on=DAY, stake_cents=5)
    Task.objects.create(kind="other", title="no claim either", due_on=DAY, stake_cents=6)
    assert (day(one).clocks_in_all, day(one).clock_cents, day(one).more_clocks) == (4, 111, False)


def test_more_clocks_than_are_weighed_are_told(one: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(today, "MOST", 2)
    for at in range(3):
        one.claim(f"A{at}", file_by=DAY)
    assert (day(one).clocks_in_all, day(one).more_clocks) == (2, True)


def test_heaps_count_dollars_and_ones_own(one: Small) -> None:
    other = make_user(one.practice, "Sam Second")
    house = Clearinghouse.objects.create(
        name="Exchange",
        receiver_name="X",
        receiver_id="X",
        carrier="directory",
        address="/tmp",  # noqa: S108
    )
    one.claim("R1", ClaimState.READY, charge_cents=100)
    one.payer.clearinghouse = house
    one.payer.save()
    one.claim("R2", ClaimState.READY, charge_cents=200, owner=one.user)
    one.claim("X1", ClaimState.REJECTED, charge_cents=300, owner=other, follow_up_on=DAY)
    one.claim("C1", ClaimState.CLOSED, follow_up_on=DAY)
    told = day(one)
    assert (told.ready.claims, told.ready.cents, told.ready.mine) == (2, 300, 1)
    assert [(way.name, way.claims, way.cents) for way in told.ways] == [("Exchange", 2, 300)]
    assert (told.rejected.claims, told.rejected.cents, told.rejected.mine) == (1, 300, 0)
    assert told.follow_ups.claims == 1
    assert day(one, mine=True).rejected.claims == 0


def test_reasons_are_what_holds_and_a_claim_counts_under_each(one: Small) -> None:
    held = one.claim("A1", ClaimState.HELD, owner=one.user).versions.get()
    for rule, outcome, cents in (
        ("B-1", "deny", 100),
        ("B-1", "deny", 50),
        ("A-1", "reject", 500),
        ("C-1", "audit", 9),
    ):
        Finding.objects.create(
            version=held, rule=rule, rule_key=rule, outcome=outcome, message="x", at_risk_cents=cents
        )
    told = day(one).reasons
    assert [(heap.name, heap.claims, heap.cents, heap.mine) for heap in told] == [
        ("A-1", 1, 500, 1), ("B-1", 1, 150, 1),
    ]  # fmt: skip
