"""`anodyne rule test`: a practice's own cases."""

from pathlib import Path

import pytest

from anodyne.cli.main import main

ROOT = Path(__file__).parents[2]
HEAD = "as_of: 2026-11-21\ncases:\n- name: one\n"
CLAIM = "  claim: {filing: MB, state: KY, day: 2026-11-17, diagnoses: [M54.16], lines: [%s]}\n"
PAIR = '{code: "62323", charge: 625.00}, {code: "77003", charge: 140.00}'


def run(tmp_path: Path, text: str, *more: str) -> int:
    path = tmp_path / "cases.yaml"
    path.write_text(text, encoding="utf-8")
    return main(["rule", "test", str(path), *more])


def test_the_example_passes(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["rule", "test", str(ROOT / "examples/cases/bundling.yaml")]) == 0
    assert b"3 cases, all pass" in capsysbinary.readouterr().out


def test_what_is_found_and_not_expected_fails(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(tmp_path, HEAD + CLAIM % PAIR + "  finds: {}\n") == 1
    out = capsysbinary.readouterr().out.decode()
    assert "not expected: INJ-07 deny on line 2, 77003 is part of 62323 on line 1" in out
    assert "1 case, 1 failed" in out


def test_what_is_expected_and_not_found_fails(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    found = "  finds: {INJ-07: {outcome: deny, line: 2}, LCD-E2: deny}\n"
    assert run(tmp_path, HEAD + CLAIM % PAIR + found) == 1
    assert "not found: LCD-E2 deny" in capsysbinary.readouterr().out.decode()


@pytest.mark.parametrize("found", ["{INJ-07: audit}", "{INJ-07: {outcome: deny, line: 1}}"])
def test_another_outcome_or_line_is_another_finding(tmp_path: Path, found: str) -> None:
    assert run(tmp_path, HEAD + CLAIM % PAIR + f"  finds: {found}\n") == 1


def test_history_counts(tmp_path: Path) -> None:
    earlier = "".join(
        f'  - {{filing: MB, state: KY, day: 2026-0{month}-05, lines: [{{code: "62323"}}]}}\n'
        for month in (1, 3, 5, 7)
    )
    text = HEAD + CLAIM % '{code: "62323"}' + f"  history:\n{earlier}  only: [LCD-E2]\n"
    assert run(tmp_path, text + "  finds: {LCD-E2: deny}\n") == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("cases: [", "not YAML"),
        ("[" * 20_000, "not YAML that can be read"),
        ("as_of: 2026-02-30\ncases: []\n", "not YAML that can be read"),
        ("as_of: 2026-11-21\ncases: []\n", "no case stands in it"),
        (HEAD + CLAIM % PAIR + "  finds: {INJ-07: deny}\n  finds: {}\n", "finds stands twice"),
        (HEAD + CLAIM.replace("MB", "QQ") % PAIR + "  finds: {}\n", "filing is QQ"),
        (HEAD + CLAIM.replace("KY", "NO") % PAIR + "  finds: {}\n", "state is FALSE"),
        (HEAD + CLAIM % '{code: "62323", charge: -1}' + "  finds: {}\n", "has parts of a cent or is below 0"),
        (HEAD + CLAIM % '{code: "62323", charge: .inf}' + "  finds: {}\n", "charge is a number"),
        (HEAD + CLAIM % '{code: "62323", pointers: "9:x"}' + "  finds: {}\n", "pointers is 9:x"),
        ("cases: []\nas_of: soon\n", "as_of is a day"),
        ("kases: []\n", "nothing is called kases (at {}). Is it cases?"),
        ("- a\n", "a mapping is wanted here"),
        (HEAD + "  finds: {}\n", "a mapping is wanted here (at {}, cases 1, claim)"),
        (HEAD + CLAIM % "" + "  finds: {}\n", "a claim without lines"),
        (HEAD + CLAIM % PAIR, "finds names what must be found"),
        (HEAD + CLAIM % PAIR + "  finds: {INJ-07: denied}\n", "'denied' is no outcome"),
        (HEAD + CLAIM % PAIR + "  finds: {INJ-7: deny}\n", "no rule is called INJ-7"),
        (HEAD + CLAIM % PAIR + "  finds: {INJ: deny}\n", "INJ is no rule"),
        (HEAD + CLAIM % PAIR + "  only: [NOPE]\n  finds: {}\n", "no rule is called NOPE"),
        (HEAD + CLAIM % "{code: 62323, kode: 1}" + "  finds: {}\n", "nothing is called kode"),
        (HEAD + CLAIM % "{code: 00100}" + "  finds: {}\n", "code has not five characters"),
        (HEAD + CLAIM % '{code: "62323", charge: 1.005}' + "  finds: {}\n", "charge has parts of a cent"),
        (HEAD + CLAIM % '{code: "62323", units: "2"}' + "  finds: {}\n", "units is a number"),
        (
            HEAD + CLAIM % '{code: "62323", modifiers: [LT, RT, 50, KX, GA]}' + "  finds: {}\n",
            "four modifiers",
        ),
    ],
)
def test_what_does_not_hold_together_is_refused_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, told: str
) -> None:
    assert run(tmp_path, text) == 2
    assert told.format(tmp_path / "cases.yaml") in capsys.readouterr().err


def test_a_file_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "test", "nowhere.yaml"]) == 2
    assert "nowhere.yaml" in capsys.readouterr().err


def test_a_test_needs_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "test"]) == 2
    assert "no file of cases is named" in capsys.readouterr().err
