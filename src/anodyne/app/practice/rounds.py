"""The practices of an installation, one after the other, for what is done in all of them."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.db import connection

from anodyne.store.models import Practice
from anodyne.store.scope import within


def practices() -> list[int]:
    """The keys of all practices, in order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT anodyne_practices()")
        return [key for (key,) in cursor.fetchall()]


def today(practice: int) -> dt.date:
    """The day it is in a practice, by its time zone."""
    with within(practice):
        zone = Practice.objects.values_list("time_zone", flat=True).get(pk=practice)
    return dt.datetime.now(ZoneInfo(zone)).date()
