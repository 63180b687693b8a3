"""An unlisted procedure says what was done."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule

_SINCE: Final = Span(dt.date(2023, 1, 1))
_UNLISTED: Final = pl.col("course") == "unlisted"


@rule(
    id="INJ-45",
    view=View.COURSE,
    outcome=Outcome.REJECT,
    in_force=_SINCE,
    cites=[cite("w-noridian-unlisted", "a concise description, or the claim is unprocessable")],
)
def unlisted_without_description() -> Check:
    """An unlisted procedure that does not say what was done.

    A payer returns it unread.  The description stands with the code (SV101-7) or in a note of line or claim
    (NTE); an operative note and a comparable code follow when asked for.
    """
    return Check(
        subject=_UNLISTED,
        violates=pl.col("note").is_null(),
        says=pl.format(
            "{} is unlisted and nothing says what was done: describe it with the code (SV101-7)",
            "code",
        ),
    )


@rule(
    id="INJ-46",
    view=View.COURSE,
    outcome=Outcome.DENY,
    in_force=_SINCE,
    cites=[cite("cpt-code-set", "28899 is an unlisted procedure of foot or toes")],
)
def foot_code_for_muscle_pain() -> Check:
    """28899 for muscle pain: it is an unlisted procedure of the foot, not a trigger-point injection."""
    return Check(
        subject=_UNLISTED & (pl.col("code") == "28899"),
        violates=pl.col("diagnosed").fill_null(value=False),
        says=pl.format(
            "{} for {}: it is an unlisted foot procedure; trigger points are 20552 or 20553",
            "code",
            "diagnosis",
        ),
    )
