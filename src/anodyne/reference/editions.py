"""One published table as of one day: its data and its manifest, side by side in a folder.

A folder `<table>/<start>/` holds `pack.toml` and, of an edition that ships with the package, `table.csv`.
One that a user loaded holds what can be mapped into memory instead, so that it costs little until it is
asked: `table.arrow`, and for the procedure-to-procedure table, of millions of rows, sorted arrays (`Pairs`).
"""

import datetime as dt
import hashlib
import tomllib
from collections.abc import Container, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
import pyarrow as pa

from anodyne.kernel.errors import BadReference
from anodyne.reference.pairs import PAIRS, Pairs
from anodyne.reference.shapes import EDITIONS, Columns

MANIFEST: Final = "pack.toml"
CSV: Final = "table.csv"
ARROW: Final = "table.arrow"
ARRAY: Final = "table.npy"
BEGINS: Final = "begins.npy"
ENDS: Final = "ends.npy"
DATA_FILES: Final = (CSV, ARROW, ARRAY, BEGINS, ENDS)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file from which an edition was loaded."""

    name: str
    sha256: str
    part: str | None = None
    """Which part of the table it holds, where the publisher issues it in several."""
    rows: int | None = None
    rows_sha256: str | None = None
    """Of a part: how many rows of the edition came from it, and their checksum."""
    first: str | None = None
    last: str | None = None
    """Of a part: the first and the last key of its rows."""


@dataclass(frozen=True, slots=True)
class Edition:
    """What a publisher put in force on the day `start`, until its next edition.

    `whole` is false for an excerpt: a code that it does not hold may still be in the publisher's table.
    """

    table: str
    start: dt.date
    publisher: str
    period: str
    rows: int
    sha256: str
    source: str
    whole: bool
    expect_next: dt.date | None = None
    missing: tuple[str, ...] = ()
    """The publisher's parts of the table that have not been loaded."""
    files: tuple[SourceFile, ...] = ()
    """From what it was loaded; empty where it ships with the package."""

    @property
    def parts(self) -> tuple[str, ...]:
        """The publisher's parts of the table that have been loaded; empty where it is issued as one."""
        return tuple(sorted({file.part for file in self.files if file.part is not None}))


def read_csv(path: Path, columns: Columns) -> pl.DataFrame:
    """The CSV at `path`, which must have exactly `columns`, in that order; an empty field is null."""
    with path.open(encoding="utf-8") as file:
        header = file.readline().rstrip("\r\n").split(",")
    if header != list(columns):
        raise BadReference(
            f"columns {', '.join(header)}", where=str(path), fix=f"Give exactly {', '.join(columns)}."
        )
    try:
        return pl.read_csv(path, schema=dict(columns))
    except pl.exceptions.PolarsError as error:
        raise BadReference(
            f"a value of the wrong type: {error}", where=str(path), fix="Correct it."
        ) from error


def read_edition(folder: Path, listed: Container[str]) -> Edition:
    """The manifest in `folder`, once it is seen to stand in its place and to name a source in `listed`."""
    path = folder / MANIFEST
    edition = read_manifest(path)
    if edition.source not in listed:
        raise BadReference(
            f"no source {edition.source}", where=str(path), fix="Name a source that is listed."
        )
    if (edition.table, str(edition.start)) != (folder.parent.name, folder.name):
        raise BadReference(
            f"{edition.table} of {edition.start}",
            where=str(path),
            fix="Move it to its own <table>/<start> folder.",
        )
    return edition


def read_manifest(path: Path) -> Edition:
    """The manifest at `path`; BadReference for a missing or unknown key or table."""
    try:
        told: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        files = tuple(SourceFile(**file) for file in told.pop("files", ()))
        edition = Edition(files=files, missing=tuple(told.pop("missing", ())), **told)
        _typed(edition)
    except (OSError, TypeError, ValueError) as error:
        names = [field.name for field in fields(Edition)]
        raise BadReference(
            f"not a manifest: {error}",
            where=str(path),
            fix=f"Remove the folder and load its file again; a manifest has {', '.join(names)}.",
        ) from error
    if edition.table not in EDITIONS:
        raise BadReference(
            f"no table {edition.table}", where=str(path), fix=f"One of {', '.join(sorted(EDITIONS))}."
        )
    return edition


def _typed(edition: Edition) -> None:
    """Raise TypeError for a value of `edition` that is not of its kind."""
    named = [file.name for file in edition.files] + [file.sha256 for file in edition.files]
    texts = (edition.table, edition.publisher, edition.period, edition.sha256, edition.source)
    if not all(isinstance(text, str) for text in (*texts, *edition.missing, *named)):
        raise TypeError("what should be text is something else")
    if type(edition.rows) is not int or type(edition.whole) is not bool:
        raise TypeError("rows is a whole number, and whole is true or false")
    if type(edition.start) is not dt.date or type(edition.expect_next) not in {dt.date, type(None)}:
        raise TypeError("start and expect_next are days")


def read_rows(folder: Path, edition: Edition) -> pl.DataFrame:
    """The rows of `edition` in `folder`; BadReference where there are not as many as it declares.

    The checksum is not looked at: `checksum` does that.
    """
    stored = EDITIONS[edition.table].stored
    path = folder / ARROW
    if not path.exists():
        rows = read_csv(folder / CSV, stored)
    else:
        try:
            rows = pl.DataFrame(pa.ipc.open_file(pa.memory_map(str(path))).read_all())
        except (OSError, pa.ArrowInvalid) as error:
            raise _damaged(folder, "not a table") from error
        if dict(rows.schema) != dict(pl.Schema(stored)):
            raise _damaged(folder, "the columns of another version of Anodyne")
    refuse_short(folder, edition, rows.height)
    return rows


def read_pairs(folder: Path, edition: Edition) -> Pairs:
    """The pairs of `edition` in `folder`, mapped into memory where they come as arrays."""
    if not (folder / ARRAY).exists():
        return Pairs.of(read_rows(folder, edition))
    try:
        numbers, begins, ends = (np.load(folder / name, mmap_mode="r") for name in (ARRAY, BEGINS, ENDS))
    except (OSError, ValueError) as error:
        raise _damaged(folder, "not a table of pairs") from error
    pairs = Pairs(np.asarray(numbers), np.asarray(begins), np.asarray(ends))
    kinds = [(array.dtype, array.shape) for array in (numbers, begins, ends)]
    rows = (edition.rows,)
    if kinds != [(np.dtype(np.int64), rows), (np.dtype(np.int32), rows), (np.dtype(np.int32), rows)]:
        raise _damaged(folder, f"not the number of pairs that is declared, {edition.rows:,}")
    return pairs


def _damaged(folder: Path, what: str) -> BadReference:
    return BadReference(what, where=str(folder), fix="Load the publisher's file again, with --replace.")


def refuse_short(folder: Path, edition: Edition, rows: int) -> None:
    """Raise BadReference unless there are as many rows as the manifest declares, and some."""
    if not rows or rows != edition.rows:
        raise BadReference(
            f"{rows} rows where {edition.rows} are declared", where=str(folder), fix="Load the table again."
        )


def checksum(folder: Path) -> str:
    """SHA-256 of the data in `folder`."""
    digest = hashlib.sha256()
    for name in DATA_FILES:
        if (folder / name).exists():
            with (folder / name).open("rb") as stream:
                while block := stream.read(1 << 20):
                    digest.update(block)
    return digest.hexdigest()


def write_edition(
    rows: pl.DataFrame,
    home: Path,
    *,
    table: str,
    start: dt.date,
    publisher: str,
    period: str,
    source: str,
    whole: bool,
    expect_next: dt.date | None = None,
    missing: Sequence[str] = (),
    files: Sequence[SourceFile] = (),
    mapped: bool = False,
) -> Edition:
    """Write `rows` (the stored columns of the table's shape) and their manifest in `home/<table>/<start>/`.

    `mapped`: to be mapped into memory, rather than as a CSV.  The same rows always give the same bytes.
    """
    folder = home / table / str(start)
    folder.mkdir(parents=True, exist_ok=True)
    if not mapped:
        rows.write_csv(folder / CSV)
    elif table == PAIRS:
        pairs = Pairs.of(rows)
        np.save(folder / ARRAY, pairs.numbers)
        np.save(folder / BEGINS, pairs.begins)
        np.save(folder / ENDS, pairs.ends)
    else:
        rows.rechunk().write_ipc(folder / ARROW, compression="uncompressed")
    edition = Edition(
        table,
        start,
        publisher,
        period,
        rows.height,
        checksum(folder),
        source,
        whole,
        expect_next,
        tuple(missing),
        tuple(files),
    )
    (folder / MANIFEST).write_text(manifest_text(edition), encoding="utf-8")
    return edition


def manifest_text(edition: Edition) -> str:
    """The manifest of `edition` as TOML; an absent value is left out."""
    told = asdict(edition)
    files: Sequence[Mapping[str, object]] = told.pop("files")
    return _keys(told) + "".join(f"\n[[files]]\n{_keys(file)}" for file in files)


def _keys(values: Mapping[str, object]) -> str:
    return "".join(
        f"{name} = {toml(value)}\n" for name, value in values.items() if value is not None and value != ()
    )


def toml(value: object) -> str:
    """`value` as TOML writes it: text, a whole number, a day, a truth, or a list of them.

    >>> toml("October"), toml(True), toml(("f1", "f4"))
    ('"October"', 'true', '["f1", "f4"]')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, int | dt.date):
        return str(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped) + '"'
