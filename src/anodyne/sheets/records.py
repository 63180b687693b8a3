"""Where the records of a CSV file stand, and how many cells each has: quotes, commas and line ends alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from anodyne.sheets.columns import Wrong

WINDOW_BYTES: Final = 1 << 22

_QUOTE, _COMMA, _LINE, _RETURN = b'",\n\r'
_STRAY: Final = Wrong(
    "a quote stands inside a cell, or text stands after a quoted cell",
    "Put quotes around the whole cell, and write each quote in it twice. What follows was not looked at.",
)
_OPEN: Final = Wrong(
    "a quoted cell is never closed", "Close the quote, or write it twice. What follows was not looked at."
)

Numbers = npt.NDArray[np.int64]
_Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Fault:
    """A place after which records cannot be told apart."""

    record: int
    cell: int
    wrong: Wrong


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Records:
    """The records before a fault, if there is one; the first is the header.

    `starts` and `ends` are places of bytes; a record ends where its line end stands, or the file ends.
    """

    starts: Numbers
    ends: Numbers
    cells: Numbers
    fault: Fault | None

    def __len__(self) -> int:
        return len(self.ends)


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """The commas and line ends outside quotes of one window, up to a quote out of place if there is one."""

    marks: Numbers
    lines: Numbers
    """Which of the marks are line ends."""
    stray: bool
    open: bool


def find_records(data: bytes) -> Records:
    """The records of `data`, a CSV file as RFC 4180 has it, with line ends of one or two bytes."""
    ends, counts = [np.zeros(0, np.int64)], [np.zeros(1, np.int64)]
    seen = of_lines = 0
    stray = opened = False
    for window in _windows(data):
        ends.append(window.marks[window.lines])
        counts.append(seen + window.lines + 1)
        seen += len(window.marks)
        of_lines = int(counts[-1][-1]) if len(window.lines) else of_lines
        stray, opened = window.stray, window.open
    whole = not (stray or opened)
    if whole and data and not data.endswith(b"\n"):
        ends.append(np.array([len(data)], np.int64))
        counts.append(np.array([seen + 1], np.int64))
    end = np.concatenate(ends)
    fault = None if whole else Fault(len(end), seen - of_lines, _STRAY if stray else _OPEN)
    starts = np.concatenate([np.zeros(1, np.int64), end + 1])[: len(end)]
    count = np.concatenate(counts)
    return Records(starts, end, count[1:] - count[:-1], fault)


def cell_at(record: bytes, place: int) -> int:
    r"""Which cell of `record` its byte `place` is in, counted from 0.

    >>> cell_at(b'a,"b,c",d', 4), cell_at(b'a,"b,c",d', 8)
    (1, 2)
    """
    outside = record[:place].split(b'"')[::2]
    return sum(part.count(b",") for part in outside)


def _windows(data: bytes) -> Iterator[_Window]:
    whole = np.frombuffer(data, np.uint8)
    quoted = b'"' in data
    inside = False
    for at in range(0, len(whole), WINDOW_BYTES):
        part = whole[at : at + WINDOW_BYTES]
        split = (part == _COMMA) | (part == _LINE)
        stray = False
        if quoted:
            quotes = part == _QUOTE
            within = ((np.cumsum(quotes, dtype=np.uint8) + np.uint8(inside)) & 1).astype(np.bool_)
            split &= ~within
            inside = bool(within[-1])
            out_of_place = _out_of_place(whole, np.flatnonzero(quotes) + at, within[quotes])
            if out_of_place is not None:
                stray = True
                split[out_of_place - at :] = False
        marks = np.flatnonzero(split)
        yield _Window(marks + at, np.flatnonzero(part[marks] == _LINE), stray, inside)
        if stray:
            return


def _out_of_place(whole: _Bytes, quotes: Numbers, opens: npt.NDArray[np.bool_]) -> int | None:
    """The first of `quotes` that opens in a cell, or closes before its end; None for none."""
    before = whole[np.maximum(quotes[opens] - 1, 0)]
    wrong = np.zeros(len(quotes), np.bool_)
    wrong[opens] = (quotes[opens] > 0) & ~np.isin(before, [_COMMA, _LINE, _QUOTE])
    after = _byte_at(whole, quotes[~opens] + 1)
    last = (after == _RETURN) & (_byte_at(whole, quotes[~opens] + 2) == _LINE)
    wrong[~opens] = ~(np.isin(after, [_COMMA, _LINE, _QUOTE]) | last)
    first = np.flatnonzero(wrong)
    return int(quotes[first[0]]) if len(first) else None


def _byte_at(whole: _Bytes, places: Numbers) -> _Bytes:
    """The bytes at `places`; past the end, a line end."""
    return np.where(places < len(whole), whole[np.minimum(places, len(whole) - 1)], np.uint8(_LINE))
