"""Diagnosis codes by edition: whether one may be billed, what it lacks where not, and what it excludes.

Editions hold their codes as sorted numbers (`icd10cm.numbers`): a few codes cost a few binary searches.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from anodyne.reference.editions import Edition
from anodyne.reference.icd10cm import BASE, CATEGORY, FILLER, LONGEST, numbers
from anodyne.reference.shapes import DIAGNOSIS_CODES, Columns
from anodyne.reference.tables import Part, Reference

_BY_TRUST: Final = ("dx_list", "dx_tabular", "dx_order")
"""The tables of codes: where two have an edition of one day, the later named is asked."""
_OFFERED: Final = 12
FACTS: Final = ("side", "both", "specific", "vague", "manifestation")
"""What an edition knows of a code beside its being one."""
_FORMS: Columns = {"code": pl.String, "start": pl.Date, "form": pl.String, "offers": pl.List(pl.String)}
_EXCLUSIONS: Columns = {
    "code": pl.String,
    "excludes_code": pl.String,
    "holder": pl.String,
    "from": pl.Date,
    "until": pl.Date,
}


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


def forms(codes: pl.Series, books: Sequence[CodeBook]) -> pl.DataFrame:
    """How each of `codes` stands to each of `books`: `code`, `start`, `form`, `offers`, by `start`.

    `offers` are codes to choose from instead.  Of a category that an excerpt does not hold it has no row.
    Where editions between two are missing, what the later holds the earlier counts as holding: since when it
    was a code is not known.
    """
    asked = codes.unique().sort().alias("code")
    short = (asked.str.len_chars() <= LONGEST).to_numpy()
    number, category = numbers(asked), numbers(asked.str.head(CATEGORY))
    later = np.zeros(len(asked), np.bool_)
    parts = []
    for place, book in reversed(list(enumerate(books))):
        held = book.numbers
        valid = (held.take(held.searchsorted(number), mode="clip") == number) & short
        if place + 1 < len(books) and _misses(book.edition, books[place + 1].edition.start):
            valid |= later
        known = held.searchsorted(category + BASE ** (LONGEST - CATEGORY)) > held.searchsorted(category)
        if book.edition.whole:
            known[:] = True
        told = [
            (code, book.edition.start, *((Form.VALID, None) if good else _told(code, book)))
            for code, good in zip(asked.filter(pl.Series(known)), valid[known], strict=True)
        ]
        parts.append(pl.DataFrame(told, schema=dict(_FORMS), orient="row"))
        later = valid
    return pl.concat(reversed(parts)) if parts else pl.DataFrame(schema=dict(_FORMS))


def _told(code: str, book: CodeBook) -> tuple[str, list[str] | None]:
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
    return Form.UNKNOWN, None


def _beside(code: str, stem: str, found: list[str]) -> tuple[str, list[str] | None]:
    """As `_told`, where `found` are the codes that begin with `stem`, the longest beginning of `code`."""
    base = stem.ljust(LONGEST - 1, FILLER)
    sevenths = {other[-1]: other for other in found if len(other) == LONGEST and other.startswith(base)}
    if len(sevenths) == len(found):
        last = code[len(stem) :].lstrip(FILLER)
        if len(code) < LONGEST and last in sevenths:
            return Form.PLACEHOLDER_MISSING, [sevenths[last]]
        if len(code) == LONGEST and code.startswith(base):
            return Form.SEVENTH_WRONG, found[:_OFFERED]
    return Form.UNKNOWN, found[:_OFFERED] if len(stem) > CATEGORY else None


def facts(codes: pl.Series, books: Sequence[CodeBook]) -> pl.DataFrame:
    """What the newest edition that tells it knows of each of `codes`: `code` and FACTS."""
    asked = codes.unique()
    number = numbers(asked)
    found: list[pl.DataFrame] = []
    for part in (part for book in reversed(books) for part in (book.part, *book.beside)):
        held = part.rows["number"].to_numpy()
        place = held.searchsorted(number)
        same = held.take(place, mode="clip") == number
        found.append(part.rows.select("code", *FACTS)[place[same]])
    if not found:
        return pl.DataFrame(
            schema={"code": pl.String, **{name: DIAGNOSIS_CODES.values[name] for name in FACTS}}
        )
    return found[0] if len(found) == 1 else _first_told(pl.concat(found))


def _first_told(rows: pl.DataFrame) -> pl.DataFrame:
    """Of rows of one code each fact from the first that tells it."""
    if rows["code"].is_unique().all():
        return rows
    return rows.group_by("code", maintain_order=True).agg(pl.col(*FACTS).drop_nulls().first())


def exclusions(codes: pl.Series, reference: Reference, first: dt.date, last: dt.date) -> pl.DataFrame:
    """Which of `codes` a note of the first kind names beside which, from the day `from` until before `until`.

    `holder` is the code or block that has the note, `code` the code it holds for.  A pair that a note of the
    second kind names may stand together.
    """
    asked = codes.unique().sort().alias("code")
    number = numbers(asked)
    parts = [
        _pairs(asked, number, part.rows).with_columns(
            pl.lit(part.edition.start).alias("from"), pl.lit(part.until, pl.Date).alias("until")
        )
        for part in reference.parts.get("dx_notes", ())
        if part.covers(first, last)
    ]
    return pl.concat(parts) if parts else pl.DataFrame(schema=dict(_EXCLUSIONS))


def _pairs(codes: pl.Series, number: NDArray[np.int64], notes: pl.DataFrame) -> pl.DataFrame:
    """`code`, `excludes_code` and `holder` of the notes that hold the one of `codes` and name the other."""
    live = np.arange(len(notes))
    ends: dict[str, NDArray[np.int64]] = {}
    for side in ("holder", "other"):
        first = number.searchsorted(notes[f"{side}_first"].to_numpy()[live])
        end = number.searchsorted(notes[f"{side}_end"].to_numpy()[live])
        some = end > first
        live = live[some]
        ends = {name: edge[some] for name, edge in ends.items()}
        ends |= {f"{side}_first": first[some], f"{side}_end": end[some]}
    pairs = (
        notes.select("kind", "holder")[live]
        .with_columns(
            code=pl.int_ranges(pl.Series(ends["holder_first"]), pl.Series(ends["holder_end"])),
            excludes_code=pl.int_ranges(pl.Series(ends["other_first"]), pl.Series(ends["other_end"])),
        )
        .explode("code")
        .explode("excludes_code")
        .with_columns(pl.lit(codes).gather(pl.col(name)).alias(name) for name in ("code", "excludes_code"))
        .filter(pl.col("code") != pl.col("excludes_code"))
    )
    allowed = pairs.filter(kind="excludes2").select("code", "excludes_code")
    turned = allowed.select(code="excludes_code", excludes_code="code")
    excluded: pl.DataFrame = pairs.filter(kind="excludes1").drop("kind")
    return excluded.join(pl.concat([allowed, turned]), on=["code", "excludes_code"], how="anti")
