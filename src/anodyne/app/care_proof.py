"""What proves a month of care: what it rests on, the gates it passed, and the arithmetic of its units."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from types import MappingProxyType
from typing import Any, Final

import polars as pl

from anodyne.app.care_month import Month, month_rules
from anodyne.care.clock import month_after
from anodyne.care.earning import OWN, Block, Ladder, ladders
from anodyne.kernel.cite import Cite
from anodyne.model.care import Mode, Program
from anodyne.model.outcome import Outcome
from anodyne.reference.sources import source
from anodyne.reference.tables import Reference
from anodyne.rules.rule import Rule

Row = Mapping[str, Any]
"""A row of one of a month's frames, by the names of its columns."""
SHARED_MINUTES: Final = "CPM-11"
"""The rule by which no minute counts twice."""
_REMOTE: Final = (Mode.VIDEO, Mode.AUDIO)
_RULED: Final = (Outcome.REJECT.value, Outcome.DENY.value)


class State(StrEnum):
    """What becomes of a gate."""

    MET = "met"
    NOT_MET = "not met"
    NOT_TOLD = "not told"
    NOT_NEEDED = "not needed"


class Gate(StrEnum):
    """What must stand in the record before, or beside, the minutes."""

    CONSENT = "consent"
    VISIT = "initiating visit"
    PAIN = "chronic pain"
    CONDITIONS = "chronic conditions"
    PLAN = "care plan"
    SCALE = "validated scale"
    DECISIONS = "decision making, and plan"
    PLACES = "places"
    TELEHEALTH = "telehealth"
    CONTACT = "live contact"
    DISCHARGE = "discharge, contact, visit"
    PAYER = "payer covers it"


@dataclass(frozen=True, slots=True)
class _Asked:
    """By which rules each programme asks for a gate, and which columns must be told."""

    rules: Mapping[str, tuple[str, ...]]
    facts: tuple[str, ...] = ()


_CHRONIC: Final = (Program.CCM, Program.COMPLEX_CCM, Program.PCM)
_MONITORING: Final = (Program.RPM, Program.RTM)
_CONSENTING: Final = (*_CHRONIC, *_MONITORING, Program.BHI)
GATES: Final[Mapping[Gate, _Asked]] = MappingProxyType(
    {
        Gate.CONSENT: _Asked(
            {Program.CPM: ("CPM-09",), **dict.fromkeys(_CONSENTING, ("CM-08",))}, ("consent_on",)
        ),
        Gate.VISIT: _Asked(
            {
                Program.CPM: ("CPM-06",),
                **dict.fromkeys(_CHRONIC, ("CM-07",)),
                **dict.fromkeys(_MONITORING, ("CM-11b",)),
            },
            ("initiated_on",),
        ),
        Gate.PAIN: _Asked({Program.CPM: ("CPM-07", "CPM-07a")}, ("pain_months", "pain_finding")),
        Gate.CONDITIONS: _Asked(dict.fromkeys(_CHRONIC, ("CM-06",)), ("conditions",)),
        Gate.PLAN: _Asked(
            {Program.CPM: ("CPM-08",), **dict.fromkeys((Program.CCM, Program.PCM), ("CM-08b",))}, ("plan_on",)
        ),
        Gate.SCALE: _Asked({Program.CPM: ("CPM-08",)}, ("scale", "scale_on")),
        Gate.DECISIONS: _Asked({Program.COMPLEX_CCM: ("CM-06a",)}, ("complexity", "plan_on")),
        Gate.DISCHARGE: _Asked(
            {Program.TCM: ("CM-TCM",)}, ("discharged_on", "contacted_on", "visited_on", "complexity")
        ),
        Gate.PLACES: _Asked({Program.CPM: ("CPM-15",)}),
        Gate.TELEHEALTH: _Asked({Program.CPM: ("CPM-14",)}),
        Gate.CONTACT: _Asked(dict.fromkeys(_MONITORING, ("CM-LIVE",))),
        Gate.PAYER: _Asked(
            dict.fromkeys((Program.CPM, Program.TCM, *_CONSENTING), ("CM-PAYER",)), ("payer",)
        ),
    }
)
"""In the order in which an auditor asks for them."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A gate of one month, and what its rules found."""

    gate: Gate
    state: State
    rules: tuple[str, ...]
    """The rules that judge it: that which found something where one did; none where no rule asks for it."""


@dataclass(frozen=True, slots=True)
class Sums:
    """The way from seconds to units.

    `rest` is what the first block leaves, `blocks` how many whole further blocks that holds, `units` how many
    of those a month may bear, `left` the seconds that earn nothing.
    """

    ladder: Ladder
    seconds: int

    @property
    def first(self) -> Block | None:
        """The block of the first code earned; None where nothing is."""
        if self.seconds >= self.ladder.first.seconds:
            return self.ladder.first
        return self.ladder.short if self.seconds >= self.ladder.least else None

    @property
    def rest(self) -> int:
        """The seconds beyond the first block."""
        return self.seconds - (0 if self.first is None else self.first.seconds)

    @property
    def step(self) -> Block | None:
        """The further block; None where the first is not whole, or nothing follows it."""
        return self.ladder.next if self.first is self.ladder.first else None

    @property
    def blocks(self) -> int:
        """Whole further blocks."""
        return 0 if self.step is None else self.rest // self.step.seconds

    @property
    def units(self) -> int:
        """Further blocks that a month may bear by the code itself."""
        return 0 if self.step is None else min(self.blocks, self.step.most)

    @property
    def left(self) -> int:
        """The seconds that earn nothing."""
        return self.rest - (0 if self.step is None else self.units * self.step.seconds)


@dataclass(frozen=True, slots=True)
class Part:
    """One programme of a proof."""

    row: Row = field(repr=False)
    entries: tuple[Row, ...] = field(repr=False)
    overlaps: tuple[Row, ...] = field(repr=False)
    findings: tuple[Row, ...] = field(repr=False)
    gates: tuple[Judged, ...]
    sums: Sums | None
    """None for a programme that counts no minutes, or has no codes in the month."""
    would: Sums | None
    """What the time would come to without gates, where they leave nothing of it."""
    own: Sums | None
    """The practitioner's own time, where it does not reach a ladder of its own and all time counts."""
    limits: tuple[tuple[Block, int], ...]
    """Each code earned with its units, and its block, which bears the limits."""


@dataclass(frozen=True, slots=True)
class Authority:
    """A rule, or the codes of a table, that a proof rests on, and where it was read."""

    name: str
    title: str
    """Of a rule; empty for a table."""
    cites: tuple[Cite, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """All that a month of one patient and practitioner rests on."""

    patient: str
    practitioner: str
    parts: tuple[Part, ...]
    authorities: tuple[Authority, ...]


def proofs(month: Month, reference: Reference) -> Iterator[Proof]:
    """The proof of each patient and practitioner of `month`, by the `reference` that it was closed with."""
    maker = _Maker(month, reference)
    rows = month.results.sort("month_key").iter_rows(named=True)
    logged = month.entries.sort("month_key", maintain_order=True).iter_rows(named=True)
    entries = groupby(logged, key=lambda entry: entry["month_key"])
    waiting = next(entries, None)
    for (patient, practitioner), some in groupby(rows, key=lambda row: (row["patient"], row["practitioner"])):
        parts = []
        for row in some:
            own: tuple[Row, ...] = ()
            if waiting is not None and waiting[0] == row["month_key"]:
                own = tuple(waiting[1])
                waiting = next(entries, None)
            parts.append(maker.part(row, own))
        yield Proof(patient, practitioner, tuple(parts), maker.authorities(parts))


class _Maker:
    """Makes the parts of every proof of one month."""

    def __init__(self, month: Month, reference: Reference) -> None:
        self._reference = reference
        self._month = month.month
        self._ladders = ladders(month.month, reference)
        self._findings = _by(month.findings.iter_rows(named=True), "month_key")
        self._overlaps = _by(month.conflicts.iter_rows(named=True), "one", "other")
        self._rules = _in_force(month)
        self._minutes = dict(_live(reference, "care_codes", month.month).select("code", "cite").iter_rows())

    def part(self, row: Row, entries: tuple[Row, ...]) -> Part:
        """The part of the month `row` that rests on `entries`."""
        found = tuple(self._findings.get(row["month_key"], ()))
        sums = self._sums(row, "")
        shown = self._sums(row, "would_") if row["gated_away"] else sums
        return Part(
            row,
            entries,
            tuple(self._overlaps_of(entries)),
            found,
            tuple(self._gates(row, entries, found)) if row["enrolled"] else (),
            sums,
            shown if row["gated_away"] else None,
            self._own(row, sums),
            tuple(_limits(shown)),
        )

    def authorities(self, parts: Sequence[Part]) -> tuple[Authority, ...]:
        """What `parts` rest on: the table of minutes first, then each rule by its id."""
        blocks = [block for part in parts for block in _blocks(part.would or part.sums)]
        named = {rule for part in parts for gate in part.gates for rule in gate.rules}
        named |= {finding["rule"] for part in parts for finding in part.findings}
        if any(part.overlaps for part in parts):
            named.add(SHARED_MINUTES)
        rules = [self._rules[name] for name in sorted(named) if name in self._rules]
        codes = dict.fromkeys(block.code for block in blocks)
        read: dict[str, list[str]] = {}
        for code in codes:
            read.setdefault(self._minutes[code], []).append(code)
        return (
            *(
                Authority(", ".join(some), "", (source(name).cite("minutes of a unit"),))
                for name, some in read.items()
            ),
            *self._edit(blocks),
            *(Authority(rule.id, rule.title, rule.cites) for rule in rules),
        )

    def _edit(self, blocks: Iterable[Block]) -> Iterator[Authority]:
        """By which edition of Medicare's unit edits the limits are told."""
        known = [block.code for block in blocks if block.edit_known]
        part = self._reference.in_force_on("mue", self._month)
        if known and part is not None:
            edition = part.edition
            section = f"most units, edition {edition.period}"
            yield Authority(", ".join(dict.fromkeys(known)), "", (source(edition.source).cite(section),))

    def _overlaps_of(self, entries: tuple[Row, ...]) -> Iterator[Row]:
        """Each overlap of one of `entries`, once."""
        if not self._overlaps:
            return
        seen = set()
        for entry in entries:
            for pair in self._overlaps.get(entry["entry_id"], ()):
                ids = (pair["one"], pair["other"])
                if ids not in seen:
                    seen.add(ids)
                    yield pair

    def _sums(self, row: Row, prefix: str) -> Sums | None:
        """The way from the seconds of `row` to what it earns; for nothing, to the nearest unit."""
        whose, goal = row[f"{prefix}whose"], row[f"{prefix}goal_code"]
        some = (Sums(one, _seconds(row, one, prefix)) for one in self._ladders.get(row["program"], ()))
        nearest = sorted(some, key=lambda one: one.ladder.least - one.seconds)
        return next((one for one in nearest if _fits(one.ladder, whose, goal)), None)

    def _own(self, row: Row, sums: Sums | None) -> Sums | None:
        """A practitioner's own time that falls short of a ladder of its own, where all time counts."""
        own = next((one for one in self._ladders.get(row["program"], ()) if one.whose == OWN), None)
        if sums is None or own is None or sums.ladder is own:
            return None
        return Sums(own, _seconds(row, own, ""))

    def _gates(self, row: Row, entries: Sequence[Row], found: Sequence[Row]) -> Iterator[Judged]:
        for gate, asked in GATES.items():
            rules = tuple(rule for rule in asked.rules.get(row["program"], ()) if rule in self._rules)
            told = next((one for one in found if one["rule"] in rules), None)
            state = _state(gate, asked, row, entries, told) if rules else State.NOT_NEEDED
            yield Judged(gate, state, rules if told is None else (told["rule"],))


def _state(gate: Gate, asked: _Asked, row: Row, entries: Sequence[Row], told: Row | None) -> State:
    """What the finding `told` of the gate's rule, or its silence, makes of the gate."""
    untold = any(row[name] is None for name in asked.facts)
    if told is not None and told["outcome"] in _RULED:
        return State.NOT_MET
    if told is not None and (told["outcome"] == Outcome.ASK.value or untold):
        return State.NOT_TOLD
    if told is not None and gate is Gate.DECISIONS:
        return State.NOT_MET
    if not _needed(gate, row, entries):
        return State.NOT_NEEDED
    return State.NOT_TOLD if untold else State.MET


def _needed(gate: Gate, row: Row, entries: Sequence[Row]) -> bool:
    """Whether the month has anything for the gate to judge."""
    match gate:
        case Gate.VISIT:
            return not row["prior_months"]
        case Gate.PLACES:
            return bool(entries)
        case Gate.TELEHEALTH:
            return row["filing"] is not None and any(entry["mode"] in _REMOTE for entry in entries)
        case Gate.CONTACT:
            return bool(row["codes"])
        case _:
            return True


def _seconds(row: Row, ladder: Ladder, prefix: str) -> int:
    """The seconds that the ladder counts; of those that would count without gates for the prefix `would_`."""
    whose = "own" if ladder.whose == OWN else "all"
    seconds: int = row[f"{whose}_ungated_seconds" if prefix else f"{whose}_seconds"]
    return seconds


def _fits(ladder: Ladder, whose: str | None, goal: str | None) -> bool:
    if whose is not None:
        return ladder.whose == whose
    return goal is None or (ladder.short or ladder.first).code == goal


def _limits(sums: Sums | None) -> Iterator[tuple[Block, int]]:
    """The codes that `sums` earn, with their units."""
    if sums is None or sums.first is None:
        return
    yield sums.first, 1
    if sums.step is not None and sums.units:
        yield sums.step, sums.units


def _blocks(sums: Sums | None) -> Iterator[Block]:
    """Every block that the arithmetic of `sums` names."""
    if sums is not None:
        ladder = sums.ladder
        yield from (block for block in (ladder.short, ladder.first, ladder.next) if block is not None)


def _in_force(month: Month) -> dict[str, Rule]:
    """The rules that judge the month, by its last day, by id."""
    last = month_after(month.month) - dt.timedelta(days=1)
    return {rule.id: rule for rule in month_rules().values() if last in rule.in_force}


def _live(reference: Reference, table: str, month: dt.date) -> pl.DataFrame:
    return reference.table(table).filter(
        pl.col("from") <= month, pl.col("until").is_null() | (pl.col("until") > month)
    )


def _by(rows: Iterable[Row], *names: str) -> Mapping[Any, list[Row]]:
    """`rows` by what they hold in each of the columns `names`."""
    found: defaultdict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        for name in names:
            found[row[name]].append(row)
    return found
