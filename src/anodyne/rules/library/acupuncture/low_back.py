"""Acupuncture for chronic low back pain only."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="INJ-38",
    view=View.COURSE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2020, 1, 21)),
    cites=[
        cite("ncd-30-3-3", "covered for chronic low back pain, every other indication not"),
        cite("ncd-30-3-3-codes", "M54.5 until 2021-09-30, then M54.50, M54.51 and M54.59"),
        cite("w-acu", "diagnoses that reviews found not covered"),
    ],
)
def acupuncture_for_low_back_pain() -> Check:
    """Acupuncture or dry needling for another diagnosis than low back pain.

    Medicare covers both for chronic low back pain alone: not for fibromyalgia, osteoarthritis, the neck or
    the head.  The line must point to one of the low back pain codes in force on its day.
    """
    return Check(
        subject=(pl.col("course") == "acupuncture") & pl.col("payer_acupuncture_low_back"),
        violates=~pl.col("diagnosed"),
        says=pl.format(
            "{} for {}: covered for chronic low back pain only, M54.50, M54.51 or M54.59", "code", "diagnosis"
        ),
        asks=pl.format("{} points to no diagnosis: which pain was treated?", "code"),
    )


@rule(
    id="INJ-38a",
    view=View.COURSE,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2020, 1, 21)),
    cites=[cite("ncd-30-3-3", "not of a systemic cause, of surgery or of pregnancy")],
)
def acupuncture_for_pain_of_a_cause() -> Check:
    """Acupuncture for low back pain, with a diagnosis that gives the pain a cause of its own.

    Covered is pain of no cause that can be named: not of metastases, inflammation, infection, surgery or
    pregnancy.
    """
    return Check(
        subject=(pl.col("course") == "acupuncture")
        & pl.col("payer_acupuncture_low_back")
        & pl.col("diagnosed"),
        violates=pl.col("other_cause").is_not_null(),
        says=pl.format(
            "{} for low back pain with {}: covered only where the pain is not of such a cause",
            "code",
            "other_cause",
        ),
    )
