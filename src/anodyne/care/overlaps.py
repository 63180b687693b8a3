"""Exact arithmetic of intervals: which overlap, and how much of each is left undisputed.

Intervals are half-open, in whole seconds.  Nothing here loops over them.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Seconds = NDArray[np.int64]
    Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Pairs of intervals that overlap: their places, and the second at which they begin and cease to."""

    one: "Rows"
    other: "Rows"
    start: "Seconds"
    end: "Seconds"


@dataclass(frozen=True, slots=True)
class Pieces:
    """Parts of intervals: whose they are, and from when to when.  No two parts of one interval overlap."""

    whose: "Rows"
    start: "Seconds"
    end: "Seconds"

    def within(self, starts: "Seconds", ends: "Seconds") -> "Seconds":
        """For each interval the seconds of its parts from its `starts` to its `ends`."""
        shared = np.minimum(self.end, ends[self.whose]) - np.maximum(self.start, starts[self.whose])
        counted = np.zeros(len(starts), np.int64)
        np.add.at(counted, self.whose, np.maximum(shared, 0))
        return counted


def overlapping(starts: "Seconds", ends: "Seconds", groups: "list[Rows]") -> Overlaps:
    """Every pair that overlaps and shares a group in one of `groups`, once; a group below 0 is none."""
    found = [_pairs(starts, ends, group) for group in groups]
    one = np.concatenate([pair[0] for pair in found]) if found else np.empty(0, np.int64)
    other = np.concatenate([pair[1] for pair in found]) if found else np.empty(0, np.int64)
    low, high = np.minimum(one, other), np.maximum(one, other)
    _, first = np.unique(low * (len(starts) + 1) + high, return_index=True)
    low, high = low[first], high[first]
    return Overlaps(low, high, np.maximum(starts[low], starts[high]), np.minimum(ends[low], ends[high]))


def disputed(overlaps: Overlaps) -> Pieces:
    """The parts of each interval that some other overlaps."""
    whose = np.concatenate([overlaps.one, overlaps.other])
    start = np.tile(overlaps.start, 2)
    end = np.tile(overlaps.end, 2)
    if not len(whose):
        return Pieces(whose, start, end)
    order = np.lexsort((start, whose))
    whose, start, end = whose[order], start[order], end[order]
    origin = start.min()
    span = end.max() - origin + 1
    opened, closed = whose * span + start - origin, whose * span + end - origin
    reached = np.maximum.accumulate(closed)
    opened[1:] = np.maximum(opened[1:], reached[:-1])
    some = opened < closed
    base = whose * span - origin
    return Pieces(whose[some], (opened - base)[some], (closed - base)[some])


def _pairs(starts: "Seconds", ends: "Seconds", group: "Rows") -> "tuple[Rows, Rows]":
    """The places of the two of every overlapping pair within one group."""
    rows = np.flatnonzero(group >= 0)
    if not len(rows):
        return rows, rows
    order = rows[np.lexsort((starts[rows], group[rows]))]
    origin = starts[order].min()
    span = ends[order].max() - origin + 1
    opened = group[order] * span + starts[order] - origin
    closed = group[order] * span + ends[order] - origin
    reach = np.searchsorted(opened, closed, "left")
    places = np.arange(len(order))
    counts = reach - places - 1
    one = np.repeat(places, counts)
    before = np.cumsum(counts) - counts
    other = np.arange(counts.sum()) - np.repeat(before - places - 1, counts)
    return order[one], order[other]
