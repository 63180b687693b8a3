"""The Medicare Coverage Database's export of articles, a folder of CSV files: what its readers share.

Which article names a procedure code stands in one file, the diagnoses it covers in another; a third names its
contractors, a fourth the states of contractors by number, a fifth those numbers.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Final

import polars as pl

from anodyne.reference.given import Given
from anodyne.reference.grid import Headings, body, headed, header
from anodyne.reference.published import Known, PublishedFile

NUMBER: Final = r"^\d{1,9}$"
CONTRACTOR: Final = ("contractor_id", "contractor_type_id", "contractor_version")
ARTICLE: Final = ("article_id", "article_version")


def export_file(
    title: str, table: str, columns: tuple[str, ...], read: Callable[[Given, pl.DataFrame], pl.DataFrame]
) -> PublishedFile:
    """One file of the export: known by `columns` in its first row; `read` makes the rows of `table` of them.

    Neither content nor name says when the export was made, so the command asks for the day.
    """
    wanted: Headings = {name: _called(name) for name in columns}

    def recognise(given: Given) -> Known | None:
        return Known(None) if header(given.first_rows()[:1], wanted) is not None else None

    def rows_of(given: Given) -> Mapping[str, pl.DataFrame]:
        rows = given.rows()
        return {table: read(given, body(given, rows, headed(given, rows, wanted)))}

    return PublishedFile(
        title=title,
        publisher="Centers for Medicare & Medicaid Services",
        source="coverage-database",
        tables=(table,),
        recognise=recognise,
        read=rows_of,
        period=str,
        expect_next=_month_later,
    )


def _called(name: str) -> Callable[[str], bool]:
    return lambda heading: heading == name.upper()


def _month_later(start: dt.date) -> dt.date:
    """The export is made anew each week; one that is a month old is worth renewing."""
    return start + dt.timedelta(days=31)


def of_newest_versions(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of each article's newest version in `frame`, which has ARTICLE, with `article` (as A57826)."""
    version = pl.col("article_version").cast(pl.Int64, strict=False)
    newest = frame.filter(version == version.max().over("article_id"))
    return newest.with_columns(article=pl.format("A{}", "article_id"))


def contractor() -> pl.Expr:
    """A contractor as the export numbers it: its id, type and version."""
    return pl.concat_str(CONTRACTOR, separator="-")
