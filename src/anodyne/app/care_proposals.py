"""The best compliant month: what a person could choose for entries that count to several programmes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from anodyne.app.care_month import Month, close_frames
from anodyne.care.assignment import Choice, Movable, Problem, best, others
from anodyne.care.beside import APART, APART_FOR_PATIENT
from anodyne.care.clock import Clock
from anodyne.care.counting import count
from anodyne.care.earning import ANYONE, OWN, Ladder, ladders
from anodyne.care.months import Status
from anodyne.kernel.errors import BadRequest
from anodyne.model.care import PRACTITIONERS
from anodyne.reference.fees import national_cents
from anodyne.reference.policies import Policies
from anodyne.reference.tables import Reference

_OF_TIME = ("CPM-03", "CM-05", "CM-05a", "CM-08a", "CM-11", "CM-LIVE", "CPM-15", "CPM-14")
"""Rules that speak of the time itself or of what else the month holds: another choice may settle them."""

Codes = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Ground:
    """What a month is closed from."""

    time: pl.DataFrame
    enrolments: pl.DataFrame
    month: Month
    clock: Clock
    reference: Reference
    policies: Policies


@dataclass(frozen=True, slots=True)
class Told:
    """What one assignment bills."""

    codes: Codes
    cents: int
    moves: tuple[tuple[str, str, str], ...]
    """Entries that it counts to another programme than they are logged under: id, from, to."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """For one patient and practitioner: what is billed as logged, and what would be billed at best."""

    patient: str
    practitioner: str
    logged: Told
    best: Told
    alternatives: tuple[tuple[str, Told], ...]
    """All that may go to one programme going there, by programme."""
    marked_by: tuple[str, ...]
    why: str


def propose(
    time: pl.DataFrame,
    enrolments: pl.DataFrame,
    choices: pl.DataFrame,
    month: Month,
    *,
    clock: Clock,
    reference: Reference,
    policies: Policies,
) -> list[Proposal]:
    """For each patient and practitioner with entries in `choices` the assignment that bills the most.

    Only entries that a person marked are moved, only to programmes that were marked for them and against
    which nothing stands; each proposal is proved by closing the month with it.  Where a code that is at stake
    has no price, nothing is proposed.  Nothing is applied.

    Raises BadRequest for a mark of an entry that is not in the log.
    """
    known = set(time["entry_id"])
    strange = [entry for entry in choices["entry_id"] if entry not in known]
    if strange:
        raise BadRequest(
            f"{len(strange)} marked entries are not in the log",
            where="--choices",
            fix="Correct the ids, or give the log that has them.",
        )
    marked = choices.join(time.select("entry_id", "program"), on="entry_id", how="left").with_columns(
        pl.concat_list("program", "programs").list.unique(maintain_order=True).alias("programs")
    )
    ground = _Ground(time, enrolments, month, clock, reference, policies)
    seconds = _seconds(ground, marked)
    steps = ladders(month.month, reference)
    found = []
    for (patient, practitioner), entries in _groups(time, marked):
        problem = _problem((patient, practitioner), entries, seconds, ground, steps)
        if problem is None:
            continue
        alternatives = {program: _told(choice, problem) for program, choice in others(problem)}
        logged, chosen = alternatives.pop(""), _told(best(problem), problem)
        priced = _at_stake(logged.codes, chosen.codes) <= problem.cents.keys()
        if priced and chosen.cents > logged.cents and _holds(chosen, ground, patient, practitioner):
            by = marked.filter(pl.col("entry_id").is_in([entry for entry, _, _ in chosen.moves]))
            found.append(
                Proposal(
                    patient,
                    practitioner,
                    logged,
                    chosen,
                    tuple(alternatives.items()),
                    tuple(by["marked_by"].unique(maintain_order=True)),
                    _why(logged, chosen),
                )
            )
    return found


def _seconds(ground: _Ground, marked: pl.DataFrame) -> dict[tuple[str, str], int]:
    """By entry and programme the seconds of a marked entry that would count there."""
    most = marked["programs"].list.len().max()
    found: dict[tuple[str, str], int] = {}
    for place in range(most if isinstance(most, int) else 0):
        there = marked.select("entry_id", there=pl.col("programs").list.get(place, null_on_oob=True))
        moved = ground.time.join(there, on="entry_id", how="left", maintain_order="left").with_columns(
            program=pl.coalesce("there", "program")
        )
        counted = count(
            moved.drop("there"), ground.enrolments, ground.month.month, ground.clock, ground.reference
        )
        of_marked = (
            counted.pieces.join(there.drop_nulls("there"), on="entry_id", how="semi")
            .group_by("entry_id", "program")
            .agg(pl.col("counted_seconds").sum())
        )
        for entry, program, seconds in of_marked.select("entry_id", "program", "counted_seconds").iter_rows():
            found[entry, program] = seconds
    return found


def _groups(time: pl.DataFrame, marked: pl.DataFrame) -> Iterator[tuple[tuple[str, str], pl.DataFrame]]:
    """The marked entries of each patient and practitioner."""
    told = marked.drop("program").join(
        time.select("entry_id", "patient", "practitioner", "program", "role"), on="entry_id"
    )
    for key, rows in told.group_by("patient", "practitioner", maintain_order=True):
        yield (str(key[0]), str(key[1])), rows


def _problem(
    who: tuple[str, str],
    entries: pl.DataFrame,
    seconds: Mapping[tuple[str, str], int],
    ground: _Ground,
    steps: Mapping[str, Sequence[Ladder]],
) -> Problem | None:
    """What may be chosen for one patient and practitioner; None where nothing may."""
    (patient, practitioner), month = who, ground.month
    results = month.results.filter(patient=patient, practitioner=practitioner).filter("enrolled")
    stopped = month.findings.filter("blocks", ~pl.col("rule").is_in(_OF_TIME))["month_key"]
    free = results.filter(~pl.col("month_key").is_in(stopped.implode()))["program"].to_list()
    movable = [
        Movable(
            row["entry_id"],
            row["program"],
            row["role"] in PRACTITIONERS,
            {
                program: seconds.get((row["entry_id"], program), 0)
                for program in row["programs"]
                if program in free or program == row["program"]
            },
        )
        for row in entries.iter_rows(named=True)
    ]
    if not any(len(entry.seconds) > 1 for entry in movable):
        return None
    moved = {entry.entry_id for entry in movable}
    fixed: dict[tuple[str, str], int] = {}
    staying = month.entries.filter(patient=patient, practitioner=practitioner)
    staying = staying.filter(~pl.col("entry_id").is_in(list(moved)))
    for program, own, spent in staying.select("program", "own", "countable_seconds").iter_rows():
        fixed[program, ANYONE] = fixed.get((program, ANYONE), 0) + spent
        if own:
            fixed[program, OWN] = fixed.get((program, OWN), 0) + spent
    mine = {program: steps[program] for program in free if program in steps}
    cents = _cents(mine, month, ground.reference)
    return Problem(fixed, movable, mine, cents, _apart(month, ground.reference))


def _cents(steps: Mapping[str, Sequence[Ladder]], month: Month, reference: Reference) -> dict[str, int]:
    codes = [
        block.code
        for some in steps.values()
        for ladder in some
        for block in (ladder.first, ladder.next, ladder.short)
        if block is not None
    ]
    asked = pl.DataFrame({"code": codes}, schema={"code": pl.String}).with_columns(
        served_on=month.month, facility=False
    )
    priced = national_cents(asked, reference).drop_nulls("allowed_cents")
    return dict(priced.select("code", "allowed_cents").iter_rows())


def _apart(month: Month, reference: Reference) -> list[tuple[str, str]]:
    """Pairs of codes, and of programmes, of which one month holds one."""
    live = (pl.col("from") <= month.month) & (pl.col("until").is_null() | (pl.col("until") > month.month))
    codes = reference.table("care_exclusives").filter(live, pl.col("kind") != "watch")
    programs = reference.table("care_concurrency").filter(
        live, pl.col("relation").is_in([APART, APART_FOR_PATIENT])
    )
    return [
        *codes.select("paid", "unpaid").iter_rows(),
        *programs.select("program", "other").iter_rows(),
    ]


def _told(choice: Choice, problem: Problem) -> Told:
    moves = tuple(
        (entry.entry_id, entry.program, choice.programs[entry.entry_id])
        for entry in problem.movable
        if choice.programs[entry.entry_id] != entry.program
    )
    return Told(choice.codes, choice.cents, moves)


def _at_stake(logged: Codes, chosen: Codes) -> set[str]:
    """The codes of which one of the two bills other units than the other."""
    return {code for code in {*logged, *chosen} if logged.get(code) != chosen.get(code)}


def _holds(chosen: Told, ground: _Ground, patient: str, practitioner: str) -> bool:
    """Whether the month, closed with these moves, bills just these codes and holds none of them."""
    to = {entry: program for entry, _, program in chosen.moves}
    about = pl.col("patient") == patient
    moved = ground.time.filter(about).with_columns(
        program=pl.col("entry_id").replace_strict(to, default=pl.col("program"), return_dtype=pl.String)
    )
    again = close_frames(
        moved,
        ground.enrolments.filter(about),
        ground.month.month,
        clock=ground.clock,
        reference=ground.reference,
        policies=ground.policies,
    )
    mine = again.results.filter(practitioner=practitioner, status=Status.BILLABLE.value)
    billed: dict[str, int] = {}
    for codes in mine["codes"]:
        for one in codes:
            billed[one["code"]] = billed.get(one["code"], 0) + one["units"]
    return billed == dict(chosen.codes)


def _why(logged: Told, chosen: Told) -> str:
    """What the moves complete, in words."""
    more = [
        f"{code} ×{units - logged.codes.get(code, 0)}"
        for code, units in chosen.codes.items()
        if units > logged.codes.get(code, 0)
    ]
    fewer = [
        f"{code} ×{units - chosen.codes.get(code, 0)}"
        for code, units in logged.codes.items()
        if units > chosen.codes.get(code, 0)
    ]
    told = f"completes {', '.join(more)}"
    return f"{told} in place of {', '.join(fewer)}" if fewer else told
