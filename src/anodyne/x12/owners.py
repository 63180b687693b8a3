"""Whose segment is whose in a window, and columns of what each owner has."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

import numpy as np
import polars as pl
import pyarrow as pa

from anodyne.x12.columns import nothing
from anodyne.x12.guide import Column, Source
from anodyne.x12.loops import Placed
from anodyne.x12.segments import Rows, packed

ABSENT: Final = -1


@dataclass(frozen=True, slots=True)
class Unread:
    """A value that is there, and is no amount, number or day where one must be."""

    row: int
    """Of the window."""
    element: int


def note_unread(
    noted: list[Unread], rows: Rows, offsets: tuple[Rows, Rows], values: pa.Array, element: int
) -> None:
    """Add to `noted` each of `values` that is null though there is text between its `offsets`."""
    start, end = offsets
    lost = np.flatnonzero((start < end) & values.is_null().to_numpy(zero_copy_only=False))
    noted += [Unread(int(rows[place]), element) for place in lost]


class Owners:
    """Which segments belong to which claim, line or wider loop of a window, and columns read from them."""

    def __init__(
        self,
        placed: Placed,
        starts: Mapping[str, Rows],
        above: Mapping[str, Rows],
        unread: "list[Unread] | None" = None,
    ) -> None:
        """`starts`: by owner, the rows at which each of its loops begins.

        `above`: of an owner that stands above the rows of the frame that its columns are for: for each of
        those rows the place of its owner among the `starts`; ABSENT where there is none.
        `unread`: where values are noted that are there and are not what their column reads.
        """
        self._unread = unread
        self.placed = placed
        self.window = placed.window
        self._starts = starts
        self._above = above
        self._rows: dict[Source, Rows] = {}

    def rows(self, source: Source) -> Rows:
        """For each row of the frame the row of its owner's first such segment; ABSENT where there is none."""
        if source not in self._rows:
            self._rows[source] = self._first_rows(source)
        return self._rows[source]

    def _first_rows(self, source: Source) -> Rows:
        starts = self._starts[source.owner]
        found = self.placed.rows(source.segment, *source.loops)
        if source.qualifiers and len(found):
            held = self.window.qualifier[found]
            wanted = held == packed(source.qualifiers[0])
            for other in source.qualifiers[1:]:
                wanted |= held == packed(other)
            found = found[wanted]
        if source.unless and len(found):
            start, end = self.window.element(found, source.unless)
            found = found[start == end]
        above = self._above.get(source.owner)
        if not len(found) or not len(starts):
            return np.full(len(starts if above is None else above), ABSENT)
        owner = np.searchsorted(starts, found, "right") - 1
        first = np.full(len(starts), ABSENT)
        own = owner >= 0
        first[owner[own][::-1]] = found[own][::-1]
        return first if above is None else np.where(above >= 0, first[above], ABSENT)

    def frame(self, columns: Sequence[Column]) -> pl.DataFrame:
        """The columns, one row for each claim, line or payment; null where a segment or element is absent."""
        by_source: dict[Source, list[Column]] = {}
        for column in columns:
            by_source.setdefault(column.source, []).append(column)
        arrays = {
            name: array for source, some in by_source.items() for name, array in self._read(source, some)
        }
        return cast("pl.DataFrame", pl.from_arrow(pa.table(arrays)))

    def _read(self, source: Source, columns: Sequence[Column]) -> Iterator[tuple[str, pa.Array]]:
        """The columns of one source, by name."""
        rows = self.rows(source)
        here = rows >= 0
        if not here.any():
            yield from ((column.name, nothing(column.read, len(rows))) for column in columns)
            return
        elements = {column.element for column in columns} | {
            column.when[0] for column in columns if column.when
        }
        whole = bool(here.all())
        found = self.window.elements(rows if whole else np.where(here, rows, 0), sorted(elements))
        for element in {column.element for column in columns}:
            start, end = found[element]
            if not whole:
                start = np.where(here, start, end)
            of_place = [column for column in columns if column.element == element]
            if not (start < end).any():
                yield from ((column.name, nothing(column.read, len(rows))) for column in of_place)
                continue
            parts = sorted({column.component for column in of_place if column.component is not None})
            components = self.window.components(start, end, parts) if parts else {}
            for column in of_place:
                first, last = (start, end) if column.component is None else components[column.component]
                if column.when is not None:
                    right = self.window.packed_at(*found[column.when[0]]) == packed(column.when[1])
                    first = np.where(right, first, last)
                array = column.read(self.window, first, last)
                if self._unread is not None and array.null_count:
                    note_unread(self._unread, rows, (first, last), array, element)
                yield column.name, array


def last_before(starts: Rows, rows: Rows) -> Rows:
    """For each row the place of the last of `starts` before it; ABSENT where there is none."""
    return np.searchsorted(starts, rows, "right") - 1


def row_before(starts: Rows, rows: Rows) -> Rows:
    """`last_before` as a row of the window."""
    return np.insert(starts, 0, ABSENT)[last_before(starts, rows) + 1]
