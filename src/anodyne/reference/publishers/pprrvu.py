"""The Medicare physician fee schedule's relative values (PPRRVU), a CSV or workbook each quarter."""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import polars as pl

from anodyne.reference.given import Given
from anodyne.reference.grid import CODE, Headings, body, demand, headed, header, scaled, whole_number
from anodyne.reference.published import Known, Mistaken, PublishedFile, next_quarter
from anodyne.reference.shapes import EDITIONS


def _ends(pattern: str) -> Callable[[str], bool]:
    """Whether a heading, over however many rows it stands, ends in words of `pattern`."""
    found = re.compile(rf"(?:^|\s){pattern}$")
    return lambda heading: found.search(heading) is not None


_HEADINGS: Final[Headings] = {
    "code": _ends("HCPCS"),
    "mod": _ends("MOD"),
    "status": _ends("STATUS CODE"),
    "work": _ends("WORK RVU"),
    "pe_nonfac": _ends(r"NON-? ?FAC(?:ILITY)? PE RVU"),
    "pe_fac": _ends("(?<!NON )FACILITY PE RVU"),
    "mp": _ends("MP RVU"),
    "pctc": _ends("PCTC IND(?:ICATOR)?"),
    "global_days": _ends("GLOB DAYS"),
    "mult_proc": _ends("MULT PROC"),
    "bilateral": _ends("BILAT SURG"),
    "asst_surg": _ends("ASST SURG"),
    "conversion": _ends("CONV FACTOR"),
}
_HEIGHT: Final = 5
_VALUES: Final = ("work", "pe_nonfac", "pe_fac", "mp")
_INDICATORS: Final = ("mult_proc", "bilateral", "asst_surg", "pctc")
_GLOBAL: Final = ["000", "010", "090", "XXX", "YYY", "ZZZ", "MMM"]
_MONTHS: Final = {"JAN": 1, "APR": 4, "JUL": 7, "OCT": 10}
_YEAR: Final = re.compile(
    r"(?:^|\D)(20\d{2}) NATIONAL PHYSICIAN|CALENDAR YEAR (20\d{2})|PPRRVU(20\d{2}|\d{2})\D"
)
_MONTH: Final = re.compile(r"(?:^|[^A-Z])(JAN|APR|JUL|OCT)(?:[A-Z]* RELEASE|\d*(?:[^A-Z]|$))")


def recognise(given: Given) -> Known | Mistaken | None:
    """Known by its headings; dated by its title and, as not every title names the release, by its name."""
    found = header(given.first_rows(), _HEADINGS, height=_HEIGHT)
    if found is None:
        return None
    name = given.name.upper()
    if "QPP" in name and "NONQPP" not in name:
        return Mistaken(
            "the relative values for qualifying participants in alternative payment models",
            "Give the file whose name says nonQPP.",
        )
    return Known(_start([*found.titles, name]))


def _start(told: Sequence[str]) -> dt.date | None:
    """The first day of the release that titles and name tell."""
    years = [next(filter(None, year.groups())) for text in told for year in _YEAR.finditer(text.upper())]
    months = [month[1] for text in told for month in _MONTH.finditer(text.upper())]
    return dt.date(2000 + int(years[0][-2:]), _MONTHS[months[0]], 1) if years and months else None


def _release(start: dt.date) -> str:
    return f"{start:%Y} {start:%B} release"


def read(given: Given) -> Mapping[str, pl.DataFrame]:
    """The indicators and relative values of each code as a whole, without those of its components."""
    rows = given.rows()
    frame = body(given, rows, headed(given, rows, _HEADINGS, height=_HEIGHT))
    frame = frame.filter(pl.col("code").is_null() | ~pl.col("code").str.contains(r"^\W*$"))
    demand(given, frame, "HCPCS", pl.col("code").str.contains(CODE), "a code of five characters")
    frame = frame.filter(pl.col("mod").is_null())
    frame = frame.with_columns(
        *(whole_number(column).cast(pl.Int8) for column in _INDICATORS),
        *(scaled(column, 2).cast(pl.Int32).alias(f"{column}_hundredths") for column in _VALUES),
        scaled("conversion", 4).cast(pl.Int32).alias("conversion_ten_thousandths"),
    )
    demand(given, frame, "STATUS CODE", pl.col("status").str.contains("^[A-Z]$"), "a letter")
    demand(given, frame, "GLOB DAYS", pl.col("global_days").is_in(_GLOBAL), "a global period")
    for column in _INDICATORS:
        demand(given, frame, column.upper().replace("_", " "), pl.col(column).is_between(0, 9), "0 to 9")
    for column in _VALUES:
        fits = pl.col(f"{column}_hundredths") >= 0
        demand(given, frame, f"{column.upper().replace('_', ' ')} RVU", fits, "a number of two decimals")
    factor = pl.col("conversion_ten_thousandths") > 0
    demand(given, frame, "CONV FACTOR", factor, "a number of up to four decimals")
    return {"fee_schedule": frame.select(*EDITIONS["fee_schedule"].columns)}


FILE: Final = PublishedFile(
    title="Medicare physician fee schedule, relative values",
    publisher="Centers for Medicare & Medicaid Services",
    source="mpfs-rvu",
    tables=("fee_schedule",),
    recognise=recognise,
    read=read,
    period=_release,
    expect_next=next_quarter,
)
