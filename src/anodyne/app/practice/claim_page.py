"""Everything that is known of one claim, as its page shows it."""

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl
from django.db import transaction

from anodyne.app import words
from anodyne.app.practice.checking import HOLDING, tables
from anodyne.app.practice.coordinating import next_payer
from anodyne.app.practice.editing import LINE_FACTS
from anodyne.kernel.errors import BadRequest
from anodyne.kernel.money import dollars
from anodyne.model.frames import CLAIMS, DIAGNOSES, MODIFIERS
from anodyne.reference.tables import in_force
from anodyne.store.models import (
    Answer,
    Claim,
    ClaimVersion,
    Coverage,
    Edit,
    Finding,
    Line,
    Membership,
    Note,
    RemittedClaim,
    SubmissionClaim,
    Task,
    Waiver,
)

LETTERS: Final = "ABCDEFGHIJKL"
"""By which a claim form names its diagnoses."""
_ORDER: Final = ("reject", "deny", "audit", "ask", "missed")


@dataclass(frozen=True, slots=True)
class Told:
    """A finding as people read it."""

    row: Finding
    fix: str
    """In words; empty where none is offered."""
    waiver: Waiver | None

    @property
    def holds(self) -> bool:
        """Whether it keeps the claim from leaving."""
        return self.row.outcome in HOLDING and self.waiver is None


@dataclass(frozen=True, slots=True)
class LineRow:
    """A service line, with what the rules found of it."""

    row: Line
    label: str
    """The code in our own words, where we have them."""
    pointers: str
    """As letters, as on the form."""
    findings: Sequence[Told]


@dataclass(frozen=True, slots=True)
class Changed:
    """One thing that an edit changed."""

    what: str
    before: str
    """Empty where it was not there."""
    after: str
    """Empty where it is gone."""


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """A claim with all that belongs to it."""

    claim: Claim = field(repr=False)
    version: ClaimVersion = field(repr=False)
    """The open one, else the last that was sent."""
    is_open: bool
    lines: Sequence[LineRow] = field(repr=False)
    findings: Sequence[Told] = field(repr=False)
    """Those of the whole claim."""
    diagnoses: Sequence[tuple[str, str, str]]
    """Column, letter and code as people write it."""
    facts: Mapping[str, Any] = field(repr=False)
    """Every column of `frames.CLAIMS` as the version tells it, days as days."""
    last_edit: Edit | None = field(repr=False)
    """What `undo` takes back."""
    diff: Sequence[Changed] = field(repr=False)
    """What that edit changed."""
    waivers: Sequence[Waiver] = field(repr=False)
    versions: Sequence[ClaimVersion] = field(repr=False)
    sent: Sequence[SubmissionClaim] = field(repr=False)
    answers: Sequence[Answer] = field(repr=False)
    remitted: Sequence[RemittedClaim] = field(repr=False)
    tasks: Sequence[Task] = field(repr=False)
    notes: Sequence[Note] = field(repr=False)
    people: Sequence[Membership] = field(repr=False)
    next_payer: Coverage | None = field(repr=False)
    """To whom the claim goes next, where its payer decided it."""
    others: Sequence[Claim] = field(repr=False)
    """The same services as billed to other payers."""

    @property
    def is_clean(self) -> bool:
        """Whether the rules found nothing at all."""
        return not self.findings and not any(line.findings for line in self.lines)


def claim_page(key: int) -> ClaimPage:
    """Everything of the claim of this key; raises BadRequest where there is none."""
    claim = (
        Claim.objects.select_related("patient", "coverage__payer", "payer", "billing", "facility", "owner")
        .filter(pk=key)
        .first()
    )
    if claim is None:
        raise BadRequest("there is no such claim", where=f"claim {key}", fix="Look for it on Claims.")
    versions = list(claim.versions.order_by("-number"))
    version = versions[0]
    rows = list(version.lines.order_by("line"))
    labels = _labels(rows)
    found = [_told(row) for row in version.findings.select_related("line", "waiver__by")]
    found.sort(key=_by_weight)
    last = version.edits.filter(undone_at=None).order_by("-id").first()
    return ClaimPage(
        claim=claim,
        version=version,
        is_open=version.closed_at is None,
        lines=[
            LineRow(
                row,
                labels.get((row.code, row.served_on), ""),
                "".join(LETTERS[int(n) - 1] for n in (row.dx_pointers or "").split(":") if n),
                [told for told in found if told.row.line_id == row.pk],
            )
            for row in rows
        ],
        findings=[told for told in found if told.row.line_id is None],
        diagnoses=[
            (name, LETTERS[place], dotted(version.facts.get(name, "")))
            for place, name in enumerate(DIAGNOSES)
        ],
        facts=_days(version.facts),
        last_edit=last,
        diff=[] if last is None else diff(last),
        waivers=list(claim.waivers.filter(withdrawn_at=None).select_related("by").order_by("-id")),
        versions=versions,
        sent=list(
            SubmissionClaim.objects.filter(version__claim=claim)
            .select_related("submission__clearinghouse", "version")
            .order_by("-id")
        ),
        answers=list(claim.answers.select_related("acknowledgement__document").order_by("-told_on", "-id")),
        remitted=list(claim.remitted.select_related("remittance").order_by("-remittance__paid_on", "-id")),
        tasks=list(claim.tasks.select_related("owner").order_by("done_at", "due_on", "id")),
        notes=list(claim.notes.select_related("by").order_by("-id")),
        people=list(
            Membership.objects.filter(practice_id=claim.practice_id, is_active=True)
            .select_related("user")
            .order_by("user__name")
        ),
        next_payer=next_payer(claim),
        others=list(
            Claim.objects.filter(claim_id=claim.claim_id)
            .exclude(pk=claim.pk)
            .select_related("payer")
            .order_by("pk")
        ),
    )


def as_if(claim: int, change: Callable[[], None]) -> list[Told]:
    """What the rules would find of a claim once `change` is made; it is taken back at once."""
    with transaction.atomic():
        change()
        version = ClaimVersion.objects.filter(claim=claim).order_by("-number")[0]
        found = [_told(row) for row in version.findings.select_related("line", "waiver__by")]
        transaction.set_rollback(True)
    return sorted(found, key=_by_weight)


def _by_weight(told: Told) -> tuple[int, str]:
    return _ORDER.index(told.row.outcome), told.row.rule


def diff(edit: Edit) -> list[Changed]:
    """What an edit changed, line by line and fact by fact."""
    before = {row["line"]: row for row in edit.before["lines"]}
    after = {row["line"]: row for row in edit.after["lines"]}
    changed = [
        Changed(f"line {number}", _in_words(before.get(number)), _in_words(after.get(number)))
        for number in sorted(before.keys() | after.keys())
        if before.get(number) != after.get(number)
    ]
    was, is_ = (side["version"]["facts"] for side in (edit.before, edit.after))
    changed += [
        Changed(_NAMES.get(name, name), _fact(name, was), _fact(name, is_))
        for name in sorted(was.keys() | is_.keys())
        if was.get(name) != is_.get(name)
    ]
    return changed


_NAMES: Final = {
    **{name: f"diagnosis {letter}" for name, letter in zip(DIAGNOSES, LETTERS, strict=True)},
    "charge_cents": "total charge",
    "auth_number": "authorisation",
    "pos": "place of service",
}


def _fact(name: str, facts: Mapping[str, Any]) -> str:
    value = facts.get(name)
    if value is None:
        return ""
    if name == "charge_cents":
        return dollars(value)
    return dotted(value) if name in DIAGNOSES else str(value)


def _in_words(line: Mapping[str, Any] | None) -> str:
    if line is None:
        return ""
    code = "-".join([line["code"], *(line[name] for name in MODIFIERS if line[name])])
    parts = [f"{code} × {line['units']:g}" if line["units"] is not None else code]
    parts += [dollars(line["charge_cents"]), line["served_on"] or ""]
    pointed = line["dx_pointers"]
    if pointed:
        parts.append("for " + "".join(LETTERS[int(n) - 1] for n in pointed.split(":")))
    parts += [f"{name} {value}" for name, value in sorted(line["facts"].items()) if name in LINE_FACTS]
    return ", ".join(part for part in parts if part)


def dotted(code: str) -> str:
    """A diagnosis as people write it: M5416 is M54.16."""
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code


def _told(row: Finding) -> Told:
    line = row.line
    fix = ""
    if row.fix is not None:
        modifiers = tuple(getattr(line, name) for name in MODIFIERS) if line else ()
        fix = words.fix(
            json.dumps(row.fix), line.line if line else None, line.code if line else None, modifiers
        )
    return Told(row, fix, row.waiver)


def _labels(rows: Sequence[Line]) -> dict[tuple[str, dt.date | None], str]:
    """The codes of `rows` in our own words, on their days."""
    asked = pl.DataFrame(
        [(row.code, row.served_on) for row in rows],
        schema={"code": pl.String, "served_on": pl.Date},
        orient="row",
    ).unique()
    reference = tables()
    built_in = in_force(asked, reference, "code_labels").select("code", "served_on", built_in="label")
    own = in_force(built_in, reference, "own_labels")
    named = own.select("code", "served_on", label=pl.coalesce("label", "built_in")).drop_nulls("label")
    return {(code, day): label for code, day, label in named.iter_rows()}


def _days(facts: Mapping[str, Any]) -> dict[str, Any]:
    told = {
        name: dt.date.fromisoformat(value) if CLAIMS[name] == pl.Date else value
        for name, value in facts.items()
    }
    return {**dict.fromkeys(CLAIMS), **told}
