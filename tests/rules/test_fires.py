"""Every rule fires: on the example day, or on the tiny claim that `fires.txt` gives for it."""

import datetime as dt
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from anodyne.app.check import check
from anodyne.reference.policies import VALUES
from anodyne.rules.discover import claim_rules
from tests.claims import AS_OF, DAY, PAIN_PHYSICIAN, Claim, Line, npi, policies_of, reference, told

EXAMPLES = Path(__file__).parents[2] / "examples"
LINE = re.compile(r"(?P<code>\w+)(?P<mods>(?:-\w+)*)(?:=(?P<ndc>\d+))?(?: x(?P<units>\d+))?")
EARLIER = re.compile(r"(?P<day>[\d-]{10}) (?P<line>[^\s#]+)(?:#(?P<dx>\w+))?(?: @(?P<practice>\d))?")
ROWS = [row for row in Path(__file__).with_name("fires.txt").read_text("utf-8").splitlines() if row[0] != "#"]

LOADED = {"CODE-04", "LCD-DX"}
"""Rules that need a table which a practice loads; the tests of their tables make them fire."""


def line_of(text: str) -> Line:
    found = LINE.fullmatch(text)
    assert found, text
    mods = [mod for mod in found["mods"].split("-") if mod]
    return Line(found["code"], mods, units=float(found["units"] or 1), ndc=found["ndc"] or "")


def claim_of(text: str) -> Claim:
    text, _, fields = text.partition(" & ")
    text, _, extra = text.partition(" + ")
    text, _, state = text.partition(" ! ")
    text, _, rendering = text.partition(" ^ ")
    text, _, taxonomy = text.partition(" % ")
    text, _, dx = text.partition(" # ")
    day = re.match(r"\d{4}-\d\d-\d\d ", text)
    named = dx.split() or ["M5416"]
    pointers = ":".join(str(place) for place in range(1, len(named) + 1))
    return Claim(
        [replace(line_of(line), dx=pointers) for line in text[day.end() if day else 0 :].split(", ")],
        on=dt.date.fromisoformat(day[0].strip()) if day else DAY,
        dx=named,
        billing_taxonomy=taxonomy or PAIN_PHYSICIAN,
        taxonomy=rendering or PAIN_PHYSICIAN,
        state=state or "OH",
        extra=[extra] if extra else [],
        **dict(field.split("=") for field in fields.split()),  # type: ignore[arg-type]
    )


def said(name: str, text: str) -> bool | int | str | tuple[str, ...]:
    """The value `name` of a policy: true or false, a whole number, a text, or codes."""
    kind = VALUES[name].kind
    return text == "true" if kind is bool else tuple(text.split("/")) if kind is tuple else kind(text)


def earlier(text: str, number: int) -> Claim:
    found = EARLIER.fullmatch(text)
    assert found, text
    practice = int(found["practice"] or 1)
    return Claim(
        [line_of(found["line"])],
        on=dt.date.fromisoformat(found["day"]),
        dx=(found["dx"] or "M5416",),
        id=f"H{number}",
        billing=41 if practice == 1 else 40 + 2 * practice,
        rendering=npi(52 if practice == 1 else 60 + practice),
    )


@cache
def on_the_example_day() -> frozenset[str]:
    day, history = str(EXAMPLES / "day.837"), str(EXAMPLES / "history.837")
    with check([day], history=[history], as_of=AS_OF, reference=reference()) as report:
        return frozenset(rule for chunk in report.chunks() for rule in chunk.findings["rule"])


@pytest.mark.parametrize("row", ROWS)
def test_a_tiny_claim_gives_its_rule(row: str) -> None:
    rule, _, text = row.partition(": ")
    text, _, policy = text.partition(" ~ ")
    now, _, before = text.partition(" < ")
    history = [earlier(part, number) for number, part in enumerate(before.split(", ") if before else [])]
    claim = claim_of(now)
    values = {name: said(name, value) for name, value in (value.split("=") for value in policy.split())}
    policies = policies_of(claim.payer, **values) if values else None
    assert rule in {found for found, _, _ in told(claim, history=history, policies=policies)}


def test_every_rule_fires_on_the_example_day_or_on_its_tiny_claim() -> None:
    tiny = {row.partition(":")[0] for row in ROWS}
    every = {rule.id for rule in claim_rules().values()}
    assert every - tiny - on_the_example_day() - LOADED == set()
    assert tiny <= every
