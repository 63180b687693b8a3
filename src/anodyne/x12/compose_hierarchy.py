"""What stands under what: the transactions of a file, their levels, claims and lines, as loops."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import count
from types import MappingProxyType
from typing import Final

from anodyne.model.parties import Organisation, Parties, Person
from anodyne.x12 import professional
from anodyne.x12.compose_draft import Loop, Refused, Row, clean, fill
from anodyne.x12.compose_names import (
    INSURED,
    coverage,
    is_dependent,
    lose,
    put_address,
    put_contact,
    put_name,
)
from anodyne.x12.compose_others import OtherPayers, Told
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
_OF_A_PATIENT: Final = ("N3", "N4", "DMG")
"""Segments that a subscriber who is the patient must have, and no other may."""
_OF_THE_PATIENT: Final = tuple(column for column in FRAME_NAMES if column.startswith("subscriber_"))
"""Columns that are the patient's, and so written at the subscriber only where that is the patient."""
_REPLACING: Final = ("7", "8")
"""Frequencies of a claim that stands for, or takes back, an earlier one."""
_ORIGINAL: Final = "1"


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
        self._others = OtherPayers(parties, refused)

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
        put_contact(sender, submitter.contact)
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
            lose(loop, row, "billing_npi", "billing providers", self._refused)
            return
        put_name(loop, billing.name)
        put_address(loop, billing.address)
        loop.put("REF", {2: billing.tax_id}, billing.tax_id_kind)
        if billing.contact is not None:
            put_contact(loop, billing.contact)
        if billing.pay_to is not None:
            pay_to = level.opened("2010AB")
            pay_to.put("NM1", {2: "1" if isinstance(billing.name, Person) else "2"})
            put_address(pay_to, billing.pay_to)

    def _insured(self, provider: Loop, above: str, claims: Sequence[Claim], levels: Iterator[int]) -> None:
        """The claims of one subscriber: at its own level, or at those of the patients under it."""
        if not is_dependent(claims[0].row):
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
        dependent = is_dependent(row)
        level.put("HL", {1: number, 2: above, 3: "22", 4: "1" if dependent else "0"})
        loop = level.at("2010BA")
        if dependent:
            fill(level, _of_subscriber(), row, self._refused)
            insured = self._parties.insured.get(coverage(row))
            if insured is None:
                lose(loop, row, "member_id", INSURED, self._refused)
            else:
                put_name(loop, insured.name)
        else:
            fill(level, columns_of("subscriber"), row, self._refused)
            if not row["relationship"]:
                self._refused.add(level.owner, "relationship", "is missing")
            for segment in _OF_A_PATIENT:
                loop.cells(segment)
            subscriber = self._parties.subscribers.get(row["patient"])
            if subscriber is None:
                lose(loop, row, "patient", "subscribers", self._refused)
            else:
                put_name(loop, subscriber.name)
                put_address(loop, subscriber.address)
        put_address(level.at("2010BB"), self._parties.payers.get(row["payer_id"] or ""))
        return level

    def _dependent(self, level: Loop, row: Row) -> None:
        fill(level, columns_of("patient"), row, self._refused)
        loop = level.at("2010CA")
        patient = self._parties.dependents.get(row["patient"])
        if patient is None:
            lose(loop, row, "patient", "dependents", self._refused)
        else:
            put_name(loop, patient.name)
            put_address(loop, patient.address)

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
        self._others.add(loop, row, claim.payers)
        for line in claim.lines:
            own = _own(line, row)
            inner = loop.opened("2400", f"{claim.owner}, line {line['line']}")
            fill(inner, columns_of("line"), own, self._refused)
            self._practitioners(inner, columns_of("line"), own)
            self._others.decide(inner, claim.adjudications.get(line["line_key"], ()))

    def _check_original(self, loop: Loop, row: Row) -> None:
        """That the payer's number of the first claim is there where that is replaced, and not elsewhere."""
        frequency = clean(row["frequency"] or "")
        if frequency in _REPLACING and not row["original_ref"]:
            why = f"is missing: frequency {frequency} needs the payer's own number of the first claim"
            self._refused.add(loop.owner, "original_ref", why)
        elif frequency == _ORIGINAL and row["original_ref"]:
            why = "names a first claim, but frequency 1 says that this is one: 7 replaces, 8 voids"
            self._refused.add(loop.owner, "original_ref", why)

    def _place(self, loop: Loop, row: Row) -> None:
        """The place of service, and that the claim's state and ZIP code are of it."""
        site = self._parties.sites.get(row["claim_id"] or "")
        billing = self._parties.billing.get(row["billing_npi"] or "")
        if site is not None:
            home = loop.at(_SITE)
            put_name(home, Organisation(site.name))
            put_address(home, site.address)
        elif row["facility_npi"]:
            lose(loop.at(_SITE), row, "facility_npi", "sites, which go by claim id", self._refused)
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
                lose(loop.at(home), row, frame_name(column), "practitioners", self._refused)
            else:
                put_name(loop.at(home), who)


def _own(line: Row, claim: Row) -> Row:
    """The line's values, without those that it has from its claim."""
    npi = line["rendering_npi"] or claim["rendering_npi"]
    inherited = claim["rendering_taxonomy"] if npi == claim["rendering_npi"] else None
    rendering = npi, line["rendering_taxonomy"] or inherited
    if rendering == (claim["rendering_npi"], claim["rendering_taxonomy"]):
        rendering = None, None
    own = {name: None if line[name] == claim[name] else line[name] for name in _INHERITED}
    return {**line, **own, "rendering_npi": rendering[0], "rendering_taxonomy": rendering[1]}


@cache
def _of_subscriber() -> tuple[Column, ...]:
    """The columns of a subscriber who is not the patient."""
    return tuple(column for column in columns_of("subscriber") if column.name not in _OF_THE_PATIENT)


def _values(
    owner: str, claim: Claim, keys: Sequence[str] = (), columns: Sequence[Column] | None = None
) -> tuple[object, ...]:
    """What `claim` says in the columns of `owner`, and in `keys`."""
    return tuple(claim.row[name] for name in (*keys, *map(frame_name, columns or columns_of(owner))))


def _subscriber_key(claim: Claim) -> tuple[object, ...]:
    """What claims at one subscriber's level have in common."""
    if is_dependent(claim.row):
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
