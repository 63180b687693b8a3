"""The envelope: headers closed by their trailers, counts, control numbers."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from anodyne.x12.loops import LOOP, Placed
from anodyne.x12.segments import packed
from anodyne.x12.structure.found import Found

_HEADERS: Final = {"ISA": ("IEA", 13), "GS": ("GE", 6), "ST": ("SE", 2)}
"""By header: its trailer, and where its control number is; in a trailer that is the second element."""
_HEADER_OF: Final = {trailer: header for header, (trailer, _) in _HEADERS.items()}
_LEVEL: Final = {"ISA": 0, "GS": 1, "ST": 2}
_ABOVE: Final = {"GS": "ISA", "ST": "GS"}
_COUNTED: Final = {"SE": "segments", "GE": "transactions", "IEA": "groups"}
_IS_ENVELOPE: Final = np.isin(np.arange(256), [LOOP[name] for name in (*_HEADERS, *_HEADER_OF)])
_IDS: Final = {packed(name): name for name in (*_HEADERS, *_HEADER_OF)}


@dataclass
class _Open:
    """A header that waits for its trailer."""

    control: str
    segment: int
    empty: int
    """Empty segments of the file before it."""
    inside: int = 0
    controls: set[str] = field(default_factory=set)


class Envelope:
    """Which envelopes are open, what they count, and the control numbers seen."""

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}
        self._interchanges: set[str] = set()
        self._empty = 0

    def check(self, placed: Placed, found: Found) -> None:
        """Headers and trailers of one window, in order."""
        window = placed.window
        rows = placed.opens[_IS_ENVELOPE[placed.loop[placed.opens]] & (placed.opens >= window.context)]
        empty = np.cumsum((window.start == window.end) & (np.arange(len(window)) >= window.context))
        numbers = window.segment_number(rows).tolist()
        for row, number, blank in zip(
            rows.tolist(), numbers, (self._empty + empty[rows]).tolist(), strict=True
        ):
            name = _IDS[int(window.id[row])]
            at = _At(placed, found, row, number)
            if name in _HEADERS:
                self._opened(name, _Open(window.text(row, _HEADERS[name][1]).strip(), number, blank), at)
            else:
                self._closed(name, number, blank, at)
        self._empty += int(empty[-1]) if len(empty) else 0

    def _opened(self, name: str, header: _Open, at: "_At") -> None:
        for other in tuple(self._open):
            if _LEVEL[other] >= _LEVEL[name]:
                at.add(
                    "X12-ENVELOPE",
                    f"{name} begins before {_HEADERS[other][0]} has closed the {other} at segment "
                    f"{self._open[other].segment}",
                )
                del self._open[other]
        above = self._open.get(_ABOVE.get(name, ""))
        if name in _ABOVE and above is None:
            at.add("X12-ENVELOPE", f"{name} stands outside {_ABOVE[name]}")
        seen = self._interchanges if above is None else above.controls
        if header.control in seen:
            at.add("X12-CONTROL-REPEAT", f"the control number {name}{_HEADERS[name][1]:02d} was used before")
        seen.add(header.control)
        if above is not None:
            above.inside += 1
        self._open[name] = header

    def _closed(self, name: str, number: int, blank: int, at: "_At") -> None:
        header_name = _HEADER_OF[name]
        for other in tuple(self._open):
            if _LEVEL[other] > _LEVEL[header_name]:
                at.add(
                    "X12-ENVELOPE",
                    f"{name} comes before {_HEADERS[other][0]} has closed the {other} at segment "
                    f"{self._open[other].segment}",
                )
                del self._open[other]
        header = self._open.pop(header_name, None)
        if header is None:
            at.add("X12-ENVELOPE", f"{name} closes no {header_name}")
            return
        count, control = at.text(1), at.text(2)
        right = {header.inside}
        if name == "SE":
            all_segments = number - header.segment + 1
            right = {all_segments, all_segments - (blank - header.empty)}
        if count.isascii() and count.isdigit() and int(count) not in right:
            at.add("X12-COUNT", f"{name}01 says {int(count):,} {_COUNTED[name]}; there are {min(right):,}", 1)
        if control and control != header.control and not _same_number(name, control, header.control):
            place = _HEADERS[header_name][1]
            at.add("X12-CONTROL", f"{name}02 is not the control number of {header_name}{place:02d}", 2)


def _same_number(name: str, one: str, other: str) -> bool:
    """Whether two control numbers are the same whole number; those of a transaction are text."""
    return name != "SE" and one.isdigit() and other.isdigit() and int(one) == int(other)


@dataclass(frozen=True, slots=True)
class _At:
    """Where a finding is."""

    placed: Placed
    found: Found
    row: int
    number: int

    def text(self, place: int) -> str:
        return self.placed.window.text(self.row, place).strip()

    def add(self, rule: str, message: str, place: int = 0) -> None:
        rows = np.array([self.row])
        at = self.placed.window.element(rows, place)[0] if place else None
        self.found.add(self.placed, rule, rows, message, at=at)
