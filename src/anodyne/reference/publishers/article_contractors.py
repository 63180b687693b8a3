"""The Medicare Coverage Database: the contractors whose each article is."""

from typing import Final

import polars as pl

from anodyne.reference.coverage_database import (
    ARTICLE,
    CONTRACTOR,
    NUMBER,
    contractor,
    export_file,
    of_newest_versions,
)
from anodyne.reference.given import Given
from anodyne.reference.grid import demand


def _read(given: Given, frame: pl.DataFrame) -> pl.DataFrame:
    for column in ("article_id", "contractor_id"):
        demand(given, frame, column, pl.col(column).str.contains(NUMBER), "a number")
    return of_newest_versions(frame).select("article", contractor=contractor()).unique()


FILE: Final = export_file(
    "Medicare Coverage Database, contractors of articles",
    "article_contractors",
    (*ARTICLE, *CONTRACTOR),
    _read,
)
