"""Image guidance of a day: which code already includes it, and which code it may stand beside."""

from typing import Final

import polars as pl

from anodyne.reference.tables import Reference, matches_in_force, pairs_in_force
from anodyne.rules.fact import Fact, Facts
from anodyne.rules.views.attach import place_of, with_facts

ULTRASOUND: Final = "76942"
CATHETER_FLUOROSCOPY: Final = "77001"
_EPIDURALS: Final = ("epidural_interlaminar", "epidural_transforaminal")
_PROCEDURES_UNKNOWN: Final = r"^[0-6][0-9]{3}[0-9T]$"

GUIDANCE_FACTS: Facts = {
    "guidance": Fact(
        pl.Boolean, "whether the code is image guidance with a closed list of primaries (77002, 77003)"
    ),
    "guidance_primary_of_day": Fact(
        pl.Boolean, "whether one of those is billed for the patient, day and practitioner"
    ),
    "guidance_home": Fact(
        pl.String, "for guidance: a procedure of the patient, day and practitioner it may stand beside"
    ),
    "guidance_home_group": Fact(
        pl.String, "the family of codes of that procedure: trigger_point only where there is no other"
    ),
    "imaged_code": Fact(
        pl.String, "for guidance: a code of the patient, day and practitioner that leaves no room for it"
    ),
    "imaged_place": Fact(pl.String, "where that code is: its line, or another claim"),
    "imaged_inside": Fact(
        pl.String,
        "why: inside or us_inside: that code includes guidance; none_twin: it says there was none; "
        "joint: a joint injection whose twin includes ultrasound",
    ),
    "imaged_group": Fact(pl.String, "its family of codes"),
    "imaging_paid": Fact(
        pl.Boolean,
        "whether that code is an epidural's, beside which the payer pays imaging by its policy",
        values=("imaging_with_epidural",),
    ),
}
"""What else is billed beside image guidance; null or false for any other line."""


def with_guidance(lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """`lines`, which have the facts of their codes, with the columns of GUIDANCE_FACTS."""
    asked = lines.filter((pl.col("group") == "guidance") & (pl.col("code") != CATHETER_FLUOROSCOPY)).select(
        "line_key", "encounter", "served_on", asked_claim="claim_key", guide="code"
    )
    if asked.is_empty():
        return lines.with_columns(
            pl.lit(False if fact.kind is pl.Boolean else None, fact.kind).alias(name)
            for name, fact in GUIDANCE_FACTS.items()
        )
    others = lines.filter(pl.col("group").ne_missing("guidance")).select(
        "encounter",
        "code",
        "kind",
        "group",
        "imaging",
        other="line",
        other_key="line_key",
        other_claim="claim_key",
    )
    both = asked.join(others, on="encounter", how="inner", maintain_order="left_right").with_columns(
        place=place_of("other", pl.col("asked_claim") == pl.col("other_claim"))
    )
    listed = matches_in_force(
        asked.rename({"guide": "guidance"}), reference, "guidance_parents", by=["guidance"]
    )
    for_line = (
        asked.select("line_key")
        .join(_imaged(both), on="line_key", how="left")
        .join(_homes(both, listed, reference), on="line_key", how="left")
    )
    parents = listed.join(
        others, left_on=["encounter", "primary"], right_on=["encounter", "code"], how="semi"
    )
    lines = with_facts(lines, for_line, on="line_key")
    paid = pl.col("imaged_group").is_in(_EPIDURALS) & pl.col("payer_imaging_with_epidural")
    return lines.with_columns(
        imaging_paid=paid.fill_null(value=False),
        guidance=pl.col("line_key").is_in(listed["line_key"].unique().implode()),
        guidance_primary_of_day=pl.col("line_key").is_in(parents["line_key"].unique().implode()),
    )


def _imaged(both: pl.DataFrame) -> pl.DataFrame:
    """For each line of guidance the code that leaves no room for it, the surest reason first."""
    joint = (pl.col("group") == "joint") & (pl.col("guide") == ULTRASOUND)
    why = pl.when(joint).then(pl.lit("joint")).otherwise("imaging")
    reasons = {"inside": 0, "us_inside": 0, "none_twin": 1, "joint": 2}
    return (
        both.with_columns(why=why)
        .filter(pl.col("why").is_not_null())
        .sort(pl.col("why").replace_strict(reasons, return_dtype=pl.Int8), "other_key")
        .group_by("line_key", maintain_order=True)
        .agg(
            imaged_code=pl.col("code").first(),
            imaged_place=pl.col("place").first(),
            imaged_inside=pl.col("why").first(),
            imaged_group=pl.col("group").first(),
        )
    )


def _homes(both: pl.DataFrame, listed: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """For each line of guidance a procedure it may stand beside: on its list, if any, and free of edits."""
    procedure = pl.col("kind").is_in(["procedure", "needling"]) | (
        pl.col("kind").is_null() & pl.col("code").str.contains(_PROCEDURES_UNKNOWN)
    )
    rooms = both.filter(
        procedure
        & pl.col("imaging").is_null()
        & ~((pl.col("group") == "joint") & (pl.col("guide") == ULTRASOUND)).fill_null(value=False)
    )
    has_list = pl.col("line_key").is_in(listed["line_key"].unique().implode())
    on_list = rooms.join(listed, left_on=["line_key", "code"], right_on=["line_key", "primary"], how="semi")
    rooms = pl.concat([rooms.filter(~has_list), on_list])
    edits = pairs_in_force(rooms.select(code_1="code", code_2="guide", served_on="served_on"), reference)
    free = rooms.filter(~edits["indicator"].is_in([0, 1]).fill_null(value=False))
    return (
        free.sort(pl.col("group").eq_missing("trigger_point"), "other_key")
        .group_by("line_key", maintain_order=True)
        .agg(guidance_home=pl.col("code").first(), guidance_home_group=pl.col("group").first())
    )
