"""The best compliant month: which of the programmes that a person marked an entry counts to.

A proposal by integer programming; nothing is applied by itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from anodyne.care.earning import OWN, Ladder

_MOST_SECONDS: Final = 32 * 86_400
"""More than a month has."""
_PER_MOVE: Final = 1e-3
"""Cents: of assignments that bill the same, the one that changes least."""
_UNPRICED: Final = 1e-5
"""Cents of a code whose price is not known: told where it is earned, and nothing is moved for it."""


@dataclass(frozen=True, slots=True)
class Movable:
    """An entry that a person marked as counting to any one of several programmes."""

    entry_id: str
    program: str
    """That under which it is logged."""
    own: bool
    """Whether it is a practitioner's own time."""
    seconds: Mapping[str, int]
    """By programme, the seconds that would count."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One patient and practitioner: what is fixed, what may move, and what it is worth."""

    fixed: Mapping[tuple[str, str], int]
    """By programme and whose time (`practitioner`, `anyone`), the seconds that count whatever is chosen."""
    movable: Sequence[Movable]
    ladders: Mapping[str, Sequence[Ladder]]
    """Of the programmes that nothing stands against."""
    cents: Mapping[str, int]
    """By code, what a unit is allowed; for a code without a price nothing is moved."""
    apart: Sequence[tuple[str, str]]
    """Pairs of codes, or of programmes, of which a month holds one."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One assignment: to which programme each movable entry goes, and what the month then earns."""

    programs: Mapping[str, str]
    codes: Mapping[str, int]
    cents: int


class _Earning(NamedTuple):
    """A code as the solver sees it: its first block is taken or not, its further ones counted."""

    program: str
    ladder: Ladder
    code: str
    seconds: int
    first: bool
    most: int


def best(problem: Problem) -> Choice:
    """The assignment that bills the most."""
    return _Solver(problem).solve({})


def others(problem: Problem) -> Iterator[tuple[str, Choice]]:
    """What else a person could choose: as it is logged (""), and all that may go to each programme there."""
    solver = _Solver(problem)
    yield "", solver.solve({entry.entry_id: entry.program for entry in problem.movable})
    for program in sorted({program for entry in problem.movable for program in entry.seconds}):
        yield (
            program,
            solver.solve(
                {
                    entry.entry_id: program if program in entry.seconds else entry.program
                    for entry in problem.movable
                }
            ),
        )


class _Solver:
    """Columns: one for each movable entry and programme, then one for each code."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.moves = [(entry, program) for entry in problem.movable for program in entry.seconds]
        self.earnings = [*_earnings(problem.ladders)]
        self.width = len(self.moves) + len(self.earnings)

    def solve(self, settled: Mapping[str, str]) -> Choice:
        """The best choice in which entries of `settled` go to the programmes that it names.

        Raises RuntimeError where the solver finds none, which cannot be: to earn nothing is always allowed.
        """
        rows = [*self._rows()]
        constraint = LinearConstraint(
            np.array([row for row, _, _ in rows]), [low for _, low, _ in rows], [high for _, _, high in rows]
        )
        changes = [float(program != entry.program) for entry, program in self.moves]
        result = milp(
            _PER_MOVE * np.array(changes + [0.0] * len(self.earnings)) - self._worth(),
            constraints=constraint,
            bounds=self._bounds(settled),
            integrality=np.ones(self.width),
            options={"mip_rel_gap": 0.0},
        )
        if result.x is None:
            raise RuntimeError(result.message)
        return self._choice(np.rint(result.x).astype(int))

    def _bounds(self, settled: Mapping[str, str]) -> Bounds:
        least, most = [], []
        for entry, program in self.moves:
            there = settled.get(entry.entry_id)
            least.append(float(there == program))
            most.append(float(there in {None, program}))
        return Bounds(
            least + [0.0] * len(self.earnings),
            most + [float(earning.most) for earning in self.earnings],
        )

    def _worth(self) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        cents = [float(self.problem.cents.get(earning.code, _UNPRICED)) for earning in self.earnings]
        return np.array([0.0] * len(self.moves) + cents)

    def _choice(self, taken: Sequence[int]) -> Choice:
        programs = {
            entry.entry_id: program
            for (entry, program), chosen in zip(self.moves, taken, strict=False)
            if chosen
        }
        units = dict(zip((earning.code for earning in self.earnings), taken[len(self.moves) :], strict=True))
        codes = {code: int(count) for code, count in units.items() if count}
        cents = sum(self.problem.cents.get(code, 0) * count for code, count in codes.items())
        return Choice(programs, codes, cents)

    def _rows(self) -> "Iterator[tuple[np.ndarray[tuple[int], np.dtype[np.float64]], float, float]]":
        """Each constraint as a row of coefficients with the least and the most that it may come to."""
        for entry in self.problem.movable:
            yield self._row({(entry.entry_id, program): 1.0 for program in entry.seconds}), 1, 1
        for program, ladders in self.problem.ladders.items():
            for ladder in ladders:
                yield from self._of_ladder(program, ladder)
            yield (
                self._row({}, {one: 1.0 for one in self.earnings if one.program == program and one.first}),
                0,
                1,
            )
        for one, other in self.problem.apart:
            both = {
                earning: 1.0
                for earning in self.earnings
                if earning.first and {earning.code, earning.program} & {one, other}
            }
            yield self._row({}, both), 0, 1

    def _of_ladder(
        self, program: str, ladder: Ladder
    ) -> "Iterator[tuple[np.ndarray[tuple[int], np.dtype[np.float64]], float, float]]":
        own_only = ladder.whose == OWN
        spent = {
            (entry.entry_id, program): float(entry.seconds[program])
            for entry in self.problem.movable
            if program in entry.seconds and (entry.own or not own_only)
        }
        fixed = self.problem.fixed.get((program, ladder.whose), 0)
        mine = [earning for earning in self.earnings if earning.ladder is ladder]
        yield self._row(spent, {earning: -float(earning.seconds) for earning in mine}), -fixed, np.inf
        first = next(earning for earning in mine if earning.code == ladder.first.code)
        for further in mine:
            if not further.first:
                yield self._row({}, {further: 1.0, first: -float(further.most)}), -np.inf, 0
        for barred, most in self._bars(program, ladder, mine):
            # Only as large as it takes: the solver holds to whole numbers within a millionth.
            over = max(0, fixed + sum(spent.values()) - most)
            yield self._row(spent, dict.fromkeys(barred, float(over))), -np.inf, most - fixed + over

    def _bars(
        self, program: str, ladder: Ladder, mine: "Sequence[_Earning]"
    ) -> "Iterator[tuple[Sequence[_Earning], int]]":
        """Codes that are not billed where the time of `ladder` is more than so many seconds.

        As closing the month has it: own time that reaches its block is billed as that or not at all, a short
        code gives way to the first block, and units beyond Medicare's edit hold the month.
        """
        first, further = ladder.first, ladder.next
        if ladder.whose == OWN:
            pooled = [one for one in self.earnings if one.program == program and one.first]
            yield [one for one in pooled if one.ladder is not ladder], first.seconds - 1
        if ladder.short is not None:
            yield [one for one in mine if one.code == ladder.short.code], first.seconds - 1
        if further is not None and further.edit < further.most:
            yield (
                [one for one in mine if one.code == first.code],
                first.seconds + (further.edit + 1) * further.seconds - 1,
            )

    def _row(
        self,
        moves: Mapping[tuple[str, str], float],
        earnings: "Mapping[_Earning, float] | None" = None,
    ) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        earned = earnings or {}
        return np.array(
            [moves.get((entry.entry_id, program), 0.0) for entry, program in self.moves]
            + [earned.get(earning, 0.0) for earning in self.earnings]
        )


def _earnings(ladders: Mapping[str, Sequence[Ladder]]) -> Iterator[_Earning]:
    for program, some in ladders.items():
        for ladder in some:
            first, further, short = ladder.first, ladder.next, ladder.short
            yield _Earning(program, ladder, first.code, first.seconds, first=True, most=1)
            if further is not None:
                most = min(further.most, further.edit, _MOST_SECONDS // further.seconds)
                yield _Earning(program, ladder, further.code, further.seconds, first=False, most=most)
            if short is not None:
                yield _Earning(program, ladder, short.code, short.seconds, first=True, most=1)
