"""The day a payer must have a line by: the part of the line view that speaks of timely filing."""

import polars as pl

from anodyne.reference.tables import Reference
from anodyne.rules.fact import Fact, Facts
from anodyne.rules.views.attach import once_for_each, with_facts

FILING_FACTS: Facts = {
    "due_on": Fact(pl.Date, "last day on which the payer still takes the line, where its limit is known"),
    "first_late": Fact(
        pl.Boolean,
        "whether it is the first of its claim's lines of that day that are past that day on `as_of`",
    ),
    "late_lines": Fact(pl.UInt32, "how many such lines there are, at the first of them"),
    "late_charge_cents": Fact(pl.Int64, "their charge in cents, at the first of them"),
}


def with_filing(lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """`lines` with the columns of FILING_FACTS.

    The limit is whole calendar years from the first day of service of the line; a year from 29 February ends
    on 28 February.  A limit that falls on a weekend or a federal holiday moves to the next day of work.
    """
    due = once_for_each(lines, ("served_on", "payer_filing_years"), lambda rows: _due(rows, reference))
    lines = lines.hstack(due)
    late = (
        lines.select(
            "line_key", "claim_key", "served_on", "charge_cents", late=pl.col("as_of") > pl.col("due_on")
        )
        .filter("late")
        .group_by("claim_key", "served_on")
        .agg(
            line_key=pl.col("line_key").min(),
            late_lines=pl.len(),
            late_charge_cents=pl.col("charge_cents").sum(),
        )
        .select("line_key", "late_lines", "late_charge_cents", first_late=pl.lit(value=True))
    )
    return with_facts(lines, late, on="line_key").with_columns(pl.col("first_late").fill_null(value=False))


def _due(rows: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    holidays = reference.table("federal_holidays")["day"].str.to_date().to_list()
    served = pl.col("served_on")
    last_of_february = (served.dt.month() == 2) & (served.dt.day() == 29)
    due = pl.date(
        served.dt.year() + pl.col("payer_filing_years"),
        served.dt.month(),
        pl.when(last_of_february).then(28).otherwise(served.dt.day()),
    )
    return rows.select(due_on=due.dt.add_business_days(0, holidays=holidays, roll="forward"))
