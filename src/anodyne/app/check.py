"""Checking claims: files in, findings with their place out."""

import datetime as dt
import hashlib
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType, TracebackType
from typing import Final, Self

import polars as pl

from anodyne.app.catalogue import cites_of, claim_ids, ids_under
from anodyne.app.home import data_home
from anodyne.app.judging import first_days, judge_book
from anodyne.app.reading import each_once, parts, shown
from anodyne.app.spool import Spool
from anodyne.app.summary import Summary, Tally
from anodyne.kernel.cite import Cite
from anodyne.kernel.errors import BadRequest
from anodyne.model.book import Book
from anodyne.model.outcome import Outcome
from anodyne.reference.policies import MATCHES, Policies
from anodyne.reference.policy_files import shipped
from anodyne.reference.tables import Reference, in_force, load
from anodyne.rules.discover import claim_rules
from anodyne.x12.edits import EDITS

Progress = Callable[[int], None]
"""Told how many bytes have been read so far."""
_AS_GIVEN: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that was checked."""

    path: str
    sha256: str
    claims: int
    lines: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive claims in the order of the files, with their lines and findings."""

    claims: pl.DataFrame = field(repr=False)
    """Columns of `frames.CLAIMS`, and `payer_policy`: the title of the payer's policy; null for none."""
    lines: pl.DataFrame = field(repr=False)
    """Columns of `frames.LINES`, and `label`: the code in our own words, where we have them."""
    findings: pl.DataFrame = field(repr=False)
    """Columns of `frames.FINDINGS`, by claim, then line, then rule; those of the envelope first."""


class Report:
    """What a check found.  Close it (or use `with`) once it is told: it may hold temporary files."""

    def __init__(
        self,
        spool: Spool,
        files: tuple[CheckedFile, ...],
        as_of: dt.date,
        reference: Reference,
        summary: Summary,
        *,
        policies: Policies,
        judge: Callable[[Book], pl.DataFrame],
        repeated: Sequence[str] = (),
        dry_run: bool = False,
    ) -> None:
        """`repeated`: files whose bytes had been given before, and which were not read again."""
        self.dry_run = dry_run
        """Whether the claims were judged as on their own days, long after they were sent."""
        self.judge = judge
        """The findings on another book, by the rules, the day and the tables of this check."""
        self.repeated = tuple(repeated)
        self._spool = spool
        self._reference = reference
        self._policies = policies
        self.files = files
        self.as_of = as_of
        self.summary = summary

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove the temporary files; nothing more can be told after it."""
        self._spool.close()

    def worst(self) -> Outcome | None:
        """The worst outcome of any finding; None where nothing was found."""
        return min(
            (Outcome(name) for name, count in self.summary.by_outcome.items() if count),
            key=lambda o: o.rank,
            default=None,
        )

    def books(self) -> Iterator[Book]:
        """All claims, those of history too, as books in which each patient is whole."""
        return self._spool.books()

    def findings(self) -> Iterator[pl.DataFrame]:
        """The findings alone, in no order, some at a time."""
        return (findings for _, _, findings in self._spool.chunks())

    def cites(self, rule_key: str, ruling: int | None) -> tuple[Cite, ...]:
        """By whose authority a finding speaks: `rule_key` and `ruling` are its columns.

        What the payer or its contractor says stands before what the rule itself rests on, and a programme's
        own policy after it.
        """
        return cites_of(rule_key, ruling, self._policies)

    def chunks(self) -> Iterator[Chunk]:
        """Claims with their lines and findings, in the order of the files."""
        for claims, lines, findings in self._spool.chunks():
            judged = claims.filter("judged")
            yield Chunk(
                _with_payer(judged, lines, self._policies),
                _with_label(
                    lines.join(judged.select("claim_key"), on="claim_key", how="semi"), self._reference
                ),
                findings.sort("claim_key", "line", "rule", nulls_last=False),
            )


def check(
    paths: Sequence[str],
    *,
    history: Sequence[str] = (),
    as_of: dt.date,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    reference: Reference | None = None,
    policies: Policies | None = None,
    called: Mapping[str, str] = _AS_GIVEN,
    progress: Progress | None = None,
    dry_run: bool = False,
) -> Report:
    """Judge the claims of the 837P files at `paths` (`-` is standard input) as on the day `as_of`.

    Claims of `history` are not judged: they count where a rule looks at other claims.  `select` and `ignore`
    take ids of rules or the beginnings of ids.  A file given twice counts once.  Findings name a file by its
    path, or as it is `called`.  Payers are judged by `policies`, as `load_policies` gives them; by those that
    ship with the package where none are given.  A dry run asks what rules would have found on claims sent
    long ago: each line is judged as on its own last day, and none is late.

    Raises UnreadableFile or one of its kinds, and then nothing has been judged; BadRequest for an unknown id
    or where no rule is left to check by.
    """
    began = time.perf_counter()
    wanted = wanted_ids(select, ignore)
    rules = [rule for rule in claim_rules().values() if rule.id in wanted]
    edits = wanted & EDITS.keys()
    given, repeated = each_once(paths, history)
    spool = Spool()
    try:
        files = _read(given, spool, edits, called, progress)
        reference = load(data_home()) if reference is None else reference
        policies = shipped() if policies is None else policies
        judged = partial(
            judge_book, rules=rules, reference=reference, policies=policies, as_of=None if dry_run else as_of
        )
        tally = Tally(reference)
        for book in spool.books():
            findings = judged(book)
            spool.put(findings)
            tally.count_book(book)
        for claims, _, findings in spool.chunks():
            tally.count_findings(claims.filter("judged"), findings)
    except BaseException:
        spool.close()
        raise
    summary = tally.summary(rules=len(wanted), as_of=as_of, seconds=time.perf_counter() - began)
    return Report(
        spool,
        files,
        as_of,
        reference,
        summary,
        policies=policies,
        judge=judged,
        repeated=repeated,
        dry_run=dry_run,
    )


def wanted_ids(select: Sequence[str], ignore: Sequence[str]) -> frozenset[str]:
    """The ids of the rules under `select` (all where empty) that are not under `ignore`.

    Raises BadRequest for an unknown id, or where no rule is left.
    """
    chosen = ids_under(tuple(select), where="--select") if select else claim_ids()
    left = chosen - ids_under(tuple(ignore), where="--ignore")
    if not left:
        raise BadRequest("no rule is left to check by", where="--select and --ignore", fix="Ignore fewer.")
    return left


def _read(
    given: Sequence[tuple[str, bool]],
    spool: Spool,
    edits: Collection[str],
    called: Mapping[str, str],
    progress: Progress | None,
) -> tuple[CheckedFile, ...]:
    """Read all files into the spool; the structural findings of the checked ones too."""
    claim_key = line_key = done = 0
    files = []
    for path, judged in given:
        name = shown(called.get(path, path))
        digest = hashlib.sha256()
        claims = lines = 0
        for part in parts(
            path, judged and bool(edits), name=name, judged=judged, claim_key=claim_key, line_key=line_key
        ):
            digest.update(part.raw)
            done += len(part.raw)
            if progress is not None:
                progress(done)
            spool.add(part.claims, part.lines)
            if len(part.findings):
                spool.put(part.findings.filter(pl.col("rule").is_in(list(edits))))
            claims += len(part.claims)
            lines += len(part.lines)
            claim_key += len(part.claims)
            line_key += len(part.lines)
        if judged:
            files.append(CheckedFile(name, digest.hexdigest(), claims, lines))
    return tuple(files)


def _with_payer(claims: pl.DataFrame, lines: pl.DataFrame, policies: Policies) -> pl.DataFrame:
    """`claims` with the title of their payer's policy on their first day of service; null for none."""
    dated = claims.select("claim_key", *MATCHES).join(
        first_days(lines), on="claim_key", how="left", maintain_order="left"
    )
    rulings = policies.rulings(dated.select(*MATCHES, day="claim_day"))
    known = rulings.unique()
    titles = pl.Series([policies.title(number) for number in known], dtype=pl.String)
    return claims.with_columns(payer_policy=rulings.replace_strict(known, titles, return_dtype=pl.String))


def _with_label(lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    codes = lines.select("code", "served_on").unique()
    built_in = in_force(codes, reference, "code_labels").select("code", "served_on", built_in="label")
    own = in_force(built_in, reference, "own_labels")
    labels = own.select("code", "served_on", label=pl.coalesce("label", "built_in"))
    return lines.join(labels, on=["code", "served_on"], how="left", nulls_equal=True, maintain_order="left")
