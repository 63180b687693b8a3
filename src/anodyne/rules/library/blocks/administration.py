"""Administration of a drug beside the injection that gave it."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="INJ-15a",
    view=View.PAIR,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[
        cite("ncci-ptp-2024q3", "injections over 96360 to 96375, indicator 1"),
        cite("w-ngs-ncci-modifiers", "the record must satisfy the modifier used"),
    ],
)
def administration_beside_a_sided_injection() -> Check:
    """The administration of a drug passes its edit only by the side of an injection or block beside it.

    What is in the syringe of an injection is given by that injection. LT or RT on a joint or block lifts the
    edit and says nothing of another syringe; 59 or XS on the administration does. Without any side the pair
    is denied: NCCI-01a.
    """
    return Check(
        subject=pl.col("payer_ncci_edits")
        & pl.col("first_for_line")
        & ~pl.col("own_rule")
        & (pl.col("indicator") == 1)
        & (pl.col("kind") == "administration")
        & (pl.col("paid_kind") == "procedure"),
        violates=pl.col("lone_side") | pl.col("same_side"),
        says=pl.format(
            "the side does not set {} apart from {} on {}; 59 or XS only if another drug was given elsewhere",
            "code",
            "paid_code",
            "paid_place",
        ),
        codes=("paid_code", "code"),
    )
