"""What payers paid, posted to the practice's claims: each payment whole, once, and only where it adds up."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl
from django.db import connection
from django.db.models import Q, Sum

from anodyne.app.practice.checking import tables
from anodyne.app.practice.fitness import refused_versions, was_sent
from anodyne.app.remit_books import Sent
from anodyne.app.remit_check import Posting
from anodyne.app.remit_read import read_kept
from anodyne.app.remit_work import Worked, work
from anodyne.app.shelf import Shelf as Piles
from anodyne.denials.alike import plain
from anodyne.denials.rates import Terms
from anodyne.kernel.errors import UnreadableFile
from anodyne.kernel.money import dollars
from anodyne.model.denials import QUIET, Action, What
from anodyne.model.frames import DENIAL_LIMITS, MODIFIERS, empty
from anodyne.model.remittance import Remittance as Told
from anodyne.store.books import Shelf, shelf
from anodyne.store.models import (
    Claim,
    ClaimState,
    ClaimVersion,
    Document,
    Payer,
    Remittance,
    RemittedClaim,
    Task,
    TaskKind,
)
from anodyne.store.scope import within

_COUNTS: Final = (Posting.POSTS.value, Posting.EMPTY.value)
_REVERSAL, _ESTIMATE, _DENIED = "22", "25", "4"
"""CLP02: what takes an earlier answer back, what only prices, what was denied."""
_KIND_OF_ACTION: Final[Mapping[str, TaskKind]] = {
    Action.APPEAL.value: TaskKind.APPEAL,
    Action.SEND_RECORDS.value: TaskKind.RECORDS,
    Action.WAIT_FOR_RECORDS.value: TaskKind.RECORDS,
    Action.DISPUTE_UNDERPAYMENT.value: TaskKind.UNDERPAYMENT,
}
"""What a determination's task is about; a denial where nothing else."""
_TITLE: Final = 200


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of the payments of a file."""

    posted: tuple[int, ...]
    """Keys of the remittances that count since now."""
    held: tuple[int, ...]
    """Of those that do not add up."""
    known: int
    """Payments that were posted before."""
    claims: int
    """All that the file tells of."""
    unmatched: int
    """Of its payments that count, claims that are of none that is known."""


def post_remittance(practice: int, user: int | None, document: int, *, as_of: dt.date) -> Posted:
    """Post an 835 that is kept: claims are paid or denied, and what is to be done about it becomes tasks.

    Each payment is posted whole in a transaction of its own; one that was posted before has no effect again,
    so that what is broken off goes on where it stopped.  A payment that does not add up, or comes in two
    versions, counts for nothing and is a task.
    Raises UnreadableFile where the file cannot be read.
    """
    with within(practice, user):
        kept = Document.objects.get(pk=document)
        content, name = bytes(kept.content), kept.name
    with Piles() as piles:
        read = read_kept(name, content, shelf=piles)
        if read.errors:
            first = read.errors[0]
            raise UnreadableFile(first.message, where=first.where, fix=first.next_step)
        with within(practice, user):
            sent = _candidates(read.remittance)
        known = Sent(piles)
        known.lay(sent.kept.claims, sent.kept.lines)
        worked = work(
            read, known, terms=Terms(), limits=empty(DENIAL_LIMITS), as_of=as_of, reference=tables()
        )
        rows = _Rows(worked, sent)
    posted, held = [], []
    before = 0
    for payment in worked.checked.payments.iter_rows(named=True):
        with within(practice, user):
            made = _remittance(document, payment, as_of)
            if made is None:
                before += 1
            elif made.balanced:
                posted.append(made.pk)
                _post(made, payment, rows, as_of)
            else:
                held.append(made.pk)
    with within(practice, user):
        lost = RemittedClaim.objects.filter(remittance__document=document, claim=None).count()
    claims = len(read.remittance.remits)
    return Posted(tuple(posted), tuple(held), before, claims, lost)


def _key_of(payment: Mapping[str, Any]) -> dict[str, Any]:
    """By what a payment is known."""
    return {
        "trace": (payment["trace"] or "")[:50],
        "paid_on": payment["paid_on"],
        "amount_cents": payment["amount_cents"] or 0,
    }


def _remittance(document: int, payment: Mapping[str, Any], as_of: dt.date) -> Remittance | None:
    """The row of a payment that is new, or now adds up; None for one that is known."""
    counts = payment["posting"] in _COUNTS
    values = {
        "document_id": document,
        "payer": Payer.objects.filter(payer_id=payment["payer_id"] or "").first(),
        "payer_name": (payment["payer_name"] or "")[:60],
        "balanced": counts,
    }
    made, fresh = Remittance.objects.get_or_create(**_key_of(payment), defaults=values)
    if not fresh:
        made = Remittance.objects.select_for_update().get(pk=made.pk)
        if made.balanced or not counts:
            _tell_if_other(made, document, as_of)
            return None
        for name, value in values.items():
            setattr(made, name, value)
        made.save()
    if not counts:
        held = payment["posting"] == Posting.HELD.value
        why = "does not add up" if held else "comes in two versions"
        _task(
            f"remittance:{made.pk}",
            f"Payment {made.trace} of {dollars(made.amount_cents)} from {made.payer_name} {why}: not counted",
            as_of,
            stake_cents=made.amount_cents,
        )
    elif not fresh:
        Task.objects.filter(origin=f"remittance:{made.pk}", done_at=None).update(
            done_at=made.created_at, outcome="it came again and adds up"
        )
    return made


def _tell_if_other(made: Remittance, document: int, as_of: dt.date) -> None:
    """Where another file tells a payment again, somebody looks whether it says the same."""
    if made.document_id != document:
        _task(
            f"again:{made.pk}:{document}",
            f"Payment {made.trace} came again in another file: it counts once, look whether they agree",
            as_of,
        )


# ---------------------------------------------------------------------------- what was sent


@dataclass(frozen=True, slots=True)
class _Sent:
    """Claims that a remittance could be of, by the versions that were sent."""

    kept: Shelf = field(repr=False)
    claims: tuple[int, ...]
    """By claim_key of `kept`, the key of the claim."""


def _candidates(told: Told) -> _Sent:
    remits = told.remits
    ids = {*remits["claim_id"].drop_nulls(), *remits.select(plain("claim_id"))["claim_id"].drop_nulls()}
    found = dict(Claim.objects.filter(claim_id__in=ids).values_list("pk", "claim_id"))
    known = {claim_id.strip().upper().lstrip("0") for claim_id in found.values()}
    rest = remits.filter(~plain("claim_id").is_in(known).fill_null(value=False))
    keys = {*found, *_by_other_names(rest, told.lines)}
    return _Sent(*_versions(keys))


def _by_other_names(rest: pl.DataFrame, lines: pl.DataFrame) -> set[int]:
    """Claims that remittances of no known id could be of: by the payer's number, or by member and days."""
    if rest.is_empty():
        return set()
    controls = {*rest["payer_control"].drop_nulls(), *rest["original_ref"].drop_nulls()}
    members = {*rest["member_id"].drop_nulls(), *rest["corrected_member_id"].drop_nulls()}
    own = lines.join(rest.select("remit_key"), on="remit_key", how="semi")
    days = [*own["served_on"].drop_nulls(), *rest["statement_from"].drop_nulls()]
    wanted = Q(payer_control__in=controls) if controls else Q(pk=None)
    if members and days:
        wanted |= Q(coverage__member_id__in=members, served_on__range=(min(days), max(days)))
    return set(Claim.objects.filter(wanted).values_list("pk", flat=True))


def _versions(claims: Collection[int]) -> tuple[Shelf, tuple[int, ...]]:
    """The versions that were sent of these claims and not rejected; of one never sent here, its last."""
    rows = ClaimVersion.objects.filter(claim__in=claims)
    sent = dict(rows.filter(was_sent()).distinct().values_list("pk", "claim_id"))
    refused = refused_versions(set(Claim.objects.filter(pk__in=claims).values_list("patient", flat=True)))
    chosen = {version: claim for version, claim in sent.items() if version not in refused}
    bare = set(claims) - set(chosen.values())
    never = rows.filter(claim__in=bare).order_by("number").values_list("claim_id", "pk")
    chosen |= {version: claim for claim, version in dict(never).items()}
    kept = shelf(chosen)
    return kept, tuple(chosen[version] for version in kept.versions)


# ---------------------------------------------------------------------------- posting


class _Rows:
    """The claims of a remittance as rows to be written, by payment."""

    def __init__(self, worked: Worked, sent: _Sent) -> None:
        told = worked.remittance
        self._lines = _by(told.lines, "remit_key")
        self._adjustments = _by(
            told.adjustments.filter(pl.col("remit_line_key").is_not_null()), "remit_line_key"
        )
        self._of_claim = _by(told.adjustments.filter(pl.col("remit_line_key").is_null()), "remit_key")
        self.remits = _by(told.remits.sort("remit_key"), "payment_key")
        self.claim_of = _claims_of(worked.matches.claims, sent.claims)
        self.determined = _by(worked.determinations, "remit_key")

    def row(self, made: Remittance, remit: Mapping[str, Any]) -> RemittedClaim:
        """One claim of a payment."""
        key = remit["remit_key"]
        lines = [self._line(line) for line in self._lines.get(key, ())]
        of_claim = [_adjustment(one) for one in self._of_claim.get(key, ())]
        if of_claim:
            lines.append({"code": "", "charge_cents": 0, "paid_cents": 0, "adjustments": of_claim})
        left = [one["cents"] for line in lines for one in line["adjustments"] if one["group"] == "PR"]
        return RemittedClaim(
            remittance=made,
            claim_id=self.claim_of.get(key),
            claim_number=(remit["claim_id"] or "")[:38],
            status=remit["status"] or "",
            charge_cents=remit["charge_cents"] or 0,
            paid_cents=remit["paid_cents"] or 0,
            patient_cents=sum(left) if left else remit["patient_cents"] or 0,
            payer_control=(remit["payer_control"] or "")[:50],
            lines=lines,
        )

    def _line(self, line: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "code": line["code"] or "",
            "modifiers": [line[name] for name in MODIFIERS if line[name]],
            "units": line["units"],
            "served_on": None if line["served_on"] is None else line["served_on"].isoformat(),
            "charge_cents": line["charge_cents"] or 0,
            "paid_cents": line["paid_cents"] or 0,
            "adjustments": [_adjustment(one) for one in self._adjustments.get(line["remit_line_key"], ())],
        }


def _adjustment(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"group": row["group"] or "", "reason": row["reason"] or "", "cents": row["cents"] or 0}


def _by(frame: pl.DataFrame, key: str) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in frame.iter_rows(named=True):
        found[row[key]].append(row)
    return found


def _claims_of(matches: pl.DataFrame, claims: Sequence[int]) -> dict[int, int]:
    """By remitted claim the claim it is of.

    What fits two versions of one claim equally is still of that claim.
    """
    found: dict[int, int] = {}
    for remit_key, claim_key, candidates in matches.select(
        "remit_key", "claim_key", "candidates"
    ).iter_rows():
        fitting = {claims[key] for key in ([claim_key] if claim_key is not None else candidates or ())}
        tie = claim_key is None and len(candidates or ()) > 1
        if len(fitting) == 1 and (claim_key is not None or tie):
            found[remit_key] = next(iter(fitting))
    return found


def _post(made: Remittance, payment: Mapping[str, Any], rows: _Rows, as_of: dt.date) -> None:
    """Write the claims of a payment down, and let ours stand by them."""
    remits = rows.remits.get(payment["payment_key"], [])
    written = [rows.row(made, remit) for remit in remits]
    RemittedClaim.objects.bulk_create(written, batch_size=2_000)
    last: dict[int, Mapping[str, Any]] = {}
    open_: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for remit in remits:
        claim = rows.claim_of.get(remit["remit_key"])
        if claim is not None and remit["status"] != _ESTIMATE:
            last[claim] = remit
            open_[claim] += [
                one for one in rows.determined.get(remit["remit_key"], ()) if one["action"] not in QUIET
            ]
    _stand(last, open_)
    todo = [task for claim, found in open_.items() for task in _tasks(made, claim, last[claim], found)]
    Task.objects.bulk_create(todo, batch_size=2_000, ignore_conflicts=True)
    unmatched = sum(row.claim_id is None for row in written)
    if unmatched:
        lost = sum(row.paid_cents for row in written if row.claim_id is None)
        _task(
            f"unmatched:{made.pk}",
            f"{unmatched:,} claims of payment {made.trace} from {made.payer_name} are of none that is known",
            as_of,
            stake_cents=lost,
        )


def _stand(last: Mapping[int, Mapping[str, Any]], open_: Mapping[int, Sequence[Mapping[str, Any]]]) -> None:
    """Let claims stand by all that was paid on them until now."""
    if not last:
        return
    locked = Claim.objects.select_for_update(no_key=True).filter(pk__in=last).order_by("pk")
    states = dict(locked.values_list("pk", "state"))
    sums = (
        RemittedClaim.objects.filter(claim__in=last, remittance__balanced=True)
        .exclude(status=_ESTIMATE)
        .values("claim")
        .annotate(paid=Sum("paid_cents"), patient=Sum("patient_cents"))
    )
    values = []
    for claim, paid, patient in sums.values_list("claim_id", "paid", "patient"):
        remit = last[claim]
        state = _state(states[claim], paid, remit, open_[claim])
        values.append((claim, state, paid, patient, (remit["payer_control"] or "")[:50]))
    with connection.cursor() as cursor:
        cursor.execute(_PAID, [list(column) for column in zip(*values, strict=True)])


_PAID: Final = """
UPDATE claims SET state = told.state, paid_cents = told.paid, patient_cents = told.patient,
    payer_control = CASE WHEN told.control = '' THEN payer_control ELSE told.control END,
    follow_up_on = NULL, revision = revision + 1, updated_at = now()
FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::text[])
    AS told(id, state, paid, patient, control)
WHERE claims.id = told.id
"""


def _state(now: str, paid: int, last: Mapping[str, Any], open_: Sequence[Mapping[str, Any]]) -> str:
    """Where a claim stands: what a person closed stays closed."""
    if now == ClaimState.CLOSED:
        return now
    if last["status"] == _REVERSAL and paid == 0:
        return ClaimState.ACCEPTED
    if any(one["what"] == What.REJECTED.value for one in open_):
        return ClaimState.REJECTED
    if paid <= 0 and (open_ or last["status"] == _DENIED):
        return ClaimState.DENIED
    return ClaimState.PARTLY_PAID if open_ else ClaimState.PAID


def _tasks(
    made: Remittance, claim: int, remit: Mapping[str, Any], found: Iterable[Mapping[str, Any]]
) -> Iterable[Task]:
    """One task for each thing to do about a claim, whatever the number of its lines that want it."""
    together: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for one in found:
        together[one["action"], one["cause"]].append(one)
    for (action, cause), rows in sorted(together.items()):
        first = rows[0]
        codes = ", ".join(dict.fromkeys(row["code"] for row in rows if row["code"]))
        kind = _KIND_OF_ACTION.get(action, TaskKind.DENIAL)
        if first["what"] == What.REJECTED.value:
            kind = TaskKind.REJECTION
        days = [row["deadline"] for row in rows if row["deadline"] is not None]
        yield Task(
            origin=f"remit:{made.pk}:{remit['segment']}:{action}:{cause}"[:64],
            kind=kind,
            title=f"{codes + ': ' if codes else ''}{first['why']}; {first['next']}"[:_TITLE],
            claim_id=claim,
            due_on=min(days, default=None),
            stake_cents=sum(row["at_stake_cents"] or 0 for row in rows),
        )


def _task(origin: str, title: str, due_on: dt.date, *, stake_cents: int = 0) -> None:
    """Give somebody something to look at, once."""
    Task.objects.get_or_create(
        origin=origin,
        defaults={
            "kind": TaskKind.OTHER,
            "title": title[:_TITLE],
            "due_on": due_on,
            "stake_cents": stake_cents,
        },
    )
