"""Corrections spliced into a file: the bytes of a corrected line, and the sums and counts that follow.

A line is left out, or values of it are written anew.  What must follow does, and nothing else: the charge of
the claim (CLM02), the numbers of the lines after one left out (LX01), and the transaction's count of segments
(SE01).  Every other byte stays as it stands, line breaks included.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from anodyne.kernel.errors import BadRule
from anodyne.model.frames import MODIFIERS
from anodyne.x12 import professional
from anodyne.x12.columns import cents, decimal, joined, number
from anodyne.x12.guide import Column
from anodyne.x12.loops import LOOP, Placed, place
from anodyne.x12.segments import Rows, Segments, packed

Value = str | int | float
Values = Mapping[str, Value]
"""What columns of a line become; an empty text takes the value away."""

_WRITTEN: Final = ("SV1", "LIN", "CTP", "NTE")
_CLAIM_CHARGE: Final = 2
_LINE_CHARGE: Final = 2


def _settable() -> Iterator[tuple[str, Column]]:
    for column in professional.LINE_COLUMNS:
        if column.source.segment in _WRITTEN:
            yield "pos" if column.name == "line_pos" else column.name, column


SETTABLE: Final[Mapping[str, Column]] = MappingProxyType(dict(_settable()))
"""The columns of `frames.LINES` that a fix may write, each with the place where a file has it."""


class Edit(NamedTuple):
    """What becomes of one line."""

    byte: int
    """Where its LX starts in the file."""
    values: Values | None
    """What is written; None where the line is left out."""


class _Patch(NamedTuple):
    """Bytes of the file from `start` up to `end`, and what stands there instead."""

    start: int
    end: int
    text: bytes


def splice(windows: Iterable[Segments], edits: Sequence[Edit]) -> Iterator[bytes]:
    """The bytes of the file of `windows` with `edits` made, window by window.

    The claims concerned are structurally sound, and where a line is left out their transaction counts its
    segments rightly: see `survey`.  Raises BadRule for a column that is not SETTABLE, or whose segment the
    line does not have.
    """
    ordered = sorted(edits, key=lambda edit: edit.byte)
    starts = np.array([edit.byte for edit in ordered], np.int64)
    at = gone = 0
    for window in windows:
        first, after = np.searchsorted(starts, (at, at + len(window.raw))).tolist()
        patches: list[_Patch] = []
        if first < after or gone:
            work = _Window(window, at + len(window.raw))
            found, dropped = work.patches(ordered[first:after], starts[first:after])
            counts, gone = work.counts(dropped, gone)
            patches = sorted([*found, *counts])
        yield _patched(window.raw, at, patches)
        at += len(window.raw)


def _patched(raw: bytes, at: int, patches: Sequence[_Patch]) -> bytes:
    """`raw`, which starts at byte `at` of the file, with `patches` made."""
    if not patches:
        return raw
    pieces = []
    done = 0
    for start, end, text in patches:
        pieces += [raw[done : start - at], text]
        done = end - at
    return b"".join([*pieces, raw[done:]])


class _Window:
    """The patches of one window."""

    def __init__(self, window: Segments, until: int) -> None:
        """`until`: where in the file the window's bytes end."""
        self._window = window
        self._until = until
        marks = window.delimiters
        self._separator, self._component = bytes([marks.element]), bytes([marks.component])

    @cached_property
    def _placed(self) -> Placed:
        return place(self._window)

    def patches(self, edits: Sequence[Edit], starts: Rows) -> tuple[list[_Patch], Rows]:
        """What `edits` change, all but the counts of segments; the rows that are left out."""
        if not edits:
            return [], np.zeros(0, np.int64)
        window, placed = self._window, self._placed
        lines = placed.rows("LX", "2400")
        lines = lines[lines >= window.context]
        claims = placed.rows("CLM", "2300")
        bytes_of = window.byte(window.start[lines])
        edited = np.searchsorted(bytes_of, starts)
        if not np.isin(starts, bytes_of).all():
            raise ValueError("an edit is of a byte at which no line starts")
        after = self._after(lines)
        owner = np.searchsorted(claims, lines) - 1
        patches: list[_Patch] = []
        gone: list[Rows] = []
        changed = dict(zip(edited.tolist(), (edit.values for edit in edits), strict=True))
        for claim in dict.fromkeys(owner[edited].tolist()):
            total = 0
            place_in_claim = 0
            shifted = False
            for line in range(*np.searchsorted(owner, (claim, claim + 1)).tolist()):
                row, end = int(lines[line]), int(after[line])
                if line in changed and changed[line] is None:
                    patches.append(self._removed(row, end))
                    gone.append(np.arange(row, end))
                    shifted = True
                    continue
                place_in_claim += 1
                if shifted:
                    patches += self._written(row, {1: self._counted(row, place_in_claim)})
                values = changed.get(line)
                if values is not None:
                    patches += self._set(row, end, values)
                total += self._charge(row, end, values)
            row = int(claims[claim])
            patches += self._written(row, {_CLAIM_CHARGE: self._amount(row, _CLAIM_CHARGE, total)})
        return patches, np.concatenate(gone) if gone else np.zeros(0, np.int64)

    def counts(self, dropped: Rows, gone: int) -> tuple[list[_Patch], int]:
        """SE01 of each transaction that ends here, less the segments left out of it; how many wait then.

        `gone` were left out of the open transaction before this window.
        """
        ends = np.flatnonzero(self._window.id == packed("SE"))
        ends = ends[ends >= self._window.context]
        patches: list[_Patch] = []
        before = 0
        for row in ends.tolist():
            until = int(np.searchsorted(dropped, row))
            gone += until - before
            before = until
            if gone:
                said = int(self._element(row, 1))
                patches += self._written(row, {1: self._counted(row, said - gone)})
            gone = 0
        return patches, gone + len(dropped) - before

    def _after(self, lines: Rows) -> Rows:
        """For each line the first row that is no longer of it."""
        placed = self._placed
        opens = placed.opens
        area = placed.area[opens]
        ends = opens[(area != LOOP["2400"]) | (placed.loop[opens] == LOOP["2400"])]
        return np.append(ends, len(self._window))[np.searchsorted(ends, lines, "right")]

    def _removed(self, row: int, end: int) -> _Patch:
        """The segments from `row` up to `end`, with their terminators and the line breaks after these."""
        window = self._window
        start, stop = (
            int(window.byte(window.start[[edge]])[0]) if edge < len(window) else self._until
            for edge in (row, end)
        )
        return _Patch(start, stop, b"")

    def _set(self, row: int, end: int, values: Values) -> Iterator[_Patch]:
        """The segments of the line from `row` up to `end` with `values` in them."""
        written: dict[int, dict[int, bytes]] = {}
        for name, value in values.items():
            column = SETTABLE.get(name)
            if column is None:
                raise BadRule(
                    f"a fix sets {name}, which no file is written with",
                    where=self._window.where(row),
                    fix=f"A fix may set {', '.join(SETTABLE)}.",
                )
            of = self._row_of(column, row, end)
            elements = written.setdefault(of, {})
            text = self._text(of, column, value)
            if column.component is None:
                elements[column.element] = text
            else:
                whole = elements.get(column.element, self._element(of, column.element))
                elements[column.element] = self._composite(whole, column.component, text)
        if not values.keys().isdisjoint(MODIFIERS):
            service = self._row_of(SETTABLE["code"], row, end)
            written[service][1] = self._closed_up(written[service][1])
        for of, elements in written.items():
            yield from self._written(of, elements)

    def _row_of(self, column: Column, row: int, end: int) -> int:
        """The first row of the line from `row` up to `end` that has `column`."""
        source = column.source
        found = self._placed.rows(source.segment, *source.loops)
        at = int(np.searchsorted(found, row))
        if at == len(found) or found[at] >= end:
            raise BadRule(
                f"a fix sets {column.name} on a line without {source.segment}",
                where=self._window.where(row),
                fix="Offer it only where the value is there.",
            )
        return int(found[at])

    def _text(self, row: int, column: Column, value: Value) -> bytes:
        if value == "":
            return b""
        if column.read is cents:
            return self._amount(row, column.element, int(value))
        if column.read is number:
            return f"{value:.3f}".rstrip("0").rstrip(".").encode()
        parts = str(value).encode().split(b":") if column.read is joined else [str(value).encode()]
        marks = dataclasses.astuple(self._window.delimiters)
        if any(mark in part for part in parts for mark in marks):
            raise BadRule(
                f"a fix writes into {column.name} a character that punctuates the file",
                where=self._window.where(row),
                fix="Write codes and plain words only.",
            )
        return self._component.join(parts)

    def _composite(self, whole: bytes, part: int, text: bytes) -> bytes:
        """The composite `whole` with `text` as its component `part` (from 1)."""
        parts = whole.split(self._component)
        parts += [b""] * (part - len(parts))
        parts[part - 1] = text
        return self._component.join(parts).rstrip(self._component)

    def _closed_up(self, service: bytes) -> bytes:
        """The procedure `service` with its modifiers moved up where one was taken away."""
        parts = service.split(self._component)
        modifiers = [modifier for modifier in parts[2:6] if modifier]
        if len(parts) > 6:
            modifiers += [b""] * (4 - len(modifiers))
        return self._component.join([*parts[:2], *modifiers, *parts[6:]])

    def _amount(self, row: int, element: int, value: int) -> bytes:
        """`value` in cents as dollars, with the noughts after the point that stand there now, or without."""
        said = self._element(row, element)
        keeps_noughts = b"." in said and said.endswith(b"0")
        whole, rest = divmod(value, 100)
        if keeps_noughts:
            return f"{whole}.{rest:02d}".encode()
        return f"{whole}.{rest:02d}".rstrip("0").rstrip(".").encode()

    def _counted(self, row: int, value: int) -> bytes:
        """`value` for the first element of `row`, with leading noughts where it has them now."""
        said = self._element(row, 1)
        width = len(said) if said.startswith(b"0") else 0
        return f"{value:0{width}d}".encode()

    def _charge(self, row: int, end: int, values: Values | None) -> int:
        """The charge in cents of a line that stays."""
        if values is not None and "charge_cents" in values:
            return int(values["charge_cents"])
        service = np.array([self._row_of(SETTABLE["charge_cents"], row, end)])
        value, _ = decimal(self._window.data, *self._window.element(service, _LINE_CHARGE), 2)
        return int(value[0])

    def _element(self, row: int, element: int) -> bytes:
        start, end = self._window.element(np.array([row]), element)
        return bytes(self._window.data[start[0] : end[0]])

    def _written(self, row: int, elements: Mapping[int, bytes]) -> Iterator[_Patch]:
        """The elements of `row` that become others; none of its last ones is left empty."""
        window = self._window
        segment = bytes(window.data[window.start[row] : window.end[row]])
        before = segment.split(self._separator)
        after = before + [b""] * (max(elements) + 1 - len(before))
        for element, text in elements.items():
            after[element] = text
        if after == before:
            return
        while before[-1] and not after[-1]:
            after.pop()
        at = int(window.start[row])
        kept = min(len(before), len(after))
        for old, new in zip(before[:kept], after[:kept], strict=True):
            if old != new:
                yield self._patch(at, at + len(old), new)
            at += len(old) + 1
        at -= 1
        if len(after) > kept:
            yield self._patch(at, at, b"".join(self._separator + new for new in after[kept:]))
        elif len(before) > kept:
            yield self._patch(at, int(window.end[row]), b"")

    def _patch(self, start: int, end: int, text: bytes) -> _Patch:
        """The patch of the offsets from `start` up to `end`, line breaks inside them included."""
        first = int(self._window.byte(np.array([start]))[0])
        last = int(self._window.byte(np.array([end - 1]))[0]) + 1 if end > start else first
        return _Patch(first, last, text)
