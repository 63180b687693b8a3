"""What a person types into a form of a claim, read: values, or what is wrong with a field in words."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final, TypeVar

from anodyne.sheets.columns import Wrong
from anodyne.sheets.patients import diagnosis

T = TypeVar("T")

EARLIEST: Final = dt.date(2000, 1, 1)
MOST_POINTERS: Final = 4
LETTERS: Final = "ABCDEFGHIJKL"
SEPARATOR: Final = " · "
"""Between the id of what was chosen from a list and the words that tell it."""
_ISO: Final = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")
_AMERICAN: Final = re.compile(r"(?P<month>\d{1,2})[/.-](?P<day>\d{1,2})[/.-](?P<year>\d{4}|\d{2})")
_DIGITS: Final = re.compile(r"(?P<month>\d{2})(?P<day>\d{2})(?P<year>\d{4}|\d{2})")
_DOLLARS: Final = re.compile(r"\$?(\d{1,3}(?:,\d{3})+|\d{1,8})(?:\.(\d{2}))?")
_UNITS: Final = re.compile(r"\d{1,4}(?:\.\d{1,3})?")
_CODE: Final = re.compile("[0-9A-Z][0-9]{3}[0-9A-Z]")
_MODIFIER: Final = re.compile("[0-9A-Z]{2}")
_NDC: Final = re.compile("[0-9]{11}")
_BETWEEN: Final = re.compile(r"[\s,;:/]+")


class Typed:
    """The fields of a form, each read once; what is wrong is kept by name."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = {name: value.replace("\0", "") for name, value in values.items()}
        self.wrong: dict[str, str] = {}

    def text(self, name: str, longest: int) -> str:
        """Text as it stands, blanks around it aside; empty where nothing is typed."""
        told = self._values.get(name, "").strip()
        if not told.isprintable() or not set(told).isdisjoint("*:^~"):
            self.wrong[name] = "leave out * : ^ and ~: they punctuate claims"
        elif not told.isascii():
            self.wrong[name] = "write it in letters A to Z: claims have no others"
        elif len(told) > longest:
            self.wrong[name] = f"write at most {longest} characters"
        return told

    def id(self, name: str) -> str:
        """The id of what was chosen: what stands before the words that tell it."""
        return self._values.get(name, "").split(SEPARATOR, maxsplit=1)[0].strip()

    def raw(self, name: str) -> str:
        """What was typed, line breaks and all."""
        return self._values.get(name, "")

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(self._values.get(name, ""))

    def read(self, name: str, reading: Callable[[str], T]) -> T | None:
        """What `reading` makes of a field; None where it is empty or wrong."""
        told = self._values.get(name, "").strip()
        if not told:
            return None
        try:
            return reading(told)
        except ValueError as error:
            self.wrong[name] = str(error)
            return None

    def needed(self, name: str, reading: Callable[[str], T], what: str) -> T | None:
        """`read` of a field that may not be empty."""
        if not self._values.get(name, "").strip():
            self.wrong[name] = what
            return None
        return self.read(name, reading)


def day(text: str) -> dt.date:
    """A day, as 10/14/2026, 101426 or 2026-10-14; ValueError, in words, for what is none.

    >>> day("10/14/2026") == day("101426") == day("10142026") == day("2026-10-14")
    True
    """
    told = _day(text, "write the day as 10/14/2026 or 101426")
    if told < EARLIEST:
        raise ValueError("look for a mistyped year")
    return told


def long_ago(text: str) -> dt.date:
    """A day since 1900, its year in four digits; ValueError, in words, for what is none.

    >>> long_ago("04/02/1950") == long_ago("1950-04-02") == dt.date(1950, 4, 2)
    True
    """
    told = _day(text, "write the day as 04/02/1950 or 1950-04-02")
    if len(text) < len("4/2/1950") or str(told.year) not in text:
        raise ValueError("write the year with its four digits, as 04/02/1950")
    if told.year < 1900:
        raise ValueError("look for a mistyped year")
    return told


def _day(text: str, form_is: str) -> dt.date:
    found = next(
        (found for form in (_ISO, _AMERICAN, _DIGITS) if (found := form.fullmatch(text)) is not None), None
    )
    if found is None:
        raise ValueError(form_is)
    year = int(found["year"])
    try:
        return dt.date(year + 2000 if year < 100 else year, int(found["month"]), int(found["day"]))
    except ValueError:
        raise ValueError("there is no such day: month, day, year") from None


def cents(text: str) -> int:
    """Dollars as cents; ValueError, in words, for what is none.

    >>> cents("175"), cents("$1,215.50"), cents("0.00")
    (17500, 121550, 0)
    """
    found = _DOLLARS.fullmatch(text)
    if found is None:
        raise ValueError("write dollars and cents, as 175.00")
    return int(found[1].replace(",", "")) * 100 + int(found[2] or 0)


def units(text: str) -> Decimal:
    """Units above 0; ValueError, in words, for what is none."""
    if _UNITS.fullmatch(text) is None or not Decimal(text):
        raise ValueError("write a number above 0, as 1 or 2.5")
    return Decimal(text)


def code(text: str) -> str:
    """A procedure or supply code; words after it do not count."""
    told = text.split(SEPARATOR, maxsplit=1)[0].strip().upper()
    if _CODE.fullmatch(told) is None:
        raise ValueError("write the five letters and digits of a code, as 20553 or J3301")
    return told


def icd(text: str) -> str:
    """An ICD-10-CM code without its dot; words after it do not count."""
    told = diagnosis(text.split(SEPARATOR, maxsplit=1)[0].strip())
    if isinstance(told, Wrong):
        raise ValueError("write an ICD-10-CM code, as M54.16")  # noqa: TRY004  of what was typed, not of a type
    return told


def modifiers(text: str) -> list[str]:
    """Up to four modifiers, with blanks between.

    >>> modifiers("lt 59"), modifiers("LT,59")
    (['LT', '59'], ['LT', '59'])
    """
    told = [part for part in _BETWEEN.split(text.upper()) if part]
    if len(told) > 4 or not all(_MODIFIER.fullmatch(part) for part in told):
        raise ValueError("write up to four modifiers of two letters or digits, as LT 59")
    if len(set(told)) < len(told):
        raise ValueError("a modifier stands twice")
    return told


def pointers(text: str) -> list[int]:
    """One to four diagnoses by their letters or numbers, counted from 1.

    >>> pointers("AB"), pointers("a, c"), pointers("1 2")
    ([1, 2], [1, 3], [1, 2])
    """
    parts = [part for part in _BETWEEN.split(text.upper()) if part]
    if len(parts) == 1 and parts[0].isalpha():
        parts = list(parts[0])
    told = [
        LETTERS.index(part) + 1 if part in LETTERS else int(part) if part.isdecimal() else 0 for part in parts
    ]
    if not 1 <= len(told) <= MOST_POINTERS or not all(1 <= one <= len(LETTERS) for one in told):
        raise ValueError("name one to four diagnoses by their letters, as AB")
    if len(set(told)) < len(told):
        raise ValueError("name each diagnosis once")
    return told


def ndc(text: str) -> str:
    """An NDC of eleven digits, with or without hyphens."""
    told = text.replace("-", "")
    if _NDC.fullmatch(told) is None:
        raise ValueError("write eleven digits: five, four and two, with their zeros")
    return told
