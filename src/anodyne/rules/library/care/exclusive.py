"""Programmes that do not share a month."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule


@rule(
    id="CM-05",
    view=View.CARE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[cite("ncci-ptp-2024q3", "care management pairs, indicator 0")],
)
def exclusive_in_month() -> Check:
    """Two care management codes that never stand together, on two days of one month.

    The pair edits name them for one day, with no modifier that helps.  Both count the month's work, so that
    they exclude each other in the month as well.  One day's pairs are left to the pair edits.  A claim in the
    history counts whatever became of it.
    """
    return Check(
        subject=pl.col("exclusive_kind") == "edit",
        violates=pl.col("payer_ncci_edits"),
        says=pl.format(
            "{} and {}, billed on {}, never share a month; keep one", "code", "exclusive_code", "exclusive_on"
        ),
        asks=pl.format(
            "{} and {} share a month: does this payer follow the NCCI edits?", "code", "exclusive_code"
        ),
    )


@rule(
    id="CM-12",
    view=View.CARE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2026, 1, 1)),
    cites=[cite("rpm-rtm-2026", "codes of 2026 for shorter monitoring")],
)
def two_measures_of_one_monitoring() -> Check:
    """Two codes that measure the same monitoring.

    From 2026 a device is billed by 2 to 15 days or by 16 to 30 days of data in a period of 30 days, and
    monthly management by 10 or by 20 minutes: one measure each time.  A claim in the history counts whatever
    became of it.
    """
    return Check(
        subject=pl.col("exclusive_kind").is_not_null(),
        violates=pl.col("exclusive_kind") == "tier",
        says=pl.format(
            "{} and {}, billed on {}, measure the same monitoring; keep the one that the log bears out",
            "code",
            "exclusive_code",
            "exclusive_on",
        ),
    )


@rule(
    id="CM-10",
    view=View.CARE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2025, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[cite("apcm-2025", "services that the month's payment holds")],
)
def inside_advanced_primary_care() -> Check:
    """A service that a month of advanced primary care management already holds.

    G0556, G0557 and G0558 pay the month whole: chronic care, principal care, transitional care, consultations
    between professionals, online visits and virtual check-ins by the same practitioner are inside.  Further
    blocks of time go with their first block and are not told again.  Chronic pain management is not inside.
    A claim in the history counts whatever became of it.
    """
    return Check(
        subject=pl.col("exclusive_kind").is_not_null(),
        violates=pl.col("exclusive_kind") == "bundle",
        says=pl.format(
            "{} and {}, billed on {}, do not share a month: advanced primary care holds the service",
            "code",
            "exclusive_code",
            "exclusive_on",
        ),
    )
