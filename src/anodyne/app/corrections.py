"""Which of the offered fixes are made: each while its finding still stands, on claims as others left them.

A fix is made only where it lowers the bill or leaves it, where nothing else of the claim would cease to hold
(see `changes`), and where no new finding follows.  All others are left, with the reason.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

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
from anodyne.model.book import Book
from anodyne.model.frames import CLAIMS, LINES
from anodyne.x12.splice import SETTABLE

KEY: Final = ("rule", "outcome", "claim_key", "line_key")
"""What two findings share that are the same: not their words, which name other lines by number."""
LINES_AT_ONCE: Final = 100_000
"""About how many lines are judged together where each change is tried undone."""

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
        """By line, why what is offered is never made."""
        self._taken_back: dict[int, str] = {}
        """By line, what the fix brought when it was tried, as its patient's claims stood then."""
        self._careful: set[int] = set()
        """The patients whose fixes are tried one by one, as together they brought something."""

    def plan(self) -> Plan:
        while chosen := self._chosen():
            self._try(chosen)
        self._undo_the_needless()
        why = {**self._refused, **self._taken_back}
        left = [
            Left(offer.claim_key, offer.line_key, offer.rules, offer.fixes, why[offer.line_key])
            for offer in self._offers()
        ]
        return Plan(tuple(_together(self._changes)), tuple(left))

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
        claims = self._claims({offer.claim_key for offer in offers})
        dropped = Counter(offer.claim_key for offer in offers if drops(offer))
        chosen: dict[int, list[Change]] = {}
        for offer in offers:
            patient = self._patient[offer.claim_key]
            others = chosen.get(patient, [])
            if offer.line_key in self._refused or offer.line_key in self._taken_back:
                continue
            if others and (patient in self._careful or others[-1].claim_key == offer.claim_key):
                continue
            claim = claims[offer.claim_key]
            change = merged(offer)
            if isinstance(change, str):
                self._refused[offer.line_key] = change
            elif change.values is None and dropped[offer.claim_key] == len(claim.lines):
                self._refused[offer.line_key] = (
                    "no line of the claim would be left: whether it goes is for a person"
                )
            elif why := why_not(change, claim, self._hindrances):
                self._refused[offer.line_key] = why
            else:
                chosen[patient] = [*others, change]
        return chosen

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

    def _try(self, chosen: Mapping[int, Sequence[Change]]) -> None:
        """Make the changes of each patient that bring no new finding and end their own."""
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

    def _undo_the_needless(self) -> None:
        """Take back each change whose finding has gone with another one, as long as nothing follows."""
        open_ = {patient: made for patient, made in self._changes.items() if len(made) > 1}
        while needless := self._needless(open_):
            for patient, changes in needless.items():
                self._changes[patient] = [c for c in self._changes[patient] if c is not changes[0]]
            trial = amended(self._given, _together(self._changes))
            found, _ = self._judged(trial, needless)
            self._accept(trial, found, needless)
            open_ = {patient: changes[1:] for patient, changes in needless.items() if len(changes) > 1}

    def _needless(self, open_: Mapping[int, Sequence[Change]]) -> dict[int, list[Change]]:
        """By patient, which of the changes in `open_` could each be undone, and nothing would be found."""
        needless: dict[int, list[Change]] = {}
        part = of_patients(self._given, open_)
        size = dict(
            part.lines.join(part.claims.select("claim_key", "patient"), on="claim_key")
            .group_by("patient")
            .len()
            .iter_rows()
        )
        tried: list[tuple[int, Change]] = []
        room = LINES_AT_ONCE
        for patient, changes in open_.items():
            for change in changes:
                tried.append((patient, change))
                room -= size[patient]
                if room <= 0:
                    self._try_undone(part, tried, needless)
                    tried, room = [], LINES_AT_ONCE
        if tried:
            self._try_undone(part, tried, needless)
        return needless

    def _try_undone(
        self, given: Book, tried: Sequence[tuple[int, Change]], needless: dict[int, list[Change]]
    ) -> None:
        """Judge, side by side, a copy of a patient's claims for each of `tried`, with that change undone."""
        copies = _Copies(given, [patient for patient, _ in tried])
        changes = (
            copies.of(place, change)
            for place, (patient, undone) in enumerate(tried)
            for change in self._changes[patient]
            if change is not undone
        )
        found = copies.named(self._judge(amended(copies.book, changes)))
        now = copies.of_each(self._found.join(given.claims.select("claim_key", "patient"), on="claim_key"))
        new = beyond(counted(found, "copy"), counted(now, "copy"), "copy")
        needed = set(new["copy"].to_list())
        for place, (patient, change) in enumerate(tried):
            if place not in needed:
                needless.setdefault(patient, []).append(change)

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


class _Copies:
    """Copies of patients' claims in one book, each of a patient of its own, with keys of its own."""

    def __init__(self, given: Book, patients: Sequence[int]) -> None:
        self._patients = pl.DataFrame(
            {"copy": range(len(patients)), "patient": patients},
            schema={"copy": pl.UInt64, "patient": pl.UInt64},
        )
        claims = self.of_each(given.claims).sort("copy", "claim_key").with_row_index("own_claim")
        self._claims = claims.select("copy", "claim_key", "own_claim")
        lines = given.lines.join(self._claims, on="claim_key").sort("copy", "line_key")
        self._lines = lines.select("copy", "line_key").with_row_index("own_line")
        self.book = Book(
            claims.with_columns(claim_key="own_claim", patient="copy").select(CLAIMS.keys()),
            lines.with_columns(claim_key="own_claim", line_key=self._lines["own_line"]).select(LINES.keys()),
        )
        self._own_claim = _by_key(self._claims, "claim_key", "own_claim")
        self._own_line = _by_key(self._lines, "line_key", "own_line")

    def of_each(self, rows: pl.DataFrame) -> pl.DataFrame:
        """`rows`, which have a `patient`, once for each copy of the patient, with its number in `copy`."""
        return rows.join(self._patients, on="patient")

    def of(self, copy: int, change: Change) -> Change:
        """`change` as it is on a copy."""
        return replace(
            change,
            claim_key=self._own_claim[copy, change.claim_key],
            line_key=self._own_line[copy, change.line_key],
        )

    def named(self, findings: pl.DataFrame) -> pl.DataFrame:
        """`findings` on the book with the keys that rows had, and their `copy`."""
        return (
            findings.rename({"claim_key": "own_claim", "line_key": "own_line"})
            .join(self._claims, on="own_claim", how="left")
            .join(self._lines.drop("copy"), on="own_line", how="left")
        )


def _by_key(rows: pl.DataFrame, key: str, own: str) -> dict[tuple[int, int], int]:
    return {(copy, one): number for copy, one, number in rows.select("copy", key, own).iter_rows()}
