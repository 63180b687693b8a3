"""What every page knows."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from anodyne.web.keys import key_table, places


def of_practice(request: HttpRequest) -> dict[str, Any]:
    """The user's membership, the places they can go to, and the keys."""
    return {
        "membership": getattr(request, "membership", None),
        "places": places(request.path),
        "key_table": key_table(),
        "find_address": reverse("find"),
    }
