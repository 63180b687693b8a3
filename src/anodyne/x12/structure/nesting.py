"""Where segments and loops stand: unknown, misplaced, out of order, too many, missing."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from anodyne.x12.loops import LOOP, LOOPS
from anodyne.x12.segments import Flags, Rows, packed
from anodyne.x12.structure.elements import shown
from anodyne.x12.structure.fields import Sheet
from anodyne.x12.structure.found import Found
from anodyne.x12.structure.guide import NAMES, TREE
from anodyne.x12.structure.notation import Bits, Use

_CHILD: Final = re.compile(r"(\w+)(!)?(?:>(\d+))? (\d+)$")
_AREAS: Final = ("ISA", "GS", "ST", "SE", "GE", "IEA", "2000A", "2000B", "2000C", "2300", "2320", "2400")
_FINE, _REPEATED, _LATE, _LOST = 0, 1, 2, 3


@dataclass(frozen=True)
class Nesting:
    """The tree of loops as arrays."""

    step: npt.NDArray[np.uint8]
    """By loop open before and loop opened: fine, repeated, too late, or nothing it could stand in is open."""
    most: Rows
    """By loop: how many its parent may hold."""
    once: Bits
    """By loop: the bit of a loop that stands once in an area that is not nested further; 0 for others."""
    required: Bits
    """By area: the bits of the loops it must hold."""


def check_nesting(sheet: Sheet, found: Found, last_open: int) -> int:
    """Segments and loops that do not stand where and as often as the guide says.

    `last_open` is the loop that was open where the window before ended; gives the one that is open where this one ends.
    """
    opens = sheet.placed.opens
    if not len(opens):
        return last_open
    group = np.searchsorted(opens, np.arange(len(sheet.window)), "right") - 1
    unknown = (sheet.use == 0) & (sheet.window.start < sheet.window.end)
    hidden = np.zeros(len(unknown), np.bool_)
    if unknown.any():
        hidden = _unknown_segments(sheet, found, unknown, group)
    use = np.where(hidden, 0, sheet.use) if hidden.any() else sheet.use
    _order_of_segments(sheet, found, group, use)
    _count_of_segments(sheet, found, opens, use)
    _missing(sheet, found, opens, unknown)
    return _loops(sheet, found, opens, unknown, last_open)


def _unknown_segments(sheet: Sheet, found: Found, unknown: Flags, group: Rows) -> Flags:
    """Segments that are no use of the loop they stand in; gives the rows that follow an unknown name and say nothing new."""
    window, placed = sheet.window, sheet.placed
    level = unknown & (window.id == packed("HL"))
    name = unknown & np.isin(window.id, [packed("NM1"), packed("SBR")])
    shadowed = _after(level, placed.opens, group) | (_after(name, placed.opens, group) & ~name & ~level)
    rows = np.flatnonzero(unknown & ~shadowed & (np.arange(len(window)) >= window.context))
    for row in rows.tolist():
        rule, message = _misfit(sheet, row)
        at = window.element(np.array([row]), 1)[0] if rule == "X12-QUALIFIER" else None
        found.add(placed, rule, np.array([row]), message, at=at)
    return shadowed


def _after(marked: Flags, opens: Rows, group: Rows) -> Flags:
    """The rows that come after a marked one in the same loop."""
    running = np.cumsum(marked)
    before = running[opens] - marked[opens]
    return running - marked - before[np.maximum(group, 0)] > 0


def _misfit(sheet: Sheet, row: int) -> tuple[str, str]:
    """Which edit a segment breaks that is no use of its loop, and how to say it."""
    window, guide = sheet.window, sheet.guide
    loop = LOOPS[int(sheet.placed.loop[row])]
    start = int(window.start[row])
    stop = min(int(window.marks[window.first[row]]), int(window.end[row]))
    number = int(sheet.number[row])
    where = f"{NAMES.get(loop, 'the file')} ({loop or 'before any loop'})"
    if number == 0:
        name = shown(sheet, start, stop) if stop > start else "without id"
        return "X12-SEG-UNKNOWN", f"segment {name} is no segment of a professional claim"
    segment = bytes(window.data[start:stop]).decode("latin-1")
    if segment == "HL":
        begin, end = window.element(np.array([row]), 3)
        return "X12-HL-LEVEL", f"HL03 {shown(sheet, int(begin[0]), int(end[0]))} is not 20, 22 or 23"
    begin, end = window.element(np.array([row]), 1)
    qualifier = int(window.qualifier[row]).to_bytes(4, "little").rstrip(b"\0").decode("latin-1")
    value = shown(sheet, int(begin[0]), min(int(end[0]), int(begin[0]) + len(qualifier))) or "(empty)"
    uses = [use for use in guide.uses if use.segment == segment]
    known = [use for use in uses if not use.qualifiers or qualifier in use.qualifiers]
    if not known:
        allowed = sorted({code for use in uses if use.loop == loop for code in use.qualifiers})
        hint = f"; {', '.join(allowed)} can be" if allowed else ""
        return "X12-QUALIFIER", f"{segment}01 {value} is not used in {where}{hint}"
    label = f"{segment}*{value}" if guide.qualified[number] else segment
    return "X12-SEG-PLACE", f"{label} does not belong in {where}; it belongs in {_homes(known)}"


def _homes(uses: list[Use]) -> str:
    loops = list(dict.fromkeys(use.loop for use in uses))
    return ", ".join(loops[:-1]) + (" or " if len(loops) > 1 else "") + loops[-1]


def _order_of_segments(sheet: Sheet, found: Found, group: Rows, use: Rows) -> None:
    rows = np.flatnonzero(use > 0)
    order = sheet.guide.order[use[rows]]
    back = np.flatnonzero((order[1:] < order[:-1]) & (group[rows[1:]] == group[rows[:-1]])) + 1
    late, before = rows[back], rows[back - 1]
    uses = sheet.guide.uses
    labels = zip(use[late].tolist(), use[before].tolist(), strict=True)
    found.add(
        sheet.placed,
        "X12-SEG-ORDER",
        late,
        [
            f"{uses[a].label} comes before {uses[b].label} in {NAMES[uses[a].loop]} ({uses[a].loop})"
            for a, b in labels
        ],
    )


def _count_of_segments(sheet: Sheet, found: Found, opens: Rows, use: Rows) -> None:
    """Segments repeated too often, loop by loop."""
    guide = sheet.guide
    single = guide.single[use]
    twice = np.add.reduceat(single, opens) != np.bitwise_or.reduceat(single, opens)
    _repeated(sheet, found, opens, np.flatnonzero(twice), np.where(guide.most[use] == 1, use, 0))
    several = np.where(guide.most[use] > 1, use, 0)
    if several.any():
        per_group = np.add.reduceat(np.minimum(several, 1), opens)
        _repeated(sheet, found, opens, np.flatnonzero(per_group > 1), several)


def _repeated(sheet: Sheet, found: Found, opens: Rows, groups: Rows, use: Rows) -> None:
    """Uses that come more often than they may in one of `groups`; rows whose use is 0 are passed over."""
    if not len(groups):
        return
    guide = sheet.guide
    size = (np.append(opens[1:], len(use)) - opens)[groups]
    rows = np.arange(int(size.sum())) + np.repeat(opens[groups] - (np.cumsum(size) - size), size)
    of_group = np.repeat(groups, size)
    rows, of_group = rows[use[rows] > 0], of_group[use[rows] > 0]
    pair = of_group * len(guide.uses) + use[rows]
    order = np.argsort(pair, kind="stable")
    rows, pair = rows[order], pair[order]
    nth = np.arange(len(pair)) - np.searchsorted(pair, pair)
    over = rows[nth == guide.most[use[rows]]]
    messages = []
    for number in use[over].tolist():
        one = guide.uses[number]
        times = "once" if one.most == 1 else f"{one.most} times"
        messages.append(f"{one.label} may come {times} in {NAMES[one.loop]} ({one.loop})")
    found.add(sheet.placed, "X12-SEG-REPEAT", over, messages)


def _missing(sheet: Sheet, found: Found, opens: Rows, unknown: Flags) -> None:
    """Required segments that their loop lacks; one that is there under a wrong qualifier is told as that."""
    loops = sheet.placed.loop[opens]
    lacking = sheet.guide.required[loops] & ~sheet.held
    ends = np.append(opens[1:], len(sheet.window))
    for group in np.flatnonzero(lacking).tolist():
        begin, end = int(opens[group]), int(ends[group])
        wrong = {int(i) for i in sheet.window.id[begin:end][unknown[begin:end]]}
        loop = LOOPS[int(loops[group])]
        for use in sheet.guide.uses:
            if (
                use.loop != loop
                or not lacking[group] & (1 << use.bit)
                or not use.required
                or packed(use.segment) in wrong
            ):
                continue
            found.add(
                sheet.placed,
                "X12-SEG-MISSING",
                np.array([begin]),
                f"{use.label} is missing in {NAMES[loop]} ({loop})",
            )


def _loops(sheet: Sheet, found: Found, opens: Rows, unknown: Flags, last_open: int) -> int:
    tree = nesting()
    loops = sheet.placed.loop[opens].astype(np.int64)
    new = int(np.searchsorted(opens, sheet.window.context))
    before = np.append([0], loops[:-1])
    if new < len(before):
        before[new] = last_open
    step = tree.step[before, loops]
    step[:new] = _FINE
    for k in np.flatnonzero(step == _LATE).tolist():
        name, earlier = LOOPS[loops[k]], LOOPS[before[k]]
        message = f"{NAMES[name]} ({name}) cannot follow {NAMES[earlier]} ({earlier})"
        found.add(sheet.placed, "X12-LOOP-ORDER", opens[[k]], message)
    for k in np.flatnonzero(step == _LOST).tolist():
        name = LOOPS[loops[k]]
        if name in _ENVELOPE:
            continue
        parents = " or ".join(parent for parent, children in _children().items() if name in children)
        message = f"{NAMES[name]} ({name}) stands outside its loop ({parents})"
        found.add(sheet.placed, "X12-LOOP-ORDER", opens[[k]], message)
    _count_of_loops(sheet, found, opens, loops, tree)
    _missing_loops(sheet, found, opens, loops, tree, unknown)
    return int(loops[-1])


def _count_of_loops(sheet: Sheet, found: Found, opens: Rows, loops: Rows, tree: Nesting) -> None:
    """Loops that come more often in their parent than they may."""
    for parent, children in _children().items():
        starts = np.flatnonzero(loops == LOOP[parent])
        if not len(starts):
            continue
        for name, (_, most, _) in children.items():
            if most > _COUNTED or (parent, name) in _COUNTED_ACROSS:
                continue
            those = np.flatnonzero(loops == LOOP[name])
            if len(those) <= most:
                continue
            owner = np.searchsorted(starts, those)
            nth = np.arange(len(those)) - np.searchsorted(owner, owner)
            over = those[nth == most]
            times = "once" if most == 1 else f"{most} times"
            message = f"{NAMES[name]} ({name}) may come {times} in {NAMES[parent]} ({parent})"
            found.add(sheet.placed, "X12-LOOP-REPEAT", opens[over], message)


def _missing_loops(
    sheet: Sheet, found: Found, opens: Rows, loops: Rows, tree: Nesting, unknown: Flags
) -> None:
    """Areas without a loop that they must have; a name that opens no loop is taken for the one that is missing."""
    areas = np.flatnonzero(np.isin(loops, [LOOP[name] for name in _AREAS]))
    if not len(areas):
        return
    held = np.bitwise_or.reduceat(tree.once[loops], areas)
    lacking = tree.required[loops[areas]] & ~held
    lines = np.append(areas[1:], len(loops))
    for k in np.flatnonzero(lacking).tolist():
        begin = int(opens[areas[k]])
        end = int(opens[lines[k]]) if lines[k] < len(opens) else len(sheet.window)
        if (unknown[begin:end] & (sheet.window.id[begin:end] == packed("NM1"))).any():
            continue
        area = LOOPS[loops[areas[k]]]
        for name in _children()[area]:
            if lacking[k] & int(tree.once[LOOP[name]]):
                message = f"{NAMES[name]} ({name}) is missing in {NAMES[area]} ({area})"
                found.add(sheet.placed, "X12-LOOP-MISSING", opens[areas[[k]]], message)
    claims = opens[loops == LOOP["2300"]]
    lx = opens[loops == LOOP["2400"]]
    nth = np.searchsorted(lx, claims)
    until = np.append(claims[1:], len(sheet.window))
    following = np.append(lx, len(sheet.window))[nth]
    message = "the claim has no service line (2400)"
    found.add(sheet.placed, "X12-LOOP-MISSING", claims[following >= until], message)


@cache
def _children() -> dict[str, dict[str, tuple[bool, int, int]]]:
    """By parent and child: whether it must be there, how often it may be, and its order."""
    tree: dict[str, dict[str, tuple[bool, int, int]]] = {}
    for parent, text in TREE.items():
        tree[parent] = {}
        for part in text.split(", "):
            match = _CHILD.match(part)
            if match is None:
                raise ValueError(f"the tree of loops cannot be read at {part!r}")
            tree[parent][match[1]] = (bool(match[2]), int(match[3] or 1), int(match[4]))
    return tree


@cache
def nesting() -> Nesting:
    """The tree of loops as arrays, made once."""
    tree = _children()
    parents: dict[str, list[str]] = {}
    for parent, children in tree.items():
        for child in children:
            parents.setdefault(child, []).append(parent)
    size = len(LOOPS)
    step = np.full((size, size), _LOST, np.uint8)
    step[:, LOOP["ISA"]] = _FINE

    def climb(opened: str, cursor: str) -> int:
        worst_to_best = [_LOST]
        if opened in tree.get(cursor, {}):
            worst_to_best.append(_FINE)
        for parent in parents.get(cursor, []):
            family = tree[parent]
            if opened in family:
                _, most, order = family[opened]
                if opened == cursor:
                    worst_to_best.append(_REPEATED if most == 1 else _FINE)
                else:
                    worst_to_best.append(_FINE if order >= family[cursor][2] else _LATE)
            else:
                worst_to_best.append(climb(opened, parent))
        return min(worst_to_best)

    for before in LOOPS[1:]:
        for opened in LOOPS[1:]:
            if opened != "ISA":
                step[LOOP[before], LOOP[opened]] = climb(opened, before)
    once = np.zeros(size, np.int64)
    required = np.zeros(size, np.int64)
    most = np.full(size, _COUNTED + 1, np.int64)
    for parent, children in tree.items():
        for bit, (name, (need, count, _)) in enumerate(children.items()):
            most[LOOP[name]] = count
            if parent in _AREAS and name not in _AREAS:
                once[LOOP[name]] = 1 << bit
                required[LOOP[parent]] |= int(need) << bit
    return Nesting(step, most, once, required)


_COUNTED: Final = 1000
"""Loops that may come more often than this may come any number of times."""
_COUNTED_ACROSS: Final = {("2000B", "2300"), ("2000C", "2300")}
"""Counted where the hierarchy is checked, because windows end between claims."""
_ENVELOPE: Final = ("ISA", "GS", "ST", "SE", "GE", "IEA")
"""Told by the check of the envelope."""
