"""How often a care management service is paid: in a month, in thirty days, in an episode, ever."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule

_BEFORE: Final = pl.col("units_of_period") > 0
_OVER: Final = pl.col("units_of_period") + pl.col("units") > pl.col("limit_units")
_UNITS_MISSING: Final = pl.format("{} without units: how many were earned?", "code")


@rule(
    id="CM-05b",
    view=View.CARE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("cpt-code-set", "services of a calendar month, and further blocks counted twice at most")],
)
def too_often_in_month() -> Check:
    """A service of the calendar month, billed again on another day of it.

    Chronic and principal care, behavioural integration, monitoring and advanced primary care count a whole
    month's work: once by one practitioner.  99439 and 99427 count twice at most.  A claim in the history
    counts unless a later one corrects it; units of one day are the business of the unit limits.
    """
    return Check(
        subject=(pl.col("limit_period") == "month") & _BEFORE,
        violates=_OVER,
        says=pl.when(pl.col("limit_units") == 1)
        .then(
            pl.format(
                "{} after {} of {}: it is paid once in a calendar month",
                "code",
                "period_last_code",
                "period_last_on",
            )
        )
        .otherwise(
            pl.format(
                "{} units of {} in the month with those of {}: no more than {} are paid",
                (pl.col("units_of_period") + pl.col("units")).cast(pl.Int64),
                "code",
                "period_last_on",
                "limit_units",
            )
        ),
        asks=_UNITS_MISSING,
    )


@rule(
    id="CM-05c",
    view=View.CARE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("w-rpm-rules", "devices: each 30 days"),
        cite("noridian-tcm", "transitional care: 30 days from the discharge"),
    ],
)
def too_often_in_days() -> Check:
    """A service of thirty days, billed again before they are over.

    Devices for remote monitoring, the review of their data, and transitional care, whose thirty days run from
    the discharge: where two discharges were thirty days apart, the second may be right.
    """
    return Check(
        subject=(pl.col("limit_period") == "days") & _BEFORE,
        violates=_OVER,
        says=pl.format(
            "{} after {} of {}: once in {} days, so the next one from {}",
            "code",
            "period_last_code",
            "period_last_on",
            "limit_days",
            "period_next_on",
        ),
        asks=_UNITS_MISSING,
    )


@rule(
    id="CM-11a",
    view=View.CARE,
    outcome=Outcome.ASK,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("cpt-code-set", "99453, 98975 and 99492: once in an episode of care"),
        cite("w-rpm-rules", "set-up once in an episode"),
    ],
)
def again_in_episode() -> Check:
    """What is billed once in an episode of care, billed before.

    The set-up of a monitoring device (99453, 98975) and the first month of collaborative care (99492).  A new
    episode starts when the earlier one has ended; no claim says so.
    """
    return Check(
        subject=(pl.col("limit_period") == "episode") & _BEFORE,
        violates=~pl.col("new_episode"),
        says=pl.format("{} was billed on {}: once in an episode of care", "code", "period_last_on"),
        asks=pl.format(
            "{} was billed on {}, once in an episode of care: had that episode ended?",
            "code",
            "period_last_on",
        ),
    )


@rule(
    id="CM-07a",
    view=View.CARE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[cite("ngs-care-management", "G0506: once, as part of the initiating visit")],
)
def planning_again() -> Check:
    """G0506 is billed once, when chronic care management begins."""
    return Check(
        subject=(pl.col("limit_period") == "ever") & _BEFORE,
        violates=_BEFORE,
        says=pl.format(
            "{} was billed on {}: it is paid once, when chronic care management begins",
            "code",
            "period_last_on",
        ),
    )


@rule(
    id="CM-08",
    view=View.CARE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[
        cite("ngs-care-management", "one practitioner in a calendar month"),
        cite("w-rpm-rules", "one practitioner in 30 days"),
        cite("noridian-tcm", "one practitioner in the 30 days after a discharge"),
    ],
)
def one_biller() -> Check:
    """A second practitioner bills what Medicare pays to one.

    Chronic care and advanced primary care in a month, monitoring devices and transitional care in 30 days.
    Colleagues of one group and specialty are one practitioner.  Those of other practices are not seen.
    """
    return Check(
        subject=pl.col("other_biller_code").is_not_null(),
        violates=pl.col("other_biller_code").is_not_null(),
        says=pl.format(
            "{}: another practitioner billed {} on {}, and Medicare pays one of them; whose patient is it?",
            "code",
            "other_biller_code",
            "other_biller_on",
        ),
        codes=("code", "other_biller_code"),
    )


@rule(
    id="CM-07",
    view=View.CARE,
    outcome=Outcome.ASK,
    in_force=Span(dt.date(2023, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[cite("ngs-care-management", "an initiating visit for who is new or was not seen within a year")],
)
def begun_without_visit() -> Check:
    """Monthly care that begins with nobody seen in the year before.

    Chronic care, principal care and advanced primary care begin with a visit, a wellness visit or
    transitional care for patients who are new or were not seen for a year.  Asked only where the claims read
    of this practitioner reach back a year; the same day of the year before is within it.
    """
    return Check(
        subject=pl.col("history_of_year")
        & pl.col("group").is_in(["ccm", "pcm", "apcm"])
        & pl.col("level").ne_missing("next"),
        violates=~pl.col("begun_with_visit"),
        says=pl.format("{} begins without a visit in the year before", "code"),
        asks=pl.format(
            "first {} read for this patient, and no visit in the year before: was there one elsewhere?",
            "code",
        ),
    )
