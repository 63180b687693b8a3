"""Where claims stand, as text and JSON."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from anodyne.app.remit_statuses import StatusReport, remit_statuses
from anodyne.cli.page import Page
from anodyne.cli.remit_statuses import SCHEMA, write_json, write_text
from anodyne.kernel.errors import BadRequest, UnreadableFile
from tests.claims import Claim, Line, file_of, reference
from tests.denials.acknowledged import Status, claim_file, file_file

PRIVATE = ("DOE", "ROE", "M0000", "19510101", "1 ELM ST")
LATER = "20261128"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    claims = [Claim([Line("99213")], id=f"A{n}", patient=n) for n in range(1, 6)]
    (tmp_path / "sent.837").write_bytes(file_of(*claims))
    (tmp_path / "payer.277").write_bytes(
        claim_file(
            Status("A1", ["A3:21:85", "A7:562:85"], "U"),
            Status("A2", control="PCN2", member="M00000002"),
            Status("ZZ9", member="X"),
            batch="77",
        )
    )
    (tmp_path / "house.277").write_bytes(
        claim_file(
            Status("A1", ["A1:19"], on=LATER),
            Status("A4", ["A0:16:PR"], on=LATER, member="M00000004"),
            source="AY",
            on=LATER,
            batch="78",
        )
    )
    (tmp_path / "taken.999").write_bytes(
        file_file("AK2*837*0001*005010X222A1", "IK3*CLM*19**8", "IK4*2*782*1", "IK5*E*5", "AK9*E*1*1*1")
    )
    return tmp_path


def report(*paths: str) -> StatusReport:
    return remit_statuses(
        paths or ("payer.277", "house.277", "taken.999"), claims=["sent.837"], reference=reference()
    )


def text(found: StatusReport, page: Page | None = None) -> str:
    out = io.BytesIO()
    write_text(found, out, page or Page())
    return out.getvalue().decode()


def told(found: StatusReport) -> dict[str, Any]:
    out = io.BytesIO()
    write_json(found, out)
    value: dict[str, Any] = json.loads(out.getvalue())
    return value


@pytest.mark.usefixtures("folder")
def test_a_biller_reads_what_was_rejected_first_and_what_proves_filing() -> None:
    found = text(report())
    head, rest = found.split("\nRejected: correct and send again\n")
    assert head == (
        "sent.837   5 claims sent\npayer.277   5 answers\nhouse.277   3 answers\ntaken.999   4 answers\n"
    )
    assert rest.startswith(
        "A1                            $100.00   by the payer (MADE UP PLAN) on 23 Nov 2026\n"
        "   why     rejected as it cannot be processed: information is missing or not valid (billing\n"
        "           provider); rejected, something is not valid: the NPI (billing provider)\n"
        "   note    segment CLM, element 2: it must be there and is missing (segment 21 of the file sent)\n"
        "   later   A1:19 of 28 Nov 2026 (clearinghouse) does not lift it\n"
        "   proof   22 Nov 2026, segment 19 of house.277 · received by the clearinghouse, but rejected: it\n"
        "           shows receipt, not filing\n"
    )
    headings = (
        "\nPassed on;",
        "\nReceived;",
        "\nAccepted into adjudication\n",
        "\nSaid of nothing",
        "\nProof of",
    )
    places = [rest.index(heading) for heading in headings]
    assert places == sorted(places)
    assert "on 23 Nov 2026 · its number PCN2\n" in rest
    assert "   proof   22 Nov 2026, segment 25 of payer.277 · accepted by the payer\n" in rest
    assert "2 answers on whole batches, whose numbers are not known\n" in rest
    assert "payer.277, segment 31\n   says    claim ZZ9: accepted into adjudication" in rest
    assert "   why     no claim of its id was sent before it\n" in rest
    assert found.endswith(
        "\n1 rejected ($100.00) · 1 forwarded · 2 received · 1 accepted · "
        "3 answers to nothing that is known\n"
    )
    assert "\x1b" not in found
    assert not any(word in found for word in PRIVATE)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("width", [60, 100, 120])
def test_every_row_fits_the_page(width: int) -> None:
    assert max(map(len, text(report(), Page(width)).splitlines())) <= width
    assert "\x1b[1;31mRejected: correct and send again\x1b[0m" in text(report(), Page(width, colour=True))


@pytest.mark.usefixtures("folder")
def test_what_nobody_answered_is_told() -> None:
    found = text(report("payer.277"))
    assert "\nNo answer that says how these stand\nA3                            $100.00\n" in found


def test_many_claims_are_counted(folder: Path) -> None:
    claims = [Claim([Line("99213")], id=f"B{n}", patient=n) for n in range(60)]
    (folder / "sent.837").write_bytes(file_of(*claims))
    assert "\n… and 10 claims more: --format json\n" in text(report("payer.277"))


@pytest.mark.usefixtures("folder")
def test_programs_read_each_claim_with_its_proof_and_answers() -> None:
    found = told(report())
    assert found["schema"] == SCHEMA
    assert [file["path"] for file in found["files"]] == ["payer.277", "house.277", "taken.999"]
    assert found["sent"][0]["claims"] == 5
    first, second, third, *_ = found["claims"]
    assert (first["claim"], first["standing"], first["told_in"]) == (
        "A1",
        "rejected",
        {"file": "payer.277", "segment": 19},
    )
    assert first["not_lifted_by"] == {"code": "A1:19", "on": "2026-11-28", "by": "clearinghouse"}
    assert [answer["verdict"] for answer in first["answers"]] == [
        "noted",
        "received",
        "rejected",
        "rejected",
        "received",
    ]
    assert second["proof"]["says"] == "accepted by the payer"
    assert second["proof"]["sha256"] == found["files"][0]["sha256"]
    assert (second["proof"]["on"], second["payer_control"]) == ("2026-11-22", "PCN2")
    assert third["not_lifted_by"] is None
    assert {stray["reason"] for stray in found["strays"]} == {
        "nothing that was sent has its batch number",
        "no claim of its id was sent before it",
    }
    assert found["summary"] == {
        "rejected": 1,
        "not_found": 0,
        "unanswered": 0,
        "forwarded": 1,
        "received": 2,
        "accepted": 1,
        "strays": 3,
    }
    assert not any(word in json.dumps(found) for word in PRIVATE)


def test_no_claim_and_no_answer_are_told_as_such(folder: Path) -> None:
    data = (folder / "sent.837").read_bytes()
    (folder / "empty.837").write_bytes(data[: data.index(b"HL*1*")] + data[data.index(b"\nSE*") + 1 :])
    found = remit_statuses(["taken.999"], claims=["empty.837"], reference=reference())
    assert text(found).endswith("\n1 answer to nothing that is known\n")
    assert told(found)["claims"] == []


def test_a_file_given_twice_counts_once(folder: Path) -> None:
    (folder / "copy.277").write_bytes((folder / "payer.277").read_bytes())
    found = report("payer.277", "copy.277")
    assert found.repeated == ("copy.277",)
    assert len(found.read) == 1
    assert text(found).endswith("Counted once:  given more than once, copy.277\n")


def test_standard_input_is_read_for_answers_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO((folder / "payer.277").read_bytes())

    monkeypatch.setattr("sys.stdin", Stdin)
    assert report("-").standings["standing"][0] == "rejected"
    with pytest.raises(BadRequest, match="standard input"):
        remit_statuses(["payer.277"], claims=["-"], reference=reference())


@pytest.mark.usefixtures("folder")
def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(BadRequest, match="no acknowledgement"):
        remit_statuses([], claims=["sent.837"])
    with pytest.raises(BadRequest, match="no file of claims"):
        remit_statuses(["payer.277"], claims=[])
    Path("other.837").write_bytes(file_of(Claim([Line("99213")], id="OTHER")))
    with pytest.raises(UnreadableFile, match="claims \\(837\\): give them with --claims"):
        report("other.837")
    with pytest.raises(UnreadableFile, match="not a 5010 professional claim"):
        remit_statuses(["taken.999"], claims=["payer.277"], reference=reference())
