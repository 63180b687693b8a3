"""A file as a stream of windows of cache size, cut where a claim ends."""

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from anodyne.kernel.errors import NotX12, Place, Truncated, UnreadableFile
from anodyne.x12 import professional
from anodyne.x12.delimiters import BLANKS, LONGEST_HEADER, Delimiters, find_delimiters
from anodyne.x12.guide import Kind, Level
from anodyne.x12.segments import PADDING, Bytes, Indexed, Rows, Segments, index, packed

WINDOW_BYTES: Final = 1 << 21

_LONGEST_SEGMENT: Final = 1 << 20
_BLANK_BYTES: Final = bytes(BLANKS)
_LONGEST_LEVEL: Final = 64
"""Bytes in which the level of an HL is looked for: its numbers have at most twelve digits."""
_ENVELOPE: Final = ("ISA", "GS", "ST", "SE", "GE", "IEA")


def read_windows(
    path: Path | str, *, name: str | None = None, size: int = WINDOW_BYTES, kind: Kind = professional.KIND
) -> Iterator[Segments]:
    """The windows of the file at `path`; raises UnreadableFile where it cannot be opened or is empty.

    Errors call it `name`: its path unless given.
    """
    called = str(path) if name is None else name
    try:
        with Path(path).open("rb") as stream:
            yield from windows(stream, name=called, size=size, kind=kind)
    except OSError as error:
        raise UnreadableFile(
            f"the file cannot be read: {error.strerror}",
            where=called,
            fix="Check the path and the permissions.",
        ) from error


def windows(
    stream: BinaryIO, *, name: str, size: int = WINDOW_BYTES, kind: Kind = professional.KIND
) -> Iterator[Segments]:
    """The windows of a stream of one X12 interchange or more, however they are punctuated.

    A window holds whole claims of `kind`.  Its first `context` rows repeat the loops still open from before,
    so that it can be read alone; memory is that of one window whatever the length of the file.
    Raises NotX12 or Truncated, with file, segment and byte, where the bytes are not whole interchanges.
    """
    reader = _Reader(stream, name, size, kind)
    yield from reader.read()


class _Reader:
    """How far a stream has been read, and which loops are open there."""

    def __init__(self, stream: BinaryIO, name: str, size: int, kind: Kind) -> None:
        self._stream = stream
        self._name = name
        self._size = size
        self._kind = kind
        self._cuts = tuple(mark.encode() for mark in (*kind.ends, *_ENVELOPE))
        self._tail = b""
        self._lead = 0
        """How many bytes of the tail are blanks, or a byte-order mark, before an interchange."""
        self._ended = False
        self._byte = 0
        self._segments = 0
        self._context = b""
        self._as_given: bytes | None = None

    def read(self) -> Iterator[Segments]:
        self._read_more(self._size)
        if not self._tail:
            raise UnreadableFile("the file is empty", where=self._place(0), fix="Export it again.")
        while True:
            self._lead = self._past_blanks(0)
            if self._tail.startswith(codecs.BOM_UTF8, self._lead):
                self._lead = self._past_blanks(self._lead + len(codecs.BOM_UTF8))
            where = self._place(self._byte + self._lead)
            delimiters = find_delimiters(self._tail, self._lead, where=where, wanted=self._kind.wanted)
            yield from self._interchanges(delimiters)
            if not self._tail:
                return

    def _interchanges(self, delimiters: Delimiters) -> Iterator[Segments]:
        """Windows up to the end of the last interchange in a row that is punctuated by `delimiters`."""
        self._context = b""
        closed = False
        while not closed:
            found = index(np.frombuffer(self._tail, np.uint8)[self._lead :], delimiters, self._context)
            context = int(np.searchsorted(found.start, len(self._context)))
            stop, closed = self._cut(found, context, delimiters)
            if self._ended and not closed:
                self._close(found, context, delimiters)
                continue
            if stop == context:
                self._check_terminator(found, delimiters)
                self._read_more(len(self._tail))
                continue
            used = self._in_tail(
                int(found.start[stop]) if stop < len(found.start) else found.rest, found.places
            )
            if closed:
                used = self._past_blanks(used)
            window = self._window(found, context, stop, used, delimiters)
            yield window
            self._context = b"" if closed else _open_loops(window, self._kind)
            self._segments += stop - context
            self._byte += used
            self._tail = self._tail[used:]
            self._lead = 0
            if not self._ended and not closed:
                self._read_more(self._size)

    def _window(self, found: Indexed, context: int, stop: int, used: int, delimiters: Delimiters) -> Segments:
        """The window of the first `stop` segments, which take `used` bytes of the tail."""
        data, places, start, end, _ = found
        return Segments(
            delimiters=delimiters,
            data=data,
            start=start[:stop],
            end=end[:stop],
            context=context,
            number=self._segments,
            shift=self._byte + self._lead - len(self._context),
            origin=None if places is None else places + (self._byte + self._lead),
            origin_from=len(self._context),
            raw=self._tail[:used] if self._as_given is None else self._as_given,
            utf8=_is_utf8(data[: end[stop - 1]], delimiters),
        )

    def _cut(self, found: Indexed, context: int, delimiters: Delimiters) -> tuple[int, bool]:
        """Up to which row the window goes, and whether the run of interchanges ends there."""
        data, _, start, _, _ = found
        for row in _rows_of(b"IEA", data, start):
            after = row + 1
            if data[start[row] + 3] not in (delimiters.element, delimiters.segment):
                continue
            if row >= context and (
                after == len(start) or not _is_punctuated(data, int(start[after]), delimiters)
            ):
                return after, True
        if self._ended:
            return len(start), False
        for row in range(len(start) - 1, context, -1):
            if self._may_begin(data, int(start[row]), delimiters):
                return row, False
        return context, False

    def _may_begin(self, data: Bytes, at: int, delimiters: Delimiters) -> bool:
        """Whether a window may begin with the segment that starts at `at`: what was open ends there."""
        if any(_is(mark, data, at) for mark in self._cuts):
            return True
        return any(_opens(level, data, at, delimiters) for level in self._kind.levels)

    def _close(self, found: Indexed, context: int, delimiters: Delimiters) -> None:
        """Supply the last terminator of a file that lacks only that; raise Truncated where more is amiss."""
        data, places, start, _, rest = found
        separator = bytes([delimiters.element])
        left = bytes(data[rest:-PADDING]).lstrip(_BLANK_BYTES)
        begins = len(data) - PADDING - len(left)
        left = left.rstrip(_BLANK_BYTES)
        header = _rows_of(b"ISA", data, start)
        trailer = left.split(separator)
        if len(trailer) == 3 and trailer[0] == b"IEA" and header:
            number = bytes(data[start[header[-1]] :]).split(separator, 14)[13]
            if trailer[2] == number:
                self._as_given = self._tail
                self._tail = self._tail.rstrip(_BLANK_BYTES) + bytes([delimiters.segment])
                return
        at = self._byte + (self._in_tail(begins, places) if left else len(self._tail))
        last = self._segments + len(start) - context + bool(left)
        raise Truncated(
            "the file is cut in the middle of a segment"
            if left
            else "the file ends before its interchange is closed (no IEA)",
            where=Place(self._name, last, at),
            fix="Ask for the file again; nothing of it was used.",
        )

    def _check_terminator(self, found: Indexed, delimiters: Delimiters) -> None:
        if len(found.data) - found.rest > _LONGEST_SEGMENT + PADDING:
            raise NotX12(
                f"no segment ends within {_LONGEST_SEGMENT:,} bytes, "
                f"though the header declares {chr(delimiters.segment)!r} as the terminator",
                where=self._place(self._byte + self._in_tail(found.rest, found.places)),
                fix="The file is damaged, or was changed after it was written: ask for it again.",
            )

    def _in_tail(self, offset: int, places: Rows | None) -> int:
        """The offset in the unread tail of an offset in the window's data."""
        body = offset - len(self._context)
        if places is None:
            return self._lead + body
        return self._lead + int(places[body]) if body < len(places) else len(self._tail)

    def _past_blanks(self, at: int) -> int:
        """The offset in the tail of the first byte from `at` that is no blank; a header fits after it."""
        while True:
            kept = self._tail[at:].lstrip(_BLANK_BYTES)
            if self._ended or len(kept) >= LONGEST_HEADER:
                return len(self._tail) - len(kept)
            self._read_more(self._size)

    def _read_more(self, size: int) -> None:
        """Take `size` more bytes of the stream, or what is left of it; a stream may give them in parts."""
        blocks = [self._tail]
        while size > 0 and not self._ended:
            block = self._stream.read(size)
            self._ended = not block
            blocks.append(block)
            size -= len(block)
        self._tail = b"".join(blocks)

    def _place(self, byte: int) -> Place:
        return Place(self._name, self._segments + 1, byte)


def _is(mark: bytes, data: Bytes, at: int) -> bool:
    """Whether a segment with the id `mark` starts at `at`."""
    found = bytes(data[at : at + len(mark) + 1])
    return found[:-1] == mark and not chr(found[-1]).isalnum()


def _opens(level: Level, data: Bytes, at: int, delimiters: Delimiters) -> bool:
    """Whether the segment that starts at `at` opens a loop of `level`."""
    if not _is(level.segment.encode(), data, at):
        return False
    if not level.element:
        return True
    segment = bytes(data[at : at + _LONGEST_LEVEL]).split(bytes([delimiters.segment]), 1)[0]
    elements = segment.split(bytes([delimiters.element]))
    return len(elements) > level.element and elements[level.element] == level.value.encode()


def _rows_of(mark: bytes, data: Bytes, start: Rows) -> list[int]:
    """The rows whose segment id is `mark`, three letters long."""
    rows = np.flatnonzero(data[start] == mark[0])
    rows = rows[data[start[rows] + 1] == mark[1]]
    return [row for row in rows.tolist() if _is(mark, data, int(start[row]))]


def _is_punctuated(data: Bytes, at: int, delimiters: Delimiters) -> bool:
    """Whether an interchange starts at `at`, its header is complete, and it is punctuated by `delimiters`."""
    header = bytes(data[at : min(at + LONGEST_HEADER, len(data) - PADDING)])
    try:
        return find_delimiters(header, 0, where="") == delimiters
    except UnreadableFile:
        return False


def _open_loops(window: Segments, kind: Kind) -> bytes:
    """The bytes of the envelope and of each level of `kind` that the next window still stands in."""
    terminator = bytes([window.delimiters.segment])
    levels = [_rows_at(level, window) for level in kind.levels]
    rows_of = {mark: np.flatnonzero(window.id == packed(mark)) for mark in (*kind.ends, *_ENVELOPE)}
    stops = np.sort(np.concatenate((*levels, *rows_of.values())))

    def last(*marks: str) -> int:
        return max(int(rows_of[mark].max(initial=-1)) for mark in marks)

    def through(first: int, until: int) -> bytes:
        return bytes(window.data[window.start[first] : window.end[until - 1]]) + terminator

    def loop(first: int) -> bytes:
        after = stops[stops > first]
        return through(first, int(after[0]) if len(after) else len(window))

    header, group, transaction, floor = last("ISA"), last("GS"), last("ST"), last(*_ENVELOPE)
    pieces = [through(header, header + 1)]
    if group > max(header, last("GE", "IEA")):
        pieces.append(through(group, group + 1))
    if transaction > max(header, group, last("SE", "GE", "IEA")):
        pieces.append(loop(transaction))
    for rows in levels:
        deepest = int(rows.max(initial=-1))
        if deepest > floor:
            floor = deepest
            pieces.append(loop(floor))
    return b"".join(pieces)


def _rows_at(level: Level, window: Segments) -> Rows:
    """The rows of `window` that open a loop of `level`."""
    rows = np.flatnonzero(window.id == packed(level.segment))
    if not level.element:
        return rows
    values = window.packed_at(*window.element(rows, level.element))
    return rows[np.flatnonzero(values == packed(level.value))]


def _is_utf8(data: Bytes, delimiters: Delimiters) -> bool:
    """Whether every element is UTF-8: the whole is, and no delimiter can stand inside a character."""
    if data.max(initial=0) < 0x80:
        return True
    if max(delimiters.element, delimiters.component, delimiters.segment) >= 0x80:
        return False
    try:
        bytes(data).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
