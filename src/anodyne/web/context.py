"""What every page knows."""

from typing import Any

from django.http import HttpRequest


def of_practice(request: HttpRequest) -> dict[str, Any]:
    """The user's membership, for the head of the page."""
    return {"membership": getattr(request, "membership", None)}
