"""`anodyne check --fix`: what a person and a program are told, where the copy goes, and what is refused."""

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from anodyne.cli.main import main
from tests.claims import Claim, Line, file_of
from tests.faces import small_day
from tests.faces.small_day import AS_OF, PRIVATE
from tests.faces.test_cli import COMMAND, Run, refused, run

__all__ = ["run"]

INJ = ("--select", "INJ-01,INJ-01a", *AS_OF)
TOLD = """\
Fixed: 2 lines on 2 claims, $490.00 less billed · corrected copy {out}

ONE                                                           $315.00 → $175.00 billed, $140.00 less
  line 2    20552, 1 unit, $140.00 → left out                                                 INJ-01
TWO                                                           $525.00 → $175.00 billed, $350.00 less
  line 1    20553-59, 3 units, $525.00 → 1 unit, $175.00                                     INJ-01a

Not fixed: 1 line
THREE
  line 1    2026-10-14: make it 1 unit, charge $175.00                                       INJ-01a
            the claim is not in order (X12-BALANCE): that first

What remains:
{out}   3 claims · 3 lines · 1 payer """


@pytest.fixture
def day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "day.837"
    path.write_bytes(
        file_of(
            Claim([Line("20553", charge=175_00), Line("20552", charge=140_00)], id="ONE"),
            Claim([Line("20553", ("59",), units=3, charge=525_00)], id="TWO", patient=2),
            Claim([Line("20553", units=3, charge=525_00)], id="THREE", patient=3),
        ).replace(b"CLM*THREE*525*", b"CLM*THREE*524*")
    )
    return path


def test_a_person_reads_what_was_fixed_then_what_remains(run: Run, day: Path) -> None:
    ran = run("check", day, "--fix", "out.837", *INJ)
    assert ran.out.startswith(TOLD.format(out="out.837"))
    assert (ran.status, ran.err) == (1, "")
    assert all(len(row) <= 100 for row in ran.out.splitlines())
    assert not [private for private in PRIVATE if private in ran.out]
    assert b"CLM*ONE*175*" in Path("out.837").read_bytes()


def test_a_program_reads_it_after_all_else(run: Run, day: Path) -> None:
    ran = run("check", day, "--fix", "out.837", "--format", "json", *INJ)
    told = json.loads(ran.out)
    assert list(told) == ["schema", "as_of", "files", "findings", "summary", "fixes"]
    assert [file["path"] for file in told["files"]] == ["out.837"]
    assert [(one["claim"], one["rule"]) for one in told["findings"]] == [("THREE", "INJ-01a")]
    fixes = told["fixes"]
    assert list(fixes) == ["file", "claims", "lines", "removed_cents", "applied", "left"]
    assert [fixes[name] for name in ("file", "claims", "lines", "removed_cents")] == ["out.837", 2, 2, 490_00]
    assert fixes["applied"] == [
        {
            "claim": "ONE",
            "segment": 21,
            "line": 2,
            "rules": ["INJ-01"],
            "before": {"code": "20552", "units": 1.0, "charge_cents": 140_00},
            "after": None,
            "claim_before_cents": 315_00,
            "claim_after_cents": 175_00,
        },
        {
            "claim": "TWO",
            "segment": 47,
            "line": 1,
            "rules": ["INJ-01a"],
            "before": {"code": "20553", "mod1": "59", "units": 3.0, "charge_cents": 525_00},
            "after": {"code": "20553", "mod1": "59", "units": 1, "charge_cents": 175_00},
            "claim_before_cents": 525_00,
            "claim_after_cents": 175_00,
        },
    ]
    assert fixes["left"] == [
        {
            "claim": "THREE",
            "line": 1,
            "served_on": "2026-10-14",
            "rules": ["INJ-01a"],
            "fixes": [{"set": {"units": 1, "charge_cents": 175_00}}],
            "why": "the claim is not in order (X12-BALANCE): that first",
        }
    ]
    assert not [private for private in PRIVATE if private in ran.out]


def test_without_the_option_json_is_as_it_was(run: Run, day: Path) -> None:
    assert list(json.loads(run("check", day, "--format", "json", *INJ).out))[-1] == "summary"


def test_the_status_is_that_of_the_copy(run: Run, day: Path) -> None:
    day.write_bytes(small_day.denied())
    assert run("check", day, *INJ).status == 1
    assert run("check", day, "--fix", "out.837", *INJ).status == 0
    assert run("check", "out.837", *INJ).status == 0


def test_claims_of_one_id_are_told_apart_by_the_day(run: Run, day: Path) -> None:
    lines = [Line("20553", units=3, charge=525_00)]
    some = [Claim(lines, id="SAME", patient=n, on=dt.date(2026, 10, 13 + n)) for n in (1, 2)]
    day.write_bytes(file_of(*some).replace(b"CLM*SAME*525*", b"CLM*SAME*524*"))
    told = run("check", day, "--fix", "out.837", *INJ).out.splitlines()
    rows = [row for row in told if row.startswith("  line 1    2026-10-1")]
    assert [row[12:22] for row in rows] == ["2026-10-14", "2026-10-15"]


def test_nothing_to_fix_is_said(run: Run, day: Path) -> None:
    day.write_bytes(small_day.clean())
    ran = run("check", day, "--fix", "out.837", *INJ)
    assert ran.out.startswith("Fixed: nothing · the copy out.837 is the file as given\n")
    assert Path("out.837").read_bytes() == day.read_bytes()


def test_a_page_or_a_workbook_leaves_what_was_fixed_to_standard_error(run: Run, day: Path) -> None:
    ran = run("check", day, "--fix", "out.837", "--format", "html", "--output", "page.html", *INJ)
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("Fixed: 2 lines on 2 claims")


def test_the_copy_goes_down_a_pipe_and_comes_from_one(day: Path) -> None:
    command = [sys.executable, *COMMAND, "check", "-", "--fix", "-", "--output", os.devnull, *INJ]
    done = subprocess.run(command, input=day.read_bytes(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (1, b"")
    assert main(["check", str(day), "--fix", "out.837", "--output", os.devnull, *INJ]) == 1
    assert done.stdout == Path("out.837").read_bytes()


def test_a_named_pipe_is_read_as_a_file_is(day: Path) -> None:
    os.mkfifo("pipe")
    with subprocess.Popen(["cp", str(day), "pipe"]):  # noqa: S607  the machine's own
        assert main(["check", "pipe", "--fix", "out.837", "--output", os.devnull, *INJ]) == 1
    assert b"CLM*ONE*175*" in Path("out.837").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("day.837", "day.837", "--fix", "out.837"), ("one file is corrected at a time",)),
        (("day.837", "--fix", "day.837"), ("would overwrite a file that is read", "--fix")),
        (("day.837", "--fix", "./link.837"), ("would overwrite a file that is read", "--fix")),
        (("day.837", "--history", "old.837", "--fix", "old.837"), ("would overwrite a file that is read",)),
        (("day.837", "--policies", "old.837", "--fix", "old.837"), ("would overwrite a file that is read",)),
        (("--history", "old.837", "--fix", "out.837"), ("claims already sent are not corrected",)),
        (("day.837", "--fix", "-"), ("would go to the same place",)),
        (("day.837", "--fix", "out", "--output", "./out"), ("would go to the same place",)),
        (("day.837", "--fix", "nowhere/out.837"), ("the output cannot be written",)),
        (("day.837", "--fix", "."), ("the output cannot be written",)),
        (("absent.837", "--fix", "out.837"), ("absent.837",)),
        (("day.837", "--fix", "out.837", "--select", "NONE"), ("no rule is called NONE",)),
    ],
)
def test_what_cannot_be_done_leaves_everything_as_it_was(
    run: Run, day: Path, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    before = day.read_bytes()
    Path("old.837").write_bytes(small_day.clean())
    Path("link.837").symlink_to(day)
    Path("out.837").write_bytes(b"what was there")
    refused(run("check", *arguments, *AS_OF), *words)
    assert day.read_bytes() == before
    assert Path("out.837").read_bytes() == b"what was there"
    assert {path.name for path in Path().iterdir()} == {"day.837", "old.837", "link.837", "out.837"}


def test_an_old_copy_is_replaced_whole(run: Run, day: Path) -> None:
    Path("out.837").write_bytes(b"x" * 1_000_000)
    run("check", day, "--fix", "out.837", *INJ)
    assert Path("out.837").read_bytes().startswith(b"ISA")
    assert {path.name for path in Path().iterdir()} == {"day.837", "out.837"}
