"""Levels and their numbers: billing provider, subscriber, dependent, claim, line; and who the patient is."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from anodyne.x12.columns import decimal
from anodyne.x12.loops import LOOP
from anodyne.x12.segments import Flags, Rows, packed
from anodyne.x12.structure.fields import ENVELOPE, Sheet
from anodyne.x12.structure.found import Found

_LEVELS: Final = (LOOP["2000A"], LOOP["2000B"], LOOP["2000C"])
_BOUNDS: Final = tuple(LOOP[name] for name in ("ISA", "GS", "ST", "SE", "GE", "IEA"))
_IS_LEVEL: Final = np.isin(np.arange(256), _LEVELS)
_IS_BOUND: Final = np.isin(np.arange(256), _BOUNDS)
_NO_LEVEL: Final = 255
"""Stands for the loop that an HL opens whose level is none."""
_MOST_CLAIMS: Final = 100
_NO_NUMBER: Final = -1
_OF_A_PATIENT: Final = (("N3", "street (N3)"), ("N4", "city (N4)"), ("DMG", "birth date (DMG)"))
_SELF: Final = packed("18")
_MEDICARE: Final = (packed("MA"), packed("MB"))
_FIRST_OR_UNKNOWN: Final = (0, packed("P"), packed("U"))
_BARREN: Final = {
    int(_LEVELS[0]): "the billing level has no subscriber",
    int(_LEVELS[1]): "the subscriber level has neither a claim nor a dependent",
    int(_LEVELS[2]): "the dependent has no claim",
}


@dataclass
class _Level:
    """A level that waits for what follows it."""

    loop: int
    segment: int
    byte: int
    has_child: str
    claims: int


class Hierarchy:
    """Where the numbering of levels stands, and the last level of the window before."""

    def __init__(self) -> None:
        self._waiting: _Level | None = None
        self._count = 0
        self._number = 0
        self._expected = dict.fromkeys((*map(int, _LEVELS), _NO_LEVEL), _NO_NUMBER)

    def check(self, sheet: Sheet, found: Found) -> None:
        """Levels of one window: numbers, parents, and whether what they announce follows."""
        opens, loops = _events(sheet)
        new = int(np.searchsorted(opens, sheet.window.context))
        levels = np.flatnonzero(_IS_LEVEL[loops] | (loops == _NO_LEVEL))
        self._numbers(sheet, found, opens, loops, levels)
        self._what_follows(sheet, found, opens[new:], loops[new:])
        _patients(sheet, found, opens, loops, levels)
        _subscribers(sheet, found)
        _lines(sheet, found)

    def finish(self, found: Found) -> None:
        """The last level of the file."""
        if self._waiting is not None:
            _judge(found, self._waiting, 0)
            self._waiting = None

    def _numbers(self, sheet: Sheet, found: Found, opens: Rows, loops: Rows, levels: Rows) -> None:
        """Levels count from 1 in each transaction; one wrong number is told once, where it is."""
        rows = opens[levels]
        old = int(np.searchsorted(rows, sheet.window.context))
        starts = np.flatnonzero((loops == LOOP["ST"]) & (opens >= sheet.window.context))
        transaction = np.searchsorted(starts, levels)
        given = _whole(sheet, rows, 1)
        fresh = transaction[old:]
        nth = np.arange(len(fresh)) - np.searchsorted(fresh, fresh) + 1 + np.where(fresh == 0, self._count, 0)
        begins = np.diff(fresh, prepend=0) > 0
        before = np.where(begins, 0, np.concatenate(([self._number], given[old:]))[: len(fresh)])
        bad = np.flatnonzero((given[old:] != nth) & (given[old:] != before + 1))
        messages = [f"HL01 should be {number}" for number in (before[bad] + 1).tolist()]
        at = sheet.window.element(rows[old:][bad], 1)[0]
        found.add(sheet.placed, "X12-HL-NUMBER", rows[old:][bad], messages, at=at)
        ends = np.flatnonzero((loops == LOOP["SE"]) & (opens >= sheet.window.context))
        of = np.searchsorted(starts, ends)
        empty = ends[~np.isin(of, fresh) & ((of > 0) | (self._count == 0))]
        message = "the transaction has no billing level (2000A)"
        found.add(sheet.placed, "X12-LOOP-MISSING", opens[empty], message)
        known = np.array([self._expected[loop] for loop in loops[levels[:old]].tolist()], np.int64)
        numbered = _Numbered(rows, loops[levels], given, np.concatenate((known, nth)), transaction)
        _parents(sheet, found, numbered, old)
        if len(fresh):
            self._number, self._count = int(given[-1]), int(nth[-1])
        if len(starts) and (not len(levels) or transaction[-1] < len(starts)):
            self._number = self._count = 0
        for loop in self._expected:
            own = np.flatnonzero(numbered.loops == loop)
            if len(own):
                self._expected[loop] = int(numbered.expected[own[-1]])

    def _what_follows(self, sheet: Sheet, found: Found, opens: Rows, loops: Rows) -> None:
        """Each level against the next level or the end of its transaction, which may be in a later window."""
        window = sheet.window
        is_level = _IS_LEVEL[loops]
        stops = np.flatnonzero(is_level | _IS_BOUND[loops] | (loops == _NO_LEVEL))
        claims = np.concatenate(([0], np.cumsum(loops == LOOP["2300"])))
        if self._waiting is not None:
            if not len(stops):
                self._waiting.claims += int(claims[-1])
                return
            self._waiting.claims += int(claims[stops[0]])
            _judge(found, self._waiting, int(loops[stops[0]]))
            self._waiting = None
        levels = np.flatnonzero(is_level)
        if not len(levels):
            return
        after = np.searchsorted(stops, levels, "right")
        following = np.append(stops, len(loops))[after]
        kind = np.append(loops, 0)[following]
        held = claims[following] - claims[levels]
        own = loops[levels]
        flags = sheet.value(opens[levels], 4)
        wrong_child = (own == _LEVELS[1]) & (flags != np.where(kind == _LEVELS[2], packed("1"), packed("0")))
        wrong_child &= np.isin(flags, (packed("0"), packed("1")))
        barren = _is_barren(own, kind, held)
        suspect = wrong_child | barren | (held > _MOST_CLAIMS)
        suspect[-1] |= following[-1] == len(loops)
        for k in np.flatnonzero(suspect).tolist():
            row = opens[levels[k]]
            level = _Level(
                int(own[k]),
                int(window.segment_number(row)),
                int(window.byte(window.start[row])),
                window.text(int(row), 4),
                int(held[k]),
            )
            if following[k] == len(loops):
                self._waiting = level
            else:
                _judge(found, level, int(kind[k]))


@dataclass(frozen=True, slots=True)
class _Numbered:
    """The levels of a window, those repeated from earlier ones first."""

    rows: Rows
    loops: Rows
    given: Rows
    """HL01."""
    expected: Rows
    """What HL01 should be."""
    transaction: Rows


def _parents(sheet: Sheet, found: Found, levels: _Numbered, old: int) -> None:
    """HL02 against the level above; one whose number is wrong may be meant by that or by the right one."""
    window, numbers = sheet.window, np.arange(len(levels.rows))
    for above, below in ((_LEVELS[0], _LEVELS[1]), (_LEVELS[1], _LEVELS[2])):
        own = np.flatnonzero((levels.loops == below) & (numbers >= old))
        last = np.maximum.accumulate(np.where(levels.loops == above, numbers, -1))[own]
        there = (last >= 0) & (levels.transaction[np.maximum(last, 0)] == levels.transaction[own])
        own, last = own[there], last[there]
        start, end = window.element(levels.rows[own], 2)
        parent = _whole(sheet, levels.rows[own], 2)
        wrong = (parent != levels.given[last]) & (parent != levels.expected[last]) & (end > start)
        right = levels.given[last[wrong]].tolist()
        messages = [f"HL02 should be {number}, the level it stands under" for number in right]
        found.add(sheet.placed, "X12-HL-PARENT", levels.rows[own[wrong]], messages, at=start[wrong])


def _events(sheet: Sheet) -> tuple[Rows, Rows]:
    """The rows that open a loop, and which; an HL of no level is one of them."""
    opens = sheet.placed.opens
    loops = sheet.placed.loop[opens].astype(np.int64)
    strange = np.flatnonzero((sheet.use == 0) & (sheet.window.id == packed("HL")))
    if not len(strange):
        return opens, loops
    rows = np.concatenate((opens, strange))
    order = np.argsort(rows, kind="stable")
    return rows[order], np.concatenate((loops, np.full(len(strange), _NO_LEVEL)))[order]


def _is_barren(own: npt.NDArray[np.int64], following: Rows, claims: Rows) -> Flags:
    no_child = np.where(own == _LEVELS[0], following != _LEVELS[1], following != _LEVELS[2])
    no_child &= following != _NO_LEVEL
    childless = no_child & ((own == _LEVELS[0]) | (claims == 0))
    barren: Flags = childless | ((own == _LEVELS[2]) & (claims == 0) & (following != _NO_LEVEL))
    return barren


def _judge(found: Found, level: _Level, following: int) -> None:
    """A level once it is known what follows it."""
    one = np.array([level.loop])
    if _is_barren(one, np.array([following]), np.array([level.claims]))[0]:
        found.add_at("X12-HL-BARREN", level.segment, level.byte, _BARREN[level.loop])
    elif level.loop == _LEVELS[1] and level.has_child in ("0", "1") and following != _NO_LEVEL:
        has = "1" if following == _LEVELS[2] else "0"
        if level.has_child != has:
            what = "a dependent follows" if has == "1" else "no dependent follows"
            found.add_at("X12-HL-CHILD", level.segment, level.byte, f"HL04 is {level.has_child}, but {what}")
    if level.claims > _MOST_CLAIMS:
        message = f"{level.claims} claims stand at one patient; {_MOST_CLAIMS} may"
        found.add_at("X12-LOOP-REPEAT", level.segment, level.byte, message)


def _patients(sheet: Sheet, found: Found, opens: Rows, loops: Rows, levels: Rows) -> None:
    """Claims at a subscriber who is not the patient, and dependents of one who is."""
    subscribers = sheet.rows("SBR", "2000B")
    if not len(subscribers):
        return
    rows, kinds = opens[levels], loops[levels]
    is_self = sheet.value(subscribers, 2) == _SELF
    blank = np.equal(*sheet.window.element(subscribers, 2))
    claims = opens[loops == LOOP["2300"]]
    level = sheet.last(rows, claims, ENVELOPE)
    at_subscriber = (level >= 0) & (kinds[np.maximum(level, 0)] == _LEVELS[1]) if len(rows) else claims < 0
    claims, level = claims[at_subscriber], level[at_subscriber]
    owner = np.searchsorted(subscribers, claims) - 1
    there = (owner >= 0) & (subscribers[np.maximum(owner, 0)] > rows[level])
    bad = claims[there][blank[owner[there]]]
    message = (
        "the claim stands at the subscriber, but SBR02 does not say that the subscriber is the patient (18)"
    )
    found.add(sheet.placed, "X12-PATIENT", bad, message)
    dependents = rows[kinds == _LEVELS[2]]
    owner = sheet.last(subscribers, dependents, (*ENVELOPE, "2000A", "2000B"))
    bad = dependents[(owner >= 0) & is_self[np.maximum(owner, 0)]]
    found.add(
        sheet.placed,
        "X12-PATIENT",
        bad,
        "a dependent follows, but SBR02 says that the subscriber is the patient (18)",
    )


def _subscribers(sheet: Sheet, found: Found) -> None:
    """What a subscriber needs who is the patient, and the kind of payer."""
    opens, window = sheet.placed.opens, sheet.window
    own = np.flatnonzero(sheet.placed.loop[opens] == LOOP["2010BA"])
    subscribers = sheet.rows("SBR", "2000B")
    if len(subscribers):
        empty = np.equal(*window.element(subscribers, 9))
        message = "SBR09 does not say what kind of payer this is: Medicare's rules were not applied"
        found.add(sheet.placed, "X12-FILING", subscribers[empty], message)
        later = np.isin(sheet.value(subscribers, 9), _MEDICARE) & ~np.isin(
            sheet.value(subscribers, 1), _FIRST_OR_UNKNOWN
        )
        message = "SBR05 does not say why Medicare pays after another payer"
        bad = subscribers[later & np.equal(*window.element(subscribers, 5))]
        found.add(sheet.placed, "X12-MSP", bad, message)
    levels = np.flatnonzero(sheet.placed.loop[opens] == LOOP["2000B"])
    owner = np.searchsorted(subscribers, opens[own]) - 1
    level = np.searchsorted(levels, own) - 1
    there = (owner >= 0) & (level >= 0)
    own, owner, level = own[there], owner[there], level[there]
    if not len(own):
        return
    is_self = sheet.value(subscribers[owner], 2) == _SELF
    is_self &= subscribers[owner] > opens[levels[level]]
    needed = [
        (what, sheet.guide.bit[sheet.guide.numbers(segment, ("2010BA",))[0]])
        for segment, what in _OF_A_PATIENT
    ]
    every = sum(int(bit) for _, bit in needed)
    bad = own[is_self & ((sheet.held[own] & every) != every)]
    messages = []
    for held in sheet.held[bad].tolist():
        lacking = ", ".join(what for what, bit in needed if not held & int(bit))
        messages.append(f"the subscriber is the patient; missing: {lacking}")
    found.add(sheet.placed, "X12-SUBSCRIBER", opens[bad], messages)


def _lines(sheet: Sheet, found: Found) -> None:
    """LX counts from 1 in each claim."""
    rows = sheet.rows("LX", "2400")
    if not len(rows):
        return
    given = _whole(sheet, rows, 1)
    begins = np.flatnonzero(np.diff(np.searchsorted(sheet.placed.bounds, rows), prepend=-1))
    nth = np.arange(len(rows)) - np.repeat(begins, np.diff(begins, append=len(rows))) + 1
    before = np.where(nth == 1, 0, np.concatenate(([0], given[:-1])))
    bad = np.flatnonzero((given != nth) & (given != before + 1) & (given != _NO_NUMBER))
    messages = [f"LX01 should be {number}" for number in (before[bad] + 1).tolist()]
    found.add(sheet.placed, "X12-LX", rows[bad], messages, at=sheet.window.element(rows[bad], 1)[0])


def _whole(sheet: Sheet, rows: Rows, place: int) -> Rows:
    """An element as a whole number; -1 where it is none."""
    value, valid = decimal(sheet.window.data, *sheet.window.element(rows, place), 0)
    return np.where(valid, value, _NO_NUMBER)
