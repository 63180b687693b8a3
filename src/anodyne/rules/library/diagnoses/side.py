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
        violates=pl.col("siblings").is_not_null(),
        says=pl.format("{} leaves the side or site out; if the note names it: {}", "written", "siblings"),
    )
