"""Repeated parts of segments as rows: the reasons of an adjustment, remark codes, amounts."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from anodyne.x12.segments import Rows, Segments

REASONS_FROM: Final = 2
"""The first element of the first reason of a CAS: reason, amount and quantity follow each other."""
MOST_REASONS: Final = 6
"""Of one CAS."""
_MOST_PARTS: Final = 255
"""The guides have six reasons in a segment at most; what is sent beyond them is read as well."""


class Spread(NamedTuple):
    """Repeated parts of segments, each a row."""

    rows: Rows
    place: Rows
    """Which part of its segment each is, 1 the first."""
    offsets: list[tuple[Rows, Rows]]
    """Start and end of each element of the parts."""


def part_starts(window: Segments, rows: Rows, first: int, step: int) -> range:
    """The elements at which the repeated parts of the segments `rows` begin, as far as any has them."""
    most = int(window.count[rows].max(initial=0))
    return range(first, min(most + 1, first + step * _MOST_PARTS), step)


def reasons(window: Segments, rows: Rows) -> Spread:
    """The reasons of the CAS `rows`, each with its amount and quantity."""
    return spread(window, rows, [(n, n + 1, n + 2) for n in part_starts(window, rows, REASONS_FROM, 3)], 3)


def spread(window: Segments, rows: Rows, parts: Sequence[tuple[int, ...]], width: int) -> Spread:
    """A row for each of `parts` (`width` elements that belong together) of which a segment has any."""
    pieces: list[Spread] = []
    for number_of, elements in enumerate(parts, start=1):
        here = rows[window.count[rows] >= elements[0]]
        offsets = window.elements(here, elements)
        some = np.any([start < end for start, end in offsets.values()], axis=0)
        kept = [(offsets[element][0][some], offsets[element][1][some]) for element in elements]
        pieces.append(Spread(here[some], np.full(int(some.sum()), number_of), kept))
    if len(pieces) == 1:
        return pieces[0]
    if not pieces:
        nothing = np.zeros(0, np.int64)
        return Spread(nothing, nothing, [(nothing, nothing)] * width)
    row = np.concatenate([one.rows for one in pieces])
    place = np.concatenate([one.place for one in pieces])
    order = np.argsort(row, kind="stable")

    def edges(element: int, side: int) -> Rows:
        return np.concatenate([one.offsets[element][side] for one in pieces])[order]

    return Spread(row[order], place[order], [(edges(n, 0), edges(n, 1)) for n in range(width)])
