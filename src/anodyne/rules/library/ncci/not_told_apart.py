"""Pairs that a modifier may lift, and none does."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="NCCI-01a",
    view=View.PAIR,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[
        cite("ncci-ptp-2024q3", "indicator 1"),
        cite("ncci-policy-manual-1", "column 1 is paid, column 2 is not"),
        cite("w-ngs-ncci-modifiers", "modifiers that pass an edit"),
        cite("lcd-l39240", "several kinds of block in one session", confidence="known"),
    ],
)
def not_told_apart() -> Check:
    """Two codes of one day, one part of the other, with nothing to tell them apart.

    The edit pays the first code of the pair and denies the second, for one patient, day and practitioner,
    on one claim or several, unless a modifier on either line says that they were separate. The modifier is
    for the clinician to answer for from the record, and not put on by itself. Where a coverage policy keeps
    two blocks apart the message says so: a modifier would not have both covered.
    """
    edit = pl.format("{} is part of {} on {}", "code", "paid_code", "paid_place")
    return Check(
        subject=pl.col("first_for_line") & ~pl.col("own_rule") & (pl.col("indicator") == 1),
        violates=pl.col("payer_ncci_edits") & ~pl.col("bypassed"),
        says=pl.when(pl.col("covered_alone").is_not_null())
        .then(
            pl.format(
                "{}; a modifier is no help: {} are covered without other blocks in the session",
                edit,
                "covered_alone",
            )
        )
        .otherwise(
            pl.format(
                "{}; if the record shows a separate site or session, its modifier is missing",
                edit,
            )
        ),
        asks=pl.format(
            "does this payer apply NCCI edits? They take {} as part of {} ({}) without a modifier",
            "code",
            "paid_code",
            "paid_place",
        ),
        codes=("paid_code", "code"),
    )
