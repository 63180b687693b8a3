"""`anodyne remit read` as people and programs meet it."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anodyne.app.remit_read import read_files
from anodyne.cli import remit_text
from anodyne.cli.main import main
from anodyne.cli.page import Page
from tests.x12.remittances import PAYEE, bpr, claim, file_of, group, interchange, line, transaction

DAY = interchange(
    group(
        transaction(
            "LX*1",
            *claim("A1", "CAS*CO*253*1", "MOA***MA01", sums="200*159*20"),
            *line("CAS*CO*45*15", "CAS*PR*2*5*1", "REF*6R*L1", "AMT*B6*85", "LQ*HE*N130"),
            *line(code="HC:20610:LT", sums="100*80", rest="**1*HC:20611:LT*2"),
            *claim("A2", "CAS*CO*50*65", status="4", sums="65*0*0"),
            *claim("A3", "CAS*CO*45*-10", status="22", sums="-50*-40*0"),
            f"PLB*{PAYEE}*20261231*WO:ICN9*12.5*L6*-.25",
            head=(bpr("106.75"), "TRN*1*EFT0001*1512345678", "N1*PR*MADE UP PLAN", "N1*PE*CLINIC*XX*1"),
        ),
        transaction(head=(bpr("0", "NON", ""), "N1*PR**XV*P8"), control="0002"),
    )
)
CLEAN = file_of("LX*1", *claim("C1"), *line("CAS*CO*45*15", "CAS*PR*2*5"))


@pytest.fixture
def day(tmp_path: Path) -> Path:
    path = tmp_path / "day.835"
    path.write_bytes(DAY)
    return path


def told(path: Path, *more: str, status: int = 0) -> dict[str, Any]:
    output = path.with_name("remits.json")
    assert main(["remit", "read", str(path), *more, "--format", "json", "--output", str(output)]) == status
    parsed: dict[str, Any] = json.loads(output.read_text("utf-8"))
    return parsed


def text(*paths: Path, width: int = 100) -> str:
    out = io.BytesIO()
    remit_text.write(read_files([*map(str, paths)]), out, Page(width))
    return out.getvalue().decode()


# JSON


def test_json_holds_the_contract_in_its_order(day: Path) -> None:
    report = told(day)
    assert list(report) == ["schema", "payments", "errors"]
    assert report["schema"] == "anodyne.remit/1"
    payment, notice = report["payments"]
    assert {key: value for key, value in payment.items() if key != "claims"} == {
        "file": str(day),
        "trace": "EFT0001",
        "payer": "MADE UP PLAN",
        "method": "ACH",
        "paid_on": "2026-10-02",
        "amount_cents": 10675,
        "balanced": False,
        "identities": [
            {"name": "BPR02 = Σ CLP04 − Σ PLB", "left_cents": 10675, "right_cents": 10675, "holds": True},
            {"name": "CLP03 − Σ CAS = CLP04", "left_cents": 17900, "right_cents": 15900, "holds": False}
            | {"claim": "A1", "line": None},
            {"name": "CLP05 = Σ CAS*PR", "left_cents": 2000, "right_cents": 500, "holds": False}
            | {"claim": "A1", "line": None},
            {"name": "SVC02 − Σ CAS = SVC03", "left_cents": 10000, "right_cents": 8000, "holds": False}
            | {"claim": "A1", "line": 2},
        ],
        "provider_adjustments": [
            {"reason": "WO", "reference": "ICN9", "cents": 1250},
            {"reason": "L6", "reference": None, "cents": -25},
        ],
    }
    assert list(payment)[-1] == "claims"
    assert (notice["payer"], notice["method"], notice["paid_on"], notice["claims"]) == ("P8", "NON", None, [])
    assert report["errors"] == []


def test_json_of_a_claim(day: Path) -> None:
    first, denied, reversal = told(day)["payments"][0]["claims"]
    assert first == {
        "claim": "A1",
        "status": "1",
        "payer_control": "ICNA1",
        "charge_cents": 20000,
        "paid_cents": 15900,
        "patient_cents": 2000,
        "adjustments": [{"group": "CO", "reason": "253", "cents": 100, "units": None}],
        "remarks": ["MA01"],
        "lines": [
            {
                "line": 1,
                "code": "99214",
                "submitted_code": None,
                "modifiers": ["25"],
                "units": 1,
                "submitted_units": None,
                "charge_cents": 10000,
                "paid_cents": 8000,
                "allowed_cents": 8500,
                "served_on": "2026-09-01",
                "control_number": "L1",
                "adjustments": [
                    {"group": "CO", "reason": "45", "cents": 1500, "units": None},
                    {"group": "PR", "reason": "2", "cents": 500, "units": 1},
                ],
                "remarks": ["N130"],
            },
            {
                "line": 2,
                "code": "20610",
                "submitted_code": "20611",
                "modifiers": ["LT"],
                "units": 1,
                "submitted_units": 2,
                "charge_cents": 10000,
                "paid_cents": 8000,
                "allowed_cents": None,
                "served_on": "2026-09-01",
                "control_number": None,
                "adjustments": [],
                "remarks": [],
            },
        ],
    }
    assert (denied["status"], denied["lines"]) == ("4", [])
    assert (reversal["status"], reversal["paid_cents"]) == ("22", -4000)


def test_json_tells_of_files_that_were_not_read(day: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cut = day.with_name("cut.835")
    cut.write_bytes(CLEAN[:-40])
    report = told(day, str(cut), str(day.with_name("nowhere.835")), status=2)
    assert len(report["payments"]) == 2
    first, second = report["errors"]
    assert list(first) == ["file", "segment", "byte", "message", "next_step"]
    assert (first["file"], first["byte"]) == (str(cut), CLEAN[:-40].rindex(b"\n") + 1)
    assert (second["segment"], second["byte"]) == (None, None)
    said = capsys.readouterr().err.splitlines()
    assert [row.split()[:2] for row in said] == [["anodyne:", "ANO-104"], ["anodyne:", "ANO-101"]]


def test_json_where_nothing_was_read(tmp_path: Path) -> None:
    report = told(tmp_path / "nowhere.835", status=2)
    assert (report["payments"], len(report["errors"])) == ([], 1)


# Text


def test_text_tells_what_was_paid_adjusted_and_does_not_add_up(day: Path) -> None:
    said = text(day)
    for row in (
        "2 payments · 3 claims · 2 lines",
        "MADE UP PLAN   ACH · EFT0001 · 2 Oct 2026",
        "WO ICN9: $12.50 taken from the payment",
        "L6: $0.25 added to the payment",
        "does not add up: see the claims",
        "A1                     processed as primary ",
        "   $200.00 billed  $159.00 paid  $20.00 patient\n",
        "whole claim                                          CO-253 $1.00 · MA01",
        "  1  99214-25              1      $100.00      $80.00   CO-45 $15.00 · PR-2 $5.00 ×1 · N130",
        "  2  20610-LT              1      $100.00      $80.00   billed as 20611-LT ×2",
        "does not add up  SVC02 − Σ CAS = SVC03: $100.00 is not $80.00, a difference of $20.00",
        "2 payments of $106.75\n3 claims: $215.00 billed, $119.00 paid, $20.00 patient · 1 denied",
        "1 not adding up",
    ):
        assert row in said


def test_text_of_a_file_that_adds_up(tmp_path: Path) -> None:
    path = tmp_path / "clean.835"
    path.write_bytes(CLEAN)
    assert text(path).endswith("0 denied · 0 taken back\nAll add up\n")


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_text_fits_its_page(day: Path, width: int) -> None:
    assert all(len(row) <= width for row in text(day, day.with_name("nowhere.835"), width=width).split("\n"))


def test_text_of_many_claims_tells_those_that_need_a_look(tmp_path: Path) -> None:
    path = tmp_path / "many.835"
    fine = [segment for n in range(60) for segment in claim(f"F{n:02}", sums="1*1*0")]
    denied = claim("DENIED", "CAS*CO*50*1", status="4", sums="1*0*0")
    wrong = claim("WRONG", sums="2*1*0")
    path.write_bytes(file_of("LX*1", *fine, *denied, *wrong))
    said = text(path)
    assert "DENIED" in said
    assert "WRONG" in said
    assert "F47" in said
    assert "F48" not in said
    assert "… and 12 claims more, of which --format csv has all" in said


def test_text_says_what_was_given_twice_and_what_was_not_read(day: Path) -> None:
    said = text(day, day, day.with_name("nowhere.835"))
    assert "Counted once:  given more than once" in said
    assert "Not read:" in said


def test_text_names_no_person(day: Path) -> None:
    assert not [name for name in ("DOE", "PAT", "ROE", "SAM") if name in text(day)]


# Tables


def test_csv_has_a_row_for_each_line_and_each_claim_without(
    day: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["remit", "read", str(day), "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capfdbinary.readouterr().out.decode())))
    assert [(row["claim"], row["line"], row["paid"]) for row in rows] == [
        ("A1", "1", "80.00"),
        ("A1", "2", "80.00"),
        ("A2", "", ""),
        ("A3", "", ""),
    ]
    assert rows[0]["adjustments"] == "CO-45 15.00; PR-2 5.00"
    assert rows[1]["submitted_code"] == "20611"
    assert (rows[2]["claim_adjustments"], rows[2]["claim_paid"]) == ("CO-50 65.00", "0.00")


def test_a_workbook_has_a_sheet_for_each_thing(day: Path) -> None:
    output = day.with_name("remits.xlsx")
    arguments = ["remit", "read", str(day), str(day.with_name("nowhere.835"))]
    assert main([*arguments, "--format", "xlsx", "--output", str(output)]) == 2
    sheets = pl.read_excel(output, sheet_id=0, infer_schema_length=0)
    assert {name: len(rows) for name, rows in sheets.items()} == {
        "Payments": 2,
        "Claims": 3,
        "Lines": 4,
        "Adjustments": 5,
        "Remarks": 2,
        "Provider adjustments": 2,
        "Does not add up": 3,
        "Not read": 1,
    }


# What is refused


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["remit", "read"], "no file is named"),
        (["remit", "read", "-", "-"], "standard input is named twice"),
        (["remit", "read", "day.835", "--format", "html"], "--format"),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert words in capsys.readouterr().err


def test_a_remittance_is_not_overwritten(day: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["remit", "read", str(day), "--output", str(day)]) == 2
    assert "would overwrite a file" in capsys.readouterr().err
    assert day.read_bytes() == DAY
