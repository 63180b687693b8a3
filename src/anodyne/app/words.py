"""What people read in place of codes: outcomes, places, days, fixes, editions."""

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from types import MappingProxyType
from typing import Any, Final

from anodyne.app.summary import EditionNote
from anodyne.kernel.money import dollars
from anodyne.reference.shapes import DIAGNOSIS_CODES, EDITIONS

PREDICTS: Final = MappingProxyType(
    {
        "reject": "the front door refuses it: it never reaches adjudication",
        "deny": "it will not be paid, or will be cut",
        "audit": "it pays, but may be taken back",
        "ask": "a fact is missing, and only a person can give it",
        "missed": "earned, but not billed: for a person to decide",
    }
)
"""What each outcome says will happen."""

RISK: Final = MappingProxyType(
    {"reject": "at risk", "deny": "at risk", "audit": "if audited", "missed": "not billed"}
)
"""What the money beside a finding is, by outcome."""

SUBJECTS: Final = MappingProxyType(
    {
        "line": "each service line",
        "pair": "two lines of one patient, day and practitioner",
        "claim": "each claim",
        "diagnosis": "each diagnosis",
        "care": "each month of care management",
        "session": "each session of a spinal procedure",
        "pointed": "each service line with its diagnoses",
        "course": "each day of a service that is repeated",
        "coverage": "each service line that a coverage article lists",
        "place": "each visit, and each service by telehealth",
        "modifier": "each service line and its modifiers",
        "following": "each service after an earlier one",
        "month": "each month of care management before it is a claim",
        "structure": "the structure of the file",
    }
)
"""What a rule looks at, by its view."""

PAYERS: Final = MappingProxyType({"everyone": "claims to any payer", "medicare": "claims to Medicare Part B"})
"""Whose claims a rule judges."""

CONFIDENCE: Final = MappingProxyType(
    {
        "verified": "the source was read and says so",
        "known": "common knowledge of the field, to be looked up again",
    }
)
"""How sure a citation is."""

EXPECTS: Final = MappingProxyType({"violates": "finding", "passes": "nothing", "undetermined": "question"})
"""What a case of a rule shows."""

_PLACES: Final = MappingProxyType(
    {
        "02": "video, patient away from home",
        "04": "homeless shelter",
        "10": "video, patient at home",
        "11": "office",
        "12": "home",
        "13": "assisted living",
        "14": "group home",
        "15": "mobile unit",
        "17": "retail clinic",
        "18": "worksite",
        "19": "off-campus hospital clinic",
        "20": "urgent care",
        "21": "inpatient hospital",
        "22": "hospital outpatient",
        "23": "emergency room",
        "24": "ambulatory surgery",
        "26": "military clinic",
        "31": "skilled nursing",
        "32": "nursing home",
        "33": "custodial care",
        "34": "hospice",
        "41": "ambulance",
        "49": "independent clinic",
        "50": "community health center",
        "51": "psychiatric hospital",
        "61": "inpatient rehabilitation",
        "62": "outpatient rehabilitation",
        "65": "dialysis center",
        "71": "public health clinic",
        "72": "rural health clinic",
        "81": "laboratory",
    }
)
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MODIFIERS: Final = ("mod1", "mod2", "mod3", "mod4")


def day(value: dt.date) -> str:
    """A day as people write it, in every locale.

    >>> day(dt.date(2026, 10, 4))
    '4 Oct 2026'
    """
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def place(code: str | None) -> str:
    """A place of service in words; its number where it has none here."""
    if code is None:
        return "no place of service"
    return _PLACES.get(code, f"place {code}")


def edition(name: str) -> str:
    """A reference table in words."""
    return "ICD-10-CM" if EDITIONS[name].values is DIAGNOSIS_CODES.values else table(name)


def table(name: str) -> str:
    """A reference table by its own title: of ICD-10-CM, the kind of file it was loaded from."""
    return EDITIONS[name].title


def editions(notes: Iterable[EditionNote]) -> Iterator[str]:
    """Reference tables by edition, those that share one named together."""
    for (period, overdue, waiting), same in groupby(
        notes, lambda note: (note.period, note.overdue_since, note.waiting)
    ):
        names = ", ".join(edition(note.name) for note in same)
        told = f"{names} {period}" + (f", overdue since {day(overdue)}" if overdue else " in force")
        yield f"{told} ({waiting}: not used until whole)" if waiting else told


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun.

    >>> counted(1, "claim"), counted(1200, "claim"), counted(2, "query", "queries")
    ('1 claim', '1,200 claims', '2 queries')
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def fix(text: str, line: int | None, code: str | None, modifiers: tuple[str | None, ...]) -> str:
    """A finding's fix in words, for the line that bears `code` and `modifiers`.

    >>> fix('{"drop": true}', 2, "20552", ())
    'drop line 2'
    >>> fix('{"set": {"mod1": "50", "units": 1.0}}', 1, "64483", ("RT",))
    'make it 64483-50, 1 unit'
    """
    wanted = json.loads(text)
    if wanted.get("drop"):
        return "leave this claim out" if line is None else f"drop line {line}"
    values: dict[str, Any] = wanted["set"]
    parts = []
    if "code" in values or not values.keys().isdisjoint(_MODIFIERS):
        padded = [*modifiers, *("",) * len(_MODIFIERS)]
        after = (values.get(name, old) for name, old in zip(_MODIFIERS, padded, strict=False))
        parts.append("-".join(str(part) for part in (values.get("code", code), *after) if part))
    parts += [
        value_of(name, value) for name, value in values.items() if name != "code" and name not in _MODIFIERS
    ]
    return f"make it {', '.join(parts)}"


def value_of(name: str, value: object) -> str:
    """What a column of a line holds, in words.

    >>> value_of("units", 2.0), value_of("charge_cents", 17500), value_of("mod1", "")
    ('2 units', 'charge $175.00', 'no mod1')
    """
    match name, value:
        case _, None | "":
            return f"no {name.replace('_', ' ')}"
        case "units", int() | float():
            return f"{value:g} unit" if value == 1 else f"{value:g} units"
        case "pos", str():
            return f"place {value} ({place(value)})"
        case _, int() if name.endswith("_cents"):
            return f"{name.removesuffix('_cents').replace('_', ' ')} {dollars(value)}"
    return f"{name.replace('_', ' ')} {value}"
