"""Drugs by the container they came from: the part of the line view that speaks of waste modifiers."""

import polars as pl

from anodyne.rules.fact import Fact, Facts

DRUG_FACTS: Facts = {
    "container": Fact(
        pl.String,
        "single or multi: by the national drug code, else the only container the drug is sold in",
        "the vial the drug came from, single-dose or multiple-dose: its NDC, or who gave it",
    ),
    "jw_of_day": Fact(pl.Boolean, "whether a line of this drug, patient, day and practitioner carries JW"),
    "given_of_day": Fact(pl.Boolean, "whether one of these lines is for the amount given: it carries no JW"),
}


def with_drugs(lines: pl.DataFrame) -> pl.DataFrame:
    """`lines` with the columns of DRUG_FACTS, from what the reference says of drug and national drug code."""
    sold_one_way = pl.when(pl.col("drug_container").is_in(["single", "multi"])).then("drug_container")
    key = ["encounter", "code"]
    drugs = lines.filter(pl.col("drug_container").is_not_null() | pl.col("mod_jw") | pl.col("mod_jz"))
    of_day = drugs.group_by(key).agg(jw_of_day=pl.col("mod_jw").any(), given_of_day=(~pl.col("mod_jw")).any())
    found = lines.select(key).join(of_day, on=key, how="left", nulls_equal=True, maintain_order="left")
    return lines.hstack(found.drop(key)).with_columns(
        pl.col("jw_of_day", "given_of_day").fill_null(value=False),
        container=pl.coalesce("ndc_container", sold_one_way),
    )
