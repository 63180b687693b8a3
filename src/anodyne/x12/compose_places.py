"""Where values stand in a file that is written: the places of columns, and what the guide asks of each.

The places are those that `professional` reads from.  Which segments a loop must have, their order, their
elements and the lengths of these are the guide's (`structure.guide`, `structure.shapes`); the tables here
say what neither knows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from anodyne.x12 import professional
from anodyne.x12.guide import Column
from anodyne.x12.loops import LOOPS
from anodyne.x12.spread import MOST_REASONS, REASONS_FROM
from anodyne.x12.structure.guide import NAMES
from anodyne.x12.structure.nesting import nesting
from anodyne.x12.structure.notation import guide

Place = tuple[int, int]
"""An element and its component, both from 1; component 0 is the whole element."""

FRAME_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "subscriber_relationship": "relationship",
        "subscriber_birth": "birth_date",
        "subscriber_sex": "sex",
        "subscriber_property_claim": "property_claim",
        "patient_relationship": "relationship",
        "patient_birth": "birth_date",
        "patient_sex": "sex",
        "patient_property_claim": "property_claim",
        "line_pos": "pos",
        "line_rendering_npi": "rendering_npi",
        "line_rendering_taxonomy": "rendering_taxonomy",
        "line_auth_number": "auth_number",
        "line_clia": "clia",
    }
)
"""Columns of `professional` that a frame has under another name; all others have the same."""
IN_PARTIES: Final = ("facility_state", "facility_zip", "billing_state", "billing_zip", "patient_first_name")
"""Columns that are written with the name or address of a party."""
OWNERS: Final = ("provider", "subscriber", "patient", "claim", "other_payer", "line", "adjudication")

FIXED: Final[Mapping[str, Mapping[Place, str]]] = MappingProxyType(
    {
        "CLM": {(5, 2): "B", (6, 0): "Y"},
        "DMG": {(1, 0): "D8"},
        "DTP": {(2, 0): "D8"},
        "DTP_range": {(2, 0): "D8"},
        "CRC_homebound": {(2, 0): "Y", (3, 0): "IH"},
        "PRV_billing": {(2, 0): "PXC"},
        "PRV_rendering": {(2, 0): "PXC"},
        "submitter": {(2, 0): "2", (8, 0): "46"},
        "receiver": {(2, 0): "2", (8, 0): "46"},
        "subscriber": {(8, 0): "MI"},
        "payer": {(2, 0): "2", (8, 0): "PI"},
    }
)
"""By shape: what stands in a segment whatever the claim says; what was put there before stays."""
_NEEDED: Final[Mapping[str, tuple[Place, ...]]] = MappingProxyType(
    {
        "SBR": ((9, 0),),
        "N4": ((2, 0), (3, 0)),
        "billing": ((9, 0),),
        "referring": ((9, 0),),
        "rendering": ((9, 0),),
        "supervising": ((9, 0),),
    }
)
"""By shape: elements that the guide leaves open and that no claim written here is without."""
_EXCUSES: Final[Mapping[str, Place]] = MappingProxyType({"N4": (4, 0)})
"""By shape: the element that, where it is filled, makes the others of `_NEEDED` needless: the country."""
_LAST_OF_CAS: Final = REASONS_FROM + 3 * MOST_REASONS - 1
_FIELDS: Final[Mapping[tuple[str, int], str]] = MappingProxyType(
    {
        ("NM1", 2): "kind",
        ("NM1", 3): "name",
        ("NM1", 4): "first name",
        ("NM1", 5): "middle name",
        ("NM1", 7): "suffix",
        ("NM1", 9): "id",
        ("N3", 1): "street",
        ("N3", 2): "second line of the address",
        ("N4", 1): "city",
        ("N4", 2): "state",
        ("N4", 3): "ZIP code",
        ("N4", 4): "country",
        ("REF", 2): "tax id",
        ("PER", 2): "contact",
        ("PER", 4): "telephone",
        ("PER", 6): "extension or e-mail",
        ("PER", 8): "e-mail",
        ("CAS", 1): "group of adjustments",
        **{("CAS", n): "reason of an adjustment" for n in range(REASONS_FROM, _LAST_OF_CAS, 3)},
        **{("CAS", n + 1): "amount of an adjustment" for n in range(REASONS_FROM, _LAST_OF_CAS, 3)},
        **{("CAS", n + 2): "quantity of an adjustment" for n in range(REASONS_FROM, _LAST_OF_CAS, 3)},
    }
)
"""What an element is called that no column has."""


@dataclass(frozen=True, slots=True)
class Form:
    """What one use of a segment asks of its elements."""

    required: tuple[Place, ...]
    """Whole elements; of a composite that must be there, its components."""
    needed: tuple[Place, ...]
    """Required too, unless `excuse` is filled."""
    excuse: Place | None
    parts: Mapping[int, tuple[Place, ...]]
    """By composite: the components that it must have where it is there."""
    lengths: Mapping[Place, tuple[int, int]]
    """Of every element and component that there is."""

    def lacks(self, cells: Mapping[Place, str]) -> Iterator[Place]:
        """The places that must be filled and are not among `cells`."""
        needed = () if self.excuse in cells else self.needed
        inside = (self.parts.get(element, ()) for element in sorted({element for element, _ in cells}))
        every = dict.fromkeys((*self.required, *needed, *(place for parts in inside for place in parts)))
        return (place for place in every if place not in cells)


@cache
def form(use: int) -> Form:
    """The form of a use, by its number in `notation.guide`."""
    table = guide()
    base = int(table.base[use])
    required: list[Place] = []
    parts: dict[int, tuple[Place, ...]] = {}
    lengths: dict[Place, tuple[int, int]] = {}
    for element in range(1, int(table.width[use]) + 1):
        spec = base + element - 1
        must = bool(table.must[use] >> (element - 1) & 1)
        inside, count = int(table.inside[spec]), int(table.parts[spec])
        places = {(element, part): inside + part - 1 for part in range(1, count + 1)} or {(element, 0): spec}
        for place, own in places.items():
            lengths[place] = int(table.shortest[own]), int(table.longest[own])
        if inside:
            wanted = int(table.parts_must[spec])
            parts[element] = tuple(place for place in places if wanted >> (place[1] - 1) & 1)
        if must:
            required += parts[element] if inside else [(element, 0)]
    shape = table.uses[use].shape
    return Form(tuple(required), _NEEDED.get(shape, ()), _EXCUSES.get(shape), parts, lengths)


@cache
def use_of(loop: str, segment: str, qualifier: str) -> int:
    """The use of `segment` in `loop`, by its number in `notation.guide`; the first of those that it may be.

    Raises ValueError where the guide has none: where the qualifier is a value, it is a wrong one.
    """
    found = guide().numbers(segment, (loop,), (qualifier,) if qualifier else ())
    if not found:
        raise ValueError("is none of the codes that the guide has there")
    return found[0]


@cache
def required_in(loop: str) -> frozenset[int]:
    """The uses that `loop` must have."""
    return frozenset(number for number, use in enumerate(guide().uses) if use.loop == loop and use.required)


@cache
def order_in_loop(use: int) -> tuple[int, int]:
    """What segments of one loop are sorted by."""
    return guide().uses[use].order, use


@cache
def order_in_area(loop: str, inner: str) -> tuple[int, int]:
    """What the loops inside `loop` are sorted by."""
    return nesting().children[loop][inner].order, LOOPS.index(inner)


@cache
def columns_of(owner: str) -> tuple[Column, ...]:
    """The columns of `professional` that are written from a row of a frame, by whose they are."""
    every = (
        *professional.CLAIM_COLUMNS,
        *professional.LINE_COLUMNS,
        *professional.OTHER_PAYER_COLUMNS,
        *professional.ADJUDICATION_COLUMNS,
    )
    return tuple(c for c in every if c.source.owner == owner and c.name not in IN_PARTIES)


def frame_name(column: Column) -> str:
    """What the frame calls `column`."""
    return FRAME_NAMES.get(column.name, column.name)


def column_at(use: int, place: Place) -> str | None:
    """The frame's column that stands at `place`; None where none does."""
    columns = _column_names()
    return columns.get((use, *place)) or columns.get((use, place[0], 0))


def name_of(use: int, place: Place) -> str:
    """What stands at `place`: a frame's column, or something of a party; of element 0 what the loop is."""
    column = column_at(use, place)
    if column is not None:
        return column
    element, _ = place
    one = guide().uses[use]
    loop = NAMES[one.loop]
    if not element:
        return loop
    field = _FIELDS.get((one.segment, element))
    return f"{loop}'s {field}" if field else f"{one.segment}{element:02} of {loop}"


@cache
def _column_names() -> Mapping[tuple[int, int, int], str]:
    """The frame's name of what stands at each use, element and component."""
    names: dict[tuple[int, int, int], str] = {}
    for column in (column for owner in OWNERS for column in columns_of(owner)):
        source = column.source
        for use in guide().numbers(source.segment, source.loops[:1], source.qualifiers):
            names.setdefault((use, column.element, column.component or 0), frame_name(column))
            if column.when is not None:
                names.setdefault((use, column.when[0], 0), frame_name(column))
    return names
