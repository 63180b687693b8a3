"""Trigger points and a visit on one day."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="EM-11a",
    view=View.PAIR,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[cite("w-mod25", "what modifier 25 says, and what the record must show")],
)
def visit_beside_trigger_points() -> Check:
    """A visit with 25 on the day of trigger points in three or more muscles is a common audit.

    It pays, and the record must show a visit that stands without the injection.  The decision to inject is
    part of 20553, and being a new patient is not enough.
    """
    return Check(
        subject=(pl.col("paid_code") == "20553") & (pl.col("kind") == "visit"),
        violates=pl.col("mod_25"),
        says=pl.format(
            "{} with 25 beside 20553 on {} is often audited: the note must show a visit of its own",
            "code",
            "paid_place",
        ),
        codes=("code", "paid_code"),
    )
