"""Modifier 25 with nothing to set the visit apart from."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="EM-11",
    view=View.MODIFIER,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("w-mod25", "25: separate from another service of the same day")],
)
def modifier_25_alone() -> Check:
    """25 on the only service of a day.

    It sets a visit apart from a procedure or other service of the day.  With nothing else billed by the
    practice, whoever did it, either the procedure was forgotten or 25 is a habit, which audits look for.
    """
    return Check(
        subject=(pl.col("kind") == "visit") & pl.col("mod_25"),
        violates=pl.col("alone"),
        says=pl.format(
            "{}-25, and nothing else is billed that day: take 25 off, or find the procedure", "code"
        ),
        at_risk_cents=pl.lit(0),
    )
