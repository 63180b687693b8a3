"""A third level without a second."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="INJ-18a",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("cpt-code-set", "facet injections: first, second and third level have codes of their own")],
)
def third_level_without_second() -> Check:
    """The code for a third and further level stands beside no second level.

    The second level has a code of its own, so that the third follows it. Which levels were treated is for the
    person who did it to say.
    """
    return Check(
        subject=(pl.col("level") == "third") & pl.col("primary_of_day"),
        violates=~pl.col("second_level_of_day"),
        says=pl.format("{} is a third level, and no second level is billed for this day", "code"),
    )
