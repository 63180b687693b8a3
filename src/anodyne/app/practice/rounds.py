"""The practices of an installation, one after the other, for what is done in all of them."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.db import connection

from anodyne.store.models import Practice
from anodyne.store.scope import within


def practices() -> list[int]:
    """The keys of all practices, in order.

    The application sees one practice at a time, so that each key that was given out is tried.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM practices_id_seq")
        last = int(cursor.fetchone()[0])
    found = []
    for key in range(1, last + 1):
        with within(key):
            if Practice.objects.filter(pk=key).exists():
                found.append(key)
    return found


def today(practice: int) -> dt.date:
    """The day it is in a practice, by its time zone."""
    with within(practice):
        zone = Practice.objects.values_list("time_zone", flat=True).get(pk=practice)
    return dt.datetime.now(ZoneInfo(zone)).date()
