"""The command where the ground is hard: full disks, closed streams, odd names, files given twice."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.claims import Claim, Line, file_of

COMMAND = [sys.executable, "-c", "from anodyne.cli.main import run; run()", "check"]


@pytest.fixture
def day(tmp_path: Path) -> Path:
    path = tmp_path / "day.837"
    path.write_bytes(file_of(Claim([Line("20553"), Line("20552")])))
    return path


def shell(script: str, day: Path) -> subprocess.CompletedProcess[bytes]:
    """What a shell says of the command, which it knows as `anodyne`, in the folder of `day`."""
    quoted = " ".join(f"'{word}'" for word in COMMAND)
    return subprocess.run(
        ["bash", "-c", f'anodyne() {{ {quoted} "$@"; }}; {script}'],  # noqa: S607  the machine's own shell
        cwd=day.parent,
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("anodyne day.837 > /dev/full", b"cannot be written: No space left"),
        ("anodyne day.837 --output /dev/full", b"cannot be written: No space left"),
        ("anodyne day.837 >&-", b"standard output is closed"),
        ("anodyne - <&-", b"standard input is closed"),
        ("ln -s loop loop; anodyne day.837 --output loop", b"cannot be written"),
        ("anodyne - -", b"standard input is named twice"),
        ("anodyne $'no\\nfile'", b"no?file"),
        ("anodyne day.837 --select INJ-01 --ignore INJ", b"no rule is left"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_status_2(script: str, says: bytes, day: Path) -> None:
    done = shell(script, day)
    assert (done.returncode, done.stdout) == (2, b"")
    assert says in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert b"ANO-000" not in done.stderr


def test_a_closed_standard_error_does_not_change_the_status(day: Path) -> None:
    assert shell("anodyne absent.837 2>&-", day).returncode == 2


def test_a_name_that_is_no_text_hides_no_finding(day: Path) -> None:
    odd = os.fsdecode(os.fsencode(day.parent) + b"/b\xffd.837")
    day.rename(odd)
    told = subprocess.run([*COMMAND, odd], capture_output=True, check=False)
    assert b"INJ-01" in told.stdout
    report = subprocess.run([*COMMAND, odd, "--format=json"], capture_output=True, check=False)
    assert [f["rule"] for f in json.loads(report.stdout)["findings"]] == ["INJ-01"]


def test_a_file_given_twice_counts_once_and_is_named(day: Path) -> None:
    copy = day.with_name("copy.837")
    copy.write_bytes(day.read_bytes())
    once, twice = shell("anodyne day.837", day), shell("anodyne day.837 copy.837 --history day.837", day)
    assert b"Counted once:  given more than once, copy.837, day.837" in twice.stdout
    assert twice.stdout.count(b"INJ-01") == once.stdout.count(b"INJ-01")


def test_a_place_of_service_cannot_move_the_cursor(tmp_path: Path) -> None:
    day = tmp_path / "day.837"
    day.write_bytes(file_of(Claim([Line("20553")], pos="\x1b[31mRED\x07")))
    assert b"\x1b" not in shell("anodyne day.837", day).stdout


def test_a_negative_charge_lowers_no_total(tmp_path: Path) -> None:
    day = tmp_path / "day.837"
    broken = file_of(Claim([Line("20553")])).replace(b"CLM*A100*100*", b"CLM*A100*-1*")
    day.write_bytes(broken)
    report = json.loads(shell("anodyne day.837 --format json", day).stdout)
    assert report["findings"]
    assert all(finding["at_risk_cents"] >= 0 for finding in report["findings"])
    assert report["summary"]["at_risk_cents"] >= 0
