"""G2211, what is added to a visit for its complexity."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule

_SUBJECT: Final = pl.col("group") == "visit_complexity"
_EXCEPTED_FROM: Final = dt.date(2025, 1, 1)
_AT_HOME_TOO: Final = dt.date(2026, 1, 1)


@rule(
    id="EM-09",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 1, 1)),
    cites=[
        cite("w-g2211", "G2211 is not paid with a visit that carries modifier 25"),
        cite(
            "cy2025-pfs-final-rule",
            "preventive services, vaccines and wellness visits excepted",
            confidence="known",
        ),
    ],
)
def complexity_beside_modifier_25() -> Check:
    """G2211 is not paid when the visit carries modifier 25.

    Since 2025-01-01 it is, where a preventive service of Part B, a vaccine's administration or an annual
    wellness visit is billed that day.  An injection on the day of the visit therefore costs G2211.
    """
    visit = pl.format("{} (line {})", "visit_code", "visit_line")
    return Check(
        subject=_SUBJECT & pl.col("visit_mod_25"),
        violates=pl.col("payer_g2211") & ~pl.col("excepted_service_of_day"),
        says=pl.when(pl.col("day") < _EXCEPTED_FROM)
        .then(pl.format("{} is not paid: {} carries 25", "code", visit))
        .otherwise(
            pl.format(
                "{} is not paid: {} carries 25 and no preventive service is billed that day", "code", visit
            )
        ),
        asks=pl.format("does this payer pay {} beside a visit with 25, {}?", "code", visit),
    )


@rule(
    id="EM-09b",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2021, 1, 1), dt.date(2024, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[cite("w-g2211", "G2211 is paid from 2024-01-01")],
)
def complexity_before_it_was_paid() -> Check:
    """G2211 of a day before Medicare paid it: it was part of the visit until the end of 2023."""
    return Check(
        subject=_SUBJECT,
        violates=_SUBJECT,
        says=pl.format("Medicare pays {} from 2024-01-01; before, it is part of the visit", "code"),
    )


@rule(
    id="EM-09a",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 1, 1)),
    cites=[
        cite("w-g2211", "G2211 is reported with an office visit"),
        cite("cy2026-pfs-final-rule", "from 2026 also with a visit at home", confidence="known"),
    ],
)
def complexity_without_visit() -> Check:
    """G2211 is added to an office visit, 99202 to 99215, of the same day.

    Since 2026-01-01 a visit at home will do as well.
    """
    at_home = pl.col("home_visit_of_day") & (pl.col("day") >= _AT_HOME_TOO)
    return Check(
        subject=_SUBJECT,
        violates=~(pl.col("office_visit_of_day") | at_home),
        says=pl.format(
            "{} has no office visit to be added to that day; look for the visit that was not billed", "code"
        ),
    )
