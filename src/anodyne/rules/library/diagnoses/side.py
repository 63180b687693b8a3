"""Diagnoses that leave the side or the site out."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="DX-09",
    view=View.DIAGNOSIS,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2020, 10, 1)),
    cites=[
        cite("icd10cm-guidelines", "I.B.13 laterality"),
        cite("icd10cm-fy2026", "the codes that name a side or site"),
    ],
)
def side_left_out() -> Check:
    """A code for an unspecified side or site, where others name it, invites a question.

    It is valid and may pay; payers hold it against medical necessity, and the note mostly says which side it
    was.
    """
    return Check(
        subject=pl.col("form").is_null(),
        violates=pl.col("siblings").is_not_null(),
        says=pl.format("{} leaves the side or site out; if the note names it: {}", "named", "siblings"),
    )


@rule(
    id="DX-09b",
    view=View.DIAGNOSIS,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2020, 10, 1)),
    cites=[
        cite("icd10cm-guidelines", "I.B.13: right and left are coded apart only where no code says both"),
        cite("icd10cm-fy2026", "the codes that say both sides"),
    ],
)
def both_sides_in_two_codes() -> Check:
    """The right and the left side are coded apart, and one code says both."""
    return Check(
        subject=pl.col("other_side").is_not_null(),
        violates=pl.col("both_sides").is_not_null(),
        says=pl.format("{} and {} are both sides of one condition: {}", "named", "other_side", "both_sides"),
        codes=("code", "other_side"),
    )


@rule(
    id="DX-09d",
    view=View.DIAGNOSIS,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2020, 10, 1)),
    cites=[
        cite("anodyne-practice-defaults", "six visits in twelve months under one unspecified diagnosis"),
        cite("icd10cm-guidelines", "I.B.18: unspecified where the record supports no more"),
    ],
)
def unspecified_visit_after_visit() -> Check:
    """An unspecified diagnosis heads visit after visit.

    It is right while no more is known.  After many visits an auditor reads it as a story that never moves,
    and holds it against the need for the next service.  How many is a default of this project.
    """
    return Check(
        subject=pl.col("unspecified_visits").is_not_null() & pl.col("unspecified_limit").is_not_null(),
        violates=pl.col("unspecified_visits") >= pl.col("unspecified_limit"),
        says=pl.format(
            "{} is unspecified, and heads {} visits since {}: does the note by now support more?",
            "named",
            "unspecified_visits",
            "unspecified_since",
        ),
    )
