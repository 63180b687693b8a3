"""The Medicare Coverage Database: the diagnoses that each article covers, code by code."""

from typing import Final

import polars as pl

from anodyne.reference.coverage_database import ARTICLE, NUMBER, export_file, of_newest_versions
from anodyne.reference.given import Given
from anodyne.reference.grid import demand

_DIAGNOSIS: Final = r"^[A-WYZ]\d[0-9A-Z]{1,5}$"
"""A code of ICD-10-CM; what an article without a list has in its place, XX000, is none."""


def _read(given: Given, frame: pl.DataFrame) -> pl.DataFrame:
    demand(given, frame, "article_id", pl.col("article_id").str.contains(NUMBER), "a number")
    plain = pl.col("icd10_code_id").str.to_uppercase().str.replace_all(".", "", literal=True)
    listed = of_newest_versions(frame).with_columns(dx=plain)
    return listed.filter(pl.col("dx").str.contains(_DIAGNOSIS)).select("article", "dx").unique()


FILE: Final = export_file(
    "Medicare Coverage Database, diagnoses covered by articles",
    "article_diagnoses",
    (*ARTICLE, "icd10_code_id", "icd10_covered_group"),
    _read,
)
