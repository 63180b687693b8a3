"""What stands under what: the transactions of a file, their levels, claims and lines, as loops."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from types import MappingProxyType
from typing import Final

from anodyne.model.parties import Address, Contact, Organisation, Parties, Person
from anodyne.x12 import professional
from anodyne.x12.compose_draft import Loop, Refused, Row, clean, fill
from anodyne.x12.compose_parties import Interchange
from anodyne.x12.compose_places import FRAME_NAMES, columns_of, frame_name
from anodyne.x12.guide import Column
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


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim with its lines, numbered from 1."""

    row: Row = field(repr=False)
    owner: str
    """What refusals call it."""
    lines: Sequence[Row] = field(repr=False)


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
        most = nesting().children["2000B"]["2300"].most
        for billed in _gathered(claims, "provider"):
            above = str(next(levels))
            provider = top.opened("2000A", billed[0].owner)
            self._billing(provider, above, billed[0].row)
            for insured in _gathered(billed, "subscriber", "patient"):
                for some in _portions(insured, most):
                    level = provider.opened("2000B", some[0].owner)
                    level.put("HL", {1: str(next(levels)), 2: above, 3: "22", 4: "0"})
                    self._subscriber(level, some[0].row)
                    for claim in some:
                        self._claim(level.opened("2300", claim.owner), claim)
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

    def _subscriber(self, level: Loop, row: Row) -> None:
        fill(level, columns_of("subscriber"), row, self._refused)
        if clean(row["relationship"] or "18") != "18":
            why = "is not 18: claims of a patient who is not the subscriber cannot be written yet"
            self._refused.add(level.owner, "relationship", why)
        if clean(row["payer_rank"] or "P") != "P":
            why = "is not P: claims with what an earlier payer decided cannot be written yet"
            self._refused.add(level.owner, "payer_rank", why)
        loop, payer = level.at("2010BA"), level.at("2010BB")
        subscriber = self._parties.subscribers.get(row["patient"])
        if subscriber is None:
            self._lost(loop, row, "patient", "subscribers")
        else:
            _put_name(loop, subscriber.name)
            _put_address(loop, subscriber.address)
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
        self._place(loop, row)
        self._practitioners(loop, columns_of("claim"), row)
        for line in claim.lines:
            own = _own(line, row)
            inner = loop.opened("2400", f"{claim.owner}, line {line['line']}")
            fill(inner, columns_of("line"), own, self._refused)
            self._practitioners(inner, columns_of("line"), own)

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


def _gathered(claims: Sequence[Claim], owner: str, *keys: str) -> list[list[Claim]]:
    """Claims whose columns of `owner`, and `keys`, are the same; in the order of their first."""
    names = (*keys, *map(frame_name, columns_of(owner)))
    found: dict[tuple[object, ...], list[Claim]] = {}
    for claim in claims:
        found.setdefault(tuple(claim.row[name] for name in names), []).append(claim)
    return list(found.values())


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
