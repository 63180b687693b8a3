"""Monitoring is managed with the patient."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="CM-LIVE",
    view=View.MONTH,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2019, 1, 1)),
    cites=[cite("w-rpm-interactive", "interactive communication in the month")],
)
def monitoring_without_contact() -> Check:
    """Treatment management of remote monitoring without a word to the patient.

    At least once in the month the patient, or who cares for them, is spoken to: by telephone, by video or in
    person.  Time without contact counts beside it.
    """
    return Check(
        subject=pl.col("program").is_in(["rpm", "rtm"]) & pl.col("earns"),
        violates=~pl.col("contact"),
        says=pl.format(
            "{} needs one live contact with the patient in the month; none is logged", "first_code"
        ),
        codes=("first_code",),
    )


@rule(
    id="CM-11b",
    view=View.MONTH,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2021, 1, 1)),
    cites=[cite("w-rpm-established", "established patients only")],
)
def monitoring_of_unseen_patient() -> Check:
    """Remote monitoring of a patient of whom no visit is recorded.

    It is for established patients; the enrolment tells no visit before it.
    """
    return Check(
        subject=pl.col("program").is_in(["rpm", "rtm"]) & pl.col("earns"),
        violates=pl.col("initiated_on").is_null() & (pl.col("first_month").fill_null(value=True)),
        says=pl.lit("no visit is recorded before remote monitoring: it is for established patients"),
        codes=("first_code",),
    )
