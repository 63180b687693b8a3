"""In what order to work: what is at stake, how likely it is won, and how little time is left, in words."""

import datetime as dt

import polars as pl

from anodyne.model.denials import ACTION_WORDS, CAUSE_WORDS, NOTHING_TO_WIN
from anodyne.model.frames import WORK, checked
from anodyne.reference.tables import Reference

_PASSED, _LATER, _UNKNOWN = "passed", "later", "unknown"
"""The rows of the table of urgency that are no number of days."""


def ordered(determinations: pl.DataFrame, reference: Reference, *, as_of: dt.date) -> pl.DataFrame:
    """`determinations`, most worth doing first: the columns of `frames.WORK`.

    The score is cents at stake × chance × urgency.  Chances, by cause, and urgencies, by days left, are
    defaults of this project: no payer publishes such a number.  What has nothing to win, or its day behind
    it, scores nothing; among equals the earlier deadline comes first, then the larger amount.
    """
    day = pl.lit(as_of)
    rows = determinations.with_columns(
        days_left=(pl.col("deadline") - day).dt.total_days().cast(pl.Int32),
        urgency_tenths=_urgency(reference, as_of),
        chance_percent=_chance(reference, as_of),
    )
    winnable = ~pl.col("action").is_in(NOTHING_TO_WIN)
    score = pl.col("at_stake_cents") * pl.col("chance_percent") * pl.col("urgency_tenths") / 1000
    rows = rows.with_columns(
        score_cents=pl.when(winnable)
        .then(score.round(mode="half_away_from_zero").cast(pl.Int64))
        .otherwise(0)
    )
    rows = rows.with_columns(told=_told(winnable)).sort(
        ["score_cents", "deadline", "at_stake_cents", "determination_key"],
        descending=[True, False, True, False],
        nulls_last=True,
    )
    rows = rows.with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.UInt32))
    return checked(rows.select(*WORK), WORK)


def _live(reference: Reference, table: str, as_of: dt.date) -> pl.DataFrame:
    until = pl.col("until")
    return reference.table(table).filter(pl.col("from") <= as_of, until.is_null() | (until > as_of))


def _urgency(reference: Reference, as_of: dt.date) -> pl.Expr:
    tenths: dict[str, int] = dict(
        _live(reference, "denial_urgency", as_of).select("days_left", "tenths").iter_rows()
    )
    left = (pl.col("deadline") - pl.lit(as_of)).dt.total_days()
    factor = pl.lit(tenths[_LATER])
    for most in sorted((int(name) for name in tenths if name.isdigit()), reverse=True):
        factor = pl.when(left <= most).then(tenths[str(most)]).otherwise(factor)
    factor = pl.when(left < 0).then(tenths[_PASSED]).otherwise(factor)
    return pl.when(left.is_null()).then(tenths[_UNKNOWN]).otherwise(factor).cast(pl.Int32)


def _chance(reference: Reference, as_of: dt.date) -> pl.Expr:
    percents: dict[str, int] = dict(
        _live(reference, "denial_chances", as_of).select("cause", "percent").iter_rows()
    )
    return pl.col("cause").replace_strict(percents, default=None, return_dtype=pl.Int32)


def _told(winnable: pl.Expr) -> pl.Expr:
    left = pl.col("days_left")
    days = (
        pl.when(left == 1).then(pl.lit("1 day is left")).otherwise(pl.format("{} days are left", "days_left"))
    )
    when = (
        pl.when(left.is_null())
        .then(pl.lit("no deadline is known"))
        .when(left < 0)
        .then(pl.format("its day was {}", pl.col("deadline").dt.strftime("%-d %b %Y")))
        .otherwise(days)
    )
    times = pl.col("urgency_tenths")
    factor = pl.format("{}.{}", times // 10, times % 10)
    cause = pl.col("cause").replace_strict(dict(CAUSE_WORDS), default=None, return_dtype=pl.String)
    action = pl.col("action").replace_strict(dict(ACTION_WORDS), default=None, return_dtype=pl.String)
    worked = pl.format(
        "{} at stake × {} % (this project's default for: {}) × {} ({}) = {}",
        _dollars("at_stake_cents"),
        "chance_percent",
        cause,
        factor,
        when,
        _dollars("score_cents"),
    )
    return (
        pl.when(winnable)
        .then(worked)
        .otherwise(pl.format("{} at stake, nothing to win: {}", _dollars("at_stake_cents"), action))
    )


def _dollars(cents: str) -> pl.Expr:
    """Cents as people write them."""
    whole, rest = pl.col(cents) // 100, pl.col(cents) % 100
    grouped = whole.cast(pl.String).str.reverse().str.replace_all(r"(\d{3})", "${1},").str.reverse()
    return pl.format("${}.{}", grouped.str.strip_chars_start(","), rest.cast(pl.String).str.zfill(2))
