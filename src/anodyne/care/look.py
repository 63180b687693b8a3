"""How one looks for patients: from which day, how far back, and for how long pain must have lasted."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

import polars as pl

MORE_THAN_MONTHS: Final = 3
"""Pain is chronic after more months than this: from the 14th of one month to the 14th of the third after it
is not more, to the 15th is.  A month that lacks the day is judged by its last day."""
POLICY: Final = "care_programmes"
"""The value of a payer's policy that says which programmes it pays."""


@dataclass(frozen=True, slots=True)
class Look:
    """From which day one looks back, how far, and how far back claims were read."""

    as_of: dt.date
    months: int = 12
    begins: dt.date | None = None
    """The first day of service that was read, of anybody; None where there is none."""

    @property
    def since(self) -> dt.date:
        """The first day of the look-back: the one after the same day so many months ago.

        >>> Look(dt.date(2026, 11, 21)).since, Look(dt.date(2026, 2, 28), 3).since
        (datetime.date(2025, 11, 22), datetime.date(2025, 11, 29))
        """
        return _months_after(self.as_of, -self.months) + dt.timedelta(days=1)

    @property
    def whole(self) -> bool:
        """Whether claims were read from the first day of the look-back on, or from before it."""
        return self.begins is not None and self.begins <= self.since


def _months_after(day: dt.date, months: int) -> dt.date:
    after: dt.date = pl.select(pl.lit(day).dt.offset_by(f"{months}mo")).item()
    return after
