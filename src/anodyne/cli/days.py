"""Days as a person gives them to a command."""

import datetime as dt

from anodyne.kernel.errors import BadRequest


def day_of(text: str | None, option: str) -> dt.date:
    """The day that `text` tells, today where it is None; BadRequest, which names `option`, for any other."""
    if text is None:
        return dt.datetime.now().astimezone().date()
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise BadRequest(
            f"{text} is not a date", where=option, fix="Write it YYYY-MM-DD, as 2026-10-14."
        ) from None
