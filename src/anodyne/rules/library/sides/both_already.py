"""50 adds nothing to a code that holds both sides."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="MOD-50b",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[
        cite("mpfs-rvu24c", "bilateral indicator 2"),
        cite("transmittal-1777", "codes priced for both sides"),
    ],
)
def modifier_50_on_both_sides() -> Check:
    """Modifier 50 is on a code that already means both sides.

    Bilateral indicator 2 says that the code and its price are for both sides, as the injections for chronic
    migraine.
    """
    return Check(
        subject=pl.col("bilateral") == 2,
        violates=pl.col("mod_50"),
        says=pl.format("{}-50: the code already means both sides; take 50 off", "code"),
    )
