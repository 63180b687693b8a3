"""The visit with which a programme begins."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule
from anodyne.rules.spelling import plainly, spelled

_LEAST_MINUTES: Final = 30
_NOT_CLINICAL: Final = ("remote", "home", "hospital", "emergency", "nursing")
_AGED: Final = pl.col("initiated_on").dt.offset_by("1y") < pl.coalesce("first_on", "day")
_LATE: Final = pl.col("initiated_on") > pl.col("day")
_NO_TIME_LEFT: Final = pl.col("gated_away") & (pl.col("before_visit_seconds") > 0)


@rule(
    id="CPM-06",
    view=View.MONTH,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("w-nixon", "initial face-to-face visit of at least 30 minutes"),
        cite("w-aapc-cpm", "the first time G3002 is reported, the patient is seen in person"),
        cite("care-places", "which places are clinical settings"),
    ],
)
def first_month_without_its_visit() -> Check:
    """A first month of chronic pain management without its visit.

    Before the first month counts, the billing practitioner sees the patient in person, in a clinical setting,
    for at least 30 minutes.  Minutes before that visit do not count; later months may be by telehealth.
    """
    minutes = pl.col("initiated_minutes") < _LEAST_MINUTES
    remote = pl.col("initiated_mode") != "in_person"
    place = pl.col("visit_place").is_in(_NOT_CLINICAL)
    first = pl.col("first_month")
    return Check(
        subject=pl.col("program") == "cpm",
        violates=first & (_LATE | minutes | remote | place | _NO_TIME_LEFT),
        says=pl.when(_LATE)
        .then(pl.format("the initiating visit of {} is after the month", spelled("initiated_on")))
        .when(minutes)
        .then(
            pl.format(
                "the initiating visit took {} minutes, {} are needed",
                plainly("initiated_minutes"),
                pl.lit(_LEAST_MINUTES),
            )
        )
        .when(remote)
        .then(pl.format("the initiating visit was by {}; it must be in person", "initiated_mode"))
        .when(place)
        .then(
            pl.format(
                "the initiating visit was in place {}, no clinical setting for outpatients", "initiated_pos"
            )
        )
        .otherwise(
            pl.format("all time was given before the initiating visit of {}", spelled("initiated_on"))
        ),
        asks=pl.lit(
            "first month of chronic pain management: was there a visit in person, in a clinical setting, "
            "of 30 minutes?"
        ),
        codes=("first_code",),
    )


@rule(
    id="CM-07",
    view=View.MONTH,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2017, 1, 1)),
    cites=[
        cite("ngs-care-management", "an initiating visit for who is new or was not seen within a year"),
    ],
)
def begun_without_visit_in_a_year() -> Check:
    """Chronic or principal care that begins with nobody seen in the year before.

    A visit, a wellness visit or transitional care comes first for patients who are new or were not seen for
    a year.  The same day of the year before is within it.
    """
    return Check(
        subject=pl.col("program").is_in(["ccm", "complex_ccm", "pcm"]),
        violates=pl.col("first_month") & (_LATE | _AGED | _NO_TIME_LEFT),
        says=pl.when(_LATE | _NO_TIME_LEFT)
        .then(pl.format("the initiating visit of {} is after the time given", spelled("initiated_on")))
        .otherwise(
            pl.format("the initiating visit of {} is more than a year before", spelled("initiated_on"))
        ),
        asks=pl.lit("first month of the programme: when was the patient last seen?"),
        codes=("first_code",),
    )
