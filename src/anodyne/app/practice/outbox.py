"""What is ready, and what was made of it: for people to look at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast

from django.db.models import Count, Q, QuerySet, Sum

from anodyne.kernel.errors import BadRequest
from anodyne.store.models import (
    Claim,
    ClaimState,
    Clearinghouse,
    Finding,
    Payer,
    Submission,
)
from anodyne.store.models.sending import SubmissionState

CLAIMS_FILE: Final = "837P"
PAPER: Final = "paper"
"""Kinds of documents that are sent."""


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
class Looked:
    """A submission opened: its claims, and what the rules find in its bytes."""

    submission: Submission
    claims: tuple[Mapping[str, Any], ...] = field(repr=False)
    """Of each: key, claim_id, payer, charge_cents, lines, version, state, withdrawn."""
    findings: tuple[Mapping[str, Any], ...] = field(repr=False)
    text: str = field(repr=False)
    """The file, a segment a line; empty for paper."""
    charge_cents: int


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
