"""The HCPCS Level II file, in its two layouts, and what claims are told by it."""

import datetime as dt
from pathlib import Path

import pytest

from anodyne.app.reference import load_files
from anodyne.kernel.errors import AnodyneError
from anodyne.reference.tables import Reference, load
from tests.claims import Claim, Line, findings, told
from tests.reference import layouts

JULY = dt.date(2026, 7, 1)
TEXT = "HCPC2026_JUL_CONTR_ANWEB.txt"
CODES = (
    ("J3301", "19880101", ""),
    ("J1010", "20240401", ""),
    ("J1030", "19820101", "20240331"),
    ("J7777", "20261001", ""),
    ("L8679", "20140101", "20260630"),
)


def record(code: str, added: str, last: str = "", kind: str = "3") -> str:
    """A record of 320 places; the descriptions and indicators are made up."""
    begun = f"{code:5}00100{kind}{'made-up words':80}{'short':28}"
    return f"{begun:268}{added:8}{added:8}{last:8}N{'':27}"


def text(*codes: tuple[str, str, str]) -> bytes:
    lines = [line for code in codes for line in (record(*code), record(*code[:2], "", "4"))]
    modifiers = ["   LT001007made-up words".ljust(320), "   LT002008more".ljust(320)]
    return "".join(f"{line}\r\n" for line in (*lines, *modifiers)).encode()


def book(*codes: tuple[str, str, str]) -> bytes:
    notes = [("made-up note on coverage", *[""] * 6)]
    head = ("HCPC", "SEQNUM", "RECID", "LONG DESCRIPTION", "ADD DT", "ACT EFF DT", "TERM DT")
    rows = [(code, "100", "3", "words", added, added, last) for code, added, last in codes]
    more = [(code, "200", "4", "words", added, added, last) for code, added, last in codes[:1]]
    modifier = ("LT", "100", "7", "words", "19820101", "19820101", "")
    return layouts.sheet([*notes, head, *rows, *more, modifier])


def loaded(folder: Path, name: str, content: bytes, start: dt.date | None = None) -> Reference:
    home = folder / "home"
    load_files([layouts.written(folder / name, content)], home=home, start=start)
    return load(home)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (TEXT, text(*CODES)),
        ("hcpc2026_jul_anweb.xlsx", book(*CODES)),
        ("july-2026.zip", layouts.zipped({TEXT: text(*CODES), "readme.txt": b"made up"})),
        ("both.zip", layouts.zipped({"HCPC2026_JUL_ANWEB.xlsx": book(*CODES)})),
    ],
)
def test_codes_and_their_days(tmp_path: Path, name: str, content: bytes) -> None:
    tables = loaded(tmp_path, name, content)
    assert [edition.start for edition in tables.editions("hcpcs")] == [JULY]
    assert tables.editions("hcpcs")[0].expect_next == dt.date(2026, 10, 1)
    rows = tables.table("hcpcs").select("code", "added", "ended").rows()
    assert rows == [
        ("J1010", dt.date(2024, 4, 1), None),
        ("J1030", dt.date(1982, 1, 1), dt.date(2024, 4, 1)),
        ("J3301", dt.date(1988, 1, 1), None),
        ("J7777", dt.date(2026, 10, 1), None),
        ("L8679", dt.date(2014, 1, 1), dt.date(2026, 7, 1)),
    ]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (("J3301", "1988XX01", ""), ("row 1", "ADD DT", "YYYYMMDD")),
        (("J3301", "19880101", "2026AB01"), ("row 1", "TERM DT", "YYYYMMDD")),
    ],
)
def test_a_day_that_is_none_is_named(
    tmp_path: Path, wrong: tuple[str, str, str], words: tuple[str, ...]
) -> None:
    with pytest.raises(AnodyneError) as failure:
        loaded(tmp_path, TEXT, text(wrong, *CODES[1:]))
    assert all(word in str(failure.value) for word in words), str(failure.value)


def test_a_file_that_does_not_say_its_quarter_is_asked_for_it(tmp_path: Path) -> None:
    with pytest.raises(AnodyneError, match="--start"):
        loaded(tmp_path, "codes.txt", text(*CODES))
    assert loaded(tmp_path, "codes.txt", text(*CODES), JULY).newest("hcpcs") == JULY


def of_codes(tables: Reference, code: str, on: dt.date) -> set[tuple[str, str]]:
    found = told(Claim([Line(code)], on=on), as_of=dt.date(2026, 11, 21), tables=tables)
    return {(rule, outcome) for rule, outcome, _ in found if rule.startswith("CODE-")}


def test_claims_are_judged_by_the_days_of_the_file(tmp_path: Path) -> None:
    tables = loaded(tmp_path, TEXT, text(*CODES))
    last, day = dt.date(2026, 6, 30), dt.timedelta(days=1)
    assert of_codes(tables, "L8679", last) == set()
    assert of_codes(tables, "L8679", last + day) == {("CODE-01a", "deny")}
    assert of_codes(tables, "J7777", dt.date(2026, 9, 30)) == {("CODE-02a", "deny")}
    assert of_codes(tables, "J7777", dt.date(2026, 10, 1)) == set()
    assert of_codes(tables, "J3301", JULY) == set()
    found = findings(Claim([Line("L8679")], on=last + day), tables=tables).filter(rule="CODE-01a")
    assert found["message"].item() == "L8679 ended 2026-06-30; find the code for what was done"


def test_a_code_that_the_file_does_not_hold_is_none(tmp_path: Path) -> None:
    tables = loaded(tmp_path, TEXT, text(*CODES))
    assert of_codes(tables, "J3999", JULY) == {("CODE-04", "deny")}
    assert of_codes(tables, "J3999", JULY - dt.timedelta(days=1)) == set()
    assert of_codes(tables, "20553", JULY) == set()
    assert of_codes(tables, "0232T", JULY) == set()
    assert of_codes(load(None), "J3999", JULY) == set()


def test_a_code_with_a_rule_of_its_own_keeps_it(tmp_path: Path) -> None:
    tables = loaded(tmp_path, TEXT, text(*CODES))
    found = told(Claim([Line("J1030")]), tables=tables)
    assert ("INJ-39", "deny", 1) in found
    assert not {rule for rule, _, _ in found if rule.startswith("CODE-")}
