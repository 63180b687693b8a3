"""Heat inside a disc is not covered."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule


@rule(
    id="INJ-33a",
    view=View.COURSE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[cite("mpfs-rvu24c", "22526 and 22527, status N"), cite("ncd-150-11", "not covered")],
)
def heat_in_a_disc() -> Check:
    """Intradiscal electrothermal annuloplasty, 22526 and 22527, billed to Medicare.

    Medicare does not cover it anywhere; GA or GX tells that the patient knew beforehand.
    """
    return Check(
        subject=pl.col("course") == "disc_heating",
        violates=pl.lit(value=True),
        says=pl.format("{}: Medicare covers no heat treatment inside a disc (status N)", "code"),
    )
