"""The `diagnosis` view: one diagnosis of one claim, where some table has something to say of its code."""

from typing import Final

import polars as pl

from anodyne.model.book import Book
from anodyne.model.frames import DIAGNOSES
from anodyne.reference.tables import Reference
from anodyne.rules.fact import Fact, Facts, schema
from anodyne.rules.views.ground import MEDICARE_PART_B, PLACE_FACTS

_SYSTEM: Final = "icd10cm"
_OLD_SYSTEM: Final = "BK"
_SHOWN: Final = 4

FACTS: Facts = {
    **PLACE_FACTS,
    "position": Fact(pl.UInt32, "which diagnosis of the claim it is, counted from 1"),
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
    every = _diagnoses(book.claims)
    facts = _code_facts(every["code"].unique(), reference)
    pairs = _excluding(every["code"].unique(), reference)
    spoken = pl.concat([facts["code"], pairs["code"]]).unique()
    rows = every.filter(pl.col("code").is_in(spoken.implode()))
    used = _used(rows, ground)
    rows = rows.join(used, on=["claim_key", "position"], how="left", maintain_order="left")
    rows = rows.join(facts, on="code", how="left", maintain_order="left")
    excluded = (
        rows.join(pairs, on="code", how="inner", maintain_order="left")
        .join(every.select("claim_key", excludes_code="code"), on=["claim_key", "excludes_code"], how="semi")
        .filter(
            (pl.col("from") <= pl.col("day"))
            & (pl.col("until").is_null() | (pl.col("day") < pl.col("until")))
        )
        .unique(["claim_key", "code"], keep="first", maintain_order=True)
        .select("claim_key", "code", excludes=written(pl.col("excludes_code")))
    )
    rows = rows.join(excluded, on=["claim_key", "code"], how="left", maintain_order="left")
    return rows.with_columns(line_key=None, written=written(pl.col("code"))).select(
        pl.col(name).cast(kind) for name, kind in schema(FACTS).items()
    )


def written(code: pl.Expr) -> pl.Expr:
    """A diagnosis code as people write it: a dot after the third character."""
    return pl.when(code.str.len_chars() > 3).then(code.str.head(3) + "." + code.str.slice(3)).otherwise(code)


def _diagnoses(claims: pl.DataFrame) -> pl.DataFrame:
    """Every diagnosis of the checked claims, each code once a claim; ICD-9 codes are left out."""
    known = claims.filter(pl.col("judged") & (pl.col("dx_system").fill_null("") != _OLD_SYSTEM))
    return (
        known.select("claim_key", *DIAGNOSES)
        .unpivot(index="claim_key", variable_name="position", value_name="code")
        .drop_nulls("code")
        .with_columns(
            pl.col("position").str.slice(2).cast(pl.UInt32),
            pl.col("code").str.replace_all(".", "", literal=True).str.to_uppercase(),
        )
        .sort("claim_key", "position")
        .unique(["claim_key", "code"], keep="first", maintain_order=True)
        .join(
            claims.select(
                "claim_key",
                "judged",
                claim_cents="charge_cents",
                medicare=(pl.col("filing") == MEDICARE_PART_B).fill_null(value=False),
            ),
            on="claim_key",
            how="left",
            maintain_order="left",
        )
    )


def _code_facts(codes: pl.Series, reference: Reference) -> pl.DataFrame:
    """What the tables say of each of `codes`; a code they do not name is not there."""
    asked = codes.alias("code").to_frame()
    life = (
        reference.table("code_life")
        .filter(system=_SYSTEM)
        .group_by("code")
        .agg(
            begins_on=pl.col("from").min(),
            ended_on=pl.col("until").max(),
            successors=pl.col("successors").last(),
        )
    )
    unspecified = (
        reference.table("dx_unspecified_side").unique("code", keep="last").select("code", "siblings")
    )
    facts = asked.join(life, on="code", how="inner").join(
        asked.join(unspecified, on="code", how="inner"), on="code", how="full", coalesce=True
    )
    return facts.with_columns(_listed("successors"), _listed("siblings"))


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
    lines = ground.join(rows.select("claim_key").unique(), on="claim_key", how="semi").select(
        "claim_key",
        "line_key",
        "day",
        "as_of",
        "served_to",
        "charge_cents",
        position=pl.col("dx_pointers").str.split(":"),
    )
    claims = lines.group_by("claim_key").agg(
        pl.col("day").min(),
        pl.col("as_of").first(),
        claim_last=pl.max_horizontal("day", "served_to").max(),
    )
    pointed = (
        lines.explode("position")
        .with_columns(pl.col("position").cast(pl.UInt32, strict=False))
        .drop_nulls("position")
        .unique(["line_key", "position"], maintain_order=True)
        .group_by("claim_key", "position")
        .agg(
            first_used_on=pl.col("day").min(),
            last_used_on=pl.max_horizontal("day", "served_to").max(),
            charge_cents=pl.col("charge_cents").sum(),
        )
    )
    return (
        rows.select("claim_key", "position", "claim_cents")
        .join(claims, on="claim_key", how="left", maintain_order="left")
        .join(pointed, on=["claim_key", "position"], how="left", maintain_order="left")
        .select(
            "claim_key",
            "position",
            "day",
            "as_of",
            first_used_on=pl.coalesce("first_used_on", "day"),
            last_used_on=pl.coalesce("last_used_on", "claim_last"),
            charge_cents=pl.coalesce("charge_cents", "claim_cents"),
        )
    )
