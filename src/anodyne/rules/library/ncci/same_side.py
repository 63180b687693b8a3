"""A side that tells nothing apart."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="NCCI-02",
    view=View.PAIR,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[
        cite("w-ngs-ncci-modifiers", "the record must satisfy the modifier used"),
        cite("ncci-ptp-2024q3", "indicator 1"),
        cite("ncci-policy-manual-1-modifiers", "anatomic modifiers"),
    ],
)
def same_side() -> Check:
    """A pair passes its edit only by a side that does not say that the sites were separate.

    LT or RT lifts an edit because it says where; the same side on both lines does not say that the sites
    were separate, nor does a side on one of two codes that both have sides. It pays, and is taken back where
    the record shows one site.
    """
    on_one = pl.col("lone_side") & pl.col("both_sided")
    of_sided = pl.when(pl.col("side").is_not_null())
    return Check(
        subject=pl.col("payer_ncci_edits")
        & pl.col("first_for_line")
        & ~pl.col("own_rule")
        & pl.col("kind").ne_missing("administration")
        & (pl.col("indicator") == 1),
        violates=pl.col("same_side") | on_one,
        says=pl.when("same_side")
        .then(
            pl.format(
                "{} on {} and on {} ({}) does not show separate sites: check the record",
                "side",
                "code",
                "paid_code",
                "paid_place",
            )
        )
        .otherwise(
            pl.format(
                "{} on {} and no side on {} do not show separate sites: check the record",
                pl.coalesce("side", "paid_side"),
                of_sided.then("code").otherwise("paid_code"),
                of_sided.then("paid_code").otherwise("code"),
            )
        ),
        codes=("paid_code", "code"),
    )
