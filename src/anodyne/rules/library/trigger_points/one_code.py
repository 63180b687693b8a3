"""20552 and 20553 do not stand together."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Drop, View, cite, rule


@rule(
    id="INJ-01",
    view=View.PAIR,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("cpt-code-set", "20552 and 20553: muscles counted once a session"),
        cite("ncci-ptp-2024q3", "pair 20553 over 20552, indicator 0"),
    ],
)
def one_trigger_point_code() -> Check:
    """One session of trigger-point injections is one code.

    20552 counts one or two muscles and 20553 three or more, so the larger count already holds the smaller.
    No modifier lifts the pair.
    """
    return Check(
        subject=(pl.col("group") == "trigger_point") & (pl.col("paid_group") == "trigger_point"),
        violates=pl.col("indicator") == 0,
        says=pl.format("{} on {} already counts this session's muscles", "paid_code", "paid_place"),
        fix=Drop(),
        codes=("paid_code", "code"),
    )
