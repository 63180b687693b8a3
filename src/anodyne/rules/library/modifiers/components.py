"""26 and TC: the professional and the technical part of a service."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule

_TWO_PARTS: Final = 1
_FACILITY: Final = (
    pl.col("setting")
    .is_in(["inpatient", "outpatient_hospital", "emergency", "surgery_centre", "skilled_nursing"])
    .fill_null(value=False)
)
_INDICATORS: Final = cite("mpfs-rvu24c", "component indicator")


@rule(
    id="MOD-26",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[_INDICATORS],
)
def part_of_what_has_none() -> Check:
    """26 or TC is on a code that has no professional and technical part.

    The component indicator of the fee schedule is 1 for codes that have: imaging, guidance, nerve conduction.
    """
    return Check(
        subject=pl.col("component").is_not_null() & (pl.col("component") != _TWO_PARTS),
        violates=pl.col("mod_26") | pl.col("mod_tc"),
        says=pl.format(
            "{}-{}: the code has no professional and technical part; take the modifier off",
            "code",
            pl.when("mod_26").then(pl.lit("26")).otherwise(pl.lit("TC")),
        ),
    )


@rule(
    id="MOD-26a",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[_INDICATORS, cite("w-component-26", "in a facility the practitioner bills the professional part")],
)
def whole_service_in_facility() -> Check:
    """Imaging or a test in a facility is billed without 26.

    In a hospital or surgery centre the facility owns the equipment: the practitioner bills the professional
    part, where the code has one.
    """
    return Check(
        subject=(pl.col("component") == _TWO_PARTS)
        & _FACILITY
        & ~pl.col("mod_26")
        & ~pl.col("mod_tc")
        & ~pl.col("surgery_centre"),
        violates=pl.col("payer_professional_component"),
        says=pl.format("{} in place {} needs 26: the facility has the technical part", "code", "pos"),
        asks=pl.format(
            "{} in place {}: does this payer want 26, as the facility has the rest?", "code", "pos"
        ),
    )


@rule(
    id="MOD-26b",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("modifier-list-known", "26, TC")],
)
def both_parts_on_a_line() -> Check:
    """26 and TC on one line: the whole service carries neither."""
    return Check(
        subject=pl.col("mod_26"),
        violates=pl.col("mod_tc"),
        says=pl.format("{} carries 26 and TC: who did both bills it with neither", "code"),
    )


@rule(
    id="MOD-26c",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[_INDICATORS, cite("w-component-26", "the technical part in a facility is the facility's")],
)
def technical_part_in_facility() -> Check:
    """The technical part of imaging in a facility is the facility's to bill."""
    return Check(
        subject=(pl.col("component") == _TWO_PARTS)
        & _FACILITY
        & ~pl.col("surgery_centre")
        & ~pl.col("mod_26"),
        violates=pl.col("mod_tc"),
        says=pl.format("{}-TC in place {}: the technical part is the facility's to bill", "code", "pos"),
    )
