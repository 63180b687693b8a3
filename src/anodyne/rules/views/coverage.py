"""The `coverage` view: one line whose code a Medicare contractor's article covers for some diagnoses only."""

from typing import Final

import polars as pl

from anodyne.model.book import Book
from anodyne.model.frames import DIAGNOSES
from anodyne.reference.tables import Reference, matches_in_force
from anodyne.rules.fact import Fact, Facts, schema
from anodyne.rules.views.attach import laid_by, with_facts
from anodyne.rules.views.diagnosis_places import pointers
from anodyne.rules.views.ground import PLACE_FACTS

FACTS: Facts = {
    **PLACE_FACTS,
    "code": Fact(pl.String, "procedure code"),
    "charge_cents": Fact(pl.Int64, "charge of the line in cents"),
    "kind": Fact(pl.String, "what sort of service it is"),
    "articles": Fact(
        pl.String,
        "the articles of the state's contractor that list the code and the diagnoses it is covered for",
    ),
    "dx": Fact(pl.String, "the diagnoses that the line points to, the first two"),
    "covered": Fact(pl.Boolean, "whether one of them stands in one of the lists"),
}

_TABLES: Final = (
    "article_codes",
    "article_diagnoses",
    "article_contractors",
    "contractor_states",
    "state_numbers",
)
_TOLD: Final = 2


def coverage_view(described: pl.DataFrame, book: Book, reference: Reference) -> pl.DataFrame:
    """The lines to Medicare that articles speak of, in the columns of FACTS; `described` has facts of codes.

    A code may stand in several articles, and in several groups of one: each diagnosis that any of them covers
    counts.  Nothing is known before the export of the articles is loaded.
    """
    nothing = pl.DataFrame(schema=schema(FACTS))
    if not all(reference.editions(table) for table in _TABLES):
        return nothing
    asked = described.filter(pl.col("judged") & pl.col("medicare"))
    listed = _articles(asked.select("line_key", "code", "state", "served_on"), reference)
    if listed.is_empty():
        return nothing
    pointed = _diagnoses(asked.filter(pl.col("line_key").is_in(listed["line_key"].implode())), book)
    covered = matches_in_force(
        listed.join(pointed, on="line_key"), reference, "article_diagnoses", by=["article", "dx"]
    )
    articles = listed.group_by("line_key").agg(articles=pl.col("article").unique().sort().str.join(", "))
    named = pointed.group_by("line_key", maintain_order=True).agg(
        dx=pl.col("written").head(_TOLD).str.join(", ")
    )
    lines = with_facts(asked, articles, on="line_key").filter(pl.col("articles").is_not_null())
    lines = with_facts(lines, named, on="line_key").filter(pl.col("dx").is_not_null())
    lines = lines.with_columns(covered=pl.col("line_key").is_in(covered["line_key"].unique().implode()))
    return lines.pipe(laid_by, FACTS)


def _articles(lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """Each line with each article of its state's contractor that lists its code, and that has diagnoses."""
    found = matches_in_force(lines, reference, "article_codes", by=["code"])
    found = matches_in_force(found, reference, "article_contractors", by=["article"])
    found = matches_in_force(found, reference, "contractor_states", by=["contractor"])
    served = found.rename({"state": "state_of_claim"})
    served = matches_in_force(served, reference, "state_numbers", by=["state_id"])
    own = served.filter(pl.col("state") == pl.col("state_of_claim")).select(
        "line_key", "article", "served_on"
    )
    with_list = matches_in_force(
        own.select("article", "served_on").unique(), reference, "article_diagnoses", by=["article"]
    )["article"].unique()
    return own.unique(maintain_order=True).filter(pl.col("article").is_in(with_list.implode()))


def _diagnoses(lines: pl.DataFrame, book: Book) -> pl.DataFrame:
    """The diagnoses that `lines` point to, in order: `dx` as the lists spell it, `written` with its dot."""
    claims = book.claims.filter(pl.col("claim_key").is_in(lines["claim_key"].unique().implode()))
    places = (
        claims.select("claim_key", *DIAGNOSES)
        .unpivot(index="claim_key", variable_name="place", value_name="dx")
        .drop_nulls("dx")
        .with_columns(position=pl.col("place").str.slice(2).cast(pl.UInt32))
    )
    plain = pl.col("dx").str.replace_all(".", "", literal=True).str.to_uppercase()
    written = pl.when(plain.str.len_chars() > 3).then(
        pl.concat_str(plain.str.slice(0, 3), pl.lit("."), plain.str.slice(3))
    )
    return (
        pointers(lines.select("line_key", "claim_key", "dx_pointers"))
        .join(places, on=["claim_key", "position"], how="inner", maintain_order="left")
        .select("line_key", dx=plain, written=written.otherwise(plain))
    )
