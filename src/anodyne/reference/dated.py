"""Tables kept by hand: one CSV each, every row with its own span of days and its own source."""

from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any

import polars as pl

from anodyne.kernel.errors import BadReference
from anodyne.reference.editions import read_csv
from anodyne.reference.shapes import SPAN, Shape

Row = tuple[Any, ...]


def read_dated(path: Path, shape: Shape, listed: Container[str]) -> pl.DataFrame:
    """The rows at `path`: key, values, `from`, `until` (the first day no longer in force) and `cite`.

    Raises BadReference for unknown columns, a missing key or first day, a span that ends before it starts,
    two rows of one key in force on one day, a second row where the table has one for each key, or a row whose
    source is not in `listed`.
    """
    rows = read_csv(path, {**shape.columns, **SPAN, "cite": pl.String})
    for key, fault in faults(rows, shape, listed):
        raise BadReference(
            f"the row of {' '.join(map(str, key))} {fault}", where=str(path), fix="Correct it."
        )
    return rows


def faults(rows: pl.DataFrame, shape: Shape, listed: Container[str]) -> Iterator[tuple[Row, str]]:
    """The key of each row at fault, and what is wrong with it."""
    size = len(shape.key)
    ends: dict[Row, Any] = {}
    for row in sorted(rows.rows(), key=lambda row: (*map(str, row[:size]), str(row[-3] or ""))):
        key, (start, end, cite) = row[:size], row[-3:]
        if None in key or (start is None and not shape.open_start):
            yield key, "lacks a key or a first day"
        elif start and end and end <= start:
            yield key, "ends before it starts"
        elif cite not in listed:
            yield key, "has no listed source"
        elif key in ends and shape.one_row:
            yield key, "has a second row"
        elif key in ends and (start is None or (before := ends[key]) is None or start < before):
            yield key, "overlaps an earlier row of its key"
        ends[key] = end
