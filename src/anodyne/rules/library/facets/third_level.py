"""A third facet level."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="LCD-F7",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2021, 4, 25)),
    cites=[
        cite("w-facet-qa", "question 1: 64492 and 64495 only on appeal"),
        cite("w-cgs-3lvl", "64492 and 64495 not covered"),
    ],
)
def third_level() -> Check:
    """A third facet level.

    One or two levels of a region are covered in a session, on one side or both.  From 2021 a third level,
    64492 or 64495, was denied and could be won on appeal; since the revisions of 2024, whose days differ by
    contractor, Medicare does not cover it at all.
    """
    third = pl.col("payer_facet_third_level")
    return Check(
        subject=(pl.col("group") == "facet_block") & (pl.col("level") == "third"),
        violates=third.is_in(["on_appeal", "not_covered"]).fill_null(value=False),
        says=pl.when(third == "on_appeal")
        .then(
            pl.format("{} is a third facet level: denied, and paid only on appeal with the records", "code")
        )
        .otherwise(pl.format("{} is a third facet level, and two levels are covered in a session", "code")),
    )
