"""Where claims stand by their acknowledgements: what lifts a rejection, and what shows filing in time."""

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any

import polars as pl
import pytest

from anodyne.denials.answers import Answered, Submitted, answers
from anodyne.denials.standings import standings
from anodyne.x12.read import book_of, read_stream
from anodyne.x12.read_statuses import read_status_stream
from anodyne.x12.sent import read_sent_stream, together
from tests.claims import DAY, Claim, Line, file_of, reference
from tests.denials.acknowledged import Status, claim_file, file_file

SENT = (
    Claim([Line("99213")], id="A1", patient=1),
    Claim([Line("99213")], id="A2", patient=2),
    Claim([Line("99213")], id="A3", patient=3),
)
ONE, TWO, THREE = "20261123", "20261124", "20261125"


def sent_at(data: bytes, day: str) -> bytes:
    """A file as sent on another day, under another batch number."""
    return data.replace(b"*20261121*1200*1*X", f"*{day}*1200*2*X".encode()).replace(
        b"BHT*0019*00*1*", b"BHT*0019*00*2*"
    )


def submitted(*files: bytes) -> Submitted:
    parts, sent = [], []
    claims = lines = transactions = 0
    for number, data in enumerate(files):
        name = f"sent{number}.837"
        found = list(read_stream(io.BytesIO(data), name=name, claim_key=claims, line_key=lines))
        claims += sum(len(part.claims) for part in found)
        lines += sum(len(part.lines) for part in found)
        parts += found
        sent.append(read_sent_stream(io.BytesIO(data), name=name, sent_key=transactions))
        transactions += len(sent[-1].transactions)
    book, all_sent = book_of(parts), together(sent)
    return Submitted(book.claims, book.lines, all_sent.transactions, all_sent.claims)


def answered(sent: Submitted, files: Mapping[str, bytes]) -> Answered:
    read = [part for name, data in files.items() for part in read_status_stream(io.BytesIO(data), name=name)]
    return answers(
        sent,
        pl.concat([part.acknowledgements for part in read]),
        pl.concat([part.statuses for part in read]),
        reference(),
    )


def stands(*files: bytes, sent: Sequence[bytes] = (file_of(*SENT),), key: int = 0) -> dict[str, Any]:
    """Where one claim stands by `files`."""
    claims = submitted(*sent)
    found = answered(claims, {f"ack{n}": data for n, data in enumerate(files)})
    return standings(claims, found.answers).row(key, named=True)


def says(code: str, on: str, source: str = "PR", action: str = "WQ", **more: Any) -> bytes:
    """A 277CA that says one thing of A1."""
    return claim_file(Status("A1", [code], action, on=on, **more), source=source, on=on, batch="77")


REJECTED = says("A3:21", TWO, action="U")


@pytest.mark.parametrize(
    ("later", "standing"),
    [
        (says("A1:19", THREE), "rejected"),
        (says("A1:19", THREE, "AY"), "rejected"),
        (says("A0:16:PR", THREE, "AY"), "rejected"),
        (says("A2:20", THREE, "AY"), "rejected"),
        (says("A2:20", ONE), "rejected"),
        (says("A2:20", TWO), "rejected"),
        (says("A2:20", THREE), "accepted"),
        (says("A5:20", THREE), "accepted"),
        (says("P1:20", THREE), "accepted"),
    ],
    ids=[
        "a receipt",
        "a clearinghouse's receipt",
        "passed on",
        "a clearinghouse takes what the payer refused",
        "accepted the day before",
        "accepted on the same day",
        "accepted the day after",
        "accepted in parts",
        "in adjudication",
    ],
)
def test_what_lifts_a_payers_rejection(later: bytes, standing: str) -> None:
    for files in permutations((REJECTED, later)):
        one = stands(*files)
        assert one["standing"] == standing
        assert one["answers"] == 2
        if standing == "rejected":
            assert one["says"].startswith("rejected as it cannot be processed")


def test_what_came_later_and_does_not_lift_it_is_told() -> None:
    one = stands(REJECTED, says("A1:19", THREE, "AY"))
    assert (one["later_code"], one["later_on"], one["later_by"]) == (
        "A1:19",
        dt.date(2026, 11, 25),
        "clearinghouse",
    )
    assert stands(REJECTED, says("A1:19", ONE))["later_code"] is None


def test_a_clearinghouses_rejection_is_lifted_by_the_payer() -> None:
    assert stands(says("A3:21", TWO, "AY", "U"), says("A2:20", THREE))["standing"] == "accepted"
    assert stands(says("A2:20", ONE), says("A3:21", TWO, "AY", "U"))["standing"] == "rejected"


def test_a_receipt_does_not_take_back_an_acceptance() -> None:
    assert stands(says("A2:20", ONE), says("A1:19", THREE))["standing"] == "accepted"


def test_of_receipts_the_last_is_told_and_of_one_day_the_one_further_along() -> None:
    one = stands(says("A1:19", ONE, "AY"), says("A0:16:PR", TWO, "AY"))
    assert (one["standing"], one["told_on"]) == ("forwarded", dt.date(2026, 11, 24))
    one = stands(says("A1:19", TWO), says("A0:16:PR", TWO, "AY"))
    assert (one["standing"], one["by"]) == ("received", "payer")


@pytest.mark.parametrize(
    ("code", "action", "standing"),
    [
        ("A4:35", "WQ", "not_found"),
        ("A6:21", "WQ", "rejected"),
        ("A1:19", "U", "rejected"),
        ("X9:99", "U", "rejected"),
        ("X9:99", "WQ", "received"),
        ("X9:99", "", "unanswered"),
        ("E1:484", "", "unanswered"),
    ],
)
def test_what_a_category_and_an_action_mean(code: str, action: str, standing: str) -> None:
    one = stands(says(code, ONE, action=action))
    assert (one["standing"], one["answers"]) == (standing, 1)


def test_several_statuses_of_one_rejection_are_told_together_in_our_own_words() -> None:
    data = claim_file(Status("A1", ["A7:562:85", "A6:999:Q9"], "U"), batch="77")
    assert stands(data)["says"] == (
        "rejected, something is not valid: the NPI (billing provider); "
        "rejected, something is missing: status 999 (entity Q9)"
    )


def test_a_rejected_line_rejects_its_claim() -> None:
    lines = ("SVC*HC:99213*100", "STC*A7:454*20261123*U*100", "REF*FJ*L1")
    claims = submitted(file_of(*SENT))
    found = answered(claims, {"a": claim_file(Status("A1", ["A1:19"], lines=lines), batch="77")})
    assert standings(claims, found.answers)["standing"][0] == "rejected"
    assert found.answers["line_control"].to_list() == [None, "L1"]


# ------------------------------------------------------------- by which claim


def test_an_id_is_found_but_for_case_and_zeros_and_told_so() -> None:
    found = answered(submitted(file_of(*SENT)), {"a": claim_file(Status("00a1"), batch="77")}).answers
    assert found["how"].to_list() == ["claim id but for case or leading zeros"]
    assert found["certainty"].to_list() == ["certain"]


def test_an_id_of_zeros_is_none_and_the_claim_is_found_by_member_charge_and_day() -> None:
    found = answered(submitted(file_of(*SENT)), {"a": claim_file(Status("0000"), batch="77")}).answers
    assert found.select("claim_key", "how", "certainty").rows() == [
        (0, "member id, charge and day", "likely")
    ]


def test_a_corrected_claim_is_found_by_the_payers_own_number() -> None:
    fixed = Claim([Line("99213")], id="NEW", frequency="7", original="PCN9")
    found = answered(
        submitted(file_of(fixed)), {"a": claim_file(Status("OLD", control="pcn9"), batch="77")}
    ).answers
    assert found.select("claim_key", "how", "certainty").rows() == [(0, "payer control number", "likely")]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (Status("ZZ"), "no claim of its id was sent before it"),
        (Status("0", charge="1"), "it names no claim"),
        (
            Status("A1", charge="77", served="20260101"),
            "the claim of its id that was sent has another charge, day or member",
        ),
    ],
    ids=["stranger", "nameless", "another claim of the id"],
)
def test_what_is_of_no_claim_is_told_with_its_reason(status: Status, reason: str) -> None:
    found = answered(submitted(file_of(*SENT)), {"a": claim_file(status, batch="77")})
    assert found.answers.is_empty()
    strays = found.strays.filter(level="claim")
    assert strays["reason"].to_list() == [reason]


def test_a_claim_sent_again_is_told_from_its_first_submission_by_time() -> None:
    first = file_of(*SENT)
    again = sent_at(first, TWO)
    acks = {
        "a": says("A3:21", ONE, action="U"),
        "b": claim_file(Status("A1", on=THREE), on=THREE, received=THREE, batch="78"),
    }
    claims = submitted(first, again)
    found = answered(claims, acks)
    assert found.answers.select("claim_key", "how", "certainty").rows() == [
        (0, "claim id", "certain"),
        (3, "claim id, the last sent before it", "likely"),
    ]
    told = standings(claims, found.answers)
    assert told["standing"].to_list()[:4] == ["rejected", "unanswered", "unanswered", "accepted"]
    assert told["resent_as"].to_list() == [3, 4, 5, None, None, None]


def test_a_batch_number_tells_two_submissions_apart_certainly() -> None:
    first = file_of(*SENT)
    late = claim_file(Status("A1"), on=THREE, received=THREE, batch="1")
    found = answered(submitted(first, sent_at(first, TWO)), {"a": late}).answers
    assert set(found["claim_key"]) == {0, 1, 2}
    assert found.filter(level="claim").select("how", "certainty").rows() == [
        ("claim id, batch number", "certain")
    ]


def test_submissions_alike_in_all_are_a_tie() -> None:
    first = file_of(*SENT)
    found = answered(
        submitted(first, first.replace(b"BHT*0019*00*1*", b"BHT*0019*00*2*")),
        {"a": claim_file(Status("A1"), batch="77")},
    )
    stray = found.strays.filter(level="claim").row(0, named=True)
    assert stray["reason"] == "2 claims that were sent fit it equally"
    assert stray["candidates"] == [0, 3]


def test_visits_under_one_id_are_told_apart_by_day_and_charge() -> None:
    visits = [
        Claim([Line("99213", charge=charge)], id="P1", on=DAY + dt.timedelta(days=days))
        for charge, days in ((100_00, 0), (100_00, 7), (150_00, 7))
    ]
    found = answered(
        submitted(file_of(*visits)),
        {"a": claim_file(Status("P1", served="20261021", charge="100"), batch="77")},
    ).answers
    assert found.select("claim_key", "certainty").rows() == [(1, "certain")]


# ------------------------------------------------------------ batches, files


def test_the_receipt_of_a_batch_is_one_of_each_of_its_claims() -> None:
    claims = submitted(file_of(*SENT))
    found = answered(claims, {"a": claim_file(batch="1")})
    told = standings(claims, found.answers)
    assert told["standing"].to_list() == ["received"] * 3
    assert set(told["proof"]) == {"its batch was received by the payer"}


def test_an_accepted_batch_is_a_receipt_and_a_rejected_one_rejects_unless_some_were_taken() -> None:
    taken = claim_file(batch="1", batch_status="A2:20")
    refused = claim_file(batch="1", batch_status="A8:746", batch_action="U")
    partly = claim_file(batch="1", batch_status="A8:746", batch_action="U", totals=("QTY*90*2", "QTY*AA*1"))
    assert [stands(data)["standing"] for data in (taken, refused, partly)] == [
        "received",
        "rejected",
        "unanswered",
    ]


def test_the_status_of_a_provider_is_of_its_claims_in_the_batch() -> None:
    data = claim_file(batch="1", batch_status="A1:19", provider=("TRN*1*0", "STC*A3:562:85**U*300"))
    assert stands(data)["standing"] == "rejected"
    other = data.replace(b"1000000418", b"1000000426")
    assert stands(other)["standing"] == "received"


@pytest.mark.parametrize(
    ("source", "told"), [("medicare", {"A1"}), ("commercial", {"A2"}), (None, {"A1", "A2"})]
)
def test_a_payer_speaks_of_the_claims_of_a_batch_that_go_to_it_and_others_of_all(
    source: str | None, told: set[str]
) -> None:
    both = (replace(SENT[0], payer="medicare"), replace(SENT[1], payer="commercial"))
    sent = submitted(file_of(*both))
    ids = dict(zip(("medicare", "commercial"), sent.claims["payer_id"], strict=True))
    by = ids[source] if source else "S1"
    data = claim_file(batch="1").replace(b"MADE UP PLAN*****46*S1", f"MADE UP PLAN*****PI*{by}".encode())
    found = answered(sent, {"a": data}).answers.join(
        sent.claims.select("claim_key", "claim_id"), on="claim_key"
    )
    assert set(found["claim_id"]) == told


def test_a_batch_that_was_not_sent_is_a_stray() -> None:
    found = answered(submitted(file_of(*SENT)), {"a": claim_file(batch="99")})
    assert found.strays["reason"].to_list() == ["nothing that was sent has its batch number"]


TAKEN = file_file("AK2*837*0001*005010X222A1", "IK5*A", "AK9*A*1*1*1")
REFUSED = file_file(
    "AK2*837*0001*005010X222A1", "IK3*CLM*45**8", "IK4*2*782*1", "IK5*R*5", "AK9*R*1*1*0", on=TWO
)


def test_a_file_that_was_refused_rejects_its_claims_until_one_is_accepted() -> None:
    assert stands(REFUSED)["standing"] == "rejected"
    assert stands(REFUSED, says("A1:19", THREE))["standing"] == "rejected"
    assert stands(REFUSED, says("A2:20", THREE))["standing"] == "accepted"
    assert stands(TAKEN)["standing"] == "received"
    assert stands(TAKEN)["says"] == "the form of the transaction is accepted"


def test_an_error_is_of_the_claim_in_whose_segments_it_stands() -> None:
    claims = submitted(file_of(*SENT))
    second = claims.claims["segment"][1]
    position = second - claims.transactions["segment"][0] + 1
    data = REFUSED.replace(b"IK3*CLM*45", f"IK3*CLM*{position}".encode())
    found = answered(claims, {"a": data}).answers.filter(level="element")
    assert found.select("claim_key", "sent_segment", "sent_element", "verdict", "says").rows() == [
        (1, second, 2, "noted", "segment CLM, element 2: it must be there and is missing")
    ]


def test_an_error_outside_claims_is_of_the_one_it_names_else_a_stray() -> None:
    claims = submitted(file_of(*SENT))
    named = file_file("AK2*837*0001", "IK3*NM1*4**8", "CTX*CLM01:a3", "IK5*E*5", "AK9*E*1*1*1")
    found = answered(claims, {"a": named}).answers.filter(level="segment")
    assert found.select("claim_key", "says").rows() == [(2, "segment NM1: an element in it is wrong")]
    bare = named.replace(b"CTX*CLM01:a3~\n", b"")
    stray = answered(claims, {"a": bare}).strays.row(0, named=True)
    assert (stray["reason"], stray["sent_file"], stray["sent_segment"]) == (
        "it stands in no claim of that file",
        "sent0.837",
        6,
    )


def test_a_group_speaks_where_its_transactions_are_not_told_of() -> None:
    refused = file_file("AK9*R*1*1*0*3")
    assert stands(refused)["standing"] == "rejected"
    assert stands(refused)["says"] == "the group is rejected: its trailer is missing"
    both = file_file("AK2*837*0001", "IK5*A", "AK9*P*2*2*1")
    assert stands(both)["standing"] == "received"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (file_file("AK9*A*1*1*1", group="88"), "no group that was sent has its control number and version"),
        (
            file_file("AK9*A*1*1*1", version="005010X223A2"),
            "no group that was sent has its control number and version",
        ),
        (
            file_file("AK2*837*0009", "IK5*A"),
            "the group that was sent has no transaction of its control number",
        ),
        (TAKEN.replace(b"AK1*HC", b"AK1*HS"), "it answers a group of HS, not claims"),
        (
            TAKEN.replace(b"20261122", b"20261101"),
            "no group that was sent has its control number and version",
        ),
    ],
    ids=["another group", "another version", "another transaction", "another kind", "before it was sent"],
)
def test_a_file_acknowledgement_of_what_was_not_sent_is_a_stray(data: bytes, reason: str) -> None:
    found = answered(submitted(file_of(*SENT)), {"a": data})
    assert found.answers.is_empty()
    assert set(found.strays["reason"]) == {reason}


def test_control_numbers_used_again_mean_the_last_sent_or_nobody() -> None:
    first = file_of(*SENT)
    later = sent_at(first, TWO).replace(b"*1200*2*X", b"*1200*1*X")
    data = TAKEN.replace(b"20261122", b"20261125")
    found = answered(submitted(first, later), {"a": data}).answers
    assert found.select("claim_key", "certainty").rows() == [(key, "likely") for key in (3, 4, 5)]
    tied = answered(submitted(first, first), {"a": data})
    assert set(tied.strays["reason"]) == {"several that were sent have its numbers"}


# ---------------------------------------------------------------------- proof


def test_the_strongest_proof_is_kept_with_its_place_and_day_of_receipt() -> None:
    house = claim_file(Status("A1"), source="AY", received="20261121", batch="77")
    payer = claim_file(Status("A1", control="PCN1"), received="20261122", batch="77")
    later = claim_file(Status("A1"), received=TWO, on=TWO, batch="77")
    one = stands(TAKEN, house, payer, later)
    assert (one["proof"], one["proof_on"]) == ("accepted by the payer", dt.date(2026, 11, 22))
    assert (one["proof_file"], one["payer_control"]) == ("ack2", "PCN1")
    assert payer[one["proof_byte"] :].startswith(b"STC*A2")
    assert payer[: one["proof_byte"]].count(b"~") == one["proof_segment"] - 1
    assert stands(house, TAKEN)["proof"] == "accepted by the clearinghouse"
    assert stands(says("A0:16", ONE, "AY"))["proof"] == "passed on by the clearinghouse"
    assert stands(TAKEN)["proof"] == "the form of its file was accepted, which shows little"


def test_a_rejected_claim_was_not_filed_whatever_shows_its_receipt() -> None:
    assert stands(REJECTED)["proof"] is None
    one = stands(says("A1:19", ONE), REJECTED)
    assert one["proof"] == "received by the payer, but rejected: it shows receipt, not filing"


def test_the_order_of_files_does_not_matter() -> None:
    files = {
        "a": says("A1:19", ONE, "AY"),
        "b": REJECTED,
        "c": claim_file(Status("A2", member="M00000002"), batch="1"),
        "d": TAKEN,
    }
    claims = submitted(file_of(*SENT))
    told = [
        standings(claims, answered(claims, {name: files[name] for name in order}).answers)
        for order in permutations(files)
    ]
    assert all(one.equals(told[0]) for one in told)
