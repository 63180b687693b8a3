"""From files as given to editions that hold together, ready to be kept; nothing is written here."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import polars as pl

from anodyne.kernel.errors import BadReference, BadRequest, UnreadableFile
from anodyne.reference import table_parts
from anodyne.reference.editions import SourceFile
from anodyne.reference.given import Given, opened, unopened
from anodyne.reference.mistaken import LOADABLE, headings, looks_like
from anodyne.reference.published import Known, Mistaken, PublishedFile, published_files
from anodyne.reference.shapes import EDITIONS

EARLIEST: Final = dt.date(1990, 1, 1)
LATEST: Final = dt.date(2099, 12, 31)
"""No edition of a table that can be loaded begins before or after."""

Told = Callable[[str, float], None]
"""Told of a path how much of it, from 0 to 1, has been read."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """One file that a publisher's module knows."""

    given: Given
    file: PublishedFile
    start: dt.date
    part: str | None
    period: str
    sha256: str
    """Of the file that was given, which may be the zip around this one."""

    @property
    def source(self) -> SourceFile:
        """What the manifest says of it."""
        return SourceFile(Path(self.given.path).name, self.sha256, self.part)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file inside a zip that was not loaded, as no publisher's module knows it."""

    path: str
    """The zip."""
    name: str
    seems: str | None
    """What it looks like instead: `a PDF`."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One edition as read, not yet kept."""

    table: str
    file: PublishedFile
    start: dt.date
    period: str
    rows: pl.DataFrame = field(repr=False)
    """The stored columns of the table, sorted by its key; each key has one row on a day."""
    files: tuple[SourceFile, ...]
    names: tuple[str, ...]
    """The names of the files, inside a zip those inside."""

    @property
    def parts(self) -> frozenset[str]:
        """The parts of the table that it holds; empty where it is the whole."""
        return frozenset(file.part for file in self.files if file.part is not None)


def digest_of(path: str) -> str:
    """SHA-256 of the file at `path`; UnreadableFile where it cannot be read."""
    try:
        with Path(path).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise unopened(path, error) from error


def recognised(
    path: str, sha256: str, start: dt.date | None, left_out: Callable[[LeftOut], None] = lambda _: None
) -> list[Recognised]:
    """The files at `path`, itself or inside a zip, that some module knows, in force from `start` if given.

    Where several files of a zip are one edition of a table, the first is taken, text before workbooks.  Of
    those that no module knows `left_out` is told.

    Raises UnreadableFile where nothing is known, naming what the file looks like instead; BadRequest where no
    day can be told.
    """
    inside = sorted(opened(path), key=lambda given: given.is_workbook)
    known: dict[tuple[str, str | None, dt.date | None], Recognised] = {}
    mistaken: list[tuple[Given, Mistaken]] = []
    stems: set[str] = set()
    for given in inside:
        if given.is_workbook and given.stem in stems:
            continue
        if given.is_workbook and not _legible(given, alone=len(inside) == 1):
            left_out(LeftOut(path, given.name, "a workbook that cannot be read"))
            continue
        matched = False
        for name, file in published_files().items():
            found = file.recognise(given)
            if isinstance(found, Mistaken):
                mistaken.append((given, found))
            elif found is not None:
                matched = True
                stems.add(given.stem)
                if (name, found.part, found.start) not in known:
                    known[name, found.part, found.start] = _dated(given, file, found, start, sha256)
        if not matched:
            seems = next((found for other, found in mistaken if other is given), None) or looks_like(given)
            left_out(LeftOut(path, given.name, seems.says if seems else None))
    if not known:
        raise _unknown(path, inside, mistaken)
    return list(known.values())


def _legible(given: Given, *, alone: bool) -> bool:
    """Whether a workbook can be read; UnreadableFile where it cannot and is all that was given."""
    try:
        given.first_rows()
    except UnreadableFile:
        if alone:
            raise
        return False
    return True


def _dated(given: Given, file: PublishedFile, found: Known, start: dt.date | None, sha256: str) -> Recognised:
    first = start or found.start
    if first is None:
        raise BadRequest(
            f"{file.title}: neither content nor name tells from when it is in force",
            where=given.where,
            fix="Add --start DATE, the first day of its period, or keep the name it was downloaded by.",
        )
    if not EARLIEST <= first <= LATEST:
        raise BadRequest(
            f"{file.title}: no edition is in force from {first}",
            where=given.where,
            fix=f"Give --start DATE, the first day of its period, from {EARLIEST} to {LATEST}.",
        )
    period = found.period if found.period and first == found.start else file.period(first)
    return Recognised(given, file, first, found.part, period, sha256)


def _unknown(
    path: str, inside: Sequence[Given], mistaken: Sequence[tuple[Given, Mistaken]]
) -> UnreadableFile:
    if mistaken:
        given, found = mistaken[0]
        return UnreadableFile(f"this is {found.says}", where=given.where, fix=found.use)
    looks = next(((given, seems) for given in inside if (seems := looks_like(given))), None)
    if looks:
        given, found = looks
        return UnreadableFile(f"this looks like {found.says}", where=given.where, fix=found.use)
    headed = next(((given, named) for given in inside if (named := headings(given))), None)
    told = f", with columns headed {headed[1]}" if headed else ""
    return UnreadableFile(
        f"no publisher's file that Anodyne knows{told}",
        where=headed[0].where if headed else path,
        fix=LOADABLE,
    )


def drafts(found: Iterable[Recognised], told: Told | None = None) -> list[Draft]:
    """The editions that the files make, those of several parts joined.

    Raises UnreadableFile for a row that cannot be read, BadReference for rows that contradict each other.
    """
    together: dict[tuple[str, dt.date], list[Recognised]] = {}
    for one in found:
        together.setdefault((one.file.title, one.start), []).append(one)
    total = _sizes(one for group in together.values() for one in group)
    done: dict[str, int] = {}
    made = []
    for group in together.values():
        frames: dict[str, list[tuple[Recognised, pl.DataFrame]]] = {}
        for one in group:
            for table, rows in one.file.read(one.given).items():
                frames.setdefault(table, []).append((one, rows))
            done[one.given.path] = done.get(one.given.path, 0) + one.given.size
            if told:
                told(one.given.path, done[one.given.path] / total[one.given.path])
        first = group[0]
        names = tuple(one.given.where for one in group)
        for table, read in frames.items():
            parts = _each_part_once(read, table)
            rows = sound(pl.concat(parts.values()), table, first.start, where=", ".join(names))
            whole = {part: sound(own, table, first.start, where="") for part, own in parts.items() if part}
            files = tuple(
                table_parts.described(file, whole[file.part], table) if file.part else file
                for file in dict.fromkeys(one.source for one in group)
            )
            made.append(Draft(table, first.file, first.start, first.period, rows, files, names))
    return made


def _each_part_once(
    read: Sequence[tuple[Recognised, pl.DataFrame]], table: str
) -> dict[str | None, pl.DataFrame]:
    """The rows of each part of a table; BadReference where two files of one part have other rows."""
    parts: dict[str | None, tuple[Recognised, pl.DataFrame]] = {}
    for one, rows in read:
        other, before = parts.setdefault(one.part, (one, rows))
        if other is not one and not _alike(rows, before, table, one.start):
            raise _contradiction(other, one)
    if None in parts and len(parts) > 1:
        raise _contradiction(*(one for one, _ in parts.values()))
    return {part: rows for part, (_, rows) in parts.items()}


def _contradiction(one: Recognised, other: Recognised, *_: Recognised) -> BadReference:
    return BadReference(
        f"two files of {one.file.title}, {one.period}, have other rows",
        where=f"{one.given.where}, {other.given.where}",
        fix="Nothing was loaded. Give the one that is right.",
    )


def _alike(some: pl.DataFrame, others: pl.DataFrame, table: str, start: dt.date) -> bool:
    first, second = (sound(rows, table, start, where="") for rows in (some, others))
    return first.equals(second)


def _sizes(found: Iterable[Recognised]) -> Mapping[str, int]:
    total: dict[str, int] = {}
    for one in found:
        total[one.given.path] = total.get(one.given.path, 0) + one.given.size
    return total


def sound(rows: pl.DataFrame, table: str, start: dt.date, *, where: str) -> pl.DataFrame:
    """`rows` in the order of their key, once each, without those that ended before `start`.

    Raises BadReference for a key with two different rows in force on one day, or where nothing is left.
    """
    shape = EDITIONS[table]
    kept = rows.select(pl.col(name).cast(kind) for name, kind in shape.stored.items())
    if shape.dated_rows:
        ended = (pl.col("until") <= start) | (pl.col("until") <= pl.col("from"))
        kept = kept.filter(~ended.fill_null(value=False))
    order = [*shape.key, *(["from"] if shape.dated_rows else [])]
    kept = kept.unique().sort(order, nulls_last=False)
    if kept.is_empty():
        raise BadReference(
            f"no row of it is in force on {start} or later", where=where, fix="Check the file, and --start."
        )
    again = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift()) for name in shape.key)
    if shape.dated_rows:
        before = pl.col("until").shift()
        again &= before.is_null() | pl.col("from").is_null() | (pl.col("from") < before)
    twice = kept.filter(again & (pl.int_range(pl.len()) > 0))
    if len(twice):
        key = " ".join(str(twice[name][0]) for name in shape.key)
        raise BadReference(
            f"two rows of {key} are in force on one day",
            where=where,
            fix="Nothing was loaded. Give each file once; if it is as published, please report it.",
        )
    return kept
