"""Giving facts to rows without touching the columns that the rows already have.

A join carries every column of both sides along; here only the keys are joined, and the facts are laid beside
the rows.
"""

from collections.abc import Callable, Sequence
from typing import Final

import polars as pl

from anodyne.rules.fact import Facts

_NUMBER: Final = "number of the combination"
_ROW: Final = "row of the combination"
_FEW: Final = 50
"""So few rows are not worth the search for those that are alike."""


def with_facts(rows: pl.DataFrame, facts: pl.DataFrame, on: str) -> pl.DataFrame:
    """`rows` with the columns of `facts`, which names each `on` at most once; null where it does not."""
    if facts.is_empty():
        return rows.hstack(facts.drop(on).clear(len(rows)))
    found = rows.select(on).join(facts, on=on, how="left", maintain_order="left")
    return rows.hstack(found.drop(on))


def laid_by(rows: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """The columns of `facts` of `rows`, each of its kind."""
    kinds = rows.schema
    return rows.select(
        name if kinds[name] == fact.kind else pl.col(name).cast(fact.kind) for name, fact in facts.items()
    )


def place_of(line: str, same_claim: pl.Expr) -> pl.Expr:
    """Where a line is, as a message says it."""
    return pl.when(same_claim).then(pl.format("line {}", line)).otherwise(pl.lit("another claim"))


def number_within(group: str) -> pl.Expr:
    """1 for the first row of each `group`, counting up: the rows of a group must stand side by side.

    A window that counts takes ten times as long where the groups are many and small.
    """
    row = pl.int_range(pl.len(), dtype=pl.UInt32)
    return row - pl.when(pl.col(group).is_first_distinct()).then(row).forward_fill() + 1


def once_for_each(
    rows: pl.DataFrame, key: Sequence[str], facts: Callable[[pl.DataFrame], pl.DataFrame]
) -> pl.DataFrame:
    """What `facts` makes of the columns `key` of `rows`, in the order of `rows`.

    Where a fact depends on a few columns only, many rows share it: `facts` is given each combination once,
    and makes one row of each, in the same order; of few rows each is one.
    """
    if len(rows) <= _FEW:
        return facts(rows.select(key))
    numbered = rows.select(*key, pl.struct(key).hash(seed=3).alias(_NUMBER))
    distinct = numbered.filter(pl.col(_NUMBER).is_first_distinct())
    made = facts(distinct.select(key))
    if len(distinct) == len(rows):
        return made
    place = distinct.select(_NUMBER).with_row_index(_ROW)
    return made[numbered.select(_NUMBER).join(place, on=_NUMBER, how="left", maintain_order="left")[_ROW]]
