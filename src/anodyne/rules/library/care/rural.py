"""Care management in rural clinics and health centres."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule

_CLINIC: Final = pl.col("setting").is_in(["rural_clinic", "health_centre"]).fill_null(value=False)
_GENERAL_ENDED: Final = dt.date(2025, 10, 1)
_COLLABORATIVE_ENDED: Final = dt.date(2026, 1, 1)


@rule(
    id="CM-14",
    view=View.CARE,
    outcome=Outcome.DENY,
    in_force=Span(_GENERAL_ENDED),
    payers=Payers.MEDICARE,
    cites=[
        cite("narhc-2026", "G0511 is not paid from 2025-10-01"),
        cite("w-fqhc-2026", "G0512 ended with 2025"),
    ],
)
def bundle_of_care_ended() -> Check:
    """G0511 and G0512 have ended for rural clinics and health centres.

    They bill the services themselves: G0511 until 2025-09-30, G0512 until 2025-12-31.
    """
    ended = (pl.col("code") == "G0511") | (pl.col("day") >= _COLLABORATIVE_ENDED)
    return Check(
        subject=pl.col("group") == "rural_care",
        violates=ended,
        says=pl.format("{} has ended for rural clinics and health centres: bill the service itself", "code"),
    )


@rule(
    id="CM-14a",
    view=View.CARE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1), _GENERAL_ENDED),
    payers=Payers.MEDICARE,
    cites=[cite("narhc-2026", "G0511 and G0512: rural clinics and health centres only")],
)
def bundle_of_care_elsewhere() -> Check:
    """G0511 and G0512 are for rural clinics and health centres only.

    A practice bills the services themselves.
    """
    return Check(
        subject=pl.col("group") == "rural_care",
        violates=pl.col("pos").is_not_null() & ~_CLINIC,
        says=pl.format(
            "{} is for rural clinics and health centres only, and the place of service is {}", "code", "pos"
        ),
    )


@rule(
    id="CPM-18",
    view=View.CARE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1), dt.date(2025, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[cite("w-rhc", "chronic pain management was part of G0511 until 2024-12-31")],
)
def pain_management_in_rural_clinic() -> Check:
    """Until the end of 2024 rural clinics and health centres billed chronic pain management as G0511."""
    return Check(
        subject=pl.col("group") == "cpm",
        violates=_CLINIC,
        says=pl.format(
            "{} in place {}: until 2024-12-31 rural clinics and health centres billed it as G0511",
            "code",
            "pos",
        ),
    )
