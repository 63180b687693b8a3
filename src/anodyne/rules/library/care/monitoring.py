"""Two kinds of remote monitoring of one patient."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule


@rule(
    id="CM-11",
    view=View.CARE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[cite("w-rpm-rules", "not with the other kind of monitoring for the same patient")],
)
def two_kinds_of_monitoring() -> Check:
    """Physiologic and therapeutic monitoring of one patient in one month.

    Medicare pays the one or the other.  Where the pair edits name two such codes of one day, they speak.
    """
    return Check(
        subject=pl.col("exclusive_kind").is_not_null(),
        violates=pl.col("exclusive_kind").str.starts_with("monitoring"),
        says=pl.format(
            "{} and {}, billed on {}: one kind of remote monitoring is paid in a month; keep one",
            "code",
            "exclusive_code",
            "exclusive_on",
        ),
        codes=("code", "exclusive_code"),
    )
