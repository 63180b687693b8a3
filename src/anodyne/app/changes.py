"""What a fix makes of a line, whether it may, and what a book is once it is made."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import polars as pl

from anodyne.kernel.errors import BadRule
from anodyne.model.book import Book
from anodyne.model.frames import LINES, MODIFIERS
from anodyne.x12.splice import SETTABLE, Values


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one line."""

    claim_key: int
    line_key: int
    rules: tuple[str, ...]
    values: Values | None
    """None where the line is left out."""

    @property
    def fix(self) -> str:
        """The change as JSON, in the form of the command line's contract."""
        return json.dumps({"drop": True} if self.values is None else {"set": dict(self.values)})

    @property
    def of_money(self) -> bool:
        """Whether what is billed changes with it: the charge, or the units."""
        return self.values is None or not self.values.keys().isdisjoint(("charge_cents", "units"))


@dataclass(frozen=True, slots=True)
class Hindrances:
    """Why claims and lines are left alone, by key, whatever is judged of them."""

    of_claims: Mapping[int, str] = field(default_factory=dict)
    """Nothing of these is changed."""
    of_lines: Mapping[int, str] = field(default_factory=dict)
    of_drops: Mapping[int, str] = field(default_factory=dict)
    """From these claims no line is left out."""
    of_money: Mapping[int, str] = field(default_factory=dict)
    """The charges of these are not changed."""
    patient_paid_cents: Mapping[int, int] = field(default_factory=dict)


class BilledLine(NamedTuple):
    """A line as fixes see it, by the columns that they may set."""

    line_key: int
    values: Mapping[str, Any]


class BilledClaim(NamedTuple):
    """A claim as fixes see it."""

    charge_cents: int | None
    lines: Sequence[BilledLine]


class Offer(NamedTuple):
    """What the findings on one line offer together."""

    claim_key: int
    line_key: int
    rules: tuple[str, ...]
    fixes: tuple[str, ...]


def drops(offer: Offer) -> bool:
    """Whether an offer leaves the line out."""
    return any(json.loads(fix).get("drop") for fix in offer.fixes)


def merged(offer: Offer) -> Change | str:
    """The one change that makes all fixes of an offer, or why there is none.

    A line that is to be left out needs no other value.
    """
    values: dict[str, Any] = {}
    for fix in offer.fixes:
        wanted = json.loads(fix)
        if wanted.get("drop"):
            return Change(offer.claim_key, offer.line_key, offer.rules, None)
        for name, value in wanted["set"].items():
            if values.setdefault(name, value) != value:
                return f"{', '.join(offer.rules)} want different values of {name}: a person chooses"
    unknown = values.keys() - SETTABLE.keys()
    if unknown:
        raise BadRule(
            f"a fix sets {', '.join(sorted(unknown))}, which no file is written with",
            where=", ".join(offer.rules),
            fix=f"A fix may set {', '.join(SETTABLE)}.",
        )
    return Change(offer.claim_key, offer.line_key, offer.rules, values)


def why_not(change: Change, claim: BilledClaim, hindrances: Hindrances) -> str | None:
    """Why a change must not be made; None where it may."""
    why = hindrances.of_claims.get(change.claim_key) or hindrances.of_lines.get(change.line_key)
    if why is None and change.of_money:
        why = hindrances.of_money.get(change.claim_key)
    if why is None and change.values is None:
        why = hindrances.of_drops.get(change.claim_key)
    if why is not None:
        return why
    line = next(line for line in claim.lines if line.line_key == change.line_key).values
    charges = [line.values["charge_cents"] for line in claim.lines]
    if any(charge is None for charge in charges) or claim.charge_cents != sum(charges):
        return "the claim's charge is not the sum of its lines"
    values: Mapping[str, Any] = {"charge_cents": 0} if change.values is None else change.values
    charge = values.get("charge_cents", line["charge_cents"])
    if not 0 <= charge <= line["charge_cents"]:
        return "the bill would rise"
    if "units" in values and not 0 < values["units"] <= (line["units"] or 0):
        return "the units would rise, or none be left"
    if change.values is not None and (missing := _missing(change.values, line)):
        return f"the line has no {', '.join(missing)} to correct"
    paid = hindrances.patient_paid_cents.get(change.claim_key, 0)
    if claim.charge_cents - line["charge_cents"] + charge < paid:
        return "the patient has paid more than the claim would charge"
    return None


def _missing(values: Values, line: Mapping[str, Any]) -> list[str]:
    """What of `values` stands in a segment that the line may not have."""
    own = SETTABLE["code"].source
    return [name for name in values if line[name] is None and SETTABLE[name].source != own]


def amended(book: Book, changes: Iterable[Change]) -> Book:
    """`book` with `changes` made, and the charge of each claim concerned the sum of its lines."""
    some = list(changes)
    if not some:
        return book
    lines = book.lines
    for name in sorted({name for change in some for name in change.values or ()}):
        values = {c.line_key: c.values[name] for c in some if c.values is not None and name in c.values}
        told = pl.DataFrame(
            {"line_key": list(values), "to": [None if v == "" else v for v in values.values()]},
            schema={"line_key": pl.UInt32, "to": LINES[name]},
            strict=False,
        ).with_columns(told=pl.lit(value=True))
        joined = lines.join(told, on="line_key", how="left", maintain_order="left")
        lines = joined.with_columns(pl.when(pl.col("told")).then("to").otherwise(name).alias(name)).drop(
            "to", "told"
        )
    moved = {c.line_key for c in some if c.values is not None and not c.values.keys().isdisjoint(MODIFIERS)}
    if moved:
        lines = _closed_up(lines, moved)
    gone = pl.Series([c.line_key for c in some if c.values is None], dtype=pl.UInt32)
    lines = lines.filter(~pl.col("line_key").is_in(gone.implode()))
    of_money = pl.DataFrame(
        {"claim_key": [c.claim_key for c in some if c.of_money]}, schema={"claim_key": pl.UInt32}
    ).unique()
    totals = (
        lines.join(of_money, on="claim_key", how="semi")
        .group_by("claim_key")
        .agg(total=pl.col("charge_cents").sum())
    )
    claims = (
        book.claims.join(totals, on="claim_key", how="left", maintain_order="left")
        .with_columns(charge_cents=pl.coalesce("total", "charge_cents"))
        .drop("total")
    )
    return Book(claims, lines)


def _closed_up(lines: pl.DataFrame, moved: Collection[int]) -> pl.DataFrame:
    """`lines` with the modifiers of those `moved` one behind the other."""
    held = pl.concat_list(MODIFIERS).list.drop_nulls()
    here = pl.col("line_key").is_in(pl.Series(list(moved), dtype=pl.UInt32).implode())
    return lines.with_columns(
        pl.when(here).then(held.list.get(place, null_on_oob=True)).otherwise(name).alias(name)
        for place, name in enumerate(MODIFIERS)
    )
