"""One drug test of a kind for a patient and day."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule


@rule(
    id="INJ-44d",
    view=View.COURSE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[
        cite("lcd-l39981", "one presumptive test of a patient and day"),
        cite("ncci-mue-2024q3", "each drug test: 1, absolute for the day"),
    ],
)
def tested_twice_on_a_day() -> Check:
    """Two practitioners bill a drug test of one kind for the same patient and day.

    One presumptive and one definitive test are paid for a day, whoever tests: the office that reads a cup and
    the laboratory that runs an analyser bill one of the two.  What one practitioner bills twice is told by
    the general edits.
    """
    kinds = ["drug_test_presumptive", "drug_test_definitive"]
    return Check(
        subject=pl.col("course").is_in(kinds),
        violates=pl.col("practitioners") > 1,
        says=pl.format("{}: another practitioner bills a test of this kind that day; one is paid", "code"),
    )
