"""The `diagnosis` view: one diagnosis of one claim, where some table has something to say of its code."""

from typing import Final

import polars as pl

from anodyne.model.book import Book
from anodyne.model.frames import DIAGNOSES
from anodyne.reference.tables import Reference, in_force
from anodyne.rules.fact import Fact, Facts, schema
from anodyne.rules.views.attach import with_facts
from anodyne.rules.views.diagnosis_editions import Told, form_of, told_of, two_sides
from anodyne.rules.views.diagnosis_excludes import EXCLUDES_FACTS, excluded, excluding
from anodyne.rules.views.diagnosis_places import few_written, places, spelt_codes, used, written
from anodyne.rules.views.diagnosis_static import STATIC_FACTS, static_diagnoses
from anodyne.rules.views.ground import PLACE_FACTS

_SYSTEM: Final = "icd10cm"
_OLD_SYSTEM: Final = "BK"
_SHOWN: Final = 4
_OFFERED: Final = 6
_EXTERNAL: Final = r"^[V-Y]"
_SEQUELA: Final = r"^[ST].{5}S$"
_NEOPLASM_PAIN: Final = "G893"
_NEOPLASM: Final = r"^(C|D[0-4]|Z85|Z8603)"
_MONITORING: Final = "Z5181"
_THERAPY: Final = r"^(Z79|F1[0-9])"
_BESIDE: Final = {_NEOPLASM_PAIN: _NEOPLASM, _MONITORING: _THERAPY}
"""Codes that want another beside them, and what that begins with."""

FACTS: Facts = {
    **PLACE_FACTS,
    "code": Fact(pl.String, "the code in capitals, without its dot"),
    "position": Fact(pl.UInt32, "its place among the diagnoses of the claim, the first is 1"),
    "named": Fact(pl.String, "the code as people write it, and the lines that point to it"),
    "first_used_on": Fact(
        pl.Date,
        "first day of service of the lines that point to it, or of the claim where none does",
        "date of service",
    ),
    "last_used_on": Fact(pl.Date, "last such day", "date of service"),
    "charge_cents": Fact(pl.Int64, "charge of the lines that point to it, or of the claim where none does"),
    "begins_on": Fact(pl.Date, "first day the code is valid, where known"),
    "ended_on": Fact(pl.Date, "first day the code is no longer valid, where it ended"),
    "successors": Fact(pl.String, "the codes that took its place, as people write them"),
    "form": Fact(
        pl.String,
        "what is wrong with the code by the edition of its day (`diagnosis_codes.Form`); null where nothing "
        "is, where its end or beginning is known, and where no edition speaks of the day",
    ),
    "offers": Fact(pl.String, "codes of that edition to choose from instead, as people write them"),
    "edition": Fact(pl.Date, "the first day of that edition"),
    "siblings": Fact(
        pl.String, "codes of the same meaning that name a side or site, where this one names none"
    ),
    "other_side": Fact(
        pl.String, "the code of the left side on the claim, where this is that of the right and one says both"
    ),
    "both_sides": Fact(pl.String, "the code that says both"),
    **EXCLUDES_FACTS,
    "one_condition": Fact(
        pl.Boolean,
        "whether this and a diagnosis that a note excludes are of one condition; no claim tells",
        "the clinician: are the two conditions related?",
    ),
    "never_first": Fact(
        pl.String,
        "why the code is never the first: manifestation, external_cause or sequela; null where it may be",
    ),
    "wants_beside": Fact(
        pl.Boolean, "whether the claim lacks what this code wants beside it: a neoplasm, or a drug therapy"
    ),
    **STATIC_FACTS,
}


def diagnosis_view(book: Book, ground: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """The diagnoses of checked claims that a table speaks of, in the columns of FACTS, each once a claim."""
    claims = book.claims.filter(pl.col("judged") & (pl.col("dx_system").fill_null("") != _OLD_SYSTEM))
    named = spelt_codes(claims)
    codes = named["code"].unique()
    told = told_of(codes, ground["day"], reference)
    life = _life(reference)
    by_hand = reference.table("dx_unspecified_side")["code"]
    pairs = excluding(codes, told.exclusions, reference)
    sides = two_sides(told.facts)
    vague = told.facts.filter(pl.col("vague") & pl.col("specific").is_null())["code"]
    static = static_diagnoses(book, ground, vague.filter(~vague.is_in(by_hand.implode())), reference)
    manifestations = told.facts.filter("manifestation")["code"]
    spoken = pl.concat(
        [
            life["code"],
            by_hand,
            told.forms["code"],
            told.facts.drop_nulls("specific")["code"],
            sides["code"],
            pairs["code"],
            manifestations,
            static["code"],
            codes.filter(codes.str.contains(_EXTERNAL) | codes.str.contains(_SEQUELA)),
            pl.Series("code", list(_BESIDE)),
        ]
    ).unique()
    spoken = spoken.filter(spoken.is_in(codes.implode()))
    if spoken.is_empty():
        return pl.DataFrame(schema=schema(FACTS))
    wanted = [*spoken, *pairs["excludes_code"], *sides["other"]]
    every = places(claims, named.filter(pl.col("code").is_in(wanted)))
    rows = every.filter(pl.col("code").is_in(spoken.implode()))
    rows = rows.hstack(used(rows, ground))
    rows = with_facts(rows, life, on="code")
    rows = rows.hstack(_form(rows, told)).hstack(_siblings(rows, told, reference))
    rows = rows.hstack(_both(rows, every, sides)).hstack(excluded(rows, every, pairs))
    rows = rows.join(static, on=["claim_key", "code"], how="left", maintain_order="left")
    rows = rows.with_columns(
        _never_first(manifestations), wants_beside=pl.Series(_wants_beside(rows, claims), dtype=pl.Boolean)
    )
    return rows.with_columns(
        line_key=None,
        one_condition=None,
        named=written(pl.col("code")) + pl.col("on_lines").fill_null(""),
    ).select(pl.col(name).cast(kind) for name, kind in schema(FACTS).items())


def _life(reference: Reference) -> pl.DataFrame:
    """From when until when each diagnosis code that the tables name is valid, and what took its place."""
    return (
        reference.table("code_life")
        .filter(system=_SYSTEM)
        .select("code", _listed("successors"), begins_on="from", ended_on="until")
    )


def _form(rows: pl.DataFrame, told: Told) -> pl.DataFrame:
    """What is wrong with the code of each of `rows`, unless its end or its beginning tells."""
    found = form_of(rows, told.forms)
    ended = rows["last_used_on"] >= rows["ended_on"]
    early = rows["first_used_on"] < rows["begins_on"]
    silent = (ended | early).fill_null(value=False)
    return found.select(
        pl.when(~silent).then("form").alias("form"),
        few_written(pl.col("offers"), _OFFERED).alias("offers"),
        "edition",
    )


def _siblings(rows: pl.DataFrame, told: Told, reference: Reference) -> pl.DataFrame:
    """For each of `rows` the codes that name a side or site, on its day."""
    by_hand = in_force(rows.select("code", served_on="day"), reference, "dx_unspecified_side")
    told_by = rows.select("code").join(
        told.facts.select("code", "specific"), on="code", how="left", maintain_order="left"
    )
    return by_hand.select(pl.coalesce("siblings", told_by["specific"]).alias("siblings")).select(
        _listed("siblings")
    )


def _both(rows: pl.DataFrame, every: pl.DataFrame, sides: pl.DataFrame) -> pl.DataFrame:
    """For each of `rows` the code of the other side on its claim, and the code that says both."""
    blank = pl.DataFrame(schema={"other_side": pl.String, "both_sides": pl.String}).clear(len(rows))
    if sides.is_empty():
        return blank
    found = (
        rows.select("claim_key", "code")
        .join(sides, on="code")
        .join(every.select("claim_key", other="code"), on=["claim_key", "other"], how="semi")
        .unique(["claim_key", "code"], keep="first")
        .select("claim_key", "code", other_side=written(pl.col("other")), both_sides=written(pl.col("both")))
    )
    laid = rows.select("claim_key", "code").join(
        found, on=["claim_key", "code"], how="left", maintain_order="left"
    )
    return laid.select(blank.columns)


def _never_first(manifestations: pl.Series) -> pl.Expr:
    code = pl.col("code")
    return (
        pl.when(code.is_in(manifestations.implode()))
        .then(pl.lit("manifestation"))
        .when(code.str.contains(_EXTERNAL))
        .then(pl.lit("external_cause"))
        .when(code.str.contains(_SEQUELA))
        .then(pl.lit("sequela"))
        .alias("never_first")
    )


def _wants_beside(rows: pl.DataFrame, claims: pl.DataFrame) -> pl.Series:
    """For each of `rows` whether its claim lacks what its code wants beside it; null where it wants none."""
    lacks = pl.Series("wants_beside", [None] * len(rows), dtype=pl.Boolean)
    for code, beside in _BESIDE.items():
        own = rows["code"] == code
        if own.any():
            has = pl.any_horizontal(
                pl.col(name).str.contains(beside).fill_null(value=False) for name in DIAGNOSES
            )
            keys = claims.filter(has)["claim_key"]
            lacks = lacks.zip_with(~own, ~rows["claim_key"].is_in(keys.implode()))
    return lacks


def _listed(column: str) -> pl.Expr:
    """Codes separated by semicolons, as people write a list of them; the first few where they are many."""
    return few_written(pl.col(column).str.split(";"), _SHOWN).alias(column)
