"""The list of rules and the page of one."""

import dataclasses
import datetime as dt
import re

import pytest

from anodyne.app import words
from anodyne.app.catalogue import catalogue, entries
from anodyne.cli import explain
from anodyne.cli.main import main
from anodyne.cli.page import Page
from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome

Captured = pytest.CaptureFixture[bytes]
OLD, CHANGED = dt.date(2021, 7, 1), dt.date(2024, 8, 11)


def told(capfdbinary: Captured, *arguments: str) -> str:
    assert main(["rule", *arguments]) == 0
    captured = capfdbinary.readouterr()
    assert not captured.err
    return captured.out.decode()


def test_the_list_has_every_rule_once_with_outcome_and_title(capfdbinary: Captured) -> None:
    text = told(capfdbinary)
    for known, *_ in catalogue().values():
        rows = [
            row for row in text.splitlines() if row.split(maxsplit=2)[:2] == [known.id, known.outcome.value]
        ]
        assert len(rows) == 1
    assert f"{len(catalogue())} rules." in text
    assert max(len(row) for row in text.splitlines()) <= 100


def test_families_stand_apart(capfdbinary: Captured) -> None:
    *blocks, _ = told(capfdbinary).split("\n\n")
    families = [
        {row.split("-")[0] for row in block.splitlines() if not row.startswith(" ")} for block in blocks
    ]
    assert all(len(family) == 1 for family in families)
    assert len({min(family) for family in families}) == len(families)


def test_a_rule_is_explained_with_authority_dates_and_cases(capfdbinary: Captured) -> None:
    (known,) = catalogue()["INJ-01"]
    text = told(capfdbinary, "inj-01")
    flat = " ".join(text.split())
    assert text.startswith("INJ-01   deny\n")
    assert known.title in flat
    assert known.statement in flat
    assert "it will not be paid" in flat
    assert "for services from 1 Jan 2023" in flat
    for cite in known.cites:
        assert f"{cite.source}: {cite.section}" in flat
        assert f"read {words.day(cite.read)}" in flat
    wide = explain.one([known], Page(400)).decode()
    for case in known.cases():
        assert re.search(rf"{re.escape(case.name)} +{words.EXPECTS[case.expect]}", wide)
        assert (case.says or "") in wide


def test_a_structural_edit_is_explained_without_dates_or_cases(capfdbinary: Captured) -> None:
    text = told(capfdbinary, "X12-NPI")
    assert text.startswith("X12-NPI   reject\n")
    assert "in force" not in text
    assert "Cases" not in text


def test_a_rule_that_changed_is_explained_version_by_version_with_the_last_day_of_each() -> None:
    (newest,) = catalogue()["LCD-F7"]
    older = dataclasses.replace(newest, statement="As it was.", in_force=Span(OLD, CHANGED))
    newer = dataclasses.replace(newest, in_force=Span(CHANGED))
    first, second = explain.one([newer, older], Page()).decode().split("\n\nLCD-F7   deny\n")
    assert first.startswith("LCD-F7   deny\n")
    assert "in force    for services from 11 Aug 2024\n" in first
    assert "in force    for services from 1 Jul 2021 to 10 Aug 2024\n" in second
    assert "As it was." in second
    assert "As it was." not in first


@pytest.mark.parametrize("width", [60, 100, 120])
def test_every_page_fits_its_width(width: int) -> None:
    for versions in catalogue().values():
        rows = explain.one(versions, Page(width)).decode().splitlines()
        assert max(len(row) for row in rows) <= width


def test_everything_that_a_rule_may_say_of_itself_has_its_words() -> None:
    for known in entries().values():
        assert known.view in words.SUBJECTS
        assert known.payers in words.PAYERS
        assert {cite.confidence for cite in known.cites} <= set(words.CONFIDENCE)
        assert {case.expect for case in known.cases()} <= set(words.EXPECTS)
    assert set(words.PREDICTS) == set(Outcome)
