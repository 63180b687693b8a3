"""One published table as of one day: a data file and its manifest, side by side in a folder.

A folder `<table>/<start>/` holds `pack.toml` and either `table.csv`, or `table.arrow` for bulk tables, which is
mapped into memory and not read.
"""

import datetime as dt
import hashlib
import tomllib
from collections.abc import Container
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import polars as pl

from anodyne.kernel.errors import BadReference
from anodyne.reference.shapes import EDITIONS, Columns

MANIFEST = "pack.toml"
CSV = "table.csv"
ARROW = "table.arrow"
ALPHABET = 36
CODE = 5
CODES = ALPHABET**CODE


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
        return pl.when(code.str.len_bytes() == CODE).then(code.str.to_integer(base=ALPHABET, strict=False))

    return number(first) * CODES + number(second)


def stored(table: str) -> Columns:
    """The columns that `table` has in memory and in an Arrow file.

    Pairs are stored as the number that `pair_of` gives, in its order, ready for a binary search.
    """
    return {"pair": pl.Int64, "indicator": pl.Int8} if table == "ptp" else EDITIONS[table].columns


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


def read_edition(folder: Path, listed: Container[str]) -> tuple[Edition, pl.DataFrame]:
    """The edition in `folder` and its rows, as `stored` lays them out.

    Raises BadReference where the manifest and the table disagree or the source is not in `listed`.  The checksum is
    not looked at here: `checksum` does that.
    """
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
    frame = read_rows(folder, edition.table)
    if frame.height != edition.rows:
        raise BadReference(
            f"{frame.height} rows where {edition.rows} are declared",
            where=str(folder),
            fix="Fetch the table again.",
        )
    return edition, frame


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


def read_rows(folder: Path, table: str) -> pl.DataFrame:
    """The rows in `folder`, from the Arrow file where there is one, else from the CSV."""
    arrow = folder / ARROW
    if arrow.exists():
        frame = pl.read_ipc(arrow, memory_map=True)
        if dict(frame.schema) != dict(stored(table)):
            raise BadReference(
                f"columns {dict(frame.schema)}", where=str(arrow), fix=f"Give exactly {dict(stored(table))}."
            )
        return frame
    rows = read_csv(folder / CSV, EDITIONS[table].columns)
    return packed(rows) if table == "ptp" else rows


def packed(pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs of codes (`col1`, `col2`, `indicator`) as `stored` keeps them, in order."""
    return pairs.select(pair_of(pl.col("col1"), pl.col("col2")).alias("pair"), "indicator").sort("pair")


def checksum(folder: Path) -> str:
    """SHA-256 of the data file in `folder`."""
    arrow = folder / ARROW
    return hashlib.sha256((arrow if arrow.exists() else folder / CSV).read_bytes()).hexdigest()


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
    arrow: bool = False,
) -> Edition:
    """Write `rows` (the columns of the table's shape) and their manifest under `home/<table>/<start>/`.

    The same rows always give the same bytes.
    """
    folder = home / table / str(start)
    folder.mkdir(parents=True, exist_ok=True)
    if arrow:
        (packed(rows) if table == "ptp" else rows).write_ipc(folder / ARROW, compression="uncompressed")
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
