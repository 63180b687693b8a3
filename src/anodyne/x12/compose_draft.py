"""Loops and segments before they are bytes: values put in their places, then ordered and judged."""

import datetime as dt
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from anodyne.x12.columns import Reading, cents, day, joined, last_day, number, text, whole
from anodyne.x12.compose_places import (
    FIXED,
    Place,
    column_at,
    form,
    frame_name,
    name_of,
    order_in_area,
    order_in_loop,
    required_in,
    use_of,
)
from anodyne.x12.delimiters import Delimiters
from anodyne.x12.guide import Column
from anodyne.x12.structure.notation import guide

Row = Mapping[str, Any]
"""A row of a frame."""
Cells = dict[Place, str]

_THOUSANDTHS: Final = 1000
"""What `columns.number` reads a decimal number as."""


class Refused:
    """What stands against writing a file, each thing once and in order; never a value."""

    def __init__(self) -> None:
        self.reasons: dict[str, None] = {}

    def add(self, owner: str, what: str, why: str) -> None:
        """`what` of `owner` (a column of a line, the address of a party) cannot be written."""
        self.reasons[f"{owner}: {what} {why}"] = None


@dataclass(slots=True)
class Loop:
    """A loop with what is put into it, and the loops inside it."""

    name: str
    owner: str
    """Whose it is, as refusals name it."""
    segments: dict[int, list[Cells]] = field(default_factory=dict, repr=False)
    """By use: several where the segment is repeated."""
    inside: list["Loop"] = field(default_factory=list, repr=False)
    lost: bool = False
    """Whether its party is unknown, which is told; what that party lacks is not."""

    def at(self, name: str) -> "Loop":
        """The loop `name`: this one, or the one inside it, which is opened where it was not."""
        if name == self.name:
            return self
        return next((loop for loop in self.inside if loop.name == name), None) or self.opened(name)

    def opened(self, name: str, owner: str = "") -> "Loop":
        """One more loop inside this one."""
        self.inside.append(Loop(name, owner or self.owner))
        return self.inside[-1]

    def cells(self, segment: str, qualifier: str = "") -> Cells:
        """The cells of a segment of this loop, its qualifier among them; ValueError where it has no such."""
        use = use_of(self.name, segment, qualifier)
        (cells, *_) = self.segments.setdefault(use, [{}])
        if qualifier and (1, 0) in form(use).lengths:
            cells[1, 0] = qualifier
        return cells

    def add(self, segment: str) -> Cells:
        """The cells of one more segment of this loop."""
        self.segments.setdefault(use_of(self.name, segment, ""), []).append({})
        return self.segments[use_of(self.name, segment, "")][-1]

    def put(self, segment: str, elements: Mapping[int, str], qualifier: str = "") -> None:
        """Elements of a segment; an empty one is none."""
        self.cells(segment, qualifier).update({(k, 0): value for k, value in elements.items() if value})


def fill(loop: Loop, columns: Sequence[Column], row: Row, refused: Refused) -> None:
    """Every value of `columns` that `row` has, put where it is read from: in `loop` or one inside it."""
    for column in columns:
        value = row[frame_name(column)]
        if value is not None and value != "":
            try:
                _put(loop.at(column.source.loops[0]), column, value)
            except ValueError as error:
                refused.add(loop.owner, frame_name(column), str(error))


def _put(loop: Loop, column: Column, value: object) -> None:
    """Raises ValueError, with why, for a value that its place cannot hold."""
    written = _WRITTEN[column.read](value)
    cells = loop.cells(column.source.segment, _qualifier(loop, column, written))
    place = (column.element, column.component or 0)
    if column.read is last_day:
        if cells.get(place, written) != written:
            cells |= {(2, 0): "RD8", place: f"{cells[place]}-{written}"}
        return
    if column.read is joined:
        parts = enumerate(written.split(":"), 1)
        cells |= {(column.element, k): part for k, part in parts if part}
        return
    cells[place] = written
    if column.when is not None:
        cells[column.when[0], 0] = column.when[1]


def _qualifier(loop: Loop, column: Column, written: str) -> str:
    """What tells the column's segment from others of its id: of one whose first element is a code, that."""
    source = column.source
    if source.qualifiers:
        return source.qualifiers[0]
    first = guide().uses[use_of(loop.name, source.segment, "")]
    is_coded = (column.element, column.component) == (1, None) and bool(first.qualifiers)
    return written if is_coded else ""


def as_dollars(value: int) -> str:
    """Cents as X12 has them: 1.5 for 150."""
    whole_dollars, rest = divmod(abs(value), 100)
    return f"{'-' * (value < 0)}{whole_dollars}.{rest:02d}".rstrip("0").rstrip(".")


def as_number(value: float) -> str:
    """A number without needless digits.  Raises ValueError, with why, for one that cannot be written."""
    if not math.isfinite(value):
        raise ValueError("is no number")
    if round(value * _THOUSANDTHS) / _THOUSANDTHS != value:
        raise ValueError("has more than three decimals")
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _as_day(value: dt.date) -> str:
    return f"{value:%Y%m%d}"


_WRITTEN: Final[Mapping[Reading, Callable[[Any], str]]] = MappingProxyType(
    {
        text: str,
        joined: str,
        day: _as_day,
        last_day: _as_day,
        cents: as_dollars,
        number: as_number,
        whole: str,
    }
)
"""By how a column is read: how its values are written."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment as it is written, and what it is about."""

    text: str = field(repr=False)
    use: int
    owner: str


class Pen:
    """Turns loops into segments, and tells what cannot be written."""

    def __init__(self, delimiters: Delimiters, refused: Refused) -> None:
        self.element, self.component = chr(delimiters.element), chr(delimiters.component)
        self._marks = {self.element, self.component, chr(delimiters.repetition), chr(delimiters.segment)}
        self._refused = refused

    def segments(self, loop: Loop) -> Iterator[Segment]:
        """The segments of `loop` and of all inside it, in the guide's order."""
        for use in sorted({*loop.segments, *required_in(loop.name)}, key=order_in_loop):
            for cells in loop.segments.get(use, [{}]):
                yield self._segment(loop, use, cells)
        for inner in sorted(loop.inside, key=lambda inner: order_in_area(loop.name, inner.name)):
            yield from self.segments(inner)

    def fault(self, value: str) -> str:
        """Why `value` cannot stand in the file; empty where it can."""
        if not (value.isascii() and value.isprintable()):
            return "holds a character that X12 does not have"
        if not self._marks.isdisjoint(value):
            return "holds a character that punctuates the file"
        return ""

    def _segment(self, loop: Loop, use: int, told: Cells) -> Segment:
        cells = {place: put for place, value in told.items() if (put := clean(value))}
        one, wanted = guide().uses[use], form(use)
        for place, value in FIXED.get(one.shape, {}).items():
            cells.setdefault(place, value)
        if one.qualifiers and (1, 0) in wanted.lengths:
            cells.setdefault((1, 0), one.qualifiers[0])
        wrong = [
            (place, "is missing")
            for place in wanted.lacks(cells)
            if not loop.lost or column_at(use, place) is not None
        ]
        for place, value in cells.items():
            shortest, longest = wanted.lengths.get(place, (0, 0))
            if fault := self.fault(value):
                wrong.append((place, fault))
            elif not longest:
                wrong.append((place, "has more parts than there are places"))
            elif not shortest <= len(value) <= longest:
                wrong.append((place, f"has a length of {len(value)} where {_span(shortest, longest)} may be"))
        for place, why in wrong:
            self._refused.add(loop.owner, name_of(use, place), why)
        return Segment(self._joined(one.segment, cells), use, loop.owner)

    def _joined(self, name: str, cells: Mapping[Place, str]) -> str:
        elements: dict[int, dict[int, str]] = {}
        for (element, component), value in cells.items():
            elements.setdefault(element, {})[component] = value
        texts = [name]
        for element in range(1, max(elements, default=0) + 1):
            parts = elements.get(element, {})
            several = (parts.get(k, "") for k in range(1, max(parts, default=0) + 1))
            texts.append(parts.get(0) or self.component.join(several))
        return self.element.join(texts)


def clean(value: str) -> str:
    """`value` in capitals, without blanks around it; what has none of ASCII stays as it is."""
    return value.strip().upper() if value.isascii() else value


def _span(shortest: int, longest: int) -> str:
    return str(shortest) if shortest == longest else f"{shortest} to {longest}"
