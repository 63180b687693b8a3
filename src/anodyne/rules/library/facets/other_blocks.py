"""Other blocks in a facet session."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="LCD-F9",
    view=View.SESSION,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2021, 4, 25)),
    cites=[cite("facet-lcd-known", "epidurals, trigger points and other blocks in one session")],
)
def other_block_of_the_day() -> Check:
    """A facet procedure and another block on one day.

    The coverage policies do not take an epidural, trigger points or another block in the session of a facet
    procedure, save where a synovial cyst is treated; nerves away from the spine are not meant. No pair edit
    stops such a claim, or a modifier lifted it; it pays, and is taken back.
    """
    return Check(
        subject=(pl.col("family") == "facet") & pl.col("payer_facet_lcd"),
        violates=pl.col("other_block").is_not_null() & ~pl.col("cyst"),
        says=pl.format(
            "{} and {} on one day: facet procedures are covered without other blocks in the session",
            "code",
            "other_block",
        ),
        codes=("code", "other_block"),
    )
