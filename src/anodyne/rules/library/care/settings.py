"""Where chronic pain management is given."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule

_NOT_IN_THE_COMMUNITY: Final = ("inpatient", "emergency", "skilled_nursing")


@rule(
    id="CPM-15",
    view=View.CARE,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[
        cite(
            "cy2023-pfs-final-rule",
            "chronic pain management: outpatient settings and home",
            confidence="known",
        ),
        cite("x12-place-of-service", "21, 23, 31, 51, 61"),
    ],
)
def not_outpatient() -> Check:
    """Chronic pain management in a hospital bed, an emergency room or a skilled nursing stay.

    The service is for people who live in the community: office, outpatient department, home, or telehealth.
    No edit refuses other places that we know of, but a reviewer may.
    """
    return Check(
        subject=(pl.col("group") == "cpm") & pl.col("setting").is_not_null(),
        violates=pl.col("setting").is_in(_NOT_IN_THE_COMMUNITY),
        says=pl.format(
            "{} is for outpatients and people at home, and place {} is {}; check the place of service",
            "code",
            "pos",
            pl.col("setting").str.replace("_", " ", literal=True),
        ),
    )
