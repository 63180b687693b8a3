"""JW and JZ: what was thrown away of a single-dose container, or that nothing was."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule

_SINCE: Final = Span(dt.date(2023, 7, 1))
_MEANING: Final = cite("w-jz", "JW and JZ on drugs from single-dose containers")
_NOT_JUDGED: Final = (
    "outpatient_hospital", "inpatient", "emergency", "surgery_centre", "health_centre", "rural_clinic",
)  # fmt: skip
_WANTED: Final = pl.col("payer_drug_waste_modifiers")
_SAID: Final = pl.col("mod_jw") | pl.col("mod_jz")


@rule(
    id="INJ-43",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=_SINCE,
    cites=[_MEANING, cite("w-jz-aafp", "claims without either are returned from 2023-10-01")],
)
def waste_not_told() -> Check:
    """A drug from a single-dose container says JZ, or JW on a line of its own for what was thrown away.

    This is for drugs that Medicare Part B pays apart from the procedure.  It is required since 2023-07-01,
    and since 2023-10-01 a claim without either comes back as unprocessable.  A drug from a multiple-dose vial
    carries neither.  Where the drug is sold in both, only its NDC or who gave it can say.  Drugs given in a
    hospital or surgical centre are not judged, and federally qualified health centres (place 50) and rural
    health clinics (72) need neither modifier.
    """
    elsewhere = pl.col("setting").is_in(_NOT_JUDGED).fill_null(value=False)
    told = _SAID | pl.col("jw_of_day")
    return Check(
        subject=_WANTED & pl.col("drug_separately_payable") & ~elsewhere & ~told,
        violates=pl.col("container") == "single",
        says=pl.format(
            "{} is from a single-dose vial: JZ if nothing was thrown away, else JW on a line for what was",
            "code",
        ),
        asks=pl.format(
            "{} without JZ or JW: right only from a multiple-dose vial; which vial was it?", "code"
        ),
    )


@rule(id="INJ-43a", view=View.LINE, outcome=Outcome.DENY, in_force=_SINCE, cites=[_MEANING])
def waste_told_both_ways() -> Check:
    """JW and JZ contradict each other on one line."""
    return Check(
        subject=pl.col("mod_jw"),
        violates=pl.col("mod_jz"),
        says=pl.format("{} with JW and JZ: either some was thrown away or none was", "code"),
    )


@rule(id="INJ-43b", view=View.LINE, outcome=Outcome.DENY, in_force=_SINCE, cites=[_MEANING])
def no_waste_beside_waste() -> Check:
    """A line that says nothing was thrown away stands beside one for what was, for the same drug and day."""
    return Check(
        subject=pl.col("mod_jz") & ~pl.col("mod_jw"),
        violates=pl.col("jw_of_day"),
        says=pl.format(
            "{} with JZ, and JW on another line that day: the line for what was given has neither", "code"
        ),
    )


@rule(id="INJ-43c", view=View.LINE, outcome=Outcome.DENY, in_force=_SINCE, cites=[_MEANING])
def waste_of_nothing_given() -> Check:
    """A line for what was thrown away needs one for what was given of the same drug that day."""
    return Check(
        subject=_WANTED & pl.col("mod_jw") & ~pl.col("mod_jz"),
        violates=~pl.col("given_of_day"),
        says=pl.format("{} with JW, and no line for the amount given that day", "code"),
    )


@rule(id="INJ-43d", view=View.LINE, outcome=Outcome.AUDIT, in_force=_SINCE, cites=[_MEANING])
def waste_of_multiple_dose() -> Check:
    """JW and JZ are for single-dose containers; what is left in a multiple-dose vial is not waste to bill."""
    return Check(
        subject=_WANTED & _SAID & pl.col("container").is_not_null(),
        violates=pl.col("container") == "multi",
        says=pl.format("{} is from a multiple-dose vial, which carries neither JW nor JZ", "code"),
    )
