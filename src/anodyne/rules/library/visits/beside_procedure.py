"""A visit on the day of a procedure."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="EM-12",
    view=View.PAIR,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[
        cite("ncci-ptp-2024q3", "pairs of procedures and visits, indicator 1"),
        cite("w-mod25", "modifier 25 beside procedures with a global period of 0 or 10 days"),
    ],
)
def visit_beside_procedure() -> Check:
    """A visit on the day of a procedure is part of it unless modifier 25 sets it apart.

    The pair edits name the visit beside the procedure for the same patient, day and practitioner.  25 belongs
    on the visit only where it was significant and separate from the procedure, which only the clinician can
    say; 59 and the X modifiers do not speak for a visit.  One finding is given for each visit, whatever the
    number of procedures.
    """
    visit, other = pl.col("visit_code"), pl.col("other_code")
    only_if = "25 only if the visit was significant and separate: ask the clinician"
    return Check(
        subject=(pl.col("visit_needs") == "25") & pl.col("first_for_visit"),
        violates=pl.col("payer_ncci_edits") & ~pl.col("visit_set_apart"),
        says=pl.when(pl.col("code") == visit)
        .then(pl.format("{} is part of {} on {}; " + only_if, visit, other, "other_place"))
        .otherwise(pl.format("{} is not paid beside {} on {}; " + only_if, other, visit, "visit_place")),
        asks=pl.format(
            "does this payer take {} into {} ({})? If so, " + only_if, visit, other, "other_place"
        ),
        codes=("visit_code", "other_code"),
    )
