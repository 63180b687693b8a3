"""Who asks, what they are in their practice, and what day it is there."""

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final, ParamSpec
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from anodyne.store.models import Membership, Role

P = ParamSpec("P")
EDITORS: Final = (Role.BILLER, Role.CODER, Role.MANAGER, Role.ADMINISTRATOR)
"""Who changes claims; a clinician reads them, writes notes and answers tasks."""
_TOO_LONG: Final = 19
"""Digits: no key of the database has so many."""


def member(request: HttpRequest) -> Membership:
    """The membership with which the request acts; PermissionDenied where there is none."""
    found = getattr(request, "membership", None)
    if not isinstance(found, Membership):
        raise PermissionDenied
    return found


def today(request: HttpRequest) -> dt.date:
    """The day it is in the practice of the request, by its time zone."""
    return dt.datetime.now(ZoneInfo(member(request).practice.time_zone)).date()


def whole(told: str) -> int | None:
    """A key, revision or number of a form; None where it is none, or larger than any is."""
    return int(told) if told.isdecimal() and len(told) < _TOO_LONG else None


def for_roles(
    *roles: Role,
) -> Callable[[Callable[Concatenate[HttpRequest, P], HttpResponse]], Callable[..., HttpResponse]]:
    """Refuse a page to whoever is none of `roles` in the practice."""

    def guard(page: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(page)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if member(request).role not in roles:
                raise PermissionDenied
            return page(request, *args, **kwargs)

        return guarded

    return guard
