"""Supply and drug codes that do not exist."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="CODE-04",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2020, 1, 1)),
    cites=[cite("hcpcs-file", "the codes in force in a quarter")],
)
def no_such_code() -> Check:
    """A code of HCPCS Level II that the file of its quarter does not hold.

    A letter and four digits that no code in force has: mistyped, or ended so long ago that the publisher
    lists it no longer. Judged once a HCPCS file is loaded, from its first day.
    """
    return Check(
        subject=pl.col("code_missing"),
        violates=pl.col("code_missing"),
        says=pl.format("{} is no HCPCS code on {}: look the code up", "code", "day"),
    )
