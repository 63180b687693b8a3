"""Keys with which programs call the API in a person's name, for one practice."""

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils import timezone

from anodyne.kernel.errors import BadFields
from anodyne.store.models import Membership, Role, Token, User
from anodyne.store.scope import within

MOST_DAYS: Final = 366
_MARK: Final = "anodyne"
_READERS: Final = frozenset(Role)
_WRITERS: Final = frozenset({Role.BILLER, Role.CODER, Role.MANAGER, Role.ADMINISTRATOR})


class Scope(StrEnum):
    """What a token may do."""

    READ = "claims:read"
    WRITE = "claims:write"
    IMPORT = "files:write"
    WORK = "work:write"


ALLOWED: Final = {
    Scope.READ: _READERS,
    Scope.WRITE: _WRITERS,
    Scope.IMPORT: _WRITERS,
    Scope.WORK: _READERS,
}
"""Whose roles may have which scope."""


@dataclass(frozen=True, slots=True)
class Holder:
    """In whose name, for which practice, and how far a token speaks."""

    user: User
    membership: Membership
    scopes: frozenset[Scope]


def make(membership: Membership, *, name: str, scopes: Collection[str], days: int) -> str:
    """A token of the member, as text that is shown once; only its digest is kept.

    Raises BadFields for a name, scopes or number of days that it cannot have.
    """
    wrong = {}
    if not name.strip():
        wrong["name"] = "name what will use it"
    known = [scope for scope in Scope if scope in scopes]
    if not known or len(known) != len(set(scopes)):
        wrong["scopes"] = f"some of {', '.join(Scope)}"
    elif any(Role(membership.role) not in ALLOWED[scope] for scope in known):
        wrong["scopes"] = "your role may not do all of this"
    if not 1 <= days <= MOST_DAYS:
        wrong["days"] = f"from 1 to {MOST_DAYS}"
    if wrong:
        raise BadFields(wrong, where="the token")
    text = f"{_MARK}_{membership.practice_id}_{secrets.token_urlsafe(32)}"
    Token.objects.create(
        user=membership.user,
        name=name.strip(),
        digest=_digest(text),
        scopes=[scope.value for scope in known],
        expires_at=timezone.now() + dt.timedelta(days=days),
    )
    return text


def revoke(token: int, user: User) -> None:
    """End a token of `user`."""
    Token.objects.filter(pk=token, user=user, revoked_at=None).update(revoked_at=timezone.now())


def tokens_of(user: User) -> list[Token]:
    """The tokens of `user` in this practice that still speak, the newest first."""
    return list(
        Token.objects.filter(user=user, revoked_at=None, expires_at__gt=timezone.now()).order_by("-id")
    )


def holder(text: str) -> Holder | None:
    """Who speaks with the token `text`; None where it is none, has ended, or its user has left."""
    mark, _, rest = text.partition("_")
    practice, _, secret = rest.partition("_")
    if (
        mark != _MARK
        or not practice.isascii()
        or not practice.isdecimal()
        or not secret
        or len(practice) > 18
    ):
        return None
    with within(int(practice)):
        found = Token.objects.select_related("user").filter(digest=_digest(text)).first()
        if found is None or not hmac.compare_digest(found.digest, _digest(text)):
            return None
        if found.revoked_at is not None or found.expires_at <= timezone.now():
            return None
        membership = (
            Membership.objects.select_related("practice", "user")
            .filter(user=found.user, practice_id=int(practice), is_active=True, user__is_active=True)
            .first()
        )
        if membership is None:
            return None
        Token.objects.filter(pk=found.pk).update(last_used_at=timezone.now())
        scopes = {Scope(name) for name in found.scopes if Role(membership.role) in ALLOWED[Scope(name)]}
    return Holder(found.user, membership, frozenset(scopes))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
