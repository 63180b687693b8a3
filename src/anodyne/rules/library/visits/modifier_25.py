"""Modifier 25 belongs on a visit."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule

_NEVER_A_VISIT: Final = (
    "acupuncture", "administration", "anesthesia", "drug", "imaging",
    "lab", "needling", "procedure", "sedation", "supply",
)  # fmt: skip


@rule(
    id="MOD-25",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("w-mod25", "25 goes with a code for evaluation and management")],
)
def modifier_25_on_a_visit() -> Check:
    """Modifier 25 goes on the visit, never on the procedure, test or drug beside it."""
    return Check(
        subject=pl.col("mod_25"),
        violates=pl.col("kind").is_in(_NEVER_A_VISIT).fill_null(value=False),
        says=pl.format(
            "25 on {}: it belongs on a visit only; was it meant for the visit of that day?", "code"
        ),
    )
