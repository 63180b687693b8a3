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

    Some payers want one line with 50, others a line for each side. Two lines to a payer whose policy is not
    written down are a question, since most want one; one line with 50 to such a payer is left alone.
    """
    two_lines = pl.col("side_lines_of_day") & ~pl.col("is_first_of_day") & (pl.col("mue") == 1)
    known = pl.col("payer_bilateral_form").is_not_null()
    return Check(
        subject=(pl.col("bilateral") == 1)
        & ~pl.col("surgery_centre")
        & ((pl.col("mod_50") & known) | (two_lines & ~known)),
        violates=(pl.col("payer_bilateral_form") == "two_lines") == pl.col("mod_50"),
        says=pl.format("{}-50: this payer wants a line for each side, LT and RT", "code"),
        asks=pl.lit("does this payer want one line with 50, or RT and LT?"),
    )
