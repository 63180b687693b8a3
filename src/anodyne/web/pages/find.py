"""One search over claims, patients and payers' numbers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods

from anodyne.app.practice import worklists
from anodyne.web.pages.claims import claim_address


@require_http_methods(["GET", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """What fits the words; they are sent in the body, so that no address names a patient."""
    text = request.POST.get("q", "")[:80]
    words = worklists.searched(text)
    found = worklists.found_by(words) if words else None
    context = {
        "words": text.strip(),
        "asked": found is not None,
        "claims": [
            {"claim": claim, "address": claim_address(claim.pk)} for claim in (found.claims if found else ())
        ],
        "patients": found.patients if found else (),
        "list": reverse("claims"),
        "most": worklists.MOST_SHOWN,
    }
    return render(request, "find.html", context)


urlpatterns = [path("find", find, name="find")]
