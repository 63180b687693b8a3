"""The command as a shell sees it: exit statuses, errors, where output goes."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO, NamedTuple

import pytest

from anodyne.cli import as_json, progress
from anodyne.cli.main import TRACE, main
from tests.faces import small_day
from tests.faces.small_day import AS_OF, PRIVATE

COMMAND = ("-c", "from anodyne.cli.main import run; run()")


class Ran(NamedTuple):
    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    def ran(*arguments: str | Path) -> Ran:
        status = main([str(argument) for argument in arguments])
        told = capfdbinary.readouterr()
        return Ran(status, told.out.decode(), told.err.decode())

    return ran


@pytest.fixture
def day(tmp_path: Path) -> Path:
    path = tmp_path / "day.837"
    path.write_bytes(small_day.denied())
    return path


def started(
    *arguments: str, given: bytes | None = None, out: int = subprocess.PIPE
) -> subprocess.CompletedProcess[bytes]:
    """What a Python of its own does with `arguments`."""
    return subprocess.run(
        [sys.executable, *arguments], input=given, stdout=out, stderr=subprocess.PIPE, check=False
    )


def refused(ran: Ran, *words: str) -> None:
    """One error, of one row, and nothing else."""
    assert ran.status == 2
    assert not ran.out
    assert ran.err.startswith("anodyne: ANO-")
    assert ran.err.count("\n") == 1
    assert "Traceback" not in ran.err
    assert not [word for word in (*words, " (at ") if word not in ran.err]
    assert not [private for private in PRIVATE if private in ran.err]


@pytest.mark.parametrize(
    ("limit", "status"),
    [("reject", 0), ("deny", 1), ("audit", 1), ("ask", 1), ("missed", 1), ("never", 0)],
)
def test_the_status_is_1_from_the_outcome_on_that_was_asked_for(
    run: Run, day: Path, limit: str, status: int
) -> None:
    assert run("check", day, "--select", "INJ-01", "--fail-on", limit, *AS_OF).status == status


def test_without_a_limit_a_denial_is_a_failure_and_a_question_is_not(run: Run, day: Path) -> None:
    assert run("check", day, "--select", "INJ-01", *AS_OF).status == 1
    day.write_bytes(small_day.asked())
    ran = run("check", day, "--select", "MOD-50", *AS_OF)
    assert ran.status == 0
    assert "ask" in ran.out


def test_clean_claims_end_with_0_and_say_so(run: Run, day: Path) -> None:
    day.write_bytes(small_day.clean())
    ran = run("check", day, *AS_OF)
    assert ran.status == 0
    assert "1 claim clean\n" in ran.out
    assert not ran.err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ["ANO-101", "empty"]),
        (b"\x00\x9f\x92\x96 nothing readable" * 99, ["ANO-102"]),
        (small_day.denied()[:-300], ["ANO-104"]),
        (small_day.denied().replace(b"005010X222A1", b"004010X098A1"), ["ANO-103", "4010"]),
        (small_day.denied().replace(b"GS*HC", b"GS*HP").replace(b"X222A1", b"X221A1"), ["ANO-103", "835"]),
    ],
    ids=["empty", "binary", "truncated", "4010", "835"],
)
def test_what_is_no_readable_837p_is_refused_whole(
    run: Run, day: Path, content: bytes, words: list[str]
) -> None:
    day.write_bytes(content)
    refused(run("check", day, *AS_OF), "day.837", *words)
    refused(run("check", day, "--format", "json", *AS_OF), "day.837", *words)


def test_a_file_that_is_not_there_is_refused_even_after_one_that_is(run: Run, day: Path) -> None:
    refused(run("check", day, day.with_name("gone.837"), *AS_OF), "ANO-101", "gone.837")
    refused(run("check", day, "--history", day.with_name("gone.837"), *AS_OF), "ANO-101", "gone.837")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--as-of", "2026-02-30"], ["2026-02-30", "--as-of", "YYYY-MM-DD"]),
        (["--fail-on", "worse"], ["worse", "--fail-on", "deny"]),
        (["--select", "INJ-0X"], ["INJ-0X"]),
        (["--ignore", "INJ-0X"], ["INJ-0X"]),
        (["--select", " , "], ["--select"]),
        (["--format", "yaml"], ["yaml", "json"]),
        (["--output", "no/such/folder/report.txt"], ["no/such/folder/report.txt"]),
        (["--colour"], ["--colour", "--help"]),
    ],
)
def test_a_request_for_what_does_not_exist_is_refused(
    run: Run, day: Path, arguments: list[str], words: list[str]
) -> None:
    refused(run("check", day, *arguments), "ANO-401", *words)


def test_commands_and_rules_that_do_not_exist_are_refused(run: Run) -> None:
    refused(run("chek"), "ANO-401", "chek", "check")
    refused(run("check"), "ANO-401", "FILE")
    refused(run("rule", "INJ-0X"), "ANO-401", "INJ-0X")


def test_no_command_at_all_shows_the_help_on_standard_error(run: Run) -> None:
    ran = run()
    assert ran.status == 2
    assert not ran.out
    assert "Usage: anodyne" in ran.err


def test_help_and_version_end_with_0(run: Run) -> None:
    assert run("--version") == Ran(0, f"anodyne {version('anodyne')}\n", "")
    for arguments in (["--help"], ["check", "--help"], ["rule", "-h"]):
        ran = run(*arguments)
        assert ran.status == 0
        assert "Usage: anodyne" in ran.out


def test_help_needs_no_frames() -> None:
    code = (
        "import sys; from anodyne.cli.main import main; main(['--help']); sys.exit('polars' in sys.modules)"
    )
    assert started("-c", code).returncode == 0


def test_output_goes_to_a_file_and_nowhere_else(run: Run, day: Path) -> None:
    told = run("check", day, "--format", "json", *AS_OF).out
    report = day.with_name("report.json")
    report.write_text("older")
    assert run("check", day, "--format", "json", "--output", report, *AS_OF) == Ran(1, "", "")
    assert report.read_text(encoding="utf-8") == told
    assert sorted(day.parent.iterdir()) == [day, report]


def test_a_link_to_a_report_stays_a_link(run: Run, day: Path) -> None:
    report, link = day.with_name("report.txt"), day.with_name("link.txt")
    link.symlink_to(report)
    assert run("check", day, "--output", link, *AS_OF).status == 1
    assert link.is_symlink()
    assert report.is_file()


def test_output_may_be_a_device(run: Run, day: Path) -> None:
    assert run("check", day, "--output", os.devnull, *AS_OF) == Ran(1, "", "")
    assert Path(os.devnull).is_char_device()


def test_a_failure_leaves_the_older_output_and_no_draft(
    run: Run, day: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = day.with_name("report.json")
    report.write_text("older")
    day.write_bytes(b"")
    refused(run("check", day, "--output", report, *AS_OF))

    def breaks(_: object, out: BinaryIO, *__: object) -> None:
        out.write(b"half a report")
        raise ValueError(PRIVATE[0])

    monkeypatch.setattr(as_json, "write", breaks)
    day.write_bytes(small_day.denied())
    refused(run("check", day, "--format", "json", "--output", report, *AS_OF), "ANO-000", "ValueError")
    assert report.read_text() == "older"
    assert sorted(day.parent.iterdir()) == [day, report]


def test_the_claims_are_never_overwritten(run: Run, day: Path) -> None:
    refused(run("check", day, "--output", day, *AS_OF), "--output")
    refused(run("check", "-", "--history", day, "--output", day, *AS_OF), "--output")
    assert day.read_bytes() == small_day.denied()


def test_a_fault_of_the_program_is_told_by_kind_and_place_and_shown_whole_on_request(
    run: Run, day: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise ValueError(PRIVATE[0])

    monkeypatch.setattr(as_json, "write", breaks)
    refused(
        run("check", day, "--format", "json", *AS_OF),
        "ANO-000",
        "ValueError",
        "test_cli.py",
        TRACE,
        "may name patients",
    )
    monkeypatch.setenv(TRACE, "1")
    with pytest.raises(ValueError, match=PRIVATE[0]):
        run("check", day, "--format", "json", *AS_OF)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_command_that_is_told_to_end_leaves_nothing_behind(day: Path, tmp_path: Path, name: str) -> None:
    """The command is stopped while its claims lie in a temporary folder."""
    scratch, number = tmp_path / "scratch", getattr(signal, name)
    scratch.mkdir()
    code = f"""
import os, sys
from anodyne.app import check
from anodyne.app.spool import Spool
from anodyne.cli.main import run

def stopped(*_, **__):
    print(*os.listdir({str(scratch)!r}), file=sys.stderr)
    os.kill(os.getpid(), {number:d})

check.Spool, check.judge_book = lambda: Spool(1), stopped
run()
"""
    report, other = tmp_path / "report.txt", tmp_path / "other.837"
    other.write_bytes(day.read_bytes() + b"\n")
    ran = subprocess.run(
        [sys.executable, "-c", code, "check", str(day), str(other), "--output", str(report)],
        env={**os.environ, "TMPDIR": str(scratch)},
        capture_output=True,
        check=False,
    )
    assert ran.stderr.startswith(b"anodyne-")
    assert ran.returncode == 128 + number
    assert ran.stderr.count(b"\n") == 1
    assert not list(scratch.iterdir())
    assert sorted(tmp_path.iterdir()) == [day, other, scratch]


def test_standard_input_is_a_file_like_any_other() -> None:
    ran = started(*COMMAND, "check", "-", *AS_OF, given=small_day.denied())
    assert ran.returncode == 1
    assert ran.stdout.startswith(b"standard input   1 claim")
    assert b"INJ-01" in ran.stdout
    assert not ran.stderr


def test_a_reader_that_leaves_early_is_no_error(day: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ran = started(*COMMAND, "check", str(day), *AS_OF, out=writer)
    os.close(writer)
    assert ran.returncode == 1
    assert not ran.stderr


def test_several_files_and_histories_and_ids_may_be_given(run: Run, day: Path) -> None:
    other = day.with_name("other.837")
    other.write_bytes(small_day.several())
    ran = run(
        "check",
        day,
        other,
        "--history",
        day,
        "--history",
        other,
        "--ignore",
        "X12,DX",
        "--ignore",
        "TF",
        *AS_OF,
    )
    assert ran.status == 1
    assert "day.837   1 claim · 2 lines\n" in ran.out
    assert "other.837   6 claims" in ran.out
    assert "2 files checked by" in ran.out
    assert "X12-" not in ran.out


def test_no_bar_is_shown_where_nobody_watches_or_little_is_to_read(
    day: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with progress.watched([str(day)]) as told:
        assert told is None
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with progress.watched([str(day), "-"]) as told:
        assert told is None


def test_a_bar_is_shown_at_a_terminal_for_much_to_read(
    day: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(progress, "LONG_BYTES", day.stat().st_size)
    with progress.watched([str(day)]) as told:
        assert told is not None
        told(1)
        told(day.stat().st_size)
    assert not capsys.readouterr().out
