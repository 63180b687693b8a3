"""Notices that Medicare may not pay: GA, GX, GY and GZ."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule

_ABN: Final = cite("w-notice-modifiers", "GA, GY and GZ, and which do not stand together")


@rule(
    id="MOD-GA",
    view=View.MODIFIER,
    outcome=Outcome.REJECT,
    in_force=Span(dt.date(2023, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[_ABN],
)
def notices_that_contradict() -> Check:
    """Two of GA, GX, GY and GZ that contradict each other on one line.

    GA says that the patient signed a notice, GZ that nobody did, GY that Medicare never covers it.  Only GX,
    a notice given without need, goes with GY.
    """
    notices = [pl.col(name).cast(pl.Int8) for name in ("mod_ga", "mod_gy", "mod_gz")]
    several = pl.sum_horizontal(notices) > 1
    with_gx = pl.col("mod_gx") & (pl.col("mod_ga") | pl.col("mod_gz"))
    return Check(
        violates=several | with_gx,
        says=pl.format(
            "{} carries notices that contradict: of GA, GX, GY and GZ only GX and GY go together", "code"
        ),
    )


@rule(
    id="MOD-GZ",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[_ABN, cite("cms-claims-manual-12", "lines with GZ are denied by the system", confidence="known")],
)
def expected_denial_without_notice() -> Check:
    """GZ has the line denied, and the practice may not bill the patient.

    It says that a denial is expected and that the patient signed no notice.
    """
    return Check(
        subject=~pl.col("mod_ga") & ~pl.col("mod_gy") & ~pl.col("mod_gx"),
        violates=pl.col("mod_gz"),
        says=pl.format("GZ on {}: Medicare denies it, and without a signed notice nobody pays", "code"),
    )


@rule(
    id="MOD-GY",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[_ABN],
)
def never_covered() -> Check:
    """GY asks Medicare for a denial, as it never covers the service; the patient or a second payer pays."""
    return Check(
        subject=~pl.col("mod_ga") & ~pl.col("mod_gz"),
        violates=pl.col("mod_gy"),
        says=pl.format(
            "GY on {}: Medicare denies it, as it never covers it; the patient pays, if that is meant", "code"
        ),
        at_risk_cents=pl.lit(0),
    )
