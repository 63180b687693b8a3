"""Where each segment of a professional claim file stands: its loop, told from those that open loops."""

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
"""Every loop by its number in the guide; a loop is known in arrays by its place here."""

LOOP: Final = {name: np.uint8(place) for place, name in enumerate(LOOPS)}

_OPENS: Final = {
    "ISA": "ISA",
    "GS": "GS",
    "ST": "ST",
    "SE": "SE",
    "GE": "GE",
    "IEA": "IEA",
    "CLM": "2300",
    "LX": "2400",
}
_LEVELS: Final = {"20": "2000A", "22": "2000B", "23": "2000C"}
_NAMES: Final = {
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
}  # fmt: skip
"""Which loop an NM1 opens, by the area it stands in and its entity code."""
_OTHERS: Final = {
    ("2300", "SBR"): "2320",
    ("2320", "SBR"): "2320",
    ("2400", "LIN"): "2410",
    ("2400", "SVD"): "2430",
    ("2400", "LQ"): "2440",
}


@dataclass(frozen=True)
class Placed:
    """A window with the loop of each of its segments."""

    window: Segments = field(repr=False)
    area: npt.NDArray[np.uint8]
    """The widest loop a segment stands in: 2000A, 2000B, 2000C, 2300, 2320, 2400 or one of the envelope."""
    loop: npt.NDArray[np.uint8]
    opens: Rows
    """The rows that open a loop."""
    _found: dict[tuple[str, ...], Rows] = field(default_factory=dict)

    @cached_property
    def bounds(self) -> Rows:
        """The rows that open a claim, a level or an envelope: a claim that was open ends there."""
        return self.opens[_IS_BOUND[self.loop[self.opens]]]

    @cached_property
    def claim(self) -> Rows:
        """By row: the row of the claim it stands in; -1 where it stands in none."""
        last = np.full(len(self.loop), -1, np.int64)
        last[self.bounds] = np.where(self.loop[self.bounds] == LOOP["2300"], self.bounds, -1)
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
                wanted = stands == LOOP[loops[0]]
                for loop in loops[1:]:
                    wanted |= stands == LOOP[loop]
                self._found[key] = every[wanted]
            else:
                self._found[key] = np.flatnonzero(self.window.id == packed(segment))
        return self._found[key]


def place(window: Segments) -> Placed:
    """The loop of every segment of `window`.

    A segment that opens no loop stands in the one opened last before it: one that is misplaced is found where
    it is, not where it should be.
    """
    ids, qualifier = window.id, window.qualifier
    opened = np.zeros(len(window), np.uint8)
    for mark, name in _OPENS.items():
        opened[ids == packed(mark)] = LOOP[name]
    levels = np.flatnonzero(ids == packed("HL"))
    level = window.packed_at(*window.element(levels, 3))
    for mark, name in _LEVELS.items():
        opened[levels[level == packed(mark)]] = LOOP[name]
    area = _carried(opened)
    other_payers = np.flatnonzero((ids == packed("SBR")) & (area == LOOP["2300"]))
    opened[other_payers] = LOOP["2320"]
    area = _carried(opened)
    for (within, mark), name in _OTHERS.items():
        opened[(ids == packed(mark)) & (area == LOOP[within])] = LOOP[name]
    names = np.flatnonzero(ids == packed("NM1"))
    key = area[names].astype(np.uint64) << np.uint64(32) | qualifier[names]
    found = np.minimum(np.searchsorted(_NAME_KEYS, key), len(_NAME_KEYS) - 1)
    opened[names] = np.where(_NAME_KEYS[found] == key, _NAME_LOOPS[found], opened[names])
    return Placed(window, area, _carried(opened), np.flatnonzero(opened))


def _carried(opened: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Each row's own value, or that of the last row before it that has one."""
    last = np.maximum.accumulate(np.where(opened > 0, np.arange(len(opened)), 0))
    return opened[last]


def _name_table() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint8]]:
    entries = sorted(
        (int(LOOP[area]) << 32 | packed(entity), int(LOOP[loop]))
        for area, by in _NAMES.items()
        for entity, loop in by.items()
    )
    return np.array([k for k, _ in entries], np.uint64), np.array([v for _, v in entries], np.uint8)


_NAME_KEYS, _NAME_LOOPS = _name_table()
_BOUNDS: Final = ("ISA", "GS", "ST", "SE", "GE", "IEA", *_LEVELS.values(), "2300")
_IS_BOUND: Final = np.isin(np.arange(256), [LOOP[name] for name in _BOUNDS])
