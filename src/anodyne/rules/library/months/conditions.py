"""How many chronic conditions a programme asks for."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule

_CHRONIC_CARE: Final = 2
_PRINCIPAL: Final = 1
_PCM: Final = pl.col("program") == "pcm"


@rule(
    id="CM-06",
    view=View.MONTH,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2015, 1, 1)),
    cites=[
        cite("ngs-care-management", "two or more chronic conditions", confidence="known"),
        cite("cpt-code-set", "principal care management: one condition expected to last three months"),
    ],
)
def too_few_conditions() -> Check:
    """Chronic care management of a patient with fewer than two chronic conditions.

    They are expected to last 12 months or until death.  Principal care management needs one, expected to last
    three months: none that lasts twelve may still be one that lasts three, so that is asked.
    """
    few = pl.col("conditions") < _CHRONIC_CARE
    none = pl.when(pl.col("conditions") >= _PRINCIPAL).then(pl.lit(value=False))
    return Check(
        subject=pl.col("program").is_in(["ccm", "complex_ccm", "pcm"]),
        violates=pl.when(_PCM).then(none).otherwise(few),
        says=pl.format("chronic care management needs two chronic conditions, {} is told", "conditions"),
        asks=pl.when(_PCM)
        .then(pl.lit("is there one high-risk condition expected to last three months or more?"))
        .otherwise(pl.lit("how many conditions are expected to last 12 months or more?")),
        codes=("first_code",),
    )
