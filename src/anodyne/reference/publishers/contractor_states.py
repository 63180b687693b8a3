"""The Medicare Coverage Database: the states that each contractor serves, by their numbers."""

from typing import Final

import polars as pl

from anodyne.reference.coverage_database import CONTRACTOR, NUMBER, contractor, export_file
from anodyne.reference.given import Given
from anodyne.reference.grid import demand


def _read(given: Given, frame: pl.DataFrame) -> pl.DataFrame:
    for column in ("contractor_id", "state_id"):
        demand(given, frame, column, pl.col(column).str.contains(NUMBER), "a number")
    serving = frame.filter(pl.col("term_date").is_null())
    return serving.select("state_id", contractor=contractor()).select("contractor", "state_id").unique()


FILE: Final = export_file(
    "Medicare Coverage Database, states of contractors",
    "contractor_states",
    (*CONTRACTOR, "state_id", "term_date"),
    _read,
)
