"""The Medicare Coverage Database: the procedure codes that each article names."""

from typing import Final

import polars as pl

from anodyne.reference.coverage_database import ARTICLE, NUMBER, export_file, of_newest_versions
from anodyne.reference.given import Given
from anodyne.reference.grid import CODE, demand


def _read(given: Given, frame: pl.DataFrame) -> pl.DataFrame:
    demand(given, frame, "article_id", pl.col("article_id").str.contains(NUMBER), "a number")
    codes = of_newest_versions(frame).with_columns(code=pl.col("hcpc_code_id").str.to_uppercase())
    return codes.filter(pl.col("code").str.contains(CODE)).select("code", "article").unique()


FILE: Final = export_file(
    "Medicare Coverage Database, codes of articles",
    "article_codes",
    (*ARTICLE, "hcpc_code_id", "hcpc_code_group"),
    _read,
)
