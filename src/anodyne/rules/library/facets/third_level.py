"""A third facet level, since it is not covered."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule


@rule(
    id="LCD-F7",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 8, 11)),
    payers=Payers.MEDICARE,
    cites=[
        cite("w-cgs-3lvl", "64492 and 64495 not covered"),
        cite("lcd-l34892", "revision for services from 2024-08-11"),
    ],
)
def third_level() -> Check:
    """A third facet level.

    One or two levels of a region are covered in a session, on one side or both.  64492 and 64495 are not
    covered since the revisions of 2024, the last of which came into force on 2024-08-11.
    """
    return Check(
        subject=(pl.col("group") == "facet_block") & (pl.col("level") == "third"),
        violates=pl.col("payer_facet_lcd"),
        says=pl.format("{} is a third facet level, and Medicare covers two levels in a session", "code"),
    )
