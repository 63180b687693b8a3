"""Which of the offered fixes are made: one by one, each on claims as the ones before it left them.

A fix is made only while its finding still stands, where it lowers the bill or leaves it, where nothing else
of the claim would cease to hold, and where no new finding follows.  All others are left, with the reason.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

import polars as pl

from anodyne.kernel.errors import BadRule
from anodyne.model.book import Book
from anodyne.model.frames import LINES, MODIFIERS
from anodyne.x12.splice import SETTABLE, Values

KEY: Final = ("rule", "outcome", "claim_key", "line_key")
"""What two findings share that are the same: not their words, which name other lines by number."""

Judge = Callable[[Book], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one line."""

    claim_key: int
    line_key: int
    rules: tuple[str, ...]
    values: Values | None
    """None where the line is left out."""

    @property
    def fix(self) -> str:
        """The change as JSON, in the form of the command line's contract."""
        return json.dumps({"drop": True} if self.values is None else {"set": dict(self.values)})

    @property
    def of_money(self) -> bool:
        """Whether what is billed changes with it: the charge, or the units."""
        return self.values is None or not self.values.keys().isdisjoint(("charge_cents", "units"))


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
class Hindrances:
    """Why claims and lines are left alone, by key, whatever is judged of them."""

    of_claims: Mapping[int, str] = field(default_factory=dict)
    """Nothing of these is changed."""
    of_lines: Mapping[int, str] = field(default_factory=dict)
    of_drops: Mapping[int, str] = field(default_factory=dict)
    """From these claims no line is left out."""
    of_money: Mapping[int, str] = field(default_factory=dict)
    """The charges of these are not changed."""
    patient_paid_cents: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes to a book, in no order, and what is left."""

    changes: tuple[Change, ...]
    left: tuple[Left, ...]


class _Line(NamedTuple):
    """A line as fixes see it, by the columns that they may set."""

    line_key: int
    values: Mapping[str, Any]


class _Claim(NamedTuple):
    charge_cents: int | None
    lines: Sequence[_Line]


class _Offer(NamedTuple):
    """What the findings on one line offer together."""

    claim_key: int
    line_key: int
    rules: tuple[str, ...]
    fixes: tuple[str, ...]


def plan(book: Book, judge: Judge, wanted: Collection[str], hindrances: Hindrances) -> Plan:
    """The fixes offered by the rules `wanted` that are made on `book`, in which each patient is whole."""
    return _Planner(book, judge, wanted, hindrances).plan()


def amended(book: Book, changes: Iterable[Change]) -> Book:
    """`book` with `changes` made, and the charge of each claim concerned the sum of its lines."""
    some = list(changes)
    if not some:
        return book
    lines = book.lines
    for name in sorted({name for change in some for name in change.values or ()}):
        values = {c.line_key: c.values[name] for c in some if c.values is not None and name in c.values}
        told = pl.DataFrame(
            {"line_key": list(values), "to": [None if v == "" else v for v in values.values()]},
            schema={"line_key": pl.UInt32, "to": LINES[name]},
            strict=False,
        ).with_columns(told=pl.lit(value=True))
        joined = lines.join(told, on="line_key", how="left", maintain_order="left")
        lines = joined.with_columns(pl.when(pl.col("told")).then("to").otherwise(name).alias(name)).drop(
            "to", "told"
        )
    moved = {c.line_key for c in some if c.values is not None and not c.values.keys().isdisjoint(MODIFIERS)}
    if moved:
        lines = _closed_up(lines, moved)
    gone = pl.Series([c.line_key for c in some if c.values is None], dtype=pl.UInt32)
    lines = lines.filter(~pl.col("line_key").is_in(gone.implode()))
    of_money = pl.DataFrame(
        {"claim_key": [c.claim_key for c in some if c.of_money]}, schema={"claim_key": pl.UInt32}
    ).unique()
    totals = (
        lines.join(of_money, on="claim_key", how="semi")
        .group_by("claim_key")
        .agg(total=pl.col("charge_cents").sum())
    )
    claims = (
        book.claims.join(totals, on="claim_key", how="left", maintain_order="left")
        .with_columns(charge_cents=pl.coalesce("total", "charge_cents"))
        .drop("total")
    )
    return Book(claims, lines)


def _closed_up(lines: pl.DataFrame, moved: Collection[int]) -> pl.DataFrame:
    """`lines` with the modifiers of those `moved` one behind the other."""
    held = pl.concat_list(MODIFIERS).list.drop_nulls()
    here = pl.col("line_key").is_in(pl.Series(list(moved), dtype=pl.UInt32).implode())
    return lines.with_columns(
        pl.when(here).then(held.list.get(place, null_on_oob=True)).otherwise(name).alias(name)
        for place, name in enumerate(MODIFIERS)
    )


def counted(findings: pl.DataFrame) -> pl.DataFrame:
    """How often each finding occurs, by KEY."""
    return findings.group_by(KEY).len()


def beyond(found: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """The rows of `found` that occur more often than in `before`; both as `counted`."""
    return (
        found.join(before, on=KEY, how="left", nulls_equal=True, suffix="_before", maintain_order="left")
        .filter(pl.col("len") > pl.col("len_before").fill_null(0))
        .select(*KEY)
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

    def plan(self) -> Plan:
        while chosen := self._chosen():
            self._try(chosen)
        self._undo_the_needless()
        why = {**self._refused, **self._taken_back}
        left = [
            Left(offer.claim_key, offer.line_key, offer.rules, offer.fixes, why[offer.line_key])
            for offer in self._offers()
        ]
        changes = (change for made in self._changes.values() for change in made)
        return Plan(tuple(changes), tuple(left))

    def _offers(self) -> Iterator[_Offer]:
        """What is offered now, line by line."""
        offered = self._found.drop_nulls(["fix", "line_key"]).filter(pl.col("rule").is_in(self._wanted))
        by_line = (
            offered.sort("claim_key", "line_key", "rule")
            .group_by("claim_key", "line_key", maintain_order=True)
            .agg(pl.col("rule").unique(maintain_order=True), pl.col("fix").unique(maintain_order=True))
        )
        for claim_key, line_key, rules, fixes in by_line.iter_rows():
            yield _Offer(claim_key, line_key, tuple(rules), tuple(fixes))

    def _chosen(self) -> dict[int, Change]:
        """The next change of each patient who has one."""
        offers = list(self._offers())
        claims = self._claims({offer.claim_key for offer in offers})
        drops = Counter(offer.claim_key for offer in offers if _drops(offer))
        chosen: dict[int, Change] = {}
        for offer in offers:
            patient = self._patient[offer.claim_key]
            if offer.line_key in self._refused or offer.line_key in self._taken_back or patient in chosen:
                continue
            claim = claims[offer.claim_key]
            change = _merged(offer)
            if isinstance(change, str):
                self._refused[offer.line_key] = change
            elif change.values is None and drops[offer.claim_key] == len(claim.lines):
                self._refused[offer.line_key] = (
                    "no line of the claim would be left: whether it goes is for a person"
                )
            elif why := _why_not(change, claim, self._hindrances):
                self._refused[offer.line_key] = why
            else:
                chosen[patient] = change
        return chosen

    def _claims(self, keys: Collection[int]) -> dict[int, _Claim]:
        wanted = pl.DataFrame({"claim_key": list(keys)}, schema={"claim_key": pl.UInt32})
        claims = self._state.claims.join(wanted, on="claim_key", how="semi")
        lines = self._state.lines.join(wanted, on="claim_key", how="semi", maintain_order="left")
        by_claim: dict[int, list[_Line]] = {}
        for row in lines.select("claim_key", "line_key", *SETTABLE).iter_rows(named=True):
            by_claim.setdefault(row["claim_key"], []).append(_Line(row["line_key"], row))
        return {
            key: _Claim(charge, by_claim.get(key, ()))
            for key, charge in claims.select("claim_key", "charge_cents").iter_rows()
        }

    def _try(self, chosen: Mapping[int, Change]) -> None:
        """Make the changes `chosen` that bring no new finding and end their own."""
        trial = amended(self._state, chosen.values())
        found, before = self._judged(trial, chosen)
        bad: dict[int, str] = {}
        new = beyond(counted(found), counted(before))
        told = found.join(new, on=KEY, how="semi", nulls_equal=True).sort(KEY)
        for row in told.select("claim_key", "rule", "claim", "line", "message").iter_rows(named=True):
            patient = self._patient[row["claim_key"]]
            place = f" on line {row['line']}" if row["line"] is not None else ""
            if row["claim_key"] != chosen[patient].claim_key:
                place += f" of claim {row['claim']}"
            why = f"{row['rule']}{place} would follow ({row['message']}); which is right is for a person"
            bad.setdefault(patient, why)
        remaining = set(found.select("rule", "line_key").iter_rows())
        for patient, change in chosen.items():
            if any((rule, change.line_key) in remaining for rule in change.rules):
                bad.setdefault(patient, "the finding would remain")
        made = {patient: change for patient, change in chosen.items() if patient not in bad}
        for patient, change in made.items():
            self._made(patient, change)
        self._taken_back |= {chosen[patient].line_key: why for patient, why in bad.items()}
        self._accept(trial if not bad else amended(self._state, made.values()), found, made)

    def _made(self, patient: int, change: Change) -> None:
        changes = self._changes.setdefault(patient, [])
        earlier = next((c for c in changes if c.line_key == change.line_key), None)
        if earlier is not None:
            changes.remove(earlier)
            rules = tuple(dict.fromkeys((*earlier.rules, *change.rules)))
            values = None if change.values is None else {**(earlier.values or {}), **change.values}
            change = replace(change, rules=rules, values=values)
        changes.append(change)
        of_claim = self._line_claims
        self._taken_back = {
            line: why for line, why in self._taken_back.items() if self._patient[of_claim[line]] != patient
        }

    def _undo_the_needless(self) -> None:
        """Take back each change whose finding has gone with a later one, as long as nothing follows."""
        several = {p: list(made) for p, made in self._changes.items() if len(made) > 1}
        for place in range(max(map(len, several.values()), default=0)):
            undone = {patient: made[place] for patient, made in several.items() if place < len(made)}
            kept = {
                patient: [c for c in self._changes[patient] if c is not change]
                for patient, change in undone.items()
            }
            every = {**self._changes, **kept}
            trial = amended(self._given, (change for made in every.values() for change in made))
            found, before = self._judged(trial, undone)
            new = beyond(counted(found), counted(before))
            needed = {self._patient[key] for key in new["claim_key"].unique().to_list()}
            needless = {patient for patient in undone if patient not in needed}
            if needless:
                for patient in needless:
                    self._changes[patient] = kept[patient]
                changes = (change for made in self._changes.values() for change in made)
                self._accept(amended(self._given, changes), found, needless)

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


def _drops(offer: _Offer) -> bool:
    return any(json.loads(fix).get("drop") for fix in offer.fixes)


def _merged(offer: _Offer) -> Change | str:
    """The one change that makes all fixes of an offer, or why there is none.

    A line that is to be left out needs no other value.
    """
    values: dict[str, Any] = {}
    for fix in offer.fixes:
        wanted = json.loads(fix)
        if wanted.get("drop"):
            return Change(offer.claim_key, offer.line_key, offer.rules, None)
        for name, value in wanted["set"].items():
            if values.setdefault(name, value) != value:
                return f"{', '.join(offer.rules)} want different values of {name}: a person chooses"
    unknown = values.keys() - SETTABLE.keys()
    if unknown:
        raise BadRule(
            f"a fix sets {', '.join(sorted(unknown))}, which no file is written with",
            where=", ".join(offer.rules),
            fix=f"A fix may set {', '.join(SETTABLE)}.",
        )
    return Change(offer.claim_key, offer.line_key, offer.rules, values)


def _why_not(change: Change, claim: _Claim, hindrances: Hindrances) -> str | None:
    """Why a change must not be made; None where it may."""
    why = hindrances.of_claims.get(change.claim_key) or hindrances.of_lines.get(change.line_key)
    if why is None and change.of_money:
        why = hindrances.of_money.get(change.claim_key)
    if why is None and change.values is None:
        why = hindrances.of_drops.get(change.claim_key)
    if why is not None:
        return why
    line = next(line for line in claim.lines if line.line_key == change.line_key).values
    charges = [line.values["charge_cents"] for line in claim.lines]
    if any(charge is None for charge in charges) or claim.charge_cents != sum(charges):
        return "the claim's charge is not the sum of its lines"
    values: Mapping[str, Any] = {"charge_cents": 0} if change.values is None else change.values
    charge = values.get("charge_cents", line["charge_cents"])
    if not 0 <= charge <= line["charge_cents"]:
        return "the bill would rise"
    if "units" in values and not 0 < values["units"] <= (line["units"] or 0):
        return "the units would rise, or none be left"
    if change.values is not None and (missing := _missing(change.values, line)):
        return f"the line has no {', '.join(missing)} to correct"
    paid = hindrances.patient_paid_cents.get(change.claim_key, 0)
    if claim.charge_cents - line["charge_cents"] + charge < paid:
        return "the patient has paid more than the claim would charge"
    return None


def _missing(values: Values, line: Mapping[str, Any]) -> list[str]:
    """What of `values` stands in a segment that the line may not have."""
    own = SETTABLE["code"].source
    return [name for name in values if line[name] is None and SETTABLE[name].source != own]
