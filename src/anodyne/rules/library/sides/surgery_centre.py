"""A surgical centre bills sides on two lines."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule


@rule(
    id="INJ-12",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[
        cite("w-sij-faq", "surgical centres: two lines, LT and RT, never 50"),
        cite("article-a59257", "billing by surgical centres"),
    ],
)
def surgery_centre_without_50() -> Check:
    """A surgical centre bills its own facility with modifier 50.

    For the facility both sides are two lines, LT and RT, one unit each. The professional claim for the same
    procedure does use 50.
    """
    return Check(
        subject=pl.col("surgery_centre"),
        violates=pl.col("mod_50"),
        says=pl.format("a surgical centre bills {} on two lines, LT and RT, never with 50", "code"),
    )
