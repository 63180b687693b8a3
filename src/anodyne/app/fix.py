"""A corrected copy of a file: the safe fixes made, and the copy checked again before anybody has it."""

import datetime as dt
import shutil
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import numpy as np
import polars as pl

from anodyne.app.changes import Change, Hindrances
from anodyne.app.check import Progress, Report, check, wanted_ids
from anodyne.app.corrections import KEY, Left, beyond, counted, of_patients, plan
from anodyne.app.home import data_home
from anodyne.app.reading import STANDARD_INPUT
from anodyne.kernel.errors import UnreadableFile
from anodyne.model.book import Book
from anodyne.model.frames import MODIFIERS
from anodyne.model.outcome import Outcome
from anodyne.reference.policies import Policies
from anodyne.reference.tables import Reference, load
from anodyne.x12.splice import SETTABLE, Edit, splice
from anodyne.x12.survey import SOUND, Survey, survey
from anodyne.x12.windows import read_windows

TOLD: Final = ("code", *MODIFIERS, "units", "charge_cents")
"""The columns that are always told of a line that was fixed."""
_WORDS: Final = ("note",)
"""Columns that are never told: they may name a person."""
_STRUCTURAL: Final = "X12-"
_COUNTED: Final = {"claim_key": pl.UInt32, "line_key": pl.UInt32}


class FixedLine(NamedTuple):
    """A line that was fixed: the columns of `frames.LINES` in TOLD, and those that changed."""

    line: int | None
    """Its number in the file given."""
    rules: tuple[str, ...]
    before: Mapping[str, Any]
    after: Mapping[str, Any] | None
    """None where the line was left out."""


class FixedClaim(NamedTuple):
    """A claim that was fixed."""

    claim: str | None
    segment: int
    """Where it starts in the file given."""
    before_cents: int
    after_cents: int
    lines: tuple[FixedLine, ...]


class LeftLine(NamedTuple):
    """A line for which a fix was offered that was not made."""

    claim: str | None
    line: int | None
    served_on: dt.date | None
    """Claims may share an id: the day tells them apart."""
    code: str | None
    modifiers: tuple[str | None, ...]
    rules: tuple[str, ...]
    fixes: tuple[str, ...]
    """As JSON, in the form of the command line's contract; several where they contradict each other."""
    why: str


@dataclass(frozen=True, slots=True)
class Fixed:
    """What was fixed, and the check of the corrected copy."""

    name: str
    """What the copy is called."""
    claims: tuple[FixedClaim, ...]
    left: tuple[LeftLine, ...]
    report: Report
    """What remains in the copy.  Close it once it is told."""

    @property
    def removed_cents(self) -> int:
        """How much less is billed."""
        return sum(claim.before_cents - claim.after_cents for claim in self.claims)


def fix(
    path: str,
    out: BinaryIO,
    *,
    name: str,
    history: Sequence[str] = (),
    as_of: dt.date,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    reference: Reference | None = None,
    policies: Policies | None = None,
    progress: Progress | None = None,
) -> Fixed:
    """Write a corrected copy of the 837P file at `path` (`-` is standard input) to `out`, and check it.

    Only fixes that findings of the rules under `select` and not under `ignore` offer are made, and of these
    only the safe ones (see `corrections`).  Before a byte is written the copy, called `name`, is checked by
    every rule: what brings a finding that was not there is taken back.

    Raises what `check` raises, and then nothing has been written.
    """
    wanted = wanted_ids(select, ignore)
    with tempfile.TemporaryDirectory(prefix="anodyne-", ignore_cleanup_errors=True) as folder:
        source = _stored(path, Path(folder))
        copy = Path(folder) / "corrected"
        judged = partial(
            check,
            history=history,
            as_of=as_of,
            reference=load(data_home()) if reference is None else reference,
            policies=policies,
        )
        first = partial(judged, [source], called={source: path}, progress=progress)
        work = _planned(source, first, wanted, wanted_ids((), ignore))
        recheck = partial(judged, [str(copy)], called={str(copy): name})
        report = _proved(work, source, copy, recheck)
        if select or ignore:
            report.close()
            report = recheck(select=select, ignore=ignore)
        try:
            with copy.open("rb") as stream:
                shutil.copyfileobj(stream, out)
        except BaseException:
            report.close()
            raise
        return Fixed(name, tuple(work.claims()), tuple(work.left), report)


def _stored(path: str, folder: Path) -> str:
    """`path`, or where what can be read only once (standard input, a pipe) is kept to be read again."""
    kept = folder / "given"
    if path == STANDARD_INPUT:
        if sys.stdin is None:
            raise UnreadableFile("standard input is closed", where=path, fix="Give it a file, or name one.")
        with kept.open("wb") as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
    elif Path(path).is_fifo():
        with Path(path).open("rb") as stream, kept.open("wb") as copy:
            shutil.copyfileobj(stream, copy)
    else:
        return path
    return str(kept)


def _planned(
    source: str, first: Callable[[], Report], wanted: Collection[str], heard: Collection[str]
) -> "_Work":
    """The fixes to be made, by the `first` check, whose claims are then no longer held."""
    with first() as report:
        work = _Work(wanted, heard, report.files[0].lines)
        work.plan(source, report)
        return work


def _proved(work: "_Work", source: str, copy: Path, recheck: Callable[[], Report]) -> Report:
    """Write `copy` and check it, with ever fewer changes until nothing new is found in it."""
    while True:
        with copy.open("wb") as stream:
            stream.writelines(splice(read_windows(source), work.edits()))
        report = recheck()
        try:
            proved = work.prove(report)
        except BaseException:
            report.close()
            raise
        if proved:
            return report
        report.close()


@dataclass
class _Work:
    """The changes to be made to a file, and what is told of them; keys are those of the file as given."""

    wanted: Collection[str]
    """The rules whose fixes are made."""
    heard: Collection[str]
    """The rules of which a new finding counts."""
    of_lines: int
    """How many lines the file has; their keys count from 0."""
    changes: list[Change] = field(default_factory=list)
    left: list[LeftLine] = field(default_factory=list)
    _found: list[pl.DataFrame] = field(default_factory=list)
    """How often each finding occurs in the file as given."""
    _patient: dict[int, int] = field(default_factory=dict)
    """By claim, of the patients for whom a fix is offered."""
    _claims: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    _lines: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    """The claims and lines for which a fix is made or left."""

    def plan(self, path: str, report: Report) -> None:
        """Choose the fixes of the file at `path`, which `report` is of."""
        offered: list[pl.DataFrame] = []
        damaged: list[pl.DataFrame] = []
        for findings in report.findings():
            self._found.append(_counts(findings, self.heard))
            fixable = pl.col("fix").is_not_null() & pl.col("rule").is_in(list(self.wanted))
            offered.append(findings.filter(fixable).select("claim_key"))
            broken = pl.col("rule").str.starts_with(_STRUCTURAL) & (pl.col("outcome") == Outcome.REJECT.value)
            damaged.append(findings.filter(broken).select("rule", "claim_key", "line_key"))
        of_offers = pl.concat(offered).unique()
        if of_offers.is_empty():
            return
        found = survey(read_windows(path))
        for book in report.books():
            patients = book.claims.join(of_offers, on="claim_key", how="semi")["patient"].unique()
            if patients.is_empty():
                continue
            part = of_patients(book, patients.to_list())
            hindrances = _hindrances(part, pl.concat(damaged), found)
            made = plan(part, report.judge, self.wanted, hindrances)
            self._take(part, made.changes, made.left)

    def _take(self, book: Book, changes: Sequence[Change], left: Sequence[Left]) -> None:
        """Take what was planned on `book`."""
        every: list[Change | Left] = [*changes, *left]
        self._patient |= dict(book.claims.select("claim_key", "patient").iter_rows())
        claims = book.claims.select("claim_key", "claim_id", "segment", "charge_cents")
        lines = book.lines.select("line_key", "byte", "line", "served_on", *SETTABLE)
        self._claims |= _rows(claims, "claim_key", {one.claim_key for one in every})
        self._lines |= _rows(lines, "line_key", {one.line_key for one in every})
        self.changes += changes
        self.left += map(self._told, left)

    def edits(self) -> list[Edit]:
        """The changes as the file is written."""
        return [Edit(self._lines[change.line_key]["byte"], change.values) for change in self.changes]

    def prove(self, report: Report) -> bool:
        """Whether the copy, which `report` is of, has no finding that the file had not, or that was fixed.

        Where it has, the changes that may have brought it are taken back.
        """
        gone = {change.line_key for change in self.changes if change.values is None}
        kept = np.delete(np.arange(self.of_lines, dtype=np.uint32), sorted(gone))
        given = pl.DataFrame({"line_key": np.arange(len(kept), dtype=np.uint32), "given": kept})
        found = _total(_counts(findings, self.heard) for findings in report.findings())
        found = (
            found.join(given, on="line_key", how="left").with_columns(line_key=pl.col("given")).drop("given")
        )
        mended = pl.DataFrame(
            [(rule, change.claim_key, change.line_key) for change in self.changes for rule in change.rules],
            schema={"rule": pl.Enum(sorted(self.heard)), **_COUNTED},
            orient="row",
        )
        new = pl.concat(
            [
                beyond(found, _total(self._found)).select("rule", "claim_key"),
                found.join(mended, on=list(mended.columns), how="semi").select("rule", "claim_key"),
            ]
        )
        if new.is_empty() or not self.changes:
            return True
        for claim_key, rules in new.group_by("claim_key").agg(pl.col("rule").unique()).iter_rows():
            why = f"the corrected copy brought {', '.join(sorted(rules))}; which is right is for a person"
            self._take_back(self._patient.get(claim_key), why)
        return False

    def _take_back(self, patient: int | None, why: str) -> None:
        """Leave the changes to `patient`; all of them where it is not known which brought something."""
        back: list[Change] = []
        kept: list[Change] = []
        for change in self.changes:
            concerned = patient is None or self._patient[change.claim_key] == patient
            (back if concerned else kept).append(change)
        self.changes = kept
        self.left += [
            self._told(Left(change.claim_key, change.line_key, change.rules, (change.fix,), why))
            for change in back
        ]

    def _told(self, left: Left) -> LeftLine:
        line = self._lines[left.line_key]
        modifiers = tuple(line[name] for name in MODIFIERS)
        claim_id = self._claims[left.claim_key]["claim_id"]
        return LeftLine(
            claim_id,
            line["line"],
            line["served_on"],
            line["code"],
            modifiers,
            left.rules,
            left.fixes,
            left.why,
        )

    def claims(self) -> Iterator[FixedClaim]:
        """The claims that were changed, in the order of the file."""
        ordered = sorted(self.changes, key=lambda change: change.line_key)
        for key, changes in groupby(ordered, lambda change: change.claim_key):
            claim = self._claims[key]
            lines = []
            after_cents = claim["charge_cents"]
            for change in changes:
                row = self._lines[change.line_key]
                names = [*TOLD, *(set(change.values or ()) - {*TOLD, *_WORDS})]
                before = {name: row[name] for name in names}
                after = None if change.values is None else _after(before, change.values)
                after_cents -= before["charge_cents"] - (0 if after is None else after["charge_cents"])
                lines.append(FixedLine(row["line"], change.rules, before, after))
            yield FixedClaim(
                claim["claim_id"], claim["segment"], claim["charge_cents"], after_cents, tuple(lines)
            )


def _after(before: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """What the columns `before` are once `values` are set: modifiers one behind the other."""
    changed = {name: values.get(name, value) for name, value in before.items()}
    after = {name: None if value == "" else value for name, value in changed.items()}
    modifiers = [after[name] for name in MODIFIERS if after[name] is not None]
    padded = [*modifiers, *(None,) * (len(MODIFIERS) - len(modifiers))]
    return {**after, **dict(zip(MODIFIERS, padded, strict=True))}


def _rows(frame: pl.DataFrame, key: str, wanted: Collection[int]) -> dict[int, Mapping[str, Any]]:
    """The rows of `frame` by `key`, those `wanted`."""
    keys = pl.DataFrame({key: list(wanted)}, schema={key: pl.UInt32})
    return {row[key]: row for row in frame.join(keys, on=key, how="semi").iter_rows(named=True)}


def _counts(findings: pl.DataFrame, heard: Collection[str]) -> pl.DataFrame:
    """The findings of rules that are `heard`, `counted`, in little memory: those of a whole file are held."""
    some = findings.filter(pl.col("rule").is_in(list(heard))).select(KEY)
    outcomes = pl.Enum([outcome.value for outcome in Outcome])
    small = some.with_columns(pl.col("rule").cast(pl.Enum(sorted(heard))), pl.col("outcome").cast(outcomes))
    return counted(small)


def _total(counts: Iterator[pl.DataFrame] | Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(list(counts)).group_by(KEY).agg(pl.col("len").sum())


def _hindrances(book: Book, damaged: pl.DataFrame, found: Survey) -> Hindrances:
    """What stands in the way of changes to `book`: structural findings, and what the file's survey told."""
    own = book.claims.filter("judged").select("claim_key", "segment", "byte").sort("segment")
    broken = damaged.join(own, on="claim_key", how="semi")
    on_line = broken.drop_nulls("line_key").sort("rule").unique("line_key", keep="first", maintain_order=True)
    shapeless = (
        broken.filter(~pl.col("rule").is_in(list(SOUND)))
        .sort("rule")
        .unique("claim_key", keep="first", maintain_order=True)
    )
    surveyed = own.join(found.claims, on="byte")
    outside = own.with_columns(pl.col("segment").cast(pl.Int64)).join_asof(
        found.miscounted.sort("first"), left_on="segment", right_on="first"
    )
    money = {
        "adjudicated": "an earlier payer's payments and adjustments would no longer add up",
        "priced": "a repricer has priced it (HCP)",
        "taxed": "a line says what tax or postage is in its charge (AMT)",
    }
    return Hindrances(
        of_claims={
            key: f"the claim is not in order ({rule}): that first"
            for rule, key in shapeless.select("rule", "claim_key").iter_rows()
        },
        of_lines={
            key: f"the line will be rejected ({rule}): that first"
            for rule, key in on_line.select("rule", "line_key").iter_rows()
        },
        of_drops=dict.fromkeys(
            outside.filter(pl.col("segment") <= pl.col("last"))["claim_key"].to_list(),
            "the transaction does not count its segments rightly (X12-COUNT): that first",
        ),
        of_money={
            key: why
            for name, why in reversed(money.items())
            for key in surveyed.filter(name)["claim_key"].to_list()
        },
        patient_paid_cents=dict(surveyed.select("claim_key", "patient_paid_cents").iter_rows()),
    )
