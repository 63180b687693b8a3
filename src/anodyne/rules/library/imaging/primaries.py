"""77002 and 77003 need one of their primaries."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="INJ-08",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 6, 3)),
    cites=[
        cite("ncci-aoc-2024", "77002 and 77003, closed lists of primaries"),
    ],
)
def guidance_without_primary() -> Check:
    """Fluoroscopic guidance without a procedure it may guide.

    77002 and 77003 are add-ons with closed lists of procedures. One of the list must be billed for the same
    patient, day and practitioner, on this claim or another.
    """
    return Check(
        subject=pl.col("guidance") & pl.col("imaged_code").is_null(),
        violates=~pl.col("guidance_primary_of_day"),
        says=pl.format("{} stands beside none of the procedures it may guide", "code"),
    )
