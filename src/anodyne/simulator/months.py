"""Monthly care: the time that was written down, who is enrolled, and what closed months were billed as."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from anodyne.simulator.people import Patient, dice
from anodyne.simulator.scenario import workday
from anodyne.simulator.visits import YEAR, Line, Visit

FIRST_MINUTES: Final = 30
FURTHER_MINUTES: Final = 15
MEDICARE_B: Final = "MEDICARE_B"
_MOST_FURTHER: Final = 3
_OPENS: Final = dt.time(7)
_MOST_PATIENTS: Final = 5_000
"""Of those of higher number nobody is enrolled: two physicians have no more hours."""
_ZONE: Final = ZoneInfo("America/New_York")
_ELEMENTS: Final = ("assessment;pain_scale", "medication_management", "care_plan;education", "coordination")
_SHORT: Final = 0.12
"""The share of months whose time earns nothing."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Some minutes of a practitioner's work for a patient on a day; `placed` says at what time."""

    patient: str
    provider: str
    day: dt.date
    minutes: int
    mode: str
    elements: str


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A patient in chronic pain management."""

    patient: str
    provider: str
    consent_on: dt.date
    initiated_on: dt.date
    pain_months: int
    scale_on: dt.date
    prior_months: int
    """Billed before the month of the simulation's day."""
    payer: str
    """Its id, MEDICARE_B for Medicare."""


@dataclass(frozen=True, slots=True)
class Care:
    """The care of one patient, and the visits as which its closed months are billed."""

    entries: Sequence[Entry]
    enrolment: Enrolment
    billed: Sequence[Visit]


def care(patient: Patient, seen: Sequence[Visit], seed: int, as_of: dt.date) -> Care | None:
    """The months of a patient who is enrolled and was seen; None for others.

    Months that have ended by `as_of` are closed and billed where their time earns a code.
    """
    kept = [visit for visit in seen if visit.status == "kept" and visit.lines]
    if not (patient.care and kept) or patient.number > _MOST_PATIENTS:
        return None
    rng = dice(seed, "care", patient.number)
    begun = kept[0].day
    days_seen = {visit.day for visit in seen}
    entries: list[Entry] = []
    billed: list[Visit] = []
    for month in _months(_next_month(begun), as_of):
        made = list(_entries(patient, month, as_of, days_seen, rng))
        entries += made
        lines = _earned(made)
        if lines and _next_month(month) <= as_of:
            number = len(seen) + len(billed) + 1
            day = _complete(made, lines)
            billed.append(_as_visit(patient, number, day, lines, kept[0].dx))
    scale = max((entry.day for entry in entries), default=begun)
    payer = MEDICARE_B if patient.payer.filing == "MB" else patient.payer.id
    enrolment = Enrolment(
        patient.id, patient.physician, begun, begun, rng.randint(6, 60), scale, len(billed), payer
    )
    return Care(entries, enrolment, billed)


def placed(entries: Iterable[Entry]) -> Iterator[tuple[Entry, dt.datetime, dt.datetime]]:
    """Entries by practitioner and day, each begun where the one before it ended: nobody is in two places."""
    for _, some in groupby(sorted(entries, key=_one_day), key=_one_day):
        start = dt.datetime.combine(dt.date.min, _OPENS)
        for entry in some:
            begun = dt.datetime.combine(entry.day, start.time(), _ZONE)
            start += dt.timedelta(minutes=entry.minutes)
            yield entry, begun, dt.datetime.combine(entry.day, start.time(), _ZONE)


def _one_day(entry: Entry) -> tuple[str, dt.date]:
    return entry.provider, entry.day


def _months(first: dt.date, as_of: dt.date) -> Iterator[dt.date]:
    month = max(first, _next_month(as_of - dt.timedelta(days=YEAR)))
    while month <= as_of:
        yield month
        month = _next_month(month)


def _next_month(day: dt.date) -> dt.date:
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def _entries(
    patient: Patient, month: dt.date, as_of: dt.date, busy: Collection[dt.date], rng: Random
) -> Iterator[Entry]:
    """Two or three contacts of the month on days without a visit."""
    minutes = rng.randint(18, 29) if rng.random() < _SHORT else rng.randint(31, 80)
    parts = 2 if minutes < 45 else 3
    days = sorted(rng.sample(range(2, 26), parts))
    for place, offset in enumerate(days):
        day = workday(month + dt.timedelta(days=offset))
        while day in busy:
            day = workday(day + dt.timedelta(days=1))
        length = minutes // parts + (minutes % parts if place == 0 else 0)
        mode = rng.choice(("in_person", "audio", "no_patient_contact", "in_person"))
        if day <= as_of and day.month == month.month:
            yield Entry(
                patient.id,
                patient.physician,
                day,
                length,
                "in_person" if place == 0 else mode,
                _ELEMENTS[place],
            )


def _earned(entries: Sequence[Entry]) -> tuple[Line, ...]:
    further, _ = divmod(sum(entry.minutes for entry in entries) - FIRST_MINUTES, FURTHER_MINUTES)
    if further < 0:
        return ()
    first = Line("G3002", (), 1, "1:2")
    return (first, Line("G3003", (), min(further, _MOST_FURTHER), "1:2")) if further else (first,)


def _complete(entries: Sequence[Entry], lines: Sequence[Line]) -> dt.date:
    """The day on which the minutes of all units billed were there."""
    wanted = FIRST_MINUTES + FURTHER_MINUTES * (lines[1].units if len(lines) > 1 else 0)
    so_far = 0
    for entry in entries:
        so_far += entry.minutes
        if so_far >= wanted:
            return entry.day
    raise ValueError("the entries do not hold the minutes that their lines were made of")


def _as_visit(
    patient: Patient, number: int, day: dt.date, lines: tuple[Line, ...], dx: tuple[str, ...]
) -> Visit:
    return Visit(
        number, day, 1020, 0, "month", patient.site, patient.physician, "kept", lines, dx[:2], auth=()
    )
