"""Units that the month's time earns, and the limits that stand against them."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule

_CPM: Final = pl.col("program") == "cpm"
_OVER: Final = pl.col("next_units") > pl.col("next_edit")
_SAYS: Final = pl.format(
    "the time earns {} units of {}, Medicare's unit edit pays {} a day; who bills more must expect to appeal",
    "next_units",
    "next_code",
    "next_edit",
)
_ASKS: Final = pl.format("{} units of {}: how many does Medicare's unit edit pay?", "next_units", "next_code")


@rule(
    id="CPM-03",
    view=View.MONTH,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[cite("ncci-mue-2024q3", "G3003: 4 a day, open to appeal")],
)
def further_pain_units_over_edit() -> Check:
    """More units of G3003 earned than the unit edit lets through.

    Four units, after the 30 minutes of G3002, are 90 minutes.  The edit is a clinical one: more may be paid
    on appeal where the record shows the need, so that a person decides before anything is billed.
    """
    return Check(
        subject=_CPM & (pl.col("next_units") > 0),
        violates=_OVER,
        says=_SAYS,
        asks=_ASKS,
        codes=("next_code",),
    )


@rule(
    id="CM-05a",
    view=View.MONTH,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[cite("ncci-mue-2024q3", "further blocks of care management time")],
)
def further_care_units_over_edit() -> Check:
    """More further blocks of care management earned than the unit edit lets through.

    What a code itself allows in a month (two of 99439, two of 99427) is never exceeded: time beyond earns no
    more.  Other edits are clinical ones, and a person decides before anything is billed.
    """
    return Check(
        subject=~_CPM & (pl.col("next_units") > 0),
        violates=_OVER,
        says=_SAYS,
        asks=_ASKS,
        codes=("next_code",),
    )


@rule(
    id="CPM-03c",
    view=View.MONTH,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[cite("ncci-mue-2024q3", "G3003: 4 a day, open to appeal")],
)
def pain_units_at_edit() -> Check:
    """As many units of G3003 as the unit edit lets through.

    Months at the limit draw reviewers: the need for the time must be in the note.
    """
    return Check(
        subject=_CPM,
        violates=(pl.col("next_units") == pl.col("next_edit")).fill_null(value=False),
        says=pl.format(
            "{} units of {} are all that the unit edit pays: the note must show the need",
            "next_units",
            "next_code",
        ),
        codes=("next_code",),
    )


@rule(
    id="CPM-01",
    view=View.MONTH,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2000, 1, 1)),
    cites=[
        cite("hcpcs-2024q3", "G3002 and G3003 were added for 2023-01-01"),
        cite("cpt-code-set", "first days"),
    ],
)
def programme_without_codes() -> Check:
    """A programme in a month in which it has no codes.

    G3002 and G3003 exist since 2023-01-01; other programmes since their own days.
    """
    return Check(
        subject=pl.lit(value=True),
        violates=~pl.col("program_known"),
        says=pl.format(
            "no code of {} was in force in {}", "program_name", pl.col("month").dt.strftime("%B %Y")
        ),
        codes=("first_code",),
    )
