"""HCPCS Level II: the contractors' file, text of fixed width or a workbook, each quarter.

In the text a record of 320 places has the code in 1-5, the kind of record in 11 (3 begins a procedure or a
supply, 4 goes on with its description, 7 and 8 are modifiers), the day it was added in 269-276 and the last
day it is valid in 285-292.
"""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final

import polars as pl

from anodyne.reference.given import Given, as_text
from anodyne.reference.grid import ROW, Headings, body, day, demand, headed, header
from anodyne.reference.published import Known, Mistaken, PublishedFile, next_quarter, quarter

_HEADINGS: Final[Headings] = {
    "code": lambda heading: heading in {"HCPC", "HCPCS"},
    "record": lambda heading: heading == "RECID",
    "added": lambda heading: heading.replace("_", " ") in {"ADD DT", "ADD DATE"},
    "last": lambda heading: heading.replace("_", " ") in {"TERM DT", "TERM DATE"},
}
_FIXED: Final = re.compile(r"[A-Z]\d{4}\d{5}[34].{257}\d{8}[ \d]{16}")
_PROCEDURE: Final = "3"
_PLACES: Final = {"code": (0, 5), "record": (10, 1), "added": (268, 8), "last": (284, 8)}
_CODE: Final = r"^[A-Z]\d{4}$"
_DAY: Final = "%Y%m%d"
_IN_NAME: Final = re.compile(r"(20\d{2})[_-]?(jan|apr|jul|oct)")
_MONTHS: Final = {"jan": 1, "apr": 4, "jul": 7, "oct": 10}
_FIRST: Final = 20


def recognise(given: Given) -> Known | Mistaken | None:
    """Known by records of the fixed width, or by headings; dated by a name as `HCPC2026_JUL_CONTR_ANWEB`."""
    lines = [line for line in given.head.splitlines()[:_FIRST] if line.strip()]
    if any(_FIXED.match(line) for line in lines) or header(given.first_rows(), _HEADINGS) is not None:
        told = _IN_NAME.search(given.stem)
        return Known(dt.date(int(told[1]), _MONTHS[told[2]], 1) if told else None)
    return None


def read(given: Given) -> Mapping[str, pl.DataFrame]:
    """Each code of five places, the day it was added, and the first day it is no longer valid."""
    rows = given.rows() if given.is_workbook else given.first_rows()
    fixed = header(rows, _HEADINGS) is None
    frame = _fixed(given) if fixed else body(given, given.rows(), headed(given, given.rows(), _HEADINGS))
    frame = frame.filter(pl.col("record").str.strip_suffix(".0") == _PROCEDURE)
    frame = frame.with_columns(
        pl.col("code").str.strip_chars(), begins=day("added", _DAY), ends=day("last", _DAY)
    )
    demand(given, frame, "HCPC", pl.col("code").str.contains(_CODE), "a letter and four digits")
    demand(given, frame, "ADD DT", pl.col("begins").is_not_null(), "a day as YYYYMMDD")
    fits = pl.col("last").is_null() | pl.col("ends").is_not_null()
    demand(given, frame, "TERM DT", fits, "nothing, or a day as YYYYMMDD")
    return {"hcpcs": frame.select("code", added="begins", ended=pl.col("ends").dt.offset_by("1d"))}


def _fixed(given: Given) -> pl.DataFrame:
    """The records of fixed width as text, null where blank."""
    lines = pl.DataFrame({"line": as_text(given.contents()).splitlines()}, schema={"line": pl.String})
    parts = {name: pl.col("line").str.slice(*place) for name, place in _PLACES.items()}
    records = lines.select(**parts).with_row_index(ROW, offset=1)
    return records.with_columns(pl.col(*_PLACES).str.strip_chars().replace("", None))


FILE: Final = PublishedFile(
    title="HCPCS Level II codes",
    publisher="Centers for Medicare & Medicaid Services",
    source="hcpcs-file",
    tables=("hcpcs",),
    recognise=recognise,
    read=read,
    period=quarter,
    expect_next=next_quarter,
)
