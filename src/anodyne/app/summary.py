"""A check in numbers: claims and findings by outcome, and the money at risk, each cent once."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

import polars as pl

from anodyne.model.book import Book
from anodyne.model.outcome import Outcome
from anodyne.reference.editions import Edition
from anodyne.reference.sources import source
from anodyne.reference.tables import Reference

_EDITIONS_TOLD: Final = ("ptp", "mue", "add_on", "fee_schedule")
_DIAGNOSES: Final = ("dx_tabular", "dx_order", "dx_list")
"""Tables of which any one tells which diagnosis codes are valid: the newest is told."""

LOST: Final = (Outcome.REJECT.value, Outcome.DENY.value)
"""Outcomes whose money will not be paid as the claims stand."""
OPEN: Final = (Outcome.AUDIT.value,)
"""Outcomes whose money may be taken back."""


@dataclass(frozen=True, slots=True)
class EditionNote:
    """The newest loaded edition of a table, and since when a newer one should be."""

    name: str
    publisher: str
    period: str
    start: dt.date
    overdue_since: dt.date | None
    sources: tuple[str, ...]
    """The titles by which citations name the table."""
    loaded: bool
    """Whether a user loaded it, so that it is another than the edition the citation was read in."""
    waiting: str | None = None
    """A newer edition that is not used, as parts of it have not been loaded: `2026 Q4, 1 of 4 parts`."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole check in numbers."""

    claims: int
    lines: int
    payers: int
    clean: int
    """Claims about which nothing was found."""
    claims_by_outcome: dict[str, int]
    """Claims by the worst outcome found on them."""
    by_outcome: dict[str, int]
    """Findings by outcome."""
    at_risk_cents: int
    """What will not be paid as the claims stand (reject and deny), each cent once."""
    audit_cents: int
    """What may be taken back (audit) and is not already at risk."""
    unjudged_codes: tuple[tuple[str, int], ...]
    """Procedure codes outside what is loaded, with how many lines have them."""
    unjudged_lines: int
    """Lines served before the oldest edition of the national edits that is loaded."""
    editions: tuple[EditionNote, ...]
    rules: int
    seconds: float

    def aged(self) -> dict[str, dt.date]:
        """The start of each newest edition that a citation must name, by the titles of its table's sources.

        Those are editions that are overdue, and those that a user loaded.
        """
        return {
            title: note.start
            for note in self.editions
            if note.loaded or note.overdue_since is not None
            for title in note.sources
        }


class Tally:
    """The numbers of a summary, added up book by book and chunk by chunk."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._oldest = reference.oldest("ptp")
        self._claims = self._lines = self._unjudged_lines = self._with_findings = 0
        self._at_risk = self._audit = 0
        self._payers: set[str | None] = set()
        self._codes: dict[str, int] = {}
        self._outcomes = {outcome.value: 0 for outcome in Outcome}
        self._worst = {outcome.value: 0 for outcome in Outcome}

    def count_book(self, book: Book) -> None:
        """Count the judged claims of `book`, their lines, payers and codes."""
        claims = book.claims.filter("judged")
        lines = book.lines.join(claims.select("claim_key"), on="claim_key", how="semi")
        self._claims += len(claims)
        self._lines += len(lines)
        self._payers |= set(claims["payer_id"].unique().to_list())
        codes = lines.group_by("code").len()
        unknown = codes.filter(~pl.col("code").is_in(self._reference.known(codes["code"]).implode()))
        for code, count in unknown.iter_rows():
            self._codes[code] = self._codes.get(code, 0) + count
        if self._oldest is not None:
            self._unjudged_lines += lines.filter(pl.col("served_on") < self._oldest).height

    def count_findings(self, claims: pl.DataFrame, findings: pl.DataFrame) -> None:
        """Count all findings on `claims`, and the money that hangs on them."""
        for outcome, count in findings.group_by("outcome").len().iter_rows():
            self._outcomes[outcome] += count
        ranked = findings.filter(pl.col("claim_key").is_not_null()).with_columns(
            rank=pl.col("outcome").replace_strict({o.value: o.rank for o in Outcome}, return_dtype=pl.Int8)
        )
        worst = ranked.group_by("claim_key").agg(pl.col("rank").min()).group_by("rank").len()
        for rank, count in worst.iter_rows():
            self._worst[list(Outcome)[rank].value] += count
            self._with_findings += count
        at_risk = findings.filter(pl.col("outcome").is_in([*LOST, *OPEN]))
        lasting = at_risk.filter(pl.col("outcome").is_in(LOST))
        lost = int(risk_of(claims, lasting)["risk_cents"].sum()) if len(lasting) else 0
        either = lost
        if len(at_risk) > len(lasting):
            either = int(risk_of(claims, at_risk)["risk_cents"].sum())
        self._at_risk += lost
        self._audit += either - lost

    def summary(self, *, rules: int, as_of: dt.date, seconds: float) -> Summary:
        """The numbers so far."""
        overdue = {edition.table: edition.expect_next for edition in self._reference.overdue(as_of)}
        loaded = [(name, self._reference.editions(name)) for name in _EDITIONS_TOLD]
        newest = [
            (name, editions[-1], tuple({source(edition.source).title for edition in editions}))
            for name, editions in loaded
            if editions
        ]
        diagnoses = [
            self._reference.editions(name)[-1] for name in _DIAGNOSES if self._reference.editions(name)
        ]
        if diagnoses:
            last = max(diagnoses, key=lambda edition: edition.start)
            newest.append((last.table, last, (source(last.source).title,)))
        return Summary(
            claims=self._claims,
            lines=self._lines,
            payers=len(self._payers),
            clean=self._claims - self._with_findings,
            claims_by_outcome=self._worst,
            by_outcome=self._outcomes,
            at_risk_cents=self._at_risk,
            audit_cents=self._audit,
            unjudged_codes=tuple(sorted(self._codes.items())),
            unjudged_lines=self._unjudged_lines,
            editions=tuple(
                EditionNote(
                    name,
                    last.publisher,
                    last.period,
                    last.start,
                    overdue.get(name),
                    titles,
                    bool(last.files),
                    self._waiting(name, last.start),
                )
                for name, last, titles in newest
            ),
            rules=rules,
            seconds=seconds,
        )

    def _waiting(self, table: str, start: dt.date) -> str | None:
        """The newest edition of `table`, of `start` or later, that is not used until its parts are there."""
        parts = self._reference.waiting.get(table, ())
        newest = next((part.edition for part in reversed(parts) if part.edition.start >= start), None)
        return share_of(newest) if newest else None


def share_of(edition: Edition) -> str:
    """What an edition that is not whole is called: its period, and how many of its parts are there."""
    there = len(edition.parts)
    return f"{edition.period}, {there} of {there + len(edition.missing)} parts"


def risk_of(claims: pl.DataFrame, findings: pl.DataFrame) -> pl.DataFrame:
    """`claim_key` of `claims` in their order, with `risk_cents`: what hangs on their `findings`.

    On each claim the larger of its worst claim finding and the sum of its lines, each line by its worst
    finding; never more than the charge of the claim.
    """
    risk = pl.col("at_risk_cents")
    by_line = (
        findings.filter(pl.col("line_key").is_not_null()).group_by("claim_key", "line_key").agg(risk.max())
    )
    lines = by_line.group_by("claim_key").agg(lines=risk.sum())
    whole = findings.filter(pl.col("line_key").is_null()).group_by("claim_key").agg(whole=risk.max())
    at_risk = (
        claims.select("claim_key", "charge_cents")
        .join(lines, on="claim_key", how="left", maintain_order="left")
        .join(whole, on="claim_key", how="left", maintain_order="left")
    )
    worst = pl.max_horizontal(pl.col("lines").fill_null(0), pl.col("whole").fill_null(0))
    charge = pl.col("charge_cents").fill_null(0).clip(lower_bound=0)
    return at_risk.select("claim_key", risk_cents=pl.min_horizontal(worst, charge))
