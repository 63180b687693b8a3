"""Claim adjustment reason codes and remittance advice remark codes, as their publisher lists them.

Their texts are licensed: a list that is loaded stays in the practice's own data directory.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

import polars as pl

from anodyne.reference.given import Given
from anodyne.reference.grid import Headings, body, day, demand, headed, header
from anodyne.reference.published import Known, PublishedFile

_HEADINGS: Final[Headings] = {
    "code": lambda heading: heading in {"CODE", "REASON CODE", "REMARK CODE", "ADJ_CODE"},
    "begins": lambda heading: heading.startswith("START"),
    "ends": lambda heading: heading.startswith(("STOP", "END", "DEACTIVAT", "INACTIVE")),
    "text": lambda heading: heading in {"DESCRIPTION", "TEXT", "MEANING"},
}
_REMARK: Final = r"^(?:MA?|N)\d{1,4}$"
_REASON: Final = r"^(?:\d{1,3}|[ABDPWY]\d{1,3})$"
_LAYOUTS: Final = ("%m/%d/%Y", "%Y-%m-%d", "%Y%m%d")
_MONTHS: Final = 4
_PARTS: Final = ("reason codes", "remark codes")
"""Two lists are one table; a file may hold either or both."""


def recognise(given: Given) -> Known | None:
    """Known by its headings and by codes of either list below them; neither tells the day of the list."""
    rows = given.first_rows()
    found = header(rows, _HEADINGS)
    if found is None:
        return None
    place = found.columns["code"]
    codes = pl.Series([row[place] for row in rows[found.first :] if len(row) > place and row[place]])
    if codes.is_empty() or not codes.cast(pl.String).str.contains(f"{_REMARK}|{_REASON}").all():
        return None
    remarks = codes.str.contains(_REMARK)
    part = _PARTS[int(remarks.all())] if remarks.all() or not remarks.any() else None
    return Known(None, part=part)


def read(given: Given) -> Mapping[str, pl.DataFrame]:
    """Each code with the list it is of, the publisher's text, and the days it is in force."""
    rows = given.rows()
    frame = body(given, rows, headed(given, rows, _HEADINGS)).with_columns(
        pl.col("code").str.strip_suffix(".0"),
        *(
            pl.coalesce(day(name, layout) for layout in _LAYOUTS).alias(f"{name} day")
            for name in ("begins", "ends")
        ),
    )
    known = pl.col("code").str.contains(f"{_REMARK}|{_REASON}")
    demand(given, frame, "code", known, "a reason or a remark code")
    for name in ("begins", "ends"):
        fits = pl.col(name).is_null() | pl.col(f"{name} day").is_not_null()
        demand(given, frame, name, fits, "nothing, or a day")
    remark = pl.col("code").str.contains(_REMARK)
    kind = pl.when(remark).then(pl.lit("remark")).otherwise(pl.lit("reason"))
    lists = frame.select(
        kind.alias("kind"), "code", "text", pl.col("begins day").alias("from"), until="ends day"
    )
    return {"adjustment_codes": lists}


def _due(start: date) -> date:
    """The lists are issued three times a year."""
    month = start.month - 1 + _MONTHS
    return date(start.year + month // 12, month % 12 + 1, 1)


FILE: Final = PublishedFile(
    title="claim adjustment reason and remark codes",
    publisher="X12",
    source="x12-code-lists",
    tables=("adjustment_codes",),
    recognise=recognise,
    read=read,
    period=str,
    expect_next=_due,
    parts=_PARTS,
    whole=False,
)
