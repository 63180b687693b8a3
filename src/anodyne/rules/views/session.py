"""The `session` view: one patient, day, region and kind of spinal procedure, with the sessions before it.

A session is everything of one kind done in one region on one calendar day, whoever did it and on however many
lines: both sides count once.  It stands on the first of its lines on the latest checked claim that has any.
"""

from typing import Final

import polars as pl

from anodyne.model.frames import MODIFIERS
from anodyne.reference.tables import Reference, in_force
from anodyne.rules.fact import Fact, Facts, schema
from anodyne.rules.views.attach import number_within, once_for_each, with_facts
from anodyne.rules.views.ground import PLACE_FACTS, has_modifier, policy_facts
from anodyne.rules.views.pain import diagnoses_by_pain

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

FACTS: Facts = {
    **PLACE_FACTS,
    "code": Fact(pl.String, "procedure code of the session's first line on the claim"),
    "charge_cents": Fact(pl.Int64, "charge of the session's lines on the claim in cents", "charge"),
    **policy_facts(
        "payer_facet_lcd",
        "payer_epidural_lcd",
        "payer_facet_sessions_year",
        "payer_facet_rf_sessions_year",
        "payer_epidural_sessions_year",
    ),
    "family": Fact(pl.String, "facet or epidural"),
    "kind": Fact(
        pl.String,
        "facet_diagnostic: a facet block with KX; facet_therapeutic: one without; facet_rf; epidural",
    ),
    "region_name": Fact(pl.String, "the region in words; a caudal injection is lumbar"),
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
    )
    if spinal.is_empty():
        return pl.DataFrame(schema=schema(FACTS))
    lines = _session_lines(spinal, reference)
    return (
        _placed(lines)
        .pipe(_counted, lines)
        .pipe(_regions, lines)
        .pipe(_acute_pain, claims, reference)
        .sort("line_key")
        .select(pl.col(name).cast(kind) for name, kind in schema(FACTS).items())
    )


def _session_lines(spinal: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """Those of `spinal` that make sessions, with their session.

    At the border of two regions a further level bears the code of the next region: with no first level of its
    own there, it belongs to the session in which the first level stands.

    `session`, `regions_of` and `kind_of` are one number each for a session, for patient, day and family, and
    for patient, kind and region: grouping by one number is several times as fast as by several columns.
    """
    traits = once_for_each(
        spinal,
        ("code", "served_on"),
        lambda rows: in_force(rows, reference, "code_traits").select("group", "region", "level", "imaging"),
    )
    lines = spinal.hstack(traits)
    lines = lines.filter(pl.col("group").is_in(list(_FAMILY)))
    lines = lines.hstack(once_for_each(lines, MODIFIERS, lambda rows: _of_modifiers(rows, reference)))
    starts = pl.col("level").is_null() | (pl.col("level") == "first")
    lines = lines.with_columns(
        of_day=pl.struct("patient", "day", "group").hash(),
        of_region=pl.struct("patient", "day", "group", "region").hash(),
    )
    lines = lines.with_columns(
        own_start=starts.any().over("of_region"), start=pl.col("region").filter(starts).first().over("of_day")
    )
    lines = lines.with_columns(
        region=pl.when("own_start").then("region").otherwise(pl.coalesce("start", "region")),
        family=pl.col("group").replace_strict(_FAMILY, return_dtype=pl.String),
    )
    diagnostic = pl.col("mod_kx").any().over(pl.struct("of_day", "region").hash())
    lines = lines.with_columns(
        kind=pl.when(pl.col("family") == "epidural")
        .then(pl.lit("epidural"))
        .when(pl.col("group") == "facet_rf")
        .then(pl.lit("facet_rf"))
        .when(diagnostic)
        .then(pl.lit("facet_diagnostic"))
        .otherwise(pl.lit("facet_therapeutic")),
        region_name=pl.col("region").replace_strict(_REGIONS, return_dtype=pl.String),
    )
    return lines.with_columns(
        session=pl.struct("patient", "day", "kind", "region").hash(),
        regions_of=pl.struct("patient", "day", "family").hash(),
        kind_of=pl.struct("patient", "kind", "region").hash(),
    )


def _of_modifiers(rows: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    bypass = reference.table("modifiers").filter("ncci_bypass")["modifier"].unique()
    return rows.select(mod_kx=has_modifier("KX"), separated=has_modifier(*bypass))


def _placed(lines: pl.DataFrame) -> pl.DataFrame:
    """One row for each session with a checked line, on the first line of its latest checked claim."""
    whole = lines.group_by("session").agg(
        pl.col("mod_kx", "separated").any(),
        transforaminal_code=pl.col("code").filter(pl.col("group") == "epidural_transforaminal").first(),
        interlaminar_code=pl.col("code").filter(pl.col("group") == "epidural_interlaminar").first(),
        unguided_code=pl.col("code").filter(pl.col("imaging") == "none_twin").first(),
    )
    latest = (
        lines.select("session", "judged", "claim_key", "line", "line_key", "charge_cents")
        .with_row_index("row")
        .filter("judged")
        .filter(pl.col("claim_key") == pl.col("claim_key").max().over("session"))
        .sort("line", "line_key")
        .group_by("session", maintain_order=True)
        .agg(pl.col("row").first(), pl.col("charge_cents").sum())
    )
    first = lines.drop("mod_kx", "separated", "charge_cents")[latest["row"]]
    return with_facts(first.hstack(latest.select("charge_cents")), whole, on="session")


def _regions(rows: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Add which region of its family a session is of on its day; those already sent come first."""
    key = ["regions_of", "region"]
    regions = (
        lines.group_by(key)
        .agg(checked=pl.col("judged").all(), key=pl.col("line_key").min(), name=pl.col("region_name").first())
        .sort("regions_of", "checked", "key")
        .select(
            *key,
            region_number=number_within("regions_of"),
            first_region_name=pl.col("name").first().over("regions_of"),
        )
    )
    return rows.hstack(rows.select(key).join(regions, on=key, how="left", maintain_order="left").drop(key))


def _counted(rows: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Add the sessions of the 12 months that end on the day, the same day of the year before not counted."""
    held = lines.select("kind_of", held_on="day").unique()
    limit = (
        pl.when(pl.col("kind") == "epidural")
        .then("payer_epidural_sessions_year")
        .when(pl.col("kind") == "facet_rf")
        .then("payer_facet_rf_sessions_year")
        .otherwise("payer_facet_sessions_year")
    )
    this_year = pl.col("held_on").dt.year() == pl.col("day").dt.year()
    before = (
        rows.select("session", "kind_of", "day", limit=limit)
        .join(held, on="kind_of", how="inner")
        .filter(pl.col("held_on") < pl.col("day"))
        .filter(pl.col("held_on") > pl.col("day").dt.offset_by("-1y"))
        .sort("held_on")
        .with_columns(
            told=pl.when(this_year)
            .then(pl.col("held_on").dt.strftime("%-d %b"))
            .otherwise(pl.col("held_on").dt.strftime("%-d %b %Y"))
        )
        .group_by("session")
        .agg(
            earlier=pl.len(),
            earlier_sessions=pl.col("told").tail(_TOLD).str.join(", "),
            leaves=pl.col("held_on").get(pl.len().cast(pl.Int64) - pl.col("limit").first(), null_on_oob=True),
            over=pl.len() >= pl.col("limit").first(),
        )
    )
    leap = (pl.col("leaves").dt.month() == 2) & (pl.col("leaves").dt.day() == 29)
    counted = pl.col("earlier").fill_null(0) + 1
    return with_facts(rows, before, on="session").with_columns(
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
    acute = diagnoses_by_pain(claims, served, reference).filter(acute=True)["claim_key"].unique()
    return rows.with_columns(acute_pain=pl.col("claim_key").is_in(acute.implode()))
