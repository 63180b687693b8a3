"""Botulinum toxin for chronic migraine: interval, diagnosis, toxin."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule

_SINCE: Final = Span(dt.date(2023, 1, 1))
_SESSION: Final = pl.col("course") == "migraine_toxin"


@rule(
    id="INJ-34",
    view=View.COURSE,
    outcome=Outcome.DENY,
    in_force=_SINCE,
    cites=[cite("botulinum-label", "every 12 weeks")],
)
def toxin_too_soon() -> Check:
    """Botulinum toxin for migraine again before twelve weeks have passed.

    Twelve weeks are 84 days: a session on the 84th day after the last is in time.
    """
    interval = pl.col("payer_botulinum_days")
    return Check(
        subject=_SESSION & interval.is_not_null(),
        violates=(pl.col("days_since") < interval).fill_null(value=False),
        says=pl.format(
            "{} {} days after the last session ({}), {} must pass; next eligible {}",
            "code",
            "days_since",
            "last_day",
            interval,
            "toxin_next",
        ),
    )


@rule(
    id="INJ-34a",
    view=View.COURSE,
    outcome=Outcome.ASK,
    in_force=_SINCE,
    payers=Payers.MEDICARE,
    cites=[cite("article-a58423", "injection and toxin on the same claim")],
)
def toxin_not_billed() -> Check:
    """An injection of toxin in an office with no toxin billed that day.

    Contractors want the injection and the toxin on one claim, and deny one without the other.  In a hospital
    or surgical centre the toxin is theirs to bill.
    """
    return Check(
        subject=_SESSION & pl.col("office"),
        violates=pl.col("toxin_code").is_null(),
        says=pl.format("{} with no toxin billed that day: was J0585 forgotten, or who supplied it?", "code"),
        needs="the clinic: who supplied the toxin, and on which claim it stands",
    )


@rule(
    id="INJ-34b",
    view=View.COURSE,
    outcome=Outcome.AUDIT,
    in_force=_SINCE,
    cites=[cite("botulinum-label", "155 units in 31 places; up to 200 in the vials that are opened")],
)
def toxin_beyond_the_dose() -> Check:
    """More toxin given for migraine than the dose explains.

    155 units are the dose, and no more than 200 are opened for it.  What was thrown away counts apart.
    """
    most = pl.col("payer_botulinum_units")
    return Check(
        subject=_SESSION & most.is_not_null(),
        violates=(pl.col("toxin_units") > most).fill_null(value=False),
        says=pl.format(
            "{} units of J0585 given for {}: the dose is 155, beyond {} is reviewed; JW tells of waste",
            pl.col("toxin_units").cast(pl.String).str.strip_suffix(".0"),
            "code",
            most,
        ),
    )


@rule(
    id="INJ-34c",
    view=View.COURSE,
    outcome=Outcome.DENY,
    in_force=_SINCE,
    payers=Payers.MEDICARE,
    cites=[cite("botulinum-label", "64615 is for chronic migraine, G43.7- or G43.E-")],
)
def toxin_for_another_diagnosis() -> Check:
    """64615 without a diagnosis of chronic migraine.

    The code is for chronic migraine: G43.7-, or since 2023-10-01 G43.E- with aura.  Spasm of the face or
    neck has codes of its own, 64612 and 64616.
    """
    return Check(
        subject=_SESSION,
        violates=~pl.col("diagnosed"),
        says=pl.format("{} for {}: it is for chronic migraine, G43.7- or G43.E-", "code", "diagnosis"),
        asks=pl.format("{} points to no diagnosis: is it chronic migraine?", "code"),
    )
