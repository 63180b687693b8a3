"""A service that another claim bills as well: the part of the line view that speaks of duplicates."""

from typing import Final

import polars as pl

from anodyne.model.frames import MODIFIERS
from anodyne.rules.fact import Fact, Facts
from anodyne.rules.views.attach import number_within, with_facts
from anodyne.rules.views.ground import has_modifier

DUPLICATE_FACTS: Facts = {
    "duplicate": Fact(
        pl.Boolean,
        "whether another claim to the same payer, earlier or before it in the check, bills the same code "
        "with the same units and modifiers for the patient, day and practitioner, and neither a modifier "
        "nor a rule of its own makes it another matter",
    ),
    "duplicate_of": Fact(pl.String, "which claim that is, in words"),
}

_TOLD_APART: Final = ("76", "77", "91", "59", "XE", "XP", "XS", "XU")
_OWN_RULE: Final = ("trigger_point", "cpm")
_ALIKE: Final = ("encounter", "code", "units")


def with_duplicates(lines: pl.DataFrame) -> pl.DataFrame:
    """`lines`, which have `is_first_of_day`, with the columns of DUPLICATE_FACTS.

    Lines read as history come before those being checked.
    """
    repeated = lines.filter(
        pl.col("judged") & ~pl.col("is_first_of_day") & pl.col("code").is_not_null(),
        ~has_modifier(*_TOLD_APART),
        pl.col("group").is_in(_OWN_RULE).fill_null(value=False).not_(),
    )
    if repeated.is_empty():
        return lines.with_columns(duplicate=pl.lit(value=False), duplicate_of=pl.lit(None, pl.String))
    alike = (
        lines.select("line_key", "claim_key", "judged", *_ALIKE, *MODIFIERS)
        .join(repeated.select(_ALIKE).unique(), on=_ALIKE, how="semi", nulls_equal=True)
        .with_columns(
            service=pl.struct(*_ALIKE, pl.concat_list(MODIFIERS).list.drop_nulls().list.sort()).hash()
        )
        .sort("service", "judged", "claim_key", "line_key")
    )
    first = alike.filter(number_within("service") == 1).select(
        "service", first_claim="claim_key", first_judged="judged"
    )
    found = (
        alike.join(first, on="service", how="inner")
        .filter(pl.col("claim_key") != pl.col("first_claim"))
        .filter(pl.col("line_key").is_in(repeated["line_key"].implode()))
        .select(
            "line_key",
            duplicate=pl.lit(value=True),
            duplicate_of=pl.when("first_judged")
            .then(pl.lit("another claim of this check"))
            .otherwise(pl.lit("an earlier claim")),
        )
    )
    return with_facts(lines, found, on="line_key").with_columns(pl.col("duplicate").fill_null(value=False))
