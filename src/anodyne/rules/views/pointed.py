"""The `pointed` view: one line and its diagnoses, where they must fit its side or its aim."""

import datetime as dt
from collections.abc import Mapping
from typing import Final

import polars as pl

from anodyne.model.book import Book
from anodyne.model.frames import DIAGNOSES, MODIFIERS
from anodyne.reference.diagnosis_codes import code_books, facts
from anodyne.reference.tables import Reference
from anodyne.rules.fact import Fact, Facts, schema
from anodyne.rules.views.diagnosis_places import pointers, spelt_codes, written
from anodyne.rules.views.ground import PLACE_FACTS, has_modifier

_OLD_SYSTEM: Final = "BK"
_RIGHT: Final = ("RT", "F5", "F6", "F7", "F8", "F9", "T5", "T6", "T7", "T8", "T9")
_LEFT: Final = ("LT", "FA", "F1", "F2", "F3", "F4", "TA", "T1", "T2", "T3", "T4")
_BOTH: Final = "50"
_SIDES: Final = ("right", "left", "both")
_AIM_OF_GROUP: Final = {
    **dict.fromkeys(("vertebral_augmentation", "spine_decompression"), "cause"),
    **dict.fromkeys(
        (
            "neurolysis",
            "sympathetic",
            "pump",
            "peripheral_block",
            "fascial_plane_block",
            "paravertebral",
            "epidural_interlaminar",
            "epidural_transforaminal",
            "epidural_catheter",
            "facet_block",
            "facet_rf",
        ),
        "pain",
    ),
    "cpm": "pain_month",
}
"""What a group of codes is for: the cause of the pain, or the pain."""
_STIMULATORS: Final = ("63650", "63655", "63685", "64553", "64555", "64575", "64590", "64596")
"""Codes by which a stimulator is put in."""
_PAIN: Final = "G89"
_TUMOUR_PAIN: Final = "G893"
_PAIN_OF_ITS_OWN: Final = r"^(G89|G905|G564|G577)"
_NEOPLASM: Final = r"^(C|D[0-4])"

FACTS: Facts = {
    **PLACE_FACTS,
    "code": Fact(pl.String, "procedure code of the line"),
    "line": Fact(pl.UInt32, "number of the line"),
    "charge_cents": Fact(pl.Int64, "charge of the line in cents"),
    "side": Fact(pl.String, "the side its modifiers name: right, left or both; null where they name none"),
    "dx": Fact(pl.String, "the first diagnosis it points to, as people write it"),
    "dx_side": Fact(pl.String, "the side that diagnosis names: right, left or both"),
    "side_met": Fact(
        pl.Boolean,
        "whether the diagnoses it points to name the side of the line; for both sides, each of them or both",
    ),
    "aim": Fact(
        pl.String,
        "what the procedure is for: cause, stimulator, pain, or pain_month; null where that is open",
    ),
    "dx_kind": Fact(
        pl.String, "what the first diagnosis is: pain (G89), own_pain (a pain syndrome), neoplasm or other"
    ),
    "pain_dx": Fact(pl.String, "the first code of G89 it points to after the first diagnosis"),
    "treats_cause": Fact(
        pl.Boolean, "whether another line of the claim treats the cause of the pain, rather than the pain"
    ),
}


def pointed_view(book: Book, ground: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """The lines of checked claims with a side or a known aim, on claims with a sided or a pain diagnosis."""
    nothing = pl.DataFrame(schema=schema(FACTS))
    aims = _aims(ground["code"].unique(), reference)
    sided = has_modifier(*_RIGHT, *_LEFT, _BOTH)
    lines = ground.filter(pl.col("judged") & (sided | pl.col("code").is_in(list(aims))))
    first, last = lines["day"].min(), lines["day"].max()
    if not isinstance(first, dt.date) or not isinstance(last, dt.date):
        return nothing
    claims = book.claims.join(lines.select("claim_key"), on="claim_key", how="semi").filter(
        pl.col("dx_system").fill_null("") != _OLD_SYSTEM
    )
    named = spelt_codes(claims)
    known = facts(sorted(set(named.values())), code_books(reference, first, last))
    sides = {code: fact.side for code, fact in known.items() if fact.side}
    aimed = {aims[code] for code in lines["code"].unique() if code in aims}
    pain = _PAIN if aimed - {"pain"} else _TUMOUR_PAIN
    telling = [spelt for spelt, code in named.items() if code in sides or code.startswith(pain)]
    if not telling:
        return nothing
    told = claims.filter(pl.any_horizontal(pl.col(name).is_in(telling) for name in DIAGNOSES))
    lines = lines.join(told.select("claim_key"), on="claim_key", how="semi").select(
        *(name for name in FACTS if name in ground.columns), "dx_pointers", *MODIFIERS
    )
    aim = pl.col("code").replace_strict(aims, default=None, return_dtype=pl.String)
    lines = lines.with_columns(_side(), aim=aim)
    lines = lines.join(_pointed(lines, told, named, sides), on="line_key", how="inner", maintain_order="left")
    return lines.with_columns(
        side_met=_met(),
        treats_cause=(pl.col("aim") == "cause").any().over("claim_key").fill_null(value=False),
    ).select(pl.col(name).cast(kind) for name, kind in schema(FACTS).items())


def _aims(codes: pl.Series, reference: Reference) -> dict[str, str]:
    """What each of `codes`, where that is known, is for; and what the stimulators are."""
    traits = reference.table("code_traits").filter(pl.col("code").is_in(codes.implode()))
    by_group = {
        code: _AIM_OF_GROUP[group]
        for code, group in traits.select("code", "group").iter_rows()
        if group in _AIM_OF_GROUP
    }
    return by_group | dict.fromkeys(_STIMULATORS, "stimulator")


def _side() -> pl.Expr:
    right, left = has_modifier(*_RIGHT), has_modifier(*_LEFT)
    return (
        pl.when(has_modifier(_BOTH) | (right & left))
        .then(pl.lit("both"))
        .when(right)
        .then(pl.lit("right"))
        .when(left)
        .then(pl.lit("left"))
        .alias("side")
    )


def _pointed(
    lines: pl.DataFrame, claims: pl.DataFrame, named: Mapping[str, str], sides: Mapping[str, str]
) -> pl.DataFrame:
    """By `line_key`: the first diagnosis, what it is and names, the sides of all, and a later one of pain."""
    places = (
        claims.select("claim_key", *DIAGNOSES)
        .unpivot(index="claim_key", variable_name="position", value_name="spelt")
        .drop_nulls("spelt")
        .with_columns(
            pl.col("position").str.slice(2).cast(pl.UInt32),
            dx=pl.col("spelt").replace_strict(named, return_dtype=pl.String),
        )
        .with_columns(dx_side=pl.col("dx").replace_strict(sides, default=None, return_dtype=pl.String))
        .drop("spelt")
    )
    pointed = pointers(lines.select("line_key", "claim_key", "dx_pointers")).join(
        places, on=["claim_key", "position"], how="inner", maintain_order="left"
    )
    by_line = pointed.group_by("line_key", maintain_order=True).agg(
        pl.col("dx").first(),
        pl.col("dx_side").first(),
        *(pl.col("dx_side").eq(side).any().fill_null(value=False).alias(f"any_{side}") for side in _SIDES),
        pain_dx=pl.col("dx").slice(1).filter(pl.col("dx").slice(1).str.starts_with(_PAIN)).first(),
    )
    first = pl.col("dx")
    kind = (
        pl.when(first.str.starts_with(_PAIN))
        .then(pl.lit("pain"))
        .when(first.str.contains(_PAIN_OF_ITS_OWN))
        .then(pl.lit("own_pain"))
        .when(first.str.contains(_NEOPLASM))
        .then(pl.lit("neoplasm"))
        .otherwise(pl.lit("other"))
    )
    return by_line.with_columns(written(first), dx_kind=kind, pain_dx=written(pl.col("pain_dx")))


def _met() -> pl.Expr:
    right, left, both = (pl.col(f"any_{side}") for side in _SIDES)
    return (
        pl.when(pl.col("side") == "right")
        .then(right | both)
        .when(pl.col("side") == "left")
        .then(left | both)
        .when(pl.col("side") == "both")
        .then(both | (right & left))
    )
