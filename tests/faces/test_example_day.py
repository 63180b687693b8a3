"""The example day: what is wrong in it is found, each fault once, and the clean claims are left alone."""

import json
import runpy
import sys
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from anodyne.cli.main import main

EXAMPLES = Path(__file__).parents[2] / "examples"
EXPECTED = tomllib.loads((EXAMPLES / "expected.toml").read_text(encoding="utf-8"))
PLANTED = defaultdict(set)
for _finding in EXPECTED["finding"]:
    PLANTED[_finding["claim"]].add((_finding["rule"], _finding["outcome"], _finding.get("line")))

Told = set[tuple[str, str, int | None]]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    out = tmp_path_factory.mktemp("day") / "report.json"
    arguments = ["check", str(EXAMPLES / "day.837"), "--history", str(EXAMPLES / "history.837")]
    status = main([*arguments, "--as-of", "2026-11-21", "--format", "json", "--output", str(out)])
    assert status == 1
    told: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return told


@pytest.fixture(scope="module")
def told(report: dict[str, Any]) -> dict[str, Told]:
    by_claim = defaultdict(set)
    for finding in report["findings"]:
        by_claim[finding["claim"]].add((finding["rule"], finding["outcome"], finding["line"]))
    return by_claim


@pytest.mark.parametrize("claim", PLANTED)
def test_a_planted_mistake_is_found_and_nothing_else(claim: str, told: dict[str, Told]) -> None:
    assert told[claim] == PLANTED[claim]


@pytest.mark.parametrize("claim", EXPECTED["clean"])
def test_a_clean_claim_is_left_alone(claim: str, told: dict[str, Told]) -> None:
    assert told[claim] == set()


def test_every_claim_of_the_day_is_one_or_the_other(report: dict[str, Any]) -> None:
    assert not PLANTED.keys() & set(EXPECTED["clean"])
    assert report["summary"]["claims"] == len(PLANTED) + len(EXPECTED["clean"])
    assert report["summary"]["clean"] == len(EXPECTED["clean"])


def test_nothing_is_wrong_in_the_history(tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    arguments = ["check", str(EXAMPLES / "history.837"), "--as-of", "2026-11-13", "--format", "json"]
    assert main([*arguments, "--output", str(out)]) == 0
    assert json.loads(out.read_text(encoding="utf-8"))["findings"] == []


def test_no_finding_names_a_person(report: dict[str, Any]) -> None:
    practice = tomllib.loads((EXAMPLES / "practice.toml").read_text(encoding="utf-8"))
    said = json.dumps(report).upper()
    assert not [last for _, last, *_ in practice["patient"].values() if last in said]


def test_the_files_are_those_the_scenario_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    script = EXAMPLES / "make_day.py"
    monkeypatch.setattr(sys, "argv", [str(script), "--check"])
    with pytest.raises(SystemExit, match=r"^0$"):
        runpy.run_path(str(script), run_name="__main__")
