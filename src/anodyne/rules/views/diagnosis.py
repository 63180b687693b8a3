"""The `diagnosis` view: one diagnosis of one claim, where some table has something to say of its code."""

from typing import Final

import polars as pl

from anodyne.model.book import Book
from anodyne.model.frames import DIAGNOSES
from anodyne.reference.tables import Reference, in_force
from anodyne.rules.fact import Fact, Facts, schema
from anodyne.rules.views.attach import with_facts
from anodyne.rules.views.ground import MEDICARE, PLACE_FACTS

_SYSTEM: Final = "icd10cm"
_OLD_SYSTEM: Final = "BK"
_SHOWN: Final = 4

FACTS: Facts = {
    **PLACE_FACTS,
    "code": Fact(pl.String, "the code in capitals, without its dot"),
    "written": Fact(pl.String, "the code as people write it, with its dot"),
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
    "siblings": Fact(
        pl.String, "codes of the same meaning that name a side or site, where this one names none"
    ),
    "excludes": Fact(
        pl.String, "another diagnosis of the claim that never stands beside this one, as people write it"
    ),
}


def diagnosis_view(book: Book, ground: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """The diagnoses of checked claims that a table speaks of, in the columns of FACTS, each once a claim."""
    claims = book.claims.filter(pl.col("judged") & (pl.col("dx_system").fill_null("") != _OLD_SYSTEM))
    named = _named(claims)
    life = _life(reference)
    unspecified = reference.table("dx_unspecified_side")["code"]
    pairs = _excluding(named["code"].unique(), reference)
    spoken = pl.concat([life["code"], unspecified, pairs["code"]]).unique()
    spoken = spoken.filter(spoken.is_in(named["code"].implode()))
    if spoken.is_empty():
        return pl.DataFrame(schema=schema(FACTS))
    every = _diagnoses(claims, named.filter(pl.col("code").is_in([*spoken, *pairs["excludes_code"]])))
    rows = every.filter(pl.col("code").is_in(spoken.implode()))
    rows = rows.hstack(_used(rows, ground))
    rows = with_facts(rows, life, on="code").hstack(_siblings(rows, reference))
    excluded = (
        rows.join(pairs, on="code", how="inner")
        .join(every.select("claim_key", excludes_code="code"), on=["claim_key", "excludes_code"], how="semi")
        .filter(
            (pl.col("from") <= pl.col("day"))
            & (pl.col("until").is_null() | (pl.col("day") < pl.col("until")))
        )
        .group_by("claim_key", "code")
        .agg(excludes=written(pl.col("excludes_code").min()))
    )
    rows = rows.join(excluded, on=["claim_key", "code"], how="left", maintain_order="left")
    return rows.with_columns(line_key=None, written=written(pl.col("code"))).select(
        pl.col(name).cast(kind) for name, kind in schema(FACTS).items()
    )


def written(code: pl.Expr) -> pl.Expr:
    """A diagnosis code as people write it: a dot after the third character."""
    return pl.when(code.str.len_chars() > 3).then(code.str.head(3) + "." + code.str.slice(3)).otherwise(code)


def _named(claims: pl.DataFrame) -> pl.DataFrame:
    """Each diagnosis that `claims` name, as they spell it (`spelt`) and in capitals with no dot (`code`)."""
    spelt = pl.concat([claims[name].alias("spelt") for name in DIAGNOSES]).drop_nulls().unique().to_frame()
    return spelt.with_columns(code=pl.col("spelt").str.replace_all(".", "", literal=True).str.to_uppercase())


def _diagnoses(claims: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Where `claims` have the diagnoses of `named`, each code once a claim."""
    places = (
        claims.select("claim_key", *DIAGNOSES)
        .unpivot(index="claim_key", variable_name="position", value_name="spelt")
        .filter(pl.col("spelt").is_in(named["spelt"].implode()))
        .join(named, on="spelt", how="left")
        .select("claim_key", pl.col("position").str.slice(2).cast(pl.UInt32), "code")
        .sort("claim_key", "position")
        .unique(["claim_key", "code"], keep="first", maintain_order=True)
    )
    said = claims.select("claim_key", "judged", claim_cents="charge_cents", medicare=MEDICARE)
    return with_facts(places, said, on="claim_key")


def _life(reference: Reference) -> pl.DataFrame:
    """From when until when each diagnosis code that the tables name is valid, and what took its place."""
    return (
        reference.table("code_life")
        .filter(system=_SYSTEM)
        .select("code", _listed("successors"), begins_on="from", ended_on="until")
    )


def _siblings(rows: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """For each of `rows` the codes that name a side or site, on its day."""
    found = in_force(rows.select("code", served_on="day"), reference, "dx_unspecified_side")
    return found.select(_listed("siblings"))


def _listed(column: str) -> pl.Expr:
    """Codes separated by semicolons, as people write a list of them; the first few where they are many."""
    codes = pl.col(column).str.split(";")
    few = codes.list.head(_SHOWN).list.eval(written(pl.element())).list.join(", ")
    return pl.when(codes.list.len() > _SHOWN).then(few + " …").otherwise(few).alias(column)


def _excluding(codes: pl.Series, reference: Reference) -> pl.DataFrame:
    """Which of `codes` never stand beside which others (`excludes_code`), from when until when."""
    asked = codes.alias("code").to_frame()
    table = reference.table("dx_excludes1").select(
        begins="code", excluded="excluded", **{"from": "from"}, until="until"
    )
    named = asked.join_where(table, pl.col("code").str.starts_with(pl.col("begins")))
    others = asked.select(excludes_code="code")
    return named.join_where(others, pl.col("excludes_code").str.starts_with(pl.col("excluded"))).select(
        "code", "excludes_code", "from", "until"
    )


def _used(rows: pl.DataFrame, ground: pl.DataFrame) -> pl.DataFrame:
    """For each of `rows` the first day of its claim, and the days and charge of the lines pointing to it."""
    lines = ground.select(
        "claim_key",
        "line_key",
        "day",
        "charge_cents",
        "dx_pointers",
        last=pl.max_horizontal("day", "served_to"),
    ).join(rows.select("claim_key"), on="claim_key", how="semi")
    claims = lines.group_by("claim_key").agg(pl.col("day").min(), claim_last=pl.col("last").max())
    pointed = (
        lines.with_columns(position=pl.col("dx_pointers").str.split(":"))
        .explode("position")
        .with_columns(pl.col("position").cast(pl.UInt32, strict=False))
        .drop_nulls("position")
        .join(rows.select("claim_key", "position"), on=["claim_key", "position"], how="semi")
        .unique(["line_key", "position"])
        .group_by("claim_key", "position")
        .agg(
            first_used_on=pl.col("day").min(),
            last_used_on=pl.col("last").max(),
            charge_cents=pl.col("charge_cents").sum(),
        )
    )
    return (
        rows.select("claim_key", "position", "claim_cents")
        .join(claims, on="claim_key", how="left", maintain_order="left")
        .join(pointed, on=["claim_key", "position"], how="left", maintain_order="left")
        .select(
            "day",
            first_used_on=pl.coalesce("first_used_on", "day"),
            last_used_on=pl.coalesce("last_used_on", "claim_last"),
            charge_cents=pl.coalesce("charge_cents", "claim_cents"),
        )
    )
