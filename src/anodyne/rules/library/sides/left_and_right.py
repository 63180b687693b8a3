"""LT and RT do not stand on one line."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="INJ-11b",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[
        cite("w-fcso-bilateral", "indicator 1: modifier 50; LT and RT for one side only"),
        cite("mpfs-rvu24c", "bilateral indicator 1"),
    ],
)
def left_and_right_on_one_line() -> Check:
    """LT and RT stand on one line.

    Each names one side. Both sides are modifier 50, or two lines where a payer wants them.
    """
    return Check(
        subject=pl.col("mod_lt") & pl.col("mod_rt") & ~pl.col("mod_50") & (pl.col("bilateral") == 1),
        violates=pl.col("payer_bilateral_form").is_in(["one_line_50", "two_lines", "two_lines_50"]),
        says=pl.when(pl.col("payer_bilateral_form") == "two_lines")
        .then(pl.format("LT and RT on one line: this payer wants {} once for each side", "code"))
        .when(pl.col("payer_bilateral_form") == "two_lines_50")
        .then(pl.format("LT and RT on one line: this payer wants {} twice, the second with 50", "code"))
        .otherwise(pl.format("LT and RT on one line: both sides are {}-50 with one unit", "code")),
        asks=pl.format("{} with LT and RT on one line: does this payer want 50, or two lines?", "code"),
    )
