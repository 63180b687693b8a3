"""Pairs that no modifier lifts."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Drop, View, cite, rule


@rule(
    id="NCCI-01",
    view=View.PAIR,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[
        cite("ncci-ptp-2024q3", "indicator 0"),
        cite("ncci-policy-manual-1", "column 1 is paid, column 2 is not"),
    ],
)
def never_together() -> Check:
    """Two codes of one day that are never paid together.

    The edit pays the first code of the pair and denies the second, for one patient, day and practitioner,
    on one claim or several. No modifier lifts it. Whether a payer other than Medicare follows the edits is
    for that payer to say.
    """
    return Check(
        subject=pl.col("first_for_line") & ~pl.col("own_rule") & (pl.col("indicator") == 0),
        violates=pl.col("payer_ncci_edits"),
        says=pl.format(
            "{} is not paid beside {} on {}: no modifier lifts the pair", "code", "paid_code", "paid_place"
        ),
        asks=pl.format(
            "does this payer apply NCCI edits? They never pay {} beside {} ({})",
            "code",
            "paid_code",
            "paid_place",
        ),
        fix=Drop(),
        codes=("paid_code", "code"),
    )
