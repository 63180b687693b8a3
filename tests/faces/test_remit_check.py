"""`anodyne remit check` as people and programs meet it: what adds up, what does not and where."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from anodyne.app.remit_check import check_files
from anodyne.cli.main import main
from anodyne.cli.page import Page
from anodyne.cli.remit_check import run, write_text
from anodyne.kernel.errors import BadRequest
from tests.x12.remittances import PAYEE, bpr, claim, group, interchange, line, transaction

PAYER = ("N1*PR*MADE UP PLAN", "N1*PE*CLINIC*XX*1")
SOUND = (*claim("C1", sums="100*80*5"), *line("CAS*CO*45*15", "CAS*PR*2*5"))


def file_at(path: Path, *transactions: list[str]) -> str:
    path.write_bytes(interchange(group(*transactions)))
    return str(path)


def payment(amount: str, *body: str, trace: str = "EFT1", method: str = "ACH") -> list[str]:
    head = (bpr(amount, method), f"TRN*1*{trace}*1512345678", *PAYER)
    return transaction("LX*1", *body, head=head)


def told(*paths: str, width: int = 100) -> str:
    out = io.BytesIO()
    write_text(check_files(paths), out, Page(width))
    return out.getvalue().decode()


def as_json(tmp_path: Path, *paths: str, status: int = 0) -> dict[str, Any]:
    output = tmp_path / "checked.json"
    assert run(paths, "json", str(output))[1] == status
    parsed: dict[str, Any] = json.loads(output.read_text("utf-8"))
    return parsed


def test_what_adds_up_is_told_with_where_its_cents_stand(tmp_path: Path) -> None:
    denied = (*claim("C2", status="4", sums="60*0*0"), *line("CAS*CO*50*60", sums="60*0"))
    path = file_at(
        tmp_path / "day.835", payment("67.75", *SOUND, *denied, f"PLB*{PAYEE}*20261231*WO:ICNC1*12.5*L6*-.25")
    )
    assert (
        told(path).split("\n", 1)[1]
        == """
MADE UP PLAN   ACH · EFT1 · 2 Oct 2026 · 2 claims                                             $67.75
   adds up
   WO ICNC1: $12.50 taken from the payment, of claim C1 · taken back, or still to be taken
   L6: $0.25 added to the payment · interest

Where the cents of what adds up stand
charged                                          $160.00
paid                                    $67.75
written off by contract or law          $15.00
owed by patients                         $5.00
denied, for you to decide               $60.00
interest                                           $0.25
taken back, or still to be taken        $12.50
                                       $160.25   $160.25

1 payment of $67.75 could be posted
"""
    )


def test_what_does_not_add_up_is_told_with_its_place_and_its_cents(tmp_path: Path) -> None:
    wrong = (*claim("C1", sums="100*80*9"), *line("CAS*CO*45*14", "CAS*PR*2*5"))
    path = file_at(tmp_path / "day.835", payment("90", *wrong), payment("80", *SOUND, trace="EFT2"))
    text = told(path)
    assert "does not add up: nothing of it is posted" in text
    assert (
        "payment (segment 3)  BPR02 = Σ CLP04 − Σ PLB: $90.00 is not $80.00: $10.00 is paid that no" in text
    )
    assert (
        "C1 (segment 9)  CLP03 − Σ CAS = CLP04: $81.00 is not $80.00: $1.00 of the charge is neither" in text
    )
    assert "C1, line 1 (segment 12)  SVC02 − Σ CAS = SVC03: $81.00 is not $80.00" in text
    assert (
        "C1 (segment 9)  CLP05 = Σ CAS*PR: $9.00 is not $5.00: $4.00 more than PR explains; nothing rests"
        in text
    )
    assert "1 payment of $80.00 could be posted · 1 held" in text
    assert max(map(len, text.splitlines())) <= 100
    assert max(map(len, told(path, width=60).splitlines())) <= 60


def test_the_exit_status_says_whether_all_adds_up(tmp_path: Path) -> None:
    sound = file_at(tmp_path / "sound.835", payment("80", *SOUND))
    wrong = file_at(tmp_path / "wrong.835", payment("81", *SOUND, trace="EFT2"))
    torn = tmp_path / "torn.835"
    torn.write_bytes((tmp_path / "sound.835").read_bytes()[:300])
    output = str(tmp_path / "told.txt")
    assert [run([*paths], output=output)[1] for paths in ([sound], [sound, wrong], [sound, str(torn)])] == [
        0,
        1,
        2,
    ]
    assert "Not read:" in Path(output).read_text("utf-8")
    with pytest.raises(BadRequest, match="no form"):
        run([sound], "xml", output)


def test_a_payment_that_two_files_tell_counts_once(tmp_path: Path) -> None:
    one = file_at(tmp_path / "one.835", payment("80", *SOUND))
    both = file_at(tmp_path / "both.835", payment("80", *SOUND), payment("0", method="NON", trace="0"))
    report = as_json(tmp_path, one, both)
    assert [row["posting"] for row in report["payments"]] == ["posts", "copy", "empty"]
    assert report["payments"][1]["first_file"] == one
    assert {row["account"]: row["debit_cents"] - row["credit_cents"] for row in report["accounts"]} == {
        "charges": -100_00,
        "cash": 80_00,
        "contractual": 15_00,
        "patient": 5_00,
    }
    assert f"told already in {one}: it counts once" in told(one, both).replace("\n   ", " ")


def test_two_versions_of_a_payment_are_held(tmp_path: Path) -> None:
    other = (*claim("C9", sums="100*80*5"), *line("CAS*CO*45*15", "CAS*PR*2*5"))
    paths = (
        file_at(tmp_path / "one.835", payment("80", *SOUND)),
        file_at(tmp_path / "two.835", payment("80", *other)),
    )
    report = as_json(tmp_path, *paths, status=1)
    assert [row["posting"] for row in report["payments"]] == ["versions", "versions"]
    assert report["accounts"] == []
    assert "told in two versions" in told(*paths)


def test_dollars_without_data_are_neither_held_nor_posted(tmp_path: Path) -> None:
    report = as_json(tmp_path, file_at(tmp_path / "day.835", payment("80")))
    assert [(row["posting"], row["balanced"]) for row in report["payments"]] == [("empty", False)]


def test_json_says_how_often_each_identity_holds(tmp_path: Path) -> None:
    wrong = (*claim("C1", sums="100*80*5"), *line("CAS*CO*45*14", "CAS*PR*2*5"), *line("CAS*CO*45*20"))
    (told_payment,) = as_json(tmp_path, file_at(tmp_path / "day.835", payment("80", *wrong)), status=1)[
        "payments"
    ]
    assert {row["name"]: (row["must"], row["holds"], row["fails"]) for row in told_payment["identities"]} == {
        "BPR02 = Σ CLP04 − Σ PLB": (True, 1, 0),
        "CLP03 − Σ CAS = CLP04": (True, 0, 1),
        "Σ SVC02 = CLP03": (True, 0, 1),
        "Σ SVC03 − Σ CAS of the claim = CLP04": (True, 0, 1),
        "CLP05 = Σ CAS*PR": (False, 1, 0),
        "SVC02 − Σ CAS = SVC03": (True, 1, 1),
    }
    assert told_payment["broken"][-1] == {
        "name": "SVC02 − Σ CAS = SVC03",
        "must": True,
        "claim": "C1",
        "line": 1,
        "segment": 12,
        "left_cents": 81_00,
        "right_cents": 80_00,
        "difference_cents": 1_00,
        "missing": None,
    }


def test_many_places_of_one_payment_are_counted_after_the_first(tmp_path: Path) -> None:
    wrong = [part for number in range(60) for part in claim(f"C{number}", sums="100*81*5")]
    text = told(file_at(tmp_path / "day.835", payment("4860", *wrong)))
    assert text.count("… and 10 more: --format json has all") == 2


def test_files_given_twice_and_files_without_a_payment_are_told(tmp_path: Path) -> None:
    one, again = (file_at(tmp_path / name, payment("80", *SOUND)) for name in ("one.835", "again.835"))
    torn = tmp_path / "torn.835"
    torn.write_bytes(b"ISA")
    assert f"Counted once:  given more than once, {again}" in told(one, again).replace("\n" + 15 * " ", " ")
    text = told(str(torn))
    assert text.startswith("Not read:")
    assert "could be posted" not in text


def test_a_value_that_is_no_number_is_told_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = (*claim("C1", sums="100*80*5"), *line("CAS*CO*45*15", "CAS*PR*2*5", rest="**7O77"))
    path = file_at(tmp_path / "day.835", payment("80", *body))
    assert main(["remit", "check", path, "--format", "json"]) == 0
    told = capsys.readouterr()
    (error,) = json.loads(told.out)["errors"]
    byte = Path(path).read_bytes().index(b"SVC*")
    assert (error["message"], error["byte"]) == ("SVC05 is no amount, number or day", byte)
    assert "SVC05" in told.err
    assert "7O77" not in told.err + told.out
