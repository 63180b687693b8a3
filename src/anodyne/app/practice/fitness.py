"""Which claims may leave, and why the others may not."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from django.db.models import Max, Q

from anodyne.app.practice.checking import HOLDING
from anodyne.app.practice.reread import Left, is_waived, waived
from anodyne.model.versions import REPLACEMENT, VOID
from anodyne.store.models import (
    Claim,
    ClaimState,
    ClaimVersion,
    Finding,
    Line,
)


class Fitness:
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
        self.known = sent_before(rows, self.versions)

    def left(self) -> Iterable[Left]:
        """The claims that may not leave."""
        for row in self.rows:
            reasons = [*self._reasons(row)]
            same = self.known.get(row.pk)
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


def sent_before(rows: Sequence[Claim], versions: Mapping[int, ClaimVersion]) -> dict[int, str]:
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
