"""The NCCI add-on code edits: tab-delimited text, a workbook, or text in columns of fixed width."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final

import polars as pl

from anodyne.reference.given import Given, as_text
from anodyne.reference.grid import CODE, ROW, Headings, body, day, demand, headed, header, whole_number
from anodyne.reference.published import Known, Mistaken, PublishedFile, next_quarter, quarter

_HEADINGS: Final[Headings] = {
    "kind": lambda heading: heading.startswith("AOC_EDIT_TYPE"),
    "add_on": lambda heading: heading.startswith("ADD-ON_CODE"),
    "add_on_ended": lambda heading: heading.startswith("AOC_DEL"),
    "primary": lambda heading: heading == "PRIMARY_CODE",
    "primary_ended": lambda heading: heading.startswith("PRIMARY_CODE_DEL"),
    "effective": lambda heading: heading.startswith("AOC_EDIT_EFF"),
    "deletion": lambda heading: heading.startswith("AOC_EDIT_DEL"),
}
_ENDS: Final = ("add_on_ended", "primary_ended", "deletion")
_FIXED: Final = re.compile(
    r"(?P<kind>[123])(?P<add_on>[0-9A-Z]{5})(?P<add_on_ended>\d{7}| {7})(?P<primary>[0-9A-Z]{5})"
    r"(?P<primary_ended>\d{7}| {7})(?P<effective>\d{7}| {7})(?P<deletion>\d{7}| {0,7})(?:\s|\D|$)"
)
"""Widths 1, 5, 7, 5, 7, 7, 7 and a note: type, add-on, its end, primary, its end, the edit's own days."""
_FIXED_ROWS: Final = 3
_IN_NAME: Final = re.compile(r"aoc_v?(20\d{2})q([1-4])")
_DAY: Final = "%Y%j"
"""Days are written as the year and the number of the day in it."""


def recognise(given: Given) -> Known | Mistaken | None:
    """Known by its headings, or by rows of the fixed widths; dated by its name."""
    lines = [line for line in given.head.splitlines() if line.strip()][1 : 1 + _FIXED_ROWS]
    fixed = len(lines) == _FIXED_ROWS and all(_FIXED.match(line) for line in lines)
    if not fixed and header(given.first_rows(), _HEADINGS) is None:
        return None
    if "mcd" in given.stem or "medicaid" in f"{given.path}".lower():
        return Mistaken("the Medicaid table of add-on codes", "Give the Medicare table (MCR).")
    told = _IN_NAME.search(given.stem)
    return Known(dt.date(int(told[1]), 3 * int(told[2]) - 2, 1) if told else None)


def read(given: Given) -> Mapping[str, pl.DataFrame]:
    """Add-on and primary code, the type, and the days of the edit within the lives of both codes."""
    rows = given.rows()
    found = header(rows, _HEADINGS)
    frame = _fixed(given) if found is None else body(given, rows, headed(given, rows, _HEADINGS))
    ends = [day(column, _DAY).dt.offset_by("1d").alias(f"{column} day") for column in _ENDS]
    dated = frame.with_columns(
        *ends, day("effective", _DAY).alias("from"), kind=whole_number("kind").cast(pl.Int8)
    ).with_columns(pl.min_horizontal(f"{column} day" for column in _ENDS).alias("until"))
    demand(given, dated, "Add-On_Code", pl.col("add_on").str.contains(CODE), "a code of five characters")
    demand(given, dated, "Primary_Code", pl.col("primary").str.contains(CODE), "a code of five characters")
    demand(given, dated, "AOC_Edit_Type", pl.col("kind").is_in([1, 2, 3]), "1, 2 or 3")
    demand(given, dated, "AOC_Edit_EffDT", pl.col("from").is_not_null(), "a day as YYYYDDD")
    for column in _ENDS:
        fits = pl.col(column).is_null() | pl.col(f"{column} day").is_not_null()
        demand(given, dated, column.replace("_", " "), fits, "nothing, or a day as YYYYDDD")
    return {"add_on": dated.select("add_on", "primary", "kind", "from", "until")}


def _fixed(given: Given) -> pl.DataFrame:
    """The rows of fixed width, as text; a row that does not fit them has nothing in any column."""
    lines = pl.Series("line", as_text(given.contents()).splitlines())
    parts = lines.str.extract_groups(f"^{_FIXED.pattern}").struct.unnest()
    frame = parts.select(pl.all().str.strip_chars().replace("", None))
    frame = frame.with_row_index(ROW, offset=1)
    first = frame["kind"].is_not_null().arg_max() or 0
    return frame.slice(first).filter(lines.slice(first).str.strip_chars() != "")


FILE: Final = PublishedFile(
    title="NCCI add-on code edits",
    publisher="Centers for Medicare & Medicaid Services",
    source="ncci-aoc",
    tables=("add_on",),
    recognise=recognise,
    read=read,
    period=quarter,
    expect_next=next_quarter,
)
