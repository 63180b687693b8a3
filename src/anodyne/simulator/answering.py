"""A made-up clearinghouse and the payers behind it: what they answer to any 837P file.

The front door takes every claim but for two kinds, so that who tries it can have either answer:

- a member id that ends in 00 is of nobody whom the payer knows (A7:164);
- a replacement or a void (frequency 7 or 8) does not tell the payer's own number of the claim, REF*F8
  (A7:464).

A transaction of which a structural edit of this program says that it would be refused is refused whole, by
the 999, and then nothing is said of its claims.  What was taken is decided some days later: by the scenario's
contract with the payer where there is one, and a share of it, as the scenario states, is denied or paid as a
lower visit.  The same file and day give the same bytes.
"""

import datetime as dt
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

import polars as pl

from anodyne.kernel.errors import BadRequest
from anodyne.model.frames import MODIFIERS
from anodyne.model.outcome import Outcome
from anodyne.model.versions import REPLACEMENT, VOID
from anodyne.reference.tables import Reference
from anodyne.simulator.acknowledgement_files import (
    ACCEPTED,
    Group,
    Said,
    Told,
    acknowledgement,
    statuses,
    verdict,
)
from anodyne.simulator.payers import (
    BOTH,
    FACILITIES,
    REFUSALS,
    Decided,
    Owed,
    Rates,
    Shares,
    lower,
    paid,
    refused,
    times,
)
from anodyne.simulator.people import dice
from anodyne.simulator.remittance_files import Settlement, ToldClaim, settlement_file
from anodyne.simulator.scenario import Payer, Scenario, scenario
from anodyne.simulator.visits import Line
from anodyne.x12.read import read_stream
from anodyne.x12.read_parties import read_parties_stream
from anodyne.x12.sent import Sent, read_sent_stream

UNKNOWN_MEMBER: Final = "00"
"""What a member id ends in that no payer knows."""
_NO_MEMBER: Final = "A7:164"
_NO_NUMBER: Final = "A7:464"
_UNPRICED: Final = 600
"""The thousandths of its charge that are allowed for a service of which the scenario has no price."""
_FIRST: Final = "P"
_SEED: Final = 0
_DELIMITERS: Final = str.maketrans(dict.fromkeys("*~:^\r\n", " "))
_SENDER, _RECEIVER, _USAGE = slice(35, 50), slice(54, 69), slice(102, 103)
"""Where an ISA, all of whose elements have fixed lengths, has them."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answers:
    """What comes back for one file."""

    acknowledgement: bytes = field(repr=False)
    """A 999."""
    statuses: bytes | None = field(repr=False)
    """A 277CA; None where none of its transactions was taken."""


@dataclass(frozen=True, slots=True)
class _Came:
    """An 837P file as the front door sees it."""

    sender: str
    receiver: str
    usage: str
    control: int
    transactions: Sequence[Row]
    """Rows of `frames.SENT`, with `refused`."""
    claims: Sequence[Row] = field(repr=False)
    """Claims that were not refused with their transaction: rows of `frames.CLAIMS` and `read_parties.PARTIES`
    with the numbers of their transaction, and `first_on`."""
    lines: Mapping[int, Sequence[Row]] = field(repr=False)
    """By claim_key."""


def answered(data: bytes, *, name: str, on: dt.date) -> Answers:
    """What the front door says on the day `on` of the 837P file `data`, which errors call `name`.

    Raises UnreadableFile, or one of its kinds, for what is no whole 837P file: nobody could say of what a 999
    speaks.
    """
    came = _came(data, name)
    envelope: dict[str, Any] = {
        "sender": came.receiver, "receiver": came.sender, "on": on, "control": came.control,
        "usage": came.usage,
    }  # fmt: skip
    groups = [
        Group(_plain(control), _plain(version), [(_plain(one["control"]), _verdict(one)) for one in some])
        for (_, control, version), some in groupby(came.transactions, key=_group)
    ]
    told = [
        _told(some, came) for _, some in _together(came.claims, "sent_key", "payer_id", "billing_npi")
    ]  # fmt: skip
    return Answers(acknowledgement(groups, **envelope), statuses(told, **envelope) if told else None)


def adjudicated(data: bytes, *, name: str, on: dt.date, reference: Reference) -> bytes | None:
    """The 835 by which the payers pay on the day `on` what they took of the 837P file `data`.

    A payment for each payer.  Of what no fee schedule or contract of the scenario prices, a fixed share of
    the charge is allowed; deductibles count as met.  Claims to a second payer and voids are not decided.
    None where nothing is to be decided; raises as `answered` does.
    """
    came, world = _came(data, name), scenario()
    taken = [
        claim
        for claim in came.claims
        if _status(claim) == ACCEPTED and claim["payer_rank"] == _FIRST and claim["frequency"] != VOID
    ]
    payers = _Payers(world, came, on, reference)
    settlements = [_settlement(some, payers, came) for _, some in _together(taken, "payer_id", "billing_npi")]
    if not settlements:
        return None
    return settlement_file(settlements, receiver=came.sender, on=on, control=came.control, usage=came.usage)


# ------------------------------------------------------------------- the file


def _came(data: bytes, name: str) -> _Came:
    parts = list(read_stream(io.BytesIO(data), name=name, structure=True))
    who = pl.concat([one.parties for one in read_parties_stream(io.BytesIO(data), name=name)])
    sent = read_sent_stream(io.BytesIO(data), name=name)
    refused_keys = _refused(pl.concat([part.findings for part in parts]), sent)
    lines = pl.concat([part.lines for part in parts])
    first = lines.group_by("claim_key").agg(first_on=pl.col("served_on").min())
    claims = (
        pl.concat([part.claims for part in parts])
        .join(who, on="claim_key")
        .join(first, on="claim_key", how="left")
        .join(sent.claims.select("segment", "sent_key"), on="segment")
        .join(sent.transactions.select("sent_key", "interchange_control", "batch", "sent_on"), on="sent_key")
        .filter(~pl.col("sent_key").is_in(refused_keys))
        .sort("claim_key")
    )
    transactions = sent.transactions.with_columns(refused=pl.col("sent_key").is_in(refused_keys))
    header = data.lstrip()[:106].decode("latin-1")
    control = sent.transactions["interchange_control"][0] or ""
    return _Came(
        _plain(header[_SENDER]),
        _plain(header[_RECEIVER]),
        header[_USAGE],
        int(control) if control.isdecimal() else 1,
        transactions.rows(named=True),
        claims.rows(named=True),
        {
            int(key): some.sort("line_key").rows(named=True)
            for (key,), some in lines.group_by("claim_key", maintain_order=True)
        },
    )


def _refused(findings: pl.DataFrame, sent: Sent) -> list[int]:
    """The transactions in which an edit would refuse something; all of them where it is in the envelope."""
    found = findings.filter(pl.col("outcome") == Outcome.REJECT.value)["segment"].to_list()
    spans = sent.transactions.select("sent_key", "segment", "last_segment").rows()
    inside = [[key for key, first, last in spans if first <= (at or 0) <= last] for at in found]
    if any(not keys for keys in inside):
        return [key for key, _, _ in spans]
    return sorted({key for keys in inside for key in keys})


def _verdict(transaction: Row) -> Sequence[str]:
    return verdict(wrong=transaction["refused"])


def _group(transaction: Row) -> tuple[str, str, str]:
    interchange, group = transaction["interchange_control"] or "", transaction["group_control"] or ""
    return interchange, group, transaction["version"] or ""


def _together(rows: Sequence[Row], *by: str) -> Iterator[tuple[tuple[Any, ...], list[Row]]]:
    """Rows that have the same values of `by`, in the order of the first of each."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[name] for name in by), []).append(row)
    yield from found.items()


def _plain(told: str | None) -> str:
    """What a file tells, as an answer can repeat it: without marks that would end an element there."""
    text = (told or "").encode("ascii", "replace").decode("ascii")
    return text.translate(_DELIMITERS).strip()


# ------------------------------------------------------------------- the front door


def _status(claim: Row) -> str:
    """Category and status code of what is said of a claim."""
    if (claim["member_id"] or "").strip().endswith(UNKNOWN_MEMBER):
        return _NO_MEMBER
    if claim["frequency"] in (REPLACEMENT, VOID) and not (claim["original_ref"] or "").strip():
        return _NO_NUMBER
    return ACCEPTED


def _payer_control(claim: Row) -> str:
    """The payer's own number of a claim: another one for each file in which it comes."""
    told = f"{claim['interchange_control']}:{claim['claim_id']}:{claim['payer_rank']}"
    digits = int.from_bytes(hashlib.sha256(told.encode()).digest()[:8]) % 10**8
    sent_on = f"{claim['sent_on']:%y%j}" if claim["sent_on"] else ""
    return f"{_plain(claim['payer_id'])[:3]}{sent_on}{digits:08d}"


def _told(claims: Sequence[Row], came: _Came) -> Told:
    first = claims[0]
    return Told(
        _plain(first["payer_id"]), _plain(first["payer_name"]), came.sender, came.sender,
        _plain(first["billing_npi"]), _plain(first["billing_last"]), _plain(first["batch"]),
        f"{came.control}", [_said(claim) for claim in claims],
    )  # fmt: skip


def _said(claim: Row) -> Said:
    status = _status(claim)
    return Said(
        _plain(claim["claim_id"]), _plain(claim["patient_last"]), _plain(claim["patient_first"]),
        _plain(claim["member_id"]), status, claim["charge_cents"] or 0, claim["first_on"],
        _payer_control(claim) if status == ACCEPTED else "",
    )  # fmt: skip


# ------------------------------------------------------------------- the payers


class _Payers:
    """What the scenario's payers allow for the lines of a file."""

    def __init__(self, world: Scenario, came: _Came, on: dt.date, reference: Reference) -> None:
        self._world, self._by_id = world, {payer.id: payer for payer in world.payers.values()}
        self._keys = {provider.npi: key for key, provider in world.providers.items()}
        days = {line["served_on"] for some in came.lines.values() for line in some if line["served_on"]}
        try:
            self._rates: Rates | None = Rates(reference, world, sorted(days), on)
        except BadRequest:
            self._rates = None

    def decide(self, claim: Row, lines: Sequence[Row], number: str) -> list[Decided]:
        """What is decided of each line of the claim that has this `number` with its payer."""
        rng, shares = dice(_SEED, "decided", number), self._world.shares["decided"]
        denied = rng.random() < shares["necessity"]
        payer = self._by_id.get(claim["payer_id"])
        copay = payer.copay_cents if payer else 0
        made = []
        for line in lines:
            service = Line(
                line["code"] or "", tuple(line[name] for name in MODIFIERS if line[name]),
                max(1, round(line["units"] or 1)),
            )  # fmt: skip
            charge, should = line["charge_cents"] or 0, self._allowed(payer, line, service, service.code)
            paid_as = lower(service.code) if rng.random() < shares["downcode"] else ""
            if denied:
                made.append(refused(service, charge, should, REFUSALS["necessity"]))
                continue
            allowed = self._allowed(payer, line, service, paid_as) if paid_as else should
            made.append(paid(service, charge, should, self._owed(payer, line, allowed, copay), paid_as))
            copay = 0
        return made

    def _allowed(self, payer: Payer | None, line: Row, service: Line, code: str) -> int:
        """Cents for a line, taken for `code`."""
        charge, day, rates = line["charge_cents"] or 0, line["served_on"], self._rates
        if payer is None or rates is None or day is None or code not in self._world.services:
            return times(charge, _UNPRICED)
        unit = rates.unit_cents(payer, code, day, facility=line["pos"] in FACILITIES)
        cents = unit * service.units
        if BOTH in service.modifiers:
            cents = times(cents, rates.term("bilateral", day))
        if rates.is_cut_for_extenders(payer, code) and self._by_extender(line):
            cents = times(cents, rates.term("nonphysician", day))
        return min(cents, charge)

    def _by_extender(self, line: Row) -> bool:
        return self._rates is not None and self._keys.get(line["rendering_npi"]) in self._rates.extenders

    def _owed(self, payer: Payer | None, line: Row, allowed: int, copay: int) -> Owed:
        if payer is None or self._rates is None or line["served_on"] is None:
            return Owed(allowed, 0, 0, 0, 0)
        met = Shares({line["served_on"].year: payer.deductible_cents})
        return self._rates.owed(payer, line["served_on"], allowed, copay, met)


def _settlement(claims: Sequence[Row], payers: _Payers, came: _Came) -> Settlement:
    first = claims[0]
    payer_id = _plain(first["payer_id"])
    return Settlement(
        f"EFT{payer_id[:8]}{came.control:09d}",
        (_plain(first["payer_name"]), payer_id),
        (_plain(first["billing_last"]), _plain(first["billing_npi"]), _plain(first["billing_tax_id"])),
        [_decided(claim, payers, came.lines.get(claim["claim_key"], ())) for claim in claims],
    )


def _decided(claim: Row, payers: _Payers, lines: Sequence[Row]) -> ToldClaim:
    number = _payer_control(claim)
    decided = payers.decide(claim, lines, number)
    own = _plain(claim["claim_id"])
    return ToldClaim(
        claim_id=own,
        status="4" if all(line.refused for line in decided) else "1",
        payer_control=number,
        filing=_plain(claim["filing"]),
        pos=_plain(claim["pos"]),
        frequency=_plain(claim["frequency"]),
        last=_plain(claim["patient_last"]),
        first=_plain(claim["patient_first"]),
        member_id=_plain(claim["member_id"]),
        received_on=claim["sent_on"],
        lines=[
            (
                _plain(line["control_number"]) or f"{own}-{line['line']}",
                line["served_on"] or claim["sent_on"],
                one,
            )
            for line, one in zip(lines, decided, strict=True)
        ],
        paid_cents=sum(line.paid_cents for line in decided),
        patient_cents=sum(line.patient_cents for line in decided),
    )
