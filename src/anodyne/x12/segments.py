"""One window of bytes, indexed: a segment is a row of offsets; nothing is copied before a column asks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from anodyne.kernel.errors import Place
from anodyne.x12.delimiters import BLANKS, CR, LF, Delimiters

Bytes = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

PADDING: Final = 128
"""Bytes kept after the data: loads of a fixed width stay inside it, look-ups past the last mark find one.

The first half are element separators, the second half component separators.
"""

_IS_BLANK: Final = np.isin(np.arange(256), list(BLANKS))
_LOW: Final = np.array([0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF], dtype=np.uint32)


def packed(text: str) -> int:
    """The number by which a mark of up to four characters (a segment id, a qualifier) is known in a window.

    >>> packed("CLM") == packed("CLM "), packed("HL") < packed("HLA")
    (False, True)
    """
    return int.from_bytes(text.encode("ascii"), "little")


def decoded(value: bytes) -> str:
    """One element as text: UTF-8, or Latin-1 where it is not that."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


@dataclass(frozen=True)
class Segments:
    """The segments of one window, in order.

    `data` holds the bytes without line breaks that fall inside segments, then more bytes that are not of the
    window, then PADDING; `start` and `end` are offsets in it, the terminator excluded.  The first `context`
    rows repeat the loops of earlier windows that are still open, so that every claim sees its subscriber,
    billing provider and envelope.  `origin` maps offsets to the file (see `byte`).
    """

    delimiters: Delimiters
    data: Bytes = field(repr=False)
    start: Rows
    end: Rows
    context: int
    number: int
    """How many segments of the file come before the first row after the context."""
    shift: int
    """What to add to an offset to have the byte of the file, where `origin` is None."""
    origin: Rows | None
    """The byte of the file for each offset after `origin_from`, where line breaks were taken out."""
    origin_from: int
    raw: bytes = field(repr=False)
    """The file's bytes from the window before to the end of this one; together they are the file."""
    utf8: bool
    """Whether every element is text in UTF-8; where not, each is read by itself (see `decoded`)."""

    def __len__(self) -> int:
        return len(self.start)

    @cached_property
    def marks(self) -> Rows:
        """Offsets of all element separators, those of the padding included."""
        return np.flatnonzero(self.data == self.delimiters.element)

    @cached_property
    def component_marks(self) -> Rows:
        """Offsets of all component separators, those of the padding included."""
        return np.flatnonzero(self.data == self.delimiters.component)

    @cached_property
    def first(self) -> Rows:
        """For each segment, where in `marks` its first element separator is."""
        return np.searchsorted(self.marks, self.start)

    @cached_property
    def count(self) -> Rows:
        """How many elements each segment has, trailing empty ones included."""
        # No separator stands between segments: what follows the first of one is its own up to the next's.
        after_last = np.searchsorted(self.marks, self.end[-1:])
        return np.diff(self.first, append=after_last)

    @cached_property
    def id(self) -> npt.NDArray[np.uint32]:
        """The packed segment id of each row; 0 where it is not two or three characters long."""
        stop = np.minimum(self.marks[self.first], self.end)
        length = stop - self.start
        number = self._four_bytes(self.start) & _LOW[np.clip(length, 0, 4)]
        known: npt.NDArray[np.uint32] = np.where((length == 2) | (length == 3), number, 0).astype(np.uint32)
        return known

    @cached_property
    def qualifier(self) -> npt.NDArray[np.uint32]:
        """The packed first component (its first four characters) of the first element of each row, or 0."""
        start, end = self.element(np.arange(len(self)), 1)
        length = end - start
        word = self._four_bytes(start)
        keep = np.minimum(length, 4)
        for place in range(3, -1, -1):
            is_mark = ((word >> np.uint32(8 * place)) & np.uint32(0xFF)) == self.delimiters.component
            keep = np.where(is_mark & (place < keep), place, keep)
        kept: npt.NDArray[np.uint32] = word & _LOW[keep]
        return kept

    def element(self, rows: Rows, place: int) -> tuple[Rows, Rows]:
        """Start and end of element `place` (from 1) of each row; start = end where it is absent or empty."""
        mark = self.first[rows] + (place - 1)
        stop = self.end[rows]
        return np.minimum(self.marks[mark] + 1, stop), np.minimum(self.marks[mark + 1], stop)

    def elements(self, rows: Rows, places: Sequence[int]) -> dict[int, tuple[Rows, Rows]]:
        """`element` for several places at once, with half the look-ups."""
        edges = sorted({edge for place in places for edge in (place - 1, place)})
        mark, stop = self.first[rows], self.end[rows]
        after = {edge: self.marks[mark + edge] for edge in edges}
        return {
            place: (np.minimum(after[place - 1] + 1, stop), np.minimum(after[place], stop))
            for place in places
        }

    def component(self, start: Rows, end: Rows, place: int) -> tuple[Rows, Rows]:
        """Start and end of component `place` (from 1) of the elements from `start` to `end`."""
        return self.components(start, end, (place,))[place]

    def components(self, start: Rows, end: Rows, places: Sequence[int]) -> dict[int, tuple[Rows, Rows]]:
        """Start and end of each of `places` (from 1) in the composites from `start` to `end`."""
        mark = np.searchsorted(self.component_marks, start)
        edges = sorted({edge for place in places for edge in (place - 1, place)} - {0})
        after = {edge: self.component_marks[mark + (edge - 1)] for edge in edges}
        return {
            place: (
                start if place == 1 else np.minimum(after[place - 1] + 1, end),
                np.minimum(after[place], end),
            )
            for place in places
        }

    def packed_at(self, start: Rows, end: Rows) -> npt.NDArray[np.uint32]:
        """The packed text from `start` to `end`; 0 where it is empty or longer than four characters."""
        length = end - start
        return np.where(length <= 4, self._four_bytes(start) & _LOW[np.clip(length, 0, 4)], 0).astype(
            np.uint32
        )

    def byte(self, offsets: Rows) -> Rows:
        """The byte of the file, counted from 0, at each offset."""
        if self.origin is None:
            return offsets + self.shift
        return self.origin[offsets - self.origin_from]

    def segment_number(self, rows: Rows) -> Rows:
        """The number of each row among the file's segments, counted from 1."""
        return rows - self.context + self.number + 1

    def place(self, row: int, name: str) -> Place:
        """The place of a row in the file, which is called `name`."""
        number, byte = self.segment_number(np.array([row])), self.byte(self.start[[row]])
        return Place(name, int(number[0]), int(byte[0]))

    def where(self, row: int) -> str:
        """The place of a row within its file, as errors name it."""
        place = self.place(row, "")
        return f"segment {place.segment}, byte {place.byte}"

    def text(self, row: int, place: int) -> str:
        """One element as text; empty where it is absent."""
        start, end = self.element(np.array([row]), place)
        return decoded(bytes(self.data[start[0] : end[0]]))

    def _four_bytes(self, at: Rows) -> npt.NDArray[np.uint32]:
        loads: npt.NDArray[np.uint32] = np.ndarray((len(self.data) - 4,), "<u4", self.data, 0, (1,))
        return loads[at]


class Indexed(NamedTuple):
    """Bytes and where their segments are."""

    data: Bytes
    """What was read, then PADDING."""
    places: Rows | None
    """Where in what was given each byte after the lead stood; None where nothing was left out."""
    start: Rows
    end: Rows
    rest: int
    """Where the bytes after the last terminator begin."""


def index(raw: Bytes, delimiters: Delimiters, lead: bytes) -> Indexed:
    """The segments of `lead` and `raw`.

    Line breaks that fall inside segments (a file wrapped at some column) are left out of the data.
    """
    data = _padded(lead, raw, delimiters)
    start, end, rest, breaks = _split(data, delimiters)
    if delimiters.by_line or breaks == _line_breaks(data[:rest]):
        return Indexed(data, None, start, end, rest)
    places = np.flatnonzero((raw != LF) & (raw != CR))
    data = _padded(lead, raw[places], delimiters)
    start, end, rest, _ = _split(data, delimiters)
    return Indexed(data, places, start, end, rest)


def _padded(lead: bytes, raw: Bytes, delimiters: Delimiters) -> Bytes:
    padding = bytes([delimiters.element]) * (PADDING // 2) + bytes([delimiters.component]) * (PADDING // 2)
    return np.concatenate((np.frombuffer(lead, np.uint8), raw, np.frombuffer(padding, np.uint8)))


def _line_breaks(data: Bytes) -> int:
    return int(np.count_nonzero(data == LF) + np.count_nonzero(data == CR))


def _split(padded: Bytes, delimiters: Delimiters) -> tuple[Rows, Rows, int, int]:
    """Start and end of each segment, where the rest begins, and how many line breaks stand between them.

    Blanks before a segment belong to none.  An empty segment (two terminators in a row) is a row with
    start = end; where lines end the segments it is none, and carriage returns before a line feed belong to
    the line break.
    """
    data = padded[:-PADDING]
    end = np.flatnonzero(data == delimiters.segment)
    start = np.concatenate((np.zeros(min(1, len(end)), np.int64), end[:-1] + 1))
    blank = _IS_BLANK.copy()
    blank[delimiters.segment] = False
    breaks = 0
    moving, first = np.arange(len(start)), padded[start]
    while len(moving):
        skipped = blank[first]
        breaks += _line_breaks(first[skipped])
        moving = moving[skipped]
        start[moving] += 1
        first = padded[start[moving]]
    rest = int(end[-1]) + 1 if len(end) else 0
    if delimiters.by_line:
        while (returns := (end > start) & (data[end - 1] == CR)).any():
            end = end - returns
        start, end = start[end > start], end[end > start]
    return start, end, rest, breaks
