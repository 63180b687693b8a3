"""Tables kept by hand: one CSV each, every row with its own span of days and its own source."""

from collections.abc import Container
from pathlib import Path

import polars as pl

from anodyne.kernel.errors import BadReference
from anodyne.reference.editions import read_csv
from anodyne.reference.shapes import SPAN, Shape


def read_dated(path: Path, shape: Shape, listed: Container[str]) -> pl.DataFrame:
    """The rows at `path`: key, values, `from`, `until` (the first day no longer in force) and `cite`.

    Raises BadReference for unknown columns, a missing key or first day, a span that ends before it starts, two rows
    of one key in force on one day, or a row whose source is not in `listed`.
    """
    rows = read_csv(path, {**shape.columns, **SPAN, "cite": pl.String})
    needed = [*shape.key] if shape.open_start else [*shape.key, "from"]
    refuse(path, rows.filter(pl.any_horizontal(pl.col(needed).is_null())), shape, "lack a key or a first day")
    refuse(path, rows.filter(pl.col("until") <= pl.col("from")), shape, "end before they start")
    cites = rows["cite"].unique().to_list()
    refuse(
        path,
        rows.filter(pl.col("cite").is_in([c for c in cites if c in listed]).not_().fill_null(value=True)),
        shape,
        "have no listed source",
    )
    refuse(path, overlapping(rows, shape.key), shape, "overlap an earlier row of the same key")
    return rows


def overlapping(rows: pl.DataFrame, key: tuple[str, ...]) -> pl.DataFrame:
    """Rows that begin before the row of the same key before them has ended."""
    before = pl.col("until").shift(1).over(key)
    later = pl.col(key[0]).cum_count().over(key) > 1
    begins_inside = pl.col("from").is_null() | before.is_null() | (pl.col("from") < before)
    return rows.sort([*key, "from"], nulls_last=False).filter(later & begins_inside)


def refuse(path: Path, wrong: pl.DataFrame, shape: Shape, why: str) -> None:
    """Raise BadReference naming the keys in `wrong`, if there are any."""
    if wrong.height:
        keys = wrong.select(shape.key).rows()
        raise BadReference(f"rows {keys} {why}", where=str(path), fix="Correct the rows.")
