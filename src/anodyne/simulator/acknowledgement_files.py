"""What the front doors answer, as 999 (005010X231A1) and 277CA (005010X214) files."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from anodyne.simulator.bills import total_cents
from anodyne.simulator.envelopes import day, interchange, money, segment
from anodyne.simulator.life import Claim, Sending
from anodyne.simulator.scenario import Payer, Scenario

_ENTITIES = {"A7:164": "IL", "A7:145": "85", "A3:33": "IL", "A2:20": ""}
"""Whom a status is about; no one where it is not told."""
ACCEPTED = "A2:20"
_TAKEN = ("A",)
_MISCOUNTED = ("R", "4")
"""The whole transaction, as its count of segments did not fit when it came."""
_WRONG_SEGMENTS = ("R", "5")
_TEST = "T"

Answer = tuple[Claim, Sending]


@dataclass(frozen=True, slots=True)
class Group:
    """One functional group that was sent, and what is said of each of its transactions."""

    control: str
    version: str
    transactions: Sequence[tuple[str, Sequence[str]]]
    """Of each its control number (ST02), and IK501 with the reason where it is refused."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a payer's front door says of one claim."""

    claim_id: str
    last: str = field(repr=False)
    first: str = field(repr=False)
    member_id: str = field(repr=False)
    status: str
    """Category and status code of the STC."""
    charge_cents: int
    served_on: dt.date | None
    payer_control: str = ""
    """The payer's own number of it; empty where it is refused."""

    @property
    def accepted(self) -> bool:
        """Whether it goes on to be decided."""
        return self.status == ACCEPTED


@dataclass(frozen=True, slots=True)
class Told:
    """One transaction of a 277CA: what one payer says of claims of one biller and one batch."""

    payer_id: str
    payer_name: str
    submitter_id: str
    submitter_name: str
    billing_npi: str
    billing_name: str
    batch: str
    """The number of the batch as it was sent (BHT03)."""
    reference: str
    """What the payer's own numbers of the batch end in."""
    claims: Sequence[Said]


def acknowledgement(
    groups: Sequence[Group], *, sender: str, receiver: str, on: dt.date, control: int, usage: str = _TEST
) -> bytes:
    """A 999 of a transaction for each of `groups`."""
    return interchange(
        [list(_of_group(group)) for group in groups],
        group="FA", kind="999", version="005010X231A1", guide="005010X231A1",
        sender=sender, receiver=receiver, on=on, control=control, usage=usage,
    )  # fmt: skip


def _of_group(group: Group) -> Iterator[str]:
    yield segment("AK1", "HC", group.control, group.version)
    for control, verdict in group.transactions:
        yield segment("AK2", "837", control, group.version)
        yield segment("IK5", *verdict)
    sent = len(group.transactions)
    taken = sum(verdict[0] == "A" for _, verdict in group.transactions)
    yield segment("AK9", "A" if taken == sent else "P" if taken else "R", sent, sent, taken)


def statuses(
    told: Sequence[Told], *, sender: str, receiver: str, on: dt.date, control: int, usage: str = _TEST
) -> bytes:
    """A 277CA of a transaction for each of `told`."""
    return interchange(
        [list(_transaction(one, on)) for one in told],
        group="HN", kind="277", version="005010X214", guide="005010X214",
        sender=sender, receiver=receiver, on=on, control=control, usage=usage,
    )  # fmt: skip


def verdict(*, miscounted: bool = False, wrong: bool = False) -> Sequence[str]:
    """IK501 of a transaction, with the reason of a refusal."""
    return _MISCOUNTED if miscounted else _WRONG_SEGMENTS if wrong else _TAKEN


def file_answer(sent_on: dt.date, control: int, world: Scenario, *, refused: bool) -> bytes:
    """The 999 that answers the 837P file of a day."""
    group = Group(str(control), "005010X222A1", [("0001", verdict(miscounted=refused))])
    return acknowledgement(
        [group], sender=world.receiver["id"], receiver=world.submitter["id"], on=sent_on, control=control
    )


def claim_answers(
    answers: Sequence[Answer], on: dt.date, controls: dict[dt.date, int], world: Scenario, control: int
) -> bytes:
    """The 277CA file of a day: a transaction for each payer and file that was sent."""
    ordered = sorted(answers, key=_one_transaction)
    told = [
        _told(list(some), controls[sent_on], world)
        for (_, sent_on), some in groupby(ordered, key=_one_transaction)
    ]
    return statuses(told, sender=world.receiver["id"], receiver=world.submitter["id"], on=on, control=control)


def _one_transaction(answer: Answer) -> tuple[str, dt.date]:
    return answer[0].bill.patient.payer.key, answer[1].day


def _told(answers: Sequence[Answer], batch: int, world: Scenario) -> Told:
    payer: Payer = answers[0][0].bill.patient.payer
    return Told(
        payer.id, payer.name, world.submitter["id"], world.submitter["name"],
        world.billing["npi"], world.billing["name"], f"{batch:09d}0001", str(batch),
        [_said(claim, sending, world) for claim, sending in answers],
    )  # fmt: skip


def _said(claim: Claim, sending: Sending, world: Scenario) -> Said:
    patient = claim.bill.patient
    accepted = sending.answer == "accepted"
    return Said(
        claim.id, patient.last.upper(), patient.first.upper(), patient.member_id, sending.status,
        total_cents(claim.bill, world), claim.bill.visit.day, claim.payer_control if accepted else "",
    )  # fmt: skip


def _transaction(told: Told, on: dt.date) -> Iterator[str]:
    taken = [one for one in told.claims if one.accepted]
    back = [one for one in told.claims if not one.accepted]
    total = sum(one.charge_cents for one in told.claims)
    yield segment("BHT", "0085", "08", f"{told.payer_id}{day(on)}{told.reference}", day(on), "1815", "TH")
    yield "HL*1**20*1"
    yield segment("NM1", "PR", 2, told.payer_name, "", "", "", "", "PI", told.payer_id)
    yield segment("TRN", 1, f"{told.payer_id}{told.reference}")
    yield segment("DTP", "050", "D8", day(on))
    yield segment("DTP", "009", "D8", day(on))
    yield "HL*2*1*21*1"
    yield segment("NM1", "41", 2, told.submitter_name, "", "", "", "", "46", told.submitter_id)
    yield segment("TRN", 2, told.batch)
    yield segment("STC", "A1:19:PR", day(on), "WQ", money(total))
    for quantity, amount, some in (("90", "YU", taken), ("AA", "YY", back)):
        if some:
            yield segment("QTY", quantity, len(some))
            yield segment("AMT", amount, money(sum(one.charge_cents for one in some)))
    yield "HL*3*2*19*1"
    yield segment("NM1", "85", 2, told.billing_name, "", "", "", "", "XX", told.billing_npi)
    for level, one in enumerate(told.claims, 4):
        yield from _claim(one, level, on)


def _claim(said: Said, level: int, on: dt.date) -> Iterator[str]:
    entity = _ENTITIES.get(said.status, "")
    status = f"{said.status}:{entity}" if entity else said.status
    yield segment("HL", level, 3, "PT")
    yield segment("NM1", "QC", 1, said.last, said.first, "", "", "", "MI", said.member_id)
    yield segment("TRN", 2, said.claim_id)
    yield segment("STC", status, day(on), "WQ" if said.accepted else "U", money(said.charge_cents))
    if said.payer_control:
        yield segment("REF", "1K", said.payer_control)
    if said.served_on is not None:
        yield segment("DTP", "472", "D8", day(said.served_on))
