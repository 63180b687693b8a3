"""A service that is billed twice."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="DUP-01",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2013, 7, 1)),
    cites=[
        cite("ngs-duplicates", "same patient, practitioner, service and day; modifiers that tell them apart")
    ],
)
def duplicate() -> Check:
    """A service that another claim of the same day bills already.

    The same code with the same units and modifiers, for one patient, day and practitioner, to the same payer,
    on two claims: the second is refused as a duplicate. A service truly repeated says so by 76, 77, 91 or a
    modifier that tells the services apart; a claim to be corrected goes as a replacement, and one that came
    back as unprocessable is sent again. Trigger points and a month of pain management have rules of their
    own.
    """
    return Check(
        violates=pl.col("duplicate"),
        says=pl.format(
            "{} of {} is on {} already: a duplicate, unless that one came back; a true repeat says 76 or 91",
            "code",
            "day",
            "duplicate_of",
        ),
    )
