"""Months of made-up remittances, priced here by themselves: clean, or with what payers hold back."""

import datetime as dt
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from tests.denials.paid import Claim, Line
from tests.reference.test_fees import KNOWN

HALF, BOTH, CENT = Decimal("0.5"), Decimal("1.5"), Decimal(1)
RANKED: Final = ("64493", "64483", "20611", "20610", "20553", "62323", "64405", "27096")
"""Codes that are reduced as further procedures of a day."""
ONE_SIDED: Final = ("64493", "64483", "64405", "27096")
VISITS: Final = ("99213", "99214", "99204")
LOWER: Final = {"99214": "99213", "20611": "20610", "20553": "20552", "99204": "99214"}
BEGIN: Final = dt.date(2025, 1, 1)


@dataclass(frozen=True)
class Payer:
    """Who pays, and at which share of Medicare's national price its contract is made."""

    id: str
    name: str
    filing: str
    share: Decimal = Decimal(1)
    reduces: bool = True

    def unit(self, code: str, pos: str) -> int:
        return cents(KNOWN[code][1][pos != "11" and self.filing == "MB"] * self.share)


MEDICARE: Final = Payer("05302", "MEDICARE OF OHIO", "MB")
CEDAR: Final = Payer("60054", "CEDAR MUTUAL", "CI", Decimal("1.17"))
ALDER: Final = Payer("71412", "ALDER HEALTH", "HM", Decimal("0.93"), reduces=False)
PAYERS: Final = (MEDICARE, CEDAR, ALDER)


def cents(amount: Decimal | int) -> int:
    return int(Decimal(amount).quantize(CENT, ROUND_HALF_UP))


def rates() -> Sequence[tuple[str, str | int, Mapping[str, object]]]:
    """The rates of both contracts."""
    return [(code, payer.unit(code, "11"), {"payer": payer.id}) for payer in (CEDAR, ALDER) for code in KNOWN]


@dataclass(frozen=True)
class Service:
    """What was done, before it is priced."""

    code: str
    mods: str = ""
    units: int = 1


def services(chance: random.Random) -> list[Service]:
    found = [Service(chance.choice(VISITS), "25")] if chance.random() < 0.7 else []
    for code in chance.sample(RANKED, chance.choice((0, 1, 1, 2, 3))):
        sides = chance.choice(("", "50", "RT", "pair")) if code in ONE_SIDED else ""
        found += [Service(code, "RT"), Service(code, "LT")] if sides == "pair" else [Service(code, sides)]
        if code == "64483" and chance.random() < 0.4:
            found.append(Service("64484", "50" if sides == "50" else ""))
    if chance.random() < 0.1:
        found.append(Service("G3003", units=chance.choice((1, 2, 3))))
    return found or [Service("99213")]


def priced(payer: Payer, done: Sequence[Service], pos: str) -> list[int]:
    """What the payer allows for each: both sides at 150 %, further procedures at half where it reduces."""
    units = [payer.unit(one.code, pos) for one in done]
    alone = [cents(unit * BOTH) if one.mods == "50" else unit for unit, one in zip(units, done, strict=True)]
    if not payer.reduces:
        return [price * one.units for price, one in zip(alone, done, strict=True)]
    worth: dict[str, int] = {}
    for price, one in zip(alone, done, strict=True):
        if one.code in RANKED:
            worth[one.code] = max(price, worth.get(one.code, 0))
    pairs = {one.code for one in done if one.mods == "LT"}
    order = sorted(worth, key=lambda code: -worth[code] * (3 if code in pairs else 2))
    allowed = []
    for price, one in zip(alone, done, strict=True):
        factor = Decimal(1)
        if one.code in RANKED:
            factor = (HALF if order.index(one.code) else Decimal(1)) * (HALF if one.mods == "LT" else 1)
        allowed.append(cents(price * one.units * factor))
    return allowed


def line(chance: random.Random, payer: Payer, one: Service, allowed: int, day: dt.date) -> Line:
    charge = 2 * KNOWN[one.code][1][0] * one.units * (2 if one.mods == "50" else 1) + 10_000
    share = {}
    if chance.random() < 0.8:
        share["2"] = cents(allowed * Decimal("0.2"))
    elif chance.random() < 0.5:
        share["1"] = allowed
    kept = cents((allowed - sum(share.values())) * Decimal("0.02")) if payer is MEDICARE else 0
    return Line(
        one.code,
        allowed,
        one.mods,
        charge,
        float(one.units),
        share,
        kept,
        day=day,
        b6=allowed if chance.random() < 0.5 else None,
    )


def month(seed: int, claims: int) -> list[Claim]:
    """Claims as payers should pay them; some lines are denied, some claims belong to a second payer."""
    chance = random.Random(seed)  # noqa: S311 - made-up claims, not secrets
    made = []
    for _ in range(claims):
        payer, pos = chance.choice(PAYERS), chance.choice(("11", "11", "11", "22"))
        day = BEGIN + dt.timedelta(days=chance.randrange(360))
        done = services(chance)
        lines = [
            line(chance, payer, one, allowed, day)
            for one, allowed in zip(done, priced(payer, done, pos), strict=True)
        ]
        if chance.random() < 0.05:
            lines[-1] = denied(chance, lines[-1]) if len(lines) == 1 else lines[-1]
        status = "2" if chance.random() < 0.03 else "1"
        made.append(
            Claim(lines, status, payer.filing, pos, payer.id, payer.name, paid_on=day + dt.timedelta(days=14))
        )
    return made


def denied(chance: random.Random, one: Line) -> Line:
    reason = chance.choice(("CO-50", "PR-96", "CO-197", "CO-97", "OA-18", "CO-150"))
    return replace(one, allowed=0, share={}, sequestered=0, b6=None, reasons={reason: one.charge or 0})


Trick = Callable[[random.Random, Payer, Line, str], Line | None]


def cut(one: Line, allowed: int) -> Line:
    """`one` allowed less, without a word."""
    return replace(one, allowed=allowed, share={}, sequestered=0, b6=None)


def lower_price(_: random.Random, payer: Payer, one: Line, pos: str) -> Line | None:
    code = LOWER.get(one.code)
    return cut(one, payer.unit(code, pos)) if code else None


def one_side(_: random.Random, payer: Payer, one: Line, pos: str) -> Line | None:
    return cut(one, payer.unit(one.code, pos)) if one.mods == "50" else None


def restated(_: random.Random, payer: Payer, one: Line, pos: str) -> Line | None:
    code = LOWER.get(one.code)
    was = "-".join(filter(None, (one.code, one.mods)))
    return replace(cut(one, payer.unit(code, pos)), code=code, was=was) if code else None


def fewer_units(_: random.Random, payer: Payer, one: Line, pos: str) -> Line | None:
    if one.units == 1:
        return None
    return replace(cut(one, payer.unit(one.code, pos)), units=1.0, was_units=one.units)


def below(chance: random.Random, _: Payer, one: Line, __: str) -> Line:
    return cut(one, cents(one.allowed * Decimal(chance.choice(("0.95", "0.9", "0.77")))))


def explicit(chance: random.Random, _: Payer, one: Line, __: str) -> Line:
    less = cents(one.allowed * Decimal("0.7"))
    if chance.random() < 0.5:
        return replace(cut(one, less), remarks=(chance.choice(("M25", "N657", "N10")),))
    reason = chance.choice(("CO-150", "CO-186", "CO-152", "CO-59", "CO-B22"))
    return replace(cut(one, less), reasons={reason: one.allowed - less})


TRICKS: Final[Mapping[str, tuple[Trick, str]]] = {
    "lower price": (lower_price, "priced_down"),
    "one side": (one_side, "priced_down"),
    "restated": (restated, "restated"),
    "fewer units": (fewer_units, "units"),
    "below": (below, "below"),
    "explicit": (explicit, "explicit"),
}


def planted(seed: int, claims: int) -> tuple[list[Claim], dict[tuple[int, int], tuple[str, str]]]:
    """A month in which one claim of six is paid too little, and by claim and line which trick and kind.

    Only claims whose lines are not ranked among each other are touched, so that one trick is one finding.
    """
    chance = random.Random(seed + 1)  # noqa: S311 - made-up claims, not secrets
    made = month(seed, claims)
    told = {}
    for place, claim in enumerate(made):
        ranked = sum(one.code in RANKED for one in claim.lines)
        whole = all(one.allowed for one in claim.lines)
        if chance.random() > 1 / 6 or claim.status != "1" or ranked > 1 or not whole:
            continue
        payer = next(payer for payer in PAYERS if payer.id == claim.payer_id)
        number = chance.randrange(len(claim.lines))
        for name in chance.sample(sorted(TRICKS), len(TRICKS)):
            trick, kind = TRICKS[name]
            changed = trick(chance, payer, claim.lines[number], claim.pos or "")
            if changed is not None:
                lines = [changed if n == number else one for n, one in enumerate(claim.lines)]
                made[place] = replace(claim, lines=lines)
                told[place, number + 1] = name, kind
                break
    return made, told
