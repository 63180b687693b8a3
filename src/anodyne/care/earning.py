"""Seconds of a month to the codes they earn: whole blocks only, none rounded up."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from anodyne.reference.tables import Reference

OWN: Final = "practitioner"
ANYONE: Final = "anyone"
MINUTE: Final = 60
NO_LIMIT: Final = 1 << 30
_NONE: Final = pl.lit(None)


@dataclass(frozen=True, slots=True)
class Block:
    """One code of time: how many seconds it takes, and how many units a month and a claim may bear."""

    code: str
    seconds: int
    most: int = NO_LIMIT
    """Units a calendar month allows by the code itself: time beyond earns no more."""
    edit: int = NO_LIMIT
    """Units beyond which Medicare's unit edit (MUE) denies."""
    edit_known: bool = False


@dataclass(frozen=True, slots=True)
class Ladder:
    """How one programme's time is billed, of one kind of person."""

    program: str
    whose: str
    """`practitioner`: only a practitioner's own time counts.  `anyone`: staff's too."""
    first: Block
    next: Block | None
    short: Block | None
    """A code for time that does not reach the first block."""

    @property
    def least(self) -> int:
        """The fewest seconds that earn anything."""
        return (self.short or self.first).seconds


def ladders(month: dt.date, reference: Reference) -> Mapping[str, tuple[Ladder, ...]]:
    """By programme the ladders in force in `month`, that of the practitioner's own time first."""
    live = reference.table("care_codes").filter(
        pl.col("from") <= month, pl.col("until").is_null() | (pl.col("until") > month)
    )
    found: dict[str, list[Ladder]] = {}
    for (program, whose), rows in live.group_by("program", "whose", maintain_order=True):
        blocks = {
            row["block"]: _block(row["code"], row["minutes"], month, reference)
            for row in rows.iter_rows(named=True)
        }
        if "first" in blocks:
            ladder = Ladder(
                str(program), str(whose), blocks["first"], blocks.get("next"), blocks.get("short")
            )
            found.setdefault(str(program), []).append(ladder)
    return {program: tuple(sorted(some, key=lambda one: one.whose != OWN)) for program, some in found.items()}


def _block(code: str, minutes: int, month: dt.date, reference: Reference) -> Block:
    limit = reference.row_in_force("care_limits", (code,), month)
    most = limit[0] if limit is not None and limit[1] == "month" else None
    edit = reference.row_in_force("mue", (code,), month)
    return Block(
        code,
        minutes * MINUTE,
        NO_LIMIT if most is None else most,
        NO_LIMIT if edit is None else edit[0],
        edit is not None,
    )


EARNED: Final = {
    "whose": pl.String,  # whose time is billed; null where nothing is earned
    "first_code": pl.String,  # the month's first block; null where none is reached
    "next_code": pl.String,
    "next_units": pl.Int64,
    "next_edit": pl.Int64,  # the unit edit of the further block; null where none is loaded for the month
    "needed_seconds": pl.Int64,  # the seconds that the units earned take
    "goal_code": pl.String,  # the next unit's code; null where no further one can be earned
    "goal_replaces": pl.Boolean,  # whether it takes the place of the code earned
    "goal_seconds": pl.Int64,  # how many seconds short of it
}


def earn(
    months: pl.DataFrame, own: str, everyone: str, known: Mapping[str, tuple[Ladder, ...]]
) -> pl.DataFrame:
    """For each of `months` (`program`) what its seconds earn, in the columns of EARNED.

    `own` and `everyone` name the columns of a practitioner's own and of all countable seconds.  Where a
    practitioner's own time reaches a block of its own it is billed as that, and staff's time is not billed
    beside it; otherwise all time counts together.
    """
    seconds = {OWN: pl.col(own), ANYONE: pl.col(everyone)}
    cases: list[tuple[pl.Expr, dict[str, pl.Expr]]] = []
    for program, steps in known.items():
        here = pl.col("program") == program
        for ladder in steps:
            spent = seconds[ladder.whose]
            cases.append((here & (spent >= ladder.least), _earned(ladder, spent)))
        cases.append((here, _nothing(steps, seconds)))
    told = {name: pl.lit(None, kind) for name, kind in EARNED.items()}
    for case, values in reversed(cases):
        told = {name: pl.when(case).then(values[name]).otherwise(told[name]) for name in EARNED}
    named = (value.cast(EARNED[name]).alias(name) for name, value in told.items())
    return months.with_columns(*named).select(*EARNED)


def _earned(ladder: Ladder, seconds: pl.Expr) -> dict[str, pl.Expr]:
    """What `seconds`, enough for something, earn."""
    first, step, short = ladder.first, ladder.next, ladder.short
    full = seconds >= first.seconds
    units, needed, goal, goal_seconds = pl.lit(0), pl.lit(first.seconds), _NONE, _NONE
    if step is not None:
        units = pl.when(full).then((seconds - first.seconds) // step.seconds).otherwise(0).clip(0, step.most)
        needed = first.seconds + units * step.seconds
        more = units < min(step.most, step.edit)
        goal = pl.when(more).then(pl.lit(step.code))
        goal_seconds = pl.when(more).then(needed + step.seconds - seconds)
    return {
        "whose": pl.lit(ladder.whose),
        "first_code": pl.when(full).then(pl.lit(first.code)).otherwise(pl.lit(short and short.code)),
        "next_code": pl.when(units > 0).then(pl.lit(step and step.code)),
        "next_units": units,
        "next_edit": pl.lit(step.edit if step is not None and step.edit_known else None),
        "needed_seconds": pl.when(full).then(needed).otherwise(pl.lit(short and short.seconds)),
        "goal_code": pl.when(full).then(goal).otherwise(pl.lit(first.code)),
        "goal_replaces": ~full,
        "goal_seconds": pl.when(full).then(goal_seconds).otherwise(first.seconds - seconds),
    }


def _nothing(steps: tuple[Ladder, ...], seconds: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    """Of a month that earns nothing, the block that is nearest."""
    blocks = [(ladder.short or ladder.first, seconds[ladder.whose]) for ladder in steps]
    short = [block.seconds - spent for block, spent in blocks]
    nearest = pl.min_horizontal(short)
    goal = pl.coalesce(
        pl.when(left == nearest).then(pl.lit(block.code))
        for (block, _), left in zip(blocks, short, strict=True)
    )
    nothing = dict.fromkeys(EARNED, _NONE)
    return {
        **nothing,
        "next_units": pl.lit(0),
        "goal_replaces": pl.lit(value=False),
        "goal_code": goal,
        "goal_seconds": nearest,
    }
