"""The Medicare Coverage Database: its numbers of states."""

from typing import Final

import polars as pl

from anodyne.reference.coverage_database import NUMBER, export_file
from anodyne.reference.given import Given
from anodyne.reference.grid import demand

_PARTS: Final = {"DN": "NY", "QN": "NY", "UN": "NY", "EM": "MO", "WM": "MO", "NF": "CA", "SF": "CA"}
"""Parts of states that the database numbers apart: of New York, Missouri and California."""


def _read(given: Given, frame: pl.DataFrame) -> pl.DataFrame:
    demand(given, frame, "state_id", pl.col("state_id").str.contains(NUMBER), "a number")
    letters = pl.col("state_abbrev").str.to_uppercase()
    states = frame.filter(letters.str.contains("^[A-Z]{2}$"))
    return states.select("state_id", state=letters.replace(_PARTS)).unique()


FILE: Final = export_file(
    "Medicare Coverage Database, numbers of states", "state_numbers", ("state_id", "state_abbrev"), _read
)
