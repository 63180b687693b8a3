"""`anodyne care close` and `status` as a shell sees them: forms, exit statuses, bad cells, late entries."""

import csv
import io
import json
import os
import re
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import polars as pl
import pytest

from anodyne.app.care import close as close_month
from anodyne.cli import care, care_status, care_tables, care_text
from anodyne.cli.main import main
from anodyne.cli.page import Page
from tests.care.desk import STAFF, A, enrolled, put, spent
from tests.sheets.made import ENROLMENT, ENTRY

ROOT: Final = Path(__file__).parents[2]
GOLDEN: Final = ROOT / "tests" / "golden"
TIME, ENROLMENTS = (ROOT / "examples" / name for name in ("care_time.csv", "care_enrolments.csv"))
FILES: Final[tuple[str | Path, ...]] = ("--time", TIME, "--enrolments", ENROLMENTS)
CLOSE: Final = ("care", "close", "--month", "2026-10")
NAME: Final = "Isolde Pepperdine"
PRIVATE: Final = ("Isolde", "Pepperdine", "1949", "opioid")
CALM: Final = ("--fail-on", "never")
AMOUNTS: Final = re.compile(r"-?\d+\.\d{2}")


class Ran(NamedTuple):
    status: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    def ran(*arguments: str | Path) -> Ran:
        status = main([str(argument) for argument in arguments])
        told = capfdbinary.readouterr()
        return Ran(status, told.out, told.err.decode())

    return ran


def refused(ran: Ran, *words: str) -> None:
    """One error, of one row, and nothing else."""
    assert (ran.status, ran.out) == (2, b"")
    assert ran.err.startswith("anodyne: ANO-")
    assert ran.err.count("\n") == 1
    assert not [word for word in words if word not in ran.err]
    assert not [private for private in PRIVATE if private in ran.err]


def golden(name: str, text: str) -> None:
    """After a look at the new page: UPDATE_GOLDEN=1 pytest tests/faces writes it anew."""
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def changed(folder: Path, *edits: tuple[str, str]) -> Path:
    """The example's log with some texts in place of others."""
    text = TIME.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    path = folder / "time.csv"
    path.write_text(text, encoding="utf-8")
    return path


LATE = (
    (
        "T003,",
        "T903,P003,1245319599,,np,2026-10-30T09:00:00-04:00,2026-10-30T09:00:01-04:00,cpm,video,10,,\nT003,",
    ),
    ("2026-10-14T10:35:00", "2026-10-14T10:28:00"),
    ("T014,P006", "T914,P006"),
)
"""An entry that comes, one that is cut shorter, and one that goes by another id."""


def closed_into(folder: Path, run: Run) -> Path:
    """The file of the example's month as it was closed."""
    path = folder / "closed.json"
    assert run(*CLOSE, *FILES, "--format", "json", "--output", path, *CALM) == Ran(0, b"", "")
    return path


# --- the four forms


def test_json_holds_to_the_contract_key_by_key_and_in_its_order(run: Run) -> None:
    told = run(*CLOSE, *FILES, "--format", "json").json
    assert [*told][:5] == ["schema", "month", "results", "conflicts", "errors"]
    assert [*told][5:] == ["zone", "files", "priced_by", "rules"]
    assert (told["schema"], told["month"], told["errors"]) == ("anodyne.care/1", "2026-10", [])
    first = (
        *("patient", "practitioner", "program", "counted_seconds", "codes"),
        *("status", "blockers", "next", "entries"),
    )
    for result in told["results"]:
        assert tuple(result)[:9] == first
        assert all([*code] == ["code", "units"] for code in result["codes"])
        assert all([*one] == ["rule", "outcome", "message", "needs"] for one in result["blockers"])
        assert all([*one] == ["rule", "outcome", "message", "needs"] for one in result["warnings"])
        assert result["next"] is None or [*result["next"]] == ["code", "seconds_short"]
        entries = [[*entry] for entry in result["entries"]]
        assert entries == [["entry_id", "counted_seconds", "excluded_seconds", "why"]] * len(entries)
        assert {type(entry["counted_seconds"]) for entry in result["entries"]} <= {int}
    assert [[*one] for one in told["conflicts"]] == [["rule", "entries", "overlap_seconds", "message"]]


def test_json_says_what_the_example_comes_to(run: Run) -> None:
    results = {
        (one["patient"], one["program"]): one
        for one in run(*CLOSE, *FILES, "--format", "json").json["results"]
    }
    assert [*results] == sorted(results)
    assert {who: one["status"] for who, one in results.items()} == {
        ("P001", "ccm"): "billable",
        ("P001", "cpm"): "billable",
        ("P002", "cpm"): "billable",
        ("P003", "cpm"): "short",
        ("P004", "cpm"): "held",
        ("P005", "cpm"): "held",
        ("P006", "cpm"): "billable",
        ("P006", "rpm"): "billable",
    }
    first = results["P001", "cpm"]
    assert (first["practitioner"], first["counted_seconds"]) == ("1234567893", 4500)
    assert first["codes"] == [{"code": "G3002", "units": 1}, {"code": "G3003", "units": 3}]
    assert (first["blockers"], first["next"]) == ([], {"code": "G3003", "seconds_short": 900})
    assert [entry["counted_seconds"] for entry in first["entries"]] == [2400, 1230, 870, 0]
    assert first["entries"][3]["why"] == "time of clinical staff does not count for chronic pain management"
    assert results["P003", "cpm"]["next"] == {"code": "G3002", "seconds_short": 1}
    over_midnight = results["P006", "cpm"]["entries"][1]
    assert (over_midnight["entry_id"], over_midnight["counted_seconds"]) == ("T013", 600)
    held = {one["rule"]: one for one in results["P004", "cpm"]["blockers"]}
    assert (held["CM-PAYER"]["outcome"], len(held["CM-PAYER"]["needs"])) == ("ask", 1)
    assert [one["rule"] for one in results["P005", "cpm"]["blockers"]] == ["CPM-06", "CPM-09"]


def test_every_rule_that_is_named_has_its_authority_and_every_file_its_checksum(run: Run) -> None:
    told = run(*CLOSE, *FILES, "--format", "json").json
    named = {one["rule"] for result in told["results"] for one in result["blockers"] + result["warnings"]}
    assert told["rules"].keys() == named
    assert all(cite["source"] and cite["read"] for cites in told["rules"].values() for cite in cites)
    assert [(file["path"], file["rows"], len(file["sha256"])) for file in told["files"]] == [
        (str(TIME), 14, 64),
        (str(ENROLMENTS), 8, 64),
    ]


def test_the_page_is_as_it_was_last_looked_at(run: Run) -> None:
    ran = run(*CLOSE, *FILES)
    golden("care_close.txt", ran.text)
    assert (ran.status, ran.err) == (1, "")


def test_every_row_of_text_fits_and_has_no_colour(tmp_path: Path, run: Run) -> None:
    long = changed(
        tmp_path,
        ("P004", "AN-ID-OF-A-PATIENT-OF-MANY-SIGNS"),
        ("T008", "AN-ID-OF-AN-ENTRY-OF-MANY-SIGNS-TOO"),
    )
    status = ("care", "status", "--as-of", "2026-10-20")
    for ran in (run(*CLOSE, *FILES), run(*CLOSE, "--time", long, *FILES[2:]), run(*status, *FILES)):
        rows = ran.text.splitlines()
        assert max(map(len, rows)) <= 100
        assert not [row for row in rows if row != row.rstrip()]
        assert "\x1b" not in ran.text


def test_colour_is_only_for_a_terminal_and_changes_no_word() -> None:
    month = close_month(str(TIME), str(ENROLMENTS), care._month("2026-10"))
    for write in (
        care_text.write,
        lambda made, out, page: care_status.write_text(made, made.month, out, page),
    ):
        plain, coloured = io.BytesIO(), io.BytesIO()
        write(month, plain, Page())
        write(month, coloured, Page(colour=True))
        assert b"\x1b[" in coloured.getvalue()
        assert re.sub(rb"\x1b\[[0-9;]*m", b"", coloured.getvalue()) == plain.getvalue()


def test_what_is_over_is_counted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(care_text, "ROWS", 1)
    monkeypatch.setattr(care_status, "ROWS", 5)
    told = run(*CLOSE, *FILES).text
    assert "… and 4 months more: --format xlsx has all\n" in told
    assert "… and 1 month more: --format xlsx has all\n" in told
    assert (
        "… and 3 months more: --format xlsx\n" in run("care", "status", "--as-of", "2026-10-31", *FILES).text
    )


def test_csv_has_a_row_a_month_with_money_in_dollars(run: Run) -> None:
    rows = [*csv.DictReader(io.StringIO(run(*CLOSE, *FILES, "--format", "csv").text))]
    assert [(row["patient"], row["program"]) for row in rows][:2] == [("P001", "ccm"), ("P001", "cpm")]
    first = rows[1]
    assert (first["minutes"], first["codes"], first["met_on"]) == ("75.0", "G3002 x1; G3003 x3", "2026-10-27")
    assert (first["next_code"], first["next_seconds_short"]) == ("G3003", "900")
    assert all(AMOUNTS.fullmatch(first[name]) for name in ("allowed", "patient_share", "next_worth"))
    held = rows[5]
    assert held["held_by"].startswith("deny CPM-06: the initiating visit was by video")
    assert held["warnings"].startswith("audit CPM-08: ")
    assert rows[4]["needs"] == "payer policy: which care management programmes does it pay?"
    assert (rows[3]["status"], rows[3]["codes"], rows[3]["allowed"]) == ("short", "", "")


FORMULAS: Final = ("=1+1", "+2", "@SUM(A1)", '=HYPERLINK("http://example.org")', "-3")


def test_a_workbook_says_the_same_and_calculates_nothing(tmp_path: Path, run: Run) -> None:
    """Ids that a spreadsheet would take for formulas stay the texts that they are."""
    time = [
        spent(f"2026-10-0{day} 09:00", "30:00", entry_id=text, patient=text)
        for day, text in enumerate(FORMULAS, 1)
    ]
    files = (
        *("--time", put(tmp_path / "time.csv", time, ENTRY)),
        *(
            "--enrolments",
            put(tmp_path / "enrolments.csv", [enrolled(patient=t) for t in FORMULAS], ENROLMENT),
        ),
    )
    path = tmp_path / "month.xlsx"
    run(*CLOSE, *files, "--format", "xlsx", "--output", path, *CALM)
    with zipfile.ZipFile(path) as book:
        pages = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(pages) == 3
        assert not [name for name in pages if b"<f>" in book.read(name) or b"<hyperlink" in book.read(name)]
    months = pl.read_excel(path, sheet_name="Months", infer_schema_length=0)
    assert sorted(months["patient"]) == sorted(FORMULAS)
    assert months.columns[-3:] == ["owner", "due", "note"]
    assert sorted(pl.read_excel(path, sheet_name="Entries")["entry_id"]) == sorted(FORMULAS)


def test_a_workbook_has_months_entries_and_overlaps(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "month.xlsx"
    run(*CLOSE, *FILES, "--format", "xlsx", "--output", path, *CALM)
    months, entries, overlaps = (
        pl.read_excel(path, sheet_name=name) for name in ("Months", "Entries", "Overlaps")
    )
    told = run(*CLOSE, *FILES, "--format", "json", *CALM).json
    columns = ("patient", "program", "status", "counted_seconds")
    assert months.select(columns).rows() == [tuple(one[name] for name in columns) for one in told["results"]]
    cents = (months["allowed"] * 100).round().cast(pl.Int64).to_list()
    assert cents == [one["allowed_cents"] for one in told["results"]]
    assert entries.select("entry_id", "counted_seconds", "why").rows() == [
        (entry["entry_id"], entry["counted_seconds"], entry["why"])
        for one in told["results"]
        for entry in one["entries"]
    ]
    assert overlaps.select("one", "other", "overlap_seconds").rows() == [("T007", "T008", 300)]


def test_more_entries_than_a_sheet_holds_go_to_a_further_one(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(care_tables, "ROWS_OF_A_SHEET", 5)
    path = tmp_path / "month.xlsx"
    run(*CLOSE, *FILES, "--format", "xlsx", "--output", path, *CALM)
    sheets = pl.read_excel(path, sheet_id=0)
    assert [*sheets] == ["Months", "Entries", "Entries 2", "Entries 3", "Overlaps"]
    assert [len(sheets[name]) for name in ("Entries", "Entries 2", "Entries 3")] == [5, 5, 3]


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_the_same_files_give_the_same_bytes(run: Run, form: str) -> None:
    first, second = (run(*CLOSE, *FILES, "--format", form) for _ in range(2))
    assert first == second


def test_an_empty_month_is_a_month(tmp_path: Path, run: Run) -> None:
    files = (
        *("--time", put(tmp_path / "time.csv", [], ENTRY)),
        *("--enrolments", put(tmp_path / "enrolments.csv", [], ENROLMENT)),
    )
    told = run(*CLOSE, *files, "--format", "json")
    assert (told.status, told.json["results"], told.json["conflicts"]) == (0, [], [])
    assert "nothing is logged and nobody is enrolled" in run(*CLOSE, *files).text
    assert run(*CLOSE, *files, "--format", "csv").text.startswith(
        "patient,practitioner,program,payer,status,"
    )
    assert "Nothing" not in run("care", "status", "--as-of", "2026-10-06", *files).err


@pytest.mark.parametrize("month", ["2000-01", "2012-06", "2100-12"])
def test_a_month_before_any_code_and_one_far_ahead_are_months(run: Run, month: str) -> None:
    told = run("care", "close", "--month", month, *FILES, "--format", "json", *CALM)
    assert (told.status, told.json["month"]) == (0, month)
    assert {one["counted_seconds"] for one in told.json["results"]} == {0}


# --- exit statuses, requests that cannot be met


@pytest.mark.parametrize(
    ("limit", "status"), [("reject", 0), ("deny", 1), ("audit", 1), ("ask", 1), ("missed", 1), ("never", 0)]
)
def test_the_status_is_1_from_the_outcome_on_that_was_asked_for(run: Run, limit: str, status: int) -> None:
    assert run(*CLOSE, *FILES, "--fail-on", limit).status == status


def test_without_a_limit_a_question_is_no_failure_and_neither_is_a_clean_month(
    tmp_path: Path, run: Run
) -> None:
    rolls = {
        "clean": [enrolled()],
        "asked": [enrolled(payer="RIVERBEND")],
        "denied": [enrolled(pain_months="3")],
    }
    time = put(tmp_path / "time.csv", [spent("2026-10-06 09:00", "45:00")], ENTRY)
    statuses = {
        name: run(
            *CLOSE, "--time", time, "--enrolments", put(tmp_path / f"{name}.csv", rows, ENROLMENT)
        ).status
        for name, rows in rolls.items()
    }
    assert statuses == {"clean": 0, "asked": 0, "denied": 1}


@pytest.mark.parametrize(
    "month",
    ["2026-13", "2026-00", "2026-1", "26-10", "2026-10-01", "October", "", "0001-01", "9999-12", "1999-12"],
)
def test_a_month_that_is_none_is_refused(run: Run, month: str) -> None:
    refused(run("care", "close", "--month", month, *FILES), "ANO-401", "--month", "2026-10")


@pytest.mark.parametrize("day", ["2026-02-30", "6 Oct 2026", "9999-12-31", "0001-01-01"])
def test_a_day_that_is_none_is_refused(run: Run, day: str) -> None:
    refused(run("care", "status", "--as-of", day, *FILES), "ANO-401", "--as-of", "YYYY-MM-DD")


@pytest.mark.parametrize("zone", ["Mars/Phobos", "EST5", "../../etc/passwd", "", "America"])
def test_a_zone_that_is_unknown_is_refused(run: Run, zone: str) -> None:
    refused(run(*CLOSE, *FILES, "--zone", zone), "ANO-401", "--zone", "America/New_York")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--fail-on", "worse"], ["--fail-on", "worse"]),
        (["--format", "yaml"], ["yaml", "json"]),
        (["--output", "no/such/folder/month.json"], ["no/such/folder/month.json"]),
        (["--policies", "gone.toml"], ["gone.toml"]),
        (["--choices", "gone.csv"], ["gone.csv"]),
        (["--closed", "gone.json"], ["gone.json"]),
        (["--colour"], ["--colour"]),
    ],
)
def test_a_request_for_what_is_not_there_is_refused(run: Run, arguments: list[str], words: list[str]) -> None:
    refused(run(*CLOSE, *FILES, *arguments), *words)


def test_a_file_that_is_not_there_or_no_table_is_refused(tmp_path: Path, run: Run) -> None:
    empty, other = tmp_path / "empty.csv", tmp_path / "other.csv"
    empty.write_bytes(b"")
    other.write_bytes(b"PK\x03\x04 a workbook")
    for path, words in ((tmp_path / "gone.csv", "cannot be read"), (empty, "empty"), (other, "workbook")):
        refused(run(*CLOSE, "--time", path, *FILES[2:]), "ANO-101", str(path), words)
        refused(run(*CLOSE, *FILES[:2], "--enrolments", path), "ANO-101", str(path), words)


def test_what_is_read_is_never_overwritten(tmp_path: Path, run: Run) -> None:
    time = changed(tmp_path)
    before = time.read_bytes()
    refused(run(*CLOSE, "--time", time, *FILES[2:], "--output", time), "--output", "overwrite")
    refused(
        run("care", "status", "--as-of", "2026-10-06", "--time", time, *FILES[2:], "--output", time),
        "--output",
    )
    assert time.read_bytes() == before


# --- bad cells

GOOD_TIME = "T1,P001,1234567893,,physician,2026-10-06T09:00:00-04:00,2026-10-06T09:40:00-04:00,cpm,video,10,,"
GOOD_ROLL = dict(enrolled())
BAD_TIME: Final[Mapping[str, tuple[tuple[str, str], str, str]]] = {
    "check digit": (("1234567893", "1234567890"), "practitioner", "check digit"),
    "no digits": (("1234567893", NAME), "practitioner", "no NPI"),
    "role": (("physician", "doctor"), "role", "is no role"),
    "naive start": (("09:00:00-04:00", "09:00:00"), "start", "lacks its offset"),
    "naive end": (("09:40:00-04:00", "09:40:00"), "end", "lacks its offset"),
    "end before start": (("09:40:00", "08:40:00"), "end", "not after the start"),
    "end at start": (("09:40:00", "09:00:00"), "end", "not after the start"),
    "over 12 hours": (("06T09:40:00", "06T21:00:01"), "end", "longer than 12 hours"),
    "no such day": (("2026-10-06T09:00", "2026-02-30T09:00"), "start", "no day of the calendar"),
    "program": (("cpm", "pain"), "program", "is no program"),
    "mode": (("video", "telephone"), "mode", "is no mode"),
    "pos": ((",10,", ",office,"), "pos", "not two digits"),
    "elements": ((",10,,", ",10,assesment,"), "elements", "Is it assessment?"),
    "no patient": (("P001", ""), "patient", "the cell is empty"),
    "a word in a time": (("2026-10-06T09:40:00-04:00", NAME), "end", "is not a time"),
    "too few cells": ((",10,,", ",10,"), "", "11 cells instead of 12"),
}
BAD_ROLL: Final[Mapping[str, tuple[dict[str, str], str, str]]] = {
    "state": ({"state": "Ohio"}, "state", "not two letters"),
    "date": ({"consent_on": "10/06/2026"}, "consent_on", "not a date"),
    "a name in a date": ({"plan_on": NAME}, "plan_on", "not a date"),
    "number": ({"pain_months": "a year"}, "pain_months", "not a number"),
    "below 0": ({"prior_months": "-1"}, "prior_months", "not a whole number"),
    "half a condition": ({"conditions": "2.5"}, "conditions", "not a whole number"),
    "consent": ({"consent_mode": "nodded"}, "consent_mode", "no way to consent"),
    "topic": ({"consent_covers": "purpose;cost"}, "consent_covers", "names what is no topic"),
    "finding": ({"pain_finding": "maybe"}, "pain_finding", "is no finding"),
    "a visit as programme": ({"program": "em"}, "program", "is no program to be enrolled in"),
    "revoked before": ({"consent_revoked_on": "2019-06-02"}, "consent_revoked_on", "revoked before"),
    "practitioner": ({"practitioner": "12345"}, "practitioner", "5 digits instead of 10"),
}


def bad(run: Run, row: int, column: str, words: str, *files: str | Path) -> None:
    """Text and JSON both tell the cell by row and column, and nothing that a person may have written."""
    ran = run(*CLOSE, *files)
    assert (ran.status, ran.out) == (2, b"")
    place = f", row {row}, column {column}" if column else f", row {row})"
    assert place in ran.err
    assert words in ran.err
    told = run(*CLOSE, *files, "--format", "json")
    assert told.status == 2
    assert [*told.json] == ["schema", "month", "results", "conflicts", "errors"]
    assert (told.json["schema"], told.json["month"]) == ("anodyne.care/1", "2026-10")
    assert told.json["results"] == told.json["conflicts"] == []
    (error,) = told.json["errors"]
    assert [*error] == ["file", "row", "column", "message", "next_step"]
    assert (error["row"], error["column"]) == (row, column)
    assert words in f"{error['message']}. {error['next_step']}"
    assert error["next_step"]
    assert not [word for word in PRIVATE if word in ran.err + told.err + told.text]


@pytest.mark.parametrize("name", BAD_TIME)
def test_a_bad_cell_of_the_log_is_told_by_row_and_column(tmp_path: Path, run: Run, name: str) -> None:
    (old, new), column, words = BAD_TIME[name]
    path = tmp_path / "time.csv"
    header = TIME.read_text(encoding="utf-8").splitlines()[0]
    other = GOOD_TIME.replace("T1,P001", f"T2,{NAME}") + "opioid"
    rows = [header, other, GOOD_TIME.replace(old, new), other.replace("T2", "T3")]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    bad(run, 3, column, words, "--time", path, *FILES[2:])


@pytest.mark.parametrize("name", BAD_ROLL)
def test_a_bad_cell_of_an_enrolment_is_told_by_row_and_column(tmp_path: Path, run: Run, name: str) -> None:
    said, column, words = BAD_ROLL[name]
    rows = [enrolled("ccm", patient=NAME), {**GOOD_ROLL, **said}]
    path = put(tmp_path / "enrolments.csv", rows, ENROLMENT)
    bad(run, 3, column, words, *FILES[:2], "--enrolments", path)


@pytest.mark.parametrize(
    ("edit", "place", "words"),
    [
        (("T002,", "T001,"), (3, "entry_id"), "the same id stands in row 2"),
        (("practitioner,performer", "practicioner,performer"), (1, "practicioner"), "Is it practitioner?"),
        ((",elements,note", ",elements,opinion"), (1, "opinion"), "there is no such column"),
        (("program,mode", "program,program"), (1, "program"), "the column stands twice"),
    ],
)
def test_ids_that_repeat_and_columns_that_are_unknown_are_told(
    tmp_path: Path, run: Run, edit: tuple[str, str], place: tuple[int, str], words: str
) -> None:
    ran = run(*CLOSE, "--time", changed(tmp_path, edit), *FILES[2:], "--format", "json")
    assert ran.status == 2
    assert place in [(error["row"], error["column"]) for error in ran.json["errors"]]
    assert words in ran.err


def test_an_enrolment_that_stands_twice_is_told(tmp_path: Path, run: Run) -> None:
    path = put(tmp_path / "enrolments.csv", [GOOD_ROLL, enrolled("ccm"), GOOD_ROLL], ENROLMENT)
    bad(run, 4, "patient", "stand in row 2", *FILES[:2], "--enrolments", path)


def test_every_bad_cell_of_every_file_is_in_the_json(tmp_path: Path, run: Run) -> None:
    """Standard error has the first of them; nothing is counted of the file that is good either."""
    time = [{**spent("2026-10-06 09:00", "1:00"), "entry_id": f"E{n}", "role": "doctor"} for n in range(30)]
    files = (
        *("--time", put(tmp_path / "time.csv", time, ENTRY)),
        *("--enrolments", put(tmp_path / "enrolments.csv", [enrolled(state="Ohio")], ENROLMENT)),
    )
    ran = run(*CLOSE, *files, "--format", "json")
    errors = ran.json["errors"]
    assert [error["row"] for error in errors] == [*range(2, 32), 2]
    assert {Path(error["file"]).name for error in errors} == {"time.csv", "enrolments.csv"}
    assert ran.err.count("\n") == care.MOST_CELLS
    assert ran.err.splitlines()[-1].startswith("anodyne: ANO-105 ")
    assert "30 more are wrong, and nothing of the file is used." in ran.err


def test_a_file_that_was_asked_for_says_what_is_wrong_too(tmp_path: Path, run: Run) -> None:
    out = tmp_path / "month.json"
    files = ("--time", changed(tmp_path, ("physician", "doctor")), *FILES[2:])
    assert run(*CLOSE, *files, "--format", "json", "--output", out).status == 2
    told = json.loads(out.read_bytes())
    assert (told["results"], {error["column"] for error in told["errors"]}) == ([], {"role"})
    assert run(*CLOSE, *FILES, "--format", "json", "--output", out, *CALM).status == 0
    assert json.loads(out.read_bytes())["results"]
    status = ("care", "status", "--as-of", "2026-10-06", "--format", "json")
    assert run(*status, *files).json["schema"] == care_status.SCHEMA


def test_a_month_in_which_nothing_was_is_closed_all_the_same(tmp_path: Path, run: Run) -> None:
    out = tmp_path / "month.json"
    files = (
        *("--time", put(tmp_path / "time.csv", [], ENTRY)),
        *("--enrolments", put(tmp_path / "enrolments.csv", [], ENROLMENT)),
    )
    assert run(*CLOSE, *files, "--format", "json", "--output", out).status == 0
    words = ("ANO-401", "8 of its rows would change")
    refused(run(*CLOSE, *FILES, "--format", "json", "--output", out), *words)
    out.write_bytes(out.read_bytes()[:100])
    refused(run(*CLOSE, *FILES, "--format", "json", "--output", out), "ANO-101", "no JSON")


def test_a_month_that_was_closed_stays_where_cells_are_bad(tmp_path: Path, run: Run) -> None:
    path = closed_into(tmp_path, run)
    before = path.read_bytes()
    files = ("--time", changed(tmp_path, ("physician", "doctor")), *FILES[2:])
    assert run(*CLOSE, *files, "--format", "json", "--output", path).status == 2
    assert path.read_bytes() == before


# --- after the close


def test_a_month_closed_again_from_the_same_files_is_the_same_file(tmp_path: Path, run: Run) -> None:
    path = closed_into(tmp_path, run)
    before = path.read_bytes()
    assert closed_into(tmp_path, run).read_bytes() == before
    ran = run(*CLOSE, *FILES, "--closed", path)
    assert (ran.status, ran.err) == (0, "")
    assert " ".join(ran.text.split()) == (
        f"October 2026 0 months changed since it was closed closed as {path}, which stays as it is Nothing "
        "changed."
    )


def test_a_closed_month_is_not_changed_silently(tmp_path: Path, run: Run) -> None:
    path = closed_into(tmp_path, run)
    before = path.read_bytes()
    late = ("--time", changed(tmp_path, *LATE), *FILES[2:])
    ran = run(*CLOSE, *late, "--format", "json", "--output", path)
    refused(ran, "ANO-401", "3 of its rows would change", f"--closed {path}")
    assert path.read_bytes() == before


@pytest.mark.parametrize("form", ["text", "csv", "xlsx"])
def test_nothing_else_is_written_over_a_closed_month(tmp_path: Path, run: Run, form: str) -> None:
    path = closed_into(tmp_path, run)
    before = path.read_bytes()
    words = ("ANO-401", "holds a month as it was closed", "--output")
    refused(run(*CLOSE, *FILES, "--format", form, "--output", path), *words)
    refused(
        run("care", "status", "--as-of", "2026-10-06", *FILES, "--format", form, "--output", path), *words
    )
    refused(
        run("care", "status", "--as-of", "2026-10-06", *FILES, "--format", "json", "--output", path), *words
    )
    other = tmp_path / "other.json"
    other.write_bytes(before)
    refused(run(*CLOSE, *FILES, "--closed", other, "--format", form, "--output", path), *words)
    assert path.read_bytes() == before


def test_another_month_is_not_closed_over_it(tmp_path: Path, run: Run) -> None:
    path = closed_into(tmp_path, run)
    november = ("care", "close", "--month", "2026-11")
    words = ("holds 2026-10, and not 2026-11",)
    refused(run(*november, *FILES, "--format", "json", "--output", path), "(at --output)", *words)
    refused(run(*november, *FILES, "--closed", path), "(at --closed)", *words)


def test_what_came_late_is_listed_for_people(tmp_path: Path, run: Run) -> None:
    path = closed_into(tmp_path, run)
    late = ("--time", changed(tmp_path, *LATE), *FILES[2:])
    ran = run(*CLOSE, *late, "--closed", path)
    assert ran.status == 1
    assert ran.text.startswith("October 2026   3 months changed since it was closed\n")
    assert max(map(len, ran.text.splitlines())) <= 100
    parts = ran.text.split("\n\n")[1:]
    assert [part.split()[0] for part in parts] == ["P002", "P006", "P003"]
    assert "30:00 G3002 billable → 28:00 short" in parts[0]
    assert "deny    G3002 ×1 was billable when the month was closed and is not now" in parts[0]
    assert "changed T007" in parts[0]
    assert ("added   T914" in parts[1], "removed T014" in parts[1]) == (True, True)
    assert "29:59 short → 30:00 G3002 billable" in parts[2]
    assert "missed  G3002 ×1 is billable now and was not when the month was closed" in parts[2]


def test_what_came_late_is_listed_for_programs(tmp_path: Path, run: Run) -> None:
    path = closed_into(tmp_path, run)
    late = ("--time", changed(tmp_path, *LATE), *FILES[2:])
    told = run(*CLOSE, *late, "--closed", path, "--format", "json").json
    assert [*told] == ["schema", "month", "closed", "corrections"]
    assert (told["schema"], told["month"]) == ("anodyne.care-corrections/1", "2026-10")
    assert (told["closed"]["path"], len(told["closed"]["sha256"])) == (str(path), 64)
    assert [(one["patient"], one["outcome"]) for one in told["corrections"]] == [
        ("P002", "deny"),
        ("P006", "audit"),
        ("P003", "missed"),
    ]
    last = told["corrections"][2]
    assert last["before"] == {"status": "short", "counted_seconds": 1799, "codes": []}
    assert last["now"]["codes"] == [{"code": "G3002", "units": 1}]
    assert last["entries"] == {"added": ["T903"], "removed": [], "changed": []}
    rows = [*csv.DictReader(io.StringIO(run(*CLOSE, *late, "--closed", path, "--format", "csv").text))]
    assert [row["outcome"] for row in rows] == ["deny", "audit", "missed"]
    book = tmp_path / "corrections.xlsx"
    run(*CLOSE, *late, "--closed", path, "--format", "xlsx", "--output", book)
    sheet = pl.read_excel(book, sheet_name="Corrections")
    assert sheet["now"].to_list() == [row["now"] for row in rows]


def test_only_what_is_earned_late_is_no_failure_unless_asked(tmp_path: Path, run: Run) -> None:
    path = closed_into(tmp_path, run)
    late = ("--time", changed(tmp_path, LATE[0]), *FILES[2:], "--closed", path)
    assert run(*CLOSE, *late).status == 0
    assert run(*CLOSE, *late, "--fail-on", "missed").status == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not JSON",
        b"[]",
        b'{"schema": "anodyne.care/1"}',
        b'{"schema": "anodyne.care/2", "month": "2026-10", "results": []}',
        b'{"schema": "anodyne.care/1", "month": "2026-10", "results": [{"patient": "P001"}]}',
        b'{"schema": "anodyne.care/1", "month": "2026-10", "results": [7]}',
        b'{"schema": "anodyne.care/1", "month": "2026-10", "results": [], "errors": [{"row": 2}]}',
    ],
)
def test_what_is_no_closed_month_is_refused(tmp_path: Path, run: Run, content: bytes) -> None:
    path = tmp_path / "closed.json"
    path.write_bytes(content)
    refused(run(*CLOSE, *FILES, "--closed", path), "ANO-101", str(path), "closed")


# --- payers, choices, other ways to give a file

POLICY = """\
id = "riverbend"
title = "Riverbend Advantage"

[match]
payer_id = ["RIVERBEND"]

[[source]]
id = "riverbend-manual"
title = "Riverbend provider manual, made up"
url = "https://example.org/riverbend"
read = 2026-09-01
confidence = "verified"

[[value]]
name = "care_programmes"
is = {programmes}
from = 2026-01-01
cite = "riverbend-manual"
section = "care management"
"""


@pytest.mark.parametrize(
    ("programmes", "status", "blocked"),
    [
        ('["cpm"]', "billable", []),
        ('["cpm", "ccm"]', "billable", []),
        ('["ccm"]', "held", ["the payer does not pay chronic pain management"]),
    ],
)
def test_a_payers_policy_decides_what_is_billable(
    tmp_path: Path, run: Run, programmes: str, status: str, blocked: list[str]
) -> None:
    path = tmp_path / "riverbend.toml"
    path.write_text(POLICY.format(programmes=programmes), encoding="utf-8")
    told = run(*CLOSE, *FILES, "--policies", path, "--format", "json").json["results"]
    asked = run(*CLOSE, *FILES, "--format", "json").json["results"]
    (of_payer,) = (one for one in told if one["patient"] == "P004")
    assert of_payer["status"] == status
    assert [one["message"] for one in of_payer["blockers"]] == blocked
    others = [[one for one in some if one["patient"] != "P004"] for some in (told, asked)]
    assert others[0] == others[1]


def test_a_policy_says_nothing_of_the_days_before_it(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "riverbend.toml"
    path.write_text(POLICY.format(programmes='["cpm"]').replace("2026-01-01", "2026-11-01"), encoding="utf-8")
    told = run(*CLOSE, *FILES, "--policies", path, "--format", "json").json["results"]
    (of_payer,) = (one for one in told if one["patient"] == "P004")
    assert [one["outcome"] for one in of_payer["blockers"]] == ["ask"]


def choices(folder: Path, *rows: tuple[str, str]) -> Path:
    marks = [
        {"entry_id": entry, "programs": programs, "marked_by": "Dr. Made Up", "marked_on": "2026-10-30"}
        for entry, programs in rows
    ]
    return put(folder / "choices.csv", marks, ("entry_id", "programs", "marked_by", "marked_on"))


def test_a_choice_is_proposed_and_nothing_is_applied(tmp_path: Path, run: Run) -> None:
    time = [
        spent("2026-10-06 09:00", "25:00"),
        spent("2026-10-07 09:00", "20:00", entry_id="E2", program="ccm"),
    ]
    rolls = [enrolled(), enrolled("ccm")]
    files = (
        *("--time", put(tmp_path / "time.csv", time, ENTRY)),
        *("--enrolments", put(tmp_path / "enrolments.csv", rolls, ENROLMENT)),
    )
    marked = ("--choices", choices(tmp_path, ("E2", "cpm;ccm")))
    text = run(*CLOSE, *files, *marked).text
    assert "\nProposed for marked entries: nothing is changed by itself\n" in text
    assert f"P01            {A}  $" in text
    assert "   move    E2 from ccm to cpm (marked by Dr. Made Up)\n" in text
    assert "   why     completes G3002 ×1, G3003 ×1 in place of 99490 ×1\n" in text
    assert "   or      all to chronic care: 99490 ×1, $" in text
    told, plain = (run(*CLOSE, *files, *more, "--format", "json").json for more in (marked, ()))
    assert (told["results"], told["conflicts"]) == (plain["results"], plain["conflicts"])
    assert [*told][5:7] == ["proposals", "zone"]
    assert "proposals" not in plain
    assert [file["rows"] for file in told["files"]] == [2, 2, 1]


def test_no_better_choice_is_told_as_that(tmp_path: Path, run: Run) -> None:
    marked = ("--choices", choices(tmp_path, ("T005", "cpm;ccm")))
    assert "No other assignment of the marked entries bills more by codes whose price is known.\n" in (
        run(*CLOSE, *FILES, *marked).text
    )
    assert run(*CLOSE, *FILES, *marked, "--format", "json").json["proposals"] == []


def test_a_mark_of_an_entry_that_nobody_logged_is_refused(tmp_path: Path, run: Run) -> None:
    marked = ("--choices", choices(tmp_path, ("T005", "cpm;ccm"), ("T999", "cpm;ccm")))
    refused(run(*CLOSE, *FILES, *marked), "ANO-401", "--choices", "1 marked")


def test_a_bad_mark_is_a_bad_cell(tmp_path: Path, run: Run) -> None:
    marked = ("--choices", choices(tmp_path, ("T005", "cpm;em")))
    ran = run(*CLOSE, *FILES, *marked, "--format", "json")
    assert [(error["row"], error["column"]) for error in ran.json["errors"]] == [(2, "programs")]


def parquet(folder: Path) -> tuple[str | Path, ...]:
    """The example's files as Parquet, their columns as a data frame has them."""
    time = pl.read_csv(TIME, schema_overrides=dict.fromkeys(("practitioner", "pos"), pl.String)).with_columns(
        pl.col("start", "end").str.to_datetime(time_zone="America/New_York"),
        pl.col("elements").fill_null("").str.split(";").list.eval(pl.element().filter(pl.element() != "")),
    )
    days = pl.selectors.ends_with("_on")
    rolls = pl.read_csv(
        ENROLMENTS, schema_overrides=dict.fromkeys(("practitioner", "initiated_pos"), pl.String)
    ).with_columns(days.cast(pl.String).str.to_date())
    time.write_parquet(folder / "time.parquet")
    rolls.write_parquet(folder / "enrolments.parquet")
    return ("--time", folder / "time.parquet", "--enrolments", folder / "enrolments.parquet")


def test_parquet_gives_the_same_answer(tmp_path: Path, run: Run) -> None:
    told, plain = (run(*CLOSE, *files, "--format", "json").json for files in (parquet(tmp_path), FILES))
    assert {name: told[name] for name in told if name != "files"} == {
        name: plain[name] for name in plain if name != "files"
    }
    assert run(*CLOSE, *parquet(tmp_path)) == run(*CLOSE, *FILES)


@pytest.mark.parametrize("at", [1, 3])
def test_one_of_the_files_may_be_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    plain = run(*CLOSE, *FILES, "--format", "json").json
    stream = io.TextIOWrapper(io.BytesIO(Path(FILES[at]).read_bytes()))
    monkeypatch.setattr(sys, "stdin", stream)
    given = (*FILES[:at], "-", *FILES[at + 1 :])
    told = run(*CLOSE, *given, "--format", "json").json
    assert told["results"] == plain["results"]
    assert "-" in [file["path"] for file in told["files"]]


def test_standard_input_is_one_file(run: Run) -> None:
    refused(run(*CLOSE, "--time", "-", "--enrolments", "-"), "ANO-401", "standard input", "--enrolments")


def test_what_moves_a_cursor_does_not_reach_the_page(tmp_path: Path, run: Run) -> None:
    path = changed(tmp_path, ("P003", "P\x1b[2J3"), ("T008", "T\x1b[2J8"))
    told = run(*CLOSE, "--time", path, *FILES[2:]).text
    assert "\x1b" not in told
    assert "T?[2J8" in told
    assert "\x1b" not in run("care", "status", "--as-of", "2026-10-31", "--time", path, *FILES[2:]).text


def test_a_zone_moves_the_end_of_the_month(run: Run) -> None:
    """In Chicago ten minutes before midnight of New York are an hour more of October."""
    told = run(*CLOSE, *FILES, "--zone", "America/Chicago", "--format", "json").json
    (over_midnight,) = (
        entry for one in told["results"] for entry in one["entries"] if entry["entry_id"] == "T013"
    )
    assert (over_midnight["counted_seconds"], told["zone"]) == (1200, "America/Chicago")
    assert "time of America/Chicago\n" in run(*CLOSE, *FILES, "--zone", "America/Chicago").text


# --- a month under way


def test_the_page_of_a_month_under_way_is_as_it_was_last_looked_at(run: Run) -> None:
    ran = run("care", "status", "--as-of", "2026-10-20", *FILES)
    golden("care_status.txt", ran.text)
    assert (ran.status, ran.err) == (0, "")


@pytest.mark.parametrize(
    ("day", "left", "told"),
    [
        ("2026-10-06", "25 days left", {"P001": (2400, "G3003", 300), "P006": (0, "G3002", 1800)}),
        ("2026-10-20", "11 days left", {"P001": (3630, "G3003", 870), "P006": (2160, "G3003", 540)}),
        ("2026-10-30", "1 day left", {"P001": (4500, "G3003", 900), "P006": (2160, "G3003", 540)}),
        ("2026-10-31", "the last day", {"P001": (4500, "G3003", 900), "P006": (2760, "G3003", 840)}),
    ],
)
def test_time_up_to_the_end_of_the_day_counts(
    run: Run, day: str, left: str, told: dict[str, tuple[int, str, int]]
) -> None:
    status = ("care", "status", "--as-of", day, *FILES)
    assert run(*status).text.splitlines()[0].endswith(left)
    answer = run(*status, "--format", "json").json
    assert (answer["schema"], answer["month"], answer["as_of"]) == ("anodyne.care-status/1", day[:7], day)
    assert {
        one["patient"]: (one["counted_seconds"], one["next"]["code"], one["next"]["seconds_short"])
        for one in answer["results"]
        if one["program"] == "cpm" and one["patient"] in told
    } == told


def test_at_the_end_of_the_month_it_is_what_will_be_closed(run: Run) -> None:
    status = run("care", "status", "--as-of", "2026-10-31", *FILES, "--format", "json").json
    closed = run(*CLOSE, *FILES, "--format", "json").json
    assert status["results"] == closed["results"]


def test_tables_of_a_month_under_way_begin_with_who_is_nearest(tmp_path: Path, run: Run) -> None:
    status = ("care", "status", "--as-of", "2026-10-31", *FILES)
    rows = [*csv.DictReader(io.StringIO(run(*status, "--format", "csv").text))]
    short = [int(row["next_seconds_short"]) for row in rows]
    assert (short, rows[0]["patient"]) == (sorted(short), "P003")
    path = tmp_path / "status.xlsx"
    assert run(*status, "--format", "xlsx", "--output", path).status == 0
    assert pl.read_excel(path, sheet_name="Months")["patient"].to_list() == [row["patient"] for row in rows]


def test_staff_time_without_an_enrolment_is_told_last(tmp_path: Path, run: Run) -> None:
    time = [
        spent("2026-10-06 09:00", "10:00"),
        spent("2026-10-07 09:00", "45:00", entry_id="E2", patient="P00", program="ccm", **STAFF),
    ]
    files = (
        *("--time", put(tmp_path / "time.csv", time, ENTRY)),
        *("--enrolments", put(tmp_path / "enrolments.csv", [enrolled()], ENROLMENT)),
    )
    rows = run("care", "status", "--as-of", "2026-10-31", *files).text.splitlines()
    assert [row.split()[0] for row in rows[3:5]] == ["P01", "P00"]
    assert rows[4].endswith("not enrolled")
    assert "Time without an enrolment: nothing is billed\nP00 " in run(*CLOSE, *files).text
