"""What stands under what: the transactions of a file, their levels, claims and lines, as loops."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import count
from types import MappingProxyType
from typing import Final

from anodyne.model.parties import (
    Address,
    Contact,
    Dependent,
    Insured,
    Organisation,
    Parties,
    Person,
    Subscriber,
)
from anodyne.x12 import professional
from anodyne.x12.compose_draft import Loop, Refused, Row, as_dollars, as_number, clean, fill
from anodyne.x12.compose_parties import Interchange
from anodyne.x12.compose_places import FRAME_NAMES, columns_of, frame_name
from anodyne.x12.guide import Column
from anodyne.x12.spread import MOST_REASONS, REASONS_FROM
from anodyne.x12.structure.nesting import nesting

VERSION: Final = "005010X222A1"
MOST_CLAIMS: Final = 5_000
"""In one transaction, as the guide recommends."""
_SITE: Final = "2310C"
_NPI: Final = "XX"
_LATER_DIAGNOSES: Final[Mapping[str, str]] = MappingProxyType({"BK": "BF"})
"""By the first diagnosis's qualifier: that of the others, where it is not ABF."""
_INHERITED: Final = tuple(
    name
    for column, name in FRAME_NAMES.items()
    if column.startswith("line_") and not column.startswith("line_rendering_")
)
"""Columns of a line that are written where they are not what the claim says."""


_SELF: Final = "18"
"""The relationship of a patient who is the subscriber."""
_OF_A_PATIENT: Final = ("N3", "N4", "DMG")
"""Segments that a subscriber who is the patient must have, and no other may."""
_OF_A_SUBSCRIBER: Final = ("subscriber_relationship", "subscriber_birth", "subscriber_sex")
"""Columns that are the patient's, and so written at the subscriber only where that is the patient."""
_REPLACING: Final = ("7", "8")
"""Frequencies of a claim that stands for, or takes back, an earlier one."""
_ORIGINAL: Final = "1"
_RANKS: Final = "PSTABCDEFGH"
"""Ranks of payers, the first to pay first; U, which is not among them, is unknown."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one other payer decided of a claim or line: its row, and how it adjusted that."""

    row: Row = field(repr=False)
    adjustments: Sequence[Row] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim with its lines, numbered from 1."""

    row: Row = field(repr=False)
    owner: str
    """What refusals call it."""
    lines: Sequence[Row] = field(repr=False)
    payers: Sequence[Told] = field(default=(), repr=False)
    """Its other payers."""
    adjudications: Mapping[int, Sequence[Told]] = field(default_factory=dict, repr=False)
    """By the key of a line: what they decided of it."""


class Hierarchy:
    """Claims as the loops of transactions."""

    def __init__(self, parties: Parties, interchange: Interchange, refused: Refused) -> None:
        self._parties, self._interchange, self._refused = parties, interchange, refused

    def transactions(self, claims: Sequence[Claim]) -> Iterator[Loop]:
        """The transactions, each without its trailer."""
        for number, some in enumerate(_portions(claims, MOST_CLAIMS), 1):
            yield self._transaction(number, some)

    def _transaction(self, number: int, claims: Sequence[Claim]) -> Loop:
        top = Loop("ST", "the file")
        top.put("ST", {1: professional.TRANSACTION, 2: f"{number:04}", 3: VERSION})
        made_at = self._interchange.made_at
        made = {4: f"{made_at:%Y%m%d}", 5: f"{made_at:%H%M}"}
        batch = f"{self._interchange.control_number:09}{number:04}"
        top.put("BHT", {1: "0019", 2: "00", 3: batch, **made, 6: "CH"})
        submitter, receiver = self._parties.submitter, self._parties.receiver
        sender = top.opened("1000A")
        sender.put("NM1", {3: submitter.name, 9: submitter.id})
        _put_contact(sender, submitter.contact)
        top.opened("1000B").put("NM1", {3: receiver.name, 9: receiver.id})
        levels = count(1)
        for billed in _gathered(claims, partial(_values, "provider")):
            above = str(next(levels))
            provider = top.opened("2000A", billed[0].owner)
            self._billing(provider, above, billed[0].row)
            for insured in _gathered(billed, _subscriber_key):
                self._insured(provider, above, insured, levels)
        return top

    def _billing(self, level: Loop, number: str, row: Row) -> None:
        level.put("HL", {1: number, 3: "20", 4: "1"})
        fill(level, columns_of("provider"), row, self._refused)
        loop = level.at("2010AA")
        billing = self._parties.billing.get(row["billing_npi"] or "")
        if billing is None:
            self._lost(loop, row, "billing_npi", "billing providers")
            return
        _put_name(loop, billing.name)
        _put_address(loop, billing.address)
        loop.put("REF", {2: billing.tax_id}, billing.tax_id_kind)
        if billing.contact is not None:
            _put_contact(loop, billing.contact)
        if billing.pay_to is not None:
            pay_to = level.opened("2010AB")
            pay_to.put("NM1", {2: "1" if isinstance(billing.name, Person) else "2"})
            _put_address(pay_to, billing.pay_to)

    def _insured(self, provider: Loop, above: str, claims: Sequence[Claim], levels: Iterator[int]) -> None:
        """The claims of one subscriber: at its own level, or at those of the patients under it."""
        if not _is_dependent(claims[0].row):
            for some in _portions(claims, _most("2000B")):
                level = self._subscriber(provider, above, some[0], str(next(levels)))
                self._add_claims(level, some)
            return
        number = str(next(levels))
        level = self._subscriber(provider, above, claims[0], number)
        for of_patient in _gathered(claims, partial(_values, "patient", keys=("patient",))):
            for some in _portions(of_patient, _most("2000C")):
                inner = level.opened("2000C", some[0].owner)
                inner.put("HL", {1: str(next(levels)), 2: number, 3: "23", 4: "0"})
                self._dependent(inner, some[0].row)
                self._add_claims(inner, some)

    def _add_claims(self, level: Loop, claims: Sequence[Claim]) -> None:
        for claim in claims:
            self._claim(level.opened("2300", claim.owner), claim)

    def _subscriber(self, provider: Loop, above: str, claim: Claim, number: str) -> Loop:
        row = claim.row
        level = provider.opened("2000B", claim.owner)
        dependent = _is_dependent(row)
        level.put("HL", {1: number, 2: above, 3: "22", 4: "1" if dependent else "0"})
        loop, payer = level.at("2010BA"), level.at("2010BB")
        if dependent:
            fill(level, _of_subscriber(), row, self._refused)
            insured = self._parties.insured.get(_coverage(row))
            if insured is None:
                self._lost(loop, row, "member_id", "insured, who go by payer id and member id")
            else:
                _put_name(loop, insured.name)
        else:
            fill(level, columns_of("subscriber"), row, self._refused)
            if not clean(row["relationship"] or ""):
                self._refused.add(level.owner, "relationship", "is missing")
            for segment in _OF_A_PATIENT:
                loop.cells(segment)
            subscriber = self._parties.subscribers.get(row["patient"])
            if subscriber is None:
                self._lost(loop, row, "patient", "subscribers")
            else:
                _put_name(loop, subscriber.name)
                _put_address(loop, subscriber.address)
        self._put_payers_address(payer, row)
        return level

    def _dependent(self, level: Loop, row: Row) -> None:
        fill(level, columns_of("patient"), row, self._refused)
        loop = level.at("2010CA")
        patient = self._parties.dependents.get(row["patient"])
        if patient is None:
            self._lost(loop, row, "patient", "dependents")
        else:
            _put_name(loop, patient.name)
            _put_address(loop, patient.address)

    def _put_payers_address(self, payer: Loop, row: Row) -> None:
        address = self._parties.payers.get(row["payer_id"] or "")
        if address is not None:
            _put_address(payer, address)

    def _claim(self, loop: Loop, claim: Claim) -> None:
        row = claim.row
        fill(loop, columns_of("claim"), row, self._refused)
        diagnoses = loop.cells("HI", "ABK")
        later = _LATER_DIAGNOSES.get(clean(diagnoses.get((1, 1), "")), "ABF")
        diagnoses |= {(element, 1): later for element, _ in diagnoses if element > 1}
        if row["attachment_control"]:
            loop.put("PWK", {2: self._interchange.attachments_by, 5: "AC"})
        elif row["attachment"]:
            loop.put("PWK", {2: "AA"})
        self._check_original(loop, row)
        self._place(loop, row)
        self._practitioners(loop, columns_of("claim"), row)
        self._check_ranks(loop, claim)
        for place, told in enumerate(claim.payers, 1):
            self._other_payer(loop.opened("2320", f"{claim.owner}, other payer {place}"), told, row)
        for line in claim.lines:
            own = _own(line, row)
            inner = loop.opened("2400", f"{claim.owner}, line {line['line']}")
            fill(inner, columns_of("line"), own, self._refused)
            self._practitioners(inner, columns_of("line"), own)
            for place, told in enumerate(claim.adjudications.get(line["line_key"], ()), 1):
                decision = inner.opened("2430", f"{inner.owner}, adjudication {place}")
                fill(decision, columns_of("adjudication"), told.row, self._refused)
                self._adjust(decision, told.adjustments)

    def _check_original(self, loop: Loop, row: Row) -> None:
        """That the payer's number of the first claim is there where that is replaced, and not elsewhere."""
        frequency = clean(row["frequency"] or "")
        if frequency in _REPLACING and not row["original_ref"]:
            why = f"is missing: frequency {frequency} needs the payer's own number of the first claim"
            self._refused.add(loop.owner, "original_ref", why)
        elif frequency == _ORIGINAL and row["original_ref"]:
            why = "names a first claim, but frequency 1 says that this is one: 7 replaces, 8 voids"
            self._refused.add(loop.owner, "original_ref", why)

    def _check_ranks(self, loop: Loop, claim: Claim) -> None:
        """That every payer who comes before the one that the claim goes to is told of."""
        rank, told = clean(claim.row["payer_rank"] or ""), {_rank(payer) for payer in claim.payers}
        before = _RANKS[: _RANKS.index(rank)] if rank in _RANKS else ()
        if missing := [one for one in before if one not in told]:
            why = f"is {rank}, and nothing is told of the payer of rank {', '.join(missing)} before it"
            self._refused.add(loop.owner, "payer_rank", why)

    def _other_payer(self, loop: Loop, told: Told, row: Row) -> None:
        other = told.row
        fill(loop, columns_of("other_payer"), other, self._refused)
        self._adjust(loop, told.adjustments)
        home = loop.at("2330A")
        insured = self._insured_elsewhere(other, row)
        if insured is None:
            self._lost_elsewhere(home, other)
        else:
            _put_name(home, insured.name)
            if insured.address is not None:
                _put_address(home, insured.address)
        self._put_payers_address(loop.at("2330B"), other)

    def _insured_elsewhere(self, other: Row, row: Row) -> Insured | Subscriber | Dependent | None:
        """Whom the other payer insures."""
        if _is_dependent(other):
            return self._parties.insured.get(_coverage(other))
        who = row["patient"]
        return self._parties.dependents.get(who) or self._parties.subscribers.get(who)

    def _lost_elsewhere(self, loop: Loop, other: Row) -> None:
        if _is_dependent(other):
            self._lost(loop, other, "member_id", "insured, who go by payer id and member id")
        else:
            loop.lost = True
            self._refused.add(loop.owner, "patient", "is not among the parties' subscribers or dependents")

    def _adjust(self, loop: Loop, adjustments: Sequence[Row]) -> None:
        """Adjustments as CAS: those of one group together, as many as one holds."""
        for row in adjustments:
            for name in ("group", "reason", "cents"):
                if row[name] is None or row[name] == "":
                    self._refused.add(loop.owner, f"{name} of an adjustment", "is missing")
        groups: dict[str, list[Row]] = {}
        for row in adjustments:
            groups.setdefault(row["group"] or "", []).append(row)
        for group, every in groups.items():
            for first in range(0, len(every), MOST_REASONS):
                cells = loop.add("CAS")
                cells[1, 0] = group
                for place, row in enumerate(every[first : first + MOST_REASONS]):
                    cells |= self._reason(loop, REASONS_FROM + 3 * place, row)

    def _reason(self, loop: Loop, first: int, row: Row) -> dict[tuple[int, int], str]:
        cells = {(first, 0): row["reason"] or ""}
        if row["cents"] is not None:
            cells[first + 1, 0] = as_dollars(row["cents"])
        if row["units"] is not None:
            try:
                cells[first + 2, 0] = as_number(row["units"])
            except ValueError as error:
                self._refused.add(loop.owner, "units of an adjustment", str(error))
        return cells

    def _place(self, loop: Loop, row: Row) -> None:
        """The place of service, and that the claim's state and ZIP code are of it."""
        site = self._parties.sites.get(row["claim_id"] or "")
        billing = self._parties.billing.get(row["billing_npi"] or "")
        if site is not None:
            home = loop.at(_SITE)
            _put_name(home, Organisation(site.name))
            _put_address(home, site.address)
        elif row["facility_npi"]:
            self._lost(loop.at(_SITE), row, "facility_npi", "sites, which go by claim id")
        party = site or billing
        if party is None:
            return
        for name, said in (("state", party.address.state), ("zip", party.address.zip)):
            if clean(row[name] or said) != clean(said):
                self._refused.add(loop.owner, name, "is not that of the place of service among the parties")

    def _practitioners(self, loop: Loop, columns: Sequence[Column], row: Row) -> None:
        """The names of all whose NPI stands in a column, but the place of service."""
        for column in columns:
            npi, (home, *_) = row[frame_name(column)], column.source.loops
            if not npi or column.when is None or column.when[1] != _NPI or home == _SITE:
                continue
            who = self._parties.practitioners.get(npi)
            if who is None:
                self._lost(loop.at(home), row, frame_name(column), "practitioners")
            else:
                _put_name(loop.at(home), who)

    def _lost(self, loop: Loop, row: Row, key: str, among: str) -> None:
        """The party of `loop` is not found by its key; a key that is missing is told with the segment."""
        loop.lost = True
        if row[key] is None and key != "patient":
            return
        self._refused.add(loop.owner, key, f"is not among the parties' {among}")


def _own(line: Row, claim: Row) -> Row:
    """The line's values, without those that it has from its claim."""
    npi = line["rendering_npi"] or claim["rendering_npi"]
    inherited = claim["rendering_taxonomy"] if npi == claim["rendering_npi"] else None
    rendering = npi, line["rendering_taxonomy"] or inherited
    if rendering == (claim["rendering_npi"], claim["rendering_taxonomy"]):
        rendering = None, None
    own = {name: None if line[name] == claim[name] else line[name] for name in _INHERITED}
    return {**line, **own, "rendering_npi": rendering[0], "rendering_taxonomy": rendering[1]}


def _is_dependent(row: Row) -> bool:
    """Whether the patient is not the one who is insured."""
    return clean(row["relationship"] or _SELF) != _SELF


def _coverage(row: Row) -> tuple[str, str]:
    """By what the insured of a claim, or of its other payer, is found."""
    return row["payer_id"] or "", row["member_id"] or ""


def _rank(told: Told) -> str:
    return clean(told.row["payer_rank"] or "")


@cache
def _of_subscriber() -> tuple[Column, ...]:
    """The columns of a subscriber who is not the patient."""
    return tuple(
        column
        for column in columns_of("subscriber")
        if column.name not in {*_OF_A_SUBSCRIBER, "subscriber_property_claim"}
    )


def _values(
    owner: str, claim: Claim, keys: Sequence[str] = (), columns: Sequence[Column] | None = None
) -> tuple[object, ...]:
    """What `claim` says in the columns of `owner`, and in `keys`."""
    return tuple(claim.row[name] for name in (*keys, *map(frame_name, columns or columns_of(owner))))


def _subscriber_key(claim: Claim) -> tuple[object, ...]:
    """What claims at one subscriber's level have in common."""
    if _is_dependent(claim.row):
        return _values("subscriber", claim, columns=_of_subscriber())
    return _values("subscriber", claim, keys=("patient",))


def _gathered(claims: Sequence[Claim], key: Callable[[Claim], tuple[object, ...]]) -> list[list[Claim]]:
    """Claims of which `key` says the same; in the order of their first."""
    found: dict[tuple[object, ...], list[Claim]] = {}
    for claim in claims:
        found.setdefault(key(claim), []).append(claim)
    return list(found.values())


def _most(level: str) -> int:
    """How many claims a level may hold."""
    return nesting().children[level]["2300"].most


def _portions(claims: Sequence[Claim], most: int) -> Iterator[Sequence[Claim]]:
    return (claims[k : k + most] for k in range(0, len(claims), most))


def _put_name(loop: Loop, who: Organisation | Person) -> None:
    if isinstance(who, Organisation):
        loop.put("NM1", {2: "2", 3: who.name})
    else:
        loop.put("NM1", {2: "1", 3: who.last, 4: who.first, 5: who.middle, 7: who.suffix})


def _put_address(loop: Loop, address: Address) -> None:
    loop.put("N3", {1: address.street, 2: address.more})
    loop.put("N4", {1: address.city, 2: address.state, 3: address.zip, 4: address.country})


def _put_contact(loop: Loop, contact: Contact) -> None:
    elements = {2: contact.name}
    numbers = (("TE", contact.phone), ("EX", contact.extension), ("EM", contact.email))
    place = 3
    for kind, number in numbers:
        if number or kind == "TE":
            elements |= {place: kind, place + 1: number}
            place += 2
    loop.put("PER", elements)
