"""The CMS list of place of service codes: a code, its name, and a description that is not kept."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from anodyne.reference.given import Given
from anodyne.reference.grid import Headings, body, demand, headed, header
from anodyne.reference.published import Known, PublishedFile

_HEADINGS: Final[Headings] = {
    "pos": lambda heading: heading.startswith("PLACE OF SERVICE CODE") or heading == "POS_CODE",
    "name": lambda heading: heading in {"PLACE OF SERVICE NAME", "POS_NAME"},
}
_UNASSIGNED: Final = "unassigned"


def recognise(given: Given) -> Known | None:
    """Known by its headings; nothing in it tells its day."""
    return Known(None) if header(given.first_rows(), _HEADINGS) is not None else None


def read(given: Given) -> Mapping[str, pl.DataFrame]:
    """The codes that are assigned, of two digits, and their names."""
    rows = given.rows()
    frame = body(given, rows, headed(given, rows, _HEADINGS)).with_columns(
        pl.col("pos").str.strip_suffix(".0").str.zfill(2)
    )
    frame = frame.filter(pl.col("name").str.to_lowercase().str.starts_with(_UNASSIGNED).not_())
    demand(given, frame, "Place of Service Code", pl.col("pos").str.contains(r"^\d{2}$"), "two digits")
    return {"place_names": frame.select("pos", "name")}


FILE: Final = PublishedFile(
    title="place of service codes",
    publisher="Centers for Medicare & Medicaid Services",
    source="x12-place-of-service",
    tables=("place_names",),
    recognise=recognise,
    read=read,
    period=str,
    expect_next=lambda _: None,
    whole=True,
)
