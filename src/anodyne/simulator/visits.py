"""What is done for a patient: the appointments of a course, and what each is billed as."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from random import Random
from typing import Final

from anodyne.simulator.people import Patient, dice
from anodyne.simulator.scenario import Payer, Step, Wanted, after

YEAR: Final = 365
AHEAD: Final = 28
"""Days for which the schedule is known."""
MEDICARE_ASKS: Final = dt.date(2026, 1, 15)
"""Since then Medicare wants epidurals authorised in Ohio."""
_EARLIEST_START: Final = 560
_MISSED: Final = (("cancelled", 0.04), ("no_show", 0.08))
_NEW: Final = ("99203", "99204")
_SEEN: Final = ("99213", "99214", "99212")
_LEVELS: Final = (45, 50, 5)
_COMPLEXITY: Final = 0.6


@dataclass(frozen=True, slots=True)
class Line:
    """A service before it is priced."""

    code: str
    modifiers: tuple[str, ...] = ()
    units: int = 1
    pointers: str = "1"


@dataclass(frozen=True, slots=True)
class Visit:
    """One appointment; `number` counts a patient's from 1."""

    number: int
    day: dt.date
    minute: int
    """Of the day."""
    length: int
    """In minutes."""
    kind: str
    site: str
    provider: str
    status: str
    """kept, cancelled, no_show or booked."""
    lines: tuple[Line, ...]
    """Empty where nothing was done, or not yet."""
    dx: tuple[str, ...]
    auth: tuple[str, ...]
    """The codes for which the payer must be asked first."""


def visits(patient: Patient, seed: int, as_of: dt.date) -> Iterator[Visit]:
    """The appointments of `patient` in the year before `as_of`, and those booked after it."""
    rng = dice(seed, "course", patient.number)
    day = as_of - dt.timedelta(days=rng.randint(-AHEAD // 2, _EARLIEST_START))
    first = as_of - dt.timedelta(days=YEAR)
    last = as_of + dt.timedelta(days=AHEAD)
    course = patient.course
    steps = chain(course.steps, chain.from_iterable(repeat(course.again)))
    number = 0
    for place, step in enumerate(steps):
        day = after(day, rng.randint(*step.gap))
        if day > last:
            return
        made = _visit(patient, step, day, number + 1, rng, new=place == 0, as_of=as_of)
        if day > first:
            number += 1
            yield made


def _visit(
    patient: Patient, step: Step, day: dt.date, number: int, rng: Random, *, new: bool, as_of: dt.date
) -> Visit:
    by_physician = step.kind != "visit" or new or rng.random() < 0.5
    code = rng.choice(_NEW) if new else rng.choices(_SEEN, _LEVELS)[0]
    minute = 480 + 15 * rng.randint(0, 33)
    draw, complex_visit = rng.random(), rng.random() < _COMPLEXITY
    status = "booked"
    if day <= as_of:
        status = next((name for name, until in _MISSED if draw < until), "kept")
    lines = _lines(patient, step, code, complex_visit=complex_visit) if status == "kept" else ()
    return Visit(
        number=number,
        day=day,
        minute=minute,
        length=45 if new else 15 if step.kind == "visit" else 30,
        kind="new_patient" if new else step.kind,
        site="asc" if step.place == "asc" else patient.site,
        provider=patient.physician if by_physician else patient.extender,
        status=status,
        lines=lines,
        dx=tuple(dx.replace(".", "") for dx in patient.course.dx[patient.side]),
        auth=_asks(patient.payer, step, day) if step.auth else (),
    )


def _asks(payer: Payer, step: Step, day: dt.date) -> tuple[str, ...]:
    if payer.filing == "MB" and day < MEDICARE_ASKS:
        return ()
    return tuple(line.code for line in step.lines if line.code in payer.authorised)


def _lines(patient: Patient, step: Step, code: str, *, complex_visit: bool) -> tuple[Line, ...]:
    done = tuple(chain.from_iterable(_billed(line, patient) for line in step.lines))
    if step.kind == "procedure":
        return done
    pointers = ":".join("1234"[: min(len(patient.course.dx[patient.side]), 4)])
    test = bool(done) and done[0].code.startswith("8")
    apart = bool(done) and not test
    seen = [Line(code, ("25",) if apart else (), 1, pointers)]
    if patient.payer.g2211 and complex_visit and not apart:
        seen.append(Line("G2211", (), 1, pointers))
    return (*seen, *done)


def _billed(wanted: Wanted, patient: Patient) -> Iterator[Line]:
    """The line as the payer wants it: both sides on one line with 50, or on two."""
    payer = patient.payer
    sides: tuple[str, ...] = ("",)
    if "SIDE" in wanted.modifiers:
        sides = (patient.side,)
    elif "BOTH" in wanted.modifiers:
        sides = ("50",) if payer.bilateral == "one_line_50" else ("RT", "LT")
    others = [one for one in wanted.modifiers if one not in {"SIDE", "BOTH", "KX?"}]
    kx = ["KX"] if "KX?" in wanted.modifiers and payer.kx else []
    for side in sides:
        modifiers = tuple(one for one in (side, *kx, *others) if one)
        yield Line(wanted.code, modifiers, wanted.units, wanted.pointers)
