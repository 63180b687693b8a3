"""Dry needling beside a trigger-point injection needs other muscles."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="INJ-02c",
    view=View.PAIR,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[
        cite("ncci-ptp-2024q3", "pairs 20552 and 20553 over 20560 and 20561, indicator 1"),
        cite("w-ngs-ncci-modifiers", "modifiers that pass an edit"),
    ],
)
def needling_with_trigger_points() -> Check:
    """Dry needling beside a trigger-point injection is paid for other muscles only.

    A muscle is injected or needled, not both. A modifier on either line says that the muscles were others;
    the record must show it.
    """
    return Check(
        subject=(pl.col("group") == "dry_needling") & (pl.col("paid_group") == "trigger_point"),
        violates=pl.col("payer_ncci_edits") & ~((pl.col("indicator") == 1) & pl.col("bypassed")),
        says=pl.format(
            "{} is part of {} on {} unless other muscles were needled, said with XS",
            "code",
            "paid_code",
            "paid_place",
        ),
        asks=pl.format(
            "does this payer pay {} beside {} without a modifier? NCCI does not", "code", "paid_code"
        ),
        codes=("paid_code", "code"),
    )
