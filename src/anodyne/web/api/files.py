"""Files: claims brought in, and claims judged without being kept."""

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from ninja import Query, Router, Schema

from anodyne.app.library import check
from anodyne.app.practice.importing import import_claims
from anodyne.app.practice.tokens import Scope
from anodyne.kernel.errors import BadRequest
from anodyne.web.api.access import acting, today
from anodyne.web.api.claims import Problem, Strict

router = Router(tags=["files"])
_RAW = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_SOMETHING = "the file sent"


class Named(Strict):
    """What the file is called, in what is told of it."""

    name: str = "claims.837"


class ForAPerson(Schema):
    """One thing of a file that a person should look at."""

    item: str
    place: str
    why: str
    next_step: str
    taken: bool


class CameInOut(Schema):
    """What came of a file."""

    document: int
    again: bool
    counts: dict[str, int]
    claims: list[int]
    told: list[ForAPerson]


class Found(Schema):
    """A finding of the command line's JSON."""

    rule: str
    outcome: str
    claim: str | None
    line: int | None
    segment: int | None
    byte: int | None
    codes: list[str]
    message: str
    needs: list[str]
    fix: dict[str, Any] | None
    at_risk_cents: int


class Checked(Schema):
    """What a check found."""

    as_of: str
    claims: int
    clean: int
    at_risk_cents: int
    findings: list[Found]


@router.post(
    "files/claims",
    response={200: CameInOut, 403: Problem, 413: Problem, 422: Any},
    summary="Bring in an 837P file",
    openapi_extra=_RAW,
)
def bring_in(request: HttpRequest, named: Query[Named]) -> dict[str, Any]:
    """What came of it; the same bytes twice have the effect of once."""
    data = _body(request)
    with acting(request, Scope.IMPORT) as who:
        made = import_claims(data, named.name, user=who.user, as_of=today(who))
    return {
        "document": made.document,
        "again": made.again,
        "counts": dict(made.counts),
        "claims": list(made.claims),
        "told": list(made.told),
    }


@router.post(
    "check",
    response={200: Checked, 403: Problem, 413: Problem, 422: Any},
    summary="Judge an 837P file without keeping it",
    openapi_extra=_RAW,
)
def judge(request: HttpRequest) -> dict[str, Any]:
    """What `anodyne check` finds of it; nothing of it is kept."""
    data = _body(request)
    with acting(request, Scope.READ) as who, tempfile.TemporaryDirectory(prefix="anodyne-") as folder:
        path = Path(folder) / "claims.837"
        path.write_bytes(data)
        found = check(path, as_of=today(who))
        names = ("rule", "claim", "line", "segment", "byte", "codes", "message", "needs", "at_risk_cents")
        return {
            "as_of": found.as_of.isoformat(),
            "claims": found.summary.claims,
            "clean": found.summary.clean,
            "at_risk_cents": found.summary.at_risk_cents,
            "findings": [
                {**{name: getattr(one, name) for name in names}, "outcome": one.outcome.value, "fix": one.fix}
                for one in found
            ],
        }


def _body(request: HttpRequest) -> bytes:
    """What was sent, which is not larger than an upload may be."""
    most: int = settings.IMPORT_MOST_BYTES
    data = request.read(most + 1)
    if len(data) > most:
        raise RequestDataTooBig
    if not data:
        raise BadRequest("nothing was sent", where=_SOMETHING, fix="Send the file as the body.")
    return bytes(data)
