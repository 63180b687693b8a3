"""G3002 by several practitioners of one month."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule

_UNUSUAL = 3


@rule(
    id="CPM-13",
    view=View.CARE,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[cite("cy2023-pfs-final-rule", "chronic pain management: more than one practitioner in a month")],
)
def third_practitioner_of_month() -> Check:
    """A third practitioner bills G3002 for a patient in one month.

    Medicare set no cap, expects more than two to be unusual, and watches.  Colleagues of one group and
    specialty are one practitioner.
    """
    return Check(
        subject=pl.col("practitioner_number").is_not_null(),
        violates=pl.col("practitioner_number") >= _UNUSUAL,
        says=pl.format(
            "practitioner number {} to bill {} for this patient in {}; Medicare expects no more than two",
            "practitioner_number",
            "code",
            "month_name",
        ),
    )


@rule(
    id="CPM-16",
    view=View.CARE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("w-asra", "G3002: per calendar month"),
        cite(
            "cy2023-pfs-final-rule",
            "chronic pain management: once a month by a practitioner",
            confidence="known",
        ),
    ],
)
def second_g3002_of_month() -> Check:
    """A second G3002 of one practitioner in a calendar month.

    It counts the first 30 minutes of the month, whatever the day; colleagues of the same group and specialty
    are the same practitioner.  A claim in the history counts unless a later one corrects it.
    """
    return Check(
        subject=pl.col("cpm_number").is_not_null() & (pl.col("units_before") == 0),
        violates=pl.col("cpm_number") > 1,
        says=pl.format("{} was billed on {}: it is paid once in a calendar month", "code", "cpm_first_on"),
    )
