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
        says=pl.format("{} is never coded beside {}: keep the one the note supports", "named", "excludes"),
        codes=("code", "excludes"),
    )


@rule(
    id="DX-13a",
    view=View.DIAGNOSIS,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2020, 10, 1)),
    cites=[
        cite("icd10cm-tabular-list", "exclusions of the first kind, of codes, categories and blocks"),
        cite("icd10cm-excludes1-unrelated", "both are coded where the two conditions are unrelated"),
    ],
)
def excluded_by_a_note() -> Check:
    """Two diagnoses of a claim exclude each other by a note, unless they are unrelated.

    The guidelines make one exception: conditions that have nothing to do with each other may both be coded,
    and where that is not clear the clinician is asked.
    """
    return Check(
        subject=pl.col("excludes_note").is_not_null(),
        violates=pl.col("one_condition"),
        says=pl.format(
            "{} and {} exclude each other (note at {}): one condition takes one code",
            "named",
            "excludes_note",
            "note_of",
        ),
        asks=pl.format(
            "{} and {} exclude each other (note at {}) unless they are unrelated",
            "named",
            "excludes_note",
            "note_of",
        ),
        codes=("code", "excludes_note"),
    )
