"""Local time: where days and months begin for each entry."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Seconds = NDArray[np.int64]

DAY_SECONDS: Final = 86_400
NEVER: Final = 1 << 40
"""A second that no time of ours reaches."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The local time of entries: of one zone, or as each was written.

    As written, the offset of an entry's start holds for the whole entry.
    """

    zone: ZoneInfo | None = None

    def midnights(self, days: pl.Series, offsets: "Seconds", *, missing: int) -> "Seconds":
        """The second at which each of `days` begins where entries have `offsets`; `missing` where null."""
        if self.zone is None:
            begun = days.cast(pl.Int32).cast(pl.Int64).to_numpy() if not days.has_nulls() else None
            if begun is None:
                begun = days.cast(pl.Int32).cast(pl.Int64).fill_null(0).to_numpy()
            seconds = begun * DAY_SECONDS - offsets
        else:
            each = {day: self._midnight(day) for day in days.unique().to_list() if day is not None}
            seconds = days.replace_strict(each, default=0, return_dtype=pl.Int64).fill_null(0).to_numpy()
        return np.where(days.is_null().to_numpy(), missing, seconds)

    def midnight(self, day: dt.date, offsets: "Seconds") -> "Seconds":
        """The second at which `day` begins, for each of `offsets`."""
        if self.zone is None:
            return (day - dt.date(1970, 1, 1)).days * DAY_SECONDS - offsets
        return np.full(len(offsets), self._midnight(day), np.int64)

    def days(self, seconds: "Seconds", offsets: "Seconds") -> pl.Series:
        """The local day of each of `seconds`."""
        if self.zone is None:
            return pl.Series((seconds + offsets) // DAY_SECONDS).cast(pl.Int32).cast(pl.Date)
        return self.local(seconds, offsets).dt.date()

    def local(self, seconds: "Seconds", offsets: "Seconds") -> pl.Series:
        """The local time of each of `seconds`, without its zone."""
        if self.zone is None:
            return pl.Series((seconds + offsets) * 1_000_000).cast(pl.Datetime("us"))
        moments = pl.Series(seconds * 1_000_000).cast(pl.Datetime("us", "UTC"))
        return moments.dt.convert_time_zone(self.zone.key).dt.replace_time_zone(None)

    def _midnight(self, day: dt.date) -> int:
        return int(dt.datetime.combine(day, dt.time(), self.zone).timestamp())


def month_after(month: dt.date) -> dt.date:
    """The first day of the month after that of `month`.

    >>> month_after(dt.date(2026, 12, 1))
    datetime.date(2027, 1, 1)
    """
    return dt.date(month.year + month.month // 12, month.month % 12 + 1, 1)
