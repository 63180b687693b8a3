"""What changed since a month was closed: a list for people, never a silent change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from anodyne.care.months import Status
from anodyne.model.outcome import Outcome

Who = tuple[str, str, str]
"""Patient, practitioner and programme."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What one month came to at one time."""

    status: str
    counted_seconds: int
    codes: Mapping[str, int]
    entries: Mapping[str, int]
    """By entry the seconds of it that counted."""
    claim: Mapping[str, str | None] = field(default_factory=dict)
    """What else a claim of it says: the day the units were complete, the place, the payer."""

    @property
    def billed(self) -> Mapping[str, int]:
        """The codes that could be billed."""
        return self.codes if self.status == Status.BILLABLE.value else {}


NOTHING = Standing("", 0, {}, {})


@dataclass(frozen=True, slots=True)
class Correction:
    """One month that is no longer what it was when it was closed."""

    who: Who
    outcome: Outcome
    """`deny`: too much was billable; `missed`: more is now; `audit`: only time or status moved."""
    message: str
    before: Standing
    now: Standing
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    """Entries that are new, gone, or count otherwise."""


def corrections(closed: Mapping[Who, Standing], now: Mapping[Who, Standing]) -> list[Correction]:
    """Every month that differs, those that were billed too much first."""
    found = [*_differing(closed, now)]
    return sorted(found, key=lambda one: (one.outcome.rank, one.who))


def _differing(closed: Mapping[Who, Standing], now: Mapping[Who, Standing]) -> Iterator[Correction]:
    for who in sorted({*closed, *now}):
        before, after = closed.get(who, NOTHING), now.get(who, NOTHING)
        if before == after:
            continue
        outcome, message = _judged(before, after)
        shared = before.entries.keys() & after.entries.keys()
        yield Correction(
            who,
            outcome,
            message,
            before,
            after,
            tuple(sorted(after.entries.keys() - shared)),
            tuple(sorted(before.entries.keys() - shared)),
            tuple(sorted(entry for entry in shared if before.entries[entry] != after.entries[entry])),
        )


def _judged(before: Standing, after: Standing) -> tuple[Outcome, str]:
    lost = _more(before.billed, after.billed)
    gained = _more(after.billed, before.billed)
    if lost:
        beside = f", and {_told(gained)} would be earned" if gained else ""
        return Outcome.DENY, (
            f"{_told(lost)} was billable when the month was closed and is not now{beside}: "
            "if it was billed, correct or void the claim and return the payment"
        )
    if gained:
        return Outcome.MISSED, (
            f"{_told(gained)} is billable now and was not when the month was closed: the practitioner "
            "decides whether to bill it"
        )
    moved = [name for name, value in after.claim.items() if value != before.claim.get(name)]
    if after.billed and moved:
        words = ", ".join(f"{name} {before.claim.get(name)} → {after.claim[name]}" for name in moved)
        return Outcome.DENY, f"a claim would say otherwise ({words}): if it was sent, replace it"
    return Outcome.AUDIT, "time or status changed after the close; what is billable did not"


def _more(one: Mapping[str, int], other: Mapping[str, int]) -> Sequence[tuple[str, int]]:
    """The units of codes that `one` has beyond `other`."""
    return [(code, units - other.get(code, 0)) for code, units in one.items() if units > other.get(code, 0)]


def _told(units: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{code} ×{count}" for code, count in units)
