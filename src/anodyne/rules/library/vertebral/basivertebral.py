"""Ablation of the basivertebral nerve."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule

_BOUND: Final = (pl.col("course") == "basivertebral") & pl.col("payer_basivertebral_lcd")


@rule(
    id="LCD-B1",
    view=View.COURSE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 3, 5)),
    cites=[cite("lcd-basivertebral-known", "vertebrogenic low back pain, M54.51")],
)
def ablation_without_vertebrogenic_pain() -> Check:
    """Basivertebral nerve ablation for another diagnosis than vertebrogenic low back pain, M54.51.

    Six months of pain and the changes of the end plates are for the record to show.
    """
    return Check(
        subject=_BOUND,
        violates=~pl.col("diagnosed"),
        says=pl.format("{} for {}: covered for vertebrogenic low back pain, M54.51", "code", "diagnosis"),
        asks=pl.format("{} points to no diagnosis: is the pain vertebrogenic (M54.51)?", "code"),
    )


@rule(
    id="LCD-B1a",
    view=View.COURSE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 1, 28)),
    cites=[cite("article-a59468", "L3 to S1, each vertebral body once, four in a lifetime")],
)
def ablation_again() -> Check:
    """More vertebral bodies ablated than a patient has for it.

    64628 counts two, and each unit of 64629 one more.  L3 to S1 are four, and none is treated twice.  More
    than four in one session are the business of the unit limits.
    """
    limit = pl.col("payer_basivertebral_bodies_lifetime")
    return Check(
        subject=_BOUND & limit.is_not_null() & (pl.col("times") > 1),
        violates=pl.col("amount_of_life") > limit,
        says=pl.format(
            "{} vertebral bodies ablated in all, {} is the most of a lifetime; earlier {}",
            pl.col("amount_of_life").cast(pl.String).str.strip_suffix(".0"),
            limit,
            "earlier_days",
        ),
    )


@rule(
    id="LCD-B1b",
    view=View.COURSE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 1, 28)),
    cites=[cite("article-a59468", "KX says that imaging and earlier ablations were looked at")],
)
def ablation_without_kx() -> Check:
    """Basivertebral nerve ablation without KX, where the contractor wants it.

    KX says that imaging shows the changes and that the body was not ablated before: for the clinician to say.
    """
    return Check(
        subject=_BOUND & pl.col("payer_basivertebral_kx"),
        violates=~pl.col("kx_throughout"),
        says=pl.format(
            "{} without KX: does the record show end plate changes and no earlier ablation there?", "code"
        ),
    )
