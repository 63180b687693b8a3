"""Modifiers that are none."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="MOD-01",
    view=View.MODIFIER,
    outcome=Outcome.REJECT,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("modifier-list-known", "CPT and HCPCS modifiers")],
)
def unknown_modifier() -> Check:
    """A modifier that is in no list.

    Medicare knows those of CPT and HCPCS only.  Workers' compensation and Medicaid have some of their own.
    """
    return Check(
        subject=pl.col("unknown_modifier").is_not_null(),
        violates=~pl.col("local_modifiers"),
        says=pl.format(
            "{}-{}: there is no modifier {}; look for what was meant",
            "code",
            "unknown_modifier",
            "unknown_modifier",
        ),
        asks=pl.format(
            "{}-{}: does this payer have a modifier {}?", "code", "unknown_modifier", "unknown_modifier"
        ),
    )


@rule(
    id="MOD-02",
    view=View.MODIFIER,
    outcome=Outcome.REJECT,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("modifier-list-known", "a modifier says what it says once")],
)
def modifier_twice() -> Check:
    """A modifier stands on a line twice."""
    return Check(
        subject=pl.col("repeated_modifier").is_not_null(),
        violates=pl.col("repeated_modifier").is_not_null(),
        says=pl.format("{} carries {} twice: take one off", "code", "repeated_modifier"),
    )
