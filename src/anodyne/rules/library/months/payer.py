"""Whether the payer pays the programme at all."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="CM-PAYER",
    view=View.MONTH,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2000, 1, 1)),
    cites=[cite("payer-contracts", "which care management programmes are covered")],
)
def payer_not_known_to_pay() -> Check:
    """A payer that is not known to pay the programme.

    Medicare pays chronic pain management; other payers may or may not.  Where no policy of the payer says so,
    the month is held and the payer asked: what Medicare does is no answer.
    """
    return Check(
        subject=pl.lit(value=True),
        violates=~pl.col("payer_pays"),
        says=pl.format("the payer does not pay {}", "program_name"),
        asks=pl.format("does this payer pay {}?", "program_name"),
        codes=("first_code",),
    )
