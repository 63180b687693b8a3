"""One published table as of one day: a data file and its manifest, side by side in a folder.

A folder `<table>/<start>/` holds `pack.toml` and `table.csv`.  The procedure-to-procedure table, of millions
of rows, may come as `table.npy` instead: one sorted array of numbers (`numbered`), mapped into memory.
"""

import datetime as dt
import hashlib
import tomllib
from collections.abc import Container
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from anodyne.kernel.errors import BadReference
from anodyne.reference.shapes import EDITIONS, Columns

MANIFEST = "pack.toml"
CSV = "table.csv"
ARRAY = "table.npy"
ALPHABET = 36
CODE = 5
CODES = ALPHABET**CODE
INDICATORS = 10


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


def pair_of(first: pl.Expr, second: pl.Expr) -> pl.Expr:
    """Two procedure codes as one number that sorts as they do; null unless both have five characters."""

    def number(code: pl.Expr) -> pl.Expr:
        whole: pl.Expr = code.str.to_integer(base=ALPHABET, strict=False)
        return pl.when(code.str.len_bytes() == CODE).then(whole)

    pair: pl.Expr = number(first) * CODES + number(second)
    return pair


def numbered(pairs: pl.DataFrame) -> NDArray[np.int64]:
    """Pairs (`col1`, `col2`, `indicator`) as sorted numbers: ten times the pair's, plus its indicator."""
    number = pair_of(pl.col("col1"), pl.col("col2")) * INDICATORS + pl.col("indicator")
    return np.sort(pairs.select(number).to_series().to_numpy())


def read_csv(path: Path, columns: Columns) -> pl.DataFrame:
    """The CSV at `path`, which must have exactly `columns`, in that order; an empty field is null."""
    with path.open(encoding="utf-8") as file:
        header = file.readline().rstrip("\r\n").split(",")
    if header != list(columns):
        raise BadReference(f"columns {header}", where=str(path), fix=f"Give exactly {list(columns)}.")
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
        edition = Edition(**tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, TypeError, tomllib.TOMLDecodeError) as error:
        names = [field.name for field in fields(Edition)]
        raise BadReference(f"not a manifest: {error}", where=str(path), fix=f"Give {names}.") from error
    if edition.table not in EDITIONS:
        raise BadReference(f"no table {edition.table}", where=str(path), fix=f"One of {sorted(EDITIONS)}.")
    return edition


def read_rows(folder: Path, edition: Edition) -> pl.DataFrame:
    """The rows of `edition` in `folder`; BadReference where there are not as many as it declares.

    The checksum is not looked at: `checksum` does that.
    """
    rows = read_csv(folder / CSV, EDITIONS[edition.table].columns)
    refuse_short(folder, edition, rows.height)
    return rows


def read_pairs(folder: Path, edition: Edition) -> NDArray[np.int64]:
    """The pairs of `edition` in `folder` as `numbered` gives them, mapped into memory where they come so."""
    path = folder / ARRAY
    if not path.exists():
        return numbered(read_rows(folder, edition))
    numbers = np.asarray(np.load(path, mmap_mode="r"))
    if numbers.dtype != np.int64 or numbers.ndim != 1:
        raise BadReference("not one column of whole numbers", where=str(path), fix="Load the table again.")
    refuse_short(folder, edition, len(numbers))
    return numbers


def refuse_short(folder: Path, edition: Edition, rows: int) -> None:
    """Raise BadReference unless there are as many rows as the manifest declares, and some."""
    if not rows or rows != edition.rows:
        raise BadReference(
            f"{rows} rows where {edition.rows} are declared", where=str(folder), fix="Load the table again."
        )


def checksum(folder: Path) -> str:
    """SHA-256 of the data file in `folder`."""
    array = folder / ARRAY
    return hashlib.sha256((array if array.exists() else folder / CSV).read_bytes()).hexdigest()


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
    mapped: bool = False,
) -> Edition:
    """Write `rows` (the columns of the table's shape) and their manifest under `home/<table>/<start>/`.

    `mapped`: as an array to map into memory, for pairs only.  The same rows always give the same bytes.
    """
    folder = home / table / str(start)
    folder.mkdir(parents=True, exist_ok=True)
    if mapped:
        np.save(folder / ARRAY, numbered(rows))
    else:
        rows.write_csv(folder / CSV)
    edition = Edition(
        table, start, publisher, period, rows.height, checksum(folder), source, whole, expect_next
    )
    (folder / MANIFEST).write_text(manifest_text(edition), encoding="utf-8")
    return edition


def manifest_text(edition: Edition) -> str:
    """The manifest of `edition` as TOML; an absent value is left out."""
    return "".join(
        f"{name} = {toml(value)}\n" for name, value in asdict(edition).items() if value is not None
    )


def toml(value: object) -> str:
    """`value` as TOML writes it: text, a whole number, a day or a truth."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | dt.date) else '"' + str(value).replace('"', '\\"') + '"'
