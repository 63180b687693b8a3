"""Who pays first for an injury."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="WC-07",
    view=View.CLAIM,
    outcome=Outcome.ASK,
    in_force=Span(dt.date(2012, 1, 1)),
    cites=[cite("msp-manual", "workers' compensation and no-fault insurance pay before Medicare")],
)
def who_pays_first() -> Check:
    """A health plan is billed first for an injury that another insurer answers for.

    CLM11 says that the work caused it, or, to Medicare, a motor accident: workers' compensation or the motor
    insurer pays first, and the plan only what is left, or by exception. Whether there is such an insurer, and
    what it said, is not on a claim to the first payer.
    """
    owed = (pl.col("cause") == "EM") | ((pl.col("cause") == "AA") & pl.col("medicare"))
    first = (
        pl.when(pl.col("cause") == "EM")
        .then(pl.lit("work (EM): does workers' compensation"))
        .otherwise(pl.lit("a motor accident (AA): does its insurer"))
    )
    message = pl.format("CLM11 says {} pay first?", first)
    return Check(
        subject=pl.col("insurer").is_null() & owed,
        violates=~pl.col("others_paid"),
        says=message,
        asks=message,
        codes=("cause",),
        needs="the patient or the employer: which insurer answers for the injury, and what it has paid",
    )
