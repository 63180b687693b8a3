"""Injuries at work and on the road: the part of the claim view that speaks of their insurers."""

from typing import Final

import polars as pl

from anodyne.rules.fact import Fact, Facts

INJURY_FACTS: Facts = {
    "filing": Fact(pl.String, "claim filing indicator (SBR09): the kind of payer"),
    "insurer": Fact(
        pl.String,
        "what sort of insurer of injuries the claim goes to: work (SBR09 WC), motor (AM) or liability (LM)",
    ),
    "cause": Fact(
        pl.String,
        "the cause by CLM11: EM employment, else AA motor accident, else OA other accident",
    ),
    "matching_cause": Fact(
        pl.Boolean, "whether CLM11 names the cause that the insurer answers for; any cause with liability"
    ),
    "has_claim_number": Fact(pl.Boolean, "whether the claim bears the insurer's claim number (REF*Y4)"),
    "has_injury_date": Fact(
        pl.Boolean,
        "whether the claim bears a day of injury: the accident (DTP*439), the onset (431); true where CLM11 "
        "names an accident, of which the day is a matter of structure",
    ),
    "has_report": Fact(pl.Boolean, "whether the claim announces an attachment (PWK)"),
    "others_paid": Fact(
        pl.Boolean,
        "true where the claim goes to a second or later payer; null where it goes to the first",
        "the insurer of the injury: its payment or refusal, or a note that there is none",
    ),
}

_INSURERS: Final = {"WC": "work", "AM": "motor", "LM": "liability"}
_CAUSES: Final = ("cause1", "cause2", "cause3")
FROM_CLAIM: Final = (
    *_CAUSES, "payer_rank", "property_claim", "accident_on", "onset_on", "attachment",
)  # fmt: skip
"""The columns of claims that with_injuries reads, `filing` aside."""


def with_injuries(claims: pl.DataFrame) -> pl.DataFrame:
    """`claims`, which have `filing` and FROM_CLAIM, with the columns of INJURY_FACTS."""

    def names(cause: str) -> pl.Expr:
        return pl.any_horizontal((pl.col(column) == cause).fill_null(value=False) for column in _CAUSES)

    work, motor, other = names("EM"), names("AA"), names("OA")
    insurer = pl.col("filing").replace_strict(_INSURERS, default=None, return_dtype=pl.String)
    return claims.with_columns(
        insurer=insurer,
        cause=pl.when(work).then(pl.lit("EM")).when(motor).then(pl.lit("AA")).when(other).then(pl.lit("OA")),
        matching_cause=pl.when(insurer == "work")
        .then(work)
        .when(insurer == "motor")
        .then(motor)
        .otherwise(work | motor | other),
        has_claim_number=pl.col("property_claim").is_not_null(),
        has_injury_date=pl.col("accident_on").is_not_null()
        | pl.col("onset_on").is_not_null()
        | motor
        | other,
        has_report=pl.col("attachment").is_not_null(),
        others_paid=pl.when(pl.col("payer_rank") != "P").then(pl.lit(value=True)),
    )
