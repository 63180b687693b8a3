"""A trigger-point code has one unit."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Set, View, cite, rule


@rule(
    id="INJ-01a",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("cpt-code-set", "20552 and 20553: muscles counted once a session"),
        cite("ncci-mue-2024q3", "20552 and 20553: 1, absolute for the day"),
    ],
)
def one_trigger_point_unit() -> Check:
    """A trigger-point code is billed with one unit.

    The code itself counts the muscles: one or two, or three and more. Needle passes, sites and muscles
    never make more units, whoever pays. The fix divides the charge where it divides evenly.
    """
    return Check(
        subject=(pl.col("group") == "trigger_point")
        & pl.col("is_first_of_day")
        & pl.col("unit_basis").ne_missing("MJ"),
        violates=pl.col("units") > 1,
        says=pl.format(
            "{} units of {}: muscles are counted in the code (20552 or 20553), once a session",
            pl.col("units").cast(pl.String).str.strip_suffix(".0"),
            "code",
        ),
        fix=Set({"units": pl.lit(1), "charge_cents": pl.col("charge_of_one_cents")}),
    )
