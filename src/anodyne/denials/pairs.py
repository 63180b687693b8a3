"""Whether a modifier could have lifted the pair for which a line was denied."""

from typing import Final

import polars as pl

from anodyne.reference.tables import Reference, pairs_in_force

OF_PAIRS: Final = ("97", "231", "236", "B15")
"""Reasons that may mean a pair of codes."""
NEVER, MAY = 0, 1


def pair_indicators(lines: pl.DataFrame, adjustments: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """`remit_line_key` and `ncci_indicator` of lines denied for a pair: what `DENIAL_LINE_FACTS` takes.

    The pair is looked for among the codes submitted for the same claim and day, the denied code in column
    two.  Where one of them can never be lifted, none helps: 0.  No row: no such pair is loaded, or the other
    code is on another claim.
    """
    denied = (
        adjustments.filter(pl.col("reason").is_in(OF_PAIRS)).select("remit_line_key").unique().drop_nulls()
    )
    told = lines.select(
        "remit_line_key", "remit_key", "served_on", code=pl.coalesce("submitted_code", "code")
    ).drop_nulls(["code", "served_on"])
    ours = told.join(denied, on="remit_line_key", how="semi").rename({"code": "code_2"})
    others = told.rename({"code": "code_1", "remit_line_key": "other_key"})
    pairs = ours.join(others, on=["remit_key", "served_on"], how="inner").filter(
        pl.col("other_key") != pl.col("remit_line_key")
    )
    found = pairs_in_force(pairs, reference).filter(pl.col("indicator").is_in([NEVER, MAY]))
    return (
        found.group_by("remit_line_key")
        .agg(ncci_indicator=pl.col("indicator").min().cast(pl.Int8))
        .sort("remit_line_key")
    )
