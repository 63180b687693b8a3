"""The day a payer must have a line by: the part of the line view that speaks of timely filing."""

from typing import Final

import polars as pl

from anodyne.model.versions import REPLACEMENT
from anodyne.reference.tables import Reference
from anodyne.rules.fact import Fact, Facts
from anodyne.rules.views.attach import once_for_each, with_facts

_VALUES: Final = (
    "filing_years",
    "filing_months",
    "filing_days",
    "filing_next_workday",
    "corrected_filing_days",
)
_LIMITS: Final = tuple(f"payer_{name}" for name in _VALUES)

FILING_FACTS: Facts = {
    "due_on": Fact(
        pl.Date,
        "last day on which the payer still takes the line, where its limit is known",
        values=_VALUES,
    ),
    "days_left": Fact(pl.Int32, "days from the day of the check until then"),
    "first_due": Fact(
        pl.Boolean,
        "whether it is the first of its claim's lines of that day that are past that day, or near it by the "
        "payer's policy",
    ),
    "due_lines": Fact(pl.UInt32, "how many such lines there are, at the first of them"),
    "due_charge_cents": Fact(pl.Int64, "their charge in cents, at the first of them"),
}


def with_filing(lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """`lines` with the columns of FILING_FACTS.

    The limit is whole calendar years or months, or days, from the first day of service of the line: a year
    from 29 February ends on 28 February.  For a replacement it is the payer's limit for corrections, where
    it has one.  Where the policy says so, a limit that falls on a weekend or a federal holiday moves to the
    next day of work.
    """
    due = once_for_each(lines, ("served_on", "frequency", *_LIMITS), lambda rows: _due(rows, reference))
    lines = lines.hstack(due).with_columns(
        days_left=(pl.col("due_on") - pl.col("as_of")).dt.total_days().cast(pl.Int32)
    )
    near = (
        lines.select(
            "line_key", "claim_key", "served_on", "charge_cents", "days_left", "payer_filing_warning_days"
        )
        .filter(pl.col("days_left") <= pl.col("payer_filing_warning_days").fill_null(-1))
        .group_by("claim_key", "served_on")
        .agg(
            line_key=pl.col("line_key").min(),
            due_lines=pl.len(),
            due_charge_cents=pl.col("charge_cents").sum(),
        )
        .select("line_key", "due_lines", "due_charge_cents", first_due=pl.lit(value=True))
    )
    return with_facts(lines, near, on="line_key").with_columns(pl.col("first_due").fill_null(value=False))


def _due(rows: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    holidays = reference.table("federal_holidays")["day"].str.to_date().to_list()
    served = pl.col("served_on")
    months = pl.coalesce(pl.col("payer_filing_years") * 12, "payer_filing_months")
    corrected = pl.when(pl.col("frequency") == REPLACEMENT).then("payer_corrected_filing_days")
    due = pl.coalesce(
        served.dt.offset_by(pl.format("{}d", corrected)),
        served.dt.offset_by(pl.format("{}mo", months)),
        served.dt.offset_by(pl.format("{}d", "payer_filing_days")),
    )
    workday = due.dt.add_business_days(0, holidays=holidays, roll="forward")
    return rows.select(due_on=pl.when(pl.col("payer_filing_next_workday")).then(workday).otherwise(due))
