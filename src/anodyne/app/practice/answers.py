"""What 999 and 277CA files say of the practice's claims: told to each, and worked.

An answer belongs to the version of a claim that was sent; which one is found as `anodyne remit status` finds
it.  What is of no claim that is known stays for a person.
"""

import datetime as dt
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from anodyne.app.practice.checking import tables
from anodyne.app.practice.sending import again_open, left_here
from anodyne.denials.alike import plain
from anodyne.denials.answers import Answered, Submitted, answers
from anodyne.denials.standings import standings
from anodyne.denials.status_words import Verdict
from anodyne.kernel.errors import BadRequest
from anodyne.model.frames import ACKNOWLEDGEMENTS, CLAIM_STATUSES, CLAIMS, LINES, SENT, SENT_CLAIMS, empty
from anodyne.store.books import shelf
from anodyne.store.models import (
    Acknowledgement,
    Answer,
    Claim,
    ClaimState,
    ClaimVersion,
    Document,
    Submission,
    Task,
    TaskKind,
)
from anodyne.store.models.sending import SubmissionState
from anodyne.x12.read import read_stream
from anodyne.x12.read_statuses import StatusKeys, read_status_stream
from anodyne.x12.sent import Sent, read_sent_stream, together

MEND_DAYS: Final = 1
"""From the day a rejection is read until its task is due."""
_AWAITING: Final = (ClaimState.SENT, ClaimState.ACCEPTED, ClaimState.REJECTED)
"""States that what is said of a claim may change: before any payment tells."""
_SAYS: Final = 400
_KEYS_AT_ONCE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that a claim was filed in time."""

    words: str
    on: dt.date
    document: str
    """The name of the file that says it."""
    segment: int


@dataclass(frozen=True, slots=True)
class _Said:
    """Acknowledgement files as frames; each is called by the key of its document."""

    acknowledgements: pl.DataFrame = field(repr=False)
    statuses: pl.DataFrame = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Sent:
    """Versions that were sent, as the readers want them."""

    submitted: Submitted
    versions: tuple[int, ...]
    """By claim_key."""


def read_answers(document: int, *, as_of: dt.date) -> Acknowledgement:
    """Read a 999, 997 or 277CA that is kept, and work what it says; once, however often it is asked.

    Claims become accepted or rejected by all that was said of them until now.  A rejected one gets a task,
    and a new open version to mend.  Raises UnreadableFile or one of its kinds, and then nothing is done.
    """
    found = Document.objects.get(pk=document)
    made, fresh = Acknowledgement.objects.get_or_create(document=found, defaults={"kind": found.kind})
    if not fresh:
        return made
    said = _read([found])
    sent = _sent_for(said)
    told = answers(sent.submitted, said.acknowledgements, said.statuses, tables())
    made.answers, made.unmatched = len(told.answers), len(told.strays)
    made.save(update_fields=["answers", "unmatched"])
    Answer.objects.bulk_create([*_answers(made, told, sent), *_strays(made, told)], batch_size=2_000)
    _tell_submissions(told, said, sent)
    _settle({sent.versions[key] for key in told.answers["claim_key"].unique()}, as_of)
    if made.unmatched:
        Task.objects.get_or_create(
            origin=f"strays:{made.pk}",
            defaults={
                "kind": TaskKind.OTHER,
                "title": f"{made.unmatched:,} answers of {found.name} are of no claim that is known"[:200],
                "due_on": as_of,
            },
        )
    return made


def _read(documents: Iterable[Document]) -> _Said:
    acknowledgements, statuses = [empty(ACKNOWLEDGEMENTS)], [empty(CLAIM_STATUSES)]
    keys = StatusKeys()
    for one in documents:
        for part in read_status_stream(io.BytesIO(bytes(one.content)), name=str(one.pk), keys=keys):
            acknowledgements.append(part.acknowledgements)
            statuses.append(part.statuses)
            keys = StatusKeys(
                keys.acknowledgement_key + len(part.acknowledgements), keys.status_key + len(part.statuses)
            )
    return _Said(pl.concat(acknowledgements), pl.concat(statuses))


def _sent_for(said: _Said) -> _Sent:
    """The versions that what is `said` could be of: those of the files and claims it names."""
    controls = _whole(said.acknowledgements["sent_group_control"])
    batches = _whole(said.statuses["batch"].str.slice(0, 9))
    named = said.statuses.select(id=plain("claim_id"), raw="claim_id", payer="payer_control")
    ids = {*named["id"].drop_nulls(), *named["raw"].drop_nulls()}
    numbers = set(named["payer"].drop_nulls())
    of_claims = Q(claims__version__claim__claim_id__in=ids)
    if numbers:
        of_claims |= Q(claims__version__claim__payer_control__in=numbers)
    made = Submission.objects.filter(
        Q(control_number__in=controls | batches) | of_claims, clearinghouse__isnull=False
    ).exclude(state=SubmissionState.WITHDRAWN)
    files = _with_files(made)
    elsewhere = ClaimVersion.objects.filter(
        claim__claim_id__in=ids, submissions=None, closed_at__isnull=False
    ).order_by("pk")
    return _submitted(files, [*elsewhere.values_list("pk", flat=True)])


def _with_files(made: QuerySet[Submission]) -> list[Submission]:
    """These submissions, each once, with their files."""
    return [*Submission.objects.filter(pk__in=made.values("pk")).select_related("document").order_by("pk")]


def _whole(texts: pl.Series) -> set[int]:
    return {int(one) for one in texts.drop_nulls().unique() if one.isascii() and one.isdigit()}


def _submitted(files: Sequence[Submission], elsewhere: Sequence[int]) -> _Sent:
    """Claims of files that were sent here, then versions sent elsewhere, of which no file is known."""
    claims, lines, sent = [empty(CLAIMS)], [empty(LINES)], list[Sent]()
    versions: list[int] = []
    line_key = sent_key = 0
    for made in files:
        content = bytes(made.document.content)
        own = {
            (claim_id.upper(), rank): version
            for version, claim_id, rank in made.claims.values_list(
                "version", "version__claim__claim_id", "version__claim__rank"
            )
        }
        name = f"submission {made.pk}"
        for part in read_stream(io.BytesIO(content), name=name, claim_key=len(versions), line_key=line_key):
            claims.append(part.claims)
            lines.append(part.lines)
            versions += [
                own[key] for key in zip(part.claims["claim_id"], part.claims["payer_rank"], strict=True)
            ]
            line_key += len(part.lines)
        sent.append(read_sent_stream(io.BytesIO(content), name=name, sent_key=sent_key))
        sent_key += len(sent[-1].transactions)
    kept = shelf(elsewhere)
    claims.append(
        kept.claims.with_columns(
            claim_key=pl.col("claim_key") + len(versions),
            file=pl.lit("sent elsewhere"),
            segment=pl.col("claim_key") + 1,
            byte=pl.lit(0, pl.Int64),
        )
    )
    lines.append(
        kept.lines.with_columns(
            claim_key=pl.col("claim_key") + len(versions), line_key=pl.col("line_key") + line_key
        )
    )
    all_sent = together(sent) if sent else Sent(empty(SENT), empty(SENT_CLAIMS))
    return _Sent(
        Submitted(pl.concat(claims), pl.concat(lines), all_sent.transactions, all_sent.claims),
        (*versions, *kept.versions),
    )


def _answers(made: Acknowledgement, told: Answered, sent: _Sent) -> Iterable[Answer]:
    claim_of = dict(ClaimVersion.objects.filter(pk__in=set(sent.versions)).values_list("pk", "claim_id"))
    ids = dict(sent.submitted.claims.select("claim_key", "claim_id").iter_rows())
    for row in told.answers.iter_rows(named=True):
        version = sent.versions[row["claim_key"]]
        yield Answer(
            acknowledgement=made,
            claim_id=claim_of[version],
            version_id=version,
            claim_number=(ids[row["claim_key"]] or "")[:38],
            verdict=row["verdict"],
            by=row["by"] or "receiver",
            category=row["category"] or "",
            status=row["status"] or "",
            says=(row["says"] or "")[:_SAYS],
            payer_control=(row["payer_control"] or "")[:50],
            told_on=row["told_on"],
            segment=row["segment"],
        )


def _strays(made: Acknowledgement, told: Answered) -> Iterable[Answer]:
    for row in told.strays.iter_rows(named=True):
        yield Answer(
            acknowledgement=made,
            claim_number=(row["claim_id"] or "")[:38],
            verdict=row["verdict"],
            by="receiver" if row["source"] != "277CA" else "payer",
            category=row["category"] or "",
            status=row["status"] or "",
            says="; ".join(filter(None, (row["says"], row["reason"])))[:_SAYS],
            told_on=row["told_on"],
            segment=row["segment"],
        )


def _tell_submissions(told: Answered, said: _Said, sent: _Sent) -> None:
    """Write down that files arrived, and whether their form was accepted.

    What is answered has left, even where we were stopped before that was written down.
    """
    versions = {sent.versions[key] for key in told.answers["claim_key"].unique()}
    touched = Submission.objects.filter(claims__version__in=versions, claims__withdrawn=False).distinct()
    for key in touched.filter(state=SubmissionState.RELEASED).values_list("pk", flat=True):
        left_here(Submission.objects.select_for_update().get(pk=key))
    if not len(said.acknowledgements):
        return
    verdicts: dict[int, set[str]] = defaultdict(set)
    of_files = told.answers.filter(pl.col("level").is_in(["group", "transaction"]))
    made_of = dict(
        Submission.objects.filter(claims__version__in=versions, claims__withdrawn=False).values_list(
            "claims__version", "pk"
        )
    )
    for claim_key, verdict in of_files.select("claim_key", "verdict").iter_rows():
        made = made_of.get(sent.versions[claim_key])
        if made is not None:
            verdicts[made].add(verdict)
    for made, found in verdicts.items():
        refused = found == {Verdict.REJECTED.value}
        state = SubmissionState.REFUSED if refused else SubmissionState.RECEIVED
        Submission.objects.filter(pk=made, state=SubmissionState.HANDED_OVER).update(state=state)


# ---------------------------------------------------------------------------- standings


def _settle(versions: set[int], as_of: dt.date) -> None:
    """Let the claims of these versions stand by all that was said of them."""
    last = ClaimVersion.objects.filter(
        claim=OuterRef("claim"), number__gt=OuterRef("number"), closed_at__isnull=False
    )
    current = set(
        ClaimVersion.objects.filter(pk__in=versions).filter(~Exists(last)).values_list("pk", flat=True)
    )
    stands = {key: row for key, row in _standings(versions).items() if key in current}
    rows = {
        version.pk: version
        for version in ClaimVersion.objects.filter(pk__in=stands).select_related("claim").order_by("claim")
    }
    locked = {
        claim.pk: claim
        for claim in Claim.objects.select_for_update(no_key=True)
        .filter(pk__in=[version.claim_id for version in rows.values()])
        .order_by("pk")
    }
    for key, version in rows.items():
        _stand(locked[version.claim_id], version, stands[key], as_of)


def _standings(versions: set[int]) -> dict[int, Mapping[str, Any]]:
    """By version where it stands, by every acknowledgement that is of it (`frames.STANDINGS`)."""
    documents = Document.objects.filter(
        pk__in=Acknowledgement.objects.filter(said__version__in=versions).values("document")
    ).order_by("pk")
    files = _with_files(
        Submission.objects.filter(claims__version__in=versions, clearinghouse__isnull=False).exclude(
            state=SubmissionState.WITHDRAWN
        )
    )
    elsewhere = ClaimVersion.objects.filter(pk__in=versions, submissions=None).order_by("pk")
    sent = _submitted(files, [*elsewhere.values_list("pk", flat=True)])
    said = _read(documents)
    told = answers(sent.submitted, said.acknowledgements, said.statuses, tables()).answers
    chosen = told.filter(
        pl.col("claim_key").is_in([key for key, version in enumerate(sent.versions) if version in versions])
    )
    found = standings(sent.submitted, chosen)
    rows = {sent.versions[row["claim_key"]]: row for row in found.iter_rows(named=True)}
    return {key: row for key, row in rows.items() if key in versions}


def _stand(claim: Claim, version: ClaimVersion, row: Mapping[str, Any], as_of: dt.date) -> None:
    """Let one claim stand as its sent version does."""
    changed = ["updated_at"]
    if row["payer_control"] and row["payer_control"] != claim.payer_control:
        claim.payer_control = row["payer_control"][:50]
        changed.append("payer_control")
    standing = row["standing"]
    if standing == Verdict.REJECTED and claim.state in (ClaimState.SENT, ClaimState.ACCEPTED):
        claim.state = ClaimState.REJECTED
        claim.follow_up_on = None
        changed += ["state", "follow_up_on"]
        _reject(claim, version, row, as_of)
    elif standing == Verdict.ACCEPTED and claim.state in _AWAITING and claim.state != ClaimState.ACCEPTED:
        claim.state = ClaimState.ACCEPTED
        changed.append("state")
        _accepted(version)
    if len(changed) > 1:
        claim.revision = F("revision") + 1
        claim.save(update_fields=[*changed, "revision"])


def _reject(claim: Claim, version: ClaimVersion, row: Mapping[str, Any], as_of: dt.date) -> None:
    """Give somebody the rejection to work, and a new version to mend."""
    whom = row["by_name"] or row["by"] or "the receiver"
    Task.objects.get_or_create(
        origin=f"rejected:{version.pk}",
        defaults={
            "kind": TaskKind.REJECTION,
            "title": f"Rejected by {whom}: {row['says']}"[:200],
            "claim": claim,
            "owner_id": claim.owner_id,
            "due_on": as_of + dt.timedelta(days=MEND_DAYS),
            "stake_cents": claim.charge_cents,
        },
    )
    if not claim.versions.filter(closed_at=None).exists():
        again_open(version)


def _accepted(version: ClaimVersion) -> None:
    """A rejection that was lifted is nobody's work any more."""
    Task.objects.filter(origin=f"rejected:{version.pk}", done_at=None).update(
        done_at=timezone.now(), outcome="accepted on a later day"
    )


def proof_of_filing(claim: int) -> Proof | None:
    """What shows that the claim was received, of the earliest day; None where nothing does."""
    versions = set(
        ClaimVersion.objects.filter(claim=claim, answers__isnull=False).values_list("pk", flat=True)
    )
    shown = [row for row in _standings(versions).values() if row["proof_on"] is not None] if versions else []
    if not shown:
        return None
    first = min(shown, key=lambda row: row["proof_on"])
    document = Document.objects.only("name").get(pk=int(first["proof_file"]))
    return Proof(first["proof"], first["proof_on"], document.name, first["proof_segment"])


# ---------------------------------------------------------------------------- for a person


def unmatched(*, most: int = 200) -> list[Answer]:
    """The answers of no claim that is known, and which no person settled, the newest first."""
    settled = Answer.objects.filter(
        acknowledgement=OuterRef("acknowledgement"), segment=OuterRef("segment"), claim__isnull=False
    )
    found = Answer.objects.filter(~Exists(settled), claim=None).select_related("acknowledgement__document")
    return [*found.defer("acknowledgement__document__content").order_by("-pk")[:most]]


def match_answer(answer: int, claim_id: str, *, as_of: dt.date) -> None:
    """Say that an answer is of the claim of this id: it is told to its last sent version, and worked.

    Raises BadRequest where there is no such answer or claim, or the claim never left.
    """
    stray = Answer.objects.filter(pk=answer, claim=None).first()
    found = (
        Claim.objects.select_for_update(no_key=True)
        .filter(claim_id=claim_id.strip())
        .order_by("rank")
        .first()
    )
    version = (
        None if found is None else found.versions.filter(closed_at__isnull=False).order_by("-number").first()
    )
    if stray is None or found is None or version is None:
        raise BadRequest(
            "there is no such answer" if stray is None else "no claim of this id was sent",
            where="unmatched answers",
            fix="Look at the list as it is now, and at the claim's id.",
        )
    Answer.objects.create(
        acknowledgement_id=stray.acknowledgement_id,
        claim=found,
        version=version,
        claim_number=stray.claim_number,
        verdict=stray.verdict,
        by=stray.by,
        category=stray.category,
        status=stray.status,
        says=stray.says,
        payer_control=stray.payer_control,
        told_on=stray.told_on,
        segment=stray.segment,
    )
    standing = {
        "standing": stray.verdict,
        "by": stray.by,
        "by_name": None,
        "says": stray.says,
        "payer_control": stray.payer_control or None,
    }
    _stand(found, version, standing, as_of)
    _finish_strays(stray.acknowledgement_id)


def _finish_strays(acknowledgement: int) -> None:
    """Where nothing of a file is unmatched any more, its task is done."""
    if not any(one.acknowledgement_id == acknowledgement for one in unmatched(most=_KEYS_AT_ONCE)):
        Task.objects.filter(origin=f"strays:{acknowledgement}", done_at=None).update(
            done_at=timezone.now(), outcome="each was told to its claim"
        )


def acknowledgements(*, most: int = 100) -> list[Acknowledgement]:
    """The last acknowledgements, the newest first."""
    found = Acknowledgement.objects.select_related("document").defer("document__content")
    return [*found.order_by("-pk")[:most]]
