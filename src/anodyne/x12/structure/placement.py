"""Where segments stand within their loops: unknown, misplaced, out of order, repeated, missing."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from anodyne.x12.loops import LOOPS
from anodyne.x12.segments import Flags, Rows, packed
from anodyne.x12.structure.elements import shown
from anodyne.x12.structure.fields import Sheet
from anodyne.x12.structure.found import Found
from anodyne.x12.structure.guide import NAMES

Gap = tuple[int, int, str]
"""From a row up to another, the loop that is missing there."""

_NAMES_AND_PAYERS: Final = (packed("NM1"), packed("SBR"))


@dataclass(frozen=True, slots=True)
class _Misfit:
    """Why a segment is no use of its loop, and the loops it could stand in."""

    rule: str
    message: str
    homes: frozenset[str]


def check_placement(sheet: Sheet, found: Found, gaps: list[Gap]) -> None:
    """Segments that do not stand where and as often as the guide says; a missing loop tells of its own."""
    opens = sheet.placed.opens
    if not len(opens):
        return
    opened = np.zeros(len(sheet.window), np.int64)
    opened[opens] = 1
    group = np.cumsum(opened) - 1
    use = sheet.use
    if sheet.unknown.any():
        hidden = _behind_unknown(sheet, group)
        _misfits(sheet, found, hidden, group, gaps)
        use = np.where(hidden, 0, use)
    again = _count(sheet, found, opens, use)
    _order(sheet, found, group, np.where(again, 0, use) if again.any() else use)
    _missing(sheet, found, opens)


def _behind_unknown(sheet: Sheet, group: Rows) -> Flags:
    """The rows after a name or level that is none: what they say has no home, and is no defect of its own."""
    ids = sheet.window.id
    level = sheet.unknown & (ids == packed("HL"))
    name = sheet.unknown & np.isin(ids, _NAMES_AND_PAYERS)
    opens = sheet.placed.opens
    hidden: Flags = _after(level, opens, group) | (_after(name, opens, group) & ~name & ~level)
    return hidden


def _after(marked: Flags, opens: Rows, group: Rows) -> Flags:
    """The rows that come after a marked one in the same loop."""
    running: Rows = np.cumsum(marked)
    before: Rows = running[opens] - marked[opens]
    behind: Flags = running - marked > before[np.maximum(group, 0)]
    return behind


def _misfits(sheet: Sheet, found: Found, hidden: Flags, group: Rows, gaps: list[Gap]) -> None:
    """Tells the first of each run of segments that could stand in one other loop."""
    window = sheet.window
    known: dict[tuple[int, int, int, bytes], _Misfit] = {}
    told: dict[str, tuple[list[int], list[str]]] = {}
    last = -2
    homes: frozenset[str] = frozenset()
    for row in np.flatnonzero(sheet.unknown & ~hidden).tolist():
        head = bytes(window.data[window.start[row] : min(window.start[row] + 40, window.end[row])])
        key = (int(sheet.placed.loop[row]), int(window.id[row]), int(window.qualifier[row]), head)
        key = (*key[:3], b"" if sheet.number[row] and window.id[row] != packed("HL") else head)
        misfit = known.setdefault(key, _NOTHING)
        if misfit is _NOTHING:
            misfit = known[key] = _misfit(sheet, row)
        follows = last == row - 1 and group[last] == group[row] and bool(homes & misfit.homes)
        last, homes = row, misfit.homes
        if follows or any(a <= row < b and name in misfit.homes for a, b, name in gaps):
            continue
        rows, messages = told.setdefault(misfit.rule, ([], []))
        rows.append(row)
        messages.append(misfit.message)
    for rule, (numbers, messages) in told.items():
        rows_ = np.array(numbers)
        at = window.element(rows_, 1)[0] if rule == "X12-QUALIFIER" else None
        found.add(sheet.placed, rule, rows_, messages, at=at)


def _misfit(sheet: Sheet, row: int) -> _Misfit:
    window, guide = sheet.window, sheet.guide
    loop = LOOPS[int(sheet.placed.loop[row])]
    start = int(window.start[row])
    stop = min(int(window.marks[window.first[row]]), int(window.end[row]))
    number = int(sheet.number[row])
    if number == 0:
        name = shown(sheet, start, stop) if stop > start else "without id"
        return _Misfit(
            "X12-SEG-UNKNOWN", f"segment {name} is no segment of a professional claim", frozenset()
        )
    segment = bytes(window.data[start:stop]).decode("latin-1")
    if segment == "HL":
        begin, end = window.element(np.array([row]), 3)
        level = shown(sheet, int(begin[0]), int(end[0]))
        return _Misfit("X12-HL-LEVEL", f"HL03 {level} is not 20, 22 or 23", frozenset())
    where = f"{NAMES.get(loop, 'the file')} ({loop or 'before any loop'})"
    begin, end = window.element(np.array([row]), 1)
    qualifier = int(window.qualifier[row]).to_bytes(4, "little").rstrip(b"\0").decode("latin-1")
    value = shown(sheet, int(begin[0]), min(int(end[0]), int(begin[0]) + len(qualifier))) or "(empty)"
    uses = [use for use in guide.uses if use.segment == segment]
    fitting = [use for use in uses if not use.qualifiers or qualifier in use.qualifiers]
    if not fitting:
        allowed = sorted({code for use in uses if use.loop == loop for code in use.qualifiers})
        hint = f"; {', '.join(allowed)} can be" if allowed else ""
        return _Misfit("X12-QUALIFIER", f"{segment}01 {value} is not used in {where}{hint}", frozenset())
    label = f"{segment}*{value}" if guide.qualified[number] else segment
    homes = list(dict.fromkeys(use.loop for use in fitting))
    words = _listed(homes, "or")
    return _Misfit(
        "X12-SEG-PLACE", f"{label} does not belong in {where}; it belongs in {words}", frozenset(homes)
    )


def _listed(words: list[str], last: str) -> str:
    """Words as a list: `N3, N4 and DMG`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def _count(sheet: Sheet, found: Found, opens: Rows, use: Rows) -> Flags:
    """Tells segments repeated too often, loop by loop; gives them."""
    guide = sheet.guide
    over = np.zeros(len(use), np.bool_)
    single = guide.single[use]
    twice = np.flatnonzero(np.add.reduceat(single, opens) != np.bitwise_or.reduceat(single, opens))
    if len(twice):
        _repeated(sheet, found, opens, twice, np.where(guide.most[use] == 1, use, 0), over)
    several = np.flatnonzero(guide.most[use] > 1)
    several = several[several >= opens[0]]
    per_group = np.bincount(np.searchsorted(opens, several, "right") - 1, minlength=1)
    many = np.flatnonzero(per_group > 1)
    if len(many):
        _repeated(sheet, found, opens, many, np.where(guide.most[use] > 1, use, 0), over)
    return over


def _repeated(sheet: Sheet, found: Found, opens: Rows, groups: Rows, use: Rows, over: Flags) -> None:  # noqa: PLR0917 -- columns of one window
    """Marks and tells uses that come more often than they may in one of `groups`; use 0 is passed over."""
    guide = sheet.guide
    size = (np.append(opens[1:], len(use)) - opens)[groups]
    rows = np.arange(int(size.sum())) + np.repeat(opens[groups] - (np.cumsum(size) - size), size)
    of_group = np.repeat(groups, size)
    rows, of_group = rows[use[rows] > 0], of_group[use[rows] > 0]
    pair = of_group * len(guide.uses) + use[rows]
    order = np.argsort(pair, kind="stable")
    rows, pair = rows[order], pair[order]
    nth = np.arange(len(pair)) - np.searchsorted(pair, pair)
    over[rows[nth >= guide.most[use[rows]]]] = True
    first = rows[nth == guide.most[use[rows]]]
    messages = []
    for number in use[first].tolist():
        one = guide.uses[number]
        times = "once" if one.most == 1 else f"{one.most} times"
        messages.append(f"{one.label} may come {times} in {NAMES[one.loop]} ({one.loop})")
    found.add(sheet.placed, "X12-SEG-REPEAT", first, messages)


def _order(sheet: Sheet, found: Found, group: Rows, use: Rows) -> None:
    rows = np.flatnonzero(use > 0)
    order = sheet.guide.order[use[rows]]
    back = np.flatnonzero(order[1:] < order[:-1]) + 1
    back = back[group[rows[back]] == group[rows[back - 1]]]
    late, before = rows[back], rows[back - 1]
    uses = sheet.guide.uses
    pairs = [(uses[a], uses[b]) for a, b in zip(use[late].tolist(), use[before].tolist(), strict=True)]
    messages = [f"{a.label} comes before {b.label} in {NAMES[a.loop]} ({a.loop})" for a, b in pairs]
    found.add(sheet.placed, "X12-SEG-ORDER", late, messages)


def _missing(sheet: Sheet, found: Found, opens: Rows) -> None:
    """Required segments that their loop lacks; one that is there under a wrong qualifier is told as that."""
    loops = sheet.placed.loop[opens]
    lacking = sheet.guide.required[loops] & ~sheet.held
    ends = np.append(opens[1:], len(sheet.window))
    rows, messages = [], []
    for group in np.flatnonzero(lacking).tolist():
        begin, end = int(opens[group]), int(ends[group])
        wrong = set(sheet.window.id[begin:end][sheet.unknown[begin:end]].tolist())
        loop = LOOPS[int(loops[group])]
        labels = [
            use.label
            for use in sheet.guide.uses
            if use.loop == loop and lacking[group] & (1 << use.bit) and packed(use.segment) not in wrong
        ]
        if labels:
            rows.append(begin)
            verb = "is" if len(labels) == 1 else "are"
            messages.append(f"{_listed(labels, 'and')} {verb} missing in {NAMES[loop]} ({loop})")
    found.add(sheet.placed, "X12-SEG-MISSING", np.array(rows, np.int64), messages)


_NOTHING: Final = _Misfit("", "", frozenset())
