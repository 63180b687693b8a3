"""The first month of chronic pain management starts in person."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="CPM-06",
    view=View.CARE,
    outcome=Outcome.ASK,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("w-aapc-cpm", "the first time G3002 is reported, the patient is seen in person"),
        cite("w-nixon", "initial face-to-face visit of at least 30 minutes"),
    ],
)
def first_month_by_telehealth() -> Check:
    """A first G3002 by telehealth.

    Before a practitioner's first G3002 for a patient there must be a visit in person of at least 30 minutes;
    later months may be by telehealth.  Where an earlier G3002 of the same practitioner is read, the visit is
    taken to have been; otherwise the chart must say.
    """
    return Check(
        subject=(pl.col("group") == "cpm") & (pl.col("level") == "first") & pl.col("telehealth"),
        violates=~pl.col("seen_before"),
        says=pl.lit("G3002 by telehealth, and the patient was never seen in person by this practitioner"),
        asks=pl.format(
            "first {} read from this practitioner, and by telehealth: was there a visit in person?", "code"
        ),
    )
