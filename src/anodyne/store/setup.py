"""A database made ready: the tables, and what binds the application to them."""

from typing import Final

from django.core.management import call_command
from django.db import connections

from anodyne.store.security import secure

_LOCK: Final = 0x616E6F64
"""By which two that start at once wait for each other."""


def prepare(using: str = "owner") -> None:
    """Bring the tables up to date and bind the application; `using` is the owner's connection."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            call_command("migrate", database=using, interactive=False, verbosity=0)
            call_command("createcachetable", database=using, verbosity=0)
            secure(using)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
