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
    """Elements or components, in order: where each is, and its spec in the guide."""

    row: Rows
    """The segment's row."""
    start: Rows
    end: Rows
    spec: Rows
    """0 where the guide knows nothing of it."""

    @cached_property
    def length(self) -> Rows:
        """How many bytes each has."""
        return self.end - self.start

    def __len__(self) -> int:
        return len(self.row)

    def __getitem__(self, kept: Rows) -> "Fields":
        return Fields(self.row[kept], self.start[kept], self.end[kept], self.spec[kept])


def _joined(one: Fields, other: Fields) -> Fields:
    pairs = ((one.row, other.row), (one.start, other.start), (one.end, other.end), (one.spec, other.spec))
    return Fields(*(np.concatenate(pair) for pair in pairs))


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
        """By row: one bit for each element that is filled."""
        return _filled(self.guide, self.elements, self.first, self.window.count)

    @cached_property
    def present_components(self) -> Bits:
        """By composite: one bit for each component that is filled."""
        sizes = np.diff(np.append(self.first_component, len(self.components)))
        return _filled(self.guide, self.components, self.first_component, sizes)

    def rows(self, segment: str, *loops: str, qualifiers: tuple[str, ...] = ()) -> Rows:
        """The rows of `segment` in `loops`, of all its uses there or of those with one of `qualifiers`."""
        found = [
            self._by_use.get(number, _NOTHING) for number in self.guide.numbers(segment, loops, qualifiers)
        ]
        return found[0] if len(found) == 1 else np.sort(np.concatenate(found))

    @cached_property
    def _by_use(self) -> dict[int, Rows]:
        """The rows of each use."""
        order = np.argsort(self.use.astype(np.uint8), kind="stable")
        present, begins = np.unique(self.use[order], return_index=True)
        return dict(zip(present.tolist(), np.split(order, begins[1:]), strict=True))

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

    def marked(self, specs: Flags) -> Fields:
        """The filled elements, then components, whose spec is marked, among those that are looked at."""
        return self._looked_at[np.flatnonzero(specs[self._looked_at.spec])]

    def element_start(self, components: Fields) -> Rows:
        """Where the element begins that each component stands in."""
        element = self.first[components.row] + self.guide.place[components.spec] - 1
        return np.asarray(self.elements.start[element])

    def of_kind(self, kind: str) -> Fields:
        """The filled elements, then components, of one kind of value."""
        return self._by_kind.get(int(KIND[kind]), _NO_FIELDS)

    @cached_property
    def _looked_at(self) -> Fields:
        """The filled fields of which the guide says more than their length."""
        sources = (self.elements, self.components)
        first, second = (
            fields[np.flatnonzero(self.guide.looked_at[fields.spec] & (fields.length > 0))]
            for fields in sources
        )
        return _joined(first, second)

    @cached_property
    def _by_kind(self) -> dict[int, Fields]:
        """The fields of each kind that is looked at more closely."""
        kinds = self.guide.kind[self._looked_at.spec]
        order = np.argsort(kinds, kind="stable")
        present, begins = np.unique(kinds[order], return_index=True)
        groups = np.split(order, begins[1:])
        pairs = zip(present.tolist(), groups, strict=False)
        return {kind: self._looked_at[group] for kind, group in pairs if kind in _CLOSER}


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
    marks = window.component_marks[:-2]
    holder = np.searchsorted(elements.start, marks, "right") - 1
    inside = holder >= 0
    inside[inside] = marks[inside] < elements.end[holder[inside]]
    marks, holder = marks[inside], holder[inside]
    composite = table.inside[elements.spec[holder]] > 0
    row = elements.row[holder]
    strays = np.unique(holder[~composite & (use[row] > 0) & (number[row] != _number(table, "ISA"))])
    composites = np.flatnonzero(table.is_composite[elements.spec] & (elements.length > 0))
    components, first_component = _components(
        table, elements, composites, marks[composite], holder[composite]
    )
    return Sheet(placed, table, use, number, elements, first, components, composites, first_component, strays)


def _elements(window: Segments, table: Guide, use: Rows) -> tuple[Fields, Rows]:
    count = window.count
    first = np.cumsum(count) - count
    number = np.arange(int(count.sum()))
    row = np.repeat(np.arange(len(window)), count)
    mark = (window.first - first)[row]
    mark += number
    start = window.marks[mark]
    start += 1
    mark += 1
    end = window.marks[np.minimum(mark, len(window.marks) - 1, out=mark)]
    filled = count > 0
    end[(first + count - 1)[filled]] = window.end[filled]
    width = np.where(table.base[use] > 0, table.width[use], 0)
    spec = (table.base[use] - first)[row]
    spec += number
    if (count > width).any():
        spec[number >= (first + width)[row]] = 0
    return Fields(row, start, end, spec), first


def _components(
    table: Guide, elements: Fields, composites: Rows, marks: Rows, holder: Rows
) -> tuple[Fields, Rows]:
    """The components of all composites, and the number of the first of each."""
    place_of = np.full(len(elements), -1, np.int64)
    place_of[composites] = np.arange(len(composites))
    count = np.bincount(place_of[holder], minlength=len(composites)) + 1
    first = np.cumsum(count) - count
    number = np.arange(int(count.sum()))
    which = np.repeat(np.arange(len(composites)), count)
    start, end = np.empty(len(number), np.int64), np.empty(len(number), np.int64)
    later, earlier = np.ones(len(number), np.bool_), np.ones(len(number), np.bool_)
    later[first] = False
    earlier[first + count - 1] = False
    start[first] = elements.start[composites]
    start[later] = marks + 1
    end[first + count - 1] = elements.end[composites]
    end[earlier] = marks
    own = elements.spec[composites]
    spec = number + (table.inside[own] - first)[which]
    if (count > table.parts[own]).any():
        spec[number >= (first + table.parts[own])[which]] = 0
    return Fields(elements.row[composites][which], start, end, spec), first


def _filled(table: Guide, fields: Fields, first: Rows, count: Rows) -> Bits:
    """By owner: one bit for each of its fields that is filled and that the guide knows."""
    bits = table.place_bit[fields.spec] * (fields.length > 0)
    some = count > 0
    filled = np.zeros(len(first), np.int64)
    if some.any():
        filled[some] = np.add.reduceat(bits, first[some])
    return filled


_NOTHING: Final = np.zeros(0, np.int64)
_NO_FIELDS: Final = Fields(_NOTHING, _NOTHING, _NOTHING, _NOTHING)
_CLOSER: Final = {int(number) for kind, number in KIND.items() if kind.islower() or kind == "TM"}
"""The kinds that have a form of their own."""


def _number(table: Guide, segment: str) -> int:
    return int(table.segments(np.array([packed(segment)], np.uint64))[0])
