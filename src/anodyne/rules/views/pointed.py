"""The `pointed` view: one line and its diagnoses, where they must fit its side or its aim."""

import datetime as dt
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
_AIMS: Final = {
    "cause": ("vertebral_augmentation", "spine_decompression"),
    "pain": (
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
    "pain_month": ("cpm",),
}
"""What a group of codes is for: the cause of the pain, or the pain."""
_STIMULATORS: Final = ("63650", "63655", "63685", "64553", "64555", "64575", "64590", "64596")
"""Codes by which a stimulator is put in."""
_PAIN: Final = r"^G89"
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
    aims = _aims(reference)
    sided = has_modifier(*_RIGHT, *_LEFT, _BOTH)
    lines = ground.filter(pl.col("judged") & (sided | pl.col("code").is_in(aims["code"].implode())))
    first, last = lines["day"].min(), lines["day"].max()
    if not isinstance(first, dt.date) or not isinstance(last, dt.date):
        return nothing
    claims = book.claims.join(lines.select("claim_key"), on="claim_key", how="semi").filter(
        pl.col("dx_system").fill_null("") != _OLD_SYSTEM
    )
    named = spelt_codes(claims)
    known = facts(named["code"], code_books(reference, first, last)).select("code", "side").drop_nulls()
    telling = named.filter(
        pl.col("code").is_in(known["code"].implode()) | pl.col("code").str.contains(_PAIN)
    )["spelt"]
    told = claims.filter(pl.any_horizontal(pl.col(name).is_in(telling.implode()) for name in DIAGNOSES))
    if told.is_empty():
        return nothing
    lines = lines.join(told.select("claim_key"), on="claim_key", how="semi").select(
        *(name for name in FACTS if name in ground.columns), "dx_pointers", *MODIFIERS
    )
    lines = lines.join(aims, on="code", how="left", maintain_order="left").with_columns(_side())
    lines = lines.join(_pointed(lines, told, named, known), on="line_key", how="inner", maintain_order="left")
    return lines.with_columns(
        side_met=_met(),
        treats_cause=(pl.col("aim") == "cause").any().over("claim_key").fill_null(value=False),
    ).select(pl.col(name).cast(kind) for name, kind in schema(FACTS).items())


def _aims(reference: Reference) -> pl.DataFrame:
    """`code` and `aim` of every code whose aim is known."""
    traits = reference.table("code_traits")
    by_group = [
        traits.filter(pl.col("group").is_in(groups)).select("code", pl.lit(aim).alias("aim"))
        for aim, groups in _AIMS.items()
    ]
    stimulators = pl.DataFrame({"code": _STIMULATORS, "aim": ["stimulator"] * len(_STIMULATORS)})
    return pl.concat([stimulators, *by_group]).unique("code", keep="first")


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
    lines: pl.DataFrame, claims: pl.DataFrame, named: pl.DataFrame, known: pl.DataFrame
) -> pl.DataFrame:
    """By `line_key`: the first diagnosis, what it is and names, the sides of all, and a later one of pain."""
    places = (
        claims.select("claim_key", *DIAGNOSES)
        .unpivot(index="claim_key", variable_name="position", value_name="spelt")
        .drop_nulls("spelt")
        .with_columns(pl.col("position").str.slice(2).cast(pl.UInt32))
        .join(named, on="spelt", how="left")
        .select("claim_key", "position", dx="code")
    )
    pointed = (
        pointers(lines.select("line_key", "claim_key", "dx_pointers"))
        .join(places, on=["claim_key", "position"], how="inner", maintain_order="left")
        .join(known.select(dx="code", dx_side="side"), on="dx", how="left", maintain_order="left")
    )
    by_line = pointed.group_by("line_key", maintain_order=True).agg(
        pl.col("dx").first(),
        pl.col("dx_side").first(),
        *(pl.col("dx_side").eq(side).any().fill_null(value=False).alias(f"any_{side}") for side in _SIDES),
        pain_dx=pl.col("dx").slice(1).filter(pl.col("dx").slice(1).str.contains(_PAIN)).first(),
    )
    first = pl.col("dx")
    kind = (
        pl.when(first.str.contains(_PAIN))
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
