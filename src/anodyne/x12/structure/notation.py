"""The guide's table as arrays: every use of a segment, and every element of it, has a number."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from anodyne.x12.loops import LOOP, LOOPS
from anodyne.x12.segments import Flags, Rows, packed
from anodyne.x12.structure.codes import LISTS
from anodyne.x12.structure.guide import LOOPS_TABLE
from anodyne.x12.structure.lookup import Lookup
from anodyne.x12.structure.shapes import SHAPES

Bits = npt.NDArray[np.int64]

KINDS: Final = {
    "": (0, 0),
    "AN": (1, 1),
    "ID": (1, 1),
    "N0": (1, 1),
    "R": (1, 1),
    "TM": (4, 8),
    "date": (8, 8),
    "date6": (6, 6),
    "birth": (1, 35),
    "dtp": (1, 35),
    "money": (1, 18),
    "quantity": (1, 15),
    "pointer": (1, 2),
    "icd": (1, 30),
    "hcpcs": (1, 48),
    "modifier": (2, 2),
    "taxonomy": (1, 50),
    "contact": (1, 256),
    "state": (2, 2),
    "zip": (3, 15),
    "pos": (1, 2),
}
"""Kinds of value, with the lengths that hold where the table says none."""
KIND: Final = {name: np.uint8(place) for place, name in enumerate(KINDS)}
NUMERIC: Final = ("N0", "R", "money", "quantity", "pointer")
LENGTH: Final = 1
"""A filled field whose length may be wrong."""
LISTED: Final = 2
"""A filled field of a closed list of codes."""
NUMBER: Final = 4
"""A filled field that must be a number."""
CLOSER: Final = 8
"""A filled field of a kind that has a form of its own."""
COMPOSITE: Final = 16
"""A filled composite."""
LENGTHS: Final = 256
"""Lengths from this on, less one, are marked alike."""
NO_LIMIT: Final = 1 << 20

_CLOSER: Final = [kind for kind in KINDS if kind.islower() or kind == "TM"]

_LONGEST: Final = 31
_ELEMENT: Final = re.compile(r"([!?])(?:(AN|ID|N0|R|TM)(\d+)?(?:/(\d+))?|([a-z]+6?))(?:=(\S+))?$")
_USE: Final = re.compile(r"(\d+) (\w+)(?: ([0-9A-Z|]+))?( !)?(?: x(\d+))?(?: : (\w+))?$")
_TOKEN: Final = re.compile(r"[!?]\([^)]*\)|\S+")
_RULE: Final = re.compile(r"([PCLRE])(\d\d(?: \d\d)*)$")


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a segment: where it stands, how often, and of what shape."""

    loop: str
    segment: str
    qualifiers: tuple[str, ...]
    order: int
    required: bool
    most: int
    shape: str
    bit: int

    @property
    def label(self) -> str:
        """What to call it in a message."""
        return self.segment if not self.qualifiers else f"{self.segment}*{' or '.join(self.qualifiers)}"


@dataclass(frozen=True, slots=True)
class Pairing:
    """Elements of a shape that belong together: letter of the standard, places from 1."""

    letter: str
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Spec:
    """One element or component: its kind, lengths, codes, and whether it is required or not used."""

    kind: str
    shortest: int
    longest: int
    codes: tuple[str, ...]
    required: bool
    used: bool
    parts: tuple["Spec", ...]


@dataclass(frozen=True)
class Guide:
    """Uses and specs by number.  Use 0 and spec 0 stand for what the guide does not know."""

    uses: tuple[Use, ...]
    of_segment: dict[tuple[str, str], tuple[int, ...]]
    """By segment id and loop: its uses there."""
    find: Lookup
    segments: Lookup
    qualified: Flags
    """By segment number."""
    order: Rows
    most: Rows
    bit: Bits
    """By use: its own bit among the uses of its loop; 0 for use 0."""
    single: Bits
    """The same, 0 also where the use may come several times."""
    required: Bits
    """By loop: the uses that must be there."""
    shape: npt.NDArray[np.uint8]
    shapes: tuple[str, ...]
    base: Rows
    """By use: the spec of its first element."""
    width: Rows
    must: Bits
    unused: Bits
    pairings: dict[str, tuple[Pairing, ...]]
    kind: npt.NDArray[np.uint8]
    marks: npt.NDArray[np.uint8]
    """By spec * LENGTHS + length: what a field of that length calls for, as bits."""
    place: Rows
    """By spec: the element's place in the segment, from 1; 0 for spec 0."""
    part: Rows
    """By spec: the component's place in the element, from 1; 0 for a whole element."""
    shortest: Rows
    longest: Rows
    listed: npt.NDArray[np.uint16]
    """By spec: the number of its list of codes; 0 where it is open."""
    list_key: npt.NDArray[np.uint64]
    """The same as the head of a key of `in_list`, whose tail is the packed code."""
    in_list: Lookup
    inside: Rows
    """By spec: the spec of its first component; 0 where it is no composite."""
    parts: Rows
    parts_must: Bits
    parts_unused: Bits

    def numbers(
        self, segment: str, loops: tuple[str, ...], qualifiers: tuple[str, ...] = ()
    ) -> tuple[int, ...]:
        """The uses of `segment` in `loops`, all or those with one of `qualifiers`."""
        wanted = set(qualifiers)
        return tuple(
            number
            for loop in loops
            for number in self.of_segment.get((segment, loop), ())
            if not wanted or not wanted.isdisjoint(self.uses[number].qualifiers)
        )


def key(loop: int, segment: int, qualifier: int) -> int:
    """How a use is looked up: loop, packed segment id and packed qualifier in one number."""
    return loop << 56 | segment << 32 | qualifier


@cache
def guide() -> Guide:
    """The guide, made once."""
    uses = _uses()
    keys = {
        key(int(LOOP[use.loop]), packed(use.segment), packed(qualifier)): number
        for number, use in enumerate(uses)
        if use.loop
        for qualifier in use.qualifiers or ("",)
    }
    names = tuple(sorted({use.segment for use in uses if use.segment}))
    qualified = np.zeros(len(names) + 1, np.bool_)
    for use in uses:
        if use.qualifiers:
            qualified[names.index(use.segment) + 1] = True
    of_segment: dict[tuple[str, str], tuple[int, ...]] = {}
    for number, use in enumerate(uses):
        place = (use.segment, use.loop)
        of_segment[place] = (*of_segment.get(place, ()), number)
    table = _Table()
    shapes = ("", *SHAPES)
    bases = {"": (0, 0, 0, 0)} | {name: table.add_shape(text) for name, text in SHAPES.items()}
    by_shape = np.array([bases[use.shape] for use in uses], np.int64)
    bits = np.array([1 << use.bit if use.loop else 0 for use in uses], np.int64)
    required = np.zeros(len(LOOPS), np.int64)
    for use in uses:
        if use.required:
            required[LOOP[use.loop]] |= 1 << use.bit
    return Guide(
        uses=uses,
        of_segment=of_segment,
        find=Lookup(keys),
        segments=Lookup({packed(name): place + 1 for place, name in enumerate(names)}),
        qualified=qualified,
        order=np.array([use.order for use in uses]),
        most=np.array([use.most for use in uses]),
        bit=bits,
        single=np.where([use.most == 1 for use in uses], bits, 0),
        required=required,
        shape=np.array([shapes.index(use.shape) for use in uses], np.uint8),
        shapes=shapes,
        base=by_shape[:, 0],
        width=by_shape[:, 1],
        must=by_shape[:, 2],
        unused=by_shape[:, 3],
        pairings={name: _pairings(text) for name, text in SHAPES.items() if ";" in text},
        **table.arrays(),
    )


def _uses() -> tuple[Use, ...]:
    found = [Use("", "", (), 0, False, 1, "", 0)]
    for loop, text in LOOPS_TABLE.items():
        for bit, line in enumerate(text.split(", ")):
            match = _USE.match(line)
            if match is None:
                raise ValueError(f"loop {loop} has a line that cannot be read: {line!r}")
            order, segment, qualifiers, required, most, shape = match.groups()
            found.append(
                Use(
                    loop,
                    segment,
                    tuple(qualifiers.split("|")) if qualifiers else (),
                    int(order),
                    bool(required),
                    int(most or 1),
                    shape or segment,
                    bit,
                )
            )
    return tuple(found)


def _pairings(text: str) -> tuple[Pairing, ...]:
    found = []
    for rule in text.split("; ")[1:]:
        match = _RULE.match(rule)
        if match is None:
            raise ValueError(f"a rule of paired elements cannot be read: {rule!r}")
        found.append(Pairing(match[1], tuple(int(place) for place in match[2].split())))
    return tuple(found)


def _spec(text: str) -> Spec:
    if text == "-":
        return Spec("", 0, 0, (), required=False, used=False, parts=())
    if text[1] == "(":
        parts = tuple(_spec(part) for part in text[2:-1].split())
        return Spec("", 1, NO_LIMIT, (), required=text[0] == "!", used=True, parts=parts)
    match = _ELEMENT.match(text)
    if match is None:
        raise ValueError(f"an element cannot be read: {text!r}")
    need, standard, low, high, own, codes = match.groups()
    kind = standard or own
    shortest, longest = KINDS[kind]
    if low:
        shortest, longest = int(low), int(high or low)
    if kind in LISTS:
        codes = f"@{kind}"
    listed = () if not codes else tuple(LISTS[codes[1:]].split() if codes[0] == "@" else codes.split("|"))
    return Spec(kind, shortest, longest, listed, required=need == "!", used=True, parts=())


def _marks(spec: Spec) -> npt.NDArray[np.uint8]:
    """What a field of each length calls for; the last length stands for all that are longer."""
    filled = (
        LISTED * bool(spec.codes)
        | NUMBER * (spec.kind in NUMERIC)
        | CLOSER * (spec.kind in _CLOSER)
        | COMPOSITE * bool(spec.parts)
    )
    longest = spec.longest if spec.used else NO_LIMIT
    lengths = np.arange(LENGTHS)
    wrong = (
        (lengths < spec.shortest) | (lengths > longest) | ((lengths == LENGTHS - 1) & (longest < NO_LIMIT))
    )
    marks = np.where(wrong, filled | LENGTH, filled).astype(np.uint8)
    marks[0] = 0
    return marks


class _Table:
    """The specs of all shapes, one after the other."""

    def __init__(self) -> None:
        self._rows: list[Spec] = [Spec("", 0, NO_LIMIT, (), required=False, used=True, parts=())]
        self._inside: list[tuple[int, int, int, int]] = [(0, 0, 0, 0)]
        self._places: list[tuple[int, int]] = [(0, 0)]

    def add_shape(self, text: str) -> tuple[int, int, int, int]:
        """The number of its first spec, how many there are, and which are required or not used."""
        elements = [_spec(piece) for piece in _TOKEN.findall(text.split(";", maxsplit=1)[0])]
        return self._add(elements)

    def _add(self, elements: list[Spec], within: int = 0) -> tuple[int, int, int, int]:
        """Adds the elements of a segment, or the components of its element `within`."""
        base = len(self._rows)
        count = range(1, len(elements) + 1)
        self._places.extend((within, number) if within else (number, 0) for number in count)
        self._rows.extend(elements)
        self._inside.extend([(0, 0, 0, 0)] * len(elements))
        for place, element in enumerate(elements):
            if element.parts:
                self._inside[base + place] = self._add(list(element.parts), within=place + 1)
        must = sum(1 << place for place, element in enumerate(elements) if element.required)
        unused = sum(1 << place for place, element in enumerate(elements) if not element.used)
        return base, len(elements), must, unused

    def arrays(self) -> dict[str, Any]:
        """What Guide holds by spec."""
        lists = sorted({row.codes for row in self._rows if row.codes})
        number = {codes: place + 1 for place, codes in enumerate(lists)}
        inside = np.array(self._inside, np.int64)
        places = np.array(self._places, np.int64)
        return {
            "kind": np.array([KIND[row.kind] for row in self._rows], np.uint8),
            "marks": np.concatenate([_marks(row) for row in self._rows]),
            "place": places[:, 0],
            "part": places[:, 1],
            "shortest": np.array([row.shortest for row in self._rows]),
            "longest": np.array([row.longest if row.used else NO_LIMIT for row in self._rows]),
            "listed": np.array([number.get(row.codes, 0) for row in self._rows], np.uint16),
            "list_key": np.array([number.get(row.codes, 0) << 32 for row in self._rows], np.uint64),
            "in_list": Lookup({n << 32 | packed(code): 1 for codes, n in number.items() for code in codes}),
            "inside": inside[:, 0],
            "parts": inside[:, 1],
            "parts_must": inside[:, 2],
            "parts_unused": inside[:, 3],
        }
