"""The year of acupuncture visits, as the payer counts it: the part of the course view that speaks of it."""

from typing import Final

import polars as pl

from anodyne.rules.fact import Fact, Facts
from anodyne.rules.views.attach import with_facts
from anodyne.rules.views.course_counts import earlier_days, leaves, told_days
from anodyne.rules.views.days import DAY_FORMAT, a_year_after, ordinal

ACUPUNCTURE: Final = "acupuncture"
_FROM_FIRST: Final = "from_first_visit"
_CALENDAR: Final = "calendar"

YEAR_FACTS: Facts = {
    "year_number": Fact(
        pl.UInt32, "which visit of the acupuncture year this is, 1 the first", values=("acupuncture_year",)
    ),
    "year_ordinal": Fact(pl.String, "that number in words, as ninth or 13th", values=("acupuncture_year",)),
    "year_days": Fact(
        pl.String,
        "the earlier visits of the year, the latest eight, oldest first",
        values=("acupuncture_year",),
    ),
    "year_next": Fact(
        pl.String,
        "the first day on which a visit is within the payer's limit again",
        values=("acupuncture_year", "acupuncture_visits_year"),
    ),
}


def with_acupuncture_year(rows: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """`rows` with the columns of YEAR_FACTS, from the days on which courses were `held`; null for others.

    A year counted from the first visit ends with the eleventh full month after the month of that visit, and
    the next begins with the first visit after that.
    """
    visits = rows.filter(course=ACUPUNCTURE).select(
        "course_day",
        "whole",
        "day",
        way="payer_acupuncture_year",
        limit="payer_acupuncture_visits_year",
    )
    if visits.is_empty():
        return rows.with_columns(pl.lit(None, fact.kind).alias(name) for name, fact in YEAR_FACTS.items())
    starts = _years(held.filter(course=ACUPUNCTURE).select("whole", "held_on"))
    visits = visits.join(starts, left_on=["whole", "day"], right_on=["whole", "held_on"], how="left")
    from_first, calendar = pl.col("way") == _FROM_FIRST, pl.col("way") == _CALENDAR
    in_year = (
        pl.when(from_first)
        .then(pl.col("held_on") >= pl.col("year_start"))
        .when(calendar)
        .then(pl.col("held_on").dt.year() == pl.col("day").dt.year())
        .otherwise(pl.col("held_on") > pl.col("day").dt.offset_by("-1y"))
    )
    before = (
        earlier_days(visits, held)
        .filter(in_year)
        .group_by("course_day")
        .agg(visits=pl.len(), year_days=told_days(), leaves=leaves("limit"))
    )
    number = pl.col("visits").fill_null(0) + 1
    again = (
        pl.when(from_first)
        .then(_year_end())
        .when(calendar)
        .then(pl.date(pl.col("day").dt.year() + 1, 1, 1))
        .otherwise(a_year_after("leaves"))
    )
    visits = with_facts(visits, before, on="course_day").select(
        "course_day",
        "year_days",
        year_number=number,
        year_ordinal=ordinal(number),
        year_next=again.dt.strftime(DAY_FORMAT),
    )
    return with_facts(rows, visits, on="course_day")


def _years(held: pl.DataFrame) -> pl.DataFrame:
    """For each of `held` (`whole`, `held_on`) the first visit of its year (`year_start`)."""
    found = []
    while len(held):
        held = held.with_columns(year_start=pl.col("held_on").min().over("whole"))
        inside = pl.col("held_on") < _year_end()
        found.append(held.filter(inside))
        held = held.filter(~inside)
    return pl.concat(found)


def _year_end() -> pl.Expr:
    """The first day that no longer belongs to the year that began on `year_start`."""
    return pl.col("year_start").dt.month_start().dt.offset_by("12mo")
