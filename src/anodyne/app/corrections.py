"""Which of the offered fixes are made: each while its finding still stands, on claims as others left them.

A fix is made only where it lowers the bill or leaves it, where nothing else of the claim would cease to hold
(see `changes`), and where no new finding follows.  A line goes only where its finding stands whatever becomes
of the other lines that a fix is offered for.  All others are left, with the reason.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import polars as pl

from anodyne.app.changes import (
    BilledClaim,
    BilledLine,
    Change,
    Hindrances,
    Offer,
    amended,
    drops,
    merged,
    why_not,
)
from anodyne.app.copies import Copies
from anodyne.model.book import Book
from anodyne.x12.splice import SETTABLE

KEY: Final = ("rule", "outcome", "claim_key", "line_key")
"""What two findings share that are the same: not their words, which name other lines by number."""
LINES_AT_ONCE: Final = 100_000
"""About how many lines are judged together where changes are tried side by side."""
ROUNDS: Final = 5
"""How often fixes are chosen anew on what was made, before those of a patient are given up."""
_LAST: Final = "no line of the claim would be left: whether it goes is for a person"
_CIRCLE: Final = "its reason may go with another line that is questioned: which of them stays is for a person"
_RESTLESS: Final = "the fixes of this patient undo each other: which of them are made is for a person"

Judge = Callable[[Book], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Left:
    """A fix that is not made, and why."""

    claim_key: int
    line_key: int
    rules: tuple[str, ...]
    fixes: tuple[str, ...]
    """As JSON, in the form of the command line's contract; several where they contradict each other."""
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes to a book, in no order, and what is left."""

    changes: tuple[Change, ...]
    left: tuple[Left, ...]


def plan(book: Book, judge: Judge, wanted: Collection[str], hindrances: Hindrances) -> Plan:
    """The fixes offered by the rules `wanted` that are made on `book`, in which each patient is whole."""
    return _Planner(book, judge, wanted, hindrances).plan()


def counted(findings: pl.DataFrame, *within: str) -> pl.DataFrame:
    """How often each finding occurs, by KEY and the columns `within`."""
    return findings.group_by(*within, *KEY).len()


def beyond(found: pl.DataFrame, before: pl.DataFrame, *within: str) -> pl.DataFrame:
    """The rows of `found` that occur more often than in `before`; both as `counted`."""
    by = [*within, *KEY]
    return (
        found.join(before, on=by, how="left", nulls_equal=True, suffix="_before", maintain_order="left")
        .filter(pl.col("len") > pl.col("len_before").fill_null(0))
        .select(by)
    )


class _Trial(NamedTuple):
    """Changes to be made to a copy of a patient's claims, to see what becomes of another change."""

    patient: int
    of: Change
    made: Sequence[Change]


def _stands(change: Change, found: pl.DataFrame) -> bool:
    """Whether one of the rules that want `change` still finds its line."""
    of_line = pl.col("line_key") == change.line_key
    return not found.filter(of_line & pl.col("rule").is_in(change.rules)).is_empty()


class _Planner:
    """The state of a book while fixes are made on it."""

    def __init__(self, book: Book, judge: Judge, wanted: Collection[str], hindrances: Hindrances) -> None:
        self._given = book
        self._judge = judge
        self._wanted = list(wanted)
        self._hindrances = hindrances
        self._patient = dict(book.claims.select("claim_key", "patient").iter_rows())
        self._line_claims = dict(book.lines.select("line_key", "claim_key").iter_rows())
        self._state = book
        self._found = judge(book)
        self._changes: dict[int, list[Change]] = {}
        """By patient, in the order in which they were made."""
        self._refused: dict[int, str] = {}
        """By line, why what is offered now is not made."""
        self._taken_back: dict[int, str] = {}
        """By line, what the fix brought when it was tried, as its patient's claims stood then."""
        self._careful: set[int] = set()
        """The patients whose fixes are tried one by one, as together they brought something."""
        self._sure: dict[int, bool] = {}
        """By line that is to go, whether its finding stands without the other lines that are questioned."""
        self._restless: set[int] = set()
        """The patients whose fixes are given up, as they never came to rest."""

    def plan(self) -> Plan:
        moved: set[int] = set()
        for _ in range(ROUNDS):
            self._taken_back, self._sure = {}, {}
            self._careful.clear()
            moved = self._settle()
            if not moved:
                break
        if moved:
            self._give_up(moved)
        left = [
            Left(offer.claim_key, offer.line_key, offer.rules, offer.fixes, self._why(offer))
            for offer in self._offers()
        ]
        return Plan(tuple(_together(self._changes)), tuple(left))

    def _settle(self) -> set[int]:
        """Make what can be made on the claims as they stand, and undo the needless; whose claims changed."""
        moved: set[int] = set()
        while chosen := self._chosen():
            moved |= self._try(chosen)
        return moved | (self._undo_the_needless() if moved else set())

    def _give_up(self, patients: Collection[int]) -> None:
        self._restless |= {*patients}
        for patient in patients:
            self._changes.pop(patient, None)
        trial = amended(self._given, _together(self._changes))
        found, _ = self._judged(trial, patients)
        self._accept(trial, found, patients)

    def _why(self, offer: Offer) -> str:
        if self._patient[offer.claim_key] in self._restless:
            return _RESTLESS
        return {**self._refused, **self._taken_back}[offer.line_key]

    def _offers(self) -> Iterator[Offer]:
        """What is offered now, line by line."""
        offered = self._found.drop_nulls(["fix", "line_key"]).filter(pl.col("rule").is_in(self._wanted))
        by_line = (
            offered.sort("claim_key", "line_key", "rule")
            .group_by("claim_key", "line_key", maintain_order=True)
            .agg(pl.col("rule").unique(maintain_order=True), pl.col("fix").unique(maintain_order=True))
        )
        for claim_key, line_key, rules, fixes in by_line.iter_rows():
            yield Offer(claim_key, line_key, tuple(rules), tuple(fixes))

    def _chosen(self) -> dict[int, list[Change]]:
        """By patient, the changes to try next: one of each claim, and of a careful patient only one."""
        offers = list(self._offers())
        open_ = self._open(offers)
        self._make_sure(offers, open_)
        chosen: dict[int, list[Change]] = {}
        for change in sorted(open_, key=lambda one: one.values is not None):
            patient = self._patient[change.claim_key]
            others = chosen.get(patient, [])
            if change.values is None and not self._sure[change.line_key]:
                self._refused[change.line_key] = _CIRCLE
            elif others and (
                patient in self._careful or any(one.claim_key == change.claim_key for one in others)
            ):
                continue
            else:
                chosen[patient] = [*others, change]
        return chosen

    def _open(self, offers: Sequence[Offer]) -> list[Change]:
        """The changes of `offers` that nothing stands in the way of; why not is told of the others."""
        claims = self._claims({offer.claim_key for offer in offers})
        dropped = Counter(offer.claim_key for offer in offers if drops(offer))
        self._refused = {}
        open_: list[Change] = []
        for offer in offers:
            if offer.line_key in self._taken_back or self._patient[offer.claim_key] in self._restless:
                continue
            claim = claims[offer.claim_key]
            change = merged(offer)
            if isinstance(change, str):
                self._refused[offer.line_key] = change
            elif change.values is None and dropped[offer.claim_key] == len(claim.lines):
                self._refused[offer.line_key] = _LAST
            elif why := why_not(change, claim, self._hindrances):
                self._refused[offer.line_key] = why
            else:
                open_.append(change)
        return open_

    def _make_sure(self, offers: Sequence[Offer], open_: Sequence[Change]) -> None:
        """Judge each line that is to go, among `open_`, as if all else that is offered were made."""
        offered: dict[int, list[Change]] = {}
        for offer in offers:
            change = merged(offer)
            if isinstance(change, Change):
                offered.setdefault(self._patient[offer.claim_key], []).append(change)
        trials: list[_Trial] = []
        for change in open_:
            if change.values is not None or change.line_key in self._sure:
                continue
            patient = self._patient[change.claim_key]
            others = [one for one in offered[patient] if one.line_key != change.line_key]
            self._sure[change.line_key] = True
            if others:
                trials.append(_Trial(patient, change, others))
        for trial, found, _ in self._side_by_side(self._state, trials):
            self._sure[trial.of.line_key] = _stands(trial.of, found)

    def _claims(self, keys: Collection[int]) -> dict[int, BilledClaim]:
        wanted = pl.DataFrame({"claim_key": list(keys)}, schema={"claim_key": pl.UInt32})
        claims = self._state.claims.join(wanted, on="claim_key", how="semi")
        lines = self._state.lines.join(wanted, on="claim_key", how="semi", maintain_order="left")
        by_claim: dict[int, list[BilledLine]] = {}
        for row in lines.select("claim_key", "line_key", *SETTABLE).iter_rows(named=True):
            by_claim.setdefault(row["claim_key"], []).append(BilledLine(row["line_key"], row))
        return {
            key: BilledClaim(charge, by_claim.get(key, ()))
            for key, charge in claims.select("claim_key", "charge_cents").iter_rows()
        }

    def _try(self, chosen: Mapping[int, Sequence[Change]]) -> set[int]:
        """Make the changes of each patient that bring no new finding and end their own; whose were made."""
        trial = amended(self._state, _together(chosen))
        found, before = self._judged(trial, chosen)
        bad = self._brought(chosen, found, before)
        for patient, why in bad.items():
            if len(chosen[patient]) > 1:
                self._careful.add(patient)
            else:
                self._taken_back[chosen[patient][0].line_key] = why
        made = {patient: changes for patient, changes in chosen.items() if patient not in bad}
        for patient, changes in made.items():
            self._made(patient, changes)
        self._accept(trial if not bad else amended(self._state, _together(made)), found, made)
        return {*made}

    def _brought(
        self, chosen: Mapping[int, Sequence[Change]], found: pl.DataFrame, before: pl.DataFrame
    ) -> dict[int, str]:
        """By patient, what speaks against the changes `chosen`, after which `found` is found."""
        bad: dict[int, str] = {}
        new = beyond(counted(found), counted(before))
        told = found.join(new, on=KEY, how="semi", nulls_equal=True).sort(KEY)
        for row in told.select("claim_key", "rule", "claim", "line", "message").iter_rows(named=True):
            patient = self._patient[row["claim_key"]]
            place = f" on line {row['line']}" if row["line"] is not None else ""
            if row["claim_key"] != chosen[patient][0].claim_key:
                place += f" of claim {row['claim']}"
            why = f"{row['rule']}{place} would follow ({row['message']}); which is right is for a person"
            bad.setdefault(patient, why)
        remaining = set(found.select("rule", "line_key").iter_rows())
        for patient, changes in chosen.items():
            if any((rule, change.line_key) in remaining for change in changes for rule in change.rules):
                bad.setdefault(patient, "the finding would remain")
        return bad

    def _made(self, patient: int, changes: Sequence[Change]) -> None:
        made = {change.line_key: change for change in self._changes.get(patient, ())}
        for change in changes:
            earlier = made.pop(change.line_key, None)
            made[change.line_key] = change if earlier is None else _both(earlier, change)
        self._changes[patient] = list(made.values())
        self._taken_back = {
            line: why
            for line, why in self._taken_back.items()
            if self._patient[self._line_claims[line]] != patient
        }
        self._sure = {
            line: sure
            for line, sure in self._sure.items()
            if sure or self._patient[self._line_claims[line]] != patient
        }

    def _undo_the_needless(self) -> set[int]:
        """Take back each change whose finding has gone with another one; whose were."""
        undone: set[int] = set()
        open_ = {patient for patient, made in self._changes.items() if len(made) > 1}
        while needless := self._needless(open_):
            for patient, change in needless.items():
                self._changes[patient] = [c for c in self._changes[patient] if c is not change]
            trial = amended(self._given, _together(self._changes))
            found, _ = self._judged(trial, needless)
            self._accept(trial, found, needless)
            open_ = {*needless}
            undone |= open_
        return undone

    def _needless(self, patients: Collection[int]) -> dict[int, Change]:
        """Of each of `patients` the first change that could be undone.

        A line that was left out is put back where its own finding would not return, any other change where
        nothing would be found.
        """
        trials = [
            _Trial(patient, change, [one for one in self._changes[patient] if one is not change])
            for patient in patients
            for change in self._changes[patient]
        ]
        needless: dict[int, Change] = {}
        for trial, found, now in self._side_by_side(self._given, trials):
            if trial.of.values is None:
                needed = _stands(trial.of, found)
            else:
                needed = not beyond(counted(found), counted(now)).is_empty()
            if not needed:
                needless.setdefault(trial.patient, trial.of)
        return needless

    def _side_by_side(
        self, given: Book, trials: Sequence["_Trial"]
    ) -> Iterator[tuple["_Trial", pl.DataFrame, pl.DataFrame]]:
        """Each of `trials` made on `given`, with what is found on its patient then, and what is found now."""
        part = of_patients(given, {trial.patient for trial in trials})
        size = dict(
            part.lines.join(part.claims.select("claim_key", "patient"), on="claim_key")
            .group_by("patient")
            .len()
            .iter_rows()
        )
        together: list[_Trial] = []
        room = LINES_AT_ONCE
        for trial in trials:
            together.append(trial)
            room -= size[trial.patient]
            if room <= 0:
                yield from self._judged_copies(part, together)
                together, room = [], LINES_AT_ONCE
        if together:
            yield from self._judged_copies(part, together)

    def _judged_copies(
        self, given: Book, trials: Sequence["_Trial"]
    ) -> Iterator[tuple["_Trial", pl.DataFrame, pl.DataFrame]]:
        copies = Copies(given, [trial.patient for trial in trials])
        changes = (copies.of(place, change) for place, trial in enumerate(trials) for change in trial.made)
        found = copies.named(self._judge(amended(copies.book, changes)))
        now = copies.of_each(self._found.join(given.claims.select("claim_key", "patient"), on="claim_key"))
        then = found.partition_by("copy", as_dict=True)
        stands = now.partition_by("copy", as_dict=True)
        for place, trial in enumerate(trials):
            yield trial, then.get((place,), found.clear()), stands.get((place,), now.clear())

    def _judged(self, trial: Book, patients: Collection[int]) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The findings on `patients` in the book `trial`, and those that stand now."""
        part = of_patients(trial, patients)
        return self._judge(part), self._found.join(part.claims, on="claim_key", how="semi")

    def _accept(self, state: Book, found: pl.DataFrame, patients: Collection[int]) -> None:
        """Take `state`, and of `found` what is of `patients`, for what stands now."""
        self._state = state
        own = pl.DataFrame(
            {"claim_key": [key for key, patient in self._patient.items() if patient in patients]},
            schema={"claim_key": pl.UInt32},
        )
        self._found = pl.concat(
            [
                self._found.join(own, on="claim_key", how="anti"),
                found.join(own, on="claim_key", how="semi"),
            ]
        )


def of_patients(book: Book, patients: Collection[int]) -> Book:
    """The claims of `patients` in `book`, and their lines."""
    wanted = pl.DataFrame({"patient": list(patients)}, schema={"patient": pl.UInt64})
    claims = book.claims.join(wanted, on="patient", how="semi", maintain_order="left")
    return Book(claims, book.lines.join(claims, on="claim_key", how="semi", maintain_order="left"))


def _together(changes: Mapping[int, Sequence[Change]]) -> Iterator[Change]:
    return (change for some in changes.values() for change in some)


def _both(earlier: Change, later: Change) -> Change:
    """Two changes of one line as one."""
    rules = tuple(dict.fromkeys((*earlier.rules, *later.rules)))
    values = None if later.values is None else {**(earlier.values or {}), **later.values}
    return replace(later, rules=rules, values=values)
