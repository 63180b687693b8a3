"""Tests that the specimen is urine belong to the drug test."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule


@rule(
    id="LCD-U1c",
    view=View.COURSE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 12, 24)),
    payers=Payers.MEDICARE,
    cites=[
        cite("cpt-code-set", "80305 to 80307 include validation of the sample"),
        cite("lcd-l39981", "specimen validity testing is not payable", confidence="known"),
    ],
)
def specimen_validity() -> Check:
    """A test of the specimen itself billed beside a drug test.

    Creatinine, acidity or density that shows the urine to be unchanged is quality control, part of the drug
    test and no benefit.  One ordered for another reason says so with 59 or XU.
    """
    return Check(
        subject=(pl.col("course") == "specimen_validity") & pl.col("drug_test_code").is_not_null(),
        violates=~pl.col("separate"),
        says=pl.format(
            "{} beside {}: testing the specimen is part of the drug test, and not paid",
            "code",
            "drug_test_code",
        ),
    )
