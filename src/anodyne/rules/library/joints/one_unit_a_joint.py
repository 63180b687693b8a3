"""A joint injection has one unit a joint."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="INJ-04",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[
        cite("ncci-mue-2024q3", "20600 to 20611, limits of the day"),
        cite("cpt-code-set", "20600 to 20611: one unit a joint"),
    ],
)
def one_unit_a_joint() -> Check:
    """More joint injections than the day may hold.

    One unit is one joint, however often the needle goes in. The limit of the day leaves room for both
    sides; units above it are denied and paid only on appeal with a record that names each joint.
    """
    total = (pl.col("units_before") + pl.col("units")).cast(pl.String).str.strip_suffix(".0")
    return Check(
        subject=pl.col("group").is_in(["joint", "joint_us"])
        & pl.col("mue").is_not_null()
        & pl.col("unit_basis").ne_missing("MJ"),
        violates=pl.col("payer_mue_edits")
        & (pl.col("units_before") <= pl.col("mue"))
        & (pl.col("units_before") + pl.col("units") > pl.col("mue")),
        says=pl.format(
            "{} units of {}: one unit is one joint, and the limit of the day is {}", total, "code", "mue"
        ),
        asks=pl.format(
            "{} units of {}: does this payer allow more than Medicare's {} a day?", total, "code", "mue"
        ),
    )
