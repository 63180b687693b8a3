"""Two visits on one day."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="EM-15",
    view=View.PAIR,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[cite("ncci-ptp-2024q3", "pairs of visits")],
)
def two_visits() -> Check:
    """Two visits of one patient, day and practitioner are one visit.

    Some of these pairs can be lifted by a modifier where the visits were separate; others never.
    """
    visits = pl.format("{} and {} on {} are one visit", "code", "paid_code", "paid_place")
    never = pl.col("indicator") == 0
    return Check(
        subject=(pl.col("kind") == "visit") & (pl.col("paid_kind") == "visit"),
        violates=pl.col("payer_ncci_edits") & (never | ~pl.col("bypassed")),
        says=pl.when(never)
        .then(pl.concat_str(visits, pl.lit(", whatever the modifier: bill the one the record supports")))
        .otherwise(pl.concat_str(visits, pl.lit("; 25 only if they were separate: ask the clinician"))),
        asks=pl.format("does this payer pay {} beside {} on {}?", "code", "paid_code", "paid_place"),
        codes=("paid_code", "code"),
    )
