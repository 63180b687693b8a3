"""What all that comes into a practice has in common: one at a time, once, and told what came of it."""

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sized
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final

from django.db import connection, models

from anodyne.kernel.errors import UnreadableFile
from anodyne.store.models import Document, Task, TaskKind, User
from anodyne.store.scope import PRACTICE

LONGEST_NAME: Final = 120
_LOCK: Final = 0x696E
"""By which two that take something in at once, for one practice, wait for each other."""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing of a file that a person should look at."""

    item: str
    """The claim, encounter, patient or appointment, by its id."""
    place: str
    """Where in the file it stands."""
    why: str
    next_step: str
    taken: bool = False
    """Whether it came in all the same."""
    claim: int | None = None
    """The claim here that it is at odds with."""


@dataclass(frozen=True, slots=True)
class CameIn:
    """What came of a file that was taken in."""

    document: int
    """The key under which the file is kept."""
    kind: str
    """Of the document: 837P or table."""
    what: str
    """claims, patients, charges or appointments."""
    again: bool = False
    """Whether these bytes had been taken in before: nothing was done, the rest is what came of it then."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """How many of each came in or were made, and how many were here already (`known`)."""
    told: tuple[Told, ...] = ()
    claims: tuple[int, ...] = ()
    """The keys of the claims that were made; none where `again`."""


def in_turn() -> None:
    """Wait until nothing else is taken in for the practice of the transaction; it is let go with it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, current_setting(%s)::int)", [_LOCK, PRACTICE])


def shown_name(name: str) -> str:
    r"""The name of a file as somebody sent it, fit to be shown: no folders, nothing unprintable, not long.

    >>> shown_name("C:\\out\\day.837"), shown_name("../../etc/x\x1b[2J"), shown_name("")
    ('day.837', 'x�[2J', 'file')
    """
    last = PurePosixPath(name.replace("\\", "/")).name or "file"
    return re.sub(r"[^\x20-\x7e\u00a1-\uffff]", "\N{REPLACEMENT CHARACTER}", last)[-LONGEST_NAME:]


def before(data: bytes, kind: str, *, name: str) -> CameIn | None:
    """What came of these bytes when they were taken in before; None where they were not.

    Raises UnreadableFile where they are a file that left from here.
    """
    found = Document.objects.filter(kind=kind, sha256=_digest(data), claim=None).defer("content").first()
    if found is None:
        return None
    if not found.came:
        raise UnreadableFile(
            "this file was made here, and what is in it is here already",
            where=name,
            fix="Take in files that were made elsewhere.",
        )
    return of_document(found, again=True)


def of_document(document: Document, *, again: bool = False) -> CameIn:
    """What came of a document that was taken in."""
    came = document.came
    return CameIn(
        document.pk,
        document.kind,
        came.get("what", ""),
        again,
        came.get("counts", {}),
        tuple(Told(**told) for told in came.get("told", ())),
    )


def taken_in(document: int) -> tuple[CameIn, Document] | None:
    """What came of the document of this key, and it; None where the practice has none that was taken in."""
    found = Document.objects.filter(pk=document, kind__in=("837P", "table")).exclude(came={})
    row = found.defer("content").select_related("by").first()
    return None if row is None else (of_document(row), row)


def last_taken_in(count: int = 20) -> list[Document]:
    """The last documents that were taken in, the newest first."""
    found = Document.objects.filter(kind__in=("837P", "table")).exclude(came={}).defer("content")
    return list(found.select_related("by").order_by("-pk")[:count])


def keep(
    data: bytes,
    name: str,
    *,
    kind: str,
    what: str,
    counts: Mapping[str, int],
    told: Iterable[Told],
    claims: Iterable[int] = (),
    user: User | None,
    as_of: dt.date,
) -> CameIn:
    """Keep the bytes of a file that was taken in and what came of it; what waits for a person is a task."""
    some = tuple(told)
    document = Document.objects.create(
        kind=kind,
        name=shown_name(name),
        sha256=_digest(data),
        size=len(data),
        content=data,
        came={"what": what, "counts": dict(counts), "told": [asdict(one) for one in some]},
        by=user,
    )
    left = sum(not one.taken for one in some)
    if left:
        Task.objects.create(
            kind=TaskKind.OTHER,
            title=f"{left:,} of the {what} in {shown_name(name)} wait for a person",
            due_on=as_of,
            origin=f"import:{document.pk}",
        )
    return CameIn(document.pk, kind, what, False, dict(counts), some, tuple(claims))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def too_long(model: type[models.Model], values: Mapping[str, Any]) -> str | None:
    """The first of `values` that does not fit its column of `model`, or holds what no text may; else None."""
    for name, value in values.items():
        if not isinstance(value, str):
            continue
        longest = getattr(model._meta.get_field(name), "max_length", None)  # noqa: SLF001  Django's own way
        if (longest is not None and len(value) > longest) or "\0" in value:
            return name
    return None


def in_slices(some: Sized, size: int = 1_000) -> Iterator[range]:
    """Places of `some` in runs of at most `size`."""
    return (range(start, min(start + size, len(some))) for start in range(0, len(some), size))
