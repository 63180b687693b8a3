"""Text as a biller reads it: the whole page, its width, its colours, and what never stands on it."""

import doctest
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anodyne.app import words
from anodyne.app.summary import Summary
from anodyne.cli import as_text, page
from anodyne.cli.main import main
from anodyne.cli.page import Page, folded, page_for, printable, shortened
from tests.claims import Claim, Line, file_of
from tests.faces import small_day
from tests.faces.small_day import AS_OF, PRIVATE, SELECT

GOLDEN = Path(__file__).parents[1] / "golden"
COMMAND = (sys.executable, "-c", "from anodyne.cli.main import run; run()")
COLOUR = re.compile("\x1b\\[[0-9;]*m")


def told(folder: Path, *arguments: str, content: bytes) -> str:
    """What the command writes of `content`, all that differs from run to run or release to release masked."""
    (folder / "day.837").write_bytes(content)
    report = folder / "report.txt"
    assert main(["check", "day.837", "--output", str(report), *AS_OF, *arguments]) < 2
    text = report.read_text(encoding="utf-8")
    return re.sub(r" +checked by [\d,]+ rules? in [\d.]+ s", "   checked by N rules in S s", text)


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_page_is_as_it_was_last_looked_at(tmp_path: Path) -> None:
    """After a look at the new page: UPDATE_GOLDEN=1 pytest tests/faces writes it anew."""
    text = told(tmp_path, *SELECT, content=small_day.several())
    golden = GOLDEN / "check.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_every_row_fits_and_has_no_colour_and_no_patient(tmp_path: Path) -> None:
    text = told(tmp_path, content=small_day.several())
    assert max(len(row) for row in text.splitlines()) <= 100
    assert "\x1b" not in text
    assert not [private for private in PRIVATE if private in text]
    assert not [row for row in text.splitlines() if row != row.rstrip()]


def test_what_moves_a_cursor_does_not_reach_the_page(tmp_path: Path) -> None:
    raw = small_day.denied().replace(b"CLM*A100", b"CLM*A\x1b[2J").replace(b"PART B OHIO", b"PART\x07B OHIO")
    text = told(tmp_path, content=raw)
    assert "A?[2J   MEDICARE PART?B OHIO" in text
    assert "\x1b" not in text


def test_long_ids_and_payers_still_fit(tmp_path: Path) -> None:
    raw = small_day.denied().replace(b"CLM*A100", b"CLM*" + b"A" * 38)
    text = told(tmp_path, content=raw.replace(b"PART B OHIO", b"P" * 45))
    assert max(len(row) for row in text.splitlines()) <= 100
    assert "$315.00 billed" in text
    assert "…" in text


def test_a_claim_that_says_little_is_told_with_what_it_lacks(tmp_path: Path) -> None:
    raw = small_day.denied()
    for there, gone in (
        (b"CLM*A100*315*", b"CLM***"),
        (b"NM1*PR*2*MEDICARE PART B OHIO*****PI*15202~\n", b""),
        (b"11:B:1", b":B:1"),
        (b"DTP*472*D8*20261014~\n", b""),
        (b"*140*UN*1*", b"****"),
        (b"LX*2", b"LX*"),
    ):
        assert there in raw
        raw = raw.replace(there, gone)
    text = told(tmp_path, content=raw)
    unknown = r"payer n… \(no policy loaded\) · no date of service · no place o…"
    assert re.search(rf"claim without an id   {unknown} +nothing billed", text)
    assert re.search(r"^  \?  20552 +\? +\?   no date of service$", text, re.MULTILINE)


def test_at_a_terminal_there_is_colour_unless_it_is_not_wanted(tmp_path: Path) -> None:
    (tmp_path / "day.837").write_bytes(small_day.denied())
    coloured = _at_a_terminal(TERM="xterm", NO_COLOR="")
    assert COLOUR.search(coloured)
    plain = _at_a_terminal(TERM="xterm", NO_COLOR="1")
    assert not COLOUR.search(plain)
    masked = re.compile(r"in [\d.]+ s")
    assert masked.sub("", COLOUR.sub("", coloured)) == masked.sub("", plain)


def test_a_terminal_is_filled_but_not_beyond_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for columns, width in ((59, 60), (60, 60), (80, 80), (120, 120), (121, 120)):
        monkeypatch.setenv("COLUMNS", str(columns))
        assert page_for("-") == Page(width, colour=True)
    assert page_for("report.txt") == Page(100, colour=False)
    monkeypatch.setenv("TERM", "dumb")
    assert not page_for("-").colour


def test_a_file_with_nothing_wrong_is_named_too(tmp_path: Path) -> None:
    (tmp_path / "clean.837").write_bytes(small_day.clean())
    text = told(tmp_path, "clean.837", *SELECT, content=small_day.denied())
    assert "clean.837   1 claim · 1 line\n" in text
    assert "1 claim clean · 1 denied as they stand ($140.00 at risk)" in text
    assert "2 files   checked by N rules" in text


def test_a_file_of_which_only_the_envelope_is_wrong_is_told(tmp_path: Path) -> None:
    text = told(tmp_path, "--select", "X12-COUNT", content=small_day.clean().replace(b"SE*", b"SE*9"))
    assert "The file itself\n       reject  X12-COUNT  SE01 says" in text
    assert "1 claim clean · 1 finding on the file itself" in text


def test_a_long_path_is_cut_at_its_beginning(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    (folder / "clean.837").write_bytes(small_day.clean())
    text = told(tmp_path, str(folder / "clean.837"), *SELECT, content=small_day.denied())
    assert re.search(r"^…x+/clean\.837   1 claim · 1 line$", text, re.MULTILINE)
    assert max(len(row) for row in text.splitlines()) <= 100


def test_what_may_be_taken_back_stands_apart_from_what_is_at_risk(tmp_path: Path) -> None:
    lines = [Line("99213", ("25",), charge=135_00), Line("20553", charge=175_00)]
    text = told(tmp_path, "--select", "EM-11a", content=file_of(Claim(lines)))
    assert "$135.00 if audited" in text
    assert "0 claims clean · 1 open to audit · $135.00 more could be taken back\n" in text


def test_the_worst_of_a_line_comes_first(tmp_path: Path) -> None:
    lines = [Line("99213", ("25",), charge=135_00), Line("20553", charge=175_00)]
    raw = file_of(Claim(lines)).replace(b"*UN*1***1~", b"*UN*1***4~", 1)
    text = told(tmp_path, "--select", "EM-11a,X12-DX-POINTER", content=raw)
    assert text.index("X12-DX-POINTER") < text.index("EM-11a")


def test_what_is_earned_but_not_billed_is_counted() -> None:
    summary = Summary(3, 3, 1, 1, {"missed": 2}, {"missed": 2}, 0, 0, (), 0, (), 9, 0.1)
    page = "".join(as_text._summary(summary, 0, "", Page()))
    assert page == "`anodyne rule ID` explains a rule.\n1 claim clean · 2 earned but not billed\n"


def test_codes_outside_what_is_loaded_are_named_once_and_not_all(tmp_path: Path) -> None:
    lines = [Line(f"0{n:03d}T", charge=1_00) for n in range(901, 910)] + [Line("0901T", charge=1_00)]
    text = told(tmp_path, *SELECT, content=file_of(Claim(lines)))
    assert "Not judged: 9 codes outside what is loaded (lines): 0901T (2), 0902T (1)," in text
    assert "and 1 more" in text.replace("\n            ", " ")


def test_lines_older_than_what_is_loaded_are_counted(tmp_path: Path) -> None:
    old = small_day.clean().replace(b"20261014", b"19991014")
    assert "Not judged: 1 line served before the oldest edition" in told(tmp_path, *SELECT, content=old)


@settings(deadline=None)
@given(st.text(st.sampled_from("abc "), max_size=60), st.integers(1, 20), st.integers(1, 20))
def test_folding_keeps_every_letter_within_its_row(text: str, first: int, rest: int) -> None:
    head, *tail = folded(text, first, rest)
    assert len(head) <= first
    assert all(len(row) <= rest for row in tail)
    assert "".join([head, *tail]).replace(" ", "") == text.replace(" ", "")


@settings(deadline=None)
@given(st.text(max_size=40), st.integers(1, 40))
def test_shortening_keeps_to_its_width(text: str, width: int) -> None:
    assert len(shortened(text, width)) <= width


def test_printable_text_has_no_control_characters() -> None:
    assert printable("A\x1b[31mB\x00\u202e\u00e9") == "A?[31mB??é"


@pytest.mark.parametrize(
    ("fix", "said"),
    [
        ('{"set": {"mod1": "50", "mod2": "KX", "units": 1}}', "make it 64483-50-KX, 1 unit"),
        ('{"set": {"units": 2.5}}', "make it 2.5 units"),
        ('{"set": {"mod1": ""}}', "make it 64483"),
        ('{"set": {"code": "64484"}}', "make it 64484-RT"),
        ('{"set": {"pos": "24"}}', "make it place 24 (ambulatory surgery)"),
        ('{"set": {"charge_cents": 100000}}', "make it charge $1,000.00"),
        ('{"set": {"original_ref": ""}}', "make it no original ref"),
        ('{"set": {"frequency": "1"}}', "make it frequency 1"),
        ('{"drop": true}', "drop line 3"),
    ],
)
def test_a_fix_is_told_as_the_line_would_be_billed(fix: str, said: str) -> None:
    assert words.fix(fix, 3, "64483", ("RT", None, None, None)) == said


def test_a_claim_is_left_out_as_a_whole() -> None:
    assert words.fix('{"drop": true}', None, None, (None,) * 4) == "leave this claim out"


@pytest.mark.parametrize("module", [page, words], ids=["page", "words"])
def test_the_examples_in_the_code_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


def _at_a_terminal(**environment: str) -> str:
    leader, follower = pty.openpty()
    arguments = [*COMMAND, "check", "day.837", "--select", "INJ-01", *AS_OF]
    variables = {**os.environ, "COLUMNS": "90", **environment}
    with subprocess.Popen(arguments, stdout=follower, env=variables) as process:
        os.close(follower)
        told = b""
        while part := _read(leader):
            told += part
    os.close(leader)
    assert process.returncode == 1
    return told.decode()


def _read(leader: int) -> bytes:
    try:
        return os.read(leader, 65_536)
    except OSError:
        return b""
