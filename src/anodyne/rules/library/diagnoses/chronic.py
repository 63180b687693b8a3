"""Chronic pain, coded once."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="DX-04",
    view=View.DIAGNOSIS,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2020, 10, 1)),
    cites=[
        cite("icd10cm-fy2021", "tabular list, exclusions of the first kind at G89.2 and G90.5"),
        cite("icd10cm-fy2026", "tabular list, the same exclusions"),
    ],
)
def chronic_pain_twice() -> Check:
    """Chronic pain is coded beside the syndrome or the cause that names it.

    Chronic pain not classified elsewhere (G89.2-) excludes chronic pain syndrome, central pain syndrome,
    neoplasm related pain, causalgia and complex regional pain syndrome; these two exclude each other.
    Chronic pain syndrome is for pain with marked psychosocial trouble, as the clinician documents it.
    """
    return Check(
        violates=pl.col("excludes_chronic").is_not_null(),
        says=pl.format(
            "{} is never coded beside {}: keep the one the note supports", "named", "excludes_chronic"
        ),
        codes=("code", "excludes_chronic"),
    )
