"""A code billed on an earlier claim is part of one billed now."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="NCCI-04",
    view=View.PAIR,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[
        cite("ncci-ptp-2024q3", "pairs and their indicators"),
        cite("ncci-policy-manual-1", "same patient, day and practitioner, on one claim or several"),
    ],
)
def billed_before() -> Check:
    """A code of an earlier claim is part of a code billed now for the same day.

    The edits hold for one patient, day and practitioner, whatever claims the codes stand on. Where the code
    that is not paid was billed first, one of the two is taken back when they meet, unless a modifier tells
    the services apart: for a visit 24, 25, 27 or 57; for imaging none that only names a side; for other
    services any that the edits accept, but not the same side on both.
    """
    return Check(
        subject=pl.col("billed_before") & pl.col("payer_ncci_edits"),
        violates=~((pl.col("indicator") == 1) & pl.col("told_apart")),
        says=pl.format(
            "{} on an earlier claim of this day is part of {}: one of the two is taken back",
            "code",
            "paid_code",
        ),
        codes=("paid_code", "code"),
    )
