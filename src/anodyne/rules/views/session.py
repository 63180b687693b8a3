"""The `session` view: one patient, day, region and kind of block, with the sessions before it.

A session is everything of one kind done in one region on one calendar day, whoever did it and on however many
lines: both sides count once.  It stands on the first of its lines on the latest checked claim that has any; a
session billed to two payers is judged for each of them, and counts once.
"""

from typing import Final

import polars as pl

from anodyne.reference.pain import diagnoses_by_pain
from anodyne.reference.tables import Reference
from anodyne.rules.fact import Fact, Facts, schema
from anodyne.rules.views.attach import laid_by, number_within, with_facts
from anodyne.rules.views.beside import BESIDE_FACTS, with_other_blocks
from anodyne.rules.views.dose import DOSE_FACTS, with_steroids
from anodyne.rules.views.ground import PLACE_FACTS, POLICY_FACTS, policy_facts
from anodyne.rules.views.session_lines import block_lines, of_blocks, session_lines
from anodyne.rules.views.windows import WINDOW_FACTS, with_windows

_MARKED: Final = ("facet_block", "sacroiliac", "sacroiliac_nerve_block", "epidural_transforaminal")
"""The groups of codes that may be diagnostic, which KX says."""
_TREATMENTS: Final = ("facet_rf", "sacroiliac_therapeutic")
_WINDOW_POLICY: Final = ("payer_session_year", "payer_sessions_by_side")
"""What the windows are made by, and no rule compares."""

FACTS: Facts = {
    **PLACE_FACTS,
    "code": Fact(pl.String, "procedure code of the session's first line on the claim"),
    "charge_cents": Fact(pl.Int64, "charge of the session's lines on the claim in cents", "charge"),
    **policy_facts(
        "payer_facet_lcd",
        "payer_facet_sessions_year",
        "payer_facet_diagnostic_days_apart",
        "payer_facet_relief_months",
        "payer_facet_rf_sessions_year",
        "payer_facet_rf_relief_months",
        "payer_epidural_lcd",
        "payer_epidural_sessions_year",
        "payer_epidural_sessions_half_year",
        "payer_epidural_days_apart",
        "payer_epidural_relief_months",
        "payer_sacroiliac_lcd",
        "payer_sacroiliac_diagnostic_sessions",
        "payer_sacroiliac_sessions_year",
        "payer_sacroiliac_relief_months",
        "payer_trigger_point_lcd",
        "payer_trigger_point_sessions_year",
        "payer_trigger_point_days_apart",
    ),
    "family": Fact(pl.String, "facet, epidural, sacroiliac or trigger_point"),
    "kind": Fact(
        pl.String,
        "the family, with its purpose for facet and sacroiliac injections: _diagnostic where a line has KX, "
        "else _therapeutic; facet_rf",
    ),
    "region_name": Fact(pl.String, "the region in words; a caudal injection is lumbar"),
    "mod_kx": Fact(pl.Boolean, "whether a line of the session carries KX"),
    **WINDOW_FACTS,
    "treated_before": Fact(
        pl.Date,
        "of a diagnostic session, the last treatment of its region and side in the 12 months before: of "
        "facets radiofrequency, of the sacroiliac joint a therapeutic injection",
    ),
    "region_number": Fact(pl.UInt32, "which region of the family this is on the day, 1 the first"),
    "first_region_name": Fact(pl.String, "the day's first region of the family in words"),
    "transforaminal_code": Fact(pl.String, "the session's first transforaminal code"),
    "interlaminar_code": Fact(pl.String, "the session's first interlaminar or caudal code"),
    "interlaminar_kx": Fact(pl.Boolean, "whether a checked interlaminar or caudal line of it carries KX"),
    "kx_missing": Fact(
        pl.String,
        "where KX marks a line of facet, sacroiliac or transforaminal injection: the code of a checked one "
        "without it",
    ),
    "separated": Fact(pl.Boolean, "whether a line of the session carries a modifier that lifts pair edits"),
    "unguided_code": Fact(pl.String, "the code of its first checked line without image guidance"),
    **BESIDE_FACTS,
    **DOSE_FACTS,
    "acute_pain": Fact(
        pl.Boolean, "whether the claim names acute pain, which the coverage policies leave aside"
    ),
}


def session_view(ground: pl.DataFrame, claims: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """The sessions of `ground` that a checked claim has lines of, in the columns of FACTS."""
    nothing = pl.DataFrame(schema=schema(FACTS))
    unread = [name for name in POLICY_FACTS if name not in FACTS and name not in _WINDOW_POLICY]
    blocks = ground.drop(unread).filter(of_blocks(reference))
    if not blocks["judged"].any():
        return nothing
    blocks = block_lines(blocks, reference)
    lines = session_lines(blocks)
    if not lines["judged"].any():
        return nothing
    return (
        _placed(lines)
        .pipe(with_windows, lines)
        .pipe(_treated, lines)
        .pipe(_regions, lines)
        .pipe(with_other_blocks, lines, blocks, claims, reference)
        .pipe(_acute_pain, claims, reference)
        .pipe(with_steroids, ground, reference)
        .sort("line_key")
        .pipe(laid_by, FACTS)
    )


def _placed(lines: pl.DataFrame) -> pl.DataFrame:
    """One row for each session with a checked line, on the first line of its latest checked claim.

    What one line says by itself is told of checked lines only.
    """
    interlaminar = pl.col("group") == "epidural_interlaminar"
    marked, kx, checked = pl.col("group").is_in(_MARKED), pl.col("mod_kx"), pl.col("judged")
    whole = lines.group_by("session").agg(
        pl.col("mod_kx", "separated", "left", "right").any(),
        pl.col("stopped").all(),
        transforaminal_code=pl.col("code").filter(pl.col("group") == "epidural_transforaminal").first(),
        interlaminar_code=pl.col("code").filter(interlaminar).first(),
        interlaminar_kx=(interlaminar & kx & checked).any(),
        kx_missing=pl.when((marked & kx).any()).then(pl.col("code").filter(marked & ~kx & checked).first()),
        unguided_code=pl.col("code").filter(checked & (pl.col("imaging") == "none_twin")).first(),
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
    first = lines.drop("mod_kx", "separated", "left", "right", "stopped", "charge_cents")[latest["row"]]
    return with_facts(first.hstack(latest.select("charge_cents")), whole, on="session")


def _treated(rows: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Add the last treatment of region and side before a diagnostic session; sides not said do not count."""
    diagnostic = rows.filter(pl.col("kind").str.ends_with("_diagnostic"))
    if diagnostic.is_empty():
        return rows.with_columns(treated_before=pl.lit(None, pl.Date))
    place = ["patient", "family", "region"]
    treated = lines.filter(pl.col("kind").is_in(_TREATMENTS) & ~pl.col("stopped")).select(
        *place, held_on="day", held_left="left", held_right="right"
    )
    found = (
        diagnostic.select("session", "day", "left", "right", *place)
        .join(treated, on=place, how="inner")
        .filter(
            pl.col("held_on") < pl.col("day"),
            pl.col("held_on") > pl.col("day").dt.offset_by("-1y"),
            (pl.col("left") & pl.col("held_left")) | (pl.col("right") & pl.col("held_right")),
        )
        .group_by("session")
        .agg(treated_before=pl.col("held_on").max())
    )
    return with_facts(rows, found, on="session")


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


def _acute_pain(rows: pl.DataFrame, claims: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    served = rows.filter(pl.col("unguided_code").is_not_null()).select("claim_key", served_on="day").unique()
    if served.is_empty():
        return rows.with_columns(acute_pain=pl.lit(value=False))
    acute = diagnoses_by_pain(claims, served, reference).filter(acute=True)["claim_key"].unique()
    return rows.with_columns(acute_pain=pl.col("claim_key").is_in(acute.implode()))
