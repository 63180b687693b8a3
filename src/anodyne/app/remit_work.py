"""What is to be done about what payers sent back: read, balanced, matched, expected, determined, in order."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Final, NamedTuple, Self

import polars as pl

from anodyne.app.home import data_home
from anodyne.app.reading import STANDARD_INPUT, each_once, parts, shown
from anodyne.app.remit_books import Books, Sent
from anodyne.app.remit_check import Posting, RemitsChecked, checked
from anodyne.app.remit_localities import localities_named
from anodyne.app.remit_read import RemitsRead, read_files
from anodyne.app.remit_statuses import StatusFile, StatusReport, remit_statuses
from anodyne.app.shelf import Shelf
from anodyne.denials import downcode, expected
from anodyne.denials.alike import days
from anodyne.denials.determine import determine
from anodyne.denials.factors import PAYER, habits
from anodyne.denials.facts import line_facts
from anodyne.denials.matching import Matches, match
from anodyne.denials.order import ordered
from anodyne.denials.pairs import pair_indicators
from anodyne.denials.rates import MEDICARE, Terms
from anodyne.denials.remitted import compared, submitted
from anodyne.denials.status_words import Verdict
from anodyne.kernel.errors import BadRequest
from anodyne.model.denials import Action
from anodyne.model.frames import (
    CLAIM_MATCHES,
    CONTRACTS,
    DENIAL_CLAIM_FACTS,
    DENIAL_LIMITS,
    DENIAL_LINE_FACTS,
    DETERMINATIONS,
    LINE_MATCHES,
    empty,
)
from anodyne.model.frames import checked as typed
from anodyne.model.remittance import SCHEMAS, Remittance
from anodyne.reference.tables import Reference, load
from anodyne.sheets.read import read_contracts, read_limits

Progress = Callable[[int], None]

WORKED: Final = (Posting.POSTS.value, Posting.EMPTY.value)
"""What becomes of the payments whose claims are worked: copies count once, and what is held waits."""
ANSWERS, LINE_ANSWERS, EXPECTED_LINES = "answers", "line answers", "expected"
"""What there is of every claim and line, by its name on the shelf."""
_QUARANTINED: Final = (
    "remit_key", "payment_key", "claim_id", "status", "charge_cents", "paid_cents", "payer_control",
)  # fmt: skip
"""What was said of a claim that a person looks for."""
FILED_WITHIN: Final = "12mo"
"""From the service, to Medicare (42 CFR 424.44); what another payer grants is in its contract."""


@dataclass(frozen=True, slots=True)
class WorkedPart:
    """Some claims and lines, in the order of the files, with what is known of each."""

    claims: pl.DataFrame = field(repr=False)
    """As `frames.CLAIM_MATCHES`, with `claim`, `file` and `segment` of the claim that was sent, and
    `candidate_ids`."""
    lines: pl.DataFrame = field(repr=False)
    """As `frames.LINE_MATCHES`, with `line`, and `sent_line`, `sent_segment` and `sent_control` of what was
    sent."""
    expected: pl.DataFrame = field(repr=False)
    """As `frames.EXPECTED`."""
    work: pl.DataFrame = field(repr=False)
    """As `frames.WORK`."""
    downcodes: pl.DataFrame = field(repr=False)
    """As `frames.DOWNCODES`."""


@dataclass(frozen=True, slots=True)
class Worked:
    """What was read, what it answers, what should have been paid, and what to do next.

    All but `checked` is of payments that add up, each counted once.  What there is of every claim and line
    lies on a shelf, which goes when this is closed; what there is to do is in memory.
    """

    as_of: dt.date
    checked: RemitsChecked = field(repr=False)
    """Everything read, and what of it holds."""
    sent: tuple[StatusFile, ...]
    """The files of claims that were sent; `number` counts their claims."""
    held: pl.DataFrame = field(repr=False)
    """The payments that are not worked, as `RemitsChecked.payments`: held, or in two versions."""
    number: int
    """How many claims are worked."""
    matched: int
    """How many of them are matched to one that was sent."""
    strangers: int
    """How many match nothing that was sent; 0 where no claims that were sent were given."""
    strangers_cents: int
    """What was paid for those."""
    no_rate: bool
    """Whether there are lines, and of none it is known what should be allowed."""
    lowered: pl.DataFrame = field(repr=False)
    """The lines of `downcodes` as `denials.expected.priced`: what `denials.dispute.dispute_batch` takes."""
    downcodes: pl.DataFrame = field(repr=False)
    """As `frames.DOWNCODES`."""
    work: pl.DataFrame = field(repr=False)
    """As `frames.WORK`: the determinations in the order in which to work them."""
    statuses: StatusReport | None = field(repr=False)
    """Where claims stand by their acknowledgements, where these were given."""
    repeated: tuple[str, ...]
    """Files whose bytes were given before: they count once."""
    _known: Sent = field(repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove what was laid on the shelf; only what there is to do can be told after it."""
        self.read.close()

    @property
    def read(self) -> RemitsRead:
        """What the 835 files said, all of it."""
        return self.checked.read

    @property
    def anything(self) -> bool:
        """Whether there is something for a person to do."""
        open_ = (self.work["action"] != Action.ACCEPT.value).any()
        return open_ or self.strangers > 0 or any(len(rows) for rows in (self.downcodes, self.held))

    def parts(self) -> Iterator[WorkedPart]:
        """All that is worked, some claims at a time: those of the parts of `read`."""
        said = self.read.said
        of_work, of_downcodes = (said.part_of(rows) for rows in (self.work, self.downcodes))
        for part in range(len(said.parts())):
            claims, lines, expected = (
                said.shelf.take(name, part) for name in (ANSWERS, LINE_ANSWERS, EXPECTED_LINES)
            )
            yield WorkedPart(
                claims.sort("remit_key"),
                lines.sort("remit_line_key"),
                expected.sort("remit_line_key"),
                self.work.filter(of_work == part),
                self.downcodes.filter(of_downcodes == part),
            )

    def to_do(self, name: str, columns: list[str]) -> pl.DataFrame:
        """`columns`, `remit_key` among them, of the claims with something to do.

        Of what was said of them, as it is called in a Remittance, or of what they answer: ANSWERS.
        """
        said = self.read.said
        keys = pl.concat(rows.select("remit_key") for rows in (self.work, self.downcodes)).unique()
        taken = (
            said.shelf.take(name, part, columns) if name == ANSWERS else said.frame(name, piles, columns)
            for part, piles in enumerate(said.parts())
        )
        return pl.concat(rows.join(keys, on="remit_key", how="semi") for rows in taken).sort(
            "remit_key", maintain_order=True
        )

    def quarantine_parts(self) -> Iterator[pl.DataFrame]:
        """What `quarantine` gives, some claims at a time."""
        said = self.read.said
        strange = pl.col("claim_key").is_null() & bool(self.sent)
        for part, piles in enumerate(said.parts()):
            answers = said.shelf.take(ANSWERS, part).filter(strange).sort("remit_key")
            remits = said.frame("remits", piles, list(_QUARANTINED))
            yield answers.join(remits, on="remit_key", how="left", maintain_order="left")

    @property
    def quarantine(self) -> pl.DataFrame:
        """Remitted claims that match nothing that was sent, in memory: CLAIM_MATCHES with the reason.

        With `candidate_ids`, and what was said of each.  Empty where no claims that were sent were given.
        """
        return pl.concat(self.quarantine_parts())

    @property
    def determinations(self) -> pl.DataFrame:
        """The rows of `work` in the order of the files, as `frames.DETERMINATIONS`."""
        return self.work.select(*DETERMINATIONS).sort("determination_key")

    @property
    def claims(self) -> pl.DataFrame:
        """Claims that were sent, in the columns of `frames.CLAIMS`, in memory."""
        return self._known.whole("claims")

    @property
    def lines(self) -> pl.DataFrame:
        """The lines of claims that were sent, as `frames.LINES`, in memory."""
        return self._known.whole("lines")

    @property
    def remittance(self) -> Remittance:
        """What is worked, in memory: payments that add up, without copies."""
        return _part(self.read.remittance, _to_work(self.checked))

    @property
    def matches(self) -> Matches:
        """What each claim and line that is worked answers, in memory."""
        parts = list(self.parts())
        return Matches(
            pl.concat(part.claims.select(*CLAIM_MATCHES) for part in parts),
            pl.concat(part.lines.select(*LINE_MATCHES) for part in parts),
        )

    @property
    def expected(self) -> pl.DataFrame:
        """What should have been allowed for each line that is worked, as `frames.EXPECTED`, in memory."""
        return pl.concat(part.expected for part in self.parts())


def work_files(
    paths: Sequence[str],
    *,
    claims: Sequence[str] = (),
    contracts: str | None = None,
    limits: str | None = None,
    acknowledgements: Sequence[str] = (),
    localities: Sequence[str] = (),
    as_of: dt.date,
    reference: Reference | None = None,
    progress: Progress | None = None,
) -> Worked:
    """What is to be done on the day `as_of` about the 835 files at `paths`.

    `claims` are 837P files that were sent, `contracts` is a table of what payers should allow, `limits` of
    the days in which they may be asked, and `acknowledgements` are 999, 997 and 277CA files.  One of all may
    be `-`, standard input, though not of `claims` where there are acknowledgements.  A file given twice
    counts once.  `localities` are Medicare's in which the practice works, each as `05302-01`.  An 835 file
    that cannot be read is told of in `read`, and the others are worked; the rest must be readable.
    Raises UnreadableFile or one of its kinds, BadRequest where a request cannot be done.
    """
    _refuse_twice([*paths, *claims, *acknowledgements, *filter(None, (contracts, limits))])
    if acknowledgements and not claims:
        raise BadRequest(
            "acknowledgements say nothing without the claims that were sent",
            where="--acks",
            fix="Name them with --claims.",
        )
    agreed = empty(CONTRACTS) if contracts is None else read_contracts(contracts, name=shown(contracts))
    days_of = empty(DENIAL_LIMITS) if limits is None else read_limits(limits, name=shown(limits))
    reference = load(data_home()) if reference is None else reference
    terms = Terms(contracts=agreed, localities=localities_named(localities, reference))
    with ExitStack() as undone:
        shelf = undone.enter_context(Shelf())
        sent, known, again = _sent(claims, shelf)
        statuses = (
            remit_statuses(acknowledgements, claims=claims, reference=reference) if acknowledgements else None
        )
        read = read_files(paths, progress=progress, shelf=shelf)
        repeated = (*read.repeated, *again, *(statuses.repeated if statuses else ()))
        worked = work(
            read, known, sent=sent, statuses=statuses, terms=terms, limits=days_of, as_of=as_of,
            reference=reference, repeated=repeated,
        )  # fmt: skip
        undone.pop_all()
    return worked


def work(
    read: RemitsRead,
    known: Sent,
    *,
    sent: tuple[StatusFile, ...] = (),
    statuses: StatusReport | None = None,
    terms: Terms,
    limits: pl.DataFrame,
    as_of: dt.date,
    reference: Reference,
    repeated: Sequence[str] = (),
) -> Worked:
    """What is to be done about the remittances that were `read`, beside the claims that are `known`.

    Both lie on one shelf, which the result takes over.  `sent` are the files of the claims, `statuses` what
    acknowledgements said of them, and `limits` as `frames.DENIAL_LIMITS`.
    """
    books = Books(read, known)
    found = checked(read, books, reference=reference)
    todo = _in_books(found, books, statuses, terms, limits, as_of=as_of, reference=reference)
    return Worked(
        as_of=as_of,
        checked=found,
        sent=sent,
        held=found.payments.filter(pl.col("posting").is_in([Posting.HELD.value, Posting.VERSIONS.value])),
        number=todo.number,
        matched=todo.matched,
        strangers=todo.number - todo.matched if sent else 0,
        strangers_cents=todo.strangers_cents if sent else 0,
        no_rate=todo.no_rate,
        lowered=todo.lowered,
        downcodes=todo.downcodes,
        work=todo.work,
        statuses=statuses,
        repeated=tuple(dict.fromkeys(repeated)),
        _known=known,
    )


class _ToDo(NamedTuple):
    """What came of all books: fields of Worked."""

    number: int
    matched: int
    strangers_cents: int
    no_rate: bool
    lowered: pl.DataFrame
    downcodes: pl.DataFrame
    work: pl.DataFrame


def _in_books(
    found: RemitsChecked,
    books: Books,
    statuses: StatusReport | None,
    terms: Terms,
    limits: pl.DataFrame,
    *,
    as_of: dt.date,
    reference: Reference,
) -> _ToDo:
    """Work book by book, four times: three things are known only of all books together.

    They are which payers are Medicare, how each reduces further procedures, and how often each pays what
    Medicare would.
    """
    said, shelf = found.read.said, found.read.said.shelf
    numbers = range(books.number)
    worked = _to_work(found)

    def remittance(book: int) -> Remittance:
        return _part(books.remittance(book), worked)

    def keep(name: str, rows: pl.DataFrame, key: str) -> None:
        shelf.spread(name, rows, said.part_of(rows, key))

    number = matched = strangers_cents = 0
    payers = []
    for book in numbers:
        told, (claims, lines) = remittance(book), books.sent(book)
        matches = match(*_in_question(claims, lines, statuses), told.remits, told.lines)
        payers.append(_filings(told, matches, claims))
        shelf.put("submitted", book, submitted(matches.lines, claims, lines))
        shelf.put("claim facts", book, _claim_facts(matches, claims, lines, statuses))
        keep(ANSWERS, _with_sent_claims(matches.claims, claims), "remit_key")
        keep(LINE_ANSWERS, _with_sent_lines(matches.lines, told.lines, lines), "remit_line_key")
        number += len(matches.claims)
        matched += matches.claims["claim_key"].count()
        strangers = told.remits.join(matches.quarantine, on="remit_key", how="semi")
        strangers_cents += int(strangers["paid_cents"].sum())
    terms = replace(terms, medicare=_medicare(pl.concat(payers)))

    known = []
    for book in numbers:
        rows = expected.prepared(remittance(book), terms, reference, shelf.take("submitted", book))
        known.append(habits(rows))
        shelf.put("prepared", book, rows)
    habit = pl.concat(known).group_by(PAYER).agg(pl.col("reduces", "pays_all").sum())

    known = []
    for book in numbers:
        rows = expected.priced_by(shelf.take("prepared", book), habit, terms, reference)
        shelf.clear("prepared", book)
        rows = downcode.prepared(rows, remittance(book), terms, reference)
        known.append(downcode.agreement(rows))
        shelf.put("priced", book, rows)
    agreement = pl.concat(known).group_by(downcode.EDITION).agg(pl.col("number_telling", "agreeing").sum())

    asked = rated = 0
    for book in numbers:
        rows, told = shelf.take("priced", book), remittance(book)
        shelf.clear("priced", book)
        due, below = expected.told(rows), downcode.downcoded_by(rows, agreement)
        asked += len(due)
        rated += due["expected_cents"].count()
        keep(EXPECTED_LINES, due, "remit_line_key")
        shelf.put("lowered", 0, rows.join(below, on="remit_line_key", how="semi", maintain_order="left"))
        shelf.put("downcodes", 0, below)
        indicators = pair_indicators(told.lines, told.adjustments, reference)
        decided = determine(
            told,
            reference,
            as_of=as_of,
            line_facts=_shorts(line_facts(due, indicators), rows, below),
            claim_facts=shelf.take("claim facts", book),
            limits=limits,
        )
        shelf.put("determinations", 0, decided.drop("determination_key"))

    rows = shelf.take("determinations", 0).sort(
        "remit_key", "remit_line_key", nulls_last=False, maintain_order=True
    )
    rows = rows.with_row_index("determination_key").cast({"determination_key": pl.UInt32})
    return _ToDo(
        number=number,
        matched=matched,
        strangers_cents=strangers_cents,
        no_rate=asked > 0 and not rated,
        lowered=shelf.take("lowered", 0).sort("remit_line_key"),
        downcodes=shelf.take("downcodes", 0).sort("remit_line_key", maintain_order=True),
        work=ordered(rows.select(*DETERMINATIONS), reference, as_of=as_of),
    )


def _refuse_twice(paths: Sequence[str]) -> None:
    if list(paths).count(STANDARD_INPUT) > 1:
        raise BadRequest("standard input is named twice", where=STANDARD_INPUT, fix="Name it once.")


def _sent(paths: Sequence[str], shelf: Shelf) -> tuple[tuple[StatusFile, ...], Sent, list[str]]:
    """The claims that were sent, window by window, and the files whose bytes were given before."""
    once, repeated = each_once(paths, ())
    files, known = [], Sent(shelf)
    line_key = 0
    for path, _ in once:
        name, digest, before = shown(path), hashlib.sha256(), known.claims
        for part in parts(path, False, name=name, judged=True, claim_key=before, line_key=line_key):
            digest.update(part.raw)
            known.lay(part.claims, part.lines)
            line_key += len(part.lines)
        files.append(StatusFile(name, digest.hexdigest(), known.claims - before))
    return tuple(files), known, repeated


def _to_work(found: RemitsChecked) -> pl.DataFrame:
    """The payments that are worked, by `payment_key`."""
    return found.payments.filter(pl.col("posting").is_in(WORKED)).select("payment_key")


def _with_sent_claims(matches: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """CLAIM_MATCHES with `claim`, `file` and `segment` of the claim that was sent, and `candidate_ids`."""
    sent = claims.select("claim_key", "file", "segment", claim="claim_id")
    candidates = (
        matches.select("remit_key", candidates="candidates")
        .explode("candidates", empty_as_null=True)
        .join(sent.select(candidates="claim_key", id="claim"), on="candidates", maintain_order="left")
        .group_by("remit_key", maintain_order=True)
        .agg(candidate_ids="id")
    )
    return (
        matches.join(sent, on="claim_key", how="left", maintain_order="left")
        .join(candidates, on="remit_key", how="left", maintain_order="left")
        .with_columns(pl.col("candidate_ids").fill_null([]))
    )


def _with_sent_lines(matches: pl.DataFrame, told: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """LINE_MATCHES with the `line` that was told, and `sent_line`, `sent_segment` and `sent_control`."""
    sent = lines.select("line_key", sent_line="line", sent_segment="segment", sent_control="control_number")
    return matches.join(
        told.select("remit_line_key", "line"), on="remit_line_key", how="left", maintain_order="left"
    ).join(sent, on="line_key", how="left", maintain_order="left")


def _part(said: Remittance, payments: pl.DataFrame) -> Remittance:
    """What was said of `payments` alone; every key stays what it is."""
    if len(payments) == len(said.payments):
        return said
    kept = payments.select("payment_key")
    remits = said.remits.join(kept, on="payment_key", how="semi", maintain_order="left")
    own = {"payments": (kept, "payment_key"), "remits": (kept, "payment_key")}
    own["provider_adjustments"] = (kept, "payment_key")
    frames = {}
    for name in SCHEMAS:
        keys, key = own.get(name, (remits.select("remit_key"), "remit_key"))
        frames[name] = getattr(said, name).join(keys, on=key, how="semi", maintain_order="left")
    return Remittance(**frames)


def _in_question(
    claims: pl.DataFrame, lines: pl.DataFrame, statuses: StatusReport | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The claims that a remittance can answer: not those that were rejected and sent again."""
    if statuses is None:
        return claims, lines
    gone = statuses.standings.filter(
        pl.col("standing") == Verdict.REJECTED.value, pl.col("resent_as").is_not_null()
    ).select("claim_key")
    return tuple(
        rows.join(gone, on="claim_key", how="anti", maintain_order="left") for rows in (claims, lines)
    )  # type: ignore[return-value]


def _shorts(facts: pl.DataFrame, lines: pl.DataFrame, downcodes: pl.DataFrame) -> pl.DataFrame:
    """`facts`, by which a line is short only where `downcodes` holds its payer to the rate.

    Of the others it is known only of a sure rate that enough was allowed.
    """
    found = downcodes.filter(pl.col("kind") != downcode.Kind.BUNDLED.value, pl.col("difference_cents") > 0)
    short = found.group_by("remit_line_key").agg(found_cents=pl.col("difference_cents").sum())
    sure = lines.select("remit_line_key", "sure")
    known = pl.when(pl.col("sure") & pl.col("short_cents").is_not_null()).then(0)
    return (
        facts.join(short, on="remit_line_key", how="left", maintain_order="left")
        .join(sure, on="remit_line_key", how="left", maintain_order="left")
        .with_columns(short_cents=pl.coalesce("found_cents", known))
        .select(*DENIAL_LINE_FACTS)
    )


def _filings(remittance: Remittance, matches: Matches, claims: pl.DataFrame) -> pl.DataFrame:
    """By payer, `id` and `text`, whether it answers claims filed as Medicare Part B, and whether others."""
    payers = remittance.payments.select("payment_key", id=compared("payer_id"), text=compared("payer_name"))
    filed = pl.col("filing", "sent_filing")
    return (
        remittance.remits.select("remit_key", "payment_key", "filing")
        .join(payers, on="payment_key", how="left")
        .join(matches.claims.select("remit_key", "claim_key"), on="remit_key", how="left")
        .join(claims.select("claim_key", sent_filing="filing"), on="claim_key", how="left")
        .group_by("id", "text")
        .agg(
            known=pl.any_horizontal((filed == MEDICARE).any()),
            other=pl.any_horizontal((filed != MEDICARE).any()),
        )
    )


def _medicare(filings: pl.DataFrame) -> frozenset[str]:
    """Payers that answer claims sent to Medicare Part B, and never call themselves something else."""
    rows = filings.group_by("id", "text").agg(pl.col("known", "other").any())
    rows = rows.filter("known", ~pl.col("other"))
    return frozenset(pl.concat([rows["id"], rows["text"]]).drop_nulls())


def _claim_facts(
    matches: Matches, claims: pl.DataFrame, lines: pl.DataFrame, statuses: StatusReport | None
) -> pl.DataFrame:
    """What acknowledgements prove of claims: that Medicare had them in time."""
    if statuses is None:
        return empty(DENIAL_CLAIM_FACTS)
    accepted = statuses.answers.filter(
        pl.col("source") == "277CA",
        pl.col("level") == "claim",
        pl.col("verdict") == Verdict.ACCEPTED.value,
        pl.col("by") == "payer",
        pl.col("certainty") == "certain",
    )
    had = accepted.group_by("claim_key").agg(had_on=pl.coalesce("received_on", "told_on").min())
    in_time = (
        claims.filter(pl.col("filing") == MEDICARE)
        .select("claim_key")
        .join(had, on="claim_key")
        .join(days(lines, "claim_key"), on="claim_key")
        .filter(pl.col("had_on") <= pl.col("first_on").dt.offset_by(FILED_WITHIN))
        .select("claim_key", filed_in_time=pl.lit(value=True))
    )
    rows = matches.claims.select("remit_key", "claim_key").join(in_time, on="claim_key", how="inner")
    blank = [
        pl.lit(None, kind).alias(name)
        for name, kind in DENIAL_CLAIM_FACTS.items()
        if name not in rows.columns
    ]
    return typed(rows.with_columns(blank).select(*DENIAL_CLAIM_FACTS).sort("remit_key"), DENIAL_CLAIM_FACTS)
