"""Columns of a publisher's sheet, found by their headings; a bad row is named as a person counts rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from anodyne.kernel.errors import UnreadableFile
from anodyne.reference.given import Given, Grid

ROW: Final = "row in the file"
CODE: Final = r"^[0-9A-Z]{5}$"

Headings = Mapping[str, Callable[[str], bool]]
"""For each column that is wanted, whether a heading (in capitals, of all header rows together) is its own."""


@dataclass(frozen=True, slots=True)
class Header:
    """Where the columns of a sheet stand."""

    columns: Mapping[str, int]
    first: int
    """The index of the first row after the header."""
    titles: Sequence[str] = field(repr=False)
    """What stands above the header, a text for each row."""


def header(rows: Grid, wanted: Headings, *, height: int = 1) -> Header | None:
    """The first rows that name every wanted column once, read together over up to `height` rows; else None.

    >>> rows = [["NOTE"], ["FEE", ""], ["CODE", "MOD"]]
    >>> found = header(rows, {"code": lambda heading: heading == "FEE CODE"}, height=2)
    >>> found.columns, found.first, found.titles
    ({'code': 0}, 3, ['NOTE'])
    """
    for last in range(len(rows)):
        for tall in range(1, min(height, last + 1) + 1):
            joined = _joined(rows[last - tall + 1 : last + 1])
            places = {
                name: [n for n, heading in enumerate(joined) if is_own(heading)]
                for name, is_own in wanted.items()
            }
            if all(len(place) == 1 for place in places.values()):
                above = [" ".join(filter(None, row)) for row in rows[: last - tall + 1]]
                return Header({name: place[0] for name, place in places.items()}, last + 1, above)
    return None


def headed(given: Given, rows: Grid, wanted: Headings, *, height: int = 1) -> Header:
    """As `header`; UnreadableFile where there is none."""
    found = header(rows, wanted, height=height)
    if found is None:
        raise UnreadableFile("its header is not there", where=given.where, fix="Download it again.")
    return found


def _joined(rows: Grid) -> list[str]:
    width = max(map(len, rows))
    return [" ".join(row[n] for row in rows if n < len(row) and row[n]).upper() for n in range(width)]


def body(given: Given, rows: Grid, found: Header) -> pl.DataFrame:
    """The wanted columns below the header as text, null where empty, and ROW: the row as a person counts it.

    Rows of which no wanted column has anything are left out.  Raises UnreadableFile where nothing is left.
    """
    picked = [
        (n, *(row[place] if place < len(row) else "" for place in found.columns.values()))
        for n, row in enumerate(rows[found.first :], start=found.first + 1)
    ]
    schema = {ROW: pl.Int64, **dict.fromkeys(found.columns, pl.String)}
    frame = pl.DataFrame(picked, schema=schema, orient="row").with_columns(
        pl.col(pl.String).replace("", None)
    )
    frame = frame.filter(pl.any_horizontal(pl.col(*found.columns).is_not_null()))
    if frame.is_empty():
        raise UnreadableFile("a header and no rows", where=given.where, fix="Download it again.")
    return frame


def demand(given: Given, frame: pl.DataFrame, column: str, fits: pl.Expr, expected: str) -> None:
    """Raise UnreadableFile for the first row of `frame` (with ROW) where `fits` is false or null."""
    bad = frame.filter(~fits.fill_null(value=False))
    if len(bad):
        raise UnreadableFile(
            f"row {bad[ROW][0]:,}, column {column}: {expected} is expected",
            where=given.where,
            fix="Nothing was loaded. Download the file again; if it is as published, please report it.",
        )


def whole_number(column: str) -> pl.Expr:
    """The text of `column` as a whole number, also where a workbook wrote it `2.0`; null where it is none."""
    plain: pl.Expr = pl.col(column).str.strip_suffix(".0")
    return pl.when(plain.str.contains(r"^-?\d{1,9}$")).then(plain.cast(pl.Int64, strict=False))


def scaled(column: str, places: int) -> pl.Expr:
    """The decimal in `column` times ten to the power `places`, exactly; null where it has more places.

    >>> pl.DataFrame({"a": ["1.4", ".05", "2", "0.125", "3.000"]}).select(scaled("a", 2))["a"].to_list()
    [140, 5, 200, None, 300]
    """
    text = pl.col(column).str.replace_all(",", "", literal=True)
    parts = text.str.extract_groups(r"^(?<sign>-?)(?<units>\d{0,9})(?:\.(?<places>\d*?)0*)?$")
    fraction = parts.struct.field("places").fill_null("")
    digits = parts.struct.field("units") + fraction.str.pad_end(places, "0")
    value = digits.str.to_integer(strict=False)
    fits = (fraction.str.len_chars() <= places) & text.str.contains(r"\d")
    signed = pl.when(parts.struct.field("sign") == "-").then(-value).otherwise(value)
    return pl.when(fits).then(signed).alias(column)


def day(column: str, layout: str) -> pl.Expr:
    """The text of `column` as a day; null where it is none."""
    parsed: pl.Expr = pl.col(column).str.strip_suffix(".0").str.to_date(layout, strict=False)
    return parsed
