"""Assistants at surgery."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule

_NEVER: Final = (1, 9)
_WITH_RECORDS: Final = 0
_ASSISTS: Final = pl.col("mod_physician_assists") | pl.col("mod_as")
_FCSO: Final = cite("fcso-assistants", "who assists, and the indicators of the fee schedule")


@rule(
    id="MOD-80",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[_FCSO, cite("mpfs-rvu24c", "assistant indicator")],
)
def assistant_never_paid() -> Check:
    """Medicare pays no assistant for this procedure.

    The assistant indicator of the fee schedule is 1 (never paid) or 9 (not a thing that is assisted).
    """
    return Check(
        subject=pl.col("assistants").is_not_null() & _ASSISTS,
        violates=pl.col("assistants").is_in(_NEVER),
        says=pl.format("Medicare pays no assistant for {} (indicator {})", "code", "assistants"),
    )


@rule(
    id="MOD-80a",
    view=View.MODIFIER,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[_FCSO, cite("mpfs-rvu24c", "assistant indicator")],
)
def assistant_with_records() -> Check:
    """Medicare pays an assistant for this procedure only where the record shows why one was needed."""
    return Check(
        subject=pl.col("assistants").is_not_null() & _ASSISTS,
        violates=pl.col("assistants") == _WITH_RECORDS,
        says=pl.format(
            "an assistant for {} is paid with records only: have the operative note ready", "code"
        ),
    )


@rule(
    id="MOD-AS",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[_FCSO],
)
def nonphysician_assists() -> Check:
    """A nurse practitioner, physician assistant or clinical nurse specialist who assists says AS.

    80, 81 and 82 are for physicians.
    """
    return Check(
        subject=pl.col("nonphysician") & ~pl.col("mod_as"),
        violates=pl.col("mod_physician_assists"),
        says=pl.format("{}: 80, 81 and 82 are for physicians; the one who rendered it takes AS", "code"),
    )
