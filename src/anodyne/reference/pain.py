"""Which diagnoses of a claim name pain and nothing that causes it."""

import polars as pl

from anodyne.model.frames import DIAGNOSES
from anodyne.reference.tables import Reference, matches_in_force


def diagnoses_by_pain(claims: pl.DataFrame, served: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """The diagnoses (`dx`) of those `claims` that `served` gives a day for (`claim_key`, `served_on`).

    `acute` is whether the code names acute pain, null where it names something else than pain; `cause` is
    true where it names what the pain comes from: spine, nerve, fibromyalgia.
    """
    named = (
        claims.select("claim_key", *DIAGNOSES)
        .join(served, on="claim_key", how="inner")
        .unpivot(index=["claim_key", "served_on"], value_name="dx")
        .drop_nulls("dx")
        .drop("variable")
    )
    lengths = reference.table("pain_diagnoses")["prefix"].str.len_chars().unique().to_list()
    parts = pl.concat([named.with_columns(prefix=pl.col("dx").str.head(length)) for length in lengths])
    pain = matches_in_force(parts, reference, "pain_diagnoses", by=["prefix"]).drop("prefix")
    return named.join(pain, on=["claim_key", "served_on", "dx"], how="left")
