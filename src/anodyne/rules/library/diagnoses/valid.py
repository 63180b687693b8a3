"""Codes that the edition of their day does not hold."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="DX-15b",
    view=View.DIAGNOSIS,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2020, 10, 1)),
    cites=[
        cite("icd10cm-guidelines", "I.B.2: a code is valid only with all the characters it has"),
        cite("icd10cm-files", "codes that may be billed are marked 1, headings 0"),
    ],
)
def incomplete() -> Check:
    """A heading is billed in place of one of its codes.

    A code is valid only with all its characters: M25.56 heads M25.561, M25.562 and M25.569, and cannot be
    billed.  What the longer codes say is in the note, not on the claim.
    """
    return Check(
        subject=pl.col("form").is_not_null(),
        violates=pl.col("form") == "incomplete",
        says=pl.format("{} is incomplete; the one the note supports: {}", "named", "offers"),
    )


@rule(
    id="DX-15c",
    view=View.DIAGNOSIS,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2020, 10, 1)),
    cites=[
        cite("icd10cm-guidelines", "a code is valid by the day of service"),
        cite("icd10cm-tabular-list", "codes in force"),
    ],
)
def no_such_code() -> Check:
    """A diagnosis code that ICD-10-CM does not hold on the day of service.

    Judged by the edition in force that day.  After the newest edition that is loaded a code may be new: the
    message names the edition.
    """
    nearby = pl.when(pl.col("offers").is_not_null()).then(pl.format("; near it: {}", "offers"))
    return Check(
        subject=pl.col("form").is_not_null(),
        violates=pl.col("form") == "unknown",
        says=pl.format(
            "{} is no code of ICD-10-CM (edition of {}){}", "named", "edition", nearby.otherwise(pl.lit(""))
        ),
    )
