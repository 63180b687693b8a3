"""The NCCI table of medically unlikely edits for practitioner services, a CSV or workbook each quarter."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final

import polars as pl

from anodyne.reference.given import Given
from anodyne.reference.grid import CODE, Headings, body, demand, headed, header, whole_number
from anodyne.reference.published import Known, Mistaken, PublishedFile, next_quarter, quarter

_HEADINGS: Final[Headings] = {
    "code": lambda heading: heading.startswith("HCPCS") and heading.endswith("CODE"),
    "mue": lambda heading: heading.endswith("MUE VALUES"),
    "mai": lambda heading: heading.endswith("ADJUDICATION INDICATOR"),
}
_RELATIVES: Final = {
    "OUTPATIENT HOSPITAL": "the MUE table for outpatient hospital services",
    "DME": "the MUE table for suppliers of durable medical equipment",
}
_IN_NAME: Final = re.compile(r"(?<!\d)(\d{2})-(\d{2})-(\d{4})(?!\d)")


def recognise(given: Given) -> Known | Mistaken | None:
    """Known by the heading over its values, which names the services; dated by its name."""
    rows = given.first_rows()
    found = header(rows, _HEADINGS)
    if found is None:
        return None
    heading = rows[found.first - 1][found.columns["mue"]].upper()
    for words, says in _RELATIVES.items():
        if words in heading:
            return Mistaken(says, "Give the MUE table for practitioner services.")
    return Known(_start(given.name)) if "PRACTITIONER" in heading else None


def _start(name: str) -> dt.date | None:
    """The day in a file name such as `MCR_MUE_PractitionerServices_Eff_10-01-2026.csv`."""
    told = _IN_NAME.search(name)
    try:
        return dt.date(int(told[3]), int(told[1]), int(told[2])) if told else None
    except ValueError:
        return None


def read(given: Given) -> Mapping[str, pl.DataFrame]:
    """Code, units of a day, and the digit of the adjudication indicator."""
    rows = given.rows()
    frame = body(given, rows, headed(given, rows, _HEADINGS))
    frame = frame.with_columns(
        mue=whole_number("mue"), mai=pl.col("mai").str.extract(r"^([123])(?:\D|$)").cast(pl.Int8)
    )
    demand(given, frame, "HCPCS/CPT Code", pl.col("code").str.contains(CODE), "a code of five characters")
    demand(given, frame, "MUE Values", pl.col("mue") >= 0, "a whole number")
    demand(given, frame, "MUE Adjudication Indicator", pl.col("mai").is_not_null(), "1, 2 or 3")
    return {"mue": frame.select("code", pl.col("mue").cast(pl.Int32), "mai")}


FILE: Final = PublishedFile(
    title="NCCI medically unlikely edits, practitioner services",
    publisher="Centers for Medicare & Medicaid Services",
    source="ncci-mue",
    tables=("mue",),
    recognise=recognise,
    read=read,
    period=quarter,
    expect_next=next_quarter,
)
