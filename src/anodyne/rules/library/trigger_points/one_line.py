"""A trigger-point code stands on one line."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Drop, View, cite, rule


@rule(
    id="INJ-01b",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("cpt-code-set", "20552 and 20553: muscles counted once a session"),
        cite("ncci-mue-2024q3", "20552 and 20553: 1, absolute for the day"),
    ],
)
def one_trigger_point_line() -> Check:
    """A trigger-point code is billed on one line of the day.

    The code counts the muscles of the session, so a second line of it for the same patient, day and
    practitioner repeats the first.
    """
    return Check(
        subject=pl.col("group") == "trigger_point",
        violates=~pl.col("is_first_of_day"),
        says=pl.format(
            "{} is already on {}: one line counts all muscles of the session", "code", "first_place"
        ),
        fix=Drop(),
    )
