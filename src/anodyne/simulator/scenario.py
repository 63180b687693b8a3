"""The scenario as records: the practice, its payers, courses of treatment, and how often things go wrong."""

import datetime as dt
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from anodyne.kernel.npi import DOUBLED, PREFIX_SUM
from anodyne.model.parties import Address

MEDICARE: Final = "medicare"
_LINE: Final = re.compile(r"(?P<code>\w{5})(?P<mods>(-\w+\??)*)( x(?P<units>\d+))?( @(?P<pointers>\d+))?")


@dataclass(frozen=True, slots=True)
class Site:
    """Where services are given."""

    key: str
    name: str
    npi: str
    pos: str
    address: Address


@dataclass(frozen=True, slots=True)
class Provider:
    """Who treats; the name is the user's."""

    key: str
    npi: str
    taxonomy: str
    user: str


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays first: how it is billed, what it allows, how long it takes."""

    key: str
    name: str
    id: str
    filing: str
    weight: int
    ages: tuple[int, int]
    rate: str
    """medicare, percent (of it) or allowed: amounts of a contract."""
    percent: int
    turn: tuple[int, int]
    pays_on: int
    """The weekday of its payments, Monday 0."""
    deductible_cents: int
    coinsurance_percent: int
    copay_cents: int
    sequestration: bool
    kx: bool
    g2211: bool
    bilateral: str
    replacements: bool
    authorised: frozenset[str]
    care: bool
    filing_days: int | None
    """From the service; None where the law says it: Medicare's year."""
    limits: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Supplement:
    """Who pays after Medicare."""

    name: str
    id: str
    filing: str
    turn: tuple[int, int]
    pays_on: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """One line of a step as the scenario writes it."""

    code: str
    modifiers: tuple[str, ...]
    units: int
    pointers: str


@dataclass(frozen=True, slots=True)
class Step:
    """One appointment of a course."""

    kind: str
    """visit, procedure, or visit_and: both."""
    gap: tuple[int, int]
    lines: tuple[Wanted, ...]
    auth: bool
    place: str


@dataclass(frozen=True, slots=True)
class Course:
    """How patients with one complaint are treated."""

    id: str
    weight: int
    dx: Mapping[str, tuple[str, ...]]
    steps: tuple[Step, ...]
    again: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """What the practice charges for one unit, and what payers allow where no fee schedule tells."""

    charge_cents: int
    price_cents: int | None


@dataclass(frozen=True, slots=True)
class Drug:
    """The package a drug is drawn from."""

    ndc: str
    unit: str
    each: float


@dataclass(frozen=True, slots=True)
class Task:
    """One kind of thing to do: whose it is, and within how many days."""

    user: str
    days: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything that is the same for each seed."""

    submitter: Mapping[str, str]
    receiver: Mapping[str, str]
    billing: Mapping[str, str]
    """Its NPI has its check digit."""
    sites: Mapping[str, Site]
    providers: Mapping[str, Provider]
    users: Mapping[str, Mapping[str, Any]]
    tasks: Mapping[str, Task]
    credentials: Sequence[Mapping[str, Any]]
    payers: Mapping[str, Payer]
    supplement: Supplement
    services: Mapping[str, Service]
    drugs: Mapping[str, Drug]
    courses: tuple[Course, ...]
    names: Mapping[str, Sequence[Any]]
    shares: Mapping[str, Mapping[str, float]]


def with_check_digit(stem: str) -> str:
    """Nine digits of an NPI made ten.

    >>> with_check_digit("123456789")
    '1234567893'
    """
    total = PREFIX_SUM + sum(int(d) for d in stem[1::2]) + sum(DOUBLED[int(d)] for d in stem[::2])
    return f"{stem}{-total % 10}"


@cache
def scenario() -> Scenario:
    """The scenario of the files in `data`."""
    practice, courses, names, shares = map(_toml, ("practice", "courses", "names", "shares"))
    return Scenario(
        submitter=practice["submitter"],
        receiver=practice["receiver"],
        billing={**practice["billing"], "npi": with_check_digit(practice["billing"]["npi"])},
        sites={key: _site(key, told) for key, told in practice["site"].items()},
        providers={
            key: Provider(key, with_check_digit(told["npi"]), told["taxonomy"], told["user"])
            for key, told in practice["provider"].items()
        },
        users=practice["user"],
        tasks={kind: Task(**told) for kind, told in practice["task"].items()},
        credentials=practice["credential"],
        payers={key: _payer(key, told) for key, told in practice["payer"].items()},
        supplement=Supplement(**{**practice["supplement"], "turn": _pair(practice["supplement"]["turn"])}),
        services={
            code: Service(_cents(told["charge"]), _cents(told["price"]) if "price" in told else None)
            for code, told in practice["service"].items()
        },
        drugs={code: Drug(**told) for code, told in practice["drug"].items()},
        courses=tuple(map(_course, courses["course"])),
        names=names,
        shares=shares,
    )


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((files("anodyne.simulator") / "data" / f"{name}.toml").read_text("utf-8"))


def _cents(dollars: float) -> int:
    return round(dollars * 100)


def _pair(two: Sequence[int]) -> tuple[int, int]:
    return two[0], two[1]


def _site(key: str, told: Mapping[str, str]) -> Site:
    address = Address(told["street"], told["city"], told["state"], told["zip"])
    return Site(key, told["name"], with_check_digit(told["npi"]), told["pos"], address)


def _payer(key: str, told: Mapping[str, Any]) -> Payer:
    made = {"ages": _pair(told["ages"]), "turn": _pair(told["turn"]), "limits": told.get("limits", {})}
    authorised = frozenset(told["authorised"])
    return Payer(**{"key": key, "filing_days": None, **told, **made, "authorised": authorised})


def _course(told: Mapping[str, Any]) -> Course:
    return Course(
        told["id"],
        told["weight"],
        {side: tuple(codes) for side, codes in told["dx"].items()},
        tuple(map(_step, told["steps"])),
        tuple(map(_step, told["again"])),
    )


def _step(told: Mapping[str, Any]) -> Step:
    lines = tuple(map(_wanted, told.get("lines", ())))
    return Step(told["kind"], _pair(told["gap"]), lines, told.get("auth", False), told.get("place", "office"))


def _wanted(text: str) -> Wanted:
    found = _LINE.fullmatch(text)
    if found is None:
        raise ValueError(f"cannot read the line {text!r}: write code-modifiers x units @ pointers")
    pointers = ":".join(found["pointers"] or "1")
    return Wanted(found["code"], tuple(found["mods"].split("-")[1:]), int(found["units"] or 1), pointers)


def workday(day: dt.date) -> dt.date:
    """`day`, or the Monday after it.

    >>> workday(dt.date(2026, 11, 21)), workday(dt.date(2026, 11, 20))
    (datetime.date(2026, 11, 23), datetime.date(2026, 11, 20))
    """
    return day + dt.timedelta(days=(0, 0, 0, 0, 0, 2, 1)[day.weekday()])


def after(day: dt.date, days: int) -> dt.date:
    """The first workday at least `days` after `day`."""
    return workday(day + dt.timedelta(days=days))


def weekday_from(day: dt.date, weekday: int) -> dt.date:
    """The first day from `day` on that is the `weekday`, Monday 0.

    >>> weekday_from(dt.date(2026, 11, 20), 2)
    datetime.date(2026, 11, 25)
    """
    return day + dt.timedelta(days=(weekday - day.weekday()) % 7)
