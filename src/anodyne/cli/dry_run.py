"""What rules would have held, had they been in use: by rule, payer and month, as text or for programs."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import polars as pl

from anodyne.app.breakdown import Breakdown
from anodyne.cli.page import Page, printable, shortened
from anodyne.kernel.money import dollars

NAME_WIDTH: Final = 38
_SIDES: Final = (("rule", "By rule"), ("payer", "By payer"), ("month", "By month of service"))


def record(told: Breakdown) -> Mapping[str, list[Mapping[str, Any]]]:
    """`told` for programs: claims held and the cents that hang on them, by rule, payer and month."""
    return {
        side: [
            {
                side: row[side] if side != "month" else row[side] and f"{row[side]:%Y-%m}",
                "claims_held": row["found"],
                "at_risk_cents": row["lost_cents"],
                "audit_cents": row["audit_cents"],
            }
            for row in _held(told, side).iter_rows(named=True)
        ]
        for side, _ in _SIDES
    }


def rows(told: Breakdown, page: Page) -> Iterator[str]:
    """`told` as tables under one another, for people."""
    yield f"{page.ink('strong', 'What these rules would have held')}\n"
    names: dict[str, Callable[[Any], str]] = {"month": lambda month: f"{month:%b %Y}"}
    for side, title in _SIDES:
        held = _held(told, side)
        if held.is_empty():
            continue
        yield f"\n{title:<{NAME_WIDTH}}{'claims held':>14}{'at risk':>16}{'if audited':>16}\n"
        for row in held.iter_rows(named=True):
            name = "not named" if row[side] is None else names.get(side, printable)(row[side])
            money = f"{dollars(row['lost_cents']):>16}{dollars(row['audit_cents']):>16}"
            yield f"{shortened(name, NAME_WIDTH - 2):<{NAME_WIDTH}}{row['found']:>14,}{money}\n"
    yield "\n"


def _held(told: Breakdown, side: str) -> pl.DataFrame:
    frames = {"rule": told.rules, "payer": told.payers, "month": told.months}
    return frames[side].filter(pl.col("found") > 0)
