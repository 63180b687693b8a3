"""Moderate sedation by the person who does the procedure, in a facility."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule


@rule(
    id="INJ-16",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    payers=Payers.MEDICARE,
    cites=[cite("mpfs-rvu24c", "99153: technical component only")],
)
def further_sedation_in_a_facility() -> Check:
    """A further quarter hour of sedation is billed by a practitioner in a facility.

    99153 pays for the trained observer and no work of the practitioner. In a hospital or surgical centre the
    observer is the facility's, so that nothing is left to pay; 99152 is.
    """
    facility = ["inpatient", "outpatient_hospital", "surgery_centre", "emergency"]
    return Check(
        subject=(pl.col("code") == "99153") & ~pl.col("surgery_centre"),
        violates=pl.col("setting").is_in(facility).fill_null(value=False),
        says=pl.lit(
            "99153 pays the observer's time only, which in a facility is the facility's: take it off"
        ),
    )
