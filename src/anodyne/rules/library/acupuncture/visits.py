"""How many acupuncture visits a year may have, and when KX begins."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule

_SINCE: Final = Span(dt.date(2020, 1, 21))
_NCD: Final = cite("ncd-30-3-3", "12 visits in 90 days, 8 more with improvement, 20 a year")
_KX: Final = cite("w-acupuncture-kx", "KX on sessions 13 to 20")
_VISIT: Final = pl.col("course") == "acupuncture"
_LIMIT: Final = pl.col("payer_acupuncture_visits_year")
_BEFORE_KX: Final = pl.col("payer_acupuncture_visits_kx")
_NUMBER: Final = pl.col("year_number")


@rule(
    id="INJ-37",
    view=View.COURSE,
    outcome=Outcome.DENY,
    in_force=_SINCE,
    cites=[_NCD, cite("w-acupuncture-year", "11 full months after the month of the first visit")],
)
def acupuncture_visits() -> Check:
    """More acupuncture visits than a year may have.

    A day is a visit, whatever its units; dry needling counts with acupuncture.  Medicare's year begins with
    the first visit, and the next one may begin once eleven full months have passed after the month of that
    visit.  A visit in the history counts whatever became of its claim.
    """
    year = (
        pl.when(pl.col("payer_acupuncture_year") == "from_first_visit")
        .then(pl.lit("the year from the first visit"))
        .when(pl.col("payer_acupuncture_year") == "calendar")
        .then(pl.lit("the calendar year"))
        .otherwise(pl.lit("12 months"))
    )
    return Check(
        subject=_VISIT & _LIMIT.is_not_null(),
        violates=_NUMBER > _LIMIT,
        says=pl.format(
            "{} acupuncture visit in {}, {} are covered; latest {}; next eligible {}",
            "year_ordinal",
            year,
            _LIMIT,
            "year_days",
            "year_next",
        ),
    )


@rule(id="INJ-37a", view=View.COURSE, outcome=Outcome.DENY, in_force=_SINCE, cites=[_KX, _NCD])
def acupuncture_without_kx() -> Check:
    """An acupuncture visit after the twelfth of its year without KX.

    KX says that the patient improves and that the record shows it; it belongs on every line of the visit.
    Whether the patient improves is for the clinician to say.
    """
    return Check(
        subject=_VISIT & _BEFORE_KX.is_not_null() & (_NUMBER <= _LIMIT).fill_null(value=True),
        violates=(_NUMBER > _BEFORE_KX) & ~pl.col("kx_throughout"),
        says=pl.format(
            "{} acupuncture visit of its year without KX: does the record show that the patient improves?",
            "year_ordinal",
        ),
    )


@rule(id="INJ-37b", view=View.COURSE, outcome=Outcome.AUDIT, in_force=_SINCE, cites=[_KX])
def acupuncture_kx_too_early() -> Check:
    """KX on one of the first twelve acupuncture visits of a year.

    Silent where no earlier visit is seen: they may have been elsewhere.
    """
    return Check(
        subject=_VISIT & _BEFORE_KX.is_not_null() & (_NUMBER > 1),
        violates=pl.col("mod_kx") & (_NUMBER <= _BEFORE_KX),
        says=pl.format(
            "KX on the {} acupuncture visit of its year, it is for those after {}: were some elsewhere?",
            "year_ordinal",
            _BEFORE_KX,
        ),
    )
