"""Where, and by what means, the time was given."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule


@rule(
    id="CPM-15",
    view=View.MONTH,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite(
            "cy2023-pfs-final-rule",
            "chronic pain management: outpatient settings and home",
            confidence="known",
        ),
        cite("care-places", "which places are outpatient settings"),
    ],
)
def time_in_places_that_do_not_count() -> Check:
    """Chronic pain management whose time was given where it does not count.

    Hospital beds, emergency rooms and skilled nursing stays do not count, nor does other than personal time
    on a day in a hospital bed.  Where enough time is left, the month stands on that; where a place is not
    told, or is none of those that we know of, it is asked for.
    """
    nothing_left = pl.col("gated_away") & (pl.col("misplaced_seconds") > 0)
    return Check(
        subject=pl.col("program") == "cpm",
        violates=nothing_left | ~pl.col("places_told"),
        says=pl.lit("the time was given in places, or on days in a hospital bed, that do not count"),
        asks=pl.format(
            "{} minutes were given with no place told, or in one that may not count: where was it?",
            pl.col("unplaced_seconds") // 60,
        ),
        codes=("first_code",),
    )


@rule(
    id="CPM-14",
    view=View.MONTH,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[cite("w-telehealth-2027", "telehealth from anywhere, by voice too, until 2027-12-31")],
)
def telehealth_outside_the_law() -> Check:
    """Chronic pain management by telehealth on days on which Medicare does not cover it.

    G3002 may be given by telehealth after the first visit, as long as the law lets Medicare patients be seen
    at home.  Days of a lapse count where it was mended afterwards.
    """
    return Check(
        subject=pl.col("program") == "cpm",
        violates=pl.col("gated_away") & (pl.col("off_telehealth_seconds") > 0),
        says=pl.lit("the time was given by telehealth on days on which Medicare does not cover it"),
        codes=("first_code",),
    )
