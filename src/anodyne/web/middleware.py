"""In which practice a request acts, and whether its user may."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from anodyne.store.models import Membership
from anodyne.store.scope import within

PRACTICE: Final = "practice"
"""The session's key of the practice that was chosen."""
_OPEN: Final = ("/accounts/", settings.STATIC_URL, "/api/", "/health")
"""Where no practice is needed: signing in, files, the API with its tokens, and whether the server lives."""


class PracticeMiddleware:
    """Runs each page in a transaction of the user's practice.

    Adds `request.membership`.  Who is in no practice, or lacks a second factor that the practice demands, is
    led to where that can be changed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer to `request`."""
        request.membership = None  # type: ignore[attr-defined]
        if request.path.startswith(_OPEN):
            return self.get_response(request)
        if not request.user.is_authenticated:
            return redirect(f"{reverse(settings.LOGIN_URL)}?next={request.path}")
        with within(None, request.user.pk):
            membership = membership_of(request)
        if membership is None:
            return (
                redirect("practices") if request.path != reverse("practices") else self.get_response(request)
            )
        request.session.set_expiry(membership.practice.session_minutes * 60)
        if lacks_second_factor(request, membership):
            return redirect("mfa_index")
        request.membership = membership  # type: ignore[attr-defined]
        with within(membership.practice_id, request.user.pk):
            response = self.get_response(request)
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response.render()
        return response


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
