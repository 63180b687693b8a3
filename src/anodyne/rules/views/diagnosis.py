"""The `diagnosis` view: one diagnosis of one claim, where some table has something to say of its code."""

import re
from collections.abc import Collection, Mapping
from typing import Final

import polars as pl

from anodyne.model.book import Book
from anodyne.reference.tables import Reference, in_force
from anodyne.rules.fact import Fact, Facts, schema
from anodyne.rules.views.attach import laid_by, with_facts
from anodyne.rules.views.diagnosis_editions import Known, form_of, known_of
from anodyne.rules.views.diagnosis_excludes import EXCLUDES_FACTS, excluded, excluding
from anodyne.rules.views.diagnosis_places import (
    few_written,
    filled_diagnoses,
    places,
    spelt_codes,
    used,
    with_claims,
    written,
)
from anodyne.rules.views.diagnosis_static import STATIC_FACTS, static_diagnoses
from anodyne.rules.views.ground import PLACE_FACTS

_SYSTEM: Final = "icd10cm"
_OLD_SYSTEM: Final = "BK"
_OF_CLAIM: Final = ("claim_key", "judged", "dx_system", "filing", "charge_cents")
_SHOWN: Final = 4
_OFFERED: Final = 6
_EXTERNAL: Final = re.compile(r"[V-Y]")
_SEQUELA: Final = re.compile(r"[ST].{5}S$")
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
    claims = book.claims.select(*_OF_CLAIM, *filled_diagnoses(book.claims)).filter(
        pl.col("judged") & (pl.col("dx_system").fill_null("") != _OLD_SYSTEM)
    )
    named = spelt_codes(claims)
    codes = sorted(set(named.values()))
    known = known_of(codes, ground["day"], reference)
    life = _life(codes, reference)
    by_hand = set(reference.table("dx_unspecified_side")["code"])
    pairs = excluding(codes, known.exclusions, reference)
    sides = known.two_sides()
    vague = [code for code, fact in known.facts.items() if fact.vague and not fact.specific]
    static = static_diagnoses(book, ground, [code for code in vague if code not in by_hand], reference)
    never_first = {code: why for code in codes if (why := _never_first(code, known))}
    spoken = {
        *life["code"],
        *(told.code for told in known.forms),
        *(code for code, fact in known.facts.items() if fact.specific),
        *(code for code in codes if code in by_hand or code in _BESIDE),
        *static["code"],
        *never_first,
    }
    paired = {*pairs["code"], *pairs["excludes_code"], *sides, *(other for other, _ in sides.values())}
    if not spoken and not paired:
        return pl.DataFrame(schema=schema(FACTS))
    every = places(claims, {spelt: code for spelt, code in named.items() if code in spoken | paired})
    together = _together(every, pairs, sides)
    rows = pl.concat([every.filter(pl.col("code").is_in(list(spoken))), together]).unique(
        ["claim_key", "code"], keep="first", maintain_order=True
    )
    rows = with_claims(rows, claims)
    rows = rows.hstack(used(rows, ground))
    rows = with_facts(rows, life, on="code")
    rows = rows.hstack(_form(rows, known)).hstack(_siblings(rows, known, reference))
    rows = rows.hstack(_both(rows, every, sides)).hstack(excluded(rows, every, pairs))
    rows = rows.join(static, on=["claim_key", "code"], how="left", maintain_order="left")
    rows = rows.with_columns(
        _by_code(never_first).alias("never_first"), _wants_beside(rows, claims).alias("wants_beside")
    )
    return rows.with_columns(
        line_key=None,
        one_condition=None,
        named=written(pl.col("code")) + pl.col("on_lines").fill_null(""),
    ).pipe(laid_by, FACTS)


def _together(every: pl.DataFrame, pairs: pl.DataFrame, sides: Mapping[str, tuple[str, str]]) -> pl.DataFrame:
    """Those of `every` diagnosis beside which its claim has one that excludes it, or is its other side."""
    partners = pl.concat(
        [
            pairs.select("code", other="excludes_code"),
            pl.DataFrame(
                {"code": list(sides), "other": [other for other, _ in sides.values()]},
                schema={"code": pl.String, "other": pl.String},
            ),
        ]
    ).unique()
    found = every.join(every.select("claim_key", other="code"), on="claim_key").join(
        partners, on=["code", "other"], how="semi"
    )
    return found.drop("other")


def _life(codes: Collection[str], reference: Reference) -> pl.DataFrame:
    """From when until when each of `codes` that the tables name is valid, and what took its place."""
    return (
        reference.table("code_life")
        .filter(pl.col("code").is_in(codes) & (pl.col("system") == _SYSTEM))
        .select("code", _listed("successors"), begins_on="from", ended_on="until")
    )


def _by_code(values: Mapping[str, str]) -> pl.Expr:
    """The value of each code, null where it has none."""
    return pl.col("code").replace_strict(
        list(values), list(values.values()), default=None, return_dtype=pl.String
    )


def _form(rows: pl.DataFrame, known: Known) -> pl.DataFrame:
    """What is wrong with the code of each of `rows`, unless its end or its beginning tells."""
    found = form_of(rows, known.forms)
    ended = rows["last_used_on"] >= rows["ended_on"]
    early = rows["first_used_on"] < rows["begins_on"]
    silent = (ended | early).fill_null(value=False)
    return found.select(
        pl.when(~silent).then("form").alias("form"),
        few_written(pl.col("offers"), _OFFERED).alias("offers"),
        "edition",
    )


def _siblings(rows: pl.DataFrame, known: Known, reference: Reference) -> pl.DataFrame:
    """For each of `rows` the codes that name a side or site, on its day."""
    by_hand = in_force(rows.select("code", served_on="day"), reference, "dx_unspecified_side")
    told = {code: fact.specific for code, fact in known.facts.items() if fact.specific}
    return by_hand.with_columns(pl.coalesce("siblings", _by_code(told)).alias("siblings")).select(
        _listed("siblings")
    )


def _both(rows: pl.DataFrame, every: pl.DataFrame, sides: Mapping[str, tuple[str, str]]) -> pl.DataFrame:
    """For each of `rows` the code of the other side on its claim, and the code that says both."""
    if not sides:
        return pl.DataFrame(schema={"other_side": pl.String, "both_sides": pl.String}).clear(len(rows))
    asked = rows.select(
        "claim_key",
        other=_by_code({code: other for code, (other, _) in sides.items()}),
        both=_by_code({code: both for code, (_, both) in sides.items()}),
    ).with_row_index("row")
    found = asked.join(every.select("claim_key", other="code"), on=["claim_key", "other"], how="semi")
    return (
        asked.select("row")
        .join(found, on="row", how="left", maintain_order="left")
        .select(other_side=written(pl.col("other")), both_sides=written(pl.col("both")))
    )


def _never_first(code: str, known: Known) -> str | None:
    """Why `code` never stands first; None where it may."""
    fact = known.facts.get(code)
    if fact is not None and fact.manifestation:
        return "manifestation"
    if _EXTERNAL.match(code):
        return "external_cause"
    return "sequela" if _SEQUELA.match(code) else None


def _wants_beside(rows: pl.DataFrame, claims: pl.DataFrame) -> pl.Series:
    """For each of `rows` whether its claim lacks what its code wants beside it; null where it wants none."""
    lacks = pl.Series("wants_beside", [None] * len(rows), dtype=pl.Boolean)
    for code, beside in _BESIDE.items():
        own = rows["code"] == code
        if own.any():
            has = pl.any_horizontal(
                pl.col(name).str.contains(beside).fill_null(value=False) for name in filled_diagnoses(claims)
            )
            keys = claims.filter(has)["claim_key"]
            lacks = lacks.zip_with(~own, ~rows["claim_key"].is_in(keys.implode()))
    return lacks


def _listed(column: str) -> pl.Expr:
    """Codes separated by semicolons, as people write a list of them; the first few where they are many."""
    return few_written(pl.col(column).str.split(";"), _SHOWN).alias(column)
