"""Joints of one facet radiofrequency session."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="LCD-F7a",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2021, 4, 25)),
    cites=[cite("article-a57826", "one or two levels of a region in a session", confidence="known")],
)
def third_radiofrequency_joint() -> Check:
    """Radiofrequency of more than two joints of a side in a session.

    One or two levels of a region are covered, on one side or both. The first joint is 64633 or 64635, and
    each unit of 64634 or 64636 one more. Both sides of a level are one level.
    """
    return Check(
        subject=(pl.col("group") == "facet_rf")
        & (pl.col("level") == "next")
        & pl.col("is_first_of_day")
        & pl.col("payer_facet_lcd"),
        violates=pl.col("further_levels") > 1,
        says=pl.format(
            "{} units of {} with the first joint are more than the two levels a session covers",
            pl.col("units_of_day").cast(pl.Int64),
            "code",
        ),
    )
