"""Keeping editions in the data directory: each as a whole or not at all."""

import datetime as dt
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import polars as pl

try:
    import fcntl
except ImportError:  # not every system has such locks
    fcntl = None  # type: ignore[assignment]

from anodyne.kernel.errors import BadReference, BadRequest
from anodyne.reference import table_parts
from anodyne.reference.editions import Edition, SourceFile, checksum, read_pairs, read_rows, write_edition
from anodyne.reference.loading import Draft, sound
from anodyne.reference.pairs import PAIRS
from anodyne.reference.shapes import EDITIONS

FOLDER: Final = "reference"


LOCK: Final = ".lock"


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Wait until no other process loads into `home`, and keep others out, where the system has such locks."""
    try:
        (home / FOLDER).mkdir(parents=True, exist_ok=True)
        stream = (home / FOLDER / LOCK).open("w")
    except OSError as error:
        raise _unwritable(home, error) from error
    with stream:
        if fcntl is not None:
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


class How(StrEnum):
    """What became of an edition."""

    NEW = "new"
    COMPLETED = "completed"
    REPLACED = "replaced"
    ALREADY = "already loaded"


@dataclass(frozen=True, slots=True)
class Kept:
    """An edition as it stands in the data directory after loading."""

    edition: Edition
    how: How


@dataclass(frozen=True, slots=True)
class Change:
    """How many keys of a table one edition has and another has not, or has with other values."""

    added: int
    removed: int
    changed: int


def kept_in(home: Path, table: str, start: dt.date) -> Path:
    """The folder of the edition of `table` that starts on `start`."""
    return home / FOLDER / table / str(start)


def keep(
    drafts: Sequence[Draft], home: Path, standing: Callable[[str, dt.date], Edition | None], *, replace: bool
) -> list[Kept]:
    """Keep every one of `drafts` under `home`, or none.

    `standing` gives the edition that the user has already loaded for a table and day.  A part of a table
    joins the parts that stand there.  Raises BadRequest where other rows stand there and `replace` is false,
    or where the folder cannot be written to.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=".loading-", dir=home / FOLDER) as scratch:
            made = [_written(draft, home, Path(scratch), standing, replace=replace) for draft in drafts]
            for kept in made:
                if kept.how is not How.ALREADY:
                    _put(Path(scratch), home, kept.edition)
    except OSError as error:
        raise _unwritable(home, error) from error
    return made


def _unwritable(home: Path, error: OSError) -> BadRequest:
    return BadRequest(
        f"the data directory cannot be written: {error.strerror or 'an error of the disk'}",
        where=str(home),
        fix="Make room, or name another folder with ANODYNE_HOME.",
    )


def _written(
    draft: Draft,
    home: Path,
    scratch: Path,
    standing: Callable[[str, dt.date], Edition | None],
    *,
    replace: bool,
) -> Kept:
    """`draft`, joined to what stands in its place, in a folder beside it."""
    before = standing(draft.table, draft.start)
    rows, files = draft.rows, draft.files
    how = How.NEW if before is None else How.REPLACED
    where = ", ".join(draft.names)
    old = (
        None
        if before is None
        else _readable(kept_in(home, draft.table, draft.start), before, replace=replace)
    )
    if before is not None and old is not None:
        held = {file.part: file for file in before.files}
        in_parts = bool(draft.parts) and None not in held
        fresh = [file for file in files if file.part not in held]
        other = [file for file in files if file not in fresh and not _alike(file, held[file.part])]
        if rows.equals(old) or (in_parts and not fresh and not other):
            return Kept(before, How.ALREADY)
        if in_parts and not other:
            how = How.COMPLETED
            rows = sound(pl.concat([old, rows]), draft.table, draft.start, where=where)
            files = (*before.files, *fresh)
        elif not replace:
            raise _other_rows(draft, before, old, [file.part for file in other if in_parts])
        elif in_parts and set(held) - draft.parts:
            kept = [file for file in before.files if file.part not in draft.parts]
            rest = table_parts.taken(old, kept, draft.table)
            if rest is None:
                raise _needs_all(draft, where)
            rows = sound(pl.concat([rest, rows]), draft.table, draft.start, where=where)
            files = (*kept, *files)
    parts = {file.part for file in files} - {None}
    missing = [part for part in draft.file.parts if parts and part not in parts]
    edition = write_edition(
        rows,
        scratch,
        table=draft.table,
        start=draft.start,
        publisher=draft.file.publisher,
        period=draft.period,
        source=draft.file.source,
        whole=draft.file.whole and not missing,
        expect_next=draft.file.expect_next(draft.start),
        missing=missing,
        files=_in_order(files),
        mapped=True,
    )
    return Kept(edition, how)


def _alike(file: SourceFile, other: SourceFile) -> bool:
    """Whether two files of one part hold the same rows."""
    return file.rows_sha256 is not None and file.rows_sha256 == other.rows_sha256


def _other_rows(draft: Draft, before: Edition, old: pl.DataFrame, parts: Sequence[str | None]) -> BadRequest:
    """That `draft` has other rows than are loaded: of `parts`, where the table is issued in several."""
    here, there = (
        table_parts.taken(rows, [file for file in files if file.part in parts], draft.table)
        if parts
        else rows
        for rows, files in ((draft.rows, draft.files), (old, before.files))
    )
    change = compared(old if there is None else there, draft.rows if here is None else here, draft.table)
    named = f"{', '.join(str(part) for part in parts)} of " if parts else ""
    return BadRequest(
        f"{named}{draft.file.title}, {draft.period}, is loaded with other rows: this file has "
        f"{change.added:,} more, lacks {change.removed:,} and differs in {change.changed:,}",
        where=", ".join(draft.names),
        fix="Add --replace to put it in the place of what is loaded.",
    )


def _needs_all(draft: Draft, where: str) -> BadRequest:
    return BadRequest(
        f"which rows of {draft.file.title}, {draft.period}, this part takes the place of is not known",
        where=where,
        fix=f"Give all its parts in one command, with --replace: {', '.join(draft.file.parts)}.",
    )


def _readable(folder: Path, edition: Edition, *, replace: bool) -> pl.DataFrame | None:
    """The rows of `edition` in `folder`; None where they are damaged and are to be replaced anyway."""
    if replace and checksum(folder) != edition.sha256:
        return None
    try:
        return rows_of(folder, edition)
    except BadReference:
        if replace:
            return None
        raise


def _in_order(files: Sequence[SourceFile]) -> list[SourceFile]:
    return sorted(files, key=lambda file: (file.part or "", file.name, file.sha256))


def _put(scratch: Path, home: Path, edition: Edition) -> None:
    """Move an edition from `scratch` to its place; what stood there goes to `scratch`."""
    made = scratch / edition.table / str(edition.start)
    place = kept_in(home, edition.table, edition.start)
    for path in (*made.iterdir(), made):
        _flush(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        place.rename(scratch / f"{edition.table}-{edition.start}-before")
    try:
        made.rename(place)
    except OSError:
        before = scratch / f"{edition.table}-{edition.start}-before"
        if before.exists():
            before.rename(place)
        raise
    _flush(place.parent)


def _flush(path: Path) -> None:
    """Have the disk hold what `path` holds, where the system can say so of it."""
    if path.is_dir() and os.name == "nt":
        return
    number = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def rows_of(folder: Path, edition: Edition) -> pl.DataFrame:
    """The stored rows of `edition` in `folder`, sorted by the key of its table."""
    if edition.table == PAIRS:
        return read_pairs(folder, edition).rows()
    return read_rows(folder, edition)


def compared(old: pl.DataFrame, new: pl.DataFrame, table: str) -> Change:
    """How the rows of one edition differ from those of another."""
    key = list(EDITIONS[table].key)
    same = len(old.join(new, on=new.columns, how="semi", nulls_equal=True).select(key).unique())
    first, second = old.select(key).unique(), new.select(key).unique()
    both = len(first.join(second, on=key, how="semi"))
    return Change(len(second) - both, len(first) - both, both - same)
