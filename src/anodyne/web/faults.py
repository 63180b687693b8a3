"""What a page says when something went wrong: what, and what to do; never what stood in the data."""

from typing import Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from anodyne.kernel.errors import AnodyneError

_SAID: Final = {
    400: ("This cannot be read", "What was sent is not what this page takes.",
          "Go back, load the page again and try once more."),
    403: ("Not for you", "Your role does not open this page, or the page is too old to be sent.",
          "Go back and load it again; if it stays so, ask an administrator of your practice."),
    404: ("Not here", "There is nothing at this address in your practice.",
          "Look for it on Claims, or with Find."),
    413: ("Too large", "What was sent is larger than is taken.", "Send it in smaller parts."),
    429: ("Too many tries", "There were too many tries from here.", "Wait five minutes, then try again."),
    500: ("Something went wrong here", "The program failed, and nothing of what you asked was kept.",
          "Try once more; if it stays so, tell who runs the server the time it is now."),
}  # fmt: skip


def page_of(request: HttpRequest, status: int) -> HttpResponse:
    """The page that says so."""
    title, what, next_step = _SAID[status]
    return _page(request, status, {"title": title, "what": what, "next_step": next_step})


def refused(request: HttpRequest, error: AnodyneError) -> HttpResponse:
    """The page, or its part for a partial update, of what could not be done."""
    told = {"title": "That could not be done", "what": f"{error.what[:1].upper()}{error.what[1:]}.",
            "where": error.where, "next_step": error.fix}  # fmt: skip
    return _page(request, 422, told)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 where it was too large."""
    return page_of(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """403."""
    return page_of(request, 403)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """403, of a form that did not come from these pages."""
    return page_of(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """404."""
    return page_of(request, 404)


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """429."""
    return page_of(request, 429)


def failed(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """500; asks nothing of the database, which may be what failed."""
    title, what, next_step = _SAID[500]
    told = {"title": title, "what": what, "next_step": next_step}
    return HttpResponse(render_to_string("failed.html", told), status=500)


def _page(request: HttpRequest, status: int, told: dict[str, str]) -> HttpResponse:
    part = request.headers.get("HX-Request") == "true"
    text = render_to_string("refused_part.html" if part else "refused.html", told, request)
    return HttpResponse(text, status=status)
