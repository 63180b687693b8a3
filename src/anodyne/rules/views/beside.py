"""Other blocks on the day of a session, where no pair edit stops them already."""

from typing import Final

import polars as pl

from anodyne.model.frames import DIAGNOSES
from anodyne.reference.tables import Reference, matches_in_force, pairs_in_force
from anodyne.rules.fact import Fact, Facts
from anodyne.rules.views.attach import once_for_each, with_facts
from anodyne.rules.views.session_lines import FAMILY, SPINAL

TELLS: Final = {
    "facet": ("epidural", "sacroiliac", "trigger_point", *SPINAL),
    "epidural": ("facet", "sacroiliac", "trigger_point", "sympathetic"),
    "trigger_point": ("facet", "epidural", "sacroiliac", *SPINAL),
}
"""Which other blocks a session tells of: each two of a day are told once, by the one named first."""
_FIRST: Final = ("facet", "epidural")
"""Where one of these is checked that day it speaks, and those named after it are silent."""

BESIDE_FACTS: Facts = {
    "other_block": Fact(
        pl.String,
        "a block of another kind on the day that no pair edit stops and that no other session tells of",
    ),
    "cyst": Fact(
        pl.Boolean, "whether the claim names a synovial cyst, which a facet session may treat as well"
    ),
}
"""What else was blocked on the day of a session."""


def with_other_blocks(
    rows: pl.DataFrame, lines: pl.DataFrame, blocks: pl.DataFrame, claims: pl.DataFrame, reference: Reference
) -> pl.DataFrame:
    """`rows` with the columns of BESIDE_FACTS.

    `lines` are the lines of all sessions, `blocks` those and every other block.
    """
    of_day = pl.struct("patient", "day").hash(seed=5)
    blocks = blocks.select(
        "line_key", "judged", "practitioner", "code", "served_on", "separated", on=of_day,
        block=pl.col("group").replace_strict(FAMILY, default=pl.col("group"), return_dtype=pl.String),
    )  # fmt: skip
    blocks = blocks.filter(pl.col("block").n_unique().over("on") > 1)
    if blocks.is_empty():
        return rows.with_columns(other_block=pl.lit(None, pl.String), cyst=pl.lit(value=False))
    told = with_facts(rows, _others(blocks, lines, reference), on="session").with_columns(
        other_block=pl.when(pl.col("line_key") == pl.col("line_key").min().over("regions_of")).then(
            "other_block"
        )
    )
    cysts = _with_cysts(claims, told.filter(pl.col("other_block").is_not_null()), reference)
    return told.with_columns(cyst=pl.col("claim_key").is_in(cysts.implode()))


def _others(blocks: pl.DataFrame, lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """For each session the first other block of its day that it tells of."""
    speaks = pl.DataFrame(
        [(family, block) for family, told in TELLS.items() for block in told],
        schema=["family", "block"],
        orient="row",
    )
    mine = lines.select("line_key", "session", "family").join(
        blocks.drop("block"), on="line_key", how="inner", maintain_order="left"
    )
    before = blocks.group_by("on").agg(
        (pl.col("judged") & (pl.col("block") == family)).any().alias(family) for family in _FIRST
    )
    both = (
        mine.join(blocks.drop("served_on"), on="on", how="inner", suffix="_other")
        .join(speaks, on=["family", "block"], how="semi")
        .join(before, on="on", how="left")
        .filter(
            (pl.col("family") == "facet")
            | ((pl.col("family") == "epidural") & ~pl.col("facet"))
            | ~(pl.col("facet") | pl.col("epidural"))
        )
    )
    return (
        both.filter(~_stopped(both, reference))
        .sort("line_key_other")
        .group_by("session", maintain_order=True)
        .agg(other_block=pl.col("code_other").first())
    )


def _stopped(both: pl.DataFrame, reference: Reference) -> pl.Series:
    """Whether an edit names the two lines of a row, and no modifier lifts it."""

    def indicator(paid: str, other: str) -> pl.Series:
        return once_for_each(
            both,
            (paid, other, "served_on"),
            lambda asked: pairs_in_force(
                asked.select(code_1=paid, code_2=other, served_on="served_on"), reference
            ).select("indicator"),
        ).to_series()

    edits = both.select(
        "separated", "separated_other", same=pl.col("practitioner") == pl.col("practitioner_other")
    ).with_columns(one=indicator("code", "code_other"), other=indicator("code_other", "code"))
    lifted = pl.col("separated") | pl.col("separated_other")
    absolute = (pl.col("one") == 0) | (pl.col("other") == 0)
    named = (pl.col("one") == 1) | (pl.col("other") == 1)
    return edits.select(
        pl.col("same") & (absolute.fill_null(value=False) | (named.fill_null(value=False) & ~lifted))
    ).to_series()


def _with_cysts(claims: pl.DataFrame, rows: pl.DataFrame, reference: Reference) -> pl.Series:
    """The claims of `rows` that name a synovial cyst."""
    served = rows.select("claim_key", served_on="day").unique()
    named = (
        claims.select("claim_key", *DIAGNOSES)
        .join(served, on="claim_key", how="inner")
        .unpivot(index=["claim_key", "served_on"], value_name="dx")
        .with_columns(dx=pl.col("dx").str.replace_all(".", "", literal=True).str.to_uppercase())
    )
    return matches_in_force(named, reference, "synovial_cysts", by=["dx"])["claim_key"].unique()
