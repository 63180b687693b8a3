"""Both sides are one line with 50."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="INJ-11",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[
        cite("mpfs-rvu24c", "bilateral indicator 1"),
        cite("ncci-mue-2024q3", "limit 1"),
        cite("w-fcso-bilateral", "indicator 1: one unit with modifier 50"),
    ],
)
def both_sides_on_two_lines() -> Check:
    """Both sides of a code limited to one unit a day stand on two lines.

    A payer that wants one line with modifier 50 and one unit counts two lines as two units, above the limit
    of one, and denies them. A surgical centre bills sides on two lines and is not meant.
    """
    return Check(
        subject=pl.col("side_lines_of_day")
        & ~pl.col("is_first_of_day")
        & (pl.col("bilateral") == 1)
        & (pl.col("mue") == 1)
        & ~pl.col("surgery_centre")
        & pl.col("duplicate").ne_missing(other=True)
        & pl.col("payer_bilateral_form").is_not_null(),
        violates=pl.col("payer_bilateral_form") == "one_line_50",
        says=pl.format(
            "{} is on {} too: both sides are one line with 50 and one unit", "code", "first_place"
        ),
    )
