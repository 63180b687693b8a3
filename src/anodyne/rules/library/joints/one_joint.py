"""One joint is one code, with ultrasound or without."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="INJ-04a",
    view=View.PAIR,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[
        cite("ncci-ptp-2024q3", "pairs 20604, 20606, 20611 over 20600, 20605, 20610, indicator 1"),
        cite("w-ngs-ncci-modifiers", "modifiers that pass an edit"),
    ],
)
def one_code_a_joint() -> Check:
    """One joint is not billed both with and without ultrasound.

    The code with ultrasound holds the one without. Both are paid for two joints only, which a modifier on
    either line must say and the record show; the same side on both lines names one joint.
    """
    return Check(
        subject=(pl.col("group") == "joint") & (pl.col("paid_group") == "joint_us"),
        violates=pl.col("payer_ncci_edits")
        & ~((pl.col("indicator") == 1) & pl.col("bypassed") & ~pl.col("same_side")),
        says=pl.format(
            "{} on {} is the injection with ultrasound: {} needs another joint, said with its side or XS",
            "paid_code",
            "paid_place",
            "code",
        ),
        asks=pl.format(
            "does this payer pay {} and {} of one day without a modifier? NCCI does not", "paid_code", "code"
        ),
        codes=("paid_code", "code"),
    )
