"""Dry needling and acupuncture do not stand together."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="INJ-02",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 1, 1)),
    cites=[
        cite("ncci-ptp-2024q3", "pairs 20560 and 20561 over 97810 to 97814, indicator 0"),
        cite("w-acu", "dry needling and acupuncture of one day, from 2024"),
    ],
)
def needling_with_acupuncture() -> Check:
    """Dry needling and acupuncture of one day are not both paid.

    No modifier lifts the pair: the acupuncture is denied. Whether a payer other than Medicare follows the
    edit is for that payer to say.
    """
    return Check(
        subject=(pl.col("group") == "acupuncture") & pl.col("needling_code").is_not_null(),
        violates=pl.col("payer_ncci_edits"),
        says=pl.format(
            "{} is not paid on the day of dry needling ({} on {}): no modifier lifts the pair",
            "code",
            "needling_code",
            "needling_place",
        ),
        asks=pl.format(
            "does this payer pay {} on the day of dry needling ({})? NCCI never does", "code", "needling_code"
        ),
        codes=("needling_code", "code"),
    )
