"""Claims: lists, one with its findings, and each change that the claim's page makes."""

import datetime as dt
from typing import Annotated, Any, Final, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, Field, field_validator

from anodyne.app.practice import editing
from anodyne.app.practice.checking import recheck
from anodyne.app.practice.claim_page import ClaimPage, Told, claim_page
from anodyne.app.practice.tokens import Scope
from anodyne.app.practice.worklists import Wanted, page
from anodyne.store.models import Claim, ClaimState, TaskKind
from anodyne.web.api.access import acting, today

router = Router(tags=["claims"])

Key = Annotated[int, Field(ge=1, le=2**63 - 1)]
Revision = Annotated[int, Field(ge=1, le=2**31 - 1)]
Sort = Literal["day", "risk", "charge", "deadline", "follow_up"]


class Strict(Schema):
    """What is sent: nothing beside what is named."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    @field_validator("*")
    @classmethod
    def _storable(cls, value: object) -> object:
        """The value, where no text in it has the sign that the database cannot hold."""
        told = value.values() if isinstance(value, dict) else (value,)
        if any(isinstance(one, str) and "\0" in one for one in told):
            raise ValueError("no text holds the sign NUL")
        return value


class Problem(Schema):
    """What could not be done, and what to do."""

    code: str
    what: str
    where: str = ""
    fix: str = ""
    fields: dict[str, str] = Field(default_factory=dict)


_PROBLEMS: Final = {403: Problem, 409: Problem, 422: Any}


class ClaimRow(Schema):
    """A claim of a list; amounts are whole cents."""

    key: int
    claim_id: str
    rank: str
    state: str
    payer: str
    served_on: dt.date
    charge_cents: int
    paid_cents: int
    at_risk_cents: int
    worst: str
    file_by: dt.date | None
    follow_up_on: dt.date | None
    revision: int


class ClaimList(Schema):
    """Claims, and where the next ones begin."""

    claims: list[ClaimRow]
    after: str | None


class FindingOut(Schema):
    """What a rule found."""

    key: int
    rule: str
    outcome: str
    line: int | None
    message: str
    needs: list[str]
    codes: list[str]
    fix: dict[str, Any] | None
    fix_in_words: str
    at_risk_cents: int
    cites: list[dict[str, Any]]
    waived: str | None


class LineOut(Schema):
    """A service line."""

    line: int
    code: str
    modifiers: list[str]
    units: float | None
    charge_cents: int
    served_on: dt.date | None
    served_to: dt.date | None
    diagnoses: str
    facts: dict[str, Any]


class ClaimOut(ClaimRow):
    """A claim whole."""

    version: int
    open: bool
    frequency: str
    original_ref: str | None
    payer_control: str
    checked_at: dt.datetime | None
    facts: dict[str, Any]
    lines: list[LineOut]
    findings: list[FindingOut]


def _row(claim: Claim) -> dict[str, Any]:
    names = (
        "claim_id", "rank", "state", "served_on", "charge_cents", "paid_cents", "at_risk_cents", "worst",
        "file_by", "follow_up_on", "revision",
    )  # fmt: skip
    return {"key": claim.pk, "payer": claim.payer.name, **{name: getattr(claim, name) for name in names}}


def _finding(told: Told) -> dict[str, Any]:
    row = told.row
    names = ("rule", "outcome", "message", "needs", "codes", "fix", "at_risk_cents", "cites")
    return {
        "key": row.pk,
        "line": None if row.line is None else row.line.line,
        "fix_in_words": told.fix,
        "waived": None if told.waiver is None else told.waiver.reason,
        **{name: getattr(row, name) for name in names},
    }


def _whole(told: ClaimPage) -> dict[str, Any]:
    version = told.version
    findings = [*told.findings, *(one for line in told.lines for one in line.findings)]
    return {
        **_row(told.claim),
        "version": version.number,
        "open": told.is_open,
        "frequency": version.frequency,
        "original_ref": version.original_ref,
        "payer_control": told.claim.payer_control,
        "checked_at": version.checked_at,
        "facts": version.facts,
        "lines": [
            {
                **{
                    n: getattr(line.row, n)
                    for n in ("line", "code", "units", "charge_cents", "served_on", "served_to")
                },
                "modifiers": [m for m in (line.row.mod1, line.row.mod2, line.row.mod3, line.row.mod4) if m],
                "diagnoses": line.pointers,
                "facts": line.row.facts,
            }
            for line in told.lines
        ],
        "findings": [_finding(one) for one in findings],
    }


class Asked(Strict):
    """Which claims."""

    state: list[ClaimState] = Field(default_factory=list)
    payer: Key | None = None
    outcome: Literal["", "clean", "reject", "deny", "audit", "ask", "missed"] = ""
    sort: Sort = "day"
    after: Annotated[str, Field(max_length=60)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


@router.get("claims", response={200: ClaimList, **_PROBLEMS}, summary="Claims, page by page")
def listed(request: HttpRequest, asked: Query[Asked]) -> dict[str, Any]:
    """Claims in the order asked for; `after` of one answer asks for the next."""
    with acting(request, Scope.READ):
        wanted = Wanted(states=tuple(asked.state), payer=asked.payer, outcome=asked.outcome, sort=asked.sort)
        found = page(wanted, after=asked.after, size=asked.limit)
        return {"claims": [_row(row.claim) for row in found.rows], "after": found.after}


@router.get("claims/{key}", response={200: ClaimOut, **_PROBLEMS}, summary="One claim with its findings")
def one(request: HttpRequest, key: Key) -> dict[str, Any]:
    """The claim as it stands, with what was found of it."""
    with acting(request, Scope.READ):
        return _whole(claim_page(key))


class Change(Strict):
    """Any change: the revision of the claim that its author saw."""

    revision: Revision


class LineIn(Change):
    """What changes of a line; what is not named stays."""

    code: str | None = None
    mod1: str | None = None
    mod2: str | None = None
    mod3: str | None = None
    mod4: str | None = None
    units: float | None = None
    charge_cents: int | None = None
    served_on: dt.date | None = None
    served_to: dt.date | None = None
    dx_pointers: str | None = None
    pos: str | None = None
    ndc: str | None = None
    ndc_qty: float | None = None
    ndc_unit: str | None = None


class FactsIn(Change):
    """What changes of the claim beside its lines, by the names of its facts; null takes a fact away."""

    facts: dict[str, str | dt.date | None]


class WaiverIn(Change):
    """Why the claim may go all the same."""

    reason: Annotated[str, Field(max_length=500)]
    until: dt.date | None = None


class NoteIn(Strict):
    """A note."""

    text: Annotated[str, Field(max_length=2000)]


class TaskIn(Strict):
    """A thing to do."""

    kind: TaskKind = TaskKind.OTHER
    title: Annotated[str, Field(max_length=200)]
    owner: Key | None = None
    due_on: dt.date | None = None


@router.post("claims/{key}/check", response={200: ClaimOut, **_PROBLEMS}, summary="Judge a claim again")
def judge(request: HttpRequest, key: Key) -> dict[str, Any]:
    """The claim with what is found of it now."""
    with acting(request, Scope.WRITE) as who:
        recheck([key], as_of=today(who))
        return _whole(claim_page(key))


@router.patch("claims/{key}/lines/{line}", response={200: ClaimOut, **_PROBLEMS}, summary="Change a line")
def change_line(request: HttpRequest, key: Key, line: int, told: LineIn) -> dict[str, Any]:
    """The claim with the line changed, judged again."""
    with acting(request, Scope.WRITE) as who:
        values = told.dict(exclude_unset=True, exclude={"revision"})
        editing.edit_line(key, told.revision, line, values, user=who.user, as_of=today(who))
        return _whole(claim_page(key))


@router.post("claims/{key}/lines", response={200: ClaimOut, **_PROBLEMS}, summary="Add a line")
def add_line(request: HttpRequest, key: Key, told: LineIn) -> dict[str, Any]:
    """The claim with a line more, judged again."""
    with acting(request, Scope.WRITE) as who:
        values = told.dict(exclude_unset=True, exclude={"revision"})
        editing.add_line(key, told.revision, values, user=who.user, as_of=today(who))
        return _whole(claim_page(key))


@router.post(
    "claims/{key}/lines/{line}/drop", response={200: ClaimOut, **_PROBLEMS}, summary="Leave a line out"
)
def drop_line(request: HttpRequest, key: Key, line: int, told: Change) -> dict[str, Any]:
    """The claim without the line, judged again."""
    with acting(request, Scope.WRITE) as who:
        editing.drop_line(key, told.revision, line, user=who.user, as_of=today(who))
        return _whole(claim_page(key))


@router.patch("claims/{key}", response={200: ClaimOut, **_PROBLEMS}, summary="Change a claim's facts")
def change(request: HttpRequest, key: Key, told: FactsIn) -> dict[str, Any]:
    """The claim with its facts changed, judged again."""
    with acting(request, Scope.WRITE) as who:
        editing.edit_claim(key, told.revision, told.facts, user=who.user, as_of=today(who))
        return _whole(claim_page(key))


@router.post(
    "claims/{key}/findings/{finding}/fix", response={200: ClaimOut, **_PROBLEMS}, summary="Accept a fix"
)
def accept(request: HttpRequest, key: Key, finding: Key, told: Change) -> dict[str, Any]:
    """The claim with the fix made, judged again."""
    with acting(request, Scope.WRITE) as who:
        editing.accept_fix(key, told.revision, finding, user=who.user, as_of=today(who))
        return _whole(claim_page(key))


@router.post(
    "claims/{key}/findings/{finding}/waiver", response={200: ClaimOut, **_PROBLEMS}, summary="Waive a finding"
)
def waive(request: HttpRequest, key: Key, finding: Key, told: WaiverIn) -> dict[str, Any]:
    """The claim, which a finding no longer holds, for a reason."""
    with acting(request, Scope.WRITE) as who:
        editing.waive(
            key, told.revision, finding, reason=told.reason, until=told.until, user=who.user, as_of=today(who)
        )
        return _whole(claim_page(key))


@router.post("claims/{key}/undo", response={200: ClaimOut, **_PROBLEMS}, summary="Undo the last change")
def undo(request: HttpRequest, key: Key, told: Change) -> dict[str, Any]:
    """The claim as it stood before."""
    with acting(request, Scope.WRITE) as who:
        editing.undo(key, told.revision, as_of=today(who))
        return _whole(claim_page(key))


@router.post("claims/{key}/correct", response={200: ClaimOut, **_PROBLEMS}, summary="Open a replacement")
def correct(request: HttpRequest, key: Key, told: Change) -> dict[str, Any]:
    """The claim with an open version that replaces what was sent, by the payer's number."""
    with acting(request, Scope.WRITE) as who:
        editing.correct(key, told.revision, as_of=today(who))
        return _whole(claim_page(key))


@router.post("claims/{key}/void", response={200: ClaimOut, **_PROBLEMS}, summary="Open a void")
def void(request: HttpRequest, key: Key, told: Change) -> dict[str, Any]:
    """The claim with an open version that voids what was sent, by the payer's number."""
    with acting(request, Scope.WRITE) as who:
        editing.void(key, told.revision, as_of=today(who))
        return _whole(claim_page(key))


@router.post("claims/{key}/notes", response={204: None, **_PROBLEMS}, summary="Write a note")
def note(request: HttpRequest, key: Key, told: NoteIn) -> Status[None]:
    """Nothing."""
    with acting(request, Scope.WORK) as who:
        editing.add_note(key, told.text, user=who.user)
    return Status(204, None)


@router.post("claims/{key}/tasks", response={204: None, **_PROBLEMS}, summary="Give somebody a task")
def task(request: HttpRequest, key: Key, told: TaskIn) -> Status[None]:
    """Nothing."""
    with acting(request, Scope.WORK):
        editing.add_task(key, kind=told.kind, title=told.title, owner=told.owner, due_on=told.due_on)
    return Status(204, None)
