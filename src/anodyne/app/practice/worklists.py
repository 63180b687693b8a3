"""Which claims are asked for, a page of them, how many there are, and what is done with many at once.

A page is read from where the one before it ended, so that the thousandth costs what the first does; one state
at a time, each in the order of an index, merged by the database.
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan
from django.utils import timezone

from anodyne.app.practice.checking import recheck
from anodyne.kernel.errors import BadRequest
from anodyne.store.models import (
    Claim,
    ClaimState,
    Finding,
    Membership,
    Patient,
    Payer,
    SavedFilter,
    Task,
    TaskKind,
)
from anodyne.store.scope import CurrentPractice

PAGE: Final = 50
MOST_COUNTED: Final = 10_000
"""Beyond so many a count says only that there are more."""
MOST_AT_ONCE: Final = 5_000
"""So many claims are changed by one action."""
MOST_RECHECKED: Final = 500
"""So many are judged while somebody waits."""
OPEN: Final = (ClaimState.HELD, ClaimState.READY, ClaimState.BATCHED)
"""Claims of these states may have a version that is open, and so findings that stand."""
MOST_SHOWN: Final = 25
"""Claims and patients of a search."""
MOST_FOUND: Final = 200
"""Of patients and of claims that a text finds."""
SORTS: Final[Mapping[str, str]] = {
    "day": "served_on",
    "risk": "at_risk_cents",
    "charge": "charge_cents",
    "deadline": "file_by",
    "follow_up": "follow_up_on",
}
"""What a list can be sorted by, and the column; a claim without such a day is not in a list sorted by it."""
NOBODY: Final = "nobody"
PAPER: Final = "paper"
_TILDE: Final = "~"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which claims, in which order.  What is empty does not matter."""

    states: tuple[str, ...] = ()
    payer: int | None = None
    owner: int | str | None = None
    """A user's key, or NOBODY."""
    rule: str = ""
    outcome: str = ""
    """The worst of its findings; `clean` where it has none."""
    served_from: dt.date | None = None
    served_to: dt.date | None = None
    least_cents: int | None = None
    most_cents: int | None = None
    follow_up_to: dt.date | None = None
    file_to: dt.date | None = None
    clearinghouse: int | str | None = None
    """A clearinghouse's key, or PAPER."""
    patients: tuple[int, ...] = ()
    claims: tuple[int, ...] = ()
    sort: str = "day"
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A claim of a list."""

    claim: Claim
    rules: tuple[str, ...]
    """Of the findings that stand, the worst first."""


@dataclass(frozen=True, slots=True)
class Page:
    """Claims in their order, and where the pages beside it begin; None where there is none."""

    rows: tuple[Row, ...]
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many claims there are by state, and in the states that are asked for; at most MOST_COUNTED + 1."""

    by_state: Mapping[str, int]
    wanted: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a search finds; patients have `billed`, the number of their claims."""

    claims: tuple[Claim, ...]
    patients: tuple[Patient, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """What an action did, so that it can be taken back."""

    claims: int
    what: str
    """The column that was changed, or `task`."""
    before: tuple[tuple[int, int, Any], ...]
    """The key of each, its revision afterwards, and the value before; of a task, the key alone matters."""


def page(wanted: Wanted, *, after: str | None = None, before: str | None = None, size: int = PAGE) -> Page:
    """The claims that come after, or before, a place in the list; the first ones without.

    Raises BadRequest for a place that is none.
    """
    column = SORTS[wanted.sort]
    backwards = before is not None
    place = before if backwards else after
    descending = wanted.descending != backwards
    keys = _keys(wanted, column, None if place is None else _place(place, column), descending, size + 1)
    more = len(keys) > size
    keys = keys[:size][::-1] if backwards else keys[:size]
    rows = rows_of(keys)
    first, last = (_told(row.claim, column) for row in (rows[0], rows[-1])) if rows else (None, None)
    return Page(
        rows,
        before=first if (more if backwards else place is not None) else None,
        after=last if (backwards or more) else None,
    )


def counts(wanted: Wanted) -> Counts:
    """How many there are; the states that are not asked for are counted too."""
    by_state = {state: matching(wanted, state)[: MOST_COUNTED + 1].count() for state in ClaimState.values}
    asked = sum(by_state[state] for state in wanted.states or ClaimState.values)
    return Counts(by_state, min(asked, MOST_COUNTED + 1))


def matching(wanted: Wanted, state: str) -> "QuerySet[Claim]":
    """The claims of one state that are asked for, in no order."""
    if wanted.rule and state not in OPEN:
        return Claim.objects.none()
    found = Claim.objects.filter(state=state)
    if wanted.claims or wanted.patients:
        found = found.filter(Q(pk__in=wanted.claims) | Q(patient__in=wanted.patients))
    exact = {
        "payer": wanted.payer,
        "owner": wanted.owner if isinstance(wanted.owner, int) else None,
        "served_on__gte": wanted.served_from,
        "served_on__lte": wanted.served_to,
        "charge_cents__gte": wanted.least_cents,
        "charge_cents__lte": wanted.most_cents,
        "follow_up_on__lte": wanted.follow_up_to,
        "file_by__lte": wanted.file_to,
        "worst": wanted.outcome or None,
    }
    told = {name: value for name, value in exact.items() if value is not None}
    if wanted.outcome == "clean":
        told["worst"] = ""
    found = found.filter(**told)
    if wanted.owner == NOBODY:
        found = found.filter(owner=None)
    if wanted.clearinghouse is not None:
        found = found.filter(payer__in=_payers_through(wanted.clearinghouse))
    if wanted.rule:
        standing = Finding.objects.filter(
            version__claim=OuterRef("pk"), version__closed_at=None, rule=wanted.rule, waiver=None
        )
        found = found.filter(Exists(standing))
    if wanted.sort in {"deadline", "follow_up"}:
        found = found.filter(**{f"{SORTS[wanted.sort]}__isnull": False})
    return found


def keys_of(wanted: Wanted, most: int = MOST_AT_ONCE) -> tuple[int, ...]:
    """The keys of all that are asked for; raises BadRequest where they are more than `most`."""
    column = SORTS[wanted.sort]
    found = _keys(wanted, column, None, wanted.descending, most + 1)
    if len(found) > most:
        raise BadRequest(
            f"more than {most:,} claims are asked for at once",
            where="Claims",
            fix="Narrow the list by a state, a payer or days of service, and do it in parts.",
        )
    return found


def rows_of(keys: Collection[int]) -> tuple[Row, ...]:
    """The claims of these keys, in their order, with what a list shows of them."""
    found = Claim.objects.select_related("patient", "payer", "owner").in_bulk(list(keys))
    standing = Finding.objects.filter(version__claim__in=keys, version__closed_at=None, waiver=None).order_by(
        "-at_risk_cents", "rule"
    )
    rules: dict[int, dict[str, None]] = {}
    for claim, rule in standing.values_list("version__claim_id", "rule"):
        rules.setdefault(claim, {})[rule] = None
    return tuple(Row(found[key], tuple(rules.get(key, ()))) for key in keys if key in found)


def looked_for(text: str) -> Wanted | None:
    """What a text finds: a claim's id or a payer's number, a patient's number or name; None where nothing."""
    words = searched(text)
    if not words:
        return None
    patients = tuple(patients_like(words).values_list("pk", flat=True)[:MOST_FOUND])
    claims = tuple(claims_like(words).values_list("pk", flat=True)[:MOST_FOUND])
    return Wanted(patients=patients, claims=claims) if patients or claims else None


def found_by(words: str) -> Found:
    """The first claims and patients that `searched` words find."""
    claims = claims_like(words).select_related("patient", "payer")[:MOST_SHOWN]
    patients = [*patients_like(words)[:MOST_SHOWN]]
    own = Claim.objects.filter(patient__in=[patient.pk for patient in patients])
    billed = dict(own.values_list("patient").annotate(billed=Count("pk")))
    for patient in patients:
        patient.billed = billed.get(patient.pk, 0)  # type: ignore[attr-defined]
    return Found(tuple(claims), tuple(patients))


def searched(text: str) -> str:
    """A text as it is looked for: in capitals, without what nobody types."""
    return "".join(letter for letter in text if letter.isprintable()).strip().upper()


def patients_like(words: str) -> "QuerySet[Patient]":
    """Patients of this number, or of a last name that begins so; after a comma or blank the first name."""
    last, _, first = words.replace(",", " ").partition(" ")
    first = first.strip()
    named = Q(last_upper__gte=last, last_upper__lt=_beyond(last))
    if first:
        named &= Q(first_upper__gte=first, first_upper__lt=_beyond(first))
    whole = words.replace(",", " ").strip()
    double = Q(last_upper__gte=whole, last_upper__lt=_beyond(whole))
    return Patient.objects.filter(Q(number=words) | named | double).order_by(
        "last_upper", "first_upper", "pk"
    )


def claims_like(words: str) -> "QuerySet[Claim]":
    """Claims whose id begins so, or of this number of the payer."""
    begins = Q(claim_id__gte=words, claim_id__lt=_beyond(words), claim_id__startswith=words)
    return Claim.objects.filter(begins | Q(payer_control=words)).order_by("claim_id", "pk")


def payers() -> list[tuple[int, str]]:
    """The practice's payers by name."""
    return list(Payer.objects.order_by("name").values_list("pk", "name"))


def owners() -> list[tuple[int, str]]:
    """Who may own a claim: everybody who works in the practice, by name."""
    here = Membership.objects.filter(practice=CurrentPractice(), is_active=True).order_by("user__name")
    return list(here.values_list("user_id", "user__name"))


def demand_owner(owner: int | None) -> None:
    """Raise BadRequest where `owner` is somebody who does not work here."""
    if owner is not None and owner not in dict(owners()):
        raise BadRequest("this person does not work here", where="Claims", fix="Choose one of the list.")


def assign(claims: Collection[int], owner: int | None) -> Changed:
    """Give claims to somebody of the practice, or to nobody."""
    demand_owner(owner)
    return _set(claims, "owner_id", owner)


def follow_up(claims: Collection[int], day: dt.date | None) -> Changed:
    """Set the day on which claims are looked at again, or take it away."""
    return _set(claims, "follow_up_on", day)


def add_tasks(
    claims: Collection[int], *, kind: TaskKind, title: str, due_on: dt.date | None, owner: int | None
) -> Changed:
    """Give each claim a task, at whose stake is what it bills."""
    demand_owner(owner)
    made = Task.objects.bulk_create(
        Task(
            kind=kind,
            title=title,
            claim_id=key,
            patient_id=patient,
            due_on=due_on,
            owner_id=owner,
            stake_cents=cents,
        )
        for key, patient, cents in Claim.objects.filter(pk__in=claims)
        .order_by("pk")
        .values_list("pk", "patient_id", "charge_cents")
    )
    return Changed(len(made), "task", tuple((task.pk, 0, None) for task in made))


def check_again(claims: Collection[int], *, as_of: dt.date) -> int:
    """Judge claims anew, as on the day; how many."""
    if len(claims) > MOST_RECHECKED:
        raise BadRequest(
            f"more than {MOST_RECHECKED} claims would be judged while you wait",
            where="Claims",
            fix="Check them in parts.",
        )
    recheck(claims, as_of=as_of)
    return len(claims)


def take_back(changed: Changed) -> int:
    """Undo an action, where nobody changed the claim since; how many it was undone for."""
    if changed.what == "task":
        keys = [key for key, _, _ in changed.before]
        return Task.objects.filter(pk__in=keys, done_at=None).delete()[0]
    if changed.what not in {"owner_id", "follow_up_on"}:
        return 0
    done = 0
    values: dict[Any, list[tuple[int, int]]] = {}
    for key, revision, value in changed.before:
        values.setdefault(value, []).append((key, revision))
    for value, claims in values.items():
        asked = dict(claims)
        locked = Claim.objects.select_for_update().filter(pk__in=asked).order_by("pk")
        same = locked.values_list("pk", "revision")
        keys = [key for key, revision in same if asked[key] == revision]
        done += _set(keys, changed.what, value).claims
    return done


def _set(claims: Collection[int], column: str, value: Any) -> Changed:  # noqa: ANN401  a key, a day or nothing
    rows = Claim.objects.select_for_update().filter(pk__in=claims).order_by("pk")
    before = [row for row in rows.values_list("pk", "revision", column) if row[2] != value]
    Claim.objects.filter(pk__in=[key for key, _, _ in before]).update(
        **{column: value}, revision=F("revision") + 1, updated_at=timezone.now()
    )
    return Changed(len(before), column, tuple((key, revision + 1, was) for key, revision, was in before))


def saved(user: int) -> list[SavedFilter]:
    """The filters that the user kept, then those that others share."""
    found = SavedFilter.objects.select_related("user").filter(Q(user_id=user) | Q(shared=True))
    return sorted(found, key=lambda row: (row.user_id != user, row.name.lower(), row.pk))


def keep(user: int, name: str, query: Mapping[str, Any], *, shared: bool) -> SavedFilter:
    """Keep a filter under a name of the user's own; one of the same name is written over."""
    kept, _ = SavedFilter.objects.update_or_create(
        user_id=user, name=name, defaults={"query": dict(query), "shared": shared}
    )
    return kept


def drop(user: int, key: int) -> bool:
    """Forget a filter of the user's own; whether there was one."""
    return SavedFilter.objects.filter(user_id=user, pk=key).delete()[0] > 0


def _keys(
    wanted: Wanted, column: str, place: tuple[Any, int] | None, descending: bool, size: int
) -> tuple[int, ...]:
    """The first keys beyond `place`."""
    sign = "-" if descending else ""
    order = (f"{sign}{column}", f"{sign}pk")
    parts = []
    for state in wanted.states or ClaimState.values:
        if wanted.rule and state not in OPEN:
            continue
        part = matching(wanted, state)
        if place is not None:
            beyond = TupleLessThan if descending else TupleGreaterThan
            part = part.filter(beyond((F(column), F("pk")), place))
        parts.append(part.order_by(*order).values_list("pk", column)[:size])
    if not parts:
        return ()
    found = parts[0] if len(parts) == 1 else parts[0].union(*parts[1:], all=True).order_by(*order)[:size]
    return tuple(key for key, _ in found)


def _told(claim: Claim, column: str) -> str:
    """The place of a claim in a list, as an address holds it."""
    value = getattr(claim, column)
    return f"{value.isoformat() if isinstance(value, dt.date) else value}{_TILDE}{claim.pk}"


def _place(told: str, column: str) -> tuple[Any, int]:
    value, _, key = told.partition(_TILDE)
    read: Callable[[str], Any] = int if column.endswith("_cents") else dt.date.fromisoformat
    try:
        return read(value), int(key)
    except ValueError as error:
        raise BadRequest(
            "this is no place in the list", where="Claims", fix="Begin again at the first page."
        ) from error


def _beyond(text: str) -> str:
    """Behind every text that begins with `text`."""
    return f"{text}\uffff"


def _payers_through(clearinghouse: int | str) -> "QuerySet[Payer]":
    if clearinghouse == PAPER:
        return Payer.objects.filter(on_paper=True)
    return Payer.objects.filter(on_paper=False, clearinghouse=int(clearinghouse))
