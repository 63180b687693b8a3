"""The visit that decides on surgery, and modifier 57."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule

_FIRST = pl.col("first_for_visit")


@rule(
    id="EM-14",
    view=View.PAIR,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[
        cite("ncci-ptp-2024q3", "pairs of 90-day procedures and visits, indicator 1"),
        cite("cms-claims-manual-12", "40.2: the visit that led to major surgery"),
    ],
)
def visit_beside_major_surgery() -> Check:
    """A visit on the day of major surgery is part of it unless modifier 57 says it led to the decision.

    Major surgery has a global period of 90 days.  25 sets a visit apart from minor procedures: it lifts the
    pair edit, and Medicare still takes the visit into the surgery.
    """
    only_if = "57 only if this visit decided on the surgery: ask the clinician"
    with_25 = pl.col("visit_only_25") & pl.col("medicare")
    return Check(
        subject=(pl.col("visit_needs") == "57") & _FIRST,
        violates=pl.col("payer_ncci_edits") & (~pl.col("visit_set_apart") | with_25),
        says=pl.format(
            "{} is part of {} on {}{}; " + only_if,
            "visit_code",
            "other_code",
            "other_place",
            pl.when(with_25).then(pl.lit(", 25 or not")).otherwise(pl.lit("")),
        ),
        asks=pl.format(
            "does this payer take {} into {} ({})? If so, " + only_if,
            "visit_code",
            "other_code",
            "other_place",
        ),
        codes=("visit_code", "other_code"),
    )


@rule(
    id="EM-14a",
    view=View.PAIR,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    payers=Payers.MEDICARE,
    cites=[cite("cms-claims-manual-12", "40.2: no payment with 57 beside a procedure of 0 or 10 days")],
)
def decision_for_minor_procedure() -> Check:
    """Modifier 57 does not set a visit apart from a minor procedure.

    57 speaks of procedures with a global period of 90 days.  Deciding on a minor procedure is part of that
    procedure.
    """
    return Check(
        subject=(pl.col("visit_needs") == "25") & _FIRST & ~pl.col("visit_major"),
        violates=pl.col("visit_only_57"),
        says=pl.format(
            "57 on {} is for major surgery; {} on {} is minor: deciding on it is part of it",
            "visit_code",
            "other_code",
            "other_place",
        ),
        codes=("visit_code", "other_code"),
    )
