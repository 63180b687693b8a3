"""What belongs to an injection of the day: its levels, its local anaesthetic, sedation beside it."""

from typing import Final

import polars as pl

from anodyne.model.frames import DIAGNOSES
from anodyne.reference.tables import Reference, matches_in_force, pairs_in_force
from anodyne.rules.fact import Fact, Facts
from anodyne.rules.views.attach import once_for_each, with_facts
from anodyne.rules.views.session_lines import FAMILY, NERVES

_LEVELS: Final = ("epidural_transforaminal", "facet_block", "facet_block_us", "facet_rf")
_INJECTIONS: Final = (
    *FAMILY, *NERVES, "facet_block_us", "joint", "joint_us", "soft_tissue", "neurolysis", "epidural_catheter",
)  # fmt: skip
_JOINTS: Final = ("joint", "joint_us")
_FACETS: Final = ("facet_block", "facet_rf")
_SEDATION: Final = ("sedation", "anesthesia")

INJECTION_FACTS: Facts = {
    "further_levels": Fact(
        pl.Float64,
        "for a further level: levels beyond the first, on the side that has more of them, of the patient, "
        "day, practitioner and region, assistants aside",
        "units",
    ),
    "first_both_sides": Fact(pl.Boolean, "whether the first level of that session was treated on both sides"),
    "second_level_of_day": Fact(pl.Boolean, "for a third level: whether a second one is billed that day"),
    "injection_of_day": Fact(
        pl.String, "for a local anaesthetic: an injection or block of the patient, day and practitioner"
    ),
    "sedated_facet": Fact(
        pl.String,
        "for the first sedation or anaesthesia of the day: a facet procedure of the patient that day, where "
        "no pair edit stops the two",
    ),
    "sacroiliac_pain": Fact(
        pl.String,
        "for an injection of a joint: the first diagnosis of the line, where it is the sacroiliac joint",
    ),
}
"""What rules compare of injections; null or false for any other line."""


def with_injections(lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """`lines`, which have the facts of their codes and modifiers, with the columns of INJECTION_FACTS."""
    for facts in (_levels, _anaesthetics, _sedation):
        lines = facts(lines, reference)
    return lines


def with_sacroiliac_pain(lines: pl.DataFrame, claims: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """`lines` with `sacroiliac_pain`, from the diagnosis that a line points to first."""
    first = pl.col("dx_pointers").str.extract(r"^(\d+)")
    asked = lines.filter(pl.col("judged") & pl.col("group").is_in(_JOINTS)).select(
        "line_key", "claim_key", "served_on", place=pl.concat_str(pl.lit("dx"), first)
    )
    if asked.is_empty():
        return _without(lines, "sacroiliac_pain")
    named = (
        claims.select("claim_key", *DIAGNOSES)
        .join(asked.select("claim_key").unique(), on="claim_key", how="semi")
        .unpivot(index="claim_key", variable_name="place", value_name="dx")
        .with_columns(dx=pl.col("dx").str.replace_all(".", "", literal=True).str.to_uppercase())
    )
    pointed = asked.join(named, on=["claim_key", "place"], how="inner").with_columns(
        prefix=pl.col("dx").str.head(4)
    )
    found = matches_in_force(pointed, reference, "sacroiliac_diagnoses", by=["prefix"])
    return with_facts(lines, found.select("line_key", sacroiliac_pain="dx"), on="line_key")


def _without(lines: pl.DataFrame, *names: str) -> pl.DataFrame:
    return lines.with_columns(pl.lit(None, INJECTION_FACTS[name].kind).alias(name) for name in names)


def _levels(lines: pl.DataFrame, _: Reference) -> pl.DataFrame:
    names = ("further_levels", "first_both_sides", "second_level_of_day")
    if not lines["level"].is_in(["next", "third"]).any():
        return _without(lines, *names)
    both = pl.col("mod_50") | (pl.col("mod_lt") & pl.col("mod_rt"))
    left, right = both | pl.col("mod_lt"), both | pl.col("mod_rt")
    nowhere = ~(left | right)
    first, further = pl.col("level") == "first", pl.col("level") == "next"

    def of(side: pl.Expr) -> pl.Expr:
        return pl.col("units").filter(further & side & ~pl.col("mod_assistant")).sum()

    sessions = (
        lines.filter(pl.col("group").is_in(_LEVELS))
        .group_by("encounter", "group", "region")
        .agg(
            on_left=of(left),
            on_right=of(right),
            anywhere=of(nowhere),
            unknown=(further & pl.col("units").is_null()).any(),
            first_both_sides=(first & left).any() & (first & right).any(),
            second_level_of_day=further.any(),
        )
    )
    spread = pl.when("first_both_sides").then((pl.col("anywhere") / 2).ceil()).otherwise("anywhere")
    sessions = sessions.with_columns(
        further_levels=pl.when(~pl.col("unknown")).then(pl.max_horizontal("on_left", "on_right") + spread)
    )
    key = ["encounter", "group", "region"]
    found = lines.select(key).join(sessions.select(*key, *names), on=key, how="left", maintain_order="left")
    return lines.hstack(found.drop(key))


def _anaesthetics(lines: pl.DataFrame, _: Reference) -> pl.DataFrame:
    drugs = pl.col("group") == "anaesthetic"
    if not lines["group"].eq("anaesthetic").any():
        return _without(lines, "injection_of_day")
    injections = (
        lines.filter(pl.col("group").is_in(_INJECTIONS))
        .group_by("encounter", maintain_order=True)
        .agg(injection=pl.col("code").first())
    )
    return (
        with_facts(lines, injections, on="encounter")
        .with_columns(injection_of_day=pl.when(drugs).then("injection"))
        .drop("injection")
    )


def _sedation(lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    if not lines["kind"].is_in(_SEDATION).any():
        return _without(lines, "sedated_facet")
    on = pl.struct("patient", "day").hash(seed=5)
    asked = lines.filter(
        pl.col("kind").is_in(_SEDATION) & pl.col("patient").is_not_null() & pl.col("day").is_not_null()
    ).select("line_key", "judged", "practitioner", "served_on", sedation="code", on=on)
    facets = lines.filter(
        pl.col("group").is_in(_FACETS) & pl.col("patient").is_not_null() & pl.col("day").is_not_null()
    ).select("code", facet_practitioner="practitioner", on=on)
    both = asked.join(facets, on="on", how="inner", maintain_order="left")
    if both.is_empty():
        return _without(lines, "sedated_facet")
    edits = once_for_each(
        both,
        ("code", "sedation", "served_on"),
        lambda pairs: pairs_in_force(
            pairs.select(code_1="code", code_2="sedation", served_on="served_on"), reference
        ).select("indicator"),
    )
    stopped = (pl.col("practitioner") == pl.col("facet_practitioner")) & pl.col("indicator").is_in(
        [0, 1]
    ).fill_null(value=False)
    told = (
        both.hstack(edits)
        .filter(~stopped.any().over("line_key"))
        .sort("judged", "line_key", descending=[True, False])
        .group_by("on", maintain_order=True)
        .agg(pl.col("line_key").first(), sedated_facet=pl.col("code").first())
    )
    return with_facts(lines, told.drop("on"), on="line_key")
