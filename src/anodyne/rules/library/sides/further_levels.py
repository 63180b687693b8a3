"""Both sides of a further level."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="INJ-13",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[
        cite("mpfs-rvu24c", "further levels: bilateral indicator 1"),
        cite("article-a57787", "a second level on both sides: the add-on with 50", confidence="known"),
    ],
)
def both_sides_of_a_further_level() -> Check:
    """Both sides of a further level stand on two lines or in two units.

    A payer that wants one line with modifier 50 for both sides wants it on the add-on for a further level as
    well. Two units beside a first level of both sides may mean two more levels: who did it has to say.
    """
    units = (
        pl.col("first_both_sides")
        & (pl.col("units") == 2)
        & ~(pl.col("mod_50") | pl.col("mod_lt") | pl.col("mod_rt"))
    )
    lines = (
        pl.col("side_lines_of_day") & ~pl.col("is_first_of_day") & pl.col("duplicate").ne_missing(other=True)
    )
    return Check(
        subject=(pl.col("level") == "next")
        & (pl.col("bilateral") == 1)
        & (pl.col("mue") > 1)
        & ~pl.col("surgery_centre")
        & (pl.col("payer_bilateral_form") == "one_line_50"),
        violates=units.fill_null(value=False) | lines,
        says=pl.when(lines)
        .then(
            pl.format(
                "{} is on {} too: both sides of a further level are one line with 50 and one unit",
                "code",
                "first_place",
            )
        )
        .otherwise(
            pl.format("2 units of {}: if both sides of one level are meant, it is one unit with 50", "code")
        ),
    )
