"""`--policies` and the practice's own folder: the examples with and without, for people and for programs."""

import json
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from anodyne.cli.main import main

EXAMPLES = Path(__file__).parents[2] / "examples"
PAYERS = tomllib.loads((EXAMPLES / "payers.toml").read_text(encoding="utf-8"))
POLICIES = EXAMPLES / "policies"

Told = set[tuple[str, str, int | None]]


def expected(claim: dict[str, Any], *, read: bool) -> Told:
    """What a check finds on a claim of payers.toml, with the policies `read` or without."""
    found = claim.get("wrong", []) if read else claim.get("unread", claim.get("wrong", []))
    return {(one["rule"], one["outcome"], one.get("line")) for one in found}


def checked(folder: Path, *arguments: str) -> dict[str, Any]:
    """The report of the examples' payers as JSON."""
    out = folder / "report.json"
    files = [str(EXAMPLES / "payers.837"), "--history", str(EXAMPLES / "history.837")]
    status = main(
        ["check", *files, "--as-of", "2026-11-21", "--format", "json", "--output", str(out), *arguments]
    )
    assert status < 2
    told: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return told


def by_claim(report: dict[str, Any]) -> dict[str, Told]:
    """The findings of each claim in short."""
    told = defaultdict(set)
    for finding in report["findings"]:
        told[finding["claim"]].add((finding["rule"], finding["outcome"], finding["line"]))
    return told


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANODYNE_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize("read", [True, False], ids=["with the policies", "without"])
def test_the_examples_bring_what_they_say(tmp_path: Path, *, read: bool) -> None:
    told = by_claim(checked(tmp_path, *(("--policies", str(POLICIES)) if read else ())))
    assert {key: told.get(key, set()) for key in PAYERS} == {
        key: expected(claim, read=read) for key, claim in PAYERS.items()
    }


def test_a_file_a_folder_and_the_practices_own_folder_say_the_same(tmp_path: Path) -> None:
    files = [f"--policies={file}" for file in sorted(POLICIES.glob("*.toml"))]
    own = tmp_path / "home" / "policies"
    by_files = checked(tmp_path, *files)
    own.mkdir(parents=True)
    for file in POLICIES.glob("*.toml"):
        (own / file.name).write_bytes(file.read_bytes())
    assert by_claim(checked(tmp_path)) == by_claim(by_files)


def test_a_finding_cites_what_its_payer_says_before_what_the_rule_rests_on(tmp_path: Path) -> None:
    findings = checked(tmp_path, "--policies", str(POLICIES))["findings"]
    (sessions,) = [one for one in findings if one["rule"] == "LCD-E2"]
    assert sessions["cites"][0] == {
        "source": "Copperleaf provider manual 2026",
        "section": "9.3: epidural injections",
        "url": "",
        "read": "2026-01-12",
        "confidence": "known",
    }
    assert len(sessions["cites"]) > 1
    (listed,) = [one for one in findings if one["rule"] == "PA-10"]
    assert listed["cites"][0]["source"] == "Buckthorn provider handbook 2026"
    assert listed["cites"][0]["url"] == "https://example.org/buckthorn/handbook-2026"


def test_a_person_reads_whose_policy_was_used_and_where_it_says_so(tmp_path: Path) -> None:
    out = tmp_path / "report.txt"
    files = [str(EXAMPLES / "payers.837"), "--policies", str(POLICIES), "--as-of", "2026-11-21"]
    assert main(["check", *files, "--output", str(out)]) == 1
    text = out.read_text(encoding="utf-8")
    assert "COPPERLEAF HEALTH PPO (Copperleaf PPO contract)" in text
    assert "by       Copperleaf provider manual 2026: 4.5: bilateral procedures" in text
    assert "no policy loaded" not in text
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('id = "x"\n', "ANO-201 it lacks match, title, value"),
        ("id = [\n", "ANO-201 not a policy file"),
    ],
)
def test_a_wrong_policy_is_one_line_and_nothing_is_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, says: str
) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(text, encoding="utf-8")
    assert main(["check", str(EXAMPLES / "payers.837"), "--policies", str(wrong)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"anodyne: {says}")
    assert str(wrong) in told.err
    assert told.err.count("\n") == 1


def test_a_policy_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(EXAMPLES / "payers.837"), "--policies", str(tmp_path / "none.toml")]) == 2
    assert "ANO-101 there is no such policy file" in capsys.readouterr().err


def test_the_report_does_not_overwrite_a_policy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy = tmp_path / "copperleaf.toml"
    policy.write_bytes((POLICIES / "copperleaf.toml").read_bytes())
    arguments = ["check", str(EXAMPLES / "payers.837"), "--policies", str(policy), "--output", str(policy)]
    assert main(arguments) == 2
    assert "overwrite" in capsys.readouterr().err
    assert policy.read_bytes() == (POLICIES / "copperleaf.toml").read_bytes()
