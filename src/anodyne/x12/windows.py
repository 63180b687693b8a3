"""A file as a stream of windows of cache size, cut where a claim ends."""

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from anodyne.kernel.errors import NotX12, Truncated, UnreadableFile
from anodyne.x12.delimiters import BLANKS, Delimiters, find_delimiters
from anodyne.x12.segments import PADDING, Bytes, Rows, Segments, packed, segments_of

WINDOW_BYTES: Final = 1 << 21

_LONGEST_SEGMENT: Final = 1 << 20
_LONGEST_HEADER: Final = 512
_BLANK_BYTES: Final = bytes(BLANKS)
_CUTS: Final = (b"CLM", b"HL", b"SE", b"ST", b"GE", b"GS", b"IEA", b"ISA")
_LEVELS: Final = (packed("20"), packed("22"), packed("23"))


def read_windows(path: Path | str, *, size: int = WINDOW_BYTES) -> Iterator[Segments]:
    """The windows of the file at `path`; raises UnreadableFile where it cannot be opened or is empty."""
    try:
        with Path(path).open("rb") as stream:
            yield from windows(stream, name=str(path), size=size)
    except OSError as error:
        raise UnreadableFile(
            f"the file cannot be read: {error.strerror}", where=str(path), fix="Check the path and the permissions."
        ) from error


def windows(stream: BinaryIO, *, name: str, size: int = WINDOW_BYTES) -> Iterator[Segments]:
    """The windows of a stream of one X12 interchange or more, however they are punctuated.

    A window holds whole claims.  Its first `context` rows repeat the loops still open from before, so each window can
    be read alone; memory is that of one window whatever the length of the file.
    Raises NotX12 or Truncated, with file, segment and byte, where the bytes are not whole interchanges.
    """
    reader = _Reader(stream, name, size)
    yield from reader.read()


class _Reader:
    """How far a stream has been read, and which loops are open there."""

    def __init__(self, stream: BinaryIO, name: str, size: int) -> None:
        self._stream = stream
        self._name = name
        self._size = size
        self._tail = b""
        self._ended = False
        self._byte = 0
        self._segments = 0
        self._context = b""
        self._as_given: bytes | None = None

    def read(self) -> Iterator[Segments]:
        self._read_more(self._size)
        if not self._tail:
            raise UnreadableFile("the file is empty", where=self._name, fix="Export it again.")
        if self._tail.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise NotX12("the file is written in UTF-16", where=self._name, fix="Save it as plain text (UTF-8).")
        lead = len(codecs.BOM_UTF8) if self._tail.startswith(codecs.BOM_UTF8) else 0
        while True:
            lead = self._past_blanks(lead)
            while not self._ended and len(self._tail) - lead < _LONGEST_HEADER:
                self._read_more(self._size)
            delimiters = find_delimiters(self._tail, lead, where=self._place(self._byte + lead))
            yield from self._interchanges(delimiters, lead)
            if not self._tail:
                return
            lead = 0

    def _interchanges(self, delimiters: Delimiters, lead: int) -> Iterator[Segments]:
        """Windows up to the end of the last interchange in a row that is punctuated by `delimiters`."""
        self._context = b""
        closed = False
        while not closed:
            raw = np.frombuffer(self._tail, np.uint8)[lead:]
            data, kept, start, end, rest = segments_of(raw, delimiters, self._context)
            context = int(np.searchsorted(start, len(self._context)))
            stop, closed = self._cut(data, start, context, delimiters)
            if self._ended and not closed:
                self._close(data, start, rest, kept, lead, delimiters)
                continue
            if stop == context:
                self._check_terminator(data, rest, delimiters)
                self._read_more(len(self._tail))
                continue
            used = int(start[stop]) if stop < len(start) else rest
            used = self._in_tail(used, kept, lead)
            if closed:
                used = self._past_blanks(used)
            is_ascii = bool(data.max() < 0x80)
            window = Segments(
                delimiters=delimiters,
                data=data,
                start=start[:stop],
                end=end[:stop],
                context=context,
                number=self._segments,
                shift=self._byte + lead - len(self._context),
                origin=None if kept is None else kept + (self._byte + lead),
                origin_from=len(self._context),
                raw=self._tail[:used] if self._as_given is None else self._as_given,
                utf8=is_ascii or _is_utf8(data),
                ascii=is_ascii,
            )
            yield window
            self._context = b"" if closed else _open_loops(window)
            self._segments += stop - context
            self._byte += used
            self._tail = self._tail[used:]
            lead = 0
            if not self._ended and not closed:
                self._read_more(self._size)

    def _cut(self, data: Bytes, start: Rows, context: int, delimiters: Delimiters) -> tuple[int, bool]:
        """Up to which row the window goes, and whether the run of interchanges ends there."""
        for row in _rows_of(b"IEA", data, start):
            after = int(row) + 1
            if row < context:
                continue
            if after == len(start) or not _is(b"ISA", data, int(start[after])):
                return after, True
            header = bytes(data[start[after] : start[after] + _LONGEST_HEADER])
            if len(header) < _LONGEST_HEADER and not self._ended:
                return after, True
            if find_delimiters(header, 0, where=self._place(self._byte)) != delimiters:
                return after, True
        if self._ended:
            return len(start), False
        for row in range(len(start) - 1, context, -1):
            if any(_is(mark, data, int(start[row])) for mark in _CUTS):
                return row, False
        return context, False

    def _close(
        self, data: Bytes, start: Rows, rest: int, kept: Rows | None, lead: int, delimiters: Delimiters
    ) -> None:
        """At the end of a file whose interchange is still open: supply its very last terminator, or raise Truncated."""
        left = bytes(data[rest:-PADDING]).strip(_BLANK_BYTES)
        header = _rows_of(b"ISA", data, start)
        parts = left.split(bytes([delimiters.element]))
        if len(parts) == 3 and parts[0] == b"IEA" and len(header):
            elements = bytes(data[start[header[-1]] :]).split(bytes([delimiters.element]), 14)
            if parts[2] == elements[13]:
                self._as_given = self._tail
                self._tail = self._tail.rstrip(_BLANK_BYTES) + bytes([delimiters.segment])
                return
        at = self._byte + (self._in_tail(rest, kept, lead) if left else len(self._tail))
        number = self._segments + len(start) - int(np.searchsorted(start, len(self._context))) + bool(left)
        raise Truncated(
            "the file is cut in the middle of a segment" if left else "the file ends before its interchange is closed (no IEA)",
            where=f"{self._name}, segment {number}, byte {at}",
            fix="Ask for the file again; nothing of it was used.",
        )

    def _check_terminator(self, data: Bytes, rest: int, delimiters: Delimiters) -> None:
        if len(data) - rest > _LONGEST_SEGMENT + PADDING:
            raise NotX12(
                f"no segment ends within {_LONGEST_SEGMENT:,} bytes; the header declares {chr(delimiters.segment)!r} as the terminator",
                where=self._place(self._byte),
                fix="The file is damaged, or was changed after it was written: ask for it again.",
            )

    def _in_tail(self, offset: int, kept: Rows | None, lead: int) -> int:
        """The offset in the unread tail of an offset in the window's data."""
        body = offset - len(self._context)
        if kept is None:
            return lead + body
        return lead + int(kept[body]) if body < len(kept) else len(self._tail)

    def _past_blanks(self, at: int) -> int:
        """The offset in the tail of the first byte from `at` that is no blank, reading on where needed."""
        while True:
            kept = self._tail[at:].lstrip(_BLANK_BYTES)
            if kept or self._ended:
                return len(self._tail) - len(kept)
            self._read_more(self._size)

    def _read_more(self, size: int) -> None:
        block = self._stream.read(size)
        self._ended = len(block) < size
        self._tail += block

    def _place(self, byte: int) -> str:
        return f"{self._name}, segment {self._segments + 1}, byte {byte}"


def _is(mark: bytes, data: Bytes, at: int) -> bool:
    """Whether a segment with the id `mark` starts at `at`."""
    found = bytes(data[at : at + len(mark) + 1])
    return found[:-1] == mark and not chr(found[-1]).isalnum()


def _rows_of(mark: bytes, data: Bytes, start: Rows) -> Rows:
    """The rows whose segment id is `mark`, three letters long."""
    rows = np.flatnonzero(data[start] == mark[0])
    rows = rows[data[start[rows] + 1] == mark[1]]
    rows = rows[data[start[rows] + 2] == mark[2]]
    return rows


def _open_loops(window: Segments) -> bytes:
    """The bytes of the envelope and of each hierarchical level that the next window still stands in."""
    terminator = bytes([window.delimiters.segment])
    closing = np.flatnonzero(np.isin(window.id, [packed(i) for i in ("HL", "CLM", "SE", "GE", "IEA")]))

    def last(mark: str, above: int) -> int:
        rows = np.flatnonzero(window.id == packed(mark))
        return int(rows[-1]) if len(rows) and rows[-1] > above else -1

    def through(first: int, until: int) -> bytes:
        return bytes(window.data[window.start[first] : window.end[until - 1]]) + terminator

    def loop(first: int) -> bytes:
        after = closing[closing > first]
        return through(first, int(after[0]) if len(after) else len(window))

    header = last("ISA", -1)
    pieces = [through(header, header + 1)]
    group = last("GS", header)
    if group < 0 or last("GE", group) >= 0:
        return b"".join(pieces)
    pieces.append(through(group, group + 1))
    transaction = last("ST", group)
    if transaction < 0 or last("SE", transaction) >= 0:
        return b"".join(pieces)
    pieces.append(loop(transaction))
    levels = np.flatnonzero(window.id == packed("HL"))
    level = window.packed_at(*window.element(levels, 3))
    floor = transaction
    for wanted in _LEVELS:
        rows = levels[(level == wanted) & (levels > floor)]
        if not len(rows):
            break
        floor = int(rows[-1])
        pieces.append(loop(floor))
    return b"".join(pieces)


def _is_utf8(data: Bytes) -> bool:
    try:
        bytes(data).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
