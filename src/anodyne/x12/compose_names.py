"""Names, addresses and contacts put into loops, and what is said where a party is not found."""

from typing import Final

from anodyne.model.parties import Address, Contact, Organisation, Person
from anodyne.x12.compose_draft import Loop, Refused, Row, clean

_SELF: Final = "18"
"""The relationship of a patient who is the one insured."""
_ALWAYS_THERE: Final = "patient"
"""A key that is a number of ours and stands in no segment, so that no segment tells that it is missing."""
INSURED: Final = "insured, who go by payer id and member id"


def put_name(loop: Loop, who: Organisation | Person) -> None:
    """The name of a body or person."""
    if isinstance(who, Organisation):
        loop.put("NM1", {2: "2", 3: who.name})
    else:
        loop.put("NM1", {2: "1", 3: who.last, 4: who.first, 5: who.middle, 7: who.suffix})


def put_address(loop: Loop, address: Address | None) -> None:
    """An address, where there is one."""
    if address is not None:
        loop.put("N3", {1: address.street, 2: address.more})
        loop.put("N4", {1: address.city, 2: address.state, 3: address.zip, 4: address.country})


def put_contact(loop: Loop, contact: Contact) -> None:
    """Whom to call, by telephone and otherwise."""
    elements = {2: contact.name}
    numbers = (("TE", contact.phone), ("EX", contact.extension), ("EM", contact.email))
    place = 3
    for kind, number in numbers:
        if number or kind == "TE":
            elements |= {place: kind, place + 1: number}
            place += 2
    loop.put("PER", elements)


def lose(loop: Loop, row: Row, key: str, among: str, refused: Refused) -> None:
    """The party of `loop` is not found by its key; a key that is missing is told with the segment."""
    loop.lost = True
    if row[key] is not None or key == _ALWAYS_THERE:
        refused.add(loop.owner, key, f"is not among the parties' {among}")


def is_dependent(row: Row) -> bool:
    """Whether the patient of a claim, or of its other payer, is not the one insured."""
    return clean(row["relationship"] or _SELF) != _SELF


def coverage(row: Row) -> tuple[str, str]:
    """By what the one insured of a claim, or of its other payer, is found among the parties."""
    return row["payer_id"] or "", row["member_id"] or ""
