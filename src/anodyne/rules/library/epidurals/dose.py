"""The steroid of an epidural session."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="LCD-E7b",
    view=View.SESSION,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2021, 12, 5)),
    cites=[cite("epidural-steroid-known", "the most of each steroid in a session")],
)
def too_much_steroid() -> Check:
    """More steroid than an epidural session may have.

    Methylprednisolone and triamcinolone 80 mg, betamethasone 12 mg, dexamethasone 15 mg. Counted are the
    units given, without what was thrown away (JW), where the day shows no other injection that can have taken
    them. Wrong units look the same.
    """

    def number(name: str) -> pl.Expr:
        return pl.col(name).cast(pl.String).str.strip_suffix(".0")

    return Check(
        subject=(pl.col("kind") == "epidural")
        & (pl.col("region_number") == 1)
        & pl.col("payer_epidural_lcd"),
        violates=(pl.col("steroid_mg") > pl.col("steroid_most_mg")).fill_null(value=False),
        says=pl.format(
            "{} mg of {} in an epidural session, {} mg are the most: check units and record",
            number("steroid_mg"),
            "steroid_code",
            number("steroid_most_mg"),
        ),
        codes=("code", "steroid_code"),
    )
