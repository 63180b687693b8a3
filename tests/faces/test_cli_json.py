"""JSON as programs rely on it: shape, order of keys, and what each key holds."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from anodyne.app.catalogue import catalogue
from anodyne.cli import as_json
from anodyne.cli.main import main
from anodyne.model.outcome import Outcome
from tests.claims import Claim, Line, file_of
from tests.faces import small_day
from tests.faces.small_day import AS_OF, PRIVATE, SELECT


def told(folder: Path, *arguments: str, content: bytes) -> tuple[str, dict[str, Any]]:
    day, report = folder / "day.837", folder / "report.json"
    day.write_bytes(content)
    assert main(["check", str(day), "--format", "json", "--output", str(report), *AS_OF, *arguments]) < 2
    text = report.read_text(encoding="utf-8")
    parsed: dict[str, Any] = json.loads(text)
    return text, parsed


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return told(tmp_path_factory.mktemp("json"), *SELECT, content=small_day.several())[1]


def test_the_top_holds_the_contract_in_its_order(report: dict[str, Any]) -> None:
    assert list(report) == ["schema", "as_of", "files", "findings", "summary"]
    assert report["schema"] == "anodyne.check/1"
    assert report["as_of"] == "2026-11-21"


def test_a_file_has_its_checksum_and_counts(report: dict[str, Any]) -> None:
    (file,) = report["files"]
    assert list(file) == ["path", "sha256", "claims", "lines"]
    assert (len(file["sha256"]), file["claims"], file["lines"]) == (64, 6, 10)


def test_a_finding_has_the_keys_of_the_contract_in_their_order(report: dict[str, Any]) -> None:
    keys = "rule outcome file claim line segment byte codes message needs fix at_risk_cents cites".split()  # noqa: SIM905  as the contract has it
    assert report["findings"]
    for finding in report["findings"]:
        assert list(finding) == keys
        assert finding["cites"]
        for cite in finding["cites"]:
            assert list(cite) == ["source", "section", "url", "read", "confidence"]
            assert cite["confidence"] in {"verified", "known"}


def test_a_finding_holds_plain_values(report: dict[str, Any]) -> None:
    dropped = next(f for f in report["findings"] if f["rule"] == "INJ-01")
    assert {
        key: dropped[key] for key in ("outcome", "claim", "line", "codes", "needs", "fix", "at_risk_cents")
    } == {
        "outcome": "deny",
        "claim": "A100",
        "line": 2,
        "codes": ["20553", "20552"],
        "needs": [],
        "fix": {"drop": True},
        "at_risk_cents": 140_00,
    }
    assert isinstance(dropped["segment"], int)
    assert isinstance(dropped["byte"], int)


def test_a_fix_that_sets_values_is_an_object(report: dict[str, Any]) -> None:
    fixes = [f["fix"] for f in report["findings"] if f["rule"] == "INJ-01a"]
    assert fixes == [{"set": {"units": 1, "charge_cents": 175_00}}]


def test_a_finding_of_the_file_names_no_claim_and_one_of_a_claim_no_line(report: dict[str, Any]) -> None:
    of_file = [f for f in report["findings"] if f["rule"] == "X12-COUNT"]
    assert [(f["claim"], f["line"]) for f in of_file] == [(None, None)]
    of_claim = [f for f in report["findings"] if f["rule"] == "X12-BALANCE"]
    assert [(f["claim"], f["line"]) for f in of_claim] == [("A103", None)]


def test_a_question_names_what_is_missing(report: dict[str, Any]) -> None:
    asks = [f for f in report["findings"] if f["outcome"] == "ask"]
    assert asks
    assert all(f["needs"] for f in asks)


def test_the_cites_are_those_of_the_rule(report: dict[str, Any]) -> None:
    for finding in report["findings"]:
        (version,) = catalogue()[finding["rule"]]
        sections = [cite.section for cite in version.cites]
        told_sections = [cite["section"].partition("; by the edition of")[0] for cite in finding["cites"]]
        assert told_sections == sections


def test_the_summary_begins_with_the_contract_and_adds_up(report: dict[str, Any]) -> None:
    summary = report["summary"]
    assert list(summary)[:4] == ["claims", "clean", "at_risk_cents", "by_outcome"]
    assert summary["claims"] == summary["clean"] + sum(summary["claims_by_outcome"].values())
    assert sum(summary["by_outcome"].values()) == len(report["findings"])
    assert set(summary["by_outcome"]) <= set(Outcome)
    assert all(summary["by_outcome"].values())


def test_nothing_found_is_an_empty_list(tmp_path: Path) -> None:
    _, report = told(tmp_path, content=small_day.clean())
    assert report["findings"] == []
    assert report["summary"]["by_outcome"] == {}


def test_no_patient_is_named(tmp_path: Path) -> None:
    text, _ = told(tmp_path, content=small_day.several())
    assert not [private for private in PRIVATE if private in text]


def test_a_report_is_the_same_each_time_and_however_it_is_sliced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, _ = told(tmp_path, content=small_day.several())
    monkeypatch.setattr(as_json, "SLICE", 1)
    assert told(tmp_path, content=small_day.several())[0] == whole


def test_each_finding_is_a_row(tmp_path: Path) -> None:
    text, report = told(tmp_path, *SELECT, content=small_day.several())
    rows = [row.removesuffix(",") for row in text.splitlines() if row.startswith('{"rule":')]
    assert [json.loads(row) for row in rows] == report["findings"]


def test_a_finding_by_an_edition_that_is_overdue_names_it(tmp_path: Path) -> None:
    day = tmp_path / "day.837"
    day.write_bytes(file_of(Claim([Line("64451", ("RT",)), Line("64493", ("RT", "KX"))])))
    sections = []
    for as_of in ("2024-09-30", "2024-10-01"):
        out = tmp_path / f"{as_of}.json"
        main(["check", str(day), "--format=json", f"--output={out}", f"--as-of={as_of}", "--select=NCCI-01"])
        (finding,) = json.loads(out.read_text())["findings"]
        sections.append(finding["cites"][0]["section"])
    assert "newest loaded" not in sections[0]
    assert sections[1] == f"{sections[0]}; by the edition of 2024-07-01, the newest loaded"


@pytest.mark.parametrize(
    ("day", "section"),
    [
        (dt.date(2024, 7, 6), "third level"),
        (dt.date(2024, 7, 7), "third level, revision in force from 2024-07-07"),
    ],
    ids=["before the revision", "since the revision"],
)
@pytest.mark.parametrize("form", ["json", "text"])
def test_a_finding_cites_what_its_contractor_said_on_its_day(
    tmp_path: Path, form: str, day: dt.date, section: str
) -> None:
    path, out = tmp_path / "day.837", tmp_path / "report"
    path.write_bytes(file_of(Claim([Line("64495", ("RT",))], on=day)))
    main(
        [
            "check",
            str(path),
            f"--format={form}",
            f"--output={out}",
            "--select=LCD-F7",
            "--ignore=LCD-F7a",
            *AS_OF,
        ]
    )
    text = out.read_text(encoding="utf-8")
    if form == "json":
        (finding,) = json.loads(text)["findings"]
        assert not {"rule_key", "ruling"} & finding.keys()
        assert finding["cites"][0]["source"].startswith("LCD L38773 of CGS")
        assert finding["cites"][0]["section"] == section
    else:
        assert f"by       LCD L38773 of CGS: {section}\n" in text
