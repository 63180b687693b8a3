"""In time."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule


@rule(
    id="TF-01",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2010, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[
        cite("42-cfr-424-44", "one calendar year from the day of service"),
        cite("fcso-timely-filing", "the first day of a line counts; 29 February is due by 28 February"),
        cite("palmetto-timely-filing", "a limit on a weekend or federal holiday moves to the next workday"),
    ],
)
def one_year() -> Check:
    """Medicare must have the claim within one calendar year of the service.

    Each line counts from its first day of service; the same day a year later is still in time, and a service
    of 29 February is due by 28 February.  A limit on a weekend or a federal holiday moves to the next day
    of work.  The day of the check stands for the day of receipt.  One finding is given for each day of
    service on the claim.
    """
    many = pl.when(pl.col("due_lines") > 1).then(pl.format(" ({} lines)", "due_lines")).otherwise(pl.lit(""))
    return Check(
        subject=pl.col("first_due"),
        violates=pl.col("as_of") > pl.col("due_on"),
        says=pl.format(
            "served {}{}, due by {}: only an exception the payer grants can help", "served_on", many, "due_on"
        ),
        at_risk_cents=pl.col("due_charge_cents"),
    )
