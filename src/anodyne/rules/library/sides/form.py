"""Each payer has one form for both sides."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="MOD-50",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[
        cite("w-fcso-bilateral", "indicator 1: Medicare wants one line with 50"),
        cite("cpt-code-set", "modifier 50"),
    ],
)
def bilateral_form() -> Check:
    """Both sides are billed in a form that the payer does not take.

    Some payers want one line with 50, others a line for each side with RT and LT, or two lines of which the
    second has 50. Two lines to a payer whose policy is not written down are a question, since most want one;
    one line with 50 to such a payer is left alone.
    """
    form = pl.col("payer_bilateral_form")
    two_lines = pl.col("side_lines_of_day") & ~pl.col("is_first_of_day") & (pl.col("mue") == 1)
    right_and_left = two_lines & ~pl.col("mod_50")
    alone = pl.col("mod_50") & ~pl.col("side_lines_of_day")
    return Check(
        subject=(pl.col("bilateral") == 1)
        & ~pl.col("surgery_centre")
        & ((pl.col("mod_50") & form.is_not_null()) | (two_lines & form.ne_missing("one_line_50"))),
        violates=pl.when(form == "two_lines")
        .then(pl.col("mod_50"))
        .when(form == "two_lines_50")
        .then(alone | right_and_left)
        .when(form == "one_line_50")
        .then(pl.lit(value=False)),
        says=pl.when(form == "two_lines")
        .then(pl.format("{}-50: this payer wants a line for each side, LT and RT", "code"))
        .when(pl.col("mod_50"))
        .then(pl.format("{}-50: this payer wants two lines, the second with 50", "code"))
        .otherwise(pl.format("{} for each side: this payer wants 50 on the second line", "code")),
        asks=pl.lit("does this payer want one line with 50, or RT and LT?"),
    )
