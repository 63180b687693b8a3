"""What is to be done about what payers sent back: read, balanced, matched, expected, determined, in order."""

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from anodyne.app.home import data_home
from anodyne.app.reading import STANDARD_INPUT, each_once, parts, shown
from anodyne.app.remit_check import Posting, RemitsChecked, checked
from anodyne.app.remit_localities import localities_named
from anodyne.app.remit_read import RemitsRead, read_files
from anodyne.app.remit_statuses import StatusFile, StatusReport, remit_statuses
from anodyne.denials.alike import days
from anodyne.denials.determine import determine
from anodyne.denials.downcode import Kind, downcoded
from anodyne.denials.expected import priced, told
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
    CLAIMS,
    CONTRACTS,
    DENIAL_CLAIM_FACTS,
    DENIAL_LIMITS,
    DENIAL_LINE_FACTS,
    LINES,
    empty,
)
from anodyne.model.frames import checked as typed
from anodyne.model.remittance import SCHEMAS, Remittance
from anodyne.reference.tables import Reference, load
from anodyne.sheets.read import read_contracts, read_limits

Progress = Callable[[int], None]

WORKED: Final = (Posting.POSTS.value, Posting.EMPTY.value)
"""What becomes of the payments whose claims are worked: copies count once, and what is held waits."""
FILED_WITHIN: Final = "12mo"
"""From the service, to Medicare (42 CFR 424.44); what another payer grants is in its contract."""


@dataclass(frozen=True, slots=True)
class Worked:
    """What was read, what it answers, what should have been paid, and what to do next.

    All frames but those of `checked` are of payments that add up, each counted once: `remittance`.
    """

    as_of: dt.date
    checked: RemitsChecked = field(repr=False)
    """Everything read, and what of it holds."""
    sent: tuple[StatusFile, ...]
    """The files of claims that were sent; `number` counts their claims."""
    claims: pl.DataFrame = field(repr=False)
    """Claims that were sent, in the columns of `frames.CLAIMS`; `lines` as `frames.LINES`."""
    lines: pl.DataFrame = field(repr=False)
    remittance: Remittance = field(repr=False)
    """What is worked: payments that add up, without copies."""
    held: pl.DataFrame = field(repr=False)
    """The payments that are not worked, as `RemitsChecked.payments`: held, or in two versions."""
    matches: Matches = field(repr=False)
    priced: pl.DataFrame = field(repr=False)
    """As `denials.expected.priced`: what `denials.dispute.dispute_batch` takes."""
    expected: pl.DataFrame = field(repr=False)
    """As `frames.EXPECTED`."""
    downcodes: pl.DataFrame = field(repr=False)
    """As `frames.DOWNCODES`."""
    determinations: pl.DataFrame = field(repr=False)
    """As `frames.DETERMINATIONS`."""
    work: pl.DataFrame = field(repr=False)
    """As `frames.WORK`: the determinations in the order in which to work them."""
    statuses: StatusReport | None = field(default=None, repr=False)
    """Where claims stand by their acknowledgements, where these were given."""
    repeated: tuple[str, ...] = ()
    """Files whose bytes were given before: they count once."""

    @property
    def read(self) -> RemitsRead:
        """What the 835 files said, all of it."""
        return self.checked.read

    @property
    def quarantine(self) -> pl.DataFrame:
        """Remitted claims that match nothing that was sent, as `frames.CLAIM_MATCHES`, with the reason.

        Empty where no claims that were sent were given.
        """
        return self.matches.quarantine if self.sent else self.matches.quarantine.clear()

    @property
    def anything(self) -> bool:
        """Whether there is something for a person to do."""
        open_ = (self.work["action"] != Action.ACCEPT.value).any()
        return open_ or any(len(rows) for rows in (self.downcodes, self.quarantine, self.held))


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
    places = localities_named(localities, reference)
    sent, known_claims, known_lines, again = _sent(claims)
    statuses = (
        remit_statuses(acknowledgements, claims=claims, reference=reference) if acknowledgements else None
    )
    found = checked(read_files(paths, progress=progress), reference=reference)
    return work(
        found,
        (sent, known_claims, known_lines),
        (agreed, days_of),
        statuses,
        places,
        as_of=as_of,
        reference=reference,
        repeated=(*found.read.repeated, *again, *(statuses.repeated if statuses else ())),
    )


def work(
    found: RemitsChecked,
    known: tuple[tuple[StatusFile, ...], pl.DataFrame, pl.DataFrame],
    agreements: tuple[pl.DataFrame, pl.DataFrame],
    statuses: StatusReport | None,
    localities: tuple[tuple[str, str], ...],
    *,
    as_of: dt.date,
    reference: Reference,
    repeated: tuple[str, ...] = (),
) -> Worked:
    """What is to be done about remittances that were `found`, beside the claims that are `known`.

    `known` are the files that were sent, their claims and lines; `agreements` contracts and limits.
    """
    sent, claims, lines = known
    contracts, limits = agreements
    remittance = _part(found.read.remittance, found.payments.filter(pl.col("posting").is_in(WORKED)))
    matches = match(*_in_question(claims, lines, statuses), remittance.remits, remittance.lines)
    medicare = _medicare(remittance, matches, claims)
    terms = Terms(contracts=contracts, localities=localities, medicare=medicare)
    lines_priced = priced(remittance, terms, reference, submitted(matches.lines, claims, lines))
    expected = told(lines_priced)
    downcodes = downcoded(lines_priced, remittance, terms, reference)
    indicators = pair_indicators(remittance.lines, remittance.adjustments, reference)
    determinations = determine(
        remittance,
        reference,
        as_of=as_of,
        line_facts=_shorts(line_facts(expected, indicators), lines_priced, downcodes),
        claim_facts=_claim_facts(matches, claims, lines, statuses),
        limits=limits,
    )
    held = found.payments.filter(pl.col("posting").is_in([Posting.HELD.value, Posting.VERSIONS.value]))
    return Worked(
        as_of=as_of,
        checked=found,
        sent=sent,
        claims=claims,
        lines=lines,
        remittance=remittance,
        held=held,
        matches=matches,
        priced=lines_priced,
        expected=expected,
        downcodes=downcodes,
        determinations=determinations,
        work=ordered(determinations, reference, as_of=as_of),
        statuses=statuses,
        repeated=tuple(dict.fromkeys(repeated)),
    )


def _refuse_twice(paths: Sequence[str]) -> None:
    if list(paths).count(STANDARD_INPUT) > 1:
        raise BadRequest("standard input is named twice", where=STANDARD_INPUT, fix="Name it once.")


def _sent(
    paths: Sequence[str],
) -> tuple[tuple[StatusFile, ...], pl.DataFrame, pl.DataFrame, list[str]]:
    """The claims that were sent, window by window, and the files whose bytes were given before."""
    once, repeated = each_once(paths, ())
    files, claims, lines = [], [empty(CLAIMS)], [empty(LINES)]
    claim_key = line_key = 0
    for path, _ in once:
        name, digest, before = shown(path), hashlib.sha256(), claim_key
        for part in parts(path, False, name=name, judged=True, claim_key=claim_key, line_key=line_key):
            digest.update(part.raw)
            claims.append(part.claims)
            lines.append(part.lines)
            claim_key += len(part.claims)
            line_key += len(part.lines)
        files.append(StatusFile(name, digest.hexdigest(), claim_key - before))
    return tuple(files), pl.concat(claims), pl.concat(lines), repeated


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
    found = downcodes.filter(pl.col("kind") != Kind.BUNDLED.value, pl.col("difference_cents") > 0)
    short = found.group_by("remit_line_key").agg(found_cents=pl.col("difference_cents").sum())
    sure = lines.select("remit_line_key", "sure")
    known = pl.when(pl.col("sure") & pl.col("short_cents").is_not_null()).then(0)
    return (
        facts.join(short, on="remit_line_key", how="left", maintain_order="left")
        .join(sure, on="remit_line_key", how="left", maintain_order="left")
        .with_columns(short_cents=pl.coalesce("found_cents", known))
        .select(*DENIAL_LINE_FACTS)
    )


def _medicare(remittance: Remittance, matches: Matches, claims: pl.DataFrame) -> frozenset[str]:
    """Payers that answer claims sent to Medicare Part B, and never call themselves something else."""
    payers = remittance.payments.select("payment_key", id=compared("payer_id"), text=compared("payer_name"))
    rows = (
        remittance.remits.select("remit_key", "payment_key", "filing")
        .join(payers, on="payment_key", how="left")
        .join(matches.claims.select("remit_key", "claim_key"), on="remit_key", how="left")
        .join(claims.select("claim_key", sent_filing="filing"), on="claim_key", how="left")
        .group_by("id", "text")
        .agg(
            other=(pl.col("filing") != MEDICARE).any() | (pl.col("sent_filing") != MEDICARE).any(),
            known=(pl.col("filing") == MEDICARE).any() | (pl.col("sent_filing") == MEDICARE).any(),
        )
        .filter("known", ~pl.col("other"))
    )
    return frozenset(pl.concat([rows["id"], rows["text"]]).drop_nulls())


def _claim_facts(
    matches: Matches, claims: pl.DataFrame, lines: pl.DataFrame, statuses: StatusReport | None
) -> pl.DataFrame | None:
    """What acknowledgements prove of claims: that Medicare had them in time."""
    if statuses is None:
        return None
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
