"""The NCCI procedure-to-procedure edits for practitioners: four parts each quarter, text and workbooks."""

import datetime as dt
import io
import re
from collections.abc import Mapping
from typing import Final

import polars as pl

from anodyne.kernel.errors import UnreadableFile
from anodyne.reference.given import Given, Grid
from anodyne.reference.grid import (
    CODE,
    ROW,
    Header,
    Headings,
    day,
    demand,
    headed,
    header,
    whole_number,
)
from anodyne.reference.published import Known, Mistaken, PublishedFile, next_quarter, quarter

_HEADINGS: Final[Headings] = {
    "col1": lambda heading: heading.startswith(("COLUMN 1", "COLUMN1")) and "/" not in heading,
    "col2": lambda heading: heading.startswith(("COLUMN 2", "COLUMN2")),
    "effective": lambda heading: heading.startswith("EFFECTIVE"),
    "deletion": lambda heading: heading.startswith("DELETION"),
    "indicator": lambda heading: heading.startswith("MODIFIER"),
}
_FIRST_VERSION_YEAR: Final = 1994
"""Version 1.0 of the edits would have been of this year: 32.3 is the fourth quarter of 2026."""
_VERSION: Final = re.compile(r"v(\d{2})([0-3])r\d")
_QUARTER: Final = re.compile(r"(20\d{2})[-_]?q([1-4])")
_PART: Final = re.compile(r"[-_](f\d)(?!\w)")
_DAY: Final = "%Y%m%d"


def recognise(given: Given) -> Known | Mistaken | None:
    """Known by its headings; whose edits they are, the version and the part stand in the name alone."""
    if header(given.first_rows(), _HEADINGS) is None:
        return None
    names = f"{given.path} {given.name}".lower()
    use = "Give the table of procedure-to-procedure edits for practitioners (ccipra)."
    if "medicaid" in names:
        return Mistaken("the Medicaid table of procedure-to-procedure edits", use)
    if "addition" in names or "deletion" in names:
        return Mistaken("a list of changes to the procedure-to-procedure edits", use)
    if "oph" in given.name.lower() or "hospital" in names:
        return Mistaken("the table of procedure-to-procedure edits for outpatient hospitals", use)
    if "pra" not in given.name.lower() and "practitioner" not in names:
        return Mistaken(
            "a table of procedure-to-procedure edits, for practitioners or for hospitals",
            "Only its name can tell: keep the name it was downloaded by, such as ccipra-v323r0-f1.txt.",
        )
    part = _PART.search(given.stem) or _PART.search(names)
    return Known(_start(given.stem) or _start(names), part=part[1] if part else None)


def _start(name: str) -> dt.date | None:
    """The first day of the quarter that a name tells, by its version or in plain words."""
    version, told = _VERSION.search(name), _QUARTER.search(name)
    if version:
        return dt.date(_FIRST_VERSION_YEAR + int(version[1]), 1 + 3 * int(version[2]), 1)
    return dt.date(int(told[1]), 3 * int(told[2]) - 2, 1) if told else None


def read(given: Given) -> Mapping[str, pl.DataFrame]:
    """Both codes, the indicator, and the days on which the pair came and went."""
    frame = _edits(given)
    column_1, column_2 = pl.col("col1").str.contains(CODE), pl.col("col2").str.contains(CODE)
    demand(given, frame, "Column 1", column_1, "a code of five characters")
    demand(given, frame, "Column 2", column_2, "a code of five characters")
    dated = frame.with_columns(
        pl.col("deletion").replace("*", None),
        whole_number("indicator").cast(pl.Int8).alias("indicator"),
        day("effective", _DAY).alias("from"),
    ).with_columns(day("deletion", _DAY).dt.offset_by("1d").alias("until"))
    ended = pl.col("deletion").is_null() | pl.col("until").is_not_null()
    demand(given, dated, "Effective Date", pl.col("from").is_not_null(), "a day as YYYYMMDD")
    demand(given, dated, "Deletion Date", ended, "a day as YYYYMMDD, or *")
    demand(given, dated, "Modifier", pl.col("indicator").is_in([0, 1, 9]), "0, 1 or 9")
    return {"ptp": dated.select("col1", "col2", "indicator", "from", "until")}


def _first(rows: Grid, found: Header) -> int:
    """The index of the first row of edits: the heading goes on below its first row."""
    place = found.columns["col1"]
    below = (n for n in range(found.first, len(rows)) if len(rows[n]) > place and rows[n][place])
    return next(below, len(rows))


def _edits(given: Given) -> pl.DataFrame:
    """The edits as text, some 640,000 rows in each part, with ROW: the row as a person counts it."""
    rows = given.first_rows()
    found = headed(given, rows, _HEADINGS)
    skipped = _first(rows, found)
    if given.is_workbook:
        frame = given.sheet.slice(skipped)
    else:
        frame = _text(given, skipped, max(found.columns.values()) + 1)
    names = frame.columns
    picked = {
        column: pl.col(names[place]).str.strip_chars().replace("", None)
        for column, place in found.columns.items()
    }
    edits = frame.select(**picked).with_row_index(ROW, offset=skipped + 1)
    edits = edits.filter(pl.any_horizontal(pl.col(*found.columns).is_not_null()))
    if edits.is_empty():
        raise UnreadableFile("a header and no rows", where=given.where, fix="Download it again.")
    return edits


def _text(given: Given, skipped: int, width: int) -> pl.DataFrame:
    """The first `width` columns of text between tabs or commas, below its first rows."""
    separator = "\t" if "\t" in given.head else ","
    try:
        return pl.read_csv(
            io.BytesIO(given.contents()),
            has_header=False,
            skip_rows=skipped,
            separator=separator,
            quote_char=None if separator == "\t" else '"',
            encoding="utf8-lossy",
            columns=list(range(width)),
            infer_schema=False,
            truncate_ragged_lines=True,
        )
    except pl.exceptions.NoDataError:
        return pl.DataFrame(schema=[(f"{n}", pl.String) for n in range(width)])
    except pl.exceptions.PolarsError as error:
        raise UnreadableFile(
            "its rows are not of seven columns", where=given.where, fix="Download it again."
        ) from error


FILE: Final = PublishedFile(
    title="NCCI procedure-to-procedure edits, practitioner",
    publisher="Centers for Medicare & Medicaid Services",
    source="ncci-ptp",
    tables=("ptp",),
    recognise=recognise,
    read=read,
    period=quarter,
    expect_next=next_quarter,
    parts=("f1", "f2", "f3", "f4"),
)
