"""A payer's own list of codes to be authorised."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="PA-10",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2010, 1, 1)),
    cites=[cite("payer-contracts", "the codes that the payer wants authorised are in its policy")],
)
def payers_list() -> Check:
    """A service that the payer pays only when authorised, without a number on the claim.

    The codes are those of the payer's policy; the number stands in REF*G1 of the claim or of the line. A
    payer whose policy names none is not judged.
    """
    return Check(
        subject=pl.col("listed_by_payer"),
        violates=~pl.col("has_number"),
        says=pl.format(
            "{} needs this payer's authorisation and the claim has no number (REF*G1): ask for it", "code"
        ),
    )
