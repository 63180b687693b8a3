"""Patients found, as text, JSON and tables."""

import csv
import datetime as dt
import io
import json
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from anodyne.app import care_find as app
from anodyne.app.care_find import Found, find_patients
from anodyne.app.spool import Spool
from anodyne.care.finder import FOUND
from anodyne.cli import care_find
from anodyne.cli.page import Page
from anodyne.kernel.errors import BadRequest, BadTable, UnreadableFile
from tests.claims import AS_OF, Claim, Line, file_of, npi, reference

ROOT = Path(__file__).parents[2]
FIRST, LAST = dt.date(2026, 3, 1), dt.date(2026, 10, 2)
PRIVATE = ("DOE", "ROE", "M0000", "19510101", "1951-01-01", "1 ELM ST")
ENROLMENTS = f"patient,practitioner,program\nMR6,{npi(52)},cpm\n"


def visits(patient: int, *days: dt.date, record: str = "MR{}", **said: Any) -> list[Claim]:
    """Visits for low back pain, unless said otherwise."""
    extra = (f"REF*EA*{record.format(patient)}",) if record else ()
    known = {"dx": ("M5450",), "extra": extra, "patient": patient, **said}
    return [Claim([Line("99213")], id=f"P{patient}-{day:%m%d}", on=day, **known) for day in days]


def several() -> list[Claim]:
    """One of everything that there is to tell."""
    return [
        *visits(1, FIRST, LAST, dx=("G894", "M5416")),
        *visits(2, FIRST, LAST, payer="commercial"),
        *visits(3, FIRST, LAST, record=""),
        Claim([Line("99490")], id="C3", on=dt.date(2026, 9, 30), patient=3, dx=("I10",)),
        *visits(4, FIRST),
        *visits(4, LAST, rendering=npi(77)),
        *visits(5, FIRST, dt.date(2026, 4, 1)),
        *visits(6, FIRST, LAST),
        *visits(7, FIRST, LAST, payer="commercial"),
    ]


@pytest.fixture
def history(tmp_path: Path) -> str:
    path = tmp_path / "history.837"
    path.write_bytes(file_of(*several()))
    return str(path)


def found(*paths: str, **said: Any) -> Found:
    return find_patients(paths, as_of=AS_OF, reference=reference(), **said)


def told(some: Found, form: str = "text", page: Page | None = None) -> str:
    out = io.BytesIO()
    care_find.write(some, form, out, page or Page())
    return out.getvalue().decode()


def test_a_biller_reads_who_is_likely_and_what_to_ask(history: str) -> None:
    text = told(found(history))
    assert text.startswith(
        "Chronic pain management (G3002): likely to qualify, not enrolled, as of 21 Nov 2026\n"
        "7 patients · 15 claims, served 1 Mar 2026 to 2 Oct 2026 · visits counted from 22 Nov 2025\n"
    )
    likely, asked = text.split("\nLikely, once what is missing is known\n")
    first = (
        "MR1               1000000525    MEDICARE PART B OHIO          1 Mar 2026    215       2   2 Oct 2026"
    )
    assert f"{first}\n   G89.4, M54.16\n" in likely
    assert "claim P3-1002" in likely
    assert "   99490 (chronic care management) is billed, last on 30 Sep 2026: no minute counts" in likely
    assert "   needs  payer policy: which care management programmes does it pay?\n" in asked
    assert "3 likely · 3 to ask about · 7 patients with pain coded since 22 Nov 2025\n" in asked
    assert "Not listed: 1 with pain coded over 3 months or less\n" in asked
    assert "History:    the claims begin on 1 Mar 2026; older ones too may show" in asked
    assert "Enrolled:   not told; --enrolments" in asked
    assert "Needed:     payer policy: which care management programmes does it pay? (2 rows)\n" in asked
    assert "Next:       at a visit in person of 30 minutes or more" in asked


@pytest.mark.parametrize("width", [60, 87, 88, 100, 120])
def test_every_row_is_within_the_page(history: str, width: int) -> None:
    long = file_of(*visits(9, FIRST, LAST, record="LONG-NUMBER-OF-A-PRACTICE-{}-AND-MORE-THAN-FITS"))
    Path(history).with_name("long.837").write_bytes(long)
    text = told(found(history, str(Path(history).with_name("long.837"))), page=Page(width))
    assert max(len(row) for row in text.splitlines()) <= width
    assert npi(77) in text


def test_colour_is_only_for_a_terminal(history: str) -> None:
    assert "\x1b[" in told(found(history), page=Page(colour=True))
    assert "\x1b[" not in told(found(history))


def test_what_is_over_is_counted(history: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(care_find, "ROWS", 1)
    assert told(found(history)).count("… and 2 more: --format xlsx has all\n") == 2


def test_json_holds_every_patient_and_what_became_of_the_others(history: str, tmp_path: Path) -> None:
    enrolments = tmp_path / "enrolments.csv"
    enrolments.write_text(ENROLMENTS)
    some = found(history, enrolments=str(enrolments))
    said = json.loads(told(some, "json"))
    assert (said["schema"], said["as_of"], said["months"]) == ("anodyne.care-find/1", "2026-11-21", 12)
    assert said["visits_from"] == "2025-11-22"
    assert [list(row) for row in said["patients"]] == [list(FOUND)] * 5
    first = said["patients"][0]
    assert (first["medical_record"], first["likely"], first["enrolled"]) == ("MR1", True, False)
    assert first["pain_from"] == "2026-03-01"
    by_claim = {row["claim_id"]: row for row in said["patients"]}
    assert (by_claim["P3-1002"]["likely"], by_claim["P3-1002"]["medical_record"]) == (None, None)
    assert said["summary"] == {
        "patients": 7,
        "with_pain": 7,
        "likely": 1,
        "to_ask": 4,
        "not_listed": {
            "short_pain": 1,
            "few_visits": 0,
            "billed": 0,
            "enrolled": 1,
            "rejected": 0,
            "unpaid": 0,
        },
    }
    assert said["history"]["begins"] == "2026-03-01"
    assert said["history"]["whole"] is False
    assert said["history"]["files"][0]["claims"] == 15
    assert said["enrolments"]["rows"] == 1
    assert "Enrolled:" not in told(some)


def test_csv_and_workbook_have_a_row_for_each(history: str, tmp_path: Path) -> None:
    some = found(history)
    rows = list(csv.DictReader(io.StringIO(told(some, "csv"))))
    assert [row["likely"] for row in rows] == ["likely"] * 3 + ["ask"] * 3
    assert (rows[0]["medical_record"], rows[0]["pain_codes"]) == ("MR1", "G89.4 M54.16")
    assert rows[0]["needs"] == ""
    path = tmp_path / "found.xlsx"
    with path.open("wb") as out:
        care_find.write(some, "xlsx", out, Page())
    sheet = pl.read_excel(path, sheet_name="Patients", infer_schema_length=None, drop_empty_cols=False)
    assert sheet.columns[:4] == ["status", "owner", "due", "note"]
    assert sheet.columns[4:] == list(rows[0])
    assert sheet["claim_id"].to_list() == [row["claim_id"] for row in rows]
    assert set(sheet["status"]) == {"open"}
    assert sheet["visited_on"].dtype == pl.Date


def test_text_of_a_file_is_never_a_formula_nor_moves_the_cursor(tmp_path: Path) -> None:
    path = tmp_path / "bad.837"
    path.write_bytes(file_of(*visits(1, FIRST, LAST, record="=1+{}\x1b[2J")))
    some = found(str(path))
    (row,) = csv.DictReader(io.StringIO(told(some, "csv")))
    assert row["medical_record"] == "'=1+1?[2J"
    assert "=1+1?[2J" in told(some)


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_no_name_member_id_or_birth_date_is_told(history: str, form: str) -> None:
    text = told(found(history), form)
    assert not [planted for planted in PRIVATE if planted in text]


def test_a_file_given_twice_counts_once(history: str, tmp_path: Path) -> None:
    again = tmp_path / "again.837"
    again.write_bytes(Path(history).read_bytes())
    some = found(history, str(again))
    assert some.repeated == (str(again),)
    assert some.rows.equals(found(history).rows)
    assert "Read once: given more than once, " in " ".join(told(some).split())


def test_many_claims_are_found_as_few_are(history: str, monkeypatch: pytest.MonkeyPatch) -> None:
    few = found(history)
    monkeypatch.setattr(app, "Spool", partial(Spool, batch_claims=1))
    many = found(history)
    assert many.rows.equals(few.rows)
    assert (many.patients, many.standings, many.look) == (few.patients, few.standings, few.look)


def test_history_may_come_through_standard_input(history: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = Path(history).read_bytes()
    read: list[int] = []
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
    some = found("-", progress=read.append)
    assert some.rows.equals(found(history).rows)
    assert read[-1] == len(raw)


def test_what_cannot_be_done_is_refused(history: str, tmp_path: Path) -> None:
    for paths, said in (
        ((), {}),
        ((history,), {"months": 0}),
        ((history,), {"months": 121}),
        (("-", "-"), {}),
        (("-",), {"enrolments": "-"}),
    ):
        with pytest.raises(BadRequest):
            found(*paths, **said)
    with pytest.raises(UnreadableFile):
        found(str(tmp_path / "nothing.837"))
    bad = tmp_path / "bad.csv"
    bad.write_text("patient,practitioner,program\nMR1,1,cpm\n")
    with pytest.raises(BadTable):
        found(history, enrolments=str(bad))


def test_claims_without_a_day_find_nobody(tmp_path: Path) -> None:
    path = tmp_path / "later.837"
    path.write_bytes(file_of(*visits(1, AS_OF + dt.timedelta(days=1))))
    some = found(str(path))
    assert (some.look.begins, some.ends, len(some.rows)) == (None, None, 0)
    text = told(some)
    assert "1 patient · 1 claim · visits counted from 22 Nov 2025\n" in text
    assert "No patient with pain is among them.\n" in text
    assert json.loads(told(some, "json"))["patients"] == []
    assert told(some, "csv").count("\n") == 1


def test_the_example_history_says_why_nobody_is_listed() -> None:
    some = found(str(ROOT / "examples" / "history.837"))
    assert some.look.whole
    assert dict(some.standings) == {"short_pain": 14, "billed": 6, "few_visits": 5}
    text = " ".join(told(some).split())
    assert "0 likely · 25 patients with pain coded since 22 Nov 2025 Not listed:" in text
    assert "6 with G3002 billed already" in text
    assert "Next:" not in text
