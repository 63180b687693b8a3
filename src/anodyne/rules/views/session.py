"""The `session` view: one patient, day, region and kind of spinal procedure, with the sessions before it.

A session is everything of one kind done in one region on one calendar day, whoever did it and on however many
lines: both sides count once.  It stands on the first of its lines on the latest checked claim that has any.
"""

from typing import Final

import polars as pl

from anodyne.model.frames import DIAGNOSES
from anodyne.reference.tables import Reference, in_force, matches_in_force
from anodyne.rules.fact import Fact, Facts, schema
from anodyne.rules.views.ground import PLACE_FACTS, POLICY_FACTS, has_modifier

_VOID: Final = "8"
_FAMILY: Final = {
    "facet_block": "facet",
    "facet_rf": "facet",
    "epidural_interlaminar": "epidural",
    "epidural_transforaminal": "epidural",
}
_REGIONS: Final = {"cervical_thoracic": "cervical or thoracic", "lumbar_sacral": "lumbar"}
_ORDINALS: Final = {
    1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", 6: "sixth", 7: "seventh", 8: "eighth",
    9: "ninth",
}  # fmt: skip
_TOLD: Final = 8
_SESSION: Final = ("patient", "day", "kind", "region")

FACTS: Facts = {
    **PLACE_FACTS,
    "line": Fact(pl.UInt32, "line number of the session's first line on the claim"),
    "code": Fact(pl.String, "its procedure code"),
    "charge_cents": Fact(pl.Int64, "charge of the session's lines on the claim in cents", "charge"),
    **POLICY_FACTS,
    "family": Fact(pl.String, "facet or epidural"),
    "kind": Fact(
        pl.String,
        "facet_diagnostic: a facet block with KX; facet_therapeutic: one without; facet_rf; epidural",
    ),
    "region": Fact(pl.String, "cervical_thoracic or lumbar_sacral; a caudal injection is lumbar_sacral"),
    "region_name": Fact(pl.String, "the region in words"),
    "mod_kx": Fact(pl.Boolean, "whether a line of the session carries KX"),
    "sessions": Fact(
        pl.UInt32, "sessions of the kind and region in the 12 months that end on the day, this one counted"
    ),
    "session_ordinal": Fact(pl.String, "that number in words, as fifth"),
    "earlier_sessions": Fact(pl.String, "the days of the earlier of them, the latest eight, oldest first"),
    "next_eligible": Fact(pl.String, "the first day on which one more would be within the payer's limit"),
    "region_number": Fact(pl.UInt32, "which region of the family this is on the day, 1 the first"),
    "first_region_name": Fact(pl.String, "the day's first region of the family in words"),
    "transforaminal_code": Fact(pl.String, "the session's first transforaminal code"),
    "interlaminar_code": Fact(pl.String, "the session's first interlaminar or caudal code"),
    "separated": Fact(pl.Boolean, "whether a line of the session carries a modifier that lifts pair edits"),
    "unguided_code": Fact(pl.String, "the session's first code without image guidance"),
    "acute_pain": Fact(
        pl.Boolean, "whether the claim names acute pain, which the coverage policies leave aside"
    ),
}


def session_view(ground: pl.DataFrame, claims: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """The sessions of `ground` that a checked claim has lines of, in the columns of FACTS."""
    of_family = pl.col("group").is_in(list(_FAMILY))
    codes = reference.table("code_traits").filter(of_family)["code"].unique()
    spinal = ground.filter(
        pl.col("code").is_in(codes.implode()),
        pl.col("day").is_not_null() & pl.col("patient").is_not_null(),
        pl.col("frequency").fill_null("1") != _VOID,
    )
    if spinal.is_empty():
        return pl.DataFrame(schema=schema(FACTS))
    lines = _session_lines(spinal, reference)
    regions = (
        lines.group_by("patient", "day", "family", "region", "region_name")
        .agg(checked=pl.col("judged").all(), key=pl.col("line_key").min())
        .sort("checked", "key")
        .with_columns(
            region_number=pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).over("patient", "day", "family"),
            first_region_name=pl.col("region_name").first().over("patient", "day", "family"),
        )
    )
    return (
        _placed(lines)
        .pipe(_counted, lines)
        .join(
            regions.drop("region_name", "checked", "key"),
            on=["patient", "day", "family", "region"],
            how="left",
            maintain_order="left",
        )
        .pipe(_acute_pain, claims, reference)
        .sort("line_key")
        .select(pl.col(name).cast(kind) for name, kind in schema(FACTS).items())
    )


def _session_lines(spinal: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """Those of `spinal` that make sessions, with their session.

    At the border of two regions a further level bears the code of the next region: with no first level of its
    own there, it belongs to the session in which the first level stands.
    """
    traits = in_force(spinal.select("code", "served_on"), reference, "code_traits")
    bypass = reference.table("modifiers").filter("ncci_bypass")["modifier"].unique()
    lines = spinal.with_columns(
        traits.select("group", "region", "level", "imaging"),
        mod_kx=has_modifier("KX"),
        separated=has_modifier(*bypass),
    ).filter(pl.col("group").is_in(list(_FAMILY)))
    starts = pl.col("level").is_null() | (pl.col("level") == "first")
    day = ["patient", "day", "group"]
    lines = lines.with_columns(
        own_start=starts.any().over(*day, "region"), start=pl.col("region").filter(starts).first().over(day)
    )
    lines = lines.with_columns(
        region=pl.when("own_start").then("region").otherwise(pl.coalesce("start", "region")),
        family=pl.col("group").replace_strict(_FAMILY, return_dtype=pl.String),
    )
    diagnostic = pl.col("mod_kx").any().over("patient", "day", "group", "region")
    return lines.with_columns(
        kind=pl.when(pl.col("family") == "epidural")
        .then(pl.lit("epidural"))
        .when(pl.col("group") == "facet_rf")
        .then(pl.lit("facet_rf"))
        .when(diagnostic)
        .then(pl.lit("facet_diagnostic"))
        .otherwise(pl.lit("facet_therapeutic")),
        region_name=pl.col("region").replace_strict(_REGIONS, return_dtype=pl.String),
    )


def _placed(lines: pl.DataFrame) -> pl.DataFrame:
    """One row for each session with a checked line, on the first line of its latest checked claim."""
    whole = lines.group_by(_SESSION).agg(
        pl.col("mod_kx", "separated").any(),
        transforaminal_code=pl.col("code").filter(pl.col("group") == "epidural_transforaminal").first(),
        interlaminar_code=pl.col("code").filter(pl.col("group") == "epidural_interlaminar").first(),
        unguided_code=pl.col("code").filter(pl.col("imaging") == "none_twin").first(),
    )
    checked = lines.filter("judged")
    latest = checked.filter(pl.col("claim_key") == pl.col("claim_key").max().over(_SESSION)).sort(
        "line", "line_key"
    )
    kept = [*dict.fromkeys([*PLACE_FACTS, *POLICY_FACTS, "line", "code", "family", "region_name"])]
    rows = latest.group_by(_SESSION, maintain_order=True).agg(
        *(pl.col(name).first() for name in kept if name not in _SESSION), pl.col("charge_cents").sum()
    )
    return rows.join(whole, on=_SESSION, how="left", maintain_order="left")


def _counted(rows: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Add the sessions of the 12 months that end on the day, the same day of the year before not counted."""
    of_kind = ["patient", "kind", "region"]
    held = lines.select(*of_kind, held_on="day").unique()
    limit = (
        pl.when(pl.col("kind") == "epidural")
        .then("payer_epidural_sessions_year")
        .when(pl.col("kind") == "facet_rf")
        .then("payer_facet_rf_sessions_year")
        .otherwise("payer_facet_sessions_year")
    )
    this_year = pl.col("held_on").dt.year() == pl.col("day").dt.year()
    before = (
        rows.select(*_SESSION, limit=limit)
        .join(held, on=of_kind, how="inner")
        .filter(pl.col("held_on") < pl.col("day"), pl.col("held_on") > pl.col("day").dt.offset_by("-1y"))
        .sort("held_on")
        .with_columns(
            told=pl.when(this_year)
            .then(pl.col("held_on").dt.strftime("%-d %b"))
            .otherwise(pl.col("held_on").dt.strftime("%-d %b %Y"))
        )
        .group_by(_SESSION)
        .agg(
            earlier=pl.len(),
            earlier_sessions=pl.col("told").tail(_TOLD).str.join(", "),
            leaves=pl.col("held_on").get(pl.len().cast(pl.Int64) - pl.col("limit").first(), null_on_oob=True),
            over=pl.len() >= pl.col("limit").first(),
        )
    )
    leap = (pl.col("leaves").dt.month() == 2) & (pl.col("leaves").dt.day() == 29)
    counted = pl.col("earlier").fill_null(0) + 1
    return rows.join(before, on=_SESSION, how="left", maintain_order="left").with_columns(
        sessions=counted,
        session_ordinal=counted.replace_strict(
            _ORDINALS, default=pl.format("{}th", counted), return_dtype=pl.String
        ),
        next_eligible=pl.when("over").then(
            (pl.col("leaves").dt.offset_by("1y") + pl.duration(days=leap.cast(pl.Int8))).dt.strftime(
                "%-d %b %Y"
            )
        ),
    )


def _acute_pain(rows: pl.DataFrame, claims: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    served = rows.filter(pl.col("unguided_code").is_not_null()).select("claim_key", served_on="day").unique()
    if served.is_empty():
        return rows.with_columns(acute_pain=pl.lit(value=False))
    named = (
        claims.select("claim_key", *DIAGNOSES)
        .join(served, on="claim_key", how="inner")
        .unpivot(index=["claim_key", "served_on"], value_name="dx")
        .drop_nulls("dx")
    )
    lengths = reference.table("pain_diagnoses")["prefix"].str.len_chars().unique().to_list()
    parts = pl.concat([named.with_columns(prefix=pl.col("dx").str.head(length)) for length in lengths])
    pain = matches_in_force(parts, reference, "pain_diagnoses", by=["prefix"]).filter(acute=True)
    return rows.with_columns(acute_pain=pl.col("claim_key").is_in(pain["claim_key"].unique().implode()))
