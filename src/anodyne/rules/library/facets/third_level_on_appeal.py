"""A third facet level, while it was for an appeal to win."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule


@rule(
    id="LCD-F7",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2021, 7, 1), dt.date(2024, 8, 11)),
    payers=Payers.MEDICARE,
    cites=[cite("w-facet-qa", "question 1: 64492 and 64495 only on appeal")],
)
def third_level_on_appeal() -> Check:
    """A third facet level.

    One or two levels of a region were covered in a session, on one side or both.  Until the revisions of 2024
    a third level, 64492 or 64495, was denied and could be won on appeal; some contractors' revisions came
    some weeks before 2024-08-11.
    """
    return Check(
        subject=(pl.col("group") == "facet_block") & (pl.col("level") == "third"),
        violates=pl.col("payer_facet_lcd"),
        says=pl.format("{} is a third facet level: denied, and paid only on appeal with the records", "code"),
    )
