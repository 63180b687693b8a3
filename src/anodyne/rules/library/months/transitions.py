"""The weeks after a discharge."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule
from anodyne.rules.spelling import spelled

_LAST_DAYS: Final = 14
_NEEDED: Final = ("discharged_on", "contacted_on", "visited_on", "complexity")
_TOO_SIMPLE: Final = pl.col("complexity").is_in(["straightforward", "low"])


@rule(
    id="CM-TCM",
    view=View.MONTH,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2013, 1, 1)),
    cites=[cite("noridian-tcm", "contact in two workdays; visit within 14 days, or 7 of high complexity")],
)
def transition_not_earned() -> Check:
    """Transitional care whose days or complexity earn no code.

    The patient is spoken to within two workdays of discharge and seen within 14 days, with decision making of
    at least moderate complexity; high complexity seen within 7 days earns the higher code.  No minutes count.
    It is billed in the month of that visit, and asked about while no visit is told.
    """
    late_contact = pl.col("contacted_on") > pl.col("contact_by")
    early_contact = pl.col("contacted_on") < pl.col("discharged_on")
    late_visit = pl.col("transition_days") > _LAST_DAYS
    elsewhere = pl.col("visited_on").dt.month_start() != pl.col("month")
    backwards = pl.col("transition_days") < 0
    told = pl.all_horizontal(pl.col(name).is_not_null() for name in _NEEDED)
    return Check(
        subject=(pl.col("program") == "tcm") & ~elsewhere.fill_null(value=False),
        violates=late_contact
        | early_contact
        | late_visit
        | backwards
        | _TOO_SIMPLE
        | pl.when(told).then(pl.col("transition_code").is_null()),
        says=pl.when(late_contact)
        .then(
            pl.format(
                "the first contact after discharge was due by {}",
                spelled("contact_by"),
            )
        )
        .when(early_contact)
        .then(pl.lit("the first contact is before the discharge"))
        .when(backwards)
        .then(pl.lit("the visit is before the discharge"))
        .when(late_visit)
        .then(
            pl.format(
                "the visit was {} days after discharge; {} is the most", "transition_days", pl.lit(_LAST_DAYS)
            )
        )
        .when(_TOO_SIMPLE)
        .then(pl.format("decision making of {} complexity earns no transitional care", "complexity"))
        .otherwise(pl.lit("discharge, contact and visit earn no transitional care")),
        asks=pl.lit(
            "transitional care: when were discharge, first contact and visit, and how complex was it?"
        ),
        codes=("transition_code",),
    )
