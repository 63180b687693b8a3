"""Epidural sessions of one region: how many, and how far apart."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.frequency import told
from anodyne.rules.rule import Check, View, cite, rule
from anodyne.rules.spelling import spelled

_MOST_IN_A_SERIES = 2


@rule(
    id="LCD-E2",
    view=View.SESSION,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2021, 12, 5)),
    cites=[
        cite("article-a58745", "four sessions of a region in a rolling 12 months"),
        cite("lcd-l33906", "four sessions of a region in a rolling 12 months"),
    ],
)
def epidural_sessions() -> Check:
    """More epidural sessions of a region than a year, or half a year, may have.

    Interlaminar, caudal and transforaminal injections count together. A session is a calendar day, whatever
    its sides and levels. Medicare's 12 months reach back to the same day of the year before, that day itself
    no longer counted; a payer may count by calendar year, and have a limit for 6 months as well. A session in
    the history counts as held whatever became of its claim.
    """
    year, half = pl.col("payer_epidural_sessions_year"), pl.col("payer_epidural_sessions_half_year")
    return Check(
        subject=pl.col("kind") == "epidural",
        violates=(pl.col("sessions") > year).fill_null(value=False)
        | (pl.col("half_year_sessions") > half).fill_null(value=False),
        says=told("epidural"),
    )


@rule(
    id="LCD-E4",
    view=View.SESSION,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2021, 12, 5)),
    cites=[cite("w-esi", "fourteen days to a repeat with another technique or drug")],
)
def epidural_sessions_too_close() -> Check:
    """An epidural of a region repeated within two weeks.

    Where the relief of the first one is short, another approach or drug may be tried two weeks later, and no
    sooner.
    """
    apart = pl.col("payer_epidural_days_apart")
    return Check(
        subject=(pl.col("kind") == "epidural") & apart.is_not_null() & ~pl.col("over_limit"),
        violates=(pl.col("days_since") < apart).fill_null(value=False),
        says=pl.format(
            "{} epidural session {} days after that of {}; at least {}: next eligible {}",
            "region_name",
            "days_since",
            spelled("last_session"),
            apart,
            "next_eligible",
        ),
    )


@rule(
    id="LCD-E4a",
    view=View.SESSION,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2021, 12, 5)),
    cites=[
        cite("w-esi", "three months of relief before a repeat, save after the first"),
        cite("lcd-l39240", "no series of injections", confidence="known"),
    ],
)
def series_of_epidurals() -> Check:
    """A third epidural of a region within the months that relief must last.

    A repeat asks for relief of three months; only the first injection may be followed sooner, once. Three
    within three months look like a series that was planned, which is not covered.
    """
    months = pl.col("payer_epidural_relief_months")
    close = (pl.col("days_since") < pl.col("payer_epidural_days_apart")).fill_null(value=False)
    return Check(
        subject=(pl.col("kind") == "epidural") & months.is_not_null() & ~pl.col("over_limit") & ~close,
        violates=pl.col("series") > _MOST_IN_A_SERIES,
        says=pl.format(
            "{} epidurals of the {} region within {} months look like a series; last {}; next eligible {}",
            "series",
            "region_name",
            months,
            spelled("last_session"),
            "next_eligible",
        ),
    )
