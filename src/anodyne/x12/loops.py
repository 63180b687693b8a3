"""Where each segment of a file stands: its loop, told from those that open loops."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from anodyne.x12.segments import Rows, Segments, packed

LOOPS: Final = (
    "",  # before anything that opens a loop
    "ISA", "GS", "ST", "SE", "GE", "IEA",
    "1000A", "1000B",
    "2000A", "2010AA", "2010AB", "2010AC",
    "2000B", "2010BA", "2010BB",
    "2000C", "2010CA",
    "2300", "2310A", "2310B", "2310C", "2310D", "2310E", "2310F",
    "2320", "2330A", "2330B", "2330C", "2330D", "2330E", "2330F", "2330G",
    "2400", "2410", "2420A", "2420B", "2420C", "2420D", "2420E", "2420F", "2420G", "2420H", "2430", "2440",
)  # fmt: skip
"""Every loop of a professional claim by its number in the guide; in arrays it is known by its place here."""

ENVELOPE: Final = ("ISA", "GS", "ST", "SE", "GE", "IEA")
"""Segments that open a loop of their own name, in files of every kind."""


@dataclass(frozen=True)
class Layout:
    """The loops of one kind of transaction, and what opens them."""

    loops: tuple[str, ...]
    """Every loop; in arrays it is known by its place here.  The first is what stands before any loop."""
    claim: str
    """The loop that is a claim."""
    segments: Mapping[str, str]
    """Which loop a segment opens wherever it stands, the envelope aside."""
    levels: Mapping[str, str]
    """Which loop an HL opens, by its third element."""
    widens: Mapping[tuple[str, str], str]
    """Which loop a segment opens by the area it stands in; what follows stands in that area."""
    inside: Mapping[tuple[str, str], str]
    """The same, of loops that are no area: what follows may open another loop of the area."""
    name: str
    """The segment that names a person or organisation."""
    names: Mapping[str, Mapping[str, str]]
    """Which loop it opens, by the area it stands in and its first element."""
    ends: tuple[str, ...]
    """The loops at which a claim that was open ends, the envelope and levels aside."""

    @cached_property
    def number(self) -> Mapping[str, np.uint8]:
        """By loop, the number by which it is known in arrays."""
        return {name: np.uint8(place) for place, name in enumerate(self.loops)}

    @cached_property
    def is_bound(self) -> npt.NDArray[np.bool_]:
        """By number, whether the loop ends a claim that was open."""
        bounds = (*ENVELOPE, *self.levels.values(), self.claim, *self.ends)
        return np.isin(np.arange(256), [self.number[name] for name in bounds])

    @cached_property
    def name_keys(self) -> npt.NDArray[np.uint64]:
        """Area and first element of each entry of `names` as one number, in order."""
        return np.array([key for key, _ in self._named], np.uint64)

    @cached_property
    def name_loops(self) -> npt.NDArray[np.uint8]:
        """The loop of each of `name_keys`."""
        return np.array([loop for _, loop in self._named], np.uint8)

    @cached_property
    def _named(self) -> list[tuple[int, int]]:
        return sorted(
            (int(self.number[area]) << 32 | packed(entity), int(self.number[loop]))
            for area, by in self.names.items()
            for entity, loop in by.items()
        )


PROFESSIONAL: Final = Layout(
    loops=LOOPS,
    claim="2300",
    segments={"CLM": "2300", "LX": "2400"},
    levels={"20": "2000A", "22": "2000B", "23": "2000C"},
    widens={("2300", "SBR"): "2320"},
    inside={
        ("2320", "SBR"): "2320",
        ("2400", "LIN"): "2410",
        ("2400", "SVD"): "2430",
        ("2400", "LQ"): "2440",
    },
    name="NM1",
    names={
        "ST": {"41": "1000A", "40": "1000B"},
        "2000A": {"85": "2010AA", "87": "2010AB", "PE": "2010AC"},
        "2000B": {"IL": "2010BA", "PR": "2010BB"},
        "2000C": {"QC": "2010CA"},
        "2300": {
            "DN": "2310A", "P3": "2310A", "82": "2310B", "77": "2310C",
            "DQ": "2310D", "PW": "2310E", "45": "2310F",
        },
        "2320": {
            "IL": "2330A", "PR": "2330B", "DN": "2330C", "P3": "2330C",
            "82": "2330D", "77": "2330E", "DQ": "2330F", "85": "2330G",
        },
        "2400": {
            "82": "2420A", "QB": "2420B", "77": "2420C", "DQ": "2420D", "DK": "2420E",
            "DN": "2420F", "P3": "2420F", "PW": "2420G", "45": "2420H",
        },
    },
    ends=(),
)  # fmt: skip
"""The professional claim, 837."""

LOOP: Final = PROFESSIONAL.number


@dataclass(frozen=True)
class Placed:
    """A window with the loop of each of its segments."""

    window: Segments = field(repr=False)
    layout: Layout = field(repr=False)
    area: npt.NDArray[np.uint8]
    """The widest loop a segment stands in: one of the envelope, a level, a claim, a line and its like."""
    loop: npt.NDArray[np.uint8]
    opens: Rows
    """The rows that open a loop."""
    _found: dict[tuple[str, ...], Rows] = field(default_factory=dict)

    @cached_property
    def bounds(self) -> Rows:
        """The rows that open a claim, a level or an envelope: a claim that was open ends there."""
        return self.opens[self.layout.is_bound[self.loop[self.opens]]]

    @cached_property
    def claim(self) -> Rows:
        """By row: the row of the claim it stands in; -1 where it stands in none."""
        last = np.full(len(self.loop), -1, np.int64)
        is_claim = self.loop[self.bounds] == self.layout.number[self.layout.claim]
        last[self.bounds] = np.where(is_claim, self.bounds, -1)
        begun = np.zeros(len(last), np.int64)
        begun[self.bounds] = self.bounds
        return last[np.maximum.accumulate(begun)]

    def rows(self, segment: str, *loops: str) -> Rows:
        """The rows of `segment`, or of those the ones that stand in one of `loops`."""
        key = (segment, *loops)
        if key not in self._found:
            if loops:
                every = self.rows(segment)
                stands = self.loop[every]
                wanted = stands == self.layout.number[loops[0]]
                for loop in loops[1:]:
                    wanted |= stands == self.layout.number[loop]
                self._found[key] = every[wanted]
            else:
                self._found[key] = np.flatnonzero(self.window.id == packed(segment))
        return self._found[key]


def place(window: Segments, layout: Layout = PROFESSIONAL) -> Placed:
    """The loop of every segment of `window`.

    A segment that opens no loop stands in the one opened last before it: one that is misplaced is found where
    it is, not where it should be.
    """
    ids, number = window.id, layout.number
    opened = np.zeros(len(window), np.uint8)
    for mark in ENVELOPE:
        opened[ids == packed(mark)] = number[mark]
    for mark, name in layout.segments.items():
        opened[ids == packed(mark)] = number[name]
    if layout.levels:
        levels = np.flatnonzero(ids == packed("HL"))
        level = window.packed_at(*window.element(levels, 3))
        for mark, name in layout.levels.items():
            opened[levels[level == packed(mark)]] = number[name]
    area = _carried(opened)
    if layout.widens:
        for (within, mark), name in layout.widens.items():
            opened[(ids == packed(mark)) & (area == number[within])] = number[name]
        area = _carried(opened)
    for (within, mark), name in layout.inside.items():
        opened[(ids == packed(mark)) & (area == number[within])] = number[name]
    names = np.flatnonzero(ids == packed(layout.name))
    key = area[names].astype(np.uint64) << np.uint64(32) | window.qualifier[names]
    found = np.minimum(np.searchsorted(layout.name_keys, key), len(layout.name_keys) - 1)
    opened[names] = np.where(layout.name_keys[found] == key, layout.name_loops[found], opened[names])
    return Placed(window, layout, area, _carried(opened), np.flatnonzero(opened))


def _carried(opened: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Each row's own value, or that of the last row before it that has one."""
    last = np.maximum.accumulate(np.where(opened > 0, np.arange(len(opened)), 0))
    return opened[last]
