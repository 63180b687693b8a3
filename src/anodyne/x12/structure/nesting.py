"""Where loops stand: outside their parent, out of order, too many, missing."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from anodyne.x12.loops import LOOP, LOOPS
from anodyne.x12.segments import Rows, packed
from anodyne.x12.structure.fields import Sheet
from anodyne.x12.structure.found import Found
from anodyne.x12.structure.guide import NAMES, TREE
from anodyne.x12.structure.notation import Bits
from anodyne.x12.structure.placement import Gap

_CHILD: Final = re.compile(r"(\w+)(!)?(?:>(\d+))? (\d+)$")
_AREAS: Final = ("ISA", "GS", "ST", "SE", "GE", "IEA", "2000A", "2000B", "2000C", "2300", "2320", "2400")
_ENVELOPE: Final = _AREAS[:6]
"""Told by the check of the envelope."""
_FINE, _LATE, _LOST = 0, 1, 2
_COUNTED: Final = 1000
"""Loops that may come more often than this may come any number of times."""
_COUNTED_ACROSS: Final = {("2000B", "2300"), ("2000C", "2300")}
"""Counted where the hierarchy is checked, because windows end between claims."""


@dataclass(frozen=True, slots=True)
class Child:
    """How a loop stands in its parent."""

    required: bool
    most: int
    order: int


@dataclass(frozen=True)
class Nesting:
    """The tree of loops as arrays."""

    children: dict[str, dict[str, Child]]
    step: npt.NDArray[np.uint8]
    """By loop open before and loop opened: fine, too late, or nothing it could stand in is open."""
    bit: Bits
    """By loop: its bit among the loops of its area that hold no others; 0 for the rest."""
    required: Bits
    """By area: the bits of the loops it must hold."""


def check_nesting(sheet: Sheet, found: Found, last_open: int) -> tuple[int, list[Gap]]:
    """Loops that do not stand where and as often as the guide says.

    `last_open` is the loop open where the window before ended; gives the one open where this one ends, and
    where loops are missing.
    """
    opens = sheet.placed.opens
    if not len(opens):
        return last_open, []
    tree = nesting()
    loops = sheet.placed.loop[opens].astype(np.int64)
    new = int(np.searchsorted(opens, sheet.window.context))
    before = np.concatenate((np.zeros(1, np.int64), loops[:-1]))
    if new < len(before):
        before[new] = last_open
    step = tree.step[before, loops]
    step[:new] = _FINE
    wrong = [k for k in np.flatnonzero(step).tolist() if LOOPS[loops[k]] not in _ENVELOPE]
    messages = [_misplaced(tree, LOOPS[before[k]], LOOPS[loops[k]], late=step[k] == _LATE) for k in wrong]
    found.add(sheet.placed, "X12-LOOP-ORDER", opens[np.array(wrong, np.int64)], messages)
    _count(sheet, found, opens, loops, tree)
    return int(loops[-1]), _missing(sheet, found, opens, loops, tree)


def _misplaced(tree: Nesting, before: str, name: str, *, late: bool) -> str:
    if late:
        return f"{NAMES[name]} ({name}) cannot follow {NAMES[before]} ({before})"
    parents = " or ".join(parent for parent, children in tree.children.items() if name in children)
    return f"{NAMES[name]} ({name}) stands outside its loop ({parents})"


def _count(sheet: Sheet, found: Found, opens: Rows, loops: Rows, tree: Nesting) -> None:
    """Loops that come more often in their parent than they may."""
    present = np.bincount(loops, minlength=len(LOOPS))
    for parent, children in tree.children.items():
        if not present[LOOP[parent]]:
            continue
        starts = np.flatnonzero(loops == LOOP[parent])
        for name, child in children.items():
            if name in _ENVELOPE:
                continue
            may_be_over = child.most < present[LOOP[name]] and child.most <= _COUNTED
            if not may_be_over or (parent, name) in _COUNTED_ACROSS:
                continue
            those = np.flatnonzero(loops == LOOP[name])
            owner = np.searchsorted(starts, those)
            over = those[child.most :][owner[child.most :] == owner[: -child.most]]
            if not len(over):
                continue
            first = over[
                np.concatenate((np.ones(1, np.bool_), np.diff(np.searchsorted(starts, over)) > 0))[
                    : len(over)
                ]
            ]
            times = "once" if child.most == 1 else f"{child.most} times"
            message = f"{NAMES[name]} ({name}) may come {times} in {NAMES[parent]} ({parent})"
            found.add(sheet.placed, "X12-LOOP-REPEAT", opens[first], message)


def _missing(sheet: Sheet, found: Found, opens: Rows, loops: Rows, tree: Nesting) -> list[Gap]:
    """Areas without a loop that they must have; a name that opens no loop is taken for the missing one."""
    areas = np.flatnonzero(_IS_AREA[loops])
    if not len(areas):
        return []
    held = np.bitwise_or.reduceat(tree.bit[loops], areas)
    lacking = tree.required[loops[areas]] & ~held
    ends = np.append(opens, len(sheet.window))[np.append(areas[1:], len(loops))]
    gaps: list[Gap] = []
    rows, messages = [], []
    for k in np.flatnonzero(lacking).tolist():
        begin, end = int(opens[areas[k]]), int(ends[k])
        if (sheet.unknown[begin:end] & (sheet.window.id[begin:end] == packed("NM1"))).any():
            continue
        area = LOOPS[loops[areas[k]]]
        names = [name for name in tree.children[area] if lacking[k] & int(tree.bit[LOOP[name]])]
        gaps += [(begin, end, name) for name in names]
        words = " and ".join(f"{NAMES[name]} ({name})" for name in names)
        rows.append(begin)
        messages.append(f"{words} {'is' if len(names) == 1 else 'are'} missing in {NAMES[area]} ({area})")
    found.add(sheet.placed, "X12-LOOP-MISSING", np.array(rows, np.int64), messages)
    claims, lines = opens[loops == LOOP["2300"]], opens[loops == LOOP["2400"]]
    bounds = np.append(sheet.placed.bounds, len(sheet.window))
    until = bounds[np.searchsorted(bounds, claims) + 1]
    following = np.append(lines, len(sheet.window))[np.searchsorted(lines, claims)]
    lineless = following >= until
    found.add(sheet.placed, "X12-LOOP-MISSING", claims[lineless], "the claim has no service line (2400)")
    gaps += [(a, b, "2400") for a, b in zip(claims[lineless].tolist(), until[lineless].tolist(), strict=True)]
    return gaps


@cache
def nesting() -> Nesting:
    """The tree of loops as arrays, made once."""
    children = {parent: _children(text) for parent, text in TREE.items()}
    parents: dict[str, list[str]] = {}
    for parent, family in children.items():
        for name in family:
            parents.setdefault(name, []).append(parent)
    size = len(LOOPS)
    step = np.full((size, size), _LOST, np.uint8)
    step[:, LOOP["ISA"]] = _FINE

    def climb(opened: str, cursor: str) -> int:
        """The best that can be said of a loop opened where `cursor` is open."""
        if opened in children.get(cursor, {}):
            return _FINE
        verdicts = [_LOST]
        for parent in parents.get(cursor, []):
            family = children[parent]
            if opened not in family:
                verdicts.append(climb(opened, parent))
            else:
                verdicts.append(_FINE if family[opened].order >= family[cursor].order else _LATE)
        return min(verdicts)

    for before in LOOPS[1:]:
        for opened in LOOPS[1:]:
            if opened != "ISA":
                step[LOOP[before], LOOP[opened]] = climb(opened, before)
    bit = np.zeros(size, np.int64)
    required = np.zeros(size, np.int64)
    for parent, family in children.items():
        for place, (name, child) in enumerate(family.items()):
            if name not in _AREAS:
                bit[LOOP[name]] = 1 << place
                required[LOOP[parent]] |= int(child.required) << place
    return Nesting(children, step, bit, required)


def _children(text: str) -> dict[str, Child]:
    found = {}
    for part in text.split(", "):
        match = _CHILD.match(part)
        if match is None:
            raise ValueError(f"the tree of loops cannot be read at {part!r}")
        found[match[1]] = Child(bool(match[2]), int(match[3] or 1), int(match[4]))
    return found


_IS_AREA: Final = np.isin(np.arange(256), [LOOP[name] for name in _AREAS])
