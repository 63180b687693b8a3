"""Epidural sessions of one region in twelve months."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule


@rule(
    id="LCD-E2",
    view=View.SESSION,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2022, 6, 19)),
    payers=Payers.MEDICARE,
    cites=[
        cite("article-a58745", "four sessions of a region in a rolling 12 months"),
        cite("lcd-l33906", "four sessions of a region in a rolling 12 months"),
    ],
)
def epidural_sessions() -> Check:
    """More epidural sessions of a region than a year may have.

    Interlaminar, caudal and transforaminal injections count together.  A session is a calendar day, whatever
    its sides and levels.  The 12 months reach back to the same day of the year before, that day itself no
    longer counted.  A session in the history counts as held whatever became of its claim.
    """
    return Check(
        subject=pl.col("kind") == "epidural",
        violates=pl.col("sessions") > pl.col("payer_epidural_sessions_year"),
        says=pl.format(
            "{} {} epidural session in 12 months, {} are covered; earlier {}; next eligible {}",
            "session_ordinal",
            "region_name",
            "payer_epidural_sessions_year",
            "earlier_sessions",
            "next_eligible",
        ),
    )
