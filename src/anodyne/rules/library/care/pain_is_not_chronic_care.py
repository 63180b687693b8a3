"""Chronic pain management is not chronic care management."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="CM-15",
    view=View.CARE,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("mln909188", "two or more chronic conditions"),
        cite("cy2023-pfs-final-rule", "chronic pain management: G3002 and G3003"),
    ],
)
def chronic_care_for_pain_alone() -> Check:
    """Chronic care management on a claim that names pain alone.

    99490, 99491 and 99487 are chronic *care* management, for two or more chronic conditions.  Chronic *pain*
    management is G3002.  No edit reads the diagnoses, so that the claim pays; a reviewer who finds pain alone
    takes it back.  Pain and the one thing in spine or nerve that it comes from are pain alone; two such
    causes count as conditions.
    """
    return Check(
        subject=(pl.col("group") == "ccm") & (pl.col("level") == "first"),
        violates=pl.col("pain_only"),
        says=pl.format(
            "{} is care of two chronic conditions, and the claim names pain alone; pain management is G3002",
            "code",
        ),
    )


@rule(
    id="CM-06",
    view=View.CARE,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("mln909188", "two or more chronic conditions")],
)
def chronic_care_for_one_condition() -> Check:
    """Chronic care management on a claim that names one condition.

    It is for two or more chronic conditions, expected to last a year.  The claim pays; a reviewer who finds
    one takes it back.  Principal care, 99424 and 99426, is for one.  Pain alone is told by CM-15.
    """
    return Check(
        subject=(pl.col("group") == "ccm") & (pl.col("level") == "first") & ~pl.col("pain_only"),
        violates=pl.col("one_condition"),
        says=pl.format(
            "{} is care of two or more chronic conditions, and the claim names one; name the others, if any",
            "code",
        ),
    )
