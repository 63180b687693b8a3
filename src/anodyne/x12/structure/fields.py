"""Every element and component of a window as one table, each with its place in the guide."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from anodyne.x12 import columns
from anodyne.x12.loops import Placed
from anodyne.x12.segments import Flags, Rows, Segments, packed
from anodyne.x12.structure.notation import KIND, Bits, Guide, guide


@dataclass(frozen=True)
class Fields:
    """Some elements or components: where each is, and its spec in the guide."""

    row: Rows
    """The segment's row."""
    place: Rows
    """The element's place in the segment, from 1."""
    part: Rows
    """The component's place in the element, from 1; 0 for a whole element."""
    start: Rows
    end: Rows
    spec: Rows
    """0 where the guide knows nothing of it."""
    owner: Rows
    """The number of the element among the window's elements."""

    @cached_property
    def length(self) -> Rows:
        """How many bytes each has."""
        return self.end - self.start

    def __len__(self) -> int:
        return len(self.row)

    def __getitem__(self, kept: Rows) -> "Fields":
        return Fields(*(part[kept] for part in self._columns()))

    def and_then(self, other: "Fields") -> "Fields":
        """These, then `other`."""
        return Fields(*map(np.concatenate, zip(self._columns(), other._columns(), strict=True)))

    def _columns(self) -> tuple[Rows, ...]:
        return (self.row, self.place, self.part, self.start, self.end, self.spec, self.owner)


@dataclass(frozen=True)
class Elements:
    """All elements of a window, in order, as far as every one of them is looked at."""

    row: Rows
    place: Rows
    start: Rows
    end: Rows
    spec: Rows

    @cached_property
    def length(self) -> Rows:
        """How many bytes each has."""
        return self.end - self.start

    def __len__(self) -> int:
        return len(self.row)

    def __getitem__(self, kept: Rows) -> Fields:
        whole = np.zeros(len(kept), np.int64)
        return Fields(
            self.row[kept], self.place[kept], whole, self.start[kept], self.end[kept], self.spec[kept], kept
        )


@dataclass(frozen=True)
class Sheet:
    """A window laid beside the guide."""

    placed: Placed
    guide: Guide
    use: Rows
    """By row: the use of the guide that the segment is; 0 where it is none."""
    number: Rows
    """By row: the number of the segment's id in the guide; 0 where it has none."""
    elements: Elements
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
        return (self.use == 0) & (self.window.start < self.window.end)

    @cached_property
    def present(self) -> Bits:
        """By row: one bit for each element that is filled."""
        return _filled(self.elements.place, self.elements.length, self.first, self.window.count)

    @cached_property
    def present_components(self) -> Bits:
        """By composite: one bit for each component that is filled."""
        sizes = np.diff(np.append(self.first_component, len(self.components)))
        return _filled(self.components.part, self.components.length, self.first_component, sizes)

    def rows(self, segment: str, *loops: str, qualifiers: tuple[str, ...] = ()) -> Rows:
        """The rows of `segment` in `loops`, of all its uses there or of those with one of `qualifiers`."""
        wanted = self.guide.numbers(segment, loops, qualifiers)
        if len(wanted) == 1:
            return np.flatnonzero(self.use == wanted[0])
        return np.flatnonzero(np.isin(self.use, wanted))

    @cached_property
    def held(self) -> Bits:
        """By row that opens a loop: the bits of the uses that stand in the loop."""
        return np.bitwise_or.reduceat(self.guide.bit[self.use], self.placed.opens)

    def value(self, rows: Rows, place: int) -> npt.NDArray[np.uint32]:
        """One element of each row, packed."""
        return self.window.packed_at(*self.window.element(rows, place))

    def text(self, rows: Rows, place: int) -> pl.Series:
        """One element of each row as text."""
        return pl.Series(columns.text(self.window, *self.window.element(rows, place)))

    def of_kind(self, kind: str) -> Fields:
        """The filled elements and components of one kind of value, elements first."""
        return self._by_kind.get(int(KIND[kind]), _NO_FIELDS)

    @cached_property
    def _by_kind(self) -> dict[int, Fields]:
        """The fields of each kind that is looked at more closely."""
        elements, components = self.elements, self.components
        first = np.flatnonzero(self.guide.closer[elements.spec] & (elements.length > 0))
        second = np.flatnonzero(self.guide.closer[components.spec] & (components.length > 0))
        chosen = elements[first].and_then(components[second])
        kinds = self.guide.kind[chosen.spec]
        order = np.argsort(kinds, kind="stable")
        present, begins = np.unique(kinds[order], return_index=True)
        groups = np.split(order, begins[1:])
        return {int(kind): chosen[group] for kind, group in zip(present, groups, strict=False)}


def lay(placed: Placed) -> Sheet:
    """The window beside the guide."""
    table = guide()
    window = placed.window
    number = table.segments(window.id.astype(np.uint64))
    qualifier = np.where(
        number == _hl(table), window.packed_at(*window.element(np.arange(len(window)), 3)), window.qualifier
    )
    qualifier = np.where(table.qualified[number], qualifier, 0)
    loop = placed.loop.astype(np.uint64) << np.uint64(56)
    keys = loop | window.id.astype(np.uint64) << np.uint64(32) | qualifier.astype(np.uint64)
    use = table.find(keys)
    elements, first = _elements(window, table, use)
    marks = window.component_marks[:-2]
    holder = np.searchsorted(elements.start, marks, "right") - 1
    inside = holder >= 0
    inside[inside] = marks[inside] < elements.end[holder[inside]]
    marks, holder = marks[inside], holder[inside]
    composite = table.inside[elements.spec[holder]] > 0
    row = elements.row[holder]
    strays = np.unique(holder[~composite & (use[row] > 0) & (number[row] != _isa(table))])
    composites = np.flatnonzero((table.inside > 0)[elements.spec] & (elements.length > 0))
    components, first_component = _components(
        table, elements, composites, marks[composite], holder[composite]
    )
    return Sheet(placed, table, use, number, elements, first, components, composites, first_component, strays)


def _elements(window: Segments, table: Guide, use: Rows) -> tuple[Elements, Rows]:
    count = window.count
    first = np.cumsum(count) - count
    number = np.arange(int(count.sum()))
    row = np.repeat(np.arange(len(window)), count)
    mark = number + (window.first - first)[row]
    start = window.marks[mark] + 1
    end = window.marks[np.minimum(mark + 1, len(window.marks) - 1)]
    filled = count > 0
    end[(first + count - 1)[filled]] = window.end[filled]
    place = number - (first - 1)[row]
    spec = number + (table.base[use] - first)[row]
    whole = (table.base[use] > 0) & (count <= table.width[use])
    if not whole.all():
        spec[place > np.where(table.base[use] > 0, table.width[use], 0)[row]] = 0
    return Elements(row, place, start, end, spec), first


def _components(
    table: Guide, elements: Elements, composites: Rows, marks: Rows, holder: Rows
) -> tuple[Fields, Rows]:
    """The components of all composites, and the number of the first of each."""
    place_of = np.full(len(elements), -1, np.int64)
    place_of[composites] = np.arange(len(composites))
    count = np.bincount(place_of[holder], minlength=len(composites)) + 1
    first = np.cumsum(count) - count
    number = np.arange(int(count.sum()))
    which = np.repeat(np.arange(len(composites)), count)
    owner = composites[which]
    part = number - (first - 1)[which]
    start = np.empty(len(number), np.int64)
    end = np.empty(len(number), np.int64)
    later = part > 1
    start[first] = elements.start[composites]
    start[later] = marks + 1
    last = first + count - 1
    end[last] = elements.end[composites]
    earlier = np.ones(len(number), np.bool_)
    earlier[last] = False
    end[earlier] = marks
    spec_of = elements.spec[composites]
    spec = number + (table.inside[spec_of] - first)[which]
    spec[part > table.parts[spec_of][which]] = 0
    return Fields(elements.row[owner], elements.place[owner], part, start, end, spec, owner), first


def _filled(place: Rows, length: Rows, first: Rows, count: Rows) -> Bits:
    """By owner: one bit for each of its fields that is filled; those beyond the 62nd count as none."""
    bits = _BIT_OF[np.minimum(place, _MOST_BITS + 1)] * (length > 0)
    some = count > 0
    if some.all() and len(first):
        return np.add.reduceat(bits, first)
    filled = np.zeros(len(first), np.int64)
    if some.any():
        filled[some] = np.add.reduceat(bits, first[some])
    return filled


_MOST_BITS: Final = 62
_BIT_OF: Final = np.array([0, *(1 << place for place in range(_MOST_BITS)), 0], np.int64)
_NOTHING: Final = np.zeros(0, np.int64)
_NO_FIELDS: Final = Fields(*(_NOTHING for _ in range(7)))


def _hl(table: Guide) -> int:
    return _number(table, "HL")


def _isa(table: Guide) -> int:
    return _number(table, "ISA")


def _number(table: Guide, segment: str) -> int:
    return int(table.segments(np.array([packed(segment)], np.uint64))[0])
