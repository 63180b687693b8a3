"""Slow downcoding: the levels that a payer pays for beside those that were billed, and how sure that is.

A single line may be noise.  Over many lines, a payer that lowers more of them than the others do is told with
the chance that it does not: exactly (Fisher), or against a small rate where there is no other payer.
"""

from dataclasses import dataclass, field
from typing import Final

import polars as pl
from scipy.stats import binom, hypergeom

from anodyne.model.frames import Schema
from anodyne.reference.tables import Reference, matches_in_force

LEAST_LINES: Final = 20
"""Of fewer lines of a family, nothing is concluded."""
LEAST_LOWERED: Final = 3
CONFIDENT: Final = 0.99
NEW_PATIENT: Final = "new_patient"
USUAL: Final = 0.02
"""The share of lines that may be lowered for a reason, where no other payer shows what is usual."""

TRENDS: Final[Schema] = {
    "payer": pl.String,  # its id as payers are compared, or its name where it has none
    "payer_name": pl.String,
    "family": pl.String,  # of codes, in our own words
    "lines": pl.UInt32,  # paid lines of the family
    "lowered": pl.UInt32,  # of these, paid as a lower code: said so, or told by the amount
    "share": pl.Float64,
    "others_share": pl.Float64,  # of all other payers; null where there is none with enough lines
    "billed_level": pl.Float64,  # the mean
    "paid_level": pl.Float64,
    "z": pl.Float64,  # by how many standard errors these differ
    "confidence": pl.Float64,  # that it lowers more than is usual, all the payers and families looked at
    "rising_confidence": pl.Float64,  # that it lowers more in the later half of the lines than in the earlier
    "earlier_share": pl.Float64,
    "later_share": pl.Float64,
    "difference_cents": pl.Int64,  # what the lowered lines fell short of
    "told": pl.Boolean,  # enough lines, enough of them lowered, and confident
}
MIX: Final[Schema] = {
    "payer": pl.String,
    "family": pl.String,
    "code": pl.String,
    "level": pl.Int32,
    "billed": pl.UInt32,  # lines billed with the code
    "paid": pl.UInt32,  # lines paid as the code
}

_KEY: Final = ["payer", "family"]


@dataclass(frozen=True, slots=True)
class Levels:
    """What payers pay for beside what was billed."""

    trends: pl.DataFrame = field(repr=False)
    """Columns of TRENDS, the surest first."""
    mix: pl.DataFrame = field(repr=False)
    """Columns of MIX: the bars of a chart."""


def levels(lines: pl.DataFrame, found: pl.DataFrame, reference: Reference) -> Levels:
    """The levels of `lines`, as `expected.priced` gives them, of which `found` (DOWNCODES) were lowered."""
    known = _levelled(lines, found, reference)
    totals = known.group_by(_KEY).agg(
        pl.col("payer_name").drop_nulls().first(),
        lines=pl.len(),
        lowered=pl.col("is_lower").sum(),
        billed_level=pl.col("level").mean(),
        paid_level=pl.col("paid_level").mean(),
        spread=(pl.col("level").var() + pl.col("paid_level").var()) / pl.len(),
        difference_cents=pl.col("lost_cents").sum(),
        later=pl.col("is_later").sum(),
        later_lowered=(pl.col("is_later") & pl.col("is_lower")).sum(),
    )
    trends = _told(totals).sort("confidence", "lowered", *_KEY, descending=[True, True, False, False])
    return Levels(trends.select(pl.col(name).cast(kind) for name, kind in TRENDS.items()), _mix(known))


def _levelled(lines: pl.DataFrame, found: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """Each paid line in each family of its code, with the level billed and that paid."""
    lowered = found.drop_nulls("to_code").unique("remit_line_key", keep="first", maintain_order=True)
    paid = lines.filter(pl.col("counts") & (pl.col("allowed_cents") > 0)).select(
        "remit_line_key",
        "served_on",
        "payer_name",
        "code",
        "code_told",
        payer=pl.coalesce("payer_key", "payer_text"),
    )
    paid = paid.join(
        lowered.select("remit_line_key", "to_code", lost_cents="difference_cents"),
        on="remit_line_key",
        how="left",
    ).with_columns(paid_code=pl.coalesce("to_code", "code_told"))
    billed = matches_in_force(paid, reference, "code_levels", by=["code"])
    # A visit of an established patient is not one of a new patient that might have been lowered.
    billed = billed.filter((pl.col("kind") != NEW_PATIENT) | (pl.col("level") > 1))
    taken = matches_in_force(
        paid.select("remit_line_key", "served_on", code="paid_code"), reference, "code_levels", by=["code"]
    ).select("remit_line_key", "family", paid_level="level")
    both = billed.join(taken, on=["remit_line_key", "family"])
    middle = pl.col("served_on").median().over(_KEY)
    lower = pl.col("paid_level") < pl.col("level")
    return both.with_columns(
        is_lower=lower,
        is_later=pl.col("served_on").cast(pl.Datetime("us")) > middle,
        lost_cents=pl.when(lower).then("lost_cents").otherwise(0),
    )


def _told(totals: pl.DataFrame) -> pl.DataFrame:
    lines, lowered = pl.col("lines"), pl.col("lowered")
    counts = totals.with_columns(pl.col("lines", "lowered", "later", "later_lowered").cast(pl.Int64))
    totals = counts.with_columns(
        other_lines=lines.sum().over("family") - lines, other_lowered=lowered.sum().over("family") - lowered
    )
    whole, hits, later, later_hits = (
        totals[name].to_numpy() for name in ("lines", "lowered", "later", "later_lowered")
    )
    others, other_hits = totals["other_lines"].to_numpy(), totals["other_lowered"].to_numpy()
    # Both must speak: more than the others do, and more than happens for a reason.
    by_usual = binom.sf(hits - 1, whole, USUAL)
    by_others = hypergeom.sf(hits - 1, whole + others, hits + other_hits, whole)
    enough = pl.col("other_lines") >= LEAST_LINES
    chance = pl.when(enough).then(pl.max_horizontal("by_usual", "by_others")).otherwise("by_usual")
    totals = totals.with_columns(
        by_usual=pl.Series(by_usual),
        by_others=pl.Series(by_others),
        rising=pl.Series(hypergeom.sf(later_hits - 1, whole, hits, later)),
    )
    looked = max(1, (totals["lines"] >= LEAST_LINES).sum())
    earlier = lines - pl.col("later")
    told = totals.with_columns(
        share=lowered / lines,
        others_share=pl.when(enough).then(pl.col("other_lowered") / pl.col("other_lines")),
        z=pl.when(pl.col("spread") > 0).then(
            (pl.col("billed_level") - pl.col("paid_level")) / pl.col("spread").sqrt()
        ),
        confidence=1 - (chance * looked).clip(upper_bound=1.0),
        rising_confidence=1 - pl.col("rising").clip(upper_bound=1.0),
        earlier_share=pl.when(earlier > 0).then((lowered - pl.col("later_lowered")) / earlier),
        later_share=pl.when(pl.col("later") > 0).then(pl.col("later_lowered") / pl.col("later")),
    )
    return told.with_columns(
        told=(lines >= LEAST_LINES) & (lowered >= LEAST_LOWERED) & (pl.col("confidence") >= CONFIDENT)
    )


def _mix(known: pl.DataFrame) -> pl.DataFrame:
    billed = known.group_by(*_KEY, "code", "level").agg(billed=pl.len())
    paid = known.group_by(*_KEY, code="paid_code", level="paid_level").agg(paid=pl.len())
    return (
        billed.join(paid, on=[*_KEY, "code", "level"], how="full", coalesce=True)
        .with_columns(pl.col("billed", "paid").fill_null(0))
        .sort(*_KEY, "level", "code")
        .select(pl.col(name).cast(kind) for name, kind in MIX.items())
    )
