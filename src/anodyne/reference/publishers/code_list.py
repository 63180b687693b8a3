"""A practice's own list of procedure codes and what they are called, as its licence for CPT lets it keep.

Nothing of it leaves the practice's own data directory: it is shown beside the codes of its reports.
"""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final

import polars as pl

from anodyne.reference.given import Given
from anodyne.reference.grid import CODE, Headings, body, demand, headed, header
from anodyne.reference.published import Known, PublishedFile, next_year

_CODES: Final = {"CODE", "CPT", "CPT CODE", "HCPCS", "HCPCS CODE", "PROCEDURE CODE"}
_LABELS: Final = {"LABEL", "NAME", "DESCRIPTION", "SHORT DESCRIPTION", "DESCRIPTOR"}
_HEADINGS: Final[Headings] = {"code": _CODES.__contains__, "label": _LABELS.__contains__}
_COLUMNS: Final = 2
_YEAR: Final = re.compile(r"(?<!\d)(20\d{2})(?!\d)")


def recognise(given: Given) -> Known | None:
    """Known by two columns headed code and label, or words like these; dated by a year in its name."""
    rows = [[cell for cell in row if cell] for row in given.first_rows()]
    if not rows or header(rows[:1], _HEADINGS) is None or any(len(row) > _COLUMNS for row in rows):
        return None
    told = _YEAR.search(given.stem)
    return Known(dt.date(int(told[1]), 1, 1) if told else None)


def read(given: Given) -> Mapping[str, pl.DataFrame]:
    """Code and label."""
    rows = given.rows()
    frame = body(given, rows, headed(given, rows, _HEADINGS))
    frame = frame.with_columns(pl.col("code").str.to_uppercase())
    demand(given, frame, "code", pl.col("code").str.contains(CODE), "a code of five characters")
    demand(given, frame, "label", pl.col("label").is_not_null(), "what the code is called")
    return {"own_labels": frame.select("code", "label")}


def _year(start: dt.date) -> str:
    return str(start.year)


FILE: Final = PublishedFile(
    title="a list of codes and labels of your own",
    publisher="the practice",
    source="own-code-list",
    tables=("own_labels",),
    recognise=recognise,
    read=read,
    period=_year,
    expect_next=next_year,
    whole=False,
)
