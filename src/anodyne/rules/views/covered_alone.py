"""Pairs of blocks that a coverage policy keeps apart, whatever a modifier says of the edit."""

from typing import Final

import polars as pl

from anodyne.rules.fact import Fact, Facts
from anodyne.rules.views.beside import TELLS
from anodyne.rules.views.session_lines import FAMILY

_NAMES: Final = {
    "facet": "facet procedures (synovial cysts aside)",
    "epidural": "epidurals",
    "trigger_point": "trigger points",
}
COVERED_ALONE_POLICY: Final = tuple(f"payer_{family}_lcd" for family in _NAMES)

COVERED_ALONE_FACTS: Facts = {
    "covered_alone": Fact(
        pl.String,
        "where the lines are two kinds of block: what the payer's coverage policy covers without others in a "
        "session",
    )
}


def with_covered_alone(pairs: pl.DataFrame) -> pl.DataFrame:
    """`pairs`, which have the groups of both lines and the columns of COVERED_ALONE_POLICY, with its fact."""
    if not pairs["group"].is_in(list(FAMILY)).any():
        return pairs.with_columns(covered_alone=pl.lit(None, pl.String))
    block, paid = (
        pl.col(name).replace_strict(FAMILY, default=pl.col(name), return_dtype=pl.String)
        for name in ("group", "paid_group")
    )
    approaches = (block == "epidural") & (paid == "epidural") & (pl.col("group") != pl.col("paid_group"))

    def alone(family: str) -> pl.Expr:
        told = TELLS[family]
        beside = ((block == family) & paid.is_in(told)) | ((paid == family) & block.is_in(told))
        both = beside | approaches if family == "epidural" else beside
        return pl.when(both & pl.col(f"payer_{family}_lcd")).then(pl.lit(_NAMES[family]))

    return pairs.with_columns(covered_alone=pl.coalesce(alone(family) for family in _NAMES))
