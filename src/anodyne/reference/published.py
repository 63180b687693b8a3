"""What a publisher's file is to `anodyne reference load`: how it is known, read and dated."""

import datetime as dt
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import MappingProxyType

import polars as pl

from anodyne.reference import publishers
from anodyne.reference.given import Given
from anodyne.reference.shapes import EDITIONS


@dataclass(frozen=True, slots=True)
class Known:
    """A file was recognised."""

    start: dt.date | None
    """The first day on which the edition is in force, where the file's content or name tells it."""
    part: str | None = None
    """Which part of the table this file is, where the publisher issues it in several files."""
    period: str | None = None
    """What the publisher calls the edition; None where its first day tells it."""


@dataclass(frozen=True, slots=True)
class Mistaken:
    """A file was recognised as one that Anodyne does not use."""

    says: str
    """What it is: `the MUE table for outpatient hospital services`."""
    use: str
    """What to give instead, a sentence."""


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """One kind of file that a publisher issues, edition by edition."""

    title: str
    """What a message calls it: `NCCI procedure-to-procedure edits, practitioner`."""
    publisher: str
    source: str
    """The id in sources.toml of the publication."""
    tables: tuple[str, ...]
    """The tables (`shapes.EDITIONS`) that one file makes."""
    recognise: Callable[[Given], Known | Mistaken | None]
    """Whether a file is of this kind, judged by what is in it; its name may only date it.

    Cheap and without failure: `given.head`, `given.first_rows()` and `given.name` are enough, whatever the
    bytes are.  None for anything that this kind has nothing to do with.
    """
    read: Callable[[Given], Mapping[str, pl.DataFrame]]
    """The rows of each table, with the columns of its shape (and `from` and `until` where it has dated rows).

    A row that cannot be read raises UnreadableFile with the file, row, column and what was expected.
    """
    period: Callable[[dt.date], str]
    """What an edition that starts on a day is called: `2026 Q4`."""
    expect_next: Callable[[dt.date], dt.date | None]
    """When the edition after one that starts on a day is due."""
    parts: tuple[str, ...] = ()
    """The parts in which the publisher issues the table; empty where it is one file."""
    whole: bool = True
    """Whether a code that the table does not hold is in no table of the publisher."""

    def __post_init__(self) -> None:
        unknown = set(self.tables) - set(EDITIONS)
        if unknown or not self.tables:
            raise ValueError(f"{self.title}: no table {sorted(unknown)}")


@cache
def published_files() -> Mapping[str, PublishedFile]:
    """Every kind of file that can be loaded, by the name of its module; found by looking, in order."""
    found = {}
    for info in sorted(pkgutil.iter_modules(publishers.__path__), key=lambda info: info.name):
        file = getattr(import_module(f"{publishers.__name__}.{info.name}"), "FILE", None)
        if not isinstance(file, PublishedFile):
            raise TypeError(f"publishers/{info.name}.py has no FILE")
        found[info.name] = file
    return MappingProxyType(found)


def quarter(day: dt.date) -> str:
    """The calendar quarter of `day`.

    >>> quarter(dt.date(2026, 10, 1))
    '2026 Q4'
    """
    return f"{day.year} Q{(day.month + 2) // 3}"


def next_quarter(day: dt.date) -> dt.date:
    """The first day of the quarter after that of `day`.

    >>> next_quarter(dt.date(2026, 10, 1)), next_quarter(dt.date(2026, 2, 28))
    (datetime.date(2027, 1, 1), datetime.date(2026, 4, 1))
    """
    month = (day.month - 1) // 3 * 3 + 4
    return dt.date(day.year + month // 12, month % 12, 1)


def next_year(day: dt.date) -> dt.date:
    """The first of January after `day`."""
    return dt.date(day.year + 1, 1, 1)
