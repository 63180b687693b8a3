"""In whose name and for which practice rows are read and written.

The database shows rows of one practice at a time, the one named in the transaction; outside of `within` it
shows none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connections, transaction
from django.db.models import BigIntegerField
from django.db.models.expressions import Func

PRACTICE: Final = "anodyne.practice"
"""The setting of a transaction that names its practice."""
USER: Final = "anodyne.user"
"""The setting of a transaction that names who acts: a user's key, or nothing for the program itself."""


class CurrentPractice(Func):
    """The practice of the transaction."""

    template = f"NULLIF(current_setting('{PRACTICE}', true), '')::bigint"
    arity = 0
    output_field = BigIntegerField()


@contextmanager
def within(practice: int | None, user: int | None = None, *, using: str = "default") -> Iterator[None]:
    """A transaction that sees the rows of `practice` alone, and whose changes are `user`'s.

    Both are keys; no practice is none at all.  Nested in itself it is a savepoint, after which the outer
    practice and user hold again.
    """
    with transaction.atomic(using=using):
        before = _named(using)
        _name(using, practice, user)
        yield
        if before != ("", ""):
            _put(using, *before)


def _named(using: str) -> tuple[str, str]:
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(current_setting(%s, true), ''), coalesce(current_setting(%s, true), '')",
            [PRACTICE, USER],
        )
        practice, user = cursor.fetchone()
    return practice, user


def _name(using: str, practice: int | None, user: int | None) -> None:
    _put(using, *("" if key is None else str(key) for key in (practice, user)))


def _put(using: str, practice: str, user: str) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT set_config(%s, %s, true), set_config(%s, %s, true)", [PRACTICE, practice, USER, user]
        )
