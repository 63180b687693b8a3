"""The worklist for a biller, as a spreadsheet reads it."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anodyne.cli import as_xlsx
from anodyne.cli.main import main
from tests.claims import Claim, Line, file_of

ROOT = Path(__file__).parents[2]
DAY = ["check", "examples/day.837", "--history", "examples/history.837", "--as-of", "2026-11-21"]


def sheet(path: Path, name: str) -> pl.DataFrame:
    return pl.read_excel(path, sheet_name=name, infer_schema_length=None)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "day.xlsx"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        assert main([*DAY, "--format", "xlsx", "--output", str(path)]) == 1
    return path


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("told") / "day.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        main([*DAY, "--format", "json", "--output", str(path)])
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def test_each_finding_is_a_row_with_room_to_work_it(book: Path, told: dict[str, Any]) -> None:
    rows = sheet(book, "Worklist")
    assert sorted(rows.select("Account (CLM01)", "Rule", "What is wrong").rows()) == sorted(
        (f["claim"], f["rule"], f["message"]) for f in told["findings"]
    )
    assert set(rows["Status"]) == {"open"}
    assert rows.columns[:4] == ["Status", "Owner", "Due", "Note"]


def test_money_days_and_numbers_are_such_and_not_text(book: Path, told: dict[str, Any]) -> None:
    rows = sheet(book, "Worklist")
    assert round(float(rows["At risk"].sum()) * 100) == sum(f["at_risk_cents"] for f in told["findings"])
    assert isinstance(rows["Service date"].drop_nulls()[0], dt.date)
    assert rows["Line"].dtype == pl.Int64


def test_the_worst_comes_first(book: Path) -> None:
    ranks = sheet(book, "Worklist")["Outcome"].replace_strict({"reject": 0, "deny": 1, "audit": 2, "ask": 3})
    assert ranks.is_sorted()


def test_the_totals_are_those_of_the_check(book: Path, told: dict[str, Any]) -> None:
    for name in ("By payer", "By provider", "By month"):
        totals = sheet(book, name)
        assert round(float(totals["At risk"].sum()) * 100) == told["summary"]["at_risk_cents"]
        assert round(float(totals["Could be taken back"].sum()) * 100) == told["summary"]["audit_cents"]
        assert totals["Claims"].sum() == told["summary"]["claims"]
    assert sheet(book, "By rule")["Findings"].sum() == len(told["findings"])


def test_every_rule_named_is_explained(book: Path) -> None:
    rules = sheet(book, "Rules")
    assert set(sheet(book, "Worklist")["Rule"]) == set(rules["Rule"])
    assert set(rules["Confidence"]) <= {"verified", "known"}


def test_text_of_a_file_is_never_a_formula(tmp_path: Path) -> None:
    bad = tmp_path / "bad.837"
    bad.write_bytes(file_of(Claim([Line("62323"), Line("77003")], id="=1+2")))
    out = tmp_path / "bad.xlsx"
    assert main(["check", str(bad), "--format", "xlsx", "--output", str(out)]) == 1
    assert sheet(out, "Worklist")["Account (CLM01)"].to_list() == ["=1+2"]


def test_what_a_sheet_cannot_hold_goes_to_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(as_xlsx, "ROWS_OF_A_SHEET", 2)
    many = tmp_path / "many.837"
    many.write_bytes(
        file_of(*(Claim([Line("62323"), Line("77003")], id=f"C{n}", patient=n) for n in range(1, 4)))
    )
    out = tmp_path / "many.xlsx"
    assert main(["check", str(many), "--format", "xlsx", "--output", str(out)]) == 1
    assert [len(sheet(out, name)) for name in ("Worklist", "Worklist 2")] == [2, 1]


def test_a_clean_file_makes_an_empty_worklist(tmp_path: Path) -> None:
    clean = tmp_path / "clean.837"
    clean.write_bytes(file_of(Claim([Line("99213")])))
    out = tmp_path / "clean.xlsx"
    assert main(["check", str(clean), "--format", "xlsx", "--output", str(out)]) == 0
    assert sheet(out, "Worklist").is_empty()
    assert sheet(out, "By payer")["Claims"].to_list() == [1]
