"""Files handed over to clearinghouses, and theirs picked up.

Each function opens its own transactions, for nothing is kept locked while another computer is waited for, and
what is killed between them and done again has the effect of once.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Final

from django.utils import timezone

from anodyne.app.practice.answers import read_answers
from anodyne.app.practice.mailboxes import Opened, mailbox
from anodyne.app.practice.remitting import post_remittance
from anodyne.app.practice.sending import left_here
from anodyne.exchange.mailbox import Listed
from anodyne.kernel.errors import AnodyneError, BadRequest, NotExchanged, UnreadableFile
from anodyne.store.models import (
    Acknowledgement,
    Clearinghouse,
    Document,
    Practice,
    Submission,
    Task,
    TaskKind,
)
from anodyne.store.models.sending import SubmissionState
from anodyne.store.scope import within

BEGUN: Final = "Being handed over."
"""Stands as the problem of a submission while it is under way; from then on it is not taken back."""
REMITTANCE: Final = "835"
ANSWERS: Final = ("999", "997", "277CA")
OTHER: Final = "unread"
"""Kinds of documents that are picked up; the last is what nobody could read."""
_SETS: Final = {b"835": REMITTANCE, b"999": "999", b"997": "997", b"277": "277CA"}


@dataclass(frozen=True, slots=True)
class PickedUp:
    """What was found in a clearinghouse's mailbox."""

    new: tuple[int, ...]
    """Keys of documents."""
    unread: tuple[str, ...]
    """Names of files that could not be read: each is a task."""


def hand_over(practice: int, user: int | None, submission: int, *, opened: Opened = mailbox) -> bool:
    """Leave the file of a released submission with its clearinghouse; whether it was still to be done.

    Where that fails the submission keeps the problem, and NotExchanged is raised: `again` says whether the
    same may succeed later.
    """
    with within(practice, user):
        made = _to_hand_over(submission)
        if made is None:
            return False
        house, name, data = made.clearinghouse, made.document.name, bytes(made.document.content)
        Submission.objects.filter(pk=submission, problem="").update(problem=BEGUN)
    if house is None:
        raise BadRequest("it is no file", where=f"submission {submission}", fix="Paper goes by mail.")
    try:
        _keep_inside(practice, house)
        with opened(house) as box:
            box.put(name, data)
    except AnodyneError as error:
        with within(practice, user):
            Submission.objects.filter(pk=submission, state=SubmissionState.RELEASED).update(
                problem=str(error)
            )
        raise
    with within(practice, user):
        again = _to_hand_over(submission)
        if again is not None:
            left_here(again)
    return True


def _keep_inside(practice: int, house: Clearinghouse) -> None:
    """Raises BadRequest where a made-up practice would call a real server."""
    with within(practice):
        made_up = Practice.objects.filter(pk=practice, is_demo=True).exists()
    if made_up and house.carrier != "directory":
        raise BadRequest(
            "a made-up practice sends nothing to a server",
            where=f"clearinghouse {house.name}",
            fix="Use a folder.",
        )


def _to_hand_over(submission: int) -> Submission | None:
    """The submission, locked, if it is to be handed over."""
    return (
        Submission.objects.select_for_update(of=("self",))
        .select_related("clearinghouse", "document")
        .filter(pk=submission, state=SubmissionState.RELEASED)
        .first()
    )


def to_hand_over(practice: int) -> list[int]:
    """The submissions that are released and wait for nobody; one that failed has a job of its own."""
    with within(practice):
        found = Submission.objects.filter(
            state=SubmissionState.RELEASED, clearinghouse__isnull=False, problem__in=("", BEGUN)
        )
        return [*found.order_by("pk").values_list("pk", flat=True)]


def to_pick_up(practice: int, *, near: bool = False) -> list[int]:
    """The clearinghouses from which answers are picked up; of `near`, those whose mailbox is a folder."""
    with within(practice):
        found = Clearinghouse.objects.order_by("pk")
        return [*(found.filter(carrier="directory") if near else found).values_list("pk", flat=True)]


def pick_up(
    practice: int,
    user: int | None,
    clearinghouse: int,
    *,
    as_of: dt.date,
    opened: Opened = mailbox,
) -> PickedUp:
    """Take what lies in a clearinghouse's mailbox and work it; what was taken before has no effect again.

    A file that cannot be read is kept, and is a task.  One that fails does not keep the others from being
    worked; its error is raised at the end, and it is taken again.  Raises NotExchanged where the mailbox
    cannot be reached: what was worked until then stays.
    """
    with within(practice, user):
        house = Clearinghouse.objects.filter(pk=clearinghouse).first()
        if house is None:
            raise BadRequest(
                "there is no such clearinghouse", where=f"{clearinghouse}", fix="Choose from the list."
            )
        known = _known()
    _keep_inside(practice, house)
    new, unread = [], []
    failed: Exception | None = None
    with opened(house) as box:
        for listed in box.listing():
            if _is_known(listed, known):
                continue
            try:
                data = box.get(listed.name)
                document, fresh = receive(practice, user, listed.name, data, as_of=as_of)
            except NotExchanged as error:
                if error.again:
                    raise
                continue
            except Exception as error:  # noqa: BLE001  raised below, when the other files are worked
                failed = error
                continue
            if fresh:
                new.append(document)
            if kind_of(data) == OTHER:
                unread.append(listed.name)
    if failed is not None:
        raise failed
    return PickedUp(tuple(new), tuple(unread))


def _known() -> dict[tuple[str, int], dt.datetime]:
    """By name and size, when a file was taken last that was worked to its end."""
    names = ("document__name", "document__size", "document__created_at")
    rows = Acknowledgement.objects.order_by("document__created_at").values_list(*names)
    return {(name, size): at for name, size, at in rows}


def _is_known(listed: Listed, known: dict[tuple[str, int], dt.datetime]) -> bool:
    """Whether a file was taken: one of its name and size, and it was not changed since."""
    at = known.get((listed.name, listed.size))
    return at is not None and listed.changed <= at.timestamp()


def receive(practice: int, user: int | None, name: str, data: bytes, *, as_of: dt.date) -> tuple[int, bool]:
    """Keep a file that came in and work it; its document's key, and whether it was new.

    A file whose work was broken off is worked on; one that was worked has no effect again.
    """
    kind = kind_of(data)
    with within(practice, user):
        document, fresh = _kept(kind, name, data)
        if Acknowledgement.objects.filter(document=document).exists():
            return document.pk, False
    try:
        if kind == REMITTANCE:
            posted = post_remittance(practice, user, document.pk, as_of=as_of)
            with within(practice, user):
                _worked(document, posted.claims, posted.unmatched)
        elif kind != OTHER:
            with within(practice, user):
                read_answers(document.pk, as_of=as_of)
        else:
            _unreadable(practice, user, document, "it is no 999, 277CA or 835")
    except UnreadableFile as error:
        _unreadable(practice, user, document, error.what)
    return document.pk, fresh


def _worked(document: Document, said: int, unmatched: int) -> None:
    """Write down that a file was worked to its end: it is not taken again."""
    Acknowledgement.objects.get_or_create(
        document=document, defaults={"kind": document.kind, "answers": said, "unmatched": unmatched}
    )


def _kept(kind: str, name: str, data: bytes) -> tuple[Document, bool]:
    digest = hashlib.sha256(data).hexdigest()
    return Document.objects.get_or_create(
        kind=kind,
        sha256=digest,
        claim=None,
        defaults={"name": name[-255:], "size": len(data), "content": data},
    )


def _unreadable(practice: int, user: int | None, document: Document, why: str) -> None:
    """Let somebody look at a file that nobody could read."""
    title = f"{document.name} cannot be read: {why}"[:200]
    with within(practice, user):
        Task.objects.get_or_create(
            origin=f"file:{document.pk}",
            defaults={"kind": TaskKind.OTHER, "title": title, "due_on": timezone.now().date()},
        )
        _worked(document, 0, 0)


def kind_of(data: bytes) -> str:
    """The kind of a file by its first transaction: 835, 999, 997, 277CA, or that it is none of these.

    >>> kind_of(b"no X12")
    'unread'
    """
    head = data.lstrip()[:4096]
    if not head.startswith(b"ISA") or len(head) < _HEADER:
        return OTHER
    element, segment = head[3:4], head[105:106]
    for part in head.split(segment):
        elements = part.strip().split(element)
        if elements[0] == b"ST" and len(elements) > 1:
            return _SETS.get(elements[1], OTHER)
    return OTHER


_HEADER: Final = 106
"""Bytes of an ISA with its terminator."""
