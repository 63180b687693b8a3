"""What the front doors answer, as 999 (005010X231A1) and 277CA (005010X214) files."""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import groupby

from anodyne.simulator.bills import total_cents
from anodyne.simulator.envelopes import day, interchange, money, segment
from anodyne.simulator.life import Claim, Sending
from anodyne.simulator.scenario import Payer, Scenario

_ENTITIES = {"A7:164": "IL", "A7:145": "85", "A3:33": "IL", "A2:20": ""}
"""Whom a status is about; no one where it is not told."""
_REFUSED = ("R", "4")
"""The whole transaction, as its count of segments did not fit when it came."""

Answer = tuple[Claim, Sending]


def file_answer(sent_on: dt.date, control: int, world: Scenario, *, refused: bool) -> bytes:
    """The 999 that answers the 837P file of a day."""
    verdict = _REFUSED if refused else ("A",)
    body = [
        segment("AK1", "HC", control, "005010X222A1"),
        segment("AK2", "837", "0001", "005010X222A1"),
        segment("IK5", *verdict),
        segment("AK9", verdict[0], 1, 1, 0 if refused else 1),
    ]
    return interchange(
        [body], group="FA", kind="999", version="005010X231A1", guide="005010X231A1",
        sender=world.receiver["id"], receiver=world.submitter["id"], on=sent_on, control=control,
    )  # fmt: skip


def claim_answers(
    answers: Sequence[Answer], on: dt.date, controls: dict[dt.date, int], world: Scenario, control: int
) -> bytes:
    """The 277CA file of a day: a transaction for each payer and file that was sent."""
    ordered = sorted(answers, key=_one_transaction)
    return interchange(
        [
            list(_transaction(list(some), on, controls[sent_on], world))
            for (_, sent_on), some in groupby(ordered, key=_one_transaction)
        ],
        group="HN", kind="277", version="005010X214", guide="005010X214",
        sender=world.receiver["id"], receiver=world.submitter["id"], on=on, control=control,
    )  # fmt: skip


def _one_transaction(answer: Answer) -> tuple[str, dt.date]:
    return answer[0].bill.patient.payer.key, answer[1].day


def _transaction(answers: Sequence[Answer], on: dt.date, batch: int, world: Scenario) -> Iterator[str]:
    payer: Payer = answers[0][0].bill.patient.payer
    taken = [claim for claim, sending in answers if sending.answer == "accepted"]
    back = [claim for claim, sending in answers if sending.answer != "accepted"]
    total = sum(total_cents(claim.bill, world) for claim, _ in answers)
    yield segment("BHT", "0085", "08", f"{payer.id}{day(on)}{batch}", day(on), "1815", "TH")
    yield "HL*1**20*1"
    yield segment("NM1", "PR", 2, payer.name, "", "", "", "", "PI", payer.id)
    yield segment("TRN", 1, f"{payer.id}{batch}")
    yield segment("DTP", "050", "D8", day(on))
    yield segment("DTP", "009", "D8", day(on))
    yield "HL*2*1*21*1"
    yield segment("NM1", "41", 2, world.submitter["name"], "", "", "", "", "46", world.submitter["id"])
    yield segment("TRN", 2, f"{batch:09d}0001")
    yield segment("STC", "A1:19:PR", day(on), "WQ", money(total))
    for quantity, amount, some in (("90", "YU", taken), ("AA", "YY", back)):
        if some:
            yield segment("QTY", quantity, len(some))
            yield segment("AMT", amount, money(sum(total_cents(claim.bill, world) for claim in some)))
    yield "HL*3*2*19*1"
    yield segment("NM1", "85", 2, world.billing["name"], "", "", "", "", "XX", world.billing["npi"])
    for level, (claim, sending) in enumerate(answers, 4):
        yield from _claim(claim, sending, level, world)


def _claim(claim: Claim, sending: Sending, level: int, world: Scenario) -> Iterator[str]:
    patient = claim.bill.patient
    accepted = sending.answer == "accepted"
    entity = _ENTITIES.get(sending.status, "")
    status = f"{sending.status}:{entity}" if entity else sending.status
    on = sending.answered_on
    if on is None:
        raise ValueError("an answer has its day")
    yield segment("HL", level, 3, "PT")
    yield segment(
        "NM1", "QC", 1, patient.last.upper(), patient.first.upper(), "", "", "", "MI", patient.member_id
    )
    yield segment("TRN", 2, claim.id)
    yield segment("STC", status, day(on), "WQ" if accepted else "U", money(total_cents(claim.bill, world)))
    if accepted:
        yield segment("REF", "1K", claim.payer_control)
    yield segment("DTP", "472", "D8", day(claim.bill.visit.day))
