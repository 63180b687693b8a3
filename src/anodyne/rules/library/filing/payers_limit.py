"""In time by the payer's own limit."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


def _many() -> pl.Expr:
    return pl.when(pl.col("due_lines") > 1).then(pl.format(" ({} lines)", "due_lines")).otherwise(pl.lit(""))


@rule(
    id="TF-02",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2010, 1, 1)),
    cites=[cite("payer-contracts", "the filing limit of each payer is in its policy")],
)
def payers_limit() -> Check:
    """A payer must have the claim within the limit of its contract or its state's law.

    Each line counts from its first day of service; the last day of the limit is in time. A replacement has
    the payer's limit for corrections, where the policy gives one. The day of the check stands for the day of
    receipt. One finding is given for each day of service on the claim. Payers whose limit is not known are
    not judged; Medicare's own limit is another rule.
    """
    return Check(
        subject=pl.col("first_due") & ~pl.col("medicare"),
        violates=pl.col("as_of") > pl.col("due_on"),
        says=pl.format(
            "served {}{}, due by {}: past this payer's limit; look for proof of an earlier filing",
            "served_on",
            _many(),
            "due_on",
        ),
        at_risk_cents=pl.col("due_charge_cents"),
    )


@rule(
    id="TF-02a",
    view=View.LINE,
    outcome=Outcome.ASK,
    in_force=Span(dt.date(2010, 1, 1)),
    cites=[cite("payer-contracts", "the filing limit of each payer is in its policy")],
)
def nearly_late() -> Check:
    """A claim that the payer must have within a few days.

    How many days is for the payer's policy to say; where it does not, nothing is told.
    """
    return Check(
        subject=pl.col("first_due")
        & (pl.col("days_left") >= 0)
        & pl.col("payer_filing_warning_days").is_not_null(),
        violates=pl.col("days_left") <= pl.col("payer_filing_warning_days"),
        says=pl.format(
            "served {}{}: the payer must have it by {} (days left: {}); file it first",
            "served_on",
            _many(),
            "due_on",
            "days_left",
        ),
        needs="the biller: the claim filed before that day",
    )
