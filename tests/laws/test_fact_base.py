"""Every fact of the fact base has a rule, or a reason why it has none."""

import csv
import re
from pathlib import Path

import pytest

from anodyne.rules.discover import all_rules

ROOT = Path(__file__).parents[2]
FACTS = ROOT.parent / "shared" / "facts" / "rules.md"
SECTIONS = (*(str(number) for number in range(1, 11)), "13", "14")
FACT = re.compile(r"^\| ([A-Z]+-[A-Z]?\d+) \|", re.MULTILINE)
HEADING = re.compile(r"^## (\d+)\. ", re.MULTILINE)
NEEDS = {"note", "time entries", "remittance", "contract", "order", "device data", "enrolment", "person"}


def rows(name: str) -> list[dict[str, str]]:
    with (ROOT / "docs" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def facts() -> set[str]:
    parts = HEADING.split(FACTS.read_text("utf-8"))
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {fact for number in SECTIONS for fact in FACT.findall(sections[number])}


def stems() -> set[str]:
    return {re.sub("[a-z]$", "", rule.id) for rule in all_rules().values()}


@pytest.mark.skipif(not FACTS.exists(), reason=f"the fact base is not here: {FACTS}")
def test_every_fact_is_a_rule_or_says_why_not() -> None:
    told = {row["fact"] for name in ("not-rules.csv", "told-elsewhere.csv") for row in rows(name)}
    assert sorted(facts() - stems() - told) == []


@pytest.mark.skipif(not FACTS.exists(), reason=f"the fact base is not here: {FACTS}")
def test_no_reason_is_given_for_a_fact_that_is_none() -> None:
    base = FACTS.read_text("utf-8")
    assert [row["fact"] for row in rows("not-rules.csv") if row["fact"].split(" ")[0] not in base] == []


def test_what_is_no_rule_says_what_it_would_need() -> None:
    for row in rows("not-rules.csv"):
        assert row["reason"], row
        assert {need.strip() for need in row["needs"].split(";")} <= NEEDS, row


def test_what_is_told_elsewhere_is_told_by_a_rule() -> None:
    known = {rule.id for rule in all_rules().values()}
    for row in rows("told-elsewhere.csv"):
        assert set(row["rules"].split()) <= known, row
