"""A visit of a new patient who is not new."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="EM-05",
    view=View.FOLLOWING,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("w-new-patient", "new and established patients: three years, same group and specialty")],
)
def not_a_new_patient() -> Check:
    """A new-patient visit within three years of a service by the same practitioner.

    New is who was not seen face to face by this practitioner, or by a colleague of the same group and
    specialty, in the three years before.  The same day of the third year before is no longer counted.  The
    levels of the two families do not stand for each other: the note tells the established visit's.
    """
    return Check(
        subject=pl.col("seen_code").is_not_null(),
        violates=pl.col("seen_code").is_not_null(),
        says=pl.format(
            "{} is for a new patient, and {} was given on {}: bill the established visit the note supports",
            "code",
            "seen_code",
            "seen_on",
        ),
        codes=("code", "seen_code"),
    )
