"""Which diagnoses of one claim exclude each other."""

from typing import Final

import polars as pl

from anodyne.reference.tables import Reference
from anodyne.rules.fact import Fact, Facts, schema
from anodyne.rules.views.diagnosis_places import few_written, written

_SHOWN: Final = 4

EXCLUDES_FACTS: Facts = {
    "excludes": Fact(
        pl.String,
        "diagnoses of the claim that never stand beside this one, which does not describe the pain they do",
    ),
    "excludes_chronic": Fact(
        pl.String, "diagnoses of the claim that name the same chronic pain by its cause or syndrome"
    ),
    "excludes_region": Fact(
        pl.String, "diagnoses of the claim that hold the same pain of the same region in them"
    ),
    "excludes_note": Fact(
        pl.String, "other diagnoses of the claim that a note of the tabular list excludes beside this one"
    ),
    "note_of": Fact(pl.String, "the code or category that has that note, as people write it"),
}
"""Of a code: other diagnoses of its claim, as people write them."""

_BY_KIND: Final = {
    "described": "excludes",
    "chronic": "excludes_chronic",
    "region": "excludes_region",
    "note": "excludes_note",
}


def excluding(codes: pl.Series, noted: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """Which of `codes` never stand beside which others (`excludes_code`): of which kind, and on which days.

    `noted` are those that the tabular list excludes.  Left out of them is what the table kept by hand names,
    as of one region or as apart; the second of two notes that say the same; and notes of whole blocks and
    chapters, which mean conditions not further described and stand between many that have no more in common.
    """
    asked = codes.alias("code").to_frame()
    table = reference.table("dx_excludes1").select(
        "kind", "from", "until", begins="code", excluded="excluded"
    )
    named = asked.join_where(table, pl.col("code").str.starts_with(pl.col("begins")))
    kept = named.join_where(
        asked.select(excludes_code="code"), pl.col("excludes_code").str.starts_with(pl.col("excluded"))
    ).select("code", "excludes_code", "kind", "from", "until", holder=pl.lit(None, pl.String))
    noted = noted.filter(~pl.col("holder").str.contains("-", literal=True))
    if noted.is_empty():
        return kept
    either = [pl.min_horizontal("code", "excludes_code"), pl.max_horizontal("code", "excludes_code")]
    known = kept.select(one=either[0], other=either[1])
    new = (
        noted.with_columns(one=either[0], other=either[1])
        .unique(["one", "other", "from"], keep="first", maintain_order=True)
        .join(known, on=["one", "other"], how="anti")
        .select("code", "excludes_code", pl.lit("note").alias("kind"), "from", "until", "holder")
    )
    return pl.concat([kept, new])


def excluded(rows: pl.DataFrame, every: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """For each of `rows` (`claim_key`, `code`, `day`) the columns of EXCLUDES_FACTS.

    `every` are all diagnoses (`claim_key`, `code`) of the claims that may be excluded.
    """
    found = (
        rows.select("claim_key", "code", "day")
        .join(pairs, on="code", how="inner")
        .join(every.select("claim_key", excludes_code="code"), on=["claim_key", "excludes_code"], how="semi")
        .filter(
            (pl.col("from") <= pl.col("day"))
            & (pl.col("until").is_null() | (pl.col("day") < pl.col("until")))
        )
    )
    if found.is_empty():
        return pl.DataFrame(schema=schema(EXCLUDES_FACTS)).clear(len(rows))
    told = found.group_by("claim_key", "code").agg(
        *(
            pl.col("excludes_code").filter(pl.col("kind") == kind).unique().sort().alias(name)
            for kind, name in _BY_KIND.items()
        ),
        pl.col("holder").drop_nulls().first(),
    )
    told = told.select(
        "claim_key",
        "code",
        *(
            pl.when(pl.col(name).list.len() > 0).then(few_written(pl.col(name), _SHOWN)).alias(name)
            for name in _BY_KIND.values()
        ),
        written(pl.col("holder")).alias("note_of"),
    )
    laid = rows.select("claim_key", "code").join(
        told, on=["claim_key", "code"], how="left", maintain_order="left"
    )
    return laid.select(*EXCLUDES_FACTS)
