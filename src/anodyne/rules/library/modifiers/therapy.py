"""Therapy under a plan of care: GN, GO, GP, CO and CQ."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule


@rule(
    id="MOD-GP",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[cite("cms-claims-manual-5", "therapy services carry GN, GO or GP")],
)
def therapy_without_plan() -> Check:
    """Therapy for Medicare says by GN, GO or GP under whose plan of care it was given."""
    return Check(
        subject=(pl.col("group") == "physical_therapy") & (pl.col("code") != "97014"),
        violates=~pl.col("mod_plan_of_care"),
        says=pl.format("{} needs GP, GO or GN: under which plan of care was it given?", "code"),
    )


@rule(
    id="MOD-CQ",
    view=View.MODIFIER,
    outcome=Outcome.REJECT,
    in_force=Span(dt.date(2023, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[cite("cms-claims-manual-5", "CQ beside GP, CO beside GO")],
)
def assistant_without_plan() -> Check:
    """A therapy assistant's CQ stands beside GP, CO beside GO."""
    return Check(
        violates=(pl.col("mod_cq") & ~pl.col("mod_gp")) | (pl.col("mod_co") & ~pl.col("mod_go")),
        says=pl.format("{}: an assistant's CQ goes beside GP, CO beside GO", "code"),
    )
