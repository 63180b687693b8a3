"""Claims that replace or void an earlier one."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule

_REPLACES: Final = pl.col("frequency").is_in(["7", "8"])
_WHAT: Final = pl.when(pl.col("frequency") == "7").then(pl.lit("a replacement")).otherwise(pl.lit("a void"))


@rule(
    id="TF-03",
    view=View.CLAIM,
    outcome=Outcome.REJECT,
    in_force=Span(dt.date(2012, 1, 1)),
    cites=[cite("x12-005010x222a1", "2300 CLM05-3 and REF*F8")],
)
def original_not_named() -> Check:
    """A claim that replaces or voids another names it.

    Frequency 7 or 8 asks for the payer's own number of the first claim in REF*F8.
    """
    return Check(
        subject=_REPLACES & pl.col("payer_replacement_claims").fill_null(value=True),
        violates=pl.col("original_ref").is_null(),
        says=pl.format(
            "{} (frequency {}) without REF*F8: the payer's number of the first claim", _WHAT, "frequency"
        ),
        codes=("frequency",),
    )


@rule(
    id="TF-03a",
    view=View.CLAIM,
    outcome=Outcome.REJECT,
    in_force=Span(dt.date(2012, 1, 1)),
    cites=[cite("cms-claims-manual-12", "Part B takes original claims only; corrections go by reopening")],
)
def replacement_not_taken() -> Check:
    """Medicare Part B takes original claims only.

    A claim that was paid or denied is corrected by a reopening, within a year, or by appeal; one that came
    back as unprocessable is sent again as an original.
    """
    return Check(
        subject=_REPLACES & pl.col("payer_replacement_claims").is_not_null(),
        violates=~pl.col("payer_replacement_claims"),
        says=pl.format(
            "{} (frequency {}), refused by this payer: ask for a reopening, or send as 1 if unprocessable",
            _WHAT,
            "frequency",
        ),
        codes=("frequency",),
    )
