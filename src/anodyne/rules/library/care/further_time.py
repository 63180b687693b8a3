"""Further time stands on the first block of the month."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="CPM-04",
    view=View.CARE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("w-asra", "G3003: each further 15 minutes, beside G3002"),
        cite("ncci-aoc-2024", "G3003 is in no add-on edit, so that no payer's table says it"),
    ],
)
def g3003_without_g3002() -> Check:
    """G3003 without the month's G3002.

    G3003 counts time beyond the 30 minutes of G3002, by the same practitioner in the same calendar month.
    G3002 may stand on an earlier claim; a claim in the history counts unless a later one corrects it.
    """
    return Check(
        subject=(pl.col("group") == "cpm") & (pl.col("level") == "next"),
        violates=~pl.col("cpm_of_month"),
        says=pl.format(
            "{} adds to G3002, and no G3002 by this practitioner in {} is here or in the history",
            "code",
            "month_name",
        ),
    )


@rule(
    id="CM-05a",
    view=View.CARE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[
        cite("ncci-aoc-2024", "99437, 99439, 99425, 99427, 99489, 99494, 99458, 98981 and their primaries")
    ],
)
def further_block_without_first() -> Check:
    """A further block of care management time without the month's first block.

    These codes count time beyond a first block that another code counts, by the same practitioner in the same
    calendar month; it may stand on an earlier claim.  A claim in the history counts unless a later
    one corrects it.
    """
    return Check(
        subject=pl.col("primaries").is_not_null(),
        violates=~pl.col("primary_of_month"),
        says=pl.format(
            "{} adds to {}, and none by this practitioner in {} is here or in the history",
            "code",
            "primaries",
            "month_name",
        ),
    )
