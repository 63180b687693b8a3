"""Who calls the API, and the transaction in which what they ask is done."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from ninja.security import HttpBearer

from anodyne.app.practice.tokens import Holder, Scope, holder
from anodyne.store.scope import within


class Forbidden(Exception):
    """The token may not do what was asked."""


class Bearer(HttpBearer):
    """A token in the header `Authorization: Bearer …`."""

    def authenticate(self, request: HttpRequest, token: str) -> Holder | None:  # noqa: ARG002
        """Who speaks with the token."""
        return holder(token)


@contextmanager
def acting(request: HttpRequest, scope: Scope) -> Iterator[Holder]:
    """A transaction of the caller's practice and in their name; raises Forbidden without `scope`."""
    who: Holder = request.auth  # type: ignore[attr-defined]
    if scope not in who.scopes:
        raise Forbidden(f"the token lacks {scope}")
    with within(who.membership.practice_id, who.user.pk):
        yield who


def today(who: Holder) -> dt.date:
    """The day it is in the caller's practice."""
    return dt.datetime.now(ZoneInfo(who.membership.practice.time_zone)).date()
