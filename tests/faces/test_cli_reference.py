"""`anodyne reference`: loading files and telling what is in force, as a shell sees it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from anodyne.cli.main import main
from anodyne.cli.page import Page
from tests.claims import Claim, Line, file_of
from tests.faces import small_day
from tests.reference import layouts

MUE = "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv"
DAY = ("--as-of", "2026-11-21")


class Ran(NamedTuple):
    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("ANODYNE_HOME", str(tmp_path / "home"))

    def ran(*arguments: str | Path) -> Ran:
        status = main([str(argument) for argument in arguments])
        told = capfdbinary.readouterr()
        return Ran(status, told.out.decode(), told.err.decode())

    return ran


@pytest.fixture
def limits(tmp_path: Path) -> str:
    rows = layouts.mue(("20553", "1", 2), ("J3301", "1600", 3))
    return layouts.written(tmp_path / MUE, layouts.commas(rows))


def test_a_file_is_loaded_once(run: Run, limits: str) -> None:
    said = "MUE 2026 Q4, in force from 1 Oct 2026: 2 rows, "
    assert run("reference", "load", limits) == Ran(0, f"{said}loaded\n", "")
    assert run("reference", "load", limits) == Ran(0, f"{said}already loaded\n", "")


def pairs_part(folder: Path, number: int) -> str:
    """A part of the pairs of 2026 Q4: the second begins with one of two services of `Claim`s below."""
    pair = ("97110", "97012") if number == 1 else (f"9711{number}", "97010")
    edits = layouts.tabbed(layouts.ptp((*pair, "20261001", "*", "0")))
    return layouts.written(folder / f"ccipra-v323r0-f{number}.txt", edits)


def test_a_part_alone_takes_no_finding_away(run: Run, tmp_path: Path) -> None:
    claim = Claim([Line("20553", charge=100_00), Line("20552", charge=50_00)])
    claims = layouts.written(tmp_path / "day.837", file_of(claim))
    asked = ("check", claims, *small_day.AS_OF)
    before = json.loads(run(*asked, "--format", "json").out)
    assert before["findings"]
    run("reference", "load", pairs_part(tmp_path, 1))
    after = json.loads(run(*asked, "--format", "json").out)
    assert after["findings"] == before["findings"]
    (pairs,) = (one for one in after["summary"]["editions"] if one["name"] == "ptp")
    assert (pairs["period"], pairs["waiting"]) == ("2024 Q3", "2026 Q4, 1 of 4 parts")
    said = " ".join(run(*asked).out.split())
    assert (
        "NCCI pairs 2024 Q3, overdue since 1 Oct 2024 (2026 Q4, 1 of 4 parts: not used until whole)" in said
    )
    run("reference", "load", *(pairs_part(tmp_path, n) for n in range(2, 5)))
    whole = json.loads(run(*asked, "--format", "json").out)
    (pairs,) = (one for one in whole["summary"]["editions"] if one["name"] == "ptp")
    assert (pairs["period"], pairs["waiting"]) == ("2026 Q4", None)


def test_parts_that_are_missing_are_told(run: Run, tmp_path: Path) -> None:
    edits = layouts.tabbed(layouts.ptp(("20553", "20552", "20020101", "*", "0")))
    path = layouts.written(tmp_path / "ccipra-v323r0-f3.txt", edits)
    told = "ot used until f1, f2 and f4 are loaded too"
    said = "Until f1, f2 and f4 are loaded too what was loaded before is used"
    assert said in " ".join(run("reference", "load", path).out.split())
    status = run("reference", "status", *DAY).out
    assert f"2026 Q4, 1 of 4 parts: n{told}" in " ".join(status.split())
    (pairs,) = (row for row in status.splitlines() if row.startswith("NCCI pairs"))
    assert " excerpt " in pairs
    tables = json.loads(run("reference", "status", "--format", "json", *DAY).out)["tables"]
    (waiting,) = next(table["waiting"] for table in tables if table["table"] == "ptp")
    assert waiting["missing"] == ["f1", "f2", "f4"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("day.837", small_day.denied(), ["837 claim file", "day.837"]),
        ("page.zip", b"<html>a licence</html>", ["web page", "page.zip"]),
        ("half.zip", layouts.zipped({MUE: b"a" * 99})[:60], ["half.zip", "not whole"]),
        ("mue.csv", layouts.commas(layouts.mue(("20553", "1", 2))), ["--start", "mue.csv"]),
        (MUE, layouts.commas(layouts.mue(("20553", "one", 2))), ["row 3", "MUE Values", MUE]),
    ],
    ids=["claims", "page", "half", "undated", "bad row"],
)
def test_a_file_that_cannot_be_loaded_is_one_row_of_error(
    run: Run, tmp_path: Path, name: str, content: bytes, words: list[str]
) -> None:
    ran = run("reference", "load", layouts.written(tmp_path / name, content))
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert not [word for word in words if word not in ran.err], ran.err
    assert not [private for private in small_day.PRIVATE if private in ran.err]


def test_a_start_that_is_no_day_is_refused(run: Run, limits: str) -> None:
    ran = run("reference", "load", limits, "--start", "October")
    assert ran.status == 2
    assert "--start" in ran.err


def test_other_rows_need_replace(run: Run, limits: str, tmp_path: Path) -> None:
    run("reference", "load", limits)
    other = layouts.written(tmp_path / "mue.csv", layouts.commas(layouts.mue(("20553", "2", 2))))
    asked = ("reference", "load", other, "--start", "2026-10-01")
    assert run(*asked).status == 2
    assert run(*asked, "--replace").out.endswith("loaded in place of what was there\n")


def test_the_state_is_told_for_people(run: Run, limits: str, tmp_path: Path) -> None:
    run("reference", "load", limits)
    told = run("reference", "status", *DAY)
    rows = told.out.splitlines()
    assert told.status == 0
    assert max(map(len, rows)) <= 100
    assert next(row for row in rows if row.startswith("MUE ")).split() == [
        "MUE", "2026", "Q4", "1", "Oct", "2026", "2", "loaded",
    ]  # fmt: skip
    pairs = next(row for row in rows if row.startswith("NCCI pairs"))
    assert " excerpt " in pairs
    assert pairs.endswith("due since 1 Oct 2024")
    absent = rows[rows.index("Not loaded, and what is not judged without it") :]
    assert any(row.strip().startswith("GPCI: ") for row in absent)
    assert str(tmp_path / "home") in told.out.replace("\n", " ")
    earlier = run("reference", "status", "--as-of", "2026-09-30").out
    assert "2026 Q4 is there too, in force from 1 Oct 2026" in earlier
    before = run("reference", "status", "--as-of", "2020-01-01").out
    assert "nothing was in force: it begins later" in before
    assert "2026 Q4 is there too" in before


def test_a_narrow_page_folds_what_is_due(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anodyne.cli.reference.page_for", lambda _: Page(80))
    rows = run("reference", "status", *DAY).out.splitlines()
    assert max(map(len, rows)) <= 80
    assert "due since 1 Oct 2024" in [row.strip() for row in rows]


def test_what_is_damaged_is_told(run: Run, limits: str, tmp_path: Path) -> None:
    run("reference", "load", limits)
    assert run("reference", "status", "--verify", *DAY).status == 0
    data = tmp_path / "home" / "reference" / "mue" / "2026-10-01" / "table.arrow"
    content = bytearray(data.read_bytes())
    content[len(content) // 2] ^= 1
    data.write_bytes(content)
    assert run("reference", "status", *DAY).status == 0
    ran = run("reference", "status", "--verify", *DAY)
    assert ran.status == 1
    assert "Damaged: load the publisher's file again, with --replace" in ran.out
    (told,) = json.loads(run("reference", "status", "--verify", "--format", "json", *DAY).out)["damaged"]
    assert told["folder"] == str(data.parent)


def test_what_was_left_out_of_a_zip_is_told(run: Run, limits: str, tmp_path: Path) -> None:
    inside = {MUE: Path(limits).read_bytes(), "readme.pdf": b"%PDF", "notes.txt": b"words"}
    ran = run("reference", "load", layouts.written(tmp_path / "mue.zip", layouts.zipped(inside)))
    assert ran.status == 0
    assert ran.out.endswith("Left out of mue.zip: readme.pdf (a PDF), notes.txt\n")


def test_no_word_after_reference_tells_the_state(run: Run) -> None:
    told = run("reference")
    assert told.status == 0
    assert told.out.startswith("table ")


def test_the_state_is_told_to_programs(run: Run, limits: str) -> None:
    run("reference", "load", limits)
    told = json.loads(run("reference", "status", "--format", "json", *DAY).out)
    assert (told["schema"], told["as_of"]) == ("anodyne.reference.status/1", "2026-11-21")
    tables = {table["table"]: table for table in told["tables"]}
    mue = tables["mue"]
    assert (mue["loaded"], mue["editions"], mue["overdue_since"]) == (True, 2, None)
    assert mue["in_force"]["rows"] == 2
    assert mue["in_force"]["start"] == "2026-10-01"
    assert mue["in_force"]["files"][0]["name"] == MUE
    assert len(mue["in_force"]["files"][0]["sha256"]) == 64
    assert tables["gpci"]["in_force"] is None
    assert tables["ptp"]["overdue_since"] == "2024-10-01"


def test_a_check_judges_by_what_was_loaded(run: Run, tmp_path: Path) -> None:
    claim = Claim([Line("97110", charge=100_00), Line("97012", charge=50_00)])
    claims = layouts.written(tmp_path / "day.837", file_of(claim))
    asked = ("check", claims, "--select", "NCCI", "--format", "json", *small_day.AS_OF)
    assert json.loads(run(*asked).out)["findings"] == []
    run("reference", "load", *(pairs_part(tmp_path, n) for n in range(1, 5)))
    (finding,) = json.loads(run(*asked).out)["findings"]
    assert (finding["rule"], finding["codes"]) == ("NCCI-01", ["97110", "97012"])
    assert "by the edition of 2026-10-01, the newest loaded" in finding["cites"][0]["section"]


def test_what_an_edition_changes_is_told(run: Run, tmp_path: Path) -> None:
    claim = Claim([Line("97110", charge=100_00), Line("97012", charge=50_00)])
    claims = layouts.written(tmp_path / "day.837", file_of(claim))
    edits = layouts.tabbed(layouts.ptp(("97110", "97012", "20261001", "*", "0")))
    new = layouts.written(tmp_path / "ccipra-v323r0-f1.txt", edits)
    asked = ("reference", "diff", "ptp@2024-07-01", new, "--claims", claims, *DAY)
    ran = run(*asked)
    assert (ran.status, ran.err) == (0, "")
    rows = ran.out.splitlines()
    assert max(map(len, rows)) <= 100
    assert rows[0] == "NCCI pairs: 2024 Q3 (14,676 rows) → 2026 Q4 (1 row)"
    assert "NCCI pairs: NEW lacks f2, f3, f4: what is not in it looks ended." in rows
    (found,) = (row for row in rows if row.startswith("NCCI-01"))
    assert found.split()[1:8] == ["deny", "97110", "+", "97012", "1", "claim", "$50.00"]
    told = json.loads(run(*asked, "--format", "json").out)
    assert told["schema"] == "anodyne.reference.diff/1"
    assert told["now"] == [
        {
            "rule": "NCCI-01",
            "outcome": "deny",
            "codes": "97110 + 97012",
            "claims": 1,
            "findings": 1,
            "at_risk_cents": 50_00,
        }
    ]
    assert run("reference", "diff", "2026-10-01", "2026-10-02", "--claims", claims).status == 2
    assert run("reference", "diff", "2024-07-01", new).status == 2
