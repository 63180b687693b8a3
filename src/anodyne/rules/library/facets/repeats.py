"""Facet procedures repeated sooner than their relief can have lasted."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule
from anodyne.rules.spelling import spelled


@rule(
    id="LCD-F3",
    view=View.SESSION,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2021, 4, 25)),
    cites=[cite("facet-lcd-known", "two weeks from the first diagnostic procedure to the second")],
)
def diagnostic_sessions_too_close() -> Check:
    """Two diagnostic facet sessions of one region and side too close together.

    The second comes two weeks or more after the first, unless the record says why not. Left and right on
    days of their own are not meant.
    """
    apart = pl.col("payer_facet_diagnostic_days_apart")
    return Check(
        subject=(pl.col("kind") == "facet_diagnostic") & apart.is_not_null() & ~pl.col("over_limit"),
        violates=(pl.col("days_since") < apart).fill_null(value=False) & pl.col("same_side"),
        says=pl.format(
            "diagnostic {} session {} days after that of {}; at least {} unless the record says why",
            "region_name",
            "days_since",
            spelled("last_session"),
            apart,
        ),
        asks=pl.format(
            "diagnostic {} session {} days after that of {}: was it the same side? {} days are the least",
            "region_name",
            "days_since",
            spelled("last_session"),
            apart,
        ),
    )


@rule(
    id="LCD-F5a",
    view=View.SESSION,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2021, 4, 25)),
    cites=[cite("w-facet-ia", "relief of three months from the therapeutic procedure before")],
)
def therapeutic_repeated_early() -> Check:
    """A therapeutic facet session repeated before the last one's relief can have lasted.

    A repeat of region and side asks for relief of three months from the one before. A first injection that
    was diagnostic, with KX forgotten, looks the same.
    """
    months = pl.col("payer_facet_relief_months")
    return Check(
        subject=(pl.col("kind") == "facet_therapeutic") & months.is_not_null() & ~pl.col("over_limit"),
        violates=(pl.col("day") < pl.col("repeat_from")).fill_null(value=False) & pl.col("same_side"),
        says=pl.format(
            "therapeutic {} facet session of {} repeated before {}: {} months of relief? or is KX missing?",
            "region_name",
            spelled("last_session"),
            spelled("repeat_from"),
            months,
        ),
        asks=pl.format(
            "therapeutic {} facet session again after {}, within {} months: was it the same side?",
            "region_name",
            spelled("last_session"),
            months,
        ),
    )


@rule(
    id="LCD-F6a",
    view=View.SESSION,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2021, 4, 25)),
    cites=[cite("facet-lcd-known", "relief of six months before radiofrequency is repeated at a site")],
)
def radiofrequency_repeated_early() -> Check:
    """Facet radiofrequency of one region and side repeated within six months.

    A repeat at the same joints asks for relief of six months, which cannot have lasted so long. Other joints
    of the region, and the other side on a day of its own, are not meant: the record tells.
    """
    months = pl.col("payer_facet_rf_relief_months")
    return Check(
        subject=(pl.col("kind") == "facet_rf") & months.is_not_null() & ~pl.col("over_limit"),
        violates=(pl.col("day") < pl.col("repeat_from")).fill_null(value=False) & pl.col("same_side"),
        says=pl.format(
            "{} radiofrequency of {} repeated on the side before {}: the same joints need {} months' relief",
            "region_name",
            spelled("last_session"),
            spelled("repeat_from"),
            months,
        ),
        asks=pl.format(
            "{} radiofrequency again after {}, within {} months: were side and joints the same?",
            "region_name",
            spelled("last_session"),
            months,
        ),
    )
