"""What stands beside advanced primary care management."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule


@rule(
    id="CM-10a",
    view=View.CARE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2026, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[cite("cy2026-pfs-final-rule", "G0568, G0569 and G0570: added to G0556, G0557 or G0558")],
)
def behavioural_without_primary_care() -> Check:
    """G0568, G0569 and G0570 are added to a month of advanced primary care management.

    By the same practitioner and in the same calendar month; it may stand on an earlier claim.
    """
    return Check(
        subject=pl.col("group") == "apcm_behavioural",
        violates=~pl.col("apcm_of_month"),
        says=pl.format(
            "{} adds to G0556, G0557 or G0558, and none by this practitioner in {} is here or in the history",
            "code",
            "month_name",
        ),
    )


@rule(
    id="CPM-12",
    view=View.CARE,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2025, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[
        cite("apcm-2025", "chronic pain management is not among the services it holds", confidence="known")
    ],
)
def pain_beside_primary_care() -> Check:
    """Chronic pain management and advanced primary care by one practitioner in one month.

    No edit forbids it.  Who bills advanced primary care answers for all of the patient's care, so that a
    reviewer may ask what G3002 paid for besides.
    """
    return Check(
        subject=pl.col("exclusive_kind").is_not_null(),
        violates=pl.col("exclusive_kind") == "watch",
        says=pl.format(
            "{} and {}, billed on {}, by one practitioner in a month: allowed, if the work was kept apart",
            "code",
            "exclusive_code",
            "exclusive_on",
        ),
        codes=("code", "exclusive_code"),
    )
