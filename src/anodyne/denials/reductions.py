"""What is paid less because it is not the only procedure of the day: rank, second side, therapy."""

from typing import Final

import polars as pl

from anodyne.denials.rates import CONTRACT, NATIONAL, PERCENT

FURTHER: Final = 2
"""Multiple procedure indicator of codes paid in full once a day, and at a share from the second on."""
THERAPY: Final = 5
"""Of therapies, whose practice expense is paid in full once a day."""
BOTH_SIDES: Final = 1
"""Bilateral indicator of codes that are paid at a share for the second side."""
MOST_RANKED: Final = 5
"""From the sixth procedure of a day on, Medicare prices by report."""
_SESSION: Final = ("payer_key", "payer_text", "payee", "person", "served_on", "assists")


def reduced(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows`, priced by the unit, with how each is reduced on its day.

    `rank` among the procedures of the day, `second` side of two lines with RT and LT, `therapies` units of
    the day and `leads`, whether the line's first unit is the one paid in full.  A denied line takes no rank
    from others, and of two of one fee the one that was allowed more goes first.
    """
    procedure = (pl.col("mult_proc") == FURTHER) | (
        pl.col("mult_proc").is_null() & (pl.col("kind") == CONTRACT)
    )
    therapy = (pl.col("mult_proc") == THERAPY) & pl.col("kind").is_in([CONTRACT, PERCENT, NATIONAL])
    known = rows.filter("counts").with_columns(
        paid=(pl.col("allowed_cents") > 0).fill_null(value=False),
        two_sides=_two_sides(),
        fee=pl.col("unit_cents") * pl.col("both_thousandths"),
    )
    found = [
        _ranked(known.filter((procedure | pl.col("two_sides")).fill_null(value=False), procedure)),
        _therapies(known.filter(therapy.fill_null(value=False))),
    ]
    for one in found:
        rows = rows.join(one, on="remit_line_key", how="left", maintain_order="left")
    return rows.with_columns(pl.col("second", "leads").fill_null(value=False))


def _two_sides() -> pl.Expr:
    """Whether the line is one of two that bill a code for the right and for the left."""
    right = pl.col("billed_modifiers").str.contains("RT", literal=True)
    left = pl.col("billed_modifiers").str.contains("LT", literal=True)
    one = (pl.col("bilateral") == BOTH_SIDES) & (right != left)
    code = [*_SESSION, "billed_code"]
    return one & (one & right).any().over(code) & (one & left).any().over(code)


def _ranked(lines: pl.DataFrame) -> pl.DataFrame:
    code = [*_SESSION, "billed_code"]
    per = pl.col("allowed_cents") / pl.col("fee")
    lines = lines.sort("allowed_cents", "remit_line_key", descending=[True, False], nulls_last=True)
    lines = lines.with_columns(
        second=pl.col("two_sides") & (pl.int_range(pl.len()).over(*code, "two_sides") > 0),
        procedure=pl.when("two_sides").then("billed_code").otherwise(
            pl.col("remit_line_key").cast(pl.String)
        ),
        fee=pl.when("two_sides").then(pl.col("fee") * 3 // 2).otherwise("fee"),
        per=per,
    )  # fmt: skip
    one = [*_SESSION, "procedure"]
    ranks = (
        lines.filter(pl.col("remit_line_key").len().over(_SESSION) > 1)
        .group_by(one, maintain_order=True)
        .agg(pl.col("fee", "per").max(), pl.col("paid").any())
        .sort("fee", "per", "procedure", descending=[True, True, False], nulls_last=[False, True, True])
        .with_columns(
            rank=(pl.col("paid").cast(pl.Int32).cum_sum() - pl.col("paid").cast(pl.Int32)).over(_SESSION) + 1
        )
    )
    found = lines.join(ranks.select(*one, "rank"), on=one, how="left", nulls_equal=True)
    return found.select("remit_line_key", "second", pl.col("rank").fill_null(1))


def _therapies(lines: pl.DataFrame) -> pl.DataFrame:
    units = pl.col("billed_units")
    practice = pl.col("unit_cents") - pl.col("therapy_cents")
    per = pl.col("allowed_cents") / units
    return (
        lines.with_columns(practice=practice, per=per)
        .sort("paid", "practice", "per", descending=True, nulls_last=True)
        .select(
            "remit_line_key",
            therapies=units.filter("paid").sum().over(_SESSION),
            leads=pl.int_range(pl.len()).over(_SESSION) == 0,
        )
    )
