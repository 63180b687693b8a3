"""Exact arithmetic of intervals: which overlap, and how much of each is left undisputed.

Intervals are half-open, in whole seconds.  Nothing here loops over them, and what is disputed is found
without looking at pairs, of which there can be many.
"""

from collections.abc import Sequence
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
    left_out: int = 0
    """How many pairs more there are at the most, where only some of each interval's were asked for."""


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


@dataclass(frozen=True, slots=True)
class Rivals:
    """Whose seconds intervals take: within a `group` those of one claimant are no rivals of each other.

    A group below 0 is none.  Where `claimant` is None, every interval is a claimant of its own.
    """

    group: "Rows"
    claimant: "Rows | None" = None


def disputed(starts: "Seconds", ends: "Seconds", rivals: Sequence[Rivals]) -> Pieces:
    """The parts of each interval that a rival takes too, by any of `rivals`."""
    found = [_shared(starts, ends, one) for one in rivals]
    if not found:
        nothing = np.zeros(0, np.int64)
        return Pieces(nothing, nothing, nothing)
    return _joined(
        np.concatenate([part.whose for part in found]),
        np.concatenate([part.start for part in found]),
        np.concatenate([part.end for part in found]),
    )


def overlapping(
    starts: "Seconds", ends: "Seconds", groups: "Sequence[Rows]", *, most: int | None = None
) -> Overlaps:
    """Every pair that overlaps and shares a group in one of `groups`, once; a group below 0 is none.

    Where `most` is given, at most so many of each interval with those that begin after it.
    """
    nothing = np.zeros(0, np.int64)
    found = [_pairs(starts, ends, group, most) for group in groups]
    one = np.concatenate([nothing, *(pair[0] for pair in found)])
    other = np.concatenate([nothing, *(pair[1] for pair in found)])
    low, high = np.minimum(one, other), np.maximum(one, other)
    _, first = np.unique(low * (len(starts) + 1) + high, return_index=True)
    low, high = low[first], high[first]
    start, end = np.maximum(starts[low], starts[high]), np.minimum(ends[low], ends[high])
    return Overlaps(low, high, start, end, sum(pair[2] for pair in found))


def _shared(starts: "Seconds", ends: "Seconds", rivals: Rivals) -> Pieces:
    """The parts of each interval that lie where two claimants of its group are."""
    rows = np.flatnonzero((rivals.group >= 0) & (starts < ends))
    group, start, end = rivals.group[rows], starts[rows], ends[rows]
    if not len(rows):
        return Pieces(rows, start, end)
    origin = start.min()
    span = end.max() - origin + 1
    claim = start, end, group
    if rivals.claimant is not None:
        claim = _of_claimants(start, end, group, rivals.claimant[rows])
    regions = _crowded(*claim)
    opened, closed = (regions[2] * span + moment - origin for moment in regions[:2])
    low = np.searchsorted(closed, group * span + start - origin, "right")
    high = np.searchsorted(opened, group * span + end - origin, "left")
    counts = np.maximum(high - low, 0)
    whose = np.repeat(np.arange(len(rows)), counts)
    before = np.cumsum(counts) - counts
    region = np.arange(counts.sum()) + np.repeat(low - before, counts)
    return Pieces(
        rows[whose], np.maximum(start[whose], regions[0][region]), np.minimum(end[whose], regions[1][region])
    )


def _of_claimants(
    start: "Seconds", end: "Seconds", group: "Rows", claimant: "Rows"
) -> "tuple[Seconds, Seconds, Rows]":
    """Where each claimant of each group is, as intervals of which no two of one claimant overlap."""
    numbers = np.stack([group, claimant], axis=1)
    keys, number = np.unique(numbers, axis=0, return_inverse=True)
    joined = _joined(number.reshape(-1), start, end)
    return joined.start, joined.end, keys[joined.whose, 0]


def _crowded(start: "Seconds", end: "Seconds", group: "Rows") -> "tuple[Seconds, Seconds, Rows]":
    """The stretches of each group in which two intervals or more are, in order."""
    moment = np.concatenate([start, end])
    change = np.repeat(np.array([1, -1]), len(start))
    whose = np.tile(group, 2)
    order = np.lexsort((change, moment, whose))
    moment, whose = moment[order], whose[order]
    crowded = np.cumsum(change[order]) > 1
    begins = crowded & ~np.concatenate([[False], crowded[:-1]])
    ceases = ~crowded & np.concatenate([[False], crowded[:-1]])
    opened, closed, of_group = moment[begins], moment[ceases], whose[begins]
    some = opened < closed
    return opened[some], closed[some], of_group[some]


def _joined(whose: "Rows", start: "Seconds", end: "Seconds") -> Pieces:
    """The same seconds of each owner, in parts that do not overlap."""
    if not len(whose):
        return Pieces(whose, start, end)
    order = np.lexsort((start, whose))
    whose, start, end = whose[order], start[order], end[order]
    origin = start.min()
    span = end.max() - origin + 1
    base = whose * span - origin
    opened, closed = base + start, base + end
    reached = np.maximum.accumulate(closed)
    opened[1:] = np.maximum(opened[1:], reached[:-1])
    some = opened < closed
    return Pieces(whose[some], (opened - base)[some], (closed - base)[some])


def _pairs(starts: "Seconds", ends: "Seconds", group: "Rows", most: int | None) -> "tuple[Rows, Rows, int]":
    """The places of the two of every overlapping pair within one group, and how many are left out."""
    rows = np.flatnonzero(group >= 0)
    if not len(rows):
        return rows, rows, 0
    order = rows[np.lexsort((starts[rows], group[rows]))]
    origin = starts[order].min()
    span = ends[order].max() - origin + 1
    opened = group[order] * span + starts[order] - origin
    closed = group[order] * span + ends[order] - origin
    places = np.arange(len(order))
    every = np.searchsorted(opened, closed, "left") - places - 1
    counts = every if most is None else np.minimum(every, most)
    one = np.repeat(places, counts)
    before = np.cumsum(counts) - counts
    other = np.arange(counts.sum()) - np.repeat(before - places - 1, counts)
    return order[one], order[other], int((every - counts).sum())
