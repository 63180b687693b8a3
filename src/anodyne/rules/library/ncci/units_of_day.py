"""The lines of a day have more units than the day allows."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="NCCI-06",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[
        cite("ncci-mue-2024q3", "units a day, indicators 2 and 3"),
        cite("w-ngs-mue", "units of all lines of one day are added up"),
    ],
)
def units_of_day() -> Check:
    """More units on the lines of a day than Medicare allows.

    For indicators 2 and 3 the units of one code on all lines of the patient, day and practitioner are added
    up, whatever their modifiers; a line with 50 counts as its units. Told at the line that crosses the
    limit, where no line crosses it alone.
    """
    both_sides = (pl.col("side_lines_of_day") & (pl.col("bilateral") == 1) & (pl.col("mue") == 1)).fill_null(
        value=False
    )
    total = pl.col("units_of_day").cast(pl.String).str.strip_suffix(".0")
    return Check(
        subject=pl.col("mai").is_in([2, 3])
        & (pl.col("most_units_of_day") <= pl.col("mue"))
        & ~pl.col("own_unit_rule")
        & pl.col("duplicate").ne_missing(other=True)
        & ~both_sides
        & pl.col("unit_basis").ne_missing("MJ"),
        violates=pl.col("payer_mue_edits")
        & (pl.col("units_before") <= pl.col("mue"))
        & (pl.col("units_before") + pl.col("units") > pl.col("mue")),
        says=pl.format(
            "the day's lines of {} come to {} units; Medicare pays {}, whatever the modifiers",
            "code",
            total,
            "mue",
        ),
        asks=pl.format(
            "{} units of {} on the day: does this payer allow more than Medicare's {}?", total, "code", "mue"
        ),
    )
