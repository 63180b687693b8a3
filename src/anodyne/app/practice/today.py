"""What a practice's day begins with: what costs most soonest, and where the work lies."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, DateField, F, Q, QuerySet, Sum
from django.db.models.expressions import RawSQL
from django.utils import timezone

from anodyne.store.models import (
    Appointment,
    Authorisation,
    Claim,
    ClaimState,
    Finding,
    Line,
    Payer,
    Task,
    TaskKind,
)

UNFILED: Final = (ClaimState.HELD, ClaimState.READY, ClaimState.BATCHED, ClaimState.SENT, ClaimState.REJECTED)
"""Nobody has said yet that the payer has it, so that the filing deadline still runs."""
HORIZON: Final = dt.timedelta(days=30)
"""So far ahead clocks are shown."""
PLANNED: Final = "planned"
"""The state of an appointment that is still to be kept."""
SHOWN: Final = 15
MOST: Final = 500
"""So many clocks of each kind are weighed, the soonest."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Something that is lost, or costs, when its day passes."""

    kind: str
    """`filing`, the kind of a task, or `authorisation` of one that ends before it is used."""
    says: str
    due_on: dt.date
    days: int
    """Left; less than nothing when the day has passed."""
    cents: int
    claim: int | None
    """Its key."""
    claim_id: str
    state: str
    owner: str
    mine: bool
    patient: int | None = None
    """The key of a patient, of a clock that is of no one claim."""

    @property
    def weight(self) -> float:
        """What is at stake over the days left, today counting as one: the dearer and the nearer, the more."""
        return self.cents / max(self.days + 1, 1)


@dataclass(frozen=True, slots=True)
class Heap:
    """Claims of one sort, how many and what they bill or risk."""

    name: str
    key: str
    """A rule's id, a clearinghouse's key, `paper`, or nothing."""
    claims: int
    cents: int
    mine: int
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """Everything the first page shows."""

    clocks: tuple[Clock, ...]
    """One's own first; those and the others by their weight."""
    clocks_in_all: int
    clock_cents: int
    """What depends on them; a claim with two clocks counts once, with the dearer."""
    more_clocks: bool
    """Whether there are more than were weighed, so that both are at least so much."""
    rejected: Heap
    denied: Heap
    held: Heap
    reasons: tuple[Heap, ...]
    """By rule, of the held claims: how many it holds, and the dollars."""
    follow_ups: Heap
    tasks: int
    """Open ones that are due, beside the clocks."""
    ready: Heap
    ways: tuple[Heap, ...]
    """Of the ready claims, by the way they leave."""


def day_of(user: int, today: dt.date, *, mine_alone: bool = False) -> Day:
    """The day of somebody; with `mine_alone` only what is theirs."""
    claims = Claim.objects.filter(owner_id=user) if mine_alone else Claim.objects.all()
    tasks = Task.objects.filter(owner_id=user) if mine_alone else Task.objects.all()
    filing, others = [*_filing(claims, user, today)], [*_tasks(tasks, user, today)]
    if not mine_alone:
        others += _authorisations(today)
    clocks = [*filing, *others]
    stakes: dict[tuple[int | None, str], int] = {}
    for at, clock in enumerate(clocks):
        of = (clock.claim, "" if clock.claim else str(at))
        stakes[of] = max(stakes.get(of, 0), clock.cents)
    states = Counter(clock.state for clock in filing)
    clocks.sort(key=lambda clock: (not clock.mine, -clock.weight, clock.due_on, clock.claim_id, clock.kind))
    unclosed = [state for state in ClaimState if state != ClaimState.CLOSED]
    due = claims.filter(state__in=unclosed, follow_up_on__lte=today)
    return Day(
        clocks=tuple(clocks[:SHOWN]),
        clocks_in_all=len(clocks),
        clock_cents=sum(stakes.values()),
        more_clocks=max((*states.values(), len(others)), default=0) >= MOST,
        rejected=_heap("rejected", claims.filter(state=ClaimState.REJECTED), user),
        denied=_heap("denied", claims.filter(state=ClaimState.DENIED), user),
        held=_heap("held", claims.filter(state=ClaimState.HELD), user),
        reasons=_reasons(claims, user),
        follow_ups=_heap("follow-ups", due, user),
        tasks=tasks.filter(done_at=None, due_on__lte=today).count(),
        ready=_heap("ready", claims.filter(state=ClaimState.READY), user),
        ways=_ways(claims, user),
    )


def _filing(claims: "QuerySet[Claim]", user: int, today: dt.date) -> Iterable[Clock]:
    """Claims whose last day to be filed comes near, or has passed."""
    for state in UNFILED:
        near = claims.filter(state=state, file_by__lte=today + HORIZON).order_by("file_by", "pk")
        for row in near.values("pk", "claim_id", "file_by", "charge_cents", "owner_id", "owner__name")[:MOST]:
            due = row["file_by"] or today
            yield Clock(
                "filing", "must reach the payer", due, (due - today).days,
                row["charge_cents"], row["pk"], row["claim_id"], state.value, row["owner__name"] or "",
                row["owner_id"] == user,
            )  # fmt: skip


def _tasks(tasks: "QuerySet[Task]", user: int, today: dt.date) -> Iterable[Clock]:
    near = tasks.filter(done_at=None, due_on__lte=today + HORIZON).order_by("due_on", "pk")
    named = near.values("kind", "title", "due_on", "stake_cents", "claim_id", "owner_id", "owner__name",
                        number=F("claim__claim_id"), state=F("claim__state"))  # fmt: skip
    for row in named[:MOST]:
        due = row["due_on"] or today
        yield Clock(
            row["kind"], row["title"], due, (due - today).days, row["stake_cents"],
            row["claim_id"], row["number"] or "", row["state"] or "", row["owner__name"] or "",
            row["owner_id"] == user,
        )  # fmt: skip


def _authorisations(today: dt.date) -> Iterable[Clock]:
    """Authorisations that end soon, of patients who are still to come.

    At stake is what the patient was last charged for each code that was approved; nothing where none was.
    """
    ends = RawSQL("upper(period) - 1", (), output_field=DateField())
    rows = Authorisation.objects.annotate(ends=ends).filter(ends__range=(today, today + HORIZON))
    known = [*rows.order_by("ends", "pk")[:MOST]]
    patients = {row.patient_id for row in known}
    visits: dict[int, dt.date] = {}
    planned = Appointment.objects.filter(
        patient__in=patients, state=PLANNED, when__startswith__date__gte=today
    )
    for patient, when in planned.order_by("-when").values_list("patient", "when"):
        visits[patient] = timezone.localtime(when.lower).date()
    charged: dict[tuple[int, str], int] = {}
    lines = Line.objects.filter(version__claim__patient__in=patients).order_by("served_on", "pk")
    for patient, code, cents in lines.values_list("version__claim__patient", "code", "charge_cents"):
        charged[patient, code] = cents
    for row in known:
        if row.patient_id not in visits:
            continue
        visit = visits[row.patient_id]
        codes = ", ".join(row.codes) or "what was approved"
        late = (
            "the next visit, {:%-d %b}, is after it" if visit > row.ends else "the next visit is on {:%-d %b}"
        )
        yield Clock(
            TaskKind.AUTHORISATION.value, f"{row.number} for {codes} ends; {late.format(visit)}", row.ends,
            (row.ends - today).days, sum(charged.get((row.patient_id, code), 0) for code in row.codes),
            None, "Patient", "", "", mine=False, patient=row.patient_id,
        )  # fmt: skip


def _reasons(claims: "QuerySet[Claim]", user: int) -> tuple[Heap, ...]:
    """Which rules hold claims; a claim counts under each rule that holds it."""
    standing = Finding.objects.filter(
        version__claim__in=claims.filter(state=ClaimState.HELD),
        version__closed_at=None,
        waiver=None,
        outcome__in=["reject", "deny"],
    )
    sums = standing.values("rule", "outcome").annotate(
        claims=Count("version__claim", distinct=True),
        cents=Sum("at_risk_cents"),
        mine=Count("version__claim", distinct=True, filter=Q(version__claim__owner=user)),
    )
    rows = sums.order_by("-cents", "-claims", "rule")[:SHOWN]
    return tuple(
        Heap(row["rule"], row["rule"], row["claims"], row["cents"] or 0, row["mine"], row["outcome"])
        for row in rows
    )


def _ways(claims: "QuerySet[Claim]", user: int) -> tuple[Heap, ...]:
    sums = (
        claims.filter(state=ClaimState.READY)
        .values("payer_id")
        .annotate(claims=Count("pk"), cents=Sum("charge_cents"), mine=Count("pk", filter=Q(owner=user)))
    )
    payers = {payer.pk: payer for payer in Payer.objects.select_related("clearinghouse")}
    heaps: dict[str, Heap] = {}
    for row in sums:
        payer = payers[row["payer_id"]]
        house = payer.clearinghouse
        key, name = ("paper", "on paper") if payer.on_paper else ("", "no way out is set")
        if house is not None and not payer.on_paper:
            key, name = str(house.pk), house.name
        before = heaps.get(key, Heap(name, key, 0, 0, 0))
        heaps[key] = Heap(
            name,
            key,
            before.claims + row["claims"],
            before.cents + (row["cents"] or 0),
            before.mine + row["mine"],
        )
    return tuple(sorted(heaps.values(), key=lambda heap: -heap.cents))


def _heap(name: str, claims: "QuerySet[Claim]", user: int) -> Heap:
    told: dict[str, Any] = claims.aggregate(
        claims=Count("pk"), cents=Sum("charge_cents"), mine=Count("pk", filter=Q(owner=user))
    )
    return Heap(name, "", told["claims"], told["cents"] or 0, told["mine"])


def word_of(kind: str) -> str:
    """How a kind of clock is called."""
    return TaskKind(kind).label if kind in TaskKind.values else kind
