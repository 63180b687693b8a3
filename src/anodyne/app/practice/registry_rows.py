"""What all rows that people keep by hand have in common: how their fields are read, and how they are kept.

Who changes a row names how it stood when they opened it: where somebody else changed it since, they are told
and nothing is overwritten.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, TypeVar

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.forms.models import model_to_dict

from anodyne.app.practice.typed import Typed, long_ago
from anodyne.kernel.errors import BadFields, BadRequest, Outdated
from anodyne.kernel.npi import is_npi
from anodyne.sheets.columns import Wrong
from anodyne.sheets.patients import zip_code
from anodyne.store.models.scoped import Scoped
from anodyne.x12.structure.codes import LISTS

if TYPE_CHECKING:
    from django.db.models import QuerySet

Values = Mapping[str, str]
Row = TypeVar("Row", bound=Scoped)

ADDRESS: Final = ("street", "street_more", "city", "state", "zip")
_NEEDED: Final = {
    "street": "write the street", "city": "write the city", "state": "choose the state",
    "zip": "write the ZIP",
}  # fmt: skip
_TAXONOMY: Final = re.compile("[0-9A-Z]{9}X")
_PHONE: Final = re.compile(r"(?:\+?1[ .-]?)?\(?([0-9]{3})\)?[ .-]?([0-9]{3})[ .-]?([0-9]{4})")
_A_DAY: Final = dt.timedelta(days=1)


def seen(row: Scoped) -> str:
    """How a row stands, as one word that changes with any of its columns."""
    return hashlib.sha256(repr(sorted(model_to_dict(row).items())).encode()).hexdigest()


def opened(rows: "QuerySet[Row]", key: int, stood: str, where: str) -> Row:
    """The row of this key to be changed; no one else changes it before that is done.

    Raises BadRequest where there is none, Outdated where it no longer stands as `stood`.
    """
    row = rows.select_for_update().filter(pk=key).first()
    if row is None:
        raise BadRequest(f"{where} is not here", where=where, fix="Look for it in its list.")
    if seen(row) != stood:
        raise Outdated(
            f"somebody else changed {where} since you opened it",
            where=where,
            fix="Look at it as it is now, and make your change again.",
        )
    return row


def keep(row: Row, wrong: Mapping[str, str], *, where: str, once: Mapping[str, tuple[str, str]]) -> Row:
    """Save a row, unless a field is `wrong`.

    `once` tells, by the constraint of the database that it breaks, the field and what is wrong with it.
    Raises BadFields.
    """
    refuse(wrong, where)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        told = next((field for name, field in once.items() if name in str(error)), None)
        if told is None:
            raise
        raise BadFields(dict([told]), where=where) from None
    return row


def ordered(typed: Typed, names: Iterable[str]) -> dict[str, str]:
    """What is wrong, in the order of the form."""
    return {name: typed.wrong[name] for name in names if name in typed.wrong}


def refuse(wrong: Mapping[str, str], where: str) -> None:
    """Raise BadFields where anything is wrong."""
    if wrong:
        raise BadFields(wrong, where=where)


def put(row: Row, values: Mapping[str, object]) -> Row:
    """`row` with these columns."""
    for name, value in values.items():
        setattr(row, name, value)
    return row


def needed(typed: Typed, name: str, longest: int, what: str) -> str:
    """Text that may not be empty."""
    told = typed.text(name, longest)
    if not told:
        typed.wrong.setdefault(name, what)
    return told


def address(typed: Typed, *, wanted: bool = False) -> dict[str, str]:
    """The columns of an address, which is whole or, unless it is `wanted`, not there at all."""
    told = {
        "street": typed.text("street", 55),
        "street_more": typed.text("street_more", 55),
        "city": typed.text("city", 30),
        "state": typed.read("state", state) or "",
        "zip": typed.read("zip", zip_digits) or "",
    }
    if wanted or any(typed.id(name) for name in ADDRESS):
        for name, what in _NEEDED.items():
            if not told[name]:
                typed.wrong.setdefault(name, what)
    return told


def period(typed: Typed, *, since: str | None = None) -> DateRange:
    """The days from the first, `since`, to the last, `until`.

    `since` is what to say where no first day is typed; without, it is not known.
    """
    start = typed.read("since", long_ago) if since is None else typed.needed("since", long_ago, since)
    last = typed.read("until", long_ago)
    if start is not None and last is not None and last < start:
        typed.wrong["until"] = "this is before it begins"
        return DateRange(start, None)
    return DateRange(start, None if last is None else last + _A_DAY)


def days_typed(days: DateRange) -> dict[str, str]:
    """A period as `period` reads it."""
    last = None if days.upper is None else days.upper - _A_DAY
    return {"since": day_typed(days.lower), "until": day_typed(last)}


def day_typed(day: dt.date | None) -> str:
    """A day as people type it; empty for none."""
    return "" if day is None else f"{day:%m/%d/%Y}"


def meet(one: DateRange, other: DateRange) -> bool:
    """Whether two periods have a day in common."""
    first, last = dt.date.min, dt.date.max
    return (one.lower or first) < (other.upper or last) and (other.lower or first) < (one.upper or last)


def key_of(typed: Typed, name: str) -> int:
    """The key that was chosen in a list; 0, which no row has, where none was."""
    told = typed.id(name)
    return int(told) if told.isdecimal() and len(told) < 19 else 0


def choice(typed: Typed, name: str, some: Iterable[str], what: str) -> str:
    """One of `some`; `what` is said of anything else."""
    told = typed.id(name).upper()
    if told not in some:
        typed.wrong[name] = what
    return told


def state(text: str) -> str:
    """A state by its two letters; ValueError, in words, for what is none."""
    told = text.upper()
    if told not in LISTS["state"].split():
        raise ValueError("write Ohio as OH")
    return told


def zip_digits(text: str) -> str:
    """A ZIP of five or nine digits, as digits alone.

    >>> zip_digits("44114-0001"), zip_digits("44114")
    ('441140001', '44114')
    """
    told = zip_code(text)
    if isinstance(told, Wrong):
        raise ValueError("write five or nine digits, as 44114 or 44114-0001")  # noqa: TRY004  of what was typed
    return told


def zip_typed(digits: str) -> str:
    """A ZIP as people write it."""
    return f"{digits[:5]}-{digits[5:]}" if len(digits) > 5 else digits


def phone(text: str) -> str:
    """Ten digits of a telephone number in the United States.

    >>> phone("(216) 555-0100"), phone("1-216-555-0100")
    ('2165550100', '2165550100')
    """
    found = _PHONE.fullmatch(text)
    if found is None:
        raise ValueError("write ten digits, as 216-555-0100")
    return "".join(found.groups())


def phone_typed(digits: str) -> str:
    """A telephone number as people write it."""
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}" if len(digits) == len("2165550100") else digits


def npi(text: str) -> str:
    """An NPI whose check digit is right."""
    if not is_npi(text):
        raise ValueError("an NPI has ten digits, and the last proves the others: look for a mistyped one")
    return text


def taxonomy(text: str) -> str:
    """A provider taxonomy code."""
    told = text.upper()
    if _TAXONOMY.fullmatch(told) is None:
        raise ValueError("write ten letters and digits that end in X, as 208VP0014X")
    return told
