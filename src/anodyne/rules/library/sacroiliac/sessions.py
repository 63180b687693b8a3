"""Sacroiliac sessions: how many of which purpose, and how far apart."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.frequency import told
from anodyne.rules.rule import Check, View, cite, rule
from anodyne.rules.spelling import spelled


@rule(
    id="LCD-S2",
    view=View.SESSION,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 3, 19)),
    cites=[
        cite("article-a59243", "utilization: four therapeutic sessions in a rolling 12 months"),
        cite("w-sij-faq", "one day is one session; sides on two days are two"),
    ],
)
def therapeutic_sessions() -> Check:
    """More therapeutic sacroiliac sessions than a year may have.

    27096 and 64451 count together, and a session without KX is therapeutic. Both sides on one day are one
    session, on two days two. Medicare's 12 months reach back to the same day of the year before, that day
    itself no longer counted; a payer may count by calendar year. A session in the history counts as held
    whatever became of its claim.
    """
    limit = pl.col("payer_sacroiliac_sessions_year")
    return Check(
        subject=(pl.col("kind") == "sacroiliac_therapeutic") & limit.is_not_null(),
        violates=pl.col("sessions") > limit,
        says=told("therapeutic"),
    )


@rule(
    id="LCD-S2a",
    view=View.SESSION,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 3, 19)),
    cites=[cite("article-a59243", "utilization: two diagnostic sessions; KX on each")],
)
def diagnostic_sessions() -> Check:
    """More diagnostic sacroiliac sessions than are needed to find the joint at fault.

    A session with KX on a line is diagnostic. Two are covered, whatever the code and the sides; they are
    counted over twelve months.
    """
    limit = pl.col("payer_sacroiliac_diagnostic_sessions")
    return Check(
        subject=(pl.col("kind") == "sacroiliac_diagnostic") & limit.is_not_null(),
        violates=pl.col("sessions") > limit,
        says=told("diagnostic"),
    )


@rule(
    id="LCD-S2b",
    view=View.SESSION,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 3, 19)),
    cites=[cite("article-a59243", "KX for the first diagnostic injections only, not once treatment began")],
)
def diagnostic_after_treatment() -> Check:
    """A diagnostic sacroiliac session after treatment of the joint began.

    KX is for the one or two injections that confirm the diagnosis. Once a therapeutic session was held,
    further diagnostic ones are not covered; reviewers look for them.
    """
    return Check(
        subject=(pl.col("kind") == "sacroiliac_diagnostic")
        & pl.col("payer_sacroiliac_lcd")
        & ~pl.col("over_limit"),
        violates=pl.col("treated_before").is_not_null(),
        says=pl.format(
            "KX says {} is diagnostic, but the side was treated on {}: check KX and record",
            "code",
            spelled("treated_before"),
        ),
    )


@rule(
    id="LCD-S2c",
    view=View.SESSION,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 3, 19)),
    cites=[cite("lcd-l39455", "relief of three months from the session before")],
)
def therapeutic_repeated_early() -> Check:
    """A therapeutic sacroiliac session of a side repeated before the last one's relief can have lasted.

    A repeat asks for relief of three months from the one before; some payers ask for a time between sessions.
    A first injection that was diagnostic, with KX forgotten, looks the same.
    """
    months = pl.col("payer_sacroiliac_relief_months")
    return Check(
        subject=(pl.col("kind") == "sacroiliac_therapeutic") & months.is_not_null() & ~pl.col("over_limit"),
        violates=(pl.col("day") < pl.col("repeat_from")).fill_null(value=False) & pl.col("same_side"),
        says=pl.format(
            "sacroiliac session of {} repeated on the side before {}: {} months of relief? or is KX missing?",
            spelled("last_session"),
            spelled("repeat_from"),
            months,
        ),
        asks=pl.format(
            "sacroiliac session again after {}, within {} months: was it the same side?",
            spelled("last_session"),
            months,
        ),
    )


@rule(
    id="LCD-S2d",
    view=View.SESSION,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 3, 19)),
    cites=[cite("article-a59243", "KX on the line of each diagnostic injection")],
)
def kx_on_some_lines() -> Check:
    """KX stands on some lines of a sacroiliac session and not on others.

    A diagnostic session has KX on each of its lines. A line without it counts as therapeutic. Which it was is
    for the person who did it to say.
    """
    return Check(
        subject=(pl.col("kind") == "sacroiliac_diagnostic") & pl.col("payer_sacroiliac_lcd"),
        violates=pl.col("kx_missing").is_not_null(),
        says=pl.format(
            "KX says the session is diagnostic, but {} lacks it: on each line, or on none", "kx_missing"
        ),
        codes=("kx_missing",),
    )
