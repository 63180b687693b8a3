"""The geographic practice cost indices of Medicare's localities (GPCI), a CSV or workbook each year."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final

import polars as pl

from anodyne.reference.given import Given
from anodyne.reference.grid import Headings, body, demand, headed, header, scaled
from anodyne.reference.published import Known, Mistaken, PublishedFile, next_year
from anodyne.reference.shapes import EDITIONS

_HEADINGS: Final[Headings] = {
    "mac": lambda heading: heading.startswith("MEDICARE ADMI"),
    "state": lambda heading: heading == "STATE",
    "locality": lambda heading: heading == "LOCALITY NUMBER",
    "work": lambda heading: "PW GPCI" in heading and "WITHOUT" not in heading,
    "pe": lambda heading: heading.endswith("PE GPCI"),
    "mp": lambda heading: heading.endswith("MP GPCI"),
}
_INDICES: Final = ("work", "pe", "mp")
_YEAR: Final = re.compile(r"(20\d{2}) MP GPCI")


def recognise(given: Given) -> Known | Mistaken | None:
    """Known by its headings, which tell its year."""
    rows = given.first_rows()
    found = header(rows, _HEADINGS)
    if found is None:
        return None
    told = _YEAR.search(" ".join(rows[found.first - 1]).upper())
    return Known(dt.date(int(told[1]), 1, 1) if told else None)


def _year(start: dt.date) -> str:
    return str(start.year)


def read(given: Given) -> Mapping[str, pl.DataFrame]:
    """The indices in thousandths by contractor and locality; notes below the table are left out."""
    rows = given.rows()
    frame = body(given, rows, headed(given, rows, _HEADINGS)).filter(pl.col("state").is_not_null())
    frame = frame.with_columns(
        pl.col("mac").str.strip_suffix(".0").str.zfill(5),
        pl.col("locality").str.strip_suffix(".0").str.zfill(2),
        *(scaled(column, 3).cast(pl.Int32).alias(f"{column}_thousandths") for column in _INDICES),
    )
    contractor = pl.col("mac").str.contains(r"^\d{5}$")
    demand(given, frame, "Medicare Administrative Contractor", contractor, "a number of five digits")
    demand(given, frame, "State", pl.col("state").str.contains("^[A-Z]{2}$"), "a state of two letters")
    demand(given, frame, "Locality Number", pl.col("locality").str.contains(r"^\d{2}$"), "two digits")
    for column in _INDICES:
        fits = pl.col(f"{column}_thousandths") > 0
        demand(given, frame, f"{column.upper()} GPCI", fits, "a number of up to three decimals")
    return {"gpci": frame.select(*EDITIONS["gpci"].columns)}


FILE: Final = PublishedFile(
    title="Medicare physician fee schedule, geographic practice cost indices",
    publisher="Centers for Medicare & Medicaid Services",
    source="mpfs-gpci",
    tables=("gpci",),
    recognise=recognise,
    read=read,
    period=_year,
    expect_next=next_year,
)
