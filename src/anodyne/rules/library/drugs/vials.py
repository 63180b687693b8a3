"""Whole vials: what is given and thrown away adds up to the containers a drug is sold in."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule

_SINCE: Final = Span(dt.date(2023, 7, 1))
_SIZES: Final = cite("drug-packaging-known", "sizes of single-dose containers")
_WANTED: Final = pl.col("payer_drug_waste_modifiers").fill_null(value=False)
_SAID: Final = pl.col("mod_jw") | pl.col("mod_jz")
_TOLD: Final = (pl.col("mod_jw") & ~pl.col("mod_jz") & pl.col("given_of_day")) | (
    pl.col("mod_jz") & ~pl.col("jw_of_day")
)
_SIZE: Final = pl.col("vial_units")
_TOTAL: Final = pl.col("units_of_drug")
_LEFT: Final = _SIZE - _TOTAL % _SIZE
_TEXT: Final = _TOTAL.cast(pl.String).str.strip_suffix(".0")


@rule(
    id="INJ-43e",
    view=View.LINE,
    outcome=Outcome.AUDIT,
    in_force=_SINCE,
    cites=[
        cite("w-noridian-waste", "units given and units wasted make the containers that were opened"),
        _SIZES,
    ],
)
def broken_vial() -> Check:
    """What is billed as given and as thrown away does not add up to whole containers.

    155 units of a toxin sold by the 100 leave 45 of the second vial: a line with JW, not JZ.
    """
    return Check(
        subject=_WANTED & _TOLD & (_SIZE > 1) & (pl.col("container") == "single"),
        violates=(_TOTAL % _SIZE) != 0,
        says=pl.format(
            "{} units of {} are no whole containers ({}): were {} thrown away? Then JW tells of them",
            _TEXT,
            "code",
            _SIZE,
            _LEFT.cast(pl.String).str.strip_suffix(".0"),
        ),
    )


@rule(
    id="INJ-43f",
    view=View.LINE,
    outcome=Outcome.AUDIT,
    in_force=_SINCE,
    cites=[cite("w-jz", "no JW where the billing unit holds the whole container"), _SIZES],
)
def waste_inside_the_unit() -> Check:
    """JW on a drug of which one billing unit is the whole container: it pays for what is left."""
    return Check(
        subject=_WANTED & pl.col("mod_jw") & pl.col("given_of_day") & (pl.col("container") == "single"),
        violates=(_SIZE == 1).fill_null(value=False),
        says=pl.format("JW on {}: one unit is the whole container, so that nothing is left to bill", "code"),
    )


@rule(
    id="INJ-42",
    view=View.LINE,
    outcome=Outcome.ASK,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("w-orthopedic-hyaluronate", "48 units for a syringe of 48 mg"), _SIZES],
)
def hyaluronate_by_the_syringe() -> Check:
    """Hyaluronate that is counted by the milligram, with units that are no whole syringes.

    A syringe holds 16 mg or more.  One unit is the commonest mistake: a dose is one unit only where the code
    says so.
    """
    return Check(
        subject=(pl.col("group") == "hyaluronate") & (_SIZE > 1) & ~(_WANTED & _SAID),
        violates=(_TOTAL % _SIZE) != 0,
        says=pl.format(
            "{} x{} counts each {} {}, and a syringe is {}: how much was injected?",
            "code",
            _TEXT,
            pl.col("per_amount").cast(pl.String).str.strip_suffix(".0"),
            "per_unit",
            _SIZE,
        ),
        asks=pl.format("how many units of {} were injected?", "code"),
        needs="who gave the drug: how many syringes, and of what size",
    )
