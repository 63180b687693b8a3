"""Visits in places that their family of codes is not for."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="POS-01",
    view=View.PLACE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("pos-visit-families", "office, hospital, emergency, nursing facility and home visits")],
)
def visit_in_another_place() -> Check:
    """A visit whose codes are for another kind of place.

    Visits have families: office, hospital, emergency department, nursing facility, home.  The code or the
    place of service is wrong.
    """
    return Check(
        subject=pl.col("instead").is_not_null(),
        violates=pl.col("place_refused"),
        says=pl.format(
            "{} in place {}: its codes are for another place; {}, or the place is wrong",
            "code",
            "pos",
            "instead",
        ),
    )


@rule(
    id="POS-01a",
    view=View.PLACE,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("pos-visit-families", "office visits of patients who are in hospital")],
)
def office_visit_of_inpatient() -> Check:
    """An office visit of a patient in hospital.

    Right where a patient of the hospital was seen in the office; a visit at the bedside is a hospital visit.
    """
    return Check(
        subject=pl.col("instead").is_not_null(),
        violates=~pl.col("place_refused"),
        says=pl.format(
            "{} in place {}: seen at the bedside it is {}; check place and code", "code", "pos", "instead"
        ),
    )
