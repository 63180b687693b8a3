"""Which diagnoses of one claim exclude each other."""

import datetime as dt
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

import polars as pl

from anodyne.reference.shapes import Columns
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


_PAIRS: Columns = {
    "code": pl.String,
    "excludes_code": pl.String,
    "kind": pl.String,
    "holder": pl.String,
    "from": pl.Date,
    "until": pl.Date,
}


def excluding(
    codes: Sequence[str],
    noted: Sequence[tuple[str, str, str, dt.date, dt.date | None]],
    reference: Reference,
) -> pl.DataFrame:
    """Which of `codes`, sorted, never stand beside which others (`excludes_code`), of what kind and when.

    `noted` are those that the tabular list excludes.  Left out of them is what the table kept by hand names,
    as of one region or as apart, and the second of two notes that say the same.
    """
    rows: list[tuple[str, str, str, str | None, dt.date, dt.date | None]] = []
    for begins, excluded, kind, start, until in reference.table("dx_excludes1").drop("cite").iter_rows():
        for one in _beginning(codes, begins):
            rows += [(one, other, kind, None, start, until) for other in _beginning(codes, excluded)]
    told = {frozenset(row[:2]) for row in rows}
    rows += [
        (one, other, "note", holder, start, until)
        for one, other, holder, start, until in noted
        if frozenset((one, other)) not in told
    ]
    named = pl.DataFrame(rows, schema=dict(_PAIRS), orient="row")
    if not noted:
        return named
    either = [pl.min_horizontal("code", "excludes_code"), pl.max_horizontal("code", "excludes_code")]
    return named.unique([*either, "kind", "from"], keep="first", maintain_order=True)


def _beginning(codes: Sequence[str], start: str) -> Sequence[str]:
    """Those of `codes`, which are sorted, that begin with `start`."""
    return codes[bisect_left(codes, start) : bisect_left(codes, start + "~")]


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
