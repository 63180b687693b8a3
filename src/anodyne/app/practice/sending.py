"""What leaves the practice: ready claims into files and forms, looked over, released or taken back.

A claim leaves whole or not at all.  A file is read again and judged again before it may go, and what differs
or would be refused keeps all of it here, with the reasons.
"""

import datetime as dt
import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from anodyne.app.practice.coordinating import coordination_for
from anodyne.app.practice.editing import copied
from anodyne.app.practice.fitness import Fitness
from anodyne.app.practice.outbox import CLAIMS_FILE, PAPER
from anodyne.app.practice.parties import paper_of, parties_of
from anodyne.app.practice.reread import Left, refusals, waived
from anodyne.forms.cms1500 import cms1500
from anodyne.kernel.errors import BadRequest
from anodyne.model.coordination import Coordination, coordination_of
from anodyne.model.versions import REPLACEMENT, VOID
from anodyne.store.books import Shelf, shelf
from anodyne.store.models import (
    Claim,
    ClaimState,
    ClaimVersion,
    Clearinghouse,
    Document,
    Finding,
    Note,
    Practice,
    Submission,
    SubmissionClaim,
)
from anodyne.store.models.sending import SubmissionState
from anodyne.store.scope import CurrentPractice
from anodyne.x12.compose import compose
from anodyne.x12.compose_parties import Interchange

LAST_CONTROL: Final = 999_999_999
_NOT_PLAIN: Final = re.compile(r"[^A-Za-z0-9]")
"""What a file's name leaves out of the submitter's id.  It names the practice too: some share a mailbox."""
_NO_REASONS: Final[Mapping[int, str]] = MappingProxyType({})

_MOST_REASONS: Final = 20


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
    found = Fitness(rows, as_of, again, named=claims is not None)
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


def _submission(
    practice: Practice,
    rows: Sequence[Claim],
    found: Fitness,
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
        name = f"{_NOT_PLAIN.sub('', practice.submitter_id)}-{practice.pk}-{control:09}.837"
    left = refusals(data if house else None, kept, keys, as_of=as_of, given=found.waived)
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
    left = refusals(bytes(made.document.content), shelf([*keys]), keys, as_of=as_of, given=given)
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
