"""An interlaminar or caudal epidural has no sides."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="INJ-14",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("mpfs-rvu24c", "62320 to 62327: bilateral indicator 9"),
        cite("cpt-code-set", "62320 to 62327: one injection into the epidural space"),
    ],
)
def epidural_has_no_sides() -> Check:
    """An interlaminar or caudal epidural is billed with a side.

    62320 to 62327 go into the epidural space in the midline: 50, LT and RT do not apply. If a foramen of
    one side was meant, the code is another one, and the person who did it has to say so.
    """
    side = (
        pl.when(pl.col("mod_50"))
        .then(pl.lit("50"))
        .when(pl.col("mod_lt"))
        .then(pl.lit("LT"))
        .otherwise(pl.lit("RT"))
    )
    return Check(
        subject=pl.col("group").is_in(["epidural_interlaminar", "epidural_catheter"]),
        violates=pl.col("mod_50") | pl.col("mod_lt") | pl.col("mod_rt"),
        says=pl.format("{}-{}: this epidural has no sides; take {} off", "code", side, side),
    )
