"""Both sides are one unit."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="INJ-11a",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[
        cite("ncci-mue-2024q3", "limit 1"),
        cite("mpfs-rvu24c", "bilateral indicator 1"),
        cite("w-fcso-bilateral", "indicator 1: one unit with modifier 50"),
    ],
)
def one_unit_for_both_sides() -> Check:
    """More than one unit of a code that has sides and a limit of one.

    Both sides are one line with modifier 50 and one unit; a further level has a code of its own. Units
    above one are denied.
    """
    units = pl.col("units").cast(pl.String).str.strip_suffix(".0")
    return Check(
        subject=(pl.col("bilateral") == 1)
        & (pl.col("mue") == 1)
        & ~pl.col("surgery_centre")
        & pl.col("unit_basis").ne_missing("MJ"),
        violates=pl.col("payer_mue_edits") & (pl.col("units") > 1),
        says=pl.when(pl.col("mod_50"))
        .then(pl.format("{} units of {}-50: 50 already says both sides, with one unit", units, "code"))
        .otherwise(
            pl.format("{} units of {}: the limit is 1 a day; both sides are one unit with 50", units, "code")
        ),
        asks=pl.format(
            "{} units of {}: does this payer allow more than Medicare's one a day?", units, "code"
        ),
    )
