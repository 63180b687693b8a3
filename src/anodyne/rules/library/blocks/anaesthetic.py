"""Local anaesthetic of a block."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="INJ-15",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("w-lido", "lidocaine bundled into procedures by NCCI since 2004"),
        cite("ncci-ptp-2024q3", "injections over J0670 and J2001"),
    ],
)
def anaesthetic_of_the_injection() -> Check:
    """A local anaesthetic is billed beside the injection or block it was for.

    Lidocaine, bupivacaine, ropivacaine and the like, given to numb the skin or to make the block, are part of
    the procedure under any code. A modifier that sets the drug apart says it was for something else.
    """
    return Check(
        subject=pl.col("injection_of_day").is_not_null() & pl.col("payer_ncci_edits"),
        violates=~pl.col("mod_separate"),
        says=pl.format(
            "{} is the anaesthetic of {}: part of the procedure, not paid apart", "code", "injection_of_day"
        ),
        codes=("injection_of_day", "code"),
    )
