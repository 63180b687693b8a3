"""The lines that make sessions: which of a patient's lines of a day belong together, and what they treat."""

from typing import Final

import polars as pl

from anodyne.model.frames import MODIFIERS
from anodyne.reference.tables import Reference, in_force
from anodyne.rules.views.attach import once_for_each
from anodyne.rules.views.ground import has_modifier

FAMILY: Final = {
    "facet_block": "facet",
    "facet_rf": "facet",
    "epidural_interlaminar": "epidural",
    "epidural_transforaminal": "epidural",
    "sacroiliac": "sacroiliac",
    "sacroiliac_nerve_block": "sacroiliac",
    "trigger_point": "trigger_point",
}
"""The groups of codes that make sessions, and what a policy counts together."""
SPINAL: Final = ("sympathetic", "paravertebral", "sacroiliac_nerve_rf")
"""Blocks and ablations at the spine that make no sessions, but may stand beside one."""
NERVES: Final = (*SPINAL, "peripheral_block", "fascial_plane_block", "genicular", "genicular_rf")
"""Those and the ones of other nerves."""

_GROUPS: Final = (*FAMILY, *SPINAL)
_REGIONS: Final = {
    "cervical_thoracic": "cervical or thoracic",
    "lumbar_sacral": "lumbar",
    "sacroiliac": "sacroiliac",
    "trigger_point": "trigger-point",
}
_NO_SIDES: Final = ("epidural_interlaminar", "trigger_point")
_OF_MODIFIERS: Final = ("mod_kx", "separated", "left", "right", "stopped")
_STOPPED: Final = ("53", "73", "74")
"""Modifiers that say that a procedure was begun or prepared, and not done."""


def of_blocks(reference: Reference) -> pl.Expr:
    """Whether a line may be a block: its code is one on some day, and its patient and day are known."""
    codes = reference.table("code_traits").filter(pl.col("group").is_in(_GROUPS))["code"].unique()
    known = pl.col("day").is_not_null() & pl.col("patient").is_not_null()
    return pl.col("code").is_in(codes.implode()) & known


def block_lines(lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """Those of `lines` that are blocks on their day, with what the reference says of their codes."""
    traits = once_for_each(
        lines,
        ("code", "served_on"),
        lambda rows: in_force(rows, reference, "code_traits").select("group", "region", "level", "imaging"),
    )
    lines = lines.hstack(traits).filter(pl.col("group").is_in(_GROUPS))
    return lines.hstack(once_for_each(lines, MODIFIERS, lambda rows: _of_modifiers(rows, reference)))


def session_lines(blocks: pl.DataFrame) -> pl.DataFrame:
    """Those of `blocks` that make sessions, with their session.

    At the border of two regions a further level bears the code of the next region: with no first level of its
    own there, it belongs to the session in which the first level stands.  `left` and `right` are the sides
    treated: both for what has no sides, neither where the line does not say.

    `session` is one number for a session as one payer is billed for it, `regions_of` for patient, day, family
    and payer, `kind_of` for patient, kind and region, whoever pays: grouping by one number is several times
    as fast as by several columns.
    """
    lines = blocks.filter(pl.col("group").is_in(list(FAMILY)))
    starts = pl.col("level").is_null() | (pl.col("level") == "first")
    no_sides = pl.col("group").is_in(_NO_SIDES)
    lines = lines.with_columns(
        family=pl.col("group").replace_strict(FAMILY, return_dtype=pl.String),
        left=pl.col("left") | no_sides,
        right=pl.col("right") | no_sides,
    ).with_columns(region=pl.coalesce("region", "family"))
    lines = lines.with_columns(
        of_day=pl.struct("patient", "day", "group").hash(),
        of_region=pl.struct("patient", "day", "group", "region").hash(),
    )
    lines = lines.with_columns(
        own_start=starts.any().over("of_region"), start=pl.col("region").filter(starts).first().over("of_day")
    )
    lines = lines.with_columns(
        region=pl.when("own_start").then("region").otherwise(pl.coalesce("start", "region"))
    )
    lines = lines.with_columns(
        kind=_kind(lines),
        region_name=pl.col("region").replace_strict(_REGIONS, return_dtype=pl.String),
    )
    return lines.with_columns(
        session=pl.struct("patient", "day", "kind", "region", "payer").hash(),
        regions_of=pl.struct("patient", "day", "family", "payer").hash(),
        kind_of=pl.struct("patient", "kind", "region").hash(),
    )


def _kind(lines: pl.DataFrame) -> pl.Expr:
    """What a line's session is: facet blocks and sacroiliac injections are diagnostic where one has KX."""
    family = pl.col("family")
    told_apart = (family == "sacroiliac") | (pl.col("group") == "facet_block")
    diagnostic = pl.lit(value=False)
    if lines["mod_kx"].any():
        together = pl.struct("patient", "day", "family", "region", pl.col("group") == "facet_rf").hash(seed=4)
        diagnostic = pl.col("mod_kx").any().over(together)
    purpose = pl.when(diagnostic).then(pl.lit("diagnostic")).otherwise(pl.lit("therapeutic"))
    return (
        pl.when(told_apart)
        .then(pl.concat_str(family, pl.lit("_"), purpose))
        .when(pl.col("group") == "facet_rf")
        .then(pl.lit("facet_rf"))
        .otherwise(family)
    )


def _of_modifiers(rows: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """The columns of _OF_MODIFIERS of lines with these modifiers."""
    bypass = reference.table("modifiers").filter("ncci_bypass")["modifier"].unique()
    return rows.select(
        mod_kx=has_modifier("KX"),
        separated=has_modifier(*bypass),
        left=has_modifier("LT", "50"),
        right=has_modifier("RT", "50"),
        stopped=has_modifier(*_STOPPED),
    ).select(_OF_MODIFIERS)
