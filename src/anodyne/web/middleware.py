"""In which practice a request acts, and whether its user may."""

from collections.abc import Callable
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from anodyne.kernel.errors import AnodyneError
from anodyne.store.models import Membership
from anodyne.store.scope import within
from anodyne.web.faults import page_of, refused

PRACTICE: Final = "practice"
"""The session's key of the practice that was chosen."""
_OPEN: Final = ("/accounts/", settings.STATIC_URL, "/api/")
"""Where no practice is needed: signing in, files, and the API with its tokens."""
_HEALTH: Final = "/health"
"""Whether the server lives: for machines."""


class PracticeMiddleware:
    """Runs each page in a transaction of the user's practice, all of which is undone where the page fails.

    Adds `request.membership`.  Who is in no practice, or lacks a second factor that the practice demands, is
    led to where that can be changed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer to `request`."""
        request.membership = None  # type: ignore[attr-defined]
        if request.path.startswith(_OPEN) or request.path == _HEALTH:
            return _private(request, self.get_response(request))
        if not request.user.is_authenticated:
            back = urlencode({"next": request.path}) if request.method == "GET" else ""
            return _to(request, f"{reverse(settings.LOGIN_URL)}?{back}")
        with within(None, request.user.pk):
            membership = membership_of(request)
        choosing = request.path == reverse("practices")
        if membership is None:
            return _private(
                request, self.get_response(request) if choosing else _to(request, reverse("practices"))
            )
        request.session.set_expiry(membership.practice.session_minutes * 60)
        if lacks_second_factor(request, membership) and not choosing:
            messages.warning(
                request,
                f"{membership.practice.name} asks for a second factor: set one up here, then go to Today.",
            )
            return _to(request, reverse("mfa_index"))
        request.membership = membership  # type: ignore[attr-defined]
        zone = ZoneInfo(membership.practice.time_zone)
        with timezone.override(zone), within(membership.practice_id, request.user.pk):
            response = self.get_response(request)
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response.render()
        return _private(request, response)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],  # noqa: ARG002
        args: list[object],  # noqa: ARG002
        kwargs: dict[str, object],  # noqa: ARG002
    ) -> HttpResponse | None:
        """Refuse the sign that no text of the database can hold."""
        if getattr(request, "membership", None) is None:
            return None
        told = (request.GET, request.POST) if request.method == "POST" else (request.GET,)
        texts = (text for query in told for name, values in query.lists() for text in (name, *values))
        return page_of(request, 400) if any("\0" in text for text in texts) else None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Undo what a page did before it failed; what could not be done is told."""
        if transaction.get_connection().in_atomic_block:
            transaction.set_rollback(True)
        return refused(request, exception) if isinstance(exception, AnodyneError) else None


def membership_of(request: HttpRequest) -> Membership | None:
    """What the user is in the practice of the session, or in the only one they work in."""
    found = Membership.objects.select_related("practice").filter(user_id=request.user.pk or 0, is_active=True)
    chosen = request.session.get(PRACTICE)
    rows = list(found.filter(practice_id=chosen) if chosen else found[:2])
    return rows[0] if len(rows) == 1 else None


def lacks_second_factor(request: HttpRequest, membership: Membership) -> bool:
    """Whether the practice demands a second factor that the user does not have."""
    from allauth.mfa.utils import is_mfa_enabled  # noqa: PLC0415  needs the models to be loaded

    return membership.practice.second_factor_required and not is_mfa_enabled(request.user)


def _to(request: HttpRequest, address: str) -> HttpResponse:
    """Lead the browser there, also where only a part of the page was asked for."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def _private(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let no browser or proxy keep a page of a practice."""
    if not request.path.startswith(settings.STATIC_URL):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
