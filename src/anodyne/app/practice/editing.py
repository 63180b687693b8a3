"""What people do with one claim: change it, accept a fix, undo, waive a finding, correct or void it.

Every change names the revision of the claim that its author saw: who edits an older one is told, and nothing
is overwritten.  A change is kept with what stood before, and the claim is judged again at once; one that is
refused changes nothing.
"""

import datetime as dt
import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from anodyne.app.changes import BilledClaim, BilledLine, Hindrances, Offer, merged, why_not
from anodyne.app.practice.checking import recheck
from anodyne.app.practice.worklists import demand_owner
from anodyne.kernel.errors import BadFields, BadRequest, Outdated
from anodyne.kernel.money import dollars
from anodyne.model.frames import DIAGNOSES, MODIFIERS
from anodyne.model.versions import REPLACEMENT, VOID
from anodyne.store.models import (
    Claim,
    ClaimState,
    ClaimVersion,
    Edit,
    Finding,
    Line,
    Note,
    Task,
    User,
    Waiver,
)

Values = Mapping[str, Any]

LONGEST_NOTE: Final = 4_000
"""Letters of what somebody writes of a claim."""
LINE_FIELDS: Final = (
    "code", *MODIFIERS, "units", "charge_cents", "served_on", "served_to", "dx_pointers", "pos",
)  # fmt: skip
"""What of a line is changed as a field of its own; `facts` holds the rest."""
HCPCS: Final = "HC"
"""SV101-1 of every line here: CPT and HCPCS codes."""
LINE_FACTS: Final = ("ndc", "ndc_qty", "ndc_unit", "note", "rendering_npi")
CLAIM_FACTS: Final = (
    *DIAGNOSES, "auth_number", "referral_number", "referring_npi", "rendering_npi", "onset_on", "accident_on",
    "cause1", "cause_state", "note", "pos",
)  # fmt: skip
"""What of a claim people change; who the patient, payer and provider are is changed where they are kept."""
_KEPT: Final = ("line", *LINE_FIELDS, "unit_basis", "control_number")
"""What a further version takes over of a line, beside its facts."""
_CODE: Final = re.compile(r"[A-Z0-9]{5}")
_MODIFIER: Final = re.compile(r"[A-Z0-9]{2}")
_POINTERS: Final = re.compile(r"(1[0-2]|[1-9])(:(1[0-2]|[1-9])){0,3}")
_DIAGNOSIS: Final = re.compile(r"[A-Z][0-9][0-9A-Z][0-9A-Z]{0,4}")
_MOST_CENTS: Final = 99_999_999_99
_MOST_UNITS: Final = 9_999
_LONGEST: Final = 80
"""Letters of a note to the payer, the longest of what a claim says in words."""
_SENT: Final = (ClaimState.BATCHED, ClaimState.CLOSED)


def opened(claim: int, revision: int) -> Claim:
    """The claim of this key to be changed, at its next revision; no one else changes it before that is done.

    Raises BadRequest where there is none, Outdated where it is not at `revision`.
    """
    found = _known(claim)
    if found.revision != revision:
        raise Outdated(
            "somebody else changed this claim since you opened it",
            where=f"claim {found.claim_id}",
            fix="Look at it as it is now, and make your change again.",
        )
    found.revision += 1
    found.save(update_fields=["revision", "updated_at"])
    return found


def _known(claim: int) -> Claim:
    found = Claim.objects.select_for_update(of=("self",)).filter(pk=claim).first()
    if found is None:
        raise BadRequest("there is no such claim", where=f"claim {claim}", fix="Go back to the worklist.")
    return found


def open_version(claim: Claim) -> ClaimVersion:
    """The version of `claim` that may be edited; raises BadRequest where it has left."""
    found = claim.versions.filter(closed_at=None).first()
    if found is None:
        raise BadRequest(
            "this claim has left, and what was sent never changes",
            where=f"claim {claim.claim_id}",
            fix="Correct it (a replacement), or void it.",
        )
    return found


@transaction.atomic
def edit_line(claim: int, revision: int, line: int, values: Values, *, user: User, as_of: dt.date) -> None:
    """Change what `values` names of the line of that number; the claim's charge follows its lines.

    Raises BadFields where a value is not what it should be, and as `opened` and `open_version`.
    """
    clean = _line_values(values)

    def change(version: ClaimVersion) -> None:
        row = _line(version, line)
        facts: dict[str, Any] = {name: clean.pop(name) for name in LINE_FACTS if name in clean}
        row.facts = _merged(row.facts, facts)
        for name, value in clean.items():
            setattr(row, name, value)
        if "served_on" in clean and "served_to" not in clean:
            row.served_to = row.served_on
        row.save()

    _change(claim, revision, change, what=f"line {line} changed", user=user, as_of=as_of)


@transaction.atomic
def add_line(claim: int, revision: int, values: Values, *, user: User, as_of: dt.date) -> None:
    """Add a line after the others; `values` as of `edit_line`, code, units, charge and day at the least."""
    clean = _line_values(values)
    missing = [name for name in ("code", "units", "charge_cents", "served_on") if clean.get(name) is None]
    if missing:
        raise BadFields(dict.fromkeys(missing, "is needed"), where="the new line")

    def change(version: ClaimVersion) -> None:
        last = version.lines.order_by("-line").first()
        facts: dict[str, Any] = {name: clean.pop(name) for name in LINE_FACTS if name in clean}
        clean.setdefault("served_to", clean["served_on"])
        Line.objects.create(
            version=version,
            line=1 if last is None else last.line + 1,
            unit_basis="UN",
            facts=_merged({"code_system": HCPCS}, facts),
            **clean,
        )

    _change(claim, revision, change, what=f"{clean['code']} added", user=user, as_of=as_of)


@transaction.atomic
def drop_line(claim: int, revision: int, line: int, *, user: User, as_of: dt.date) -> None:
    """Leave a line out; raises BadRequest where it is the last."""

    def change(version: ClaimVersion) -> None:
        row = _line(version, line)
        _refuse_the_last(version)
        row.delete()

    _change(claim, revision, change, what=f"line {line} left out", user=user, as_of=as_of)


@transaction.atomic
def edit_claim(claim: int, revision: int, values: Values, *, user: User, as_of: dt.date) -> None:
    """Change what `values` names of CLAIM_FACTS; an empty value takes the fact away."""
    clean = _claim_values(values)

    def change(version: ClaimVersion) -> None:
        version.facts = _merged(version.facts, clean)

    names = ", ".join(sorted(clean))
    _change(claim, revision, change, what=f"{names} changed"[:120], user=user, as_of=as_of)


@transaction.atomic
def accept_fix(claim: int, revision: int, finding: int, *, user: User, as_of: dt.date) -> None:
    """Make the change that a finding offers.

    Only what lowers the bill or leaves it is made (`app.changes`).  Raises BadRequest where the finding has
    no fix, is gone, or its fix must not be made.
    """

    def change(version: ClaimVersion) -> None:
        found = version.findings.select_related("line").filter(pk=finding).first()
        if found is None or found.fix is None or found.line is None:
            raise BadRequest(
                "there is no such fix any more",
                where=f"claim {version.claim.claim_id}",
                fix="Look at the claim as it is now.",
            )
        _make(version, found, found.line)

    def said(version: ClaimVersion) -> str:
        found = version.findings.filter(pk=finding).first()
        return f"fix of {found.rule} accepted" if found else "fix accepted"

    _change(claim, revision, change, what=said, user=user, as_of=as_of)


def _make(version: ClaimVersion, found: Finding, line: Line) -> None:
    lines = list(version.lines.order_by("line"))
    names = (*MODIFIERS, "code", "units", "charge_cents", "dx_pointers", "pos", *LINE_FACTS)
    billed = [BilledLine(row.pk, {name: _value(row, name) for name in names}) for row in lines]
    change = merged(Offer(version.pk, line.pk, (found.rule,), (json.dumps(found.fix),)))
    why = change if isinstance(change, str) else why_not(
        change, BilledClaim(sum(row.charge_cents for row in lines), billed), Hindrances()
    )  # fmt: skip
    if why is not None or isinstance(change, str):
        raise BadRequest(
            f"this fix is not made: {why}", where=f"line {line.line}", fix="Change the line yourself."
        )
    if change.values is None:
        _refuse_the_last(version)
        line.delete()
        return
    for name, value in change.values.items():
        told = None if value == "" else value
        if name in LINE_FACTS:
            line.facts = _merged(line.facts, {name: told})
        else:
            setattr(line, name, told)
    given = [value for value in (getattr(line, name) for name in MODIFIERS) if value]
    for name, value in zip(MODIFIERS, [*given, None, None, None, None], strict=False):
        setattr(line, name, value)
    line.save()


@transaction.atomic
def undo(claim: int, revision: int, *, as_of: dt.date) -> str:
    """Take back the last change of the open version; what it was, in words.

    Raises BadRequest where nothing is left to undo.
    """
    found = opened(claim, revision)
    version = open_version(found)
    last = version.edits.filter(undone_at=None).order_by("-id").first()
    if last is None:
        raise BadRequest("nothing is left to undo", where=f"claim {found.claim_id}", fix="Go on.")
    _restore(version, last.before)
    last.undone_at = timezone.now()
    last.save(update_fields=["undone_at"])
    _settle(found, version)
    recheck([found.pk], as_of=as_of)
    return last.what


@transaction.atomic
def waive(
    claim: int, revision: int, finding: int, *, reason: str, until: dt.date | None, user: User, as_of: dt.date
) -> None:
    """Let the claim go in spite of a finding, for a reason, at most until a day.

    What the front door refuses is not waived.  Raises BadRequest, and BadFields without a reason.
    """
    found = opened(claim, revision)
    version = open_version(found)
    of = version.findings.select_related("line").filter(pk=finding).first()
    if of is None:
        raise BadRequest(
            "there is no such finding any more",
            where=f"claim {found.claim_id}",
            fix="Look at it as it is now.",
        )
    wrong = {}
    if not reason.strip():
        wrong["reason"] = "say why the claim may go all the same"
    if until is not None and until < as_of:
        wrong["until"] = "this day has passed"
    if of.outcome == "reject":
        wrong["reason"] = "the front door refuses it whatever the reason: mend it"
    if wrong:
        raise BadFields(wrong, where=f"{of.rule} of claim {found.claim_id}")
    line = None if of.line is None else of.line.line
    Waiver.objects.filter(claim=found, rule=of.rule, line=line, withdrawn_at=None).update(
        withdrawn_at=timezone.now()
    )
    Waiver.objects.create(claim=found, rule=of.rule, line=line, reason=reason.strip(), until=until, by=user)
    recheck([found.pk], as_of=as_of)


@transaction.atomic
def withdraw_waiver(claim: int, revision: int, waiver: int, *, as_of: dt.date) -> None:
    """Let a finding hold the claim again."""
    found = opened(claim, revision)
    found.waivers.filter(pk=waiver, withdrawn_at=None).update(withdrawn_at=timezone.now())
    recheck([found.pk], as_of=as_of)


@transaction.atomic
def correct(claim: int, revision: int, *, as_of: dt.date) -> None:
    """Open a replacement (frequency 7) of what was sent, with the payer's number of it."""
    _reopen(claim, revision, REPLACEMENT, as_of=as_of)


@transaction.atomic
def void(claim: int, revision: int, *, as_of: dt.date) -> None:
    """Open a void (frequency 8) of what was sent, with the payer's number of it."""
    _reopen(claim, revision, VOID, as_of=as_of)


@transaction.atomic
def send_anew(claim: int, revision: int, *, as_of: dt.date) -> None:
    """Open a copy of what was rejected: it never reached the payer, so it goes as a new claim."""
    _reopen(claim, revision, "1", as_of=as_of)


def _reopen(key: int, revision: int, frequency: str, *, as_of: dt.date) -> None:
    found = opened(key, revision)
    last = found.versions.order_by("-number").first()
    place = f"claim {found.claim_id}"
    if (
        frequency == "1"
        and found.state == ClaimState.REJECTED
        and last is not None
        and last.closed_at is None
    ):
        _mending(found)
        recheck([found.pk], as_of=as_of)
        return
    if last is None or last.closed_at is None or found.state in _SENT:
        raise BadRequest("this claim has not left yet", where=place, fix="Change it as it is.")
    if frequency == "1" and found.state != ClaimState.REJECTED:
        raise BadRequest(
            "the payer has this claim: sent anew it would be a duplicate",
            where=place,
            fix="Correct or void it.",
        )
    if frequency != "1" and not found.payer_control:
        raise BadRequest(
            "the payer's own number of this claim is not known, and no correction goes without it",
            where=place,
            fix="It comes with the payer's acceptance (277CA) or remittance (835); ask the payer for it.",
        )
    copied(found, last, frequency=frequency, original_ref=None if frequency == "1" else found.payer_control)
    found.state = ClaimState.HELD
    found.save(update_fields=["state"])
    recheck([found.pk], as_of=as_of)


def _mending(claim: Claim) -> None:
    """A rejected claim that somebody works on, or sends anew as it is, waits for its judgement."""
    if claim.state == ClaimState.REJECTED:
        claim.state = ClaimState.HELD
        claim.save(update_fields=["state"])


def copied(claim: Claim, last: ClaimVersion, *, frequency: str, original_ref: str | None) -> ClaimVersion:
    """The next version of `claim`, open, with what `last` says."""
    again = ClaimVersion.objects.create(
        claim=claim, number=last.number + 1, frequency=frequency, original_ref=original_ref, facts=last.facts
    )
    Line.objects.bulk_create(
        Line(version=again, **{name: getattr(row, name) for name in (*_KEPT, "facts")})
        for row in last.lines.order_by("line")
    )
    return again


def add_note(claim: int, text: str, *, user: User) -> None:
    """Write a note of a claim; it stays as it is written."""
    if not text.strip():
        raise BadFields({"text": "is empty"}, where="the note")
    if len(text) > LONGEST_NOTE:
        raise BadFields({"text": f"is longer than {LONGEST_NOTE:,} letters"}, where="the note")
    Note.objects.create(claim=_known(claim), text=text.strip(), by=user)


def add_task(
    claim: int, *, kind: str, title: str, owner: int | None, due_on: dt.date | None, stake_cents: int = 0
) -> None:
    """Give somebody something to do about a claim."""
    if not title.strip():
        raise BadFields({"title": "is empty"}, where="the task")
    demand_owner(owner)
    Task.objects.create(
        claim=_known(claim),
        kind=kind,
        title=title.strip(),
        owner_id=owner,
        due_on=due_on,
        stake_cents=stake_cents,
    )


def finish_task(claim: int, task: int, *, outcome: str, user: User) -> None:
    """Tell that a task of a claim is done, and with what outcome."""
    if len(outcome) > LONGEST_NOTE:
        raise BadFields({"outcome": f"is longer than {LONGEST_NOTE:,} letters"}, where="the task")
    Task.objects.filter(pk=task, claim=claim, done_at=None).update(
        done_at=timezone.now(), done_by=user, outcome=outcome.strip()
    )


def _change(
    key: int,
    revision: int,
    change: Callable[[ClaimVersion], None],
    *,
    what: str | Callable[[ClaimVersion], str],
    user: User,
    as_of: dt.date,
) -> None:
    """Make one change of the open version, keep what stood before, and judge the claim again."""
    claim = opened(key, revision)
    version = open_version(claim)
    said = what if isinstance(what, str) else what(version)
    before = _as_it_stands(version)
    change(version)
    _settle(claim, version)
    after = _as_it_stands(version)
    if after != before:
        Edit.objects.create(version=version, what=said, before=before, after=after, by=user)
    recheck([claim.pk], as_of=as_of)


def _settle(claim: Claim, version: ClaimVersion) -> None:
    """Let the claim's charge and days follow its lines, and unsay that it was judged."""
    _mending(claim)
    lines = list(version.lines.all())
    claim.charge_cents = sum(line.charge_cents for line in lines)
    claim.served_on = min((line.served_on for line in lines if line.served_on), default=claim.served_on)
    claim.served_to = max((line.served_to for line in lines if line.served_to), default=claim.served_on)
    claim.save(update_fields=["charge_cents", "served_on", "served_to"])
    version.facts = {**version.facts, "charge_cents": claim.charge_cents}
    version.checked_at = None
    version.save(update_fields=["facts", "checked_at", "frequency", "original_ref"])


def _as_it_stands(version: ClaimVersion) -> dict[str, Any]:
    """The version and its lines as JSON."""
    return {
        "version": {
            "frequency": version.frequency,
            "original_ref": version.original_ref,
            "facts": dict(version.facts),
        },
        "lines": [
            {name: _json(getattr(row, name)) for name in (*_KEPT, "facts")}
            for row in version.lines.order_by("line")
        ],
    }


def _restore(version: ClaimVersion, stood: Values) -> None:
    for name, value in stood["version"].items():
        setattr(version, name, value)
    version.save()
    version.lines.all().delete()
    Line.objects.bulk_create(Line(version=version, **_row(line)) for line in stood["lines"])


def _row(line: Values) -> dict[str, Any]:
    days = {name: line[name] and dt.date.fromisoformat(line[name]) for name in ("served_on", "served_to")}
    return {**line, **days}


def _json(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value


def _value(row: Line, name: str) -> object:
    return row.facts.get(name) if name in LINE_FACTS else getattr(row, name)


def _line(version: ClaimVersion, number: int) -> Line:
    found = version.lines.filter(line=number).first()
    if found is None:
        raise BadRequest("there is no such line any more", where=f"line {number}", fix="Look at the claim.")
    return found


def _refuse_the_last(version: ClaimVersion) -> None:
    if version.lines.count() < 2:
        raise BadRequest(
            "a claim has one line at least",
            where=f"claim {version.claim.claim_id}",
            fix="Close the claim instead.",
        )


def _merged(facts: Values, told: Values) -> dict[str, Any]:
    """`facts` with what is `told` in their place; what is told as None goes."""
    both = {**facts, **{name: _json(value) for name, value in told.items()}}
    return {name: value for name, value in both.items() if value is not None}


def _line_values(values: Values) -> dict[str, Any]:
    """`values` of a line as they are kept; raises BadFields."""
    wrong: dict[str, str] = {}
    clean: dict[str, Any] = {}
    for name, given in values.items():
        if name not in LINE_FIELDS and name not in LINE_FACTS:
            wrong[name] = "is nothing of a line that can be changed here"
            continue
        value = given.strip().upper() if isinstance(given, str) and name != "note" else given
        clean[name] = None if value == "" else value
    code, pointers = clean.get("code"), clean.get("dx_pointers")
    if "code" in clean and not (isinstance(code, str) and _CODE.fullmatch(code)):
        wrong["code"] = "a code has five letters or digits"
    for name in MODIFIERS:
        if clean.get(name) is not None and not _MODIFIER.fullmatch(clean[name]):
            wrong[name] = "a modifier has two letters or digits"
    if pointers is not None and not _POINTERS.fullmatch(pointers):
        wrong["dx_pointers"] = "name up to four diagnoses by number, as 1:2"
    if "units" in clean and not (clean["units"] is not None and 0 < clean["units"] <= _MOST_UNITS):
        wrong["units"] = f"more than 0, and at most {_MOST_UNITS:,}"
    cents = clean.get("charge_cents", 0)
    if "charge_cents" in clean and not (isinstance(cents, int) and 0 <= cents <= _MOST_CENTS):
        wrong["charge_cents"] = f"an amount from $0.00 to {dollars(_MOST_CENTS)}"
    first, last = clean.get("served_on"), clean.get("served_to")
    if "served_on" in clean and first is None:
        wrong["served_on"] = "a line has a day of service"
    if first is not None and last is not None and last < first:
        wrong["served_to"] = "it ends before it begins"
    wrong = {**_unfit(clean), **wrong}
    if wrong:
        raise BadFields(wrong, where="the line")
    return clean


def _claim_values(values: Values) -> dict[str, Any]:
    """`values` of a claim as they are kept; raises BadFields."""
    wrong: dict[str, str] = {}
    clean: dict[str, Any] = {}
    for name, given in values.items():
        if name not in CLAIM_FACTS:
            wrong[name] = "is nothing of a claim that can be changed here"
            continue
        value = given.strip() if isinstance(given, str) else given
        if name in DIAGNOSES and isinstance(value, str):
            value = value.upper().replace(".", "")
        clean[name] = None if value == "" else value
    for name in DIAGNOSES:
        if clean.get(name) is not None and not _DIAGNOSIS.fullmatch(clean[name]):
            wrong[name] = "a diagnosis is written as M54.16"
    wrong = {**_unfit(clean), **wrong}
    if wrong:
        raise BadFields(wrong, where="the claim")
    return clean


def _unfit(values: Values) -> dict[str, str]:
    """What of some values is no text that a claim holds, or no number."""
    wrong = {}
    for name, value in values.items():
        if isinstance(value, float) and not math.isfinite(value):
            wrong[name] = "is no number"
        elif name == "pos" and value is not None and not _MODIFIER.fullmatch(value):
            wrong[name] = "a place of service has two digits"
        elif isinstance(value, str) and (len(value) > _LONGEST or not value.isprintable()):
            wrong[name] = f"at most {_LONGEST} letters, without signs that nobody can read"
    return wrong
