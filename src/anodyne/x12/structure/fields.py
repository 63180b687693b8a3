"""Every element and component of a window as one table, each with its place in the guide."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from anodyne.x12 import columns
from anodyne.x12.loops import LOOP, Placed
from anodyne.x12.segments import Flags, Rows, Segments, packed
from anodyne.x12.structure.notation import CLOSER, COMPOSITE, KIND, LENGTHS, Bits, Guide, guide

ENVELOPE: Final = ("ISA", "GS", "ST", "SE", "GE", "IEA")
"""The loops of the envelope."""
GROUP: Final = ("ISA", "GS", "GE", "IEA")
"""Those that begin or end a group."""
LEVELS: Final = (*ENVELOPE, "2000A", "2000B", "2000C")
"""The loops before which every level of a patient ends."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Elements or components, in order, as columns."""

    row: Rows
    """The segment's row."""
    start: Rows
    end: Rows
    spec: Rows
    """The place in the guide; 0 where the guide knows nothing of it."""


@dataclass(frozen=True)
class Fields:
    """Some elements or components, in order; a column is taken when it is asked for."""

    every: Columns
    marked_as: npt.NDArray[np.uint8]
    """The guide's marks."""
    kept: Rows | None = None
    """The numbers of these among all; None for all."""

    @cached_property
    def row(self) -> Rows:
        """The segment's row."""
        return self._taken(self.every.row)

    @cached_property
    def start(self) -> Rows:
        """Where each begins."""
        return self._taken(self.every.start)

    @cached_property
    def end(self) -> Rows:
        """Where each ends."""
        return self._taken(self.every.end)

    @cached_property
    def spec(self) -> Rows:
        """The place of each in the guide; 0 where the guide knows nothing of it."""
        return self._taken(self.every.spec)

    def _taken(self, column: Rows) -> Rows:
        return column if self.kept is None else column[self.kept]

    @cached_property
    def length(self) -> Rows:
        """How many bytes each has."""
        return self.end - self.start

    def __len__(self) -> int:
        return len(self.every.row) if self.kept is None else len(self.kept)

    def __getitem__(self, kept: Rows) -> "Fields":
        return Fields(self.every, self.marked_as, kept if self.kept is None else self.kept[kept])

    @cached_property
    def _marks(self) -> npt.NDArray[np.uint8]:
        key = self.spec * LENGTHS
        key += np.minimum(self.length, LENGTHS - 1)
        return self.marked_as[key]

    def where(self, bit: int) -> Rows:
        """The numbers of those that have one of the guide's marks."""
        return np.flatnonzero((self._marks & np.uint8(bit)).astype(np.bool_))

    def marked(self, bit: int) -> "Fields":
        """Those that have one of the guide's marks."""
        return self[self.where(bit)]


def _grouped(values: npt.NDArray[np.uint8]) -> dict[int, Rows]:
    """The places of each value, in order."""
    order = np.argsort(values, kind="stable")
    ends = np.cumsum(np.bincount(values, minlength=1)).tolist()
    starts = [0, *ends[:-1]]
    return {value: order[a:b] for value, (a, b) in enumerate(zip(starts, ends, strict=True)) if a < b}


def _joined(one: Fields, other: Fields) -> Fields:
    if not len(other):
        return one
    if not len(one):
        return other
    every = Columns(
        np.concatenate((one.row, other.row)),
        np.concatenate((one.start, other.start)),
        np.concatenate((one.end, other.end)),
        np.concatenate((one.spec, other.spec)),
    )
    return Fields(every, one.marked_as)


@dataclass(frozen=True)
class Sheet:
    """A window laid beside the guide."""

    placed: Placed
    guide: Guide
    use: Rows
    """By row: the use of the guide that the segment is; 0 where it is none."""
    number: Rows
    """By row: the number of the segment's id in the guide; 0 where it has none."""
    elements: Fields
    first: Rows
    """By row: the number of its first element among the elements."""
    components: Fields
    composites: Rows
    """The numbers of the filled elements that are composites."""
    first_component: Rows
    """By composite: the number of its first component."""
    strays: Rows
    """The numbers of the elements that hold a component separator and are no composites."""

    @property
    def window(self) -> Segments:
        """The window itself."""
        return self.placed.window

    @cached_property
    def unknown(self) -> Flags:
        """By row: whether it is no use of the loop it stands in; empty segments are none of these."""
        unknown: Flags = (self.use == 0) & (self.window.start < self.window.end)
        return unknown

    @cached_property
    def present(self) -> Bits:
        """By row: one bit for each element that is filled, among those the guide knows."""
        return _bits(self.elements, self.first, np.minimum(self.window.count, self.guide.width[self.use]))

    @cached_property
    def present_components(self) -> Bits:
        """By composite: one bit for each component that is filled, among those the guide knows."""
        sizes = np.diff(np.append(self.first_component, len(self.components)))
        known = self.guide.parts[self.elements.spec[self.composites]]
        return _bits(self.components, self.first_component, np.minimum(sizes, known))

    @cached_property
    def claim(self) -> Rows:
        """By row: the number among the claims of the window of the one it stands in; -1 in none."""
        claims = self.rows("CLM", "2300")
        return np.where(self.placed.claim >= 0, np.searchsorted(claims, self.placed.claim), -1)

    def rows(self, segment: str, *loops: str, qualifiers: tuple[str, ...] = ()) -> Rows:
        """The rows of `segment` in `loops`, of all its uses there or of those with one of `qualifiers`."""
        found = [
            self._by_use.get(number, _NOTHING) for number in self.guide.numbers(segment, loops, qualifiers)
        ]
        return found[0] if len(found) == 1 else np.sort(np.concatenate(found))

    @cached_property
    def _by_use(self) -> dict[int, Rows]:
        """The rows of each use."""
        return _grouped(self.use.astype(np.uint8))

    @cached_property
    def held(self) -> Bits:
        """By row that opens a loop: the bits of the uses that stand in the loop."""
        return np.bitwise_or.reduceat(self.guide.bit[self.use], self.placed.opens)

    def last(self, owners: Rows, rows: Rows, loops: tuple[str, ...]) -> Rows:
        """The number of the last of `owners` before each of `rows`; -1 where one of `loops` opens between.

        What was said of an earlier level or transaction may be of an earlier window: it counts in none.
        """
        opens = self.placed.opens
        bounds = opens[np.isin(self.placed.loop[opens], [LOOP[name] for name in loops])]
        last = np.searchsorted(owners, rows) - 1
        bound = np.append(-1, bounds)[np.searchsorted(bounds, rows)]
        return np.where((last >= 0) & (np.append(owners, -1)[last] >= bound), last, -1)

    def value(self, rows: Rows, place: int) -> npt.NDArray[np.uint32]:
        """One element of each row, packed."""
        return self.window.packed_at(*self.window.element(rows, place))

    def text(self, rows: Rows, place: int) -> pl.Series:
        """One element of each row as text."""
        return pl.Series(columns.text(self.window, *self.window.element(rows, place)))

    def element_start(self, components: Fields) -> Rows:
        """Where the element begins that each component stands in."""
        element = self.first[components.row] + self.guide.place[components.spec] - 1
        return np.asarray(self.elements.start[element])

    def of_kind(self, kind: str) -> Fields:
        """The filled elements, then components, of one kind of value."""
        number = int(KIND[kind])
        one, other = (fields[by.get(number, _NOTHING)] for fields, by in self._by_kind)
        return _joined(one, other)

    @cached_property
    def _by_kind(self) -> list[tuple[Fields, dict[int, Rows]]]:
        """The numbers of the elements and of the components of each kind that is looked at more closely."""
        found = []
        for fields in (self.elements, self.components):
            kept = fields.where(CLOSER)
            groups = _grouped(self.guide.kind[fields.spec[kept]])
            found.append((fields, {kind: kept[group] for kind, group in groups.items()}))
        return found


def lay(placed: Placed) -> Sheet:
    """The window beside the guide."""
    table = guide()
    window = placed.window
    number = table.segments(window.id.astype(np.uint64))
    levels = np.flatnonzero(number == _number(table, "HL"))
    qualifier = np.where(table.qualified[number], window.qualifier, 0).astype(np.uint64)
    qualifier[levels] = window.packed_at(*window.element(levels, 3))
    loop = placed.loop.astype(np.uint64) << np.uint64(56)
    keys = loop | window.id.astype(np.uint64) << np.uint64(32) | qualifier
    use = table.find(keys)
    elements, first = _elements(window, table, use)
    composites = elements.where(COMPOSITE)
    components, first_component = _components(window, table, elements, composites)
    separators = len(components) - len(composites)
    strays = _strays(window, table, elements, use, number, separators)
    return Sheet(placed, table, use, number, elements, first, components, composites, first_component, strays)


def _elements(window: Segments, table: Guide, use: Rows) -> tuple[Fields, Rows]:
    """All elements, and the number of the first of each row."""
    count = window.count
    if not count.any():
        return _NO_FIELDS, np.zeros(len(count), np.int64)
    # No separator stands between segments: an element ends where the next begins.
    base = int(window.first[0])
    first = window.first - base
    size = int(count.sum())
    edges = window.marks[base : base + size + 1]
    start, end = edges[:-1] + 1, edges[1:].copy()
    filled = count > 0
    end[(first + count - 1)[filled]] = window.end[filled]
    row = np.repeat(np.arange(len(window)), count)
    spec = _numbered(table.base[use], first, count, table.width[use])
    return Fields(Columns(row, start, end, spec), table.marks), first


def _numbered(base: Rows, first: Rows, count: Rows, known: Rows) -> Rows:
    """For owners of `count` fields each: `base` and the numbers after it, 0 from the first one not known."""
    number = np.repeat(base - first, count)
    number += np.arange(len(number))
    for owner in np.flatnonzero(count > known).tolist():
        number[first[owner] + known[owner] : first[owner] + count[owner]] = 0
    return number


def _components(window: Segments, table: Guide, elements: Fields, composites: Rows) -> tuple[Fields, Rows]:
    """The components of all composites, and the number of the first of each."""
    if not len(composites):
        return _NO_FIELDS, _NOTHING
    begin, stop, own = elements.start[composites], elements.end[composites], elements.spec[composites]
    marks = window.component_marks
    holder = np.searchsorted(begin, marks, "right") - 1
    inside = (holder >= 0) & (marks < stop[holder])
    marks = marks[inside]
    count = np.bincount(holder[inside], minlength=len(composites)) + 1
    last = np.cumsum(count) - 1
    first = last - count + 1
    start, end = np.empty(int(last[-1]) + 1, np.int64), np.empty(int(last[-1]) + 1, np.int64)
    between = np.ones(len(end), np.bool_)
    between[last] = False
    end[last] = stop
    end[between] = marks
    start[1:] = end[:-1] + 1
    start[first] = begin
    spec = _numbered(table.inside[own], first, count, table.parts[own])
    return Fields(Columns(np.repeat(elements.row[composites], count), start, end, spec), table.marks), first


def _strays(  # noqa: PLR0917 -- columns of one window
    window: Segments, table: Guide, elements: Fields, use: Rows, number: Rows, accounted: int
) -> Rows:
    """The elements that hold a component separator and are no composites, those of headers excepted.

    There are none where the separators of composites and headers are all there are.
    """
    marks = window.component_marks
    if not len(elements):
        return _NOTHING
    headers = np.flatnonzero(number == _number(table, "ISA"))
    of_headers = np.searchsorted(marks, window.end[headers]) - np.searchsorted(marks, window.start[headers])
    low, high = np.searchsorted(marks, (elements.start[0], elements.end[-1]))
    if accounted + int(of_headers.sum()) == high - low:
        return _NOTHING
    marks = marks[low:high]
    holder = np.searchsorted(elements.start, marks, "right") - 1
    holder = np.unique(holder[marks < elements.end[holder]])
    row = elements.row[holder]
    single = table.inside[elements.spec[holder]] == 0
    strays: Rows = holder[single & (use[row] > 0) & (number[row] != _number(table, "ISA"))]
    return strays


def _bits(fields: Fields, first: Rows, count: Rows) -> Bits:
    """By owner: one bit for each of its first `count` fields (31 at most) that is filled."""
    filled = np.packbits(fields.length > 0, bitorder="little")
    # All bits stand in one row of bytes: eight of them, moved by what is left of one, hold an owner's.
    padded = np.concatenate((filled, np.zeros(8, np.uint8)))
    loads = np.ndarray((len(filled) + 1,), "<i8", padded, 0, (1,))
    bits: Bits = (loads[first >> 3] >> (first & 7)) & _LOW_BITS[count]
    return bits


_NOTHING: Final = np.zeros(0, np.int64)
_NO_FIELDS: Final = Fields(Columns(_NOTHING, _NOTHING, _NOTHING, _NOTHING), np.zeros(LENGTHS, np.uint8))
_LOW_BITS: Final = np.array([(1 << count) - 1 for count in range(32)])


def _number(table: Guide, segment: str) -> int:
    return int(table.segments(np.array([packed(segment)], np.uint64))[0])
