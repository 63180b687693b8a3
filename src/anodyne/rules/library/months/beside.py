"""What does not share a month with what."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="CM-05",
    view=View.MONTH,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[
        cite("ncci-ptp-2024q3", "care management pairs, indicator 0, held for the whole month"),
        cite("w-rpm-rules", "remote physiologic and therapeutic monitoring are not billed together"),
    ],
)
def another_programme_is_paid() -> Check:
    """A programme whose code is not paid beside another of the month.

    Pair edits name the two for one day; the work they count is that of a calendar month.  The code that is
    paid stays, and the time of the other cannot be billed this month.
    """
    return Check(
        subject=pl.col("exclusive_code").is_not_null(),
        violates=pl.col("exclusive_code").is_not_null(),
        says=pl.format(
            "{} is not paid in a month with {} ({}) of the same practitioner",
            "first_code",
            "exclusive_code",
            "exclusive_program",
        ),
        codes=("exclusive_code", "first_code"),
    )


@rule(
    id="CM-11",
    view=View.MONTH,
    outcome=Outcome.ASK,
    in_force=Span(dt.date(2015, 1, 1)),
    cites=[cite("care-concurrency-known", "programmes that share a month, and those that do not")],
)
def two_programmes_not_settled() -> Check:
    """Two programmes of a month of which nothing tells whether both are paid.

    Either they exclude each other and no edit of that month says which is paid, or nothing was found about
    the two.  A person decides which is billed.
    """
    return Check(
        subject=pl.col("unsettled_program").is_not_null(),
        violates=pl.col("unsettled_program").is_not_null(),
        says=pl.format(
            "{} beside {} in one month: which of the two is billed?", "program_name", "unsettled_program"
        ),
        codes=("first_code",),
        needs="practice: which of the two programmes this month is billed",
    )


@rule(
    id="CM-08a",
    view=View.MONTH,
    outcome=Outcome.ASK,
    in_force=Span(dt.date(2015, 1, 1)),
    cites=[
        cite("ngs-care-management", "one practitioner a calendar month"),
        cite("noridian-tcm", "one practitioner in the 30 days after a discharge"),
    ],
)
def two_practitioners_of_one_patient() -> Check:
    """Two practitioners earn the same programme for one patient.

    Chronic care, transitional care and remote monitoring are paid to one practitioner; which one is for the
    practice and the patient to say.
    """
    return Check(
        subject=pl.col("program").is_in(["ccm", "complex_ccm", "tcm", "rpm", "rtm"]),
        violates=(pl.col("other_billers") > 0).fill_null(value=False),
        says=pl.format(
            "another practitioner earns {} for this patient too: whose patient is it?", "program_name"
        ),
        codes=("first_code",),
        needs="practice: which practitioner bills the programme for this patient",
    )


@rule(
    id="CPM-13",
    view=View.MONTH,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite(
            "cy2023-pfs-final-rule",
            "more than one practitioner may bill; more than two are thought unlikely",
            confidence="known",
        )
    ],
)
def third_practitioner() -> Check:
    """A third practitioner of chronic pain management in one month.

    Nothing forbids it, and Medicare says that it will look at it.
    """
    return Check(
        subject=pl.col("program") == "cpm",
        violates=(pl.col("biller_number") > 2).fill_null(value=False),
        says=pl.format(
            "this is practitioner number {} of chronic pain management for the patient in the month",
            "biller_number",
        ),
        codes=("first_code",),
    )
