"""G3002 counts once, and G3003 as far as the unit limit."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Drop, Set, View, cite, rule

_FIRST = (pl.col("group") == "cpm") & (pl.col("level") == "first")
_NEXT = (pl.col("group") == "cpm") & (pl.col("level") == "next")
_MUE = cite("ncci-mue-2024q3", "G3002: 1 a day, absolute; G3003: 4 a day, open to appeal")


@rule(
    id="CPM-03",
    view=View.CARE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("w-asra", "G3002: the first 30 minutes of a calendar month"), _MUE],
)
def one_unit_of_g3002() -> Check:
    """G3002 is one unit.

    It stands for the first 30 minutes of chronic pain management in a calendar month, so that it can be
    earned only once.  Time beyond is G3003, by whole blocks of 15 minutes.
    """
    return Check(
        subject=_FIRST & (pl.col("units_before") == 0),
        violates=pl.col("units") > 1,
        says=pl.format(
            "{} is one unit a month, {} are billed; time past 30 minutes is G3003, by the time log",
            "code",
            pl.col("units").cast(pl.Int64),
        ),
        fix=Set({"units": pl.lit(1), "charge_cents": pl.col("charge_of_one_cents")}),
    )


@rule(
    id="CPM-03a",
    view=View.CARE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("w-asra", "G3002: the first 30 minutes of a calendar month"), _MUE],
)
def one_line_of_g3002() -> Check:
    """G3002 stands on one line of a day.

    A second line of the same patient, day and practitioner bills the same 30 minutes again.
    """
    return Check(
        subject=_FIRST,
        violates=pl.col("units_before") > 0,
        says=pl.format("{} is billed on another line of the day already; it is one unit a month", "code"),
        fix=Drop(),
    )


@rule(
    id="CPM-03b",
    view=View.CARE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[_MUE],
)
def units_of_g3003() -> Check:
    """More units of G3003 on a day than the unit limit.

    Four units, after the 30 minutes of G3002, are 90 minutes.  The limit is a clinical one: a denial of more
    may be appealed with the time log.
    """
    limit = pl.col("mue")
    return Check(
        subject=_NEXT & limit.is_not_null() & (pl.col("units_before") <= limit),
        violates=(pl.col("units_before") + pl.col("units") > limit) & pl.col("payer_mue_edits"),
        says=pl.format(
            "{} units of {} in a day, the limit is {}; appeal with the time log if it bears them out",
            (pl.col("units_before") + pl.col("units")).cast(pl.Int64),
            "code",
            limit,
        ),
        asks=pl.when(pl.col("units").is_null())
        .then(pl.format("{} without units: how many were earned?", "code"))
        .otherwise(pl.format("does this payer limit {} to {} units a day, as Medicare does?", "code", limit)),
    )
