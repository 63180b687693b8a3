"""Telehealth from anywhere, while a law allows it."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule

_REMOTE: Final = (
    pl.col("rests_on_law")
    & (pl.col("telehealth_place") | pl.col("by_video") | pl.col("by_voice"))
    & ~pl.col("in_person_only")
)
_STILL_OPEN: Final = (pl.col("law_state") == "lapsed") & (pl.col("as_of") < pl.col("law_restored_on"))


@rule(
    id="TEL-01",
    view=View.PLACE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2020, 3, 6)),
    payers=Payers.MEDICARE,
    cites=[
        cite("w-telehealth-2027", "2026-01-31 to 2026-02-03, covered back; then until 2027-12-31"),
        cite("w-telehealth-restored", "2025-10-01 to 2025-11-12, covered back to the first day"),
        cite("telehealth-law-known", "2020-03-06 to 2025-09-30, without a gap"),
    ],
)
def no_law_that_day() -> Check:
    """Telehealth on a day when no law let Medicare pay it from anywhere.

    Without such a law Medicare pays a patient in a clinic or hospital of a rural area only, and nobody at
    home; behavioural health is permanent.  A gap that was closed later, back to its first day, is no gap for
    a check made after that: such a service is payable, and what was held, returned or denied for the gap is
    to be sent again, within one year of the service.  Chronic pain management is on Medicare's list of such
    services.
    """
    return Check(
        subject=_REMOTE & ((pl.col("law_state") == "ended") | _STILL_OPEN),
        violates=pl.col("at_home") | ~pl.col("rural_site"),
        says=pl.when(pl.col("law_state") == "ended")
        .then(pl.format("{} at home by telehealth: no law lets Medicare pay it after 31 Dec 2027", "code"))
        .otherwise(
            pl.format(
                "{} at home by telehealth, while the law has lapsed: hold it, it may be restored", "code"
            )
        ),
        asks=pl.format("{} by telehealth on a day without the law: was the patient at a rural site?", "code"),
    )
