"""Add-ons whose primaries are not all listed."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="NCCI-07",
    view=View.LINE,
    outcome=Outcome.ASK,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[cite("ncci-aoc-2024", "types 2 and 3: lists left to the contractors, in whole or in part")],
)
def open_list() -> Check:
    """An add-on with an open list of primaries stands without any of them.

    Type 3 lists some primaries and lets contractors add others; type 2 lists none, so that any other service
    of the day may be the primary. Monthly care has rules of its own, save the assessment that belongs to the
    visit with which it begins (G0506).
    """
    return Check(
        subject=pl.col("open_add_on")
        & pl.col("payer_ncci_edits")
        & (pl.col("kind").ne_missing("care") | (pl.col("group") == "ccm_planning")),
        violates=~pl.col("primary_of_day"),
        says=pl.format("{} is an add-on and no primary is billed for this day: what does it add to?", "code"),
        needs="chart: the service of that day to which it adds",
    )
