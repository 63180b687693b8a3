"""Discography: the pictures go with the discs that were injected."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="INJ-33",
    view=View.COURSE,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("cpt-code-set", "62290 with 72295, 62291 with 72285, each for every disc")],
)
def discogram_without_its_injection() -> Check:
    """More discograms read than discs of the region were injected.

    62290 and 72295 are lumbar, 62291 and 72285 cervical or thoracic; each counts one disc.  Silent where no
    disc is injected that day: someone else may read the pictures.
    """
    read = pl.col("units") - pl.col("amount")
    return Check(
        subject=pl.col("course").is_in(["discogram_lumbar", "discogram_cervical"])
        & ((pl.col("amount") > 0) | pl.col("other_region")),
        violates=read > pl.col("amount"),
        says=pl.format(
            "discs read {}, injected in that region {}: 62290 goes with 72295, 62291 with 72285",
            read.cast(pl.String).str.strip_suffix(".0"),
            pl.col("amount").cast(pl.String).str.strip_suffix(".0"),
        ),
    )
