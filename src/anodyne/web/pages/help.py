"""Help, whether the server lives, and the pages of what went wrong."""

from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from anodyne.app.practice.health import database_answers

_WORDS: Final = (
    ("held", "Would be rejected or denied as it stands, or a question is open: it does not leave."),
    ("ready", "Nothing stands against it: it can be sent."),
    ("batched", "In a file that has not left yet."),
    ("sent", "It left; nobody has said that they have it."),
    ("accepted", "The payer has it."),
    ("rejected", "It never reached the payer's desk: mend and send it again."),
    ("reject, deny", "Findings that cost the claim: refused at the door, or not paid."),
    ("audit", "Pays, but may be taken back."),
    ("ask", "Nobody can tell until somebody says what is missing."),
    ("missed", "Earned, and not billed."),
)


@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """The keys, and the words of the pages."""
    return render(request, "help.html", {"words": _WORDS})


@require_safe
def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Whether the server and its database answer; for machines, and without signing in."""
    alive = database_answers()
    return JsonResponse({"database": "answers" if alive else "silent"}, status=200 if alive else 503)


urlpatterns = [path("help", guide, name="help"), path("health", health, name="health")]
