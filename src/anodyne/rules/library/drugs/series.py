"""Hyaluronate is given in series, and a knee rests between them."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule
from anodyne.rules.spelling import spelled

_IN_ONE_SERIES: Final = 28
"""Days from one injection to the next within a series: a week, and weeks that were missed."""


@rule(
    id="INJ-42a",
    view=View.COURSE,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2024, 8, 1)),
    cites=[cite("article-a56157", "six months at least before a series is repeated")],
)
def hyaluronate_repeated() -> Check:
    """A series of hyaluronate begun again before the payer's months have passed.

    Injections up to four weeks apart are one series.  Where a line names no side, the earlier one may have
    been the other knee.
    """
    return Check(
        subject=(pl.col("course") == "hyaluronate") & pl.col("repeat_on").is_not_null(),
        violates=(pl.col("days_since") > _IN_ONE_SERIES) & (pl.col("day") < pl.col("repeat_on")),
        says=pl.format(
            "{}{} again {} days after {}: a new series waits {} months, to {}",
            "code",
            pl.when(pl.col("side").is_not_null())
            .then(pl.format(" on the {}", "side"))
            .otherwise(pl.lit(" (which knee?)")),
            "days_since",
            "last_day",
            "payer_hyaluronate_repeat_months",
            spelled("repeat_on"),
        ),
    )
