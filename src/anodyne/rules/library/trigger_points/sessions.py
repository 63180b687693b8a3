"""Trigger-point sessions: how many, how far apart, and beside what."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.frequency import told
from anodyne.rules.rule import Check, View, cite, rule
from anodyne.rules.spelling import spelled


@rule(
    id="LCD-T1",
    view=View.SESSION,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 3, 31)),
    cites=[
        cite("lcd-l36859", "three sessions in a rolling 12 months"),
        cite("lcd-l34211", "three sessions in a rolling 12 months"),
    ],
)
def trigger_point_sessions() -> Check:
    """More trigger-point sessions than a year may have.

    A session is a calendar day, whatever its muscles. Medicare's 12 months reach back to the same day of the
    year before, that day itself no longer counted; a payer may count by calendar year. A session in the
    history counts as held whatever became of its claim.
    """
    limit = pl.col("payer_trigger_point_sessions_year")
    return Check(
        subject=(pl.col("kind") == "trigger_point") & limit.is_not_null(),
        violates=pl.col("sessions") > limit,
        says=told(""),
    )


@rule(
    id="LCD-T1b",
    view=View.SESSION,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2024, 3, 31)),
    cites=[
        cite("lcd-l36859", "relief of six weeks before a repeat"),
        cite("lcd-l34211", "relief of six weeks before a repeat"),
    ],
)
def trigger_points_repeated_early() -> Check:
    """Trigger points injected again before the last session's relief can have lasted.

    A repeat asks for relief of half the pain for six weeks. Other muscles, newly painful, are not meant: the
    record tells.
    """
    apart = pl.col("payer_trigger_point_days_apart")
    return Check(
        subject=(pl.col("kind") == "trigger_point") & apart.is_not_null() & ~pl.col("over_limit"),
        violates=(pl.col("days_since") < apart).fill_null(value=False),
        says=pl.format(
            "trigger points {} days after {}; a repeat needs relief of {} days: next eligible {}",
            "days_since",
            spelled("last_session"),
            apart,
            "next_eligible",
        ),
    )


@rule(
    id="LCD-T1c",
    view=View.SESSION,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2024, 3, 31)),
    cites=[
        cite("lcd-l36859", "other blocks in one session"),
        cite("lcd-l34211", "other blocks in one session"),
    ],
)
def other_block_of_the_day() -> Check:
    """Trigger points and a block of the spine or the sacroiliac joint on one day.

    The policies do not cover other blocks in the session of trigger points. No pair edit stops such a claim,
    or a modifier lifted it; it pays, and is taken back.
    """
    return Check(
        subject=(pl.col("family") == "trigger_point") & pl.col("payer_trigger_point_lcd"),
        violates=pl.col("other_block").is_not_null(),
        says=pl.format(
            "{} and {} on one day: trigger points are covered without other blocks in the session",
            "code",
            "other_block",
        ),
        codes=("code", "other_block"),
    )
