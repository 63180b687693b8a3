"""The ICD-10-CM order file: every code and heading in the order of the tabular list, in columns of text."""

import re
from collections.abc import Mapping
from typing import Final

import polars as pl

from anodyne.kernel.errors import UnreadableFile
from anodyne.reference.given import Given, as_text
from anodyne.reference.icd10cm import PUBLISHER, described, due, period, start_of
from anodyne.reference.published import Known, Mistaken, PublishedFile

_LINE: Final = re.compile(r"\d{5} [A-Z][0-9A-Z]{2,6} +[01] \S")
_PROCEDURES: Final = re.compile(r"\d{5} [0-9A-HJ-NP-Z]{3,7} +[01] \S")
_FIRST: Final = 20
_CODE: Final = r"^[A-Z][0-9A-Z]{2,6}$"


def recognise(given: Given) -> Known | Mistaken | None:
    """Known by its columns: a number of five digits, a code, and whether it is one that may be billed."""
    lines = given.head.splitlines()[:_FIRST]
    if lines and all(_LINE.match(line) for line in lines):
        return Known(start_of(given))
    if lines and all(_PROCEDURES.match(line) for line in lines):
        return Mistaken("the order file of ICD-10-PCS, hospital procedures", "Give that of ICD-10-CM.")
    return None


def read(given: Given) -> Mapping[str, pl.DataFrame]:
    """The codes that may be billed, which are those marked 1; headings are marked 0."""
    lines = pl.Series("line", as_text(given.contents()).splitlines()).to_frame().with_row_index("row", 1)
    rows = lines.filter(pl.col("line").str.strip_chars() != "").select(
        "row",
        code=pl.col("line").str.slice(6, 7).str.strip_chars(),
        mark=pl.col("line").str.slice(14, 1),
        title=pl.col("line").str.slice(77).str.strip_chars(),
    )
    for column, fits, expected in (
        ("7 to 13", pl.col("code").str.contains(_CODE), "a code"),
        ("15", pl.col("mark").is_in(["0", "1"]), "0 or 1"),
        ("78 on", pl.col("title") != "", "the title"),
    ):
        bad = rows.filter(~fits)
        if len(bad):
            raise UnreadableFile(
                f"line {bad['row'][0]:,}, column {column}: {expected} is expected",
                where=given.where,
                fix="Nothing was loaded. Download the file again.",
            )
    return {"dx_order": described(rows.filter(mark="1").select("code", "title"))}


FILE: Final = PublishedFile(
    title="ICD-10-CM order file",
    publisher=PUBLISHER,
    source="icd10cm-files",
    tables=("dx_order",),
    recognise=recognise,
    read=read,
    period=period,
    expect_next=due,
)
