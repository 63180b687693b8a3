"""The made-up clearinghouse of `anodyne demo`: its folders watched, each file answered once."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from anodyne.web.clearinghouse import LOOKS_EVERY, PAYS_AFTER, look
from tests.claims import Claim, Line, file_of

NAME = "000000001.837"
_DAY = 86_400


@pytest.fixture
def house(tmp_path: Path) -> Path:
    for folder in ("outbound", "inbound"):
        (tmp_path / "7" / folder).mkdir(parents=True)
    return tmp_path / "7"


def leave(house: Path, name: str = NAME) -> float:
    """Leave a file of two claims; when it came, in seconds since 1970."""
    path = house / "outbound" / name
    path.write_bytes(file_of(Claim([Line("20553")], id="A1"), Claim([Line("20553")], id="A2")))
    return path.stat().st_mtime


def test_a_file_is_answered_once_whoever_looks(house: Path) -> None:
    came = leave(house)
    assert look(house.parent, {}, now=came) == [f"{NAME}.999", f"{NAME}.277"]
    before = {path.name: path.stat().st_mtime_ns for path in (house / "inbound").iterdir()}
    seen: dict[Path, tuple[int, int]] = {}
    assert look(house.parent, seen, now=came + 60) == []
    assert look(house.parent, seen, now=came + 60) == []
    assert {path.name: path.stat().st_mtime_ns for path in (house / "inbound").iterdir()} == before


def test_what_was_broken_off_is_gone_on_with(house: Path) -> None:
    came = leave(house)
    look(house.parent, {}, now=came)
    (house / "inbound" / f"{NAME}.277").unlink()
    assert look(house.parent, {}, now=came + 60) == [f"{NAME}.277"]


@pytest.mark.parametrize(("short", "paid"), [(1, []), (0, [f"{NAME}.835"]), (-_DAY, [f"{NAME}.835"])])
def test_it_is_paid_some_days_later(house: Path, short: int, paid: list[str]) -> None:
    came = leave(house)
    seen: dict[Path, tuple[int, int]] = {}
    look(house.parent, seen, now=came)
    assert look(house.parent, seen, now=int(came) + PAYS_AFTER.total_seconds() - short) == paid


def test_what_is_no_file_of_claims_is_told_once_and_holds_nothing_up(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (house / "outbound" / "a.txt").write_bytes(b"hello")
    came = leave(house)
    seen: dict[Path, tuple[int, int]] = {}
    assert look(house.parent, seen, now=came) == [f"{NAME}.999", f"{NAME}.277"]
    look(house.parent, seen, now=came)
    assert capsys.readouterr().err.count("a.txt") == 1


def test_a_practice_without_folders_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "3" / "outbound").mkdir(parents=True)
    assert look(tmp_path, {}, now=time.time()) == []
    assert look(tmp_path / "nowhere", {}, now=time.time()) == []


def test_the_process_answers_within_seconds_and_ends_with_its_parent(house: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "anodyne.web.clearinghouse", str(house.parent)],
        env={name: told for name, told in os.environ.items() if not name.startswith(("ANODYNE_", "DJANGO_"))},
        stdin=subprocess.PIPE,
    )
    try:
        leave(house)
        until = time.monotonic() + 60
        while len(list((house / "inbound").glob("*.[29]*"))) < 2:
            assert time.monotonic() < until
            assert process.poll() is None
            time.sleep(LOOKS_EVERY / 4)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.communicate()
