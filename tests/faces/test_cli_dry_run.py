"""A dry run: what a rule would have held of the claims already sent."""

import datetime as dt
import json
from pathlib import Path

import pytest

from anodyne.cli.main import main
from tests.claims import Claim, Line, file_of

DAYS = [
    dt.date(2024, 9, 3),
    dt.date(2024, 11, 5),
    dt.date(2025, 1, 7),
    dt.date(2025, 3, 4),
    dt.date(2025, 5, 6),
]


@pytest.fixture
def year(tmp_path: Path) -> str:
    path = tmp_path / "year.837"
    path.write_bytes(
        file_of(*(Claim([Line("62323", charge=62_500)], id=f"Y{n}", on=day) for n, day in enumerate(DAYS)))
    )
    return str(path)


def test_it_says_what_would_have_been_held_and_the_money(
    year: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["check", "--history", year, "--select", "LCD-E2"]) == 1
    out = capsysbinary.readouterr().out.decode()
    assert "What these rules would have held" in out
    for row in (("LCD-E2", "1", "$625.00", "$0.00"), ("May 2025", "1", "$625.00", "$0.00")):
        assert any(" ".join(row) == " ".join(line.split()) for line in out.splitlines()), row


def test_each_claim_is_judged_as_on_its_own_day(
    year: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """In 2026 every one of them is far too late; on its day none was."""
    main(["check", "--history", year, "--as-of", "2026-11-21", "--select", "TF", "--format", "json"])
    assert json.loads(capsysbinary.readouterr().out)["findings"] == []
    main(["check", year, "--as-of", "2026-11-21", "--select", "TF-01", "--format", "json"])
    assert len(json.loads(capsysbinary.readouterr().out)["findings"]) == len(DAYS)


def test_programs_get_it_too(year: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    main(["check", "--history", year, "--select", "LCD-E2", "--format", "json"])
    told = json.loads(capsysbinary.readouterr().out)["dry_run"]
    money = {"claims_held": 1, "at_risk_cents": 62_500, "audit_cents": 0}
    assert told == {
        "rule": [{"rule": "LCD-E2", **money}],
        "payer": [{"payer": "MEDICARE PART B OHIO", **money}],
        "month": [{"month": "2025-05", **money}],
    }


def test_a_check_of_files_is_no_dry_run(year: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    main(["check", year, "--select", "LCD-E2", "--format", "json"])
    assert "dry_run" not in json.loads(capsysbinary.readouterr().out)


def test_claims_already_sent_are_not_corrected(year: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--history", year, "--fix", "out.837"]) == 2
    assert "claims already sent are not corrected" in capsys.readouterr().err


def test_nothing_named_is_nothing_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 2
    assert "no file is named" in capsys.readouterr().err
