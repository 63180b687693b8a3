"""`anodyne remit work`, `check` and `status` as people and programs meet them."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from anodyne.app.remit_work import work_files
from anodyne.cli import remit_work_text
from anodyne.cli.main import main
from anodyne.cli.page import Page
from tests.claims import Claim, Line, file_of
from tests.denials.acknowledged import Status, claim_file
from tests.faces.small_month import AS_OF, CEDAR, SERVED, Month, claim_of, line_of, payment_of, written
from tests.x12.remittances import group, interchange

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def month(tmp_path: Path) -> Month:
    return written(tmp_path)


def arguments(month: Month, *more: str) -> list[str]:
    named = ["--claims", month.claims, "--contracts", month.contracts, "--as-of", AS_OF.isoformat()]
    return ["remit", "work", month.remits, *named, *more]


def text(month: Month, width: int = 100) -> str:
    out = io.BytesIO()
    found = work_files([month.remits], claims=[month.claims], contracts=month.contracts, as_of=AS_OF)
    remit_work_text.write(found, out, Page(width))
    return out.getvalue().decode()


def as_json(month: Month, tmp_path: Path) -> dict[str, Any]:
    output = tmp_path / "work.json"
    assert main(arguments(month, "--format", "json", "--output", str(output))) == 1
    parsed: dict[str, Any] = json.loads(output.read_text("utf-8"))
    return parsed


# Text


def test_the_worklist_tells_what_dollars_deadline_action_why_and_evidence(month: Month) -> None:
    told = text(month)
    head = next(row for row in told.splitlines() if row.startswith("  1 "))
    assert "P4 · line 1 · 62323" in head
    assert "by 15 Apr 2026, 100 days left" in head
    item = told[told.index("  1 P4") : told.index("Paid for less")]
    for name in ("do  ", "how  ", "why  ", "evidence  ", "claim  "):
        assert f"    {name}" in item
    assert "appeal: redetermination by the contractor" in item


def test_its_parts_come_in_the_order_of_work(month: Month) -> None:
    told = text(month)
    heads = ("Denied or cut", "Paid for less", "Matches nothing", "Held", "In dollars")
    places = [told.index(head) for head in heads]
    assert places == sorted(places)


def test_an_underpayment_shows_its_arithmetic(month: Month) -> None:
    told = text(month)
    assert "2 lines, $76.00 missing" in told
    assert "99214 allows 130.00" in told
    assert "SVC06 says 99214, SVC01 99213" in told


def test_an_underpayment_is_not_told_twice(month: Month) -> None:
    told = text(month)
    assert told.count("P2 · line 1") == 1
    assert "1 item," in told


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_every_row_fits_the_page(month: Month, width: int) -> None:
    assert max(map(len, text(month, width).splitlines())) <= width


def test_it_names_no_person(month: Month) -> None:
    told = text(month)
    assert "DOE" not in told
    assert "M00000004" not in told


# JSON


def test_json_adds_to_what_read_tells(month: Month, tmp_path: Path) -> None:
    told = as_json(month, tmp_path)
    assert told["schema"] == "anodyne.remit/1"
    first, second, third = told["payments"]
    assert [one["worked"] for one in told["payments"]] == [True, False, True]
    paid, lowered, restated, stranger = first["claims"]
    assert paid["match"]["claim"] == "P1"
    assert paid["match"]["certainty"] == "certain"
    assert paid["lines"][0]["expected_cents"] == 13000
    assert paid["lines"][0]["expected_steps"]
    assert paid["lines"][0]["downcode"] is None
    assert lowered["lines"][0]["downcode"]["kind"] == "priced_down"
    assert restated["lines"][0]["downcode"]["difference_cents"] == 3800
    assert stranger["match"]["claim"] is None
    assert stranger["match"]["reason"]
    assert second["claims"][0]["match"] is None
    denied = third["claims"][0]["lines"][0]["determination"]
    assert (denied["action"], denied["deadline"]) == ("appeal", "2026-04-15")
    assert told["summary"]["quarantine"] == 1
    assert told["errors"] == []


def test_json_without_claims_has_no_match(month: Month, tmp_path: Path) -> None:
    output = tmp_path / "work.json"
    main(
        ["remit", "work", month.remits, "--as-of", "2026-01-05", "--format", "json", "--output", str(output)]
    )
    told = json.loads(output.read_text("utf-8"))
    assert told["payments"][0]["claims"][0]["match"] is None


# Workbook


def test_the_workbook_has_sheets_to_give_out(month: Month, tmp_path: Path) -> None:
    output = tmp_path / "work.xlsx"
    assert main(arguments(month, "--format", "xlsx", "--output", str(output))) == 1
    with zipfile.ZipFile(output) as book:
        sheets = book.read("xl/workbook.xml").decode()
        words = book.read("xl/sharedStrings.xml").decode()
    for name in ("Work", "Disputes", "Quarantine", "Held"):
        assert f'name="{name}"' in sheets
    for head in ("owner", "due", "note", "arithmetic", "STRANGER"):
        assert head in words


# Exit statuses


def test_nothing_to_do(tmp_path: Path, month: Month, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    remits, claims = tmp_path / "clean.835", tmp_path / "clean.837"
    sent = Claim([Line("99214", charge=200_00)], payer="commercial", id="P1", patient=1, on=SERVED)
    claims.write_bytes(file_of(sent))
    body = [*claim_of("P1", "200*130*0", member=1), *line_of("99214", "200*130", "CAS*CO*45*70")]
    remits.write_bytes(interchange(group(payment_of("0001", "EFT1", "130", CEDAR, *body))))
    named = ["--claims", str(claims), "--contracts", month.contracts, "--as-of", "2026-01-05"]
    assert main(["remit", "work", str(remits), *named]) == 0
    assert b"Nothing to do." in capsysbinary.readouterr().out


def test_something_to_do(month: Month) -> None:
    assert main(arguments(month)) == 1


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (("--contracts", "none.csv"), "cannot be read"),
        (("--claims", "none.837"), "cannot be read"),
        (("--as-of", "tomorrow"), "is not a date"),
    ],
)
def test_what_cannot_be_done(
    month: Month, more: tuple[str, str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["remit", "work", month.remits, *more]) == 2
    assert why in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_told_of(
    month: Month, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(month, str(tmp_path / "none.835"))) == 2
    assert "none.835" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["claims", "remits", "contracts"])
def test_what_it_reads_is_not_overwritten(
    month: Month, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = getattr(month, name)
    before = Path(path).read_bytes()
    assert main(arguments(month, "--output", path)) == 2
    assert "would overwrite" in capsys.readouterr().err
    assert Path(path).read_bytes() == before


# The other commands


def test_check_ends_with_what_does_not_add_up(
    month: Month, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["remit", "check", month.remits]) == 1
    assert b"does not add up" in capsysbinary.readouterr().out
    assert main(["remit", "check", month.remits, "--output", month.remits]) == 2
    assert main(["remit", "check"]) == 2


def test_status_tells_where_claims_stand(
    month: Month, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    taken, refused = tmp_path / "taken.277", tmp_path / "refused.277"
    said = {"served": SERVED.strftime("%Y%m%d"), "member": "M00000004", "charge": "625"}
    taken.write_bytes(claim_file(Status("P4", **said)))
    refused.write_bytes(claim_file(Status("P4", ["A3:21:85"], "U", **said)))
    named = ["--claims", month.claims]
    assert main(["remit", "status", str(taken), *named]) == 0
    assert b"Accepted into adjudication" in capsysbinary.readouterr().out
    assert main(["remit", "status", str(refused), *named, "--format", "json"]) == 1
    assert json.loads(capsysbinary.readouterr().out)["summary"]["rejected"] == 1
    assert main(["remit", "status", str(taken), *named, "--output", month.claims]) == 2
    assert main(["remit", "status", str(taken)]) == 2


def test_acknowledgements_are_taken_beside_the_claims(month: Month, tmp_path: Path) -> None:
    refused = tmp_path / "refused.277"
    refused.write_bytes(claim_file(Status("P4", ["A3:21:85"], "U", member="M00000004")))
    assert main(arguments(month, "--acks", str(refused))) == 1


# The example


def test_the_example_is_worked(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    named = ["--claims", str(EXAMPLES / "day.837"), "--contracts", str(EXAMPLES / "contracts.csv")]
    assert main(["remit", "work", str(EXAMPLES / "remit.835"), *named, "--as-of", "2026-12-08"]) == 1
    told = capsysbinary.readouterr().out.decode()
    for part in ("5 items", "2 lines, $70.75 missing", "ZZ77120", "BLUE HERON", "LH1003 · line 2"):
        assert part in told


# What contracts say of days


def denied_by_cedar(folder: Path, limits: str) -> list[str]:
    lines = line_of("99214", "200*0", "CAS*CO*50*200")
    paid = payment_of("0001", "EFT9", "0", CEDAR, *claim_of("P1", "200*0*0", status="4"), *lines)
    remits, table = folder / "denied.835", folder / "limits.csv"
    remits.write_bytes(interchange(group(paid)))
    table.write_text(f"payer,route,days\n{limits}", "utf-8")
    return [str(remits), "--limits", str(table), "--as-of", AS_OF.isoformat()]


@pytest.mark.parametrize(
    ("limits", "due"),
    [
        ("cdr01,appeal,90\n", "by 11 Mar 2026, 65 days left"),
        ("Cedar  Mutual PPO,appeal,90\n", "by 11 Mar 2026, 65 days left"),
        ("CEDAR MUTUAL PPO,appeal,5\nCDR01,appeal,90\n", "by 11 Mar 2026, 65 days left"),
        ("CDR02,appeal,90\n", "no deadline known"),
        ("CDR01,corrected,90\n", "no deadline known"),
    ],
)
def test_a_contract_gives_the_days_to_appeal_of_its_payer_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], limits: str, due: str
) -> None:
    assert main(["remit", "work", *denied_by_cedar(tmp_path, limits)]) == 1
    told = capsys.readouterr().out
    assert due in next(row for row in told.splitlines() if row.startswith("  1 P1"))
    assert ("contract: how many" in told) == (due == "no deadline known")


def test_letters_take_the_days_of_the_contract_too(tmp_path: Path) -> None:
    wanted = denied_by_cedar(tmp_path, "CDR01,appeal,90\n")
    folder = tmp_path / "letters"
    assert main(["remit", "letters", *wanted, "--form", "docx", "--output", str(folder)]) == 0
    with zipfile.ZipFile(next(folder.glob("*.docx"))) as letter:
        assert b"the last day is 11 Mar 2026" in letter.read("word/document.xml")


def test_every_bad_cell_of_the_days_is_refused_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "CDR01,appeals,90\nCDR01,appeal,0\nCDR01,late_records,9\nCDR02,appeal,9\ncdr02,appeal,8\n"
    assert main(["remit", "work", *denied_by_cedar(tmp_path, rows)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "row 2, column route" in told.err
    assert "3 more are wrong" in told.err
