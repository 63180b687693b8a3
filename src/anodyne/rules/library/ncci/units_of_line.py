"""A line has more units than the day allows."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="NCCI-05",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[
        cite("ncci-mue-2024q3", "units a day"),
        cite("ncci-mue-faq", "what the adjudication indicators mean"),
    ],
)
def units_of_line() -> Check:
    """More units on a line than Medicare allows in a day.

    Indicator 1 counts the line, 2 and 3 the day; 2 is absolute, 3 open to an appeal with the record. A code
    that the table allows no units is judged for Medicare only.
    """
    has_sides = ((pl.col("bilateral") == 1) & (pl.col("mue") == 1)).fill_null(value=False)
    allowed = (pl.col("mue") > 0) | (pl.col("medicare") & pl.col("kind").ne_missing("visit"))
    units = pl.col("units").cast(pl.String).str.strip_suffix(".0")
    limit = (
        pl.when(pl.col("mai") == 2)
        .then(pl.lit("an absolute limit"))
        .when(pl.col("mai") == 3)
        .then(pl.lit("more only on appeal with the record"))
        .otherwise(pl.lit("more only on lines of their own"))
    )
    return Check(
        subject=allowed
        & pl.col("mue").is_not_null()
        & ~pl.col("own_unit_rule")
        & ~has_sides
        & pl.col("unit_basis").ne_missing("MJ"),
        violates=pl.col("payer_mue_edits") & (pl.col("units") > pl.col("mue")),
        says=pl.when(pl.col("mue") == 0)
        .then(pl.format("Medicare pays no units of {}", "code"))
        .otherwise(pl.format("{} units of {}: Medicare pays {} a day, {}", units, "code", "mue", limit)),
        asks=pl.format(
            "{} units of {}: does this payer allow more than Medicare's {} a day?", units, "code", "mue"
        ),
    )
