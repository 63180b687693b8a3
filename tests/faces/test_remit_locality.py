"""Medicare's locality through the commands: told, known by the claim, not known, and named wrongly."""

import json
from pathlib import Path
from typing import Any

import pytest

from anodyne.cli.main import main
from tests.claims import Claim, Line, file_of
from tests.faces.small_month import MEDICARE, SERVED, claim_of, line_of, payment_of
from tests.reference import layouts
from tests.x12.remittances import group, interchange

NATIONAL, IN_ALASKA, IN_SAINT_LOUIS = 125_18, 158_97, 122_36
INDICES = (
    ("02102", "AK", "01", "1.500", "1.081", "0.592"),
    ("05302", "MO", "01", "1.000", "0.952", "0.994"),
    ("05302", "MO", "02", "1.000", "0.948", "0.992"),
)
PAID = ("CAS*CO*45*174.82**253*2", "CAS*PR*2*25.04", "AMT*B6*125.18")
"""Of 300.00 charged the national price is allowed."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANODYNE_HOME", str(tmp_path / "home"))
    return tmp_path


def load_indices(folder: Path) -> None:
    content = layouts.commas(layouts.gpci(*INDICES, year=2025))
    assert main(["reference", "load", layouts.written(folder / "GPCI2025.csv", content)]) == 0


def files(folder: Path, state: str) -> list[str]:
    """A visit sent from `state` and what Medicare paid for it, as arguments."""
    visit = Claim([Line("99214", charge=300_00)], id="L1", on=SERVED, state=state)
    sent = file_of(visit).replace(b"20261121", b"20251113").replace(b"261121", b"251113")
    body = (*claim_of("L1", "300*98.14*25.04", filing="MB", member=1), *line_of("99214", "300*98.14", *PAID))
    (folder / "sent.837").write_bytes(sent)
    (folder / "paid.835").write_bytes(
        interchange(group(payment_of("0001", "EFT1", "98.14", MEDICARE, *body)))
    )
    return [str(folder / "paid.835"), "--claims", str(folder / "sent.837"), "--as-of", "2026-01-05"]


def worked(folder: Path, arguments: list[str]) -> dict[str, Any]:
    output = folder / "work.json"
    assert main(["remit", "work", *arguments, "--format", "json", "--output", str(output)]) in {0, 1}
    (claim,) = json.loads(output.read_text("utf-8"))["payments"][0]["claims"]
    line: dict[str, Any] = claim["lines"][0]
    return line


def test_the_state_of_the_claim_shows_what_national_prices_hide(home: Path) -> None:
    arguments = files(home, "AK")
    before = worked(home, arguments)
    assert (before["expected_cents"], before["expected_sure"], before["downcode"]) == (NATIONAL, False, None)
    load_indices(home)
    after = worked(home, arguments)
    assert (after["expected_cents"], after["expected_sure"]) == (IN_ALASKA, True)
    assert "locality 02102-01 (the only one of AK, by the claim)" in after["expected_steps"][0]
    assert (after["downcode"]["difference_cents"], after["downcode"]["sure"]) == (33_79, True)


def test_a_state_of_several_localities_needs_the_practice_to_tell(home: Path) -> None:
    load_indices(home)
    arguments = files(home, "MO")
    line = worked(home, arguments)
    assert (line["expected_cents"], line["expected_sure"]) == (NATIONAL, False)
    told = worked(home, [*arguments, "--locality", "05302-01"])
    assert (told["expected_cents"], told["expected_sure"]) == (IN_SAINT_LOUIS, True)
    assert "locality 05302-01 (told by the practice)" in told["expected_steps"][0]


def test_each_line_is_priced_where_it_was(home: Path) -> None:
    load_indices(home)
    several = ["--locality", "05302-01", "--locality", "02102-01"]
    line = worked(home, [*files(home, "MO"), *several])
    assert line["expected_cents"] == IN_SAINT_LOUIS
    line = worked(home, [*files(home, "AK"), *several])
    assert line["expected_cents"] == IN_ALASKA


def test_a_letter_shows_the_arithmetic_of_the_locality(home: Path) -> None:
    load_indices(home)
    letters = home / "letters"
    named = [*files(home, "AK"), "--locality", "02102-01", "--output", str(letters), "--form", "pdf"]
    assert main(["remit", "letters", *named]) == 0
    told = (letters / "letters.json").read_text("utf-8")
    assert "locality 02102-01 (told by the practice)" in told


def test_trends_take_a_locality_too(home: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    load_indices(home)
    assert main(["remit", "trends", *files(home, "MO"), "--locality", "05302-01"]) in {0, 1}
    capsysbinary.readouterr()
    assert main(["remit", "trends", *files(home, "MO"), "--locality", "05302-00"]) == 2


@pytest.mark.parametrize("command", ["work", "letters", "trends"])
@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("05302-00", ["05302-00 is no locality", "05302-01 (MO), 05302-02 (MO)"]),
        ("St. Louis", ["St. Louis is not written as a locality", "as 05302-01"]),
    ],
)
def test_a_wrong_locality_is_refused_with_what_to_do(
    home: Path, capsys: pytest.CaptureFixture[str], command: str, named: str, words: list[str]
) -> None:
    load_indices(home)
    output = home / "out"
    arguments = [*files(home, "MO"), "--locality", named, "--output", str(output)]
    assert main(["remit", command, *arguments]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert all(word in told for word in words)
    assert not output.exists()


def test_without_a_table_of_localities_the_way_to_load_one_is_told(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["remit", "work", *files(home, "MO"), "--locality", "05302-01"]) == 2
    assert "anodyne reference load GPCI2026.csv" in " ".join(capsys.readouterr().err.split())
