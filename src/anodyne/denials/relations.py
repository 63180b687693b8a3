"""How several remittances of one claim stand to each other: reversed, corrected, split, or told twice."""

from enum import StrEnum
from typing import Final

import polars as pl

REVERSAL_STATUS: Final = "22"
_LATER_PAYER: Final = ("2", "3", "20", "21")


class Relation(StrEnum):
    """What a remittance is among those of its claim."""

    ONLY = "only"
    ORIGINAL = "original"
    """Reversed later in the files given."""
    REVERSAL = "reversal"
    CORRECTION = "correction"
    """After a reversal."""
    SPLIT = "split"
    """One of several that together are the claim: their charges add up to its charge."""
    SECONDARY = "secondary"
    """Of a payer that pays after another."""
    DUPLICATE = "duplicate"
    """Says the same as an earlier one."""
    AGAIN = "again"
    """Another answer, of which no reversal was seen."""


def with_relation(
    matches: pl.DataFrame, claims: pl.DataFrame, remits: pl.DataFrame, said_lines: pl.DataFrame
) -> pl.DataFrame:
    """`matches` with `relation` and `duplicate_of`; null where no claim is matched.

    Remittances are told in the order of their keys, which is that of the files as they were given.
    """
    content = said_lines.group_by("remit_key").agg(
        content=pl.struct("code", "modifiers", "day", "charge", "paid", "units").hash().sum()
    )
    told = (
        matches.drop_nulls("claim_key")
        .select("remit_key", "claim_key")
        .join(
            remits.select(
                "remit_key", "status", "payer_control", "charge_cents", "paid_cents", "patient_cents"
            ),
            on="remit_key",
        )
        .join(content, on="remit_key", how="left")
        .join(claims.select("claim_key", sent_charge="charge_cents"), on="claim_key")
        .sort("remit_key")
        .with_columns(
            reverses=pl.col("status").eq_missing(REVERSAL_STATUS),
            later=pl.col("status").is_in(_LATER_PAYER).fill_null(value=False),
        )
    )
    told = _with_duplicates(told)
    of_claim = pl.col("claim_key")
    plain = ~pl.col("reverses") & ~pl.col("later") & pl.col("duplicate_of").is_null()
    reversed_before = (pl.col("reverses") & pl.col("duplicate_of").is_null()).cum_sum().over(of_claim) > 0
    any_reversal = pl.col("reverses").any().over(of_claim)
    answers = plain.sum().over(of_claim)
    together = pl.when(plain).then("charge_cents").otherwise(0).sum().over(of_claim)
    relation = (
        pl.when(pl.col("duplicate_of").is_not_null())
        .then(pl.lit(Relation.DUPLICATE.value))
        .when("reverses")
        .then(pl.lit(Relation.REVERSAL.value))
        .when("later")
        .then(pl.lit(Relation.SECONDARY.value))
        .when(any_reversal & reversed_before)
        .then(pl.lit(Relation.CORRECTION.value))
        .when(any_reversal)
        .then(pl.lit(Relation.ORIGINAL.value))
        .when(answers == 1)
        .then(pl.lit(Relation.ONLY.value))
        .when(together == pl.col("sent_charge"))
        .then(pl.lit(Relation.SPLIT.value))
        .otherwise(pl.lit(Relation.AGAIN.value))
    )
    found = told.select("remit_key", "duplicate_of", relation=relation)
    return matches.join(found, on="remit_key", how="left", maintain_order="left")


def _with_duplicates(told: pl.DataFrame) -> pl.DataFrame:
    """`told` with `duplicate_of`: the first that says the same.

    What was reversed may be told again, as often as it was reversed.
    """
    says = ["claim_key", "status", "payer_control", "charge_cents", "paid_cents", "patient_cents", "content"]
    nth = pl.int_range(pl.len()).over(says)
    first = pl.col("remit_key").first().over(says)
    reversals = pl.col("reverses").sum().over("claim_key")
    allowed = pl.when("reverses").then(0).otherwise(reversals)
    return told.with_columns(duplicate_of=pl.when(nth > allowed).then(first))
