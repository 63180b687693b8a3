"""Which unspecified diagnoses head one visit after another."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from anodyne.model.book import Book
from anodyne.model.frames import DIAGNOSES
from anodyne.reference.tables import Reference, in_force
from anodyne.rules.fact import Fact, Facts

STATIC_FACTS: Facts = {
    "unspecified_visits": Fact(
        pl.UInt32,
        "days in the 12 months up to this one with a visit that this unspecified code heads",
    ),
    "unspecified_since": Fact(pl.Date, "the first of those days"),
    "unspecified_limit": Fact(pl.Int32, "from how many such days on a practice wants to be asked"),
}

_ROW: Final = ("claim_key", "code")
_NAME: Final = "unspecified"


def static_diagnoses(
    book: Book, ground: pl.DataFrame, unspecified: Sequence[str], reference: Reference
) -> pl.DataFrame:
    """`claim_key`, `code` and STATIC_FACTS of the `unspecified` diagnoses of those who come often."""
    nothing = pl.DataFrame(
        schema={"claim_key": pl.UInt32, "code": pl.String, **{n: f.kind for n, f in STATIC_FACTS.items()}}
    )
    least = reference.table("dx_visits").filter(name=_NAME)["visits"].min()
    if not unspecified or not isinstance(least, int) or len(ground) < least:
        return nothing
    heads = _heads(book, ground, unspecified, least, reference)
    now = heads.filter("judged")
    if now.is_empty():
        return nothing
    earlier = now.select(*_ROW, "patient", "day").join(
        heads.select("patient", "code", visit="day"), on=["patient", "code"]
    )
    counted = (
        earlier.filter(
            (pl.col("visit") <= pl.col("day")) & (pl.col("visit") > pl.col("day").dt.offset_by("-1y"))
        )
        .group_by(*_ROW, maintain_order=True)
        .agg(
            pl.col("day").max(),
            unspecified_visits=pl.col("visit").n_unique().cast(pl.UInt32),
            unspecified_since=pl.col("visit").min(),
        )
    )
    asked = counted.select(pl.lit(_NAME).alias("name"), served_on="day")
    limit = in_force(asked, reference, "dx_visits")["visits"]
    return counted.with_columns(unspecified_limit=limit).select(nothing.columns)


def _heads(
    book: Book, ground: pl.DataFrame, unspecified: Sequence[str], least: int, reference: Reference
) -> pl.DataFrame:
    """The visits that one of the codes `unspecified` heads, of patients with enough of them to be asked."""
    visits = reference.table("code_traits").filter(kind="visit")["code"]
    lines = ground.filter(pl.col("code").is_in(visits.implode()) & pl.col("day").is_not_null()).select(
        "claim_key",
        "patient",
        "day",
        "judged",
        position=pl.col("dx_pointers").str.extract(r"^(\d+)").cast(pl.UInt32, strict=False),
    )
    often = lines.group_by("patient").agg(pl.col("day").n_unique()).filter(pl.col("day") >= least)
    lines = lines.join(often.select("patient"), on="patient", how="semi")
    places = (
        book.claims.select("claim_key", *DIAGNOSES)
        .join(lines.select("claim_key"), on="claim_key", how="semi")
        .unpivot(index="claim_key", variable_name="position", value_name="code")
        .drop_nulls("code")
        .with_columns(
            pl.col("position").str.slice(2).cast(pl.UInt32),
            pl.col("code").str.replace_all(".", "", literal=True).str.to_uppercase(),
        )
    )
    return lines.join(places, on=["claim_key", "position"]).filter(pl.col("code").is_in(unspecified))
