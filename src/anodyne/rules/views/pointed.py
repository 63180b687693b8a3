"""The `pointed` view: one line and its diagnoses, where they must fit its side or its aim."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.model.book import Book
from anodyne.model.frames import MODIFIERS
from anodyne.reference.diagnosis_codes import code_books, facts
from anodyne.reference.tables import Reference
from anodyne.rules.fact import Fact, Facts, schema
from anodyne.rules.views.attach import laid_by
from anodyne.rules.views.diagnosis_places import filled_diagnoses, laid_out, pointers, spelt_codes, written
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
_SURGERY: Final = ("22551", "22554", "22558", "22600", "22612", "22630", "22633", "63030", "63047")
"""Fusion and open decompression of the spine."""
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
    claims = (
        book.claims.select("claim_key", "dx_system", *filled_diagnoses(book.claims))
        .join(lines.select("claim_key"), on="claim_key", how="semi")
        .filter(pl.col("dx_system").fill_null("") != _OLD_SYSTEM)
        .drop("dx_system")
    )
    named = spelt_codes(claims)
    known = facts(sorted(set(named.values())), code_books(reference, first, last))
    sides = {code: fact.side for code, fact in known.items() if fact.side}
    aimed = {aims[code] for code in lines["code"].unique() if code in aims}
    pain = _PAIN if aimed - {"pain"} else _TUMOUR_PAIN
    telling = [spelt for spelt, code in named.items() if code in sides or code.startswith(pain)]
    if not telling:
        return nothing
    told = claims.filter(pl.any_horizontal(pl.exclude("claim_key").is_in(telling)))
    lines = lines.join(told.select("claim_key"), on="claim_key", how="semi").select(
        *(name for name in FACTS if name in ground.columns), "dx_pointers", *MODIFIERS
    )
    aim = pl.col("code").replace_strict(aims, default=None, return_dtype=pl.String)
    head = pl.col("dx_pointers").str.extract(r"^(\d+)").cast(pl.UInt32, strict=False)
    places = laid_out(told, named).with_columns(
        dx_side=pl.col("code").replace_strict(sides, default=None, return_dtype=pl.String)
    )
    lines = lines.with_columns(_side(), aim=aim, position=head).join(
        places.rename({"code": "dx"}), on=["claim_key", "position"], how="inner", maintain_order="left"
    )
    other = pl.col("dx_side").is_in(["right", "left"]) & (pl.col("dx_side") != pl.col("side"))
    lines = lines.filter(other.fill_null(value=False) | pl.col("aim").is_not_null())
    if lines.is_empty():
        return nothing
    lines = lines.join(_pointed(lines, places), on="line_key", how="inner", maintain_order="left")
    return lines.with_columns(
        written(pl.col("dx")),
        dx_kind=_kind(pl.col("dx")),
        side_met=_met(),
        treats_cause=(pl.col("aim") == "cause").any().over("claim_key").fill_null(value=False),
    ).pipe(laid_by, FACTS)


def _aims(codes: pl.Series, reference: Reference) -> dict[str, str]:
    """What each of `codes` is for, where that is known; and what stimulators and surgery of the spine are."""
    traits = reference.table("code_traits").filter(pl.col("code").is_in(codes.implode()))
    by_group = {
        code: _AIM_OF_GROUP[group]
        for code, group in traits.select("code", "group").iter_rows()
        if group in _AIM_OF_GROUP
    }
    return by_group | dict.fromkeys(_STIMULATORS, "stimulator") | dict.fromkeys(_SURGERY, "cause")


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


def _pointed(lines: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """By `line_key`: whether any of its diagnoses names each side, and the first of pain after the first."""
    pointed = pointers(lines.select("line_key", "claim_key", "dx_pointers")).join(
        places, on=["claim_key", "position"], how="inner", maintain_order="left"
    )
    later = pl.col("code").slice(1)
    return pointed.group_by("line_key", maintain_order=True).agg(
        *(pl.col("dx_side").eq(side).any().fill_null(value=False).alias(f"any_{side}") for side in _SIDES),
        pain_dx=written(later.filter(later.str.starts_with(_PAIN)).first()),
    )


def _kind(code: pl.Expr) -> pl.Expr:
    return (
        pl.when(code.str.starts_with(_PAIN))
        .then(pl.lit("pain"))
        .when(code.str.contains(_PAIN_OF_ITS_OWN))
        .then(pl.lit("own_pain"))
        .when(code.str.contains(_NEOPLASM))
        .then(pl.lit("neoplasm"))
        .otherwise(pl.lit("other"))
    )


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
