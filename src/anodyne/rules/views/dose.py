"""The steroid of an epidural session, where nothing else of the day can have taken it."""

from typing import Final

import polars as pl

from anodyne.model.frames import MODIFIERS
from anodyne.reference.tables import Reference, in_force
from anodyne.rules.fact import Fact, Facts
from anodyne.rules.views.attach import with_facts
from anodyne.rules.views.ground import has_modifier
from anodyne.rules.views.session_lines import FAMILY, NERVES

_ELSEWHERE: Final = (
    *(group for group, family in FAMILY.items() if family != "epidural"),
    *NERVES,
    *("joint", "joint_us", "soft_tissue"),
)

DOSE_FACTS: Facts = {
    "steroid_code": Fact(
        pl.String, "of an epidural: the steroid billed by the same practitioner, nearest to the most of it"
    ),
    "steroid_mg": Fact(pl.Float64, "milligrams of it given, what was thrown away not counted"),
    "steroid_most_mg": Fact(pl.Float64, "the most milligrams of it that a session may have"),
}
"""What was given in an epidural session; null where no steroid is billed, or another injection is."""


def with_steroids(rows: pl.DataFrame, ground: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """`rows`, one for each session, with the columns of DOSE_FACTS from the lines of `ground`."""
    nothing = rows.with_columns(pl.lit(None, fact.kind).alias(name) for name, fact in DOSE_FACTS.items())
    listed = reference.table("epidural_steroids")["code"].unique()
    epidurals = rows.filter(family="epidural")["encounter"].unique()
    drugs = ground.filter(
        pl.col("encounter").is_in(epidurals.implode()), pl.col("code").is_in(listed.implode())
    ).select("encounter", "code", "units", "served_on", *MODIFIERS)
    if drugs.is_empty():
        return nothing
    traits = reference.table("code_traits")
    other = traits.filter(pl.col("group").is_in(_ELSEWHERE))["code"].unique()
    shared = ground.filter(pl.col("code").is_in(other.implode()))["encounter"].unique()
    drugs = drugs.filter(~pl.col("encounter").is_in(shared.implode()), ~has_modifier("JW"))
    if drugs.is_empty():
        return nothing
    given = in_force(in_force(drugs, reference, "epidural_steroids"), reference, "drugs")
    doses = (
        given.group_by("encounter", "code", maintain_order=True)
        .agg(mg=(pl.col("units") * pl.col("per_amount")).sum(), most=pl.col("most_mg").first())
        .filter(pl.col("most").is_not_null())
        .sort(pl.col("mg") / pl.col("most"), descending=True, maintain_order=True)
        .group_by("encounter", maintain_order=True)
        .agg(
            steroid_code=pl.col("code").first(),
            steroid_mg=pl.col("mg").first(),
            steroid_most_mg=pl.col("most").first(),
        )
    )
    found = with_facts(rows.select("encounter", "family"), doses, on="encounter")
    return rows.hstack(
        found.select(pl.when(pl.col("family") == "epidural").then(pl.col(name)) for name in DOSE_FACTS)
    )
