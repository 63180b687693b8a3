"""Anodyne as a library: claims in, from files or as frames, findings out as objects or as a frame."""

import datetime as dt
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, overload

import polars as pl

from anodyne.app.catalogue import cites_of
from anodyne.app.check import check as check_files
from anodyne.app.check import wanted_ids
from anodyne.app.frames_in import book_from
from anodyne.app.home import data_home
from anodyne.app.judging import judge_book
from anodyne.app.summary import Summary, Tally
from anodyne.kernel.cite import Cite
from anodyne.kernel.errors import BadRequest
from anodyne.model.book import Book
from anodyne.model.outcome import Outcome
from anodyne.reference.policies import Policies
from anodyne.reference.policy_files import load_policies
from anodyne.reference.tables import Reference, load
from anodyne.rules.discover import claim_rules

AnyPath = str | Path

_RECORD: Final = (
    "rule", "outcome", "file", "claim", "line", "segment", "byte", "codes", "message", "needs", "fix",
    "at_risk_cents",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One verdict worth telling, in the words of the command line's JSON."""

    rule: str
    outcome: Outcome
    file: str | None
    claim: str | None
    """The claim's id (CLM01)."""
    line: int | None
    """The line's number (LX01); None where the whole claim is meant."""
    segment: int | None
    byte: int | None
    codes: tuple[str, ...]
    message: str
    needs: tuple[str, ...]
    """The facts missing, for an ask."""
    fix: Mapping[str, Any] | None
    """`{"drop": True}`, or `{"set": {column: value}}` on the line named; None where there is no safe fix."""
    at_risk_cents: int
    cites: tuple[Cite, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """What a check found: iterate for objects, or take the frames."""

    frame: pl.DataFrame = field(repr=False)
    """One finding a row, in the columns of `frames.FINDINGS`, by claim, line and rule."""
    claims: pl.DataFrame = field(repr=False)
    """The claims judged."""
    lines: pl.DataFrame = field(repr=False)
    """Their lines."""
    summary: Summary
    as_of: dt.date
    _policies: Policies = field(repr=False)

    def __len__(self) -> int:
        return len(self.frame)

    def __iter__(self) -> Iterator[Finding]:
        for row in self.frame.select(*_RECORD, "rule_key", "ruling").iter_rows(named=True):
            cites = cites_of(row.pop("rule_key"), row.pop("ruling"), self._policies)
            yield Finding(
                **{
                    **row,
                    "outcome": Outcome(row["outcome"]),
                    "codes": tuple(row["codes"]),
                    "needs": tuple(row["needs"]),
                    "fix": None if row["fix"] is None else json.loads(row["fix"]),
                },
                cites=cites,
            )

    @property
    def worst(self) -> Outcome | None:
        """The worst outcome found; None where nothing was."""
        return min(map(Outcome, self.frame["outcome"].unique()), key=lambda o: o.rank, default=None)


@overload
def check(
    claims: AnyPath | Sequence[AnyPath],
    lines: None = None,
    *,
    history: AnyPath | Sequence[AnyPath] = (),
    as_of: dt.date | None = None,
    select: str | Sequence[str] = (),
    ignore: str | Sequence[str] = (),
    policies: Policies | AnyPath | Iterable[AnyPath] | None = None,
    reference: Reference | None = None,
) -> Findings: ...
@overload
def check(
    claims: pl.DataFrame,
    lines: pl.DataFrame,
    *,
    as_of: dt.date | None = None,
    select: str | Sequence[str] = (),
    ignore: str | Sequence[str] = (),
    policies: Policies | AnyPath | Iterable[AnyPath] | None = None,
    reference: Reference | None = None,
) -> Findings: ...
def check(
    claims: AnyPath | Sequence[AnyPath] | pl.DataFrame,
    lines: pl.DataFrame | None = None,
    *,
    history: AnyPath | Sequence[AnyPath] = (),
    as_of: dt.date | None = None,
    select: str | Sequence[str] = (),
    ignore: str | Sequence[str] = (),
    policies: Policies | AnyPath | Iterable[AnyPath] | None = None,
    reference: Reference | None = None,
) -> Findings:
    """Judge claims as on the day `as_of` (today unless given).

    `claims` is the path of an 837P file, or several, with `history` the paths of earlier ones; or a frame of
    claims beside one of `lines`, of which `book_from` says what they may hold, and in which earlier claims
    have `judged` false.  `select` and `ignore` take ids of rules or their beginnings.  `policies` are payers'
    policies as `load_policies` gives them, or the file or folder they stand in, or several.  `reference` is
    what `load` gives: loading it once and passing it on spares the time of it.

    Raises UnreadableFile or one of its kinds for a file, BadRequest for an unknown id or an unfit frame,
    BadReference for a policy that does not hold together.

    >>> import anodyne
    >>> findings = anodyne.check("examples/day.837", history="examples/history.837", select=["LCD-E2"])
    >>> [(f.claim, f.line, f.outcome.value, f.at_risk_cents) for f in findings]
    [('LH1006', 1, 'deny', 62500)]
    """
    day = _day(as_of)
    chosen, left_out = _texts("select", select), _texts("ignore", ignore)
    if not isinstance(policies, Policies):
        given = [policies] if isinstance(policies, str | Path) else list(policies or ())
        policies = load_policies(given, data_home())
    tables = load(data_home()) if reference is None else reference
    if isinstance(claims, pl.DataFrame) or lines is not None:
        if not (isinstance(claims, pl.DataFrame) and isinstance(lines, pl.DataFrame)):
            raise BadRequest(
                "claims and lines are not both frames",
                where="anodyne.check",
                fix="Give two Polars DataFrames; of a LazyFrame, what its collect() gives.",
            )
        ids = wanted_ids(chosen, left_out)
        return _of_book(book_from(claims, lines), ids, as_of=day, policies=policies, reference=tables)
    with check_files(
        _texts("claims", claims),
        history=_texts("history", history),
        as_of=day,
        select=chosen,
        ignore=left_out,
        reference=tables,
        policies=policies,
    ) as report:
        parts = list(report.chunks())
        return Findings(
            pl.concat(part.findings for part in parts),
            pl.concat(part.claims for part in parts),
            pl.concat(part.lines for part in parts),
            report.summary,
            day,
            policies,
        )


def _of_book(
    book: Book, ids: frozenset[str], *, as_of: dt.date, policies: Policies, reference: Reference
) -> Findings:
    began = time.perf_counter()
    rules = [rule for rule in claim_rules().values() if rule.id in ids]
    found = judge_book(book, rules=rules, reference=reference, policies=policies, as_of=as_of)
    judged = book.claims.filter("judged")
    tally = Tally(reference)
    tally.count_book(book)
    tally.count_findings(judged, found)
    seconds = time.perf_counter() - began
    return Findings(
        found.sort("claim_key", "line", "rule", nulls_last=False),
        judged,
        book.lines.join(judged.select("claim_key"), on="claim_key", how="semi", maintain_order="left"),
        tally.summary(rules=len({rule.id for rule in rules}), as_of=as_of, seconds=seconds),
        as_of,
        policies,
    )


def _day(given: dt.date | None) -> dt.date:
    if given is None:
        return dt.datetime.now().astimezone().date()
    if not isinstance(given, dt.date) or isinstance(given, dt.datetime):
        raise BadRequest(
            f"as_of is {type(given).__name__}", where="anodyne.check", fix="Give a datetime.date."
        )
    return given


def _texts(name: str, given: AnyPath | Sequence[AnyPath]) -> list[str]:
    """One text or path, or several, as texts."""
    some = [given] if isinstance(given, str | Path) else given
    if not isinstance(some, Iterable) or not all(isinstance(one, str | Path) for one in some):
        raise BadRequest(
            f"{name} is neither a text nor a list of texts", where="anodyne.check", fix=f"Correct {name}."
        )
    return [str(one) for one in some]
