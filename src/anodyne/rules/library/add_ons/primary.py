"""An add-on needs its primary."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="INJ-18",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[
        cite("ncci-aoc-2024", "type 1: closed lists of primaries"),
        cite("cpt-code-set", "add-on codes"),
    ],
)
def add_on_without_primary() -> Check:
    """An add-on code without the service it adds to.

    An add-on with a closed list is billed with one of its primaries, for the same patient, day and
    practitioner, on this claim or another. Image guidance, monthly care and prolonged visits to other
    payers than Medicare have other rules.
    """
    prolonged = pl.col("kind").eq_missing("add_on_visit")
    return Check(
        subject=pl.col("add_on")
        & pl.col("kind").ne_missing("care")
        & ~pl.col("guidance")
        & (~prolonged | pl.col("medicare"))
        & pl.col("status").ne_missing("I"),
        violates=~pl.col("primary_of_day"),
        says=pl.format("{} is an add-on of {}: none is billed for this day", "code", "primaries"),
    )
