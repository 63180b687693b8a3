"""Claims to the next payer: made of what the payer before it answered, and told with it."""

import datetime as dt
import io
from typing import Any, Final

import polars as pl

from anodyne.app.practice.checking import recheck
from anodyne.denials.matching import match
from anodyne.denials.next_payer import coordinated
from anodyne.kernel.errors import BadRequest
from anodyne.model.book import Book
from anodyne.model.coordination import Coordination
from anodyne.model.remittance import Remittance
from anodyne.store.books import shelf
from anodyne.store.models import Claim, ClaimState, ClaimVersion, Coverage, Line, RemittedClaim
from anodyne.x12.read_remits import read_remit_stream, remittance_of

DECIDED: Final = ("1", "2", "3", "4")
"""CLP02 of an answer that the next payer is told of."""
FORWARDED: Final = ("19", "20", "21")
"""CLP02 of what the payer sent on by itself."""
_RANKS: Final = "PST"
_OF_PAYER: Final = ("auth_number", "referral_number", "original_ref", "insurance_type", "group_number")
"""Facts that are one payer's own, and do not go to the next."""


def next_payer(claim: Claim) -> Coverage | None:
    """The coverage to which `claim` goes next: its payer decided it, and no claim to that one is there."""
    rank = _RANKS.find(claim.rank) + 1
    last = _answer(claim)
    if rank >= len(_RANKS) or last is None or last.status in FORWARDED:
        return None
    if Claim.objects.filter(claim_id=claim.claim_id, rank=_RANKS[rank]).exists():
        return None
    return _next_coverage(claim, rank + 1)


def make_secondary(claim: int, *, as_of: dt.date) -> Claim:
    """The claim to the payer after that of `claim`, with its services and what that one decided.

    It is held or ready by what the rules find.  Raises BadRequest where the claim was not decided, the payer
    sent it on by itself, the patient has no next coverage on its day, or it was made before.
    """
    found = Claim.objects.select_for_update(of=("self",)).select_related("coverage").filter(pk=claim).first()
    if found is None:
        raise BadRequest("there is no such claim", where=f"claim {claim}", fix="Go back to the worklist.")
    place = f"claim {found.claim_id}"
    last = _answer(found)
    if last is None:
        raise BadRequest("no payer has decided it yet", where=place, fix="Wait for the remittance.")
    if last.status in FORWARDED:
        raise BadRequest("the payer sent it on to the next by itself", where=place, fix="Wait for that one.")
    rank = _RANKS.find(found.rank) + 1
    coverage = _next_coverage(found, rank + 1)
    if rank >= len(_RANKS) or coverage is None:
        raise BadRequest(
            "no coverage after this one is known on its day", where=place, fix="Enter the patient's coverage."
        )
    if Claim.objects.filter(claim_id=found.claim_id, rank=_RANKS[rank]).exists():
        raise BadRequest("the claim to the next payer is there already", where=place, fix="Look at that one.")
    sent = _sent_version(found)
    made = Claim.objects.create(
        claim_id=found.claim_id,
        encounter_id=found.encounter_id,
        patient_id=found.patient_id,
        coverage=coverage,
        payer=coverage.payer,
        billing_id=found.billing_id,
        facility_id=found.facility_id,
        rank=_RANKS[rank],
        primary=found,
        state=ClaimState.HELD,
        served_on=found.served_on,
        served_to=found.served_to,
        charge_cents=sum(line.charge_cents for line in sent.lines.all()),
    )
    version = ClaimVersion.objects.create(claim=made, facts=_facts(sent, coverage, _RANKS[rank]))
    names = [f.name for f in Line._meta.concrete_fields if f.name not in _LINE_OWN]  # noqa: SLF001
    Line.objects.bulk_create(
        Line(version=version, **{name: getattr(row, name) for name in names})
        for row in sent.lines.order_by("line")
    )
    recheck([made.pk], as_of=as_of)
    made.refresh_from_db()
    return made


_LINE_OWN: Final = ("id", "practice", "created_at", "version")


def _facts(sent: ClaimVersion, coverage: Coverage, rank: str) -> dict[str, Any]:
    """What the claim to `coverage` says, of what was sent to the payer before it."""
    kept = {name: value for name, value in sent.facts.items() if name not in _OF_PAYER}
    own = {
        "payer_id": coverage.payer.payer_id,
        "payer_name": coverage.payer.name,
        "filing": coverage.payer.filing,
        "payer_rank": rank,
        "member_id": coverage.member_id,
        "relationship": coverage.relationship,
        "group_number": coverage.group_number or None,
    }
    return {**kept, **{name: value for name, value in own.items() if value is not None}}


def _next_coverage(claim: Claim, rank: int) -> Coverage | None:
    return (
        Coverage.objects.select_related("payer")
        .filter(patient=claim.patient_id, rank=rank, period__contains=claim.served_on)
        .first()
    )


def _answer(claim: Claim) -> RemittedClaim | None:
    """The last answer to `claim` that counts."""
    told = RemittedClaim.objects.filter(claim=claim, remittance__balanced=True)
    return told.select_related("remittance__document").exclude(status="25").order_by("-pk").first()


def _sent_version(claim: Claim) -> ClaimVersion:
    """The version that its payer answered: the last that was closed, else the last."""
    last = claim.versions.filter(closed_at__isnull=False).order_by("-number").first()
    return last or claim.versions.latest("number")


def coordination_for(
    claim: Claim, claim_key: int, lines: pl.DataFrame, other_payer_key: int, adjudication_key: int
) -> Coordination:
    """What the payer before decided, as the frames of `claim`, whose key and `lines` are those given.

    Read from the remittance itself, which is kept.  Raises BadRequest where it cannot be told to the cent.
    """
    first = claim.primary
    answer = None if first is None else _answer(first)
    if first is None or answer is None:
        raise BadRequest(
            "the payer before it has not decided",
            where=f"claim {claim.claim_id}",
            fix="Wait for its remittance.",
        )
    told = _remittance(bytes(answer.remittance.document.content), answer.remittance.document.name)
    kept = shelf([_sent_version(first).pk])
    key = _remit_key(told, answer)
    remits, own = told.remits.filter(remit_key=key), told.lines.filter(remit_key=key)
    matches = match(kept.claims, kept.lines, remits, own)
    found = coordinated(
        told,
        key,
        Book(kept.claims, kept.lines),
        matches.lines,
        other_payer_key=other_payer_key,
        adjudication_key=adjudication_key,
    )
    number_of = dict(kept.lines.select("line_key", "line").iter_rows())
    key_of = dict(lines.select("line", "line_key").iter_rows())
    keys = [key_of[number_of[one]] for one in found.adjudications["line_key"]]
    return Coordination(
        payers=found.payers.with_columns(claim_key=pl.lit(claim_key, pl.UInt32)),
        adjudications=found.adjudications.with_columns(pl.Series("line_key", keys, dtype=pl.UInt32)),
        adjustments=found.adjustments,
    )


def _remittance(content: bytes, name: str) -> Remittance:
    return remittance_of([part.remittance for part in read_remit_stream(io.BytesIO(content), name=name)])


def _remit_key(told: Remittance, answer: RemittedClaim) -> int:
    """The key of the remitted claim that `answer` was written down of."""
    own = told.payments.filter(trace=answer.remittance.trace, amount_cents=answer.remittance.amount_cents)
    found = told.remits.join(own.select("payment_key"), on="payment_key", how="semi").filter(
        claim_id=answer.claim_number,
        status=answer.status,
        charge_cents=answer.charge_cents,
        paid_cents=answer.paid_cents,
    )
    if found.is_empty():
        raise BadRequest(
            "the answer is not in the file that is kept of it",
            where=answer.remittance.document.name,
            fix="Ask the payer for the remittance again.",
        )
    return int(found["remit_key"][-1])
