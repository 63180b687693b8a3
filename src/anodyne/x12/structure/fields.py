"""Every element and component of a window as one table, each with its place in the guide."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from anodyne.x12 import columns
from anodyne.x12.loops import Placed
from anodyne.x12.segments import Flags, Rows, Segments, packed
from anodyne.x12.structure.notation import KIND, Bits, Guide, guide


@dataclass(frozen=True)
class Fields:
    """Elements, or components, in the order of the window: where each is, and its spec in the guide."""

    row: Rows
    """The segment's row."""
    place: Rows
    """From 1; the component's place within its element for components."""
    start: Rows
    end: Rows
    spec: Rows
    """0 where the guide knows nothing of it."""
    owner: Rows
    """For components, the number of their element among the elements; for elements, their row."""

    @cached_property
    def length(self) -> Rows:
        """How many bytes each has."""
        return self.end - self.start

    def __len__(self) -> int:
        return len(self.row)

    def __getitem__(self, kept: Rows) -> "Fields":
        parts = (self.row, self.place, self.start, self.end, self.spec, self.owner)
        return Fields(*(part[kept] for part in parts))


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
    def present(self) -> Bits:
        """By row: one bit for each element that is filled."""
        return _filled(self.elements, self.first, self.window.count)

    @cached_property
    def present_components(self) -> Bits:
        """By composite: one bit for each component that is filled."""
        sizes = np.diff(np.append(self.first_component, len(self.components)))
        return _filled(self.components, self.first_component, sizes)

    def rows(self, segment: str, *loops: str, qualifiers: tuple[str, ...] = ()) -> Rows:
        """The rows of `segment` in `loops`, of all its uses there or of those with one of `qualifiers`."""
        wanted = self.guide.numbers(segment, loops, qualifiers)
        if len(wanted) == 1:
            return np.flatnonzero(self.use == wanted[0])
        return np.flatnonzero(np.isin(self.use, wanted))

    @cached_property
    def held(self) -> Bits:
        """By row that opens a loop: the bits of the uses that stand in the loop."""
        return np.bitwise_or.reduceat(np.where(self.use > 0, self.guide.bit[self.use], 0), self.placed.opens)

    def value(self, rows: Rows, place: int) -> npt.NDArray[np.uint32]:
        """One element of each row, packed."""
        return self.window.packed_at(*self.window.element(rows, place))

    def text(self, rows: Rows, place: int) -> pl.Series:
        """One element of each row as text."""
        return pl.Series(columns.text(self.window, *self.window.element(rows, place)))

    def of_kind(self, kind: str) -> Fields:
        """The filled elements and components of one kind of value."""
        picked = []
        for fields, kinds in ((self.elements, self._kinds), (self.components, self._component_kinds)):
            chosen = np.flatnonzero(kinds == KIND[kind])
            picked.append(fields[chosen[fields.length[chosen] > 0]])
        first, second = picked
        if not len(second):
            return first
        if not len(first):
            return second
        both = [
            np.concatenate((getattr(first, name), getattr(second, name)))
            for name in ("row", "place", "start", "end", "spec", "owner")
        ]
        return Fields(*both)

    @cached_property
    def _kinds(self) -> npt.NDArray[np.uint8]:
        return self.guide.kind[self.elements.spec]

    @cached_property
    def _component_kinds(self) -> npt.NDArray[np.uint8]:
        return self.guide.kind[self.components.spec]


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
    inside = (
        (holder >= 0) & (marks < elements.end[np.maximum(holder, 0)])
        if len(elements)
        else np.zeros(len(marks), np.bool_)
    )
    marks, holder = marks[inside], holder[inside]
    composite = table.inside[elements.spec] > 0
    known = (use[elements.row] > 0) & (number[elements.row] != _isa(table))
    stray = ~composite[holder] & known[holder]
    strays = np.unique(holder[stray])
    composites = np.flatnonzero(composite & (elements.length > 0))
    components, first_component = _components(table, elements, composites, marks, holder)
    return Sheet(placed, table, use, number, elements, first, components, composites, first_component, strays)


def _elements(window: Segments, table: Guide, use: Rows) -> tuple[Fields, Rows]:
    count = window.count
    first = np.cumsum(count) - count
    total = int(count.sum())
    number = np.arange(total)
    row = np.repeat(np.arange(len(window)), count)
    mark = number + np.repeat(window.first - first, count)
    start = window.marks[mark] + 1
    end = window.marks[np.minimum(mark + 1, len(window.marks) - 1)]
    filled = count > 0
    end[(first + count - 1)[filled]] = window.end[filled]
    place = number - np.repeat(first - 1, count)
    spec = np.repeat(table.base[use] - 1, count) + place
    known = table.base[use] > 0
    extra = count > table.width[use]
    if not known.all() or extra.any():
        spec[np.repeat(~known, count) | (place > np.repeat(table.width[use], count))] = 0
    return Fields(row, place, start, end, spec, row), first


def _components(
    table: Guide, elements: Fields, composites: Rows, marks: Rows, holder: Rows
) -> tuple[Fields, Rows]:
    """The components of all composites, and the number of the first of each."""
    held = np.bincount(holder, minlength=len(elements))[composites] if len(elements) else composites
    count = held + 1
    first = np.cumsum(count) - count
    total = int(count.sum())
    number = np.arange(total)
    owner = np.repeat(composites, count)
    place = number - np.repeat(first - 1, count)
    start = np.empty(total, np.int64)
    end = np.empty(total, np.int64)
    is_first = place == 1
    is_last = np.append(is_first[1:], np.ones(min(total, 1), np.bool_))
    own_marks = marks[_among(holder, composites, len(elements))]
    start[is_first] = elements.start[composites]
    start[~is_first] = own_marks + 1
    end[is_last] = elements.end[composites]
    end[~is_last] = own_marks
    base = table.inside[elements.spec[composites]]
    width = table.parts[elements.spec[composites]]
    spec = np.repeat(base - 1, count) + place
    spec[place > np.repeat(width, count)] = 0
    return Fields(elements.row[owner], place, start, end, spec, owner), first


def _among(holder: Rows, composites: Rows, size: int) -> Flags:
    chosen = np.zeros(size, np.bool_)
    chosen[composites] = True
    return chosen[holder]


def _filled(fields: Fields, first: Rows, count: Rows) -> Bits:
    """By owner: one bit for each of its fields that is filled; those beyond the 62nd count as none."""
    bits = np.where(
        (fields.length > 0) & (fields.place <= 62), np.int64(1) << np.minimum(fields.place - 1, 62), 0
    )
    some = count > 0
    filled = np.zeros(len(first), np.int64)
    if some.any():
        filled[some] = np.add.reduceat(bits, first[some])
    return filled


def _hl(table: Guide) -> int:
    return _number(table, "HL")


def _isa(table: Guide) -> int:
    return _number(table, "ISA")


def _number(table: Guide, segment: str) -> int:
    return int(table.segments(np.array([packed(segment)], np.uint64))[0])
