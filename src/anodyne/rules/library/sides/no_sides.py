"""50 is for codes that have sides."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="MOD-50a",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[
        cite("mpfs-rvu24c", "bilateral indicators 0 and 9"),
        cite("w-fcso-bilateral", "indicator 0: not with modifier 50"),
    ],
)
def modifier_50_without_sides() -> Check:
    """Modifier 50 is on a code to which two sides do not apply.

    Bilateral indicator 0 or 9 says that anatomy or the code leaves no room for 50. A payer of its own mind
    is asked.
    """
    own_rule = pl.col("group").is_in(["epidural_interlaminar", "epidural_catheter"]).fill_null(value=False)
    return Check(
        subject=pl.col("mod_50") & pl.col("bilateral").is_in([0, 9]) & ~own_rule & ~pl.col("surgery_centre"),
        violates=pl.col("payer_bilateral_form").is_in(["one_line_50", "two_lines", "two_lines_50"]),
        says=pl.format(
            "{}-50: this code is never billed for both sides (bilateral indicator {})", "code", "bilateral"
        ),
        asks=pl.format("does this payer take 50 on {}? Medicare never does", "code"),
    )
