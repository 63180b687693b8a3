"""A new-patient visit beside a procedure: no pair edit names it, the global package does."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule

_NEW = pl.col("group") == "office_new"


@rule(
    id="EM-12a",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[
        cite("w-mod25", "a visit beside a procedure with a global period of 0 or 10 days"),
        cite("cms-claims-manual-12", "40.2: the visit on the day of a minor procedure"),
    ],
)
def new_visit_beside_procedure() -> Check:
    """A new-patient visit on the day of a minor procedure is part of it unless modifier 25 sets it apart.

    Minor is a global period of 0 or 10 days.  Being new does not by itself justify 25: deciding on the
    procedure is part of the procedure.  Whether the visit was significant and separate, only the clinician
    can say.
    """
    only_if = "25 only if the visit was significant and separate: ask the clinician"
    return Check(
        subject=_NEW & pl.col("minor_code").is_not_null() & pl.col("major_code").is_null(),
        violates=pl.col("payer_ncci_edits") & ~pl.col("mod_apart"),
        says=pl.format("{} is part of {} on line {}; " + only_if, "code", "minor_code", "minor_line"),
        asks=pl.format(
            "does this payer take {} into {} (line {})? If so, " + only_if, "code", "minor_code", "minor_line"
        ),
        codes=("code", "minor_code"),
    )


@rule(
    id="EM-14b",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[cite("cms-claims-manual-12", "40.2: the visit that led to major surgery")],
)
def new_visit_beside_major_surgery() -> Check:
    """A new-patient visit on the day of major surgery is part of it unless modifier 57 sets it apart.

    Major is a global period of 90 days.
    """
    only_if = "57 only if this visit decided on the surgery: ask the clinician"
    return Check(
        subject=_NEW & pl.col("major_code").is_not_null(),
        violates=pl.col("payer_ncci_edits") & ~pl.col("mod_apart"),
        says=pl.format("{} is part of {} on line {}; " + only_if, "code", "major_code", "major_line"),
        asks=pl.format(
            "does this payer take {} into {} (line {})? If so, " + only_if, "code", "major_code", "major_line"
        ),
        codes=("code", "major_code"),
    )
