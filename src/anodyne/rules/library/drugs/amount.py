"""How much of a drug the claim shows, and whether something gave it."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule

_SINCE: Final = Span(dt.date(2023, 1, 1))
_GROUPS: Final = ("corticosteroid", "hyaluronate", "botulinum_drug", "other_drug")


def _whole(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).str.strip_suffix(".0")


@rule(
    id="INJ-40",
    view=View.LINE,
    outcome=Outcome.ASK,
    in_force=_SINCE,
    cites=[
        cite("ndclist-0003-0293", "40 mg in each millilitre"),
        cite("drug-packaging-known", "how drug codes count, and strengths of containers"),
    ],
)
def units_against_ndc() -> Check:
    """The units of a drug and the quantity beside its national drug code are two amounts.

    One millilitre of triamcinolone at 40 mg is four units of J3301, and 40 units of J1010 for
    methylprednisolone.  One of the two is wrong; who gave it knows which.
    """
    shown = pl.col("ndc_units")
    return Check(
        subject=shown.is_not_null() & ~pl.col("mod_jw"),
        violates=(pl.col("units") != shown) & (pl.col("units_of_drug") != shown),
        says=pl.format(
            "{} x{}, but {} {} of its NDC make {} units: how much was given?",
            "code",
            _whole("units"),
            _whole("ndc_qty"),
            "ndc_unit",
            _whole("ndc_units"),
        ),
        asks=pl.format("how many units of {} were given? Its NDC says {}", "code", _whole("ndc_units")),
        needs="who gave the drug: the amount, and the container it came from",
    )


@rule(
    id="INJ-40a",
    view=View.LINE,
    outcome=Outcome.ASK,
    in_force=_SINCE,
    cites=[cite("drug-packaging-known", "drugs that are injected", confidence="known")],
)
def drug_without_injection() -> Check:
    """A drug that is injected, in an office, and nothing billed that day that injects it.

    An injection, block or administration (96372) may have been forgotten, or stand on a claim that is not
    here.  Silent beside any code that is not known.
    """
    return Check(
        subject=pl.col("group").is_in(_GROUPS) & pl.col("setting").is_null() & ~pl.col("mod_jw"),
        violates=(~pl.col("giving_service")).fill_null(value=False),
        says=pl.format("{}, and no injection billed that day: was it forgotten, or sent on its own?", "code"),
        needs="chart: how the drug was given that day, and by whom",
    )
