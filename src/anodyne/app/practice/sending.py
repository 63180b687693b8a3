"""What leaves the practice: ready claims into files and forms, looked over, released or taken back.

A claim leaves whole or not at all.  A file is read again and judged again before it may go, and what differs
or would be refused keeps all of it here, with the reasons.
"""

import datetime as dt
import hashlib
import io
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal, cast
from zoneinfo import ZoneInfo

import polars as pl
from django.db import transaction
from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.utils import timezone

from anodyne.app.judging import judge_book
from anodyne.app.practice.checking import HOLDING, policies_for, tables
from anodyne.app.practice.coordinating import coordination_for
from anodyne.app.practice.editing import copied
from anodyne.app.practice.parties import paper_of, parties_of
from anodyne.forms.cms1500 import cms1500
from anodyne.kernel.errors import BadRequest
from anodyne.model.book import Book
from anodyne.model.coordination import Coordination, coordination_of
from anodyne.model.frames import CLAIMS, DIAGNOSES, FINDINGS, LINES, MODIFIERS
from anodyne.model.versions import REPLACEMENT, VOID
from anodyne.rules.discover import claim_rules
from anodyne.store.books import Shelf, shelf
from anodyne.store.models import (
    Claim,
    ClaimState,
    ClaimVersion,
    Clearinghouse,
    Document,
    Finding,
    Line,
    Note,
    Payer,
    Practice,
    Submission,
    SubmissionClaim,
    Waiver,
)
from anodyne.store.models.sending import SubmissionState
from anodyne.store.scope import CurrentPractice
from anodyne.x12.compose import compose
from anodyne.x12.compose_parties import Interchange
from anodyne.x12.read import read_stream

CLAIMS_FILE: Final = "837P"
PAPER: Final = "paper"
"""Kinds of documents that are sent."""
LAST_CONTROL: Final = 999_999_999
_NO_REASONS: Final[Mapping[int, str]] = MappingProxyType({})
_OUT: Final = (
    ClaimState.BATCHED, ClaimState.SENT, ClaimState.ACCEPTED, ClaimState.DENIED, ClaimState.PARTLY_PAID,
    ClaimState.PAID, ClaimState.CLOSED,
)  # fmt: skip
"""States of a claim whose content a payer has, or will have."""
_SAME_CLAIM: Final = (
    "payer_id", "filing", "payer_rank", "member_id", "relationship", "birth_date", "billing_npi",
    "rendering_npi", "referring_npi", "frequency", "original_ref", "charge_cents", "auth_number", "pos",
    *DIAGNOSES,
)  # fmt: skip
_SAME_LINE: Final = (
    "line", "code", *MODIFIERS, "units", "unit_basis", "charge_cents", "served_on", "dx_pointers", "ndc",
)  # fmt: skip
"""What of a claim and of its lines must be the same in the file as in the database."""
_MOST_REASONS: Final = 20


@dataclass(frozen=True, slots=True)
class Pile:
    """Claims that are ready for one way out."""

    clearinghouse: Clearinghouse | None
    """None for paper, and where no way is known."""
    on_paper: bool
    payer: Payer | None
    """Of paper, to whom; None for a clearinghouse."""
    claims: int
    charge_cents: int


@dataclass(frozen=True, slots=True)
class Left:
    """A claim that does not leave, and why: each reason in words, without anything of a patient."""

    claim: int
    claim_id: str
    reasons: tuple[str, ...]
    repeats: bool = False
    """Whether its only reason is that the same was sent before: a person may say why it goes again."""


class NotSent(BadRequest):
    """Claims cannot leave as they are; nothing was done."""

    def __init__(self, left: Sequence[Left]) -> None:
        told = "; ".join(f"claim {one.claim_id}: {', '.join(one.reasons)}" for one in left[:_MOST_REASONS])
        more = len(left) - _MOST_REASONS
        super().__init__(
            f"no file is made; {told}" + (f"; and {more} more" if more > 0 else ""),
            where="the claims of the batch",
            fix="Mend these claims, or leave them out.",
        )
        self.left = tuple(left)


@dataclass(frozen=True, slots=True)
class Batch:
    """What was made of claims, and what stayed behind."""

    submissions: tuple[Submission, ...]
    left: tuple[Left, ...] = ()
    """Of all that were ready, those that do not leave."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A submission opened: its claims, and what the rules find in its bytes."""

    submission: Submission
    claims: tuple[Mapping[str, Any], ...] = field(repr=False)
    """Of each: key, claim_id, payer, charge_cents, lines, version, state, withdrawn."""
    findings: tuple[Mapping[str, Any], ...] = field(repr=False)
    text: str = field(repr=False)
    """The file, a segment a line; empty for paper."""
    charge_cents: int


# ---------------------------------------------------------------------------- ready


def piles() -> tuple[Pile, ...]:
    """What is ready, by its way out, with dollars; claims without any way last."""
    ready = Claim.objects.filter(state=ClaimState.READY)
    houses = {house.pk: house for house in Clearinghouse.objects.all()}
    electronic = _summed(ready.filter(payer__on_paper=False), "payer__clearinghouse")
    found = [Pile(houses.get(key), False, None, count, cents) for key, count, cents in electronic]
    paper = [*_summed(ready.filter(payer__on_paper=True), "payer")]
    payers = Payer.objects.in_bulk([key for key, _, _ in paper])
    found += [Pile(None, True, payers[key], count, cents) for key, count, cents in paper]
    return tuple(
        sorted(found, key=lambda one: (one.clearinghouse is None and not one.on_paper, one.on_paper))
    )


def _summed(claims: QuerySet[Claim], by: str) -> Iterable[tuple[Any, int, int]]:
    """By what claims have in common, how many they are and their charges."""
    sums = claims.values(by).annotate(number=Count("pk"), cents=Sum("charge_cents")).order_by(by)
    yield from sums.values_list(by, "number", "cents")


# ---------------------------------------------------------------------------- batch


@transaction.atomic
def batch(
    claims: Collection[int] | None = None,
    *,
    as_of: dt.date,
    made_at: dt.datetime,
    user: int | None = None,
    clearinghouse: int | None = None,
    paper_to: int | None = None,
    without: Collection[int] = (),
    again: Mapping[int, str] = _NO_REASONS,
) -> Batch:
    """Files of `claims`, one for each clearinghouse, and forms, one pile for each payer on paper.

    Without `claims` all that are ready leave (to one `clearinghouse`, or on paper to one payer, where that is
    named), but for those `without` which it shall go, and those that may not, which are told in `left`.
    `again` says by claim why the same content goes a second time; the
    reason is written down as a note of `user`.  Versions are closed.  The same claims, control number and
    `made_at` give the same bytes.

    Raises NotSent, with every reason, where a claim that is named may not leave, or where a file, read and
    judged again, is not what the database holds or would be refused or denied: then nothing is done.
    """
    practice = _locked_practice()
    rows = _rows(_wanted(claims, clearinghouse, paper_to).exclude(pk__in=without), claims is None)
    found = _Fitness(rows, as_of, again, named=claims is not None)
    missing = set(claims or ()) - {row.pk for row in rows}
    if missing:
        raise BadRequest(
            f"{len(missing)} of the claims are not there", where="the batch", fix="Choose from the worklist."
        )
    left = [*found.left()]
    if left and claims is not None:
        raise NotSent(left)
    gone = {one.claim for one in left}
    piles_of: dict[tuple[int | None, int | None], list[Claim]] = defaultdict(list)
    for row in rows:
        if row.pk not in gone:
            paper = row.payer.on_paper
            piles_of[None if paper else row.payer.clearinghouse_id, row.payer_id if paper else None].append(
                row
            )
    made = [
        _submission(practice, some, found, as_of=as_of, made_at=made_at, user=user)
        for _, some in sorted(piles_of.items(), key=lambda pile: tuple(key or 0 for key in pile[0]))
    ]
    for key, reason in sorted(again.items()):
        if user is not None and key in {row.pk for row in rows} - gone:
            Note.objects.create(claim_id=key, text=f"Sent again: {reason.strip()}", by_id=user)
    return Batch(tuple(made), tuple(left))


def _locked_practice() -> Practice:
    """The practice of the transaction, whose next batch waits until this one is done."""
    return Practice.objects.select_for_update(no_key=True).get(pk=CurrentPractice())


def _wanted(
    claims: Collection[int] | None, clearinghouse: int | None, paper_to: int | None
) -> QuerySet[Claim]:
    """The claims in question."""
    if claims is not None:
        return Claim.objects.filter(pk__in=claims)
    ready = Claim.objects.filter(state=ClaimState.READY)
    if clearinghouse is not None:
        return ready.filter(payer__clearinghouse=clearinghouse, payer__on_paper=False)
    return ready if paper_to is None else ready.filter(payer=paper_to, payer__on_paper=True)


def _rows(wanted: QuerySet[Claim], every_ready: bool) -> list[Claim]:
    """The claims in question, locked, in the order of their ids."""
    related = (
        "payer__clearinghouse",
        "patient",
        "billing",
        "facility",
        "coverage__payer",
        "coverage__plan",
        "primary__coverage__payer",
    )
    locked = wanted.select_for_update(of=("self",), no_key=True).order_by("pk").select_related(*related)
    rows = [row for row in locked if not every_ready or row.state == ClaimState.READY]
    return sorted(rows, key=lambda row: (row.claim_id, row.rank))


class _Fitness:
    """Which of some claims may leave, and why the others may not."""

    def __init__(
        self, rows: Sequence[Claim], as_of: dt.date, again: Mapping[int, str], *, named: bool
    ) -> None:
        self.rows = rows
        self.versions = {
            version.claim_id: version
            for version in ClaimVersion.objects.filter(claim__in=rows, closed_at=None)
        }
        self.waived = waived([row.pk for row in rows], as_of)
        self._again = again
        self._may = (ClaimState.READY, ClaimState.REJECTED) if named else (ClaimState.READY,)
        self._held = self._holding()
        self._known = _sent_before(rows, self.versions)

    def left(self) -> Iterable[Left]:
        """The claims that may not leave."""
        for row in self.rows:
            reasons = [*self._reasons(row)]
            same = self._known.get(row.pk)
            repeats = same is not None and not self._again.get(row.pk, "").strip()
            if repeats:
                reasons.append(f"the same service was sent before, with claim {same}")
            if reasons:
                yield Left(row.pk, row.claim_id, tuple(reasons), repeats=repeats and len(reasons) == 1)

    def _reasons(self, row: Claim) -> Iterable[str]:
        if row.state not in self._may:
            yield f"it is {ClaimState(row.state).label.lower()}"
            return
        version = self.versions.get(row.pk)
        if version is None:
            yield "it has left: what was sent is corrected or voided"
            return
        if version.checked_at is None:
            yield "it was changed since it was checked"
        yield from self._held.get(version.pk, ())
        if version.frequency in (REPLACEMENT, VOID) and not (row.payer_control or version.original_ref):
            yield "the payer's own number of it is not known, and no correction goes without it"
        if not row.payer.on_paper and row.payer.clearinghouse is None:
            yield "its payer has no clearinghouse and is not on paper"

    def _holding(self) -> dict[int, list[str]]:
        """By version, the findings that hold it."""
        told: dict[int, list[str]] = defaultdict(list)
        claim_of = {version.pk: claim for claim, version in self.versions.items()}
        found = Finding.objects.filter(version__in=claim_of, outcome__in=HOLDING).select_related("line")
        for one in found.order_by("pk"):
            line = None if one.line is None else one.line.line
            if not is_waived(self.waived, claim_of[one.version_id], one.rule, line):
                told[one.version_id].append(f"{one.rule}: {one.message}")
        return told


Waived = Mapping[tuple[int, str], frozenset[int | None]]
"""By claim and rule, the lines that are waived; None is the claim as a whole."""


def waived(claims: Collection[int], as_of: dt.date) -> Waived:
    """What people let go of these claims on the day `as_of`."""
    found: dict[tuple[int, str], set[int | None]] = defaultdict(set)
    for one in Waiver.objects.filter(claim__in=claims, withdrawn_at=None).exclude(until__lt=as_of):
        found[one.claim_id, one.rule].add(one.line)
    return {key: frozenset(lines) for key, lines in found.items()}


def is_waived(given: Waived, claim: int, rule: str, line: int | None) -> bool:
    """Whether a finding of `rule` on that line of that claim is waived."""
    return line in given.get((claim, rule), ())


def _sent_before(rows: Sequence[Claim], versions: Mapping[int, ClaimVersion]) -> dict[int, str]:
    """By claim, the id of one whose sent version has a service of its patient, payer, day, code and charge.

    Rejected and void ones do not count, and a correction repeats its original by design.
    """
    of_version = {version.pk: claim for claim, version in versions.items() if version.frequency == "1"}
    own = {row.pk: row for row in rows}
    lines = Line.objects.filter(version__in=of_version).values_list(
        "version", "served_on", "code", "charge_cents"
    )
    asked: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for version, *service in lines:
        row = own[of_version[version]]
        asked[row.patient_id, row.payer_id, row.rank, *service].append(row.pk)
    found: dict[int, str] = {}
    for same in asked.values():
        several = sorted(set(same), key=lambda key: own[key].claim_id)
        found |= dict.fromkeys(several[1:], own[several[0]].claim_id)
    patients = {row.patient_id for row in rows}
    sent = Line.objects.filter(_WAS_SENT, version__claim__patient__in=patients).exclude(
        version__claim__state=ClaimState.REJECTED
    )
    void = ClaimVersion.objects.filter(was_sent("")).filter(frequency=VOID, claim__patient__in=patients)
    voided = set(void.values_list("claim_id", flat=True))
    refused = refused_versions(patients)
    names = ("patient_id", "payer_id", "rank")
    values = sent.values_list(
        *(f"version__claim__{name}" for name in names), "served_on", "code", "charge_cents", "version",
        "version__claim", "version__claim__claim_id",
    )  # fmt: skip
    for *service, version, claim, claim_id in values:
        if version not in refused and claim not in voided:
            found |= dict.fromkeys(asked.get(tuple(service), ()), claim_id)
    return found


def was_sent(prefix: str = "") -> Q:
    """A version that is in a file that was not withdrawn, or was closed before it came here."""
    in_file = Q(**{f"{prefix}submissions__withdrawn": False})
    elsewhere = Q(**{f"{prefix}submissions": None, f"{prefix}closed_at__isnull": False})
    return in_file | elsewhere


_WAS_SENT: Final = was_sent("version__")


def refused_versions(patients: Collection[int]) -> set[int]:
    """The sent versions of these patients that were rejected, and not accepted since."""
    answered = ClaimVersion.objects.filter(claim__patient__in=patients, answers__verdict="rejected")
    rows = answered.annotate(
        rejected=Max("answers__told_on", filter=Q(answers__verdict="rejected")),
        accepted=Max("answers__told_on", filter=Q(answers__verdict="accepted")),
    ).values_list("pk", "rejected", "accepted")
    return {key for key, no, yes in rows if yes is None or (no is not None and yes <= no)}


def _submission(
    practice: Practice,
    rows: Sequence[Claim],
    found: _Fitness,
    *,
    as_of: dt.date,
    made_at: dt.datetime,
    user: int | None,
) -> Submission:
    """One file or pile of forms, made, looked over and written down, its versions closed."""
    house = None if rows[0].payer.on_paper else rows[0].payer.clearinghouse
    for row in rows:
        version = found.versions[row.pk]
        wanted = (
            row.payer_control or version.original_ref if version.frequency in (REPLACEMENT, VOID) else None
        )
        if version.original_ref != wanted:
            version.original_ref = wanted
            version.save(update_fields=["original_ref"])
    keys = {found.versions[row.pk].pk: row for row in rows}
    kept = shelf([*keys])
    local = made_at.astimezone(ZoneInfo(practice.time_zone))
    control = None
    if house is None:
        data = _forms(practice, kept, keys)
        name = f"{rows[0].payer.payer_id}-{local:%Y%m%d-%H%M%S}.pdf"
    else:
        control = _next_control(practice)
        data = _file(practice, house, kept, keys, control=control, made_at=local)
        name = f"{control:09}.837"
    left = _refusals(data if house else None, kept, keys, as_of=as_of, given=found.waived)
    if left:
        raise NotSent(left)
    document = Document.objects.create(
        kind=PAPER if house is None else CLAIMS_FILE,
        name=name,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        content=data,
        by_id=user,
    )
    made = Submission.objects.create(
        clearinghouse=house, control_number=control, document=document, made_by_id=user
    )
    SubmissionClaim.objects.bulk_create(SubmissionClaim(submission=made, version_id=key) for key in keys)
    ClaimVersion.objects.filter(pk__in=keys).update(closed_at=made_at)
    Claim.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=ClaimState.BATCHED, revision=F("revision") + 1, updated_at=timezone.now()
    )
    return made


def _next_control(practice: Practice) -> int:
    if practice.last_control_number >= LAST_CONTROL:
        raise BadRequest(
            "all control numbers are used",
            where="the practice",
            fix="Agree on a new sender id and start anew.",
        )
    practice.last_control_number += 1
    practice.save(update_fields=["last_control_number"])
    return practice.last_control_number


def _in_order(kept: Shelf, keys: Mapping[int, Claim]) -> list[Claim]:
    return [keys[version] for version in kept.versions]


def _file(
    practice: Practice,
    house: Clearinghouse,
    kept: Shelf,
    keys: Mapping[int, Claim],
    *,
    control: int,
    made_at: dt.datetime,
) -> bytes:
    rows = _in_order(kept, keys)
    try:
        return compose(
            kept.claims.sort("claim_id", "payer_rank"),
            kept.lines,
            parties_of(practice, house, rows),
            Interchange(
                sender=practice.submitter_id,
                receiver=house.receiver_id,
                control_number=control,
                made_at=made_at.replace(tzinfo=None),
                usage="T" if house.is_test else "P",
                sender_qualifier=house.sender_qualifier,
                receiver_qualifier=house.receiver_qualifier,
                line_breaks=True,
            ),
            _coordination(kept, rows),
        )
    except BadRequest as error:
        if len(keys) == 1:
            row = next(iter(keys.values()))
            raise NotSent([Left(row.pk, row.claim_id, (error.what,))]) from error
        unfit = [
            one
            for key, row in keys.items()
            for one in _unwritten(practice, house, key, row, control=control, made_at=made_at)
        ]
        if unfit:
            raise NotSent(unfit) from error
        raise BadRequest(error.what, where=f"the batch for {house.name}", fix=error.fix) from error


def _unwritten(
    practice: Practice, house: Clearinghouse, key: int, row: Claim, *, control: int, made_at: dt.datetime
) -> tuple[Left, ...]:
    """Why a version cannot be written by itself, which keeps the others of its file here."""
    try:
        _file(practice, house, shelf([key]), {key: row}, control=control, made_at=made_at)
    except NotSent as error:
        return error.left
    return ()


def _coordination(kept: Shelf, rows: Sequence[Claim]) -> Coordination:
    """What earlier payers decided of those of the claims that go to a later one."""
    parts: list[Coordination] = []
    payers = adjudications = 0
    for claim_key, row in enumerate(rows):
        if row.primary is not None:
            own = kept.lines.filter(claim_key=claim_key)
            parts.append(coordination_for(row, claim_key, own, payers, adjudications))
            payers += len(parts[-1].payers)
            adjudications += len(parts[-1].adjudications)
    return coordination_of(parts)


def _forms(practice: Practice, kept: Shelf, keys: Mapping[int, Claim]) -> bytes:
    rows = _in_order(kept, keys)
    return cms1500(
        kept.claims.sort("claim_id", "payer_rank"),
        kept.lines,
        parties_of(practice, None, rows),
        {row.claim_id: paper_of(row) for row in rows},
    )


# ---------------------------------------------------------------------------- looking over


def _refusals(
    data: bytes | None, kept: Shelf, keys: Mapping[int, Claim], *, as_of: dt.date, given: Waived
) -> list[Left]:
    """Why claims of a file may not go: what differs from the database, and what would be refused or denied.

    `data` is the file; None for paper, of which what was printed is judged.
    """
    claims, lines, structural = (kept.claims, kept.lines, None) if data is None else _read(data)
    rows = {(row.claim_id, row.rank): row for row in keys.values()}
    reasons: dict[int, list[str]] = defaultdict(list)
    if data is not None:
        for key, why in _differences(claims, lines, kept):
            reasons[rows[key].pk if key in rows else 0].append(why)
    found = _judged(claims, lines, kept, rows, as_of)
    if structural is not None:
        found = pl.concat([structural, found])
    names = dict(
        zip(claims["claim_key"], zip(claims["claim_id"], claims["payer_rank"], strict=True), strict=True)
    )
    for one in found.filter(pl.col("outcome").is_in(HOLDING)).iter_rows(named=True):
        row = rows.get(names.get(one["claim_key"], ("", "")))
        if row is None or not is_waived(given, row.pk, one["rule"], one["line"]):
            reasons[0 if row is None else row.pk].append(f"{one['rule']}: {one['message']}")
    by_key = {row.pk: row.claim_id for row in rows.values()}
    return [
        Left(key, by_key.get(key, "of the file"), tuple(dict.fromkeys(why)))
        for key, why in sorted(reasons.items())
    ]


def _read(data: bytes) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The claims, lines and structural findings of a file."""
    parts = [*read_stream(io.BytesIO(data), name="the file", structure=True)]
    return (
        pl.concat(part.claims for part in parts),
        pl.concat(part.lines for part in parts),
        pl.concat(part.findings for part in parts),
    )


def _differences(
    claims: pl.DataFrame, lines: pl.DataFrame, kept: Shelf
) -> Iterable[tuple[tuple[str, str], str]]:
    """Where a file that was read differs from what the database holds, by claim id and rank."""
    told, held = _comparable(claims, lines), _comparable(kept.claims, kept.lines)
    for key in sorted({*told, *held}):
        if key not in told:
            yield key, "it is not in the file"
        elif key not in held:
            yield key, "the file has it and the batch does not"
        else:
            for what, name in (("claim", 0), ("lines", 1)):
                if told[key][name] != held[key][name]:
                    yield key, f"its {what} in the file differ from the database"


def _comparable(claims: pl.DataFrame, lines: pl.DataFrame) -> dict[tuple[str, str], tuple[Any, Any]]:
    upper = [pl.col(n).str.strip_chars().str.to_uppercase() for n in _SAME_CLAIM if CLAIMS[n] == pl.String]
    others = [pl.col(n) for n in _SAME_CLAIM if CLAIMS[n] != pl.String]
    own = claims.select("claim_key", pl.col("claim_id").str.to_uppercase(), rank="payer_rank")
    of_claim = claims.select(*upper, *others).rows()
    text = [pl.col(n).str.strip_chars().str.to_uppercase() for n in _SAME_LINE if LINES[n] == pl.String]
    rest = [pl.col(n) for n in _SAME_LINE if LINES[n] != pl.String and n != "line"]
    by_claim: dict[int, list[Any]] = defaultdict(list)
    for key, *values in lines.sort("claim_key", "line").select("claim_key", *text, *rest).iter_rows():
        by_claim[key].append(tuple(values))
    return {
        (claim_id, rank): (values, by_claim[key])
        for (key, claim_id, rank), values in zip(own.iter_rows(), of_claim, strict=True)
    }


def _judged(
    claims: pl.DataFrame,
    lines: pl.DataFrame,
    kept: Shelf,
    rows: Mapping[tuple[str, str], Claim],
    as_of: dt.date,
) -> pl.DataFrame:
    """The findings of all rules on claims that were read, beside what else their patients had."""
    patients = {key: row.patient_id for key, row in rows.items()}
    people = [patients.get(key, 0) for key in zip(claims["claim_id"], claims["payer_rank"], strict=True)]
    judged = claims.with_columns(
        pl.Series("patient", people, dtype=CLAIMS["patient"]), judged=pl.lit(value=True)
    )
    past = shelf([], history=history_of(rows.values()))
    first_claim, first_line = len(judged), len(lines)
    book = Book(
        pl.concat([judged, past.claims.with_columns(pl.col("claim_key") + first_claim)]),
        pl.concat(
            [
                lines,
                past.lines.with_columns(pl.col("claim_key") + first_claim, pl.col("line_key") + first_line),
            ]
        ),
    )
    found = judge_book(
        book,
        rules=[*claim_rules().values()],
        reference=tables(),
        policies=policies_for(kept),
        as_of=as_of,
    )
    return found.select(FINDINGS.keys())


def history_of(claims: Iterable[Claim]) -> list[int]:
    """The last version of each other claim of the same patients, but for these claims to other payers."""
    rows = list(claims)
    own = {row.pk for row in rows} | {row.primary_id for row in rows if row.primary_id is not None}
    others = (
        Claim.objects.filter(patient__in={row.patient_id for row in rows})
        .exclude(pk__in=own)
        .exclude(primary__in=own)
        .annotate(last=Max("versions__number"))
        .values_list("pk", "last")
    )
    numbers = dict(others)
    found = ClaimVersion.objects.filter(claim__in=numbers).values_list("pk", "claim_id", "number")
    return [key for key, claim, number in found if numbers[claim] == number]


# ---------------------------------------------------------------------------- onward, or back


@transaction.atomic
def release(submission: int, *, as_of: dt.date) -> Submission:
    """Let a file leave: it is read and judged once more, and the job may hand it over.

    Raises NotSent with the reasons where it would be refused or denied by now; BadRequest where it is not
    waiting to be released.
    """
    made = _locked(submission)
    _demand(made, made.state == SubmissionState.MADE and made.clearinghouse_id is not None, "released")
    versions = _versions(made)
    keys = {version.pk: version.claim for version in versions}
    given = waived([row.pk for row in keys.values()], as_of)
    left = _refusals(bytes(made.document.content), shelf([*keys]), keys, as_of=as_of, given=given)
    if left:
        raise NotSent(left)
    made.state, made.released_at = SubmissionState.RELEASED, timezone.now()
    made.save(update_fields=["state", "released_at"])
    return made


@transaction.atomic
def withdraw(submission: int) -> Submission:
    """Take a file back that has not left: each claim has its content again in a new open version, ready.

    Raises BadRequest where it has left, or where handing it over has begun: it may be there.
    """
    made = _locked(submission)
    waiting = made.state == SubmissionState.MADE or (
        made.state == SubmissionState.RELEASED and not made.problem
    )
    _demand(made, waiting, "taken back")
    for version in _versions(made):
        copy = again_open(version)
        _copy_findings(version, copy)
        copy.checked_at, copy.checked_by = version.checked_at, version.checked_by
        copy.save(update_fields=["checked_at", "checked_by"])
    made.claims.update(withdrawn=True)
    Claim.objects.filter(versions__submissions__submission=made, state=ClaimState.BATCHED).update(
        state=ClaimState.READY, revision=F("revision") + 1, updated_at=timezone.now()
    )
    made.state = SubmissionState.WITHDRAWN
    made.save(update_fields=["state"])
    return made


@transaction.atomic
def mailed(submission: int) -> Submission:
    """Write down that a pile of paper forms is in the mail: its claims are sent."""
    made = _locked(submission)
    _demand(made, made.state == SubmissionState.MADE and made.clearinghouse_id is None, "mailed")
    return left_here(made)


def left_here(made: Submission) -> Submission:
    """Write down that a submission has left; its claims are sent.  `made` is locked."""
    now = timezone.now()
    made.state, made.handed_over_at, made.problem = SubmissionState.HANDED_OVER, now, ""
    made.released_at = made.released_at or now
    made.save(update_fields=["state", "handed_over_at", "problem", "released_at"])
    batched = Claim.objects.filter(
        versions__submissions__submission=made,
        versions__submissions__withdrawn=False,
        state=ClaimState.BATCHED,
    )
    for days, keys in _by_answer_days(batched).items():
        due = None if days is None else now.date() + dt.timedelta(days=days)
        Claim.objects.filter(pk__in=keys).update(
            state=ClaimState.SENT,
            sent_at=now,
            follow_up_on=due,
            revision=F("revision") + 1,
            updated_at=now,
        )
    return made


def _by_answer_days(claims: QuerySet[Claim]) -> dict[int | None, list[int]]:
    found: dict[int | None, list[int]] = defaultdict(list)
    for key, days in claims.values_list("pk", "payer__answer_days"):
        found[days].append(key)
    return found


def _locked(submission: int) -> Submission:
    found = (
        Submission.objects.select_for_update(of=("self",))
        .select_related("document", "clearinghouse")
        .filter(pk=submission)
        .first()
    )
    if found is None:
        raise BadRequest(
            "there is no such submission", where=f"submission {submission}", fix="Choose from the list."
        )
    return found


def _demand(made: Submission, holds: bool, what: str) -> None:
    if not holds:
        begun = made.state == SubmissionState.RELEASED
        state = SubmissionState(made.state).label.lower()
        raise BadRequest(
            f"this one cannot be {what}: {'handing it over has begun' if begun else f'it is {state}'}",
            where=f"submission {made.pk}",
            fix="Look at it as it is now.",
        )


def _versions(made: Submission) -> list[ClaimVersion]:
    related = ("claim__payer", "claim__patient", "claim__primary")
    return [
        *ClaimVersion.objects.filter(submissions__submission=made, submissions__withdrawn=False)
        .select_related(*related)
        .order_by("pk")
    ]


def again_open(version: ClaimVersion) -> ClaimVersion:
    """The next version of a claim, open, with what `version` says; it is not judged yet."""
    return copied(version.claim, version, frequency=version.frequency, original_ref=version.original_ref)


def _copy_findings(version: ClaimVersion, copy: ClaimVersion) -> None:
    """What was found of a version holds of its copy too."""
    lines = dict(copy.lines.values_list("line", "pk"))
    names = (
        "rule",
        "rule_key",
        "outcome",
        "message",
        "needs",
        "codes",
        "fix",
        "at_risk_cents",
        "cites",
        "waiver_id",
    )
    Finding.objects.bulk_create(
        Finding(
            version=copy,
            line_id=None if one.line is None else lines[one.line.line],
            **{name: getattr(one, name) for name in names},
        )
        for one in version.findings.select_related("line").order_by("pk")
    )


# ---------------------------------------------------------------------------- looking


def submissions(*, most: int = 100) -> list[Submission]:
    """The last submissions, the newest first, each with `claim_count` and `charge_cents`."""
    own = Q(claims__withdrawn=False) | Q(state=SubmissionState.WITHDRAWN)
    found = Submission.objects.select_related("clearinghouse", "document", "made_by").defer(
        "document__content"
    )
    return [
        *found.annotate(
            claim_count=Count("claims", filter=own),
            charge_cents=Sum("claims__version__claim__charge_cents", filter=own),
        ).order_by("-pk")[:most]
    ]


def look(submission: int) -> Looked:
    """A submission with its claims, findings and text; BadRequest where it is not there."""
    made = (
        Submission.objects.select_related("clearinghouse", "document", "made_by")
        .filter(pk=submission)
        .first()
    )
    if made is None:
        raise BadRequest(
            "there is no such submission", where=f"submission {submission}", fix="Choose from the list."
        )
    inside = made.claims.select_related("version__claim__payer").annotate(lines=Count("version__lines"))
    claims = [
        {
            "pk": one.version.claim_id,
            "claim_id": one.version.claim.claim_id,
            "payer": one.version.claim.payer.name,
            "charge_cents": int(one.version.facts.get("charge_cents") or one.version.claim.charge_cents),
            "lines": one.lines,
            "version": one.version.number,
            "frequency": one.version.frequency,
            "state": one.version.claim.state,
            "withdrawn": one.withdrawn,
        }
        for one in inside.order_by("version__claim__claim_id")
    ]
    found = Finding.objects.filter(version__submissions__submission=made).select_related(
        "line", "version__claim"
    )
    findings = [
        {
            "claim": one.version.claim.claim_id,
            "line": None if one.line is None else one.line.line,
            "rule": one.rule,
            "outcome": one.outcome,
            "message": one.message,
            "waived": one.waiver_id is not None,
        }
        for one in found.order_by("version__claim__claim_id", "pk")
    ]
    is_file = made.document.kind == CLAIMS_FILE
    return Looked(
        made,
        tuple(claims),
        tuple(findings),
        bytes(made.document.content).decode("ascii", "replace") if is_file else "",
        sum(cast("int", one["charge_cents"]) for one in claims),
    )


def file_of(submission: int) -> tuple[str, bytes, Literal["text/plain", "application/pdf"]]:
    """The name, bytes and kind of the file of a submission; BadRequest where it is not there."""
    made = Submission.objects.select_related("document").filter(pk=submission).first()
    if made is None:
        raise BadRequest(
            "there is no such submission", where=f"submission {submission}", fix="Choose from the list."
        )
    kind: Literal["text/plain", "application/pdf"] = (
        "application/pdf" if made.document.kind == PAPER else "text/plain"
    )
    return made.document.name, bytes(made.document.content), kind
