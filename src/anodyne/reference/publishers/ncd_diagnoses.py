"""The diagnoses that a national coverage determination covers, a workbook of CMS: 30.3.3, acupuncture."""

import re
from collections.abc import Mapping
from typing import Final

import polars as pl

from anodyne.kernel.errors import UnreadableFile
from anodyne.reference.given import Given, Grid
from anodyne.reference.grid import Headings, body, demand, headed, header
from anodyne.reference.published import Known, Mistaken, PublishedFile

_HEADINGS: Final[Headings] = {
    "dx": lambda heading: heading.startswith(("ICD-10 CM", "ICD-10-CM")) and "DESC" not in heading,
}
_NUMBER: Final = re.compile(r"NCD:?\s*(\d+(?:\.\d+)+)")
_JUDGED: Final = "30.3.3"
_DIAGNOSIS: Final = r"^[A-Z]\d[0-9A-Z]{1,5}$"


def recognise(given: Given) -> Known | Mistaken | None:
    """Known by the number of the determination above a column of diagnoses."""
    rows = given.first_rows()
    number = _determination(rows)
    if number is None or header(rows, _HEADINGS) is None:
        return None
    if number != _JUDGED:
        return Mistaken(f"the diagnoses of NCD {number}", f"Only those of NCD {_JUDGED} are judged by.")
    return Known(None)


def _determination(rows: Grid) -> str | None:
    """The number that stands above the header, as `NCD: 30.3.3`."""
    above = " ".join(" ".join(row) for row in rows[:10]).upper()
    told = _NUMBER.search(above)
    return told[1] if told else None


def read(given: Given) -> Mapping[str, pl.DataFrame]:
    """The diagnoses without their dots."""
    rows = given.rows()
    number = _determination(rows)
    if number is None:
        raise UnreadableFile(
            "it does not name its determination", where=given.where, fix="Download it again."
        )
    frame = body(given, rows, headed(given, rows, _HEADINGS))
    plain = pl.col("dx").str.to_uppercase().str.replace_all(".", "", literal=True)
    frame = frame.with_columns(dx=plain)
    demand(given, frame, "ICD-10-CM", pl.col("dx").str.contains(_DIAGNOSIS), "a diagnosis code")
    return {"ncd_diagnoses": frame.select("dx", ncd=pl.lit(number))}


FILE: Final = PublishedFile(
    title="NCD 30.3.3, diagnoses for which acupuncture is covered",
    publisher="Centers for Medicare & Medicaid Services",
    source="ncd-30-3-3-codes",
    tables=("ncd_diagnoses",),
    recognise=recognise,
    read=read,
    period=str,
    expect_next=lambda _: None,
)
