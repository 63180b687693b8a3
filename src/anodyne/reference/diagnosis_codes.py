"""Diagnosis codes by edition: whether one may be billed, what it lacks where not, and what it excludes.

Editions hold their codes as sorted numbers (`icd10cm.numbers`): a few codes cost a few binary searches.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from anodyne.reference.editions import Edition
from anodyne.reference.icd10cm import BASE, CATEGORY, FILLER, LONGEST, numbers
from anodyne.reference.tables import Part, Reference

_BY_TRUST: Final = ("dx_list", "dx_tabular", "dx_order")
"""The tables of codes: where two have an edition of one day, the later named is asked."""
_OFFERED: Final = 12
_BLOCK: Final = "-"
"""Between the first and the last code of a block or chapter."""


class Form(StrEnum):
    """How a code that is written on a claim stands to the codes of an edition."""

    VALID = "valid"
    INCOMPLETE = "incomplete"
    """Longer codes begin with it."""
    SEVENTH_MISSING = "seventh_missing"
    """It lacks the seventh character, and perhaps the placeholders before it."""
    SEVENTH_WRONG = "seventh_wrong"
    """Its seventh character is none of those that the code takes."""
    PLACEHOLDER_MISSING = "placeholder_missing"
    """It ends with a seventh character that does not stand in the seventh place."""
    TOO_LONG = "too_long"
    """It goes on where a code ends."""
    UNKNOWN = "unknown"


class Told(NamedTuple):
    """How a code stands to the edition that starts on a day, and which codes to choose from instead."""

    code: str
    start: dt.date
    form: Form
    offers: Sequence[str]


class Facts(NamedTuple):
    """What an edition knows of a code beside its being one: the columns of `shapes.DIAGNOSIS_CODES`."""

    side: str | None
    both: str | None
    specific: str | None
    vague: bool
    manifestation: bool


@dataclass(frozen=True, slots=True)
class CodeBook:
    """The codes of one edition, which are not read before they are asked for."""

    part: Part
    beside: tuple[Part, ...] = ()
    """Editions of the same day that are trusted less, for what this one does not tell."""

    @property
    def edition(self) -> Edition:
        """What the publisher calls it."""
        return self.part.edition

    @property
    def numbers(self) -> NDArray[np.int64]:
        """The numbers of its codes, in order."""
        found: NDArray[np.int64] = self.part.rows["number"].to_numpy()
        return found

    def beginning_with(self, code: str) -> list[str]:
        """The codes that begin with `code`."""
        at = int(numbers(pl.Series([code]))[0])
        first, end = self.numbers.searchsorted([at, at + BASE ** (LONGEST - len(code))])
        found: list[str] = self.part.rows["code"][int(first) : int(end)].to_list()
        return found


def code_books(reference: Reference, first: dt.date, last: dt.date) -> list[CodeBook]:
    """The editions that speak of the days from `first` to `last`, oldest first, one for each first day.

    Before an excerpt stands the newest edition that is whole; after a time of which editions are missing
    stands the one that ends it.
    """
    by_day: dict[dt.date, list[Part]] = {}
    for part in (part for table in _BY_TRUST for part in reference.parts.get(table, ())):
        by_day.setdefault(part.edition.start, []).append(part)
    every = []
    for day in sorted(by_day):
        *beside, best = sorted(by_day[day], key=lambda part: part.edition.whole)
        every.append(CodeBook(best, tuple(beside)))
    starts = [book.edition.start for book in every]
    begin = max((n for n, start in enumerate(starts) if start <= first), default=0)
    begin = max((n for n in range(begin + 1) if every[n].edition.whole), default=begin)
    end = sum(start <= last for start in starts)
    if 0 < end < len(every) and _misses(every[end - 1].edition, starts[end]):
        end += 1
    return every[begin:end]


def _misses(edition: Edition, following: dt.date) -> bool:
    """Whether an edition between `edition` and the one that starts on the day `following` is not there."""
    return edition.expect_next is not None and edition.expect_next < following


def odd_forms(codes: Sequence[str], books: Sequence[CodeBook]) -> list[Told]:
    """How those of `codes`, each once, that some of `books` does not hold stand to each, newest first.

    Of a category that an excerpt does not hold nothing is told.  Where editions between two are missing, what
    the later holds counts as a code from the day on which the first of them was due: since when it was one is
    not known.
    """
    if not codes or not books:
        return []
    asked = pl.Series(codes)
    number, category = numbers(asked), numbers(asked.str.head(CATEGORY))
    short = (asked.str.len_chars() <= LONGEST).to_numpy()
    later = np.zeros(len(codes), np.bool_)
    odd = np.zeros(len(codes), np.bool_)
    by_book = []
    for place, book in reversed(list(enumerate(books))):
        held = book.numbers
        valid = (held.take(held.searchsorted(number), mode="clip") == number) & short
        due = None
        if place + 1 < len(books) and _misses(book.edition, books[place + 1].edition.start):
            due = book.edition.expect_next
        known = np.full(len(codes), book.edition.whole)
        if not book.edition.whole:
            known = held.searchsorted(category + BASE ** (LONGEST - CATEGORY)) > held.searchsorted(category)
        by_book.append((book, valid, known, later & ~valid, due))
        odd |= known & ~valid
        later = valid
    told = []
    for book, valid, known, new, due in by_book:
        if due is not None:
            told += [Told(codes[n], due, Form.VALID, ()) for n in np.flatnonzero(known & new).tolist()]
        told += [
            Told(codes[n], book.edition.start, *((Form.VALID, ()) if valid[n] else _told(codes[n], book)))
            for n in np.flatnonzero(odd & known).tolist()
        ]
    return told


def _told(code: str, book: CodeBook) -> tuple[Form, Sequence[str]]:
    """How a code that `book` does not hold stands to those it does, and which to choose from."""
    longer = book.beginning_with(code) if len(code) < LONGEST else []
    if longer:
        base = code.ljust(LONGEST - 1, FILLER)
        lacks_last = all(len(other) == LONGEST and other.startswith(base) for other in longer)
        return (Form.SEVENTH_MISSING if lacks_last else Form.INCOMPLETE), longer[:_OFFERED]
    for length in range(min(len(code), LONGEST) - 1, CATEGORY - 1, -1):
        stem = code[:length]
        found = book.beginning_with(stem)
        if found == [stem]:
            return Form.TOO_LONG, found
        if found:
            return _beside(code, stem, found)
    return Form.UNKNOWN, ()


def _beside(code: str, stem: str, found: list[str]) -> tuple[Form, Sequence[str]]:
    """As `_told`, where `found` are the codes that begin with `stem`, the longest beginning of `code`."""
    base = stem.ljust(LONGEST - 1, FILLER)
    sevenths = {other[-1]: other for other in found if len(other) == LONGEST and other.startswith(base)}
    if len(sevenths) == len(found):
        last = code[len(stem) :].lstrip(FILLER)
        if len(code) < LONGEST and last in sevenths:
            return Form.PLACEHOLDER_MISSING, [sevenths[last]]
        if len(code) == LONGEST and code.startswith(base):
            return Form.SEVENTH_WRONG, found[:_OFFERED]
    return Form.UNKNOWN, found[:_OFFERED] if len(stem) > CATEGORY else ()


def facts(codes: Sequence[str], books: Sequence[CodeBook]) -> dict[str, Facts]:
    """What the newest edition that tells it knows of each of `codes`; nothing of those that none holds."""
    if not codes:
        return {}
    number = numbers(pl.Series(codes))
    found: dict[str, Facts] = {}
    for part in (part for book in reversed(books) for part in (book.part, *book.beside)):
        held = part.rows["number"].to_numpy()
        place = held.searchsorted(number)
        same = held.take(place, mode="clip") == number
        for code, *told in part.rows.select("code", *Facts._fields)[place[same]].iter_rows():
            new = Facts(*told)
            old = found.setdefault(code, new)
            found[code] = old._replace(
                side=old.side or new.side, both=old.both or new.both, specific=old.specific or new.specific
            )
    return found


def exclusions(
    codes: Sequence[str], reference: Reference, first: dt.date, last: dt.date
) -> list[tuple[str, str, str, dt.date, dt.date | None]]:
    """Which of `codes` a note of the first kind names beside which, from one day until before another.

    Each is a code, the code it excludes, and the code or category that has the note.  A pair that a note of
    the second kind names may stand together.  Notes of whole blocks and chapters are not told: they mean
    conditions not further described, and stand between many that have no more in common.
    """
    number = numbers(pl.Series(codes, dtype=pl.String)) if codes else np.zeros(0, np.int64)
    order = number.argsort()
    asked, number = [codes[n] for n in order.tolist()], number[order]
    return [
        (*pair, part.edition.start, part.until)
        for part in reference.parts.get("dx_notes", ())
        if len(codes) > 1 and part.covers(first, last)
        for pair in _pairs(asked, number, part.rows)
    ]


def _pairs(
    codes: Sequence[str], number: NDArray[np.int64], notes: pl.DataFrame
) -> list[tuple[str, str, str]]:
    """A code, the code it excludes and the holder of the note, for the notes that name two of `codes`."""
    live = np.arange(len(notes))
    ends: list[NDArray[np.int64]] = []
    for column in ("holder", "other"):
        first = number.searchsorted(notes[f"{column}_first"].to_numpy()[live])
        end = number.searchsorted(notes[f"{column}_end"].to_numpy()[live])
        some = end > first
        live = live[some]
        ends = [*(edge[some] for edge in ends), first[some], end[some]]
    if not len(live):
        return []
    excluded: list[tuple[int, int, str]] = []
    allowed: list[list[int]] = []
    rows = notes.select("kind", "holder")[live].iter_rows()
    for (kind, holder), *edges in zip(rows, *(edge.tolist() for edge in ends), strict=True):
        if kind == "excludes2":
            allowed.append(edges)
        elif _BLOCK not in holder:
            excluded += [
                (one, other, holder)
                for one in range(edges[0], edges[1])
                for other in range(edges[2], edges[3])
                if one != other
            ]
    return [
        (codes[one], codes[other], holder)
        for one, other, holder in excluded
        if not any(
            a <= held < b and c <= named < d
            for a, b, c, d in allowed
            for held, named in ((one, other), (other, one))
        )
    ]
