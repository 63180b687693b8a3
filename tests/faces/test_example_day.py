"""The example day: what is wrong in it is found, each fault once, and the clean claims are left alone."""

import datetime as dt
import json
import re
import runpy
import sys
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from anodyne.app import words
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


def private() -> set[str]:
    """Every name, member id and birth date of a patient or subscriber in the example, as in its files."""
    found: set[str] = set()
    for name in ("day.837", "history.837"):
        for segment in (EXAMPLES / name).read_text(encoding="utf-8").split("~"):
            match segment.strip().split("*"):
                case ["NM1", "IL" | "QC", _, last, first, _, _, _, "MI", member, *_]:
                    found |= {last, first, member}
                case ["NM1", "IL" | "QC", _, last, first, *_]:
                    found |= {last, first}
                case ["DMG", "D8", born, *_]:
                    day = dt.date.fromisoformat(born)
                    found |= {born, day.isoformat(), words.day(day).upper()}
    return found - {""}


def named(text: str) -> list[str]:
    """What of `private` stands in `text` as a word of its own."""
    return sorted(private() & set(re.findall(r"\d+ [A-Z]{3} \d{4}|[\w-]+", text.upper())))


def test_what_is_private_is_all_that_the_scenario_says_of_people() -> None:
    practice = tomllib.loads((EXAMPLES / "practice.toml").read_text(encoding="utf-8"))
    people = practice["patient"].values()
    billed = [person for person in people if person[1] in private()]
    assert len(billed) > len(people) // 2
    for _, last, first, _, born, *_ in billed:
        assert {last, first, f"{born:%Y%m%d}", born.isoformat()} <= private()
    assert named("Adela; born 19480211 or 1948-02-11, 11 Feb 1948") == [
        "11 FEB 1948",
        "1948-02-11",
        "19480211",
        "ADELA",
    ]


def test_no_report_names_a_person(tmp_path: Path, report: dict[str, Any]) -> None:
    assert named(json.dumps(report)) == []
    out = tmp_path / "report.txt"
    arguments = ["check", str(EXAMPLES / "day.837"), "--history", str(EXAMPLES / "history.837")]
    assert main([*arguments, "--as-of", "2026-11-21", "--output", str(out)]) == 1
    assert named(out.read_text(encoding="utf-8")) == []


def test_the_files_are_those_the_scenario_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    script = EXAMPLES / "make_day.py"
    monkeypatch.setattr(sys, "argv", [str(script), "--check"])
    with pytest.raises(SystemExit, match=r"^0$"):
        runpy.run_path(str(script), run_name="__main__")
