"""Diagnoses that never stand beside each other."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="DX-13",
    view=View.DIAGNOSIS,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2020, 10, 1)),
    cites=[
        cite("icd10cm-fy2021", "tabular list, exclusions of the first kind at R52 and G89"),
        cite("icd10cm-fy2026", "tabular list, the same exclusions"),
    ],
)
def excluded_diagnosis() -> Check:
    """Pain not further described, R52, is never coded beside pain that is described.

    The tabular list excludes G89 and the codes of pain by site at R52, and pain of wholly psychological
    origin at each of them.
    """
    return Check(
        violates=pl.col("excludes").is_not_null(),
        says=pl.format("{} is never coded beside {}: keep the one the note supports", "written", "excludes"),
        codes=("code", "excludes"),
    )
