"""Half-open spans of days."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `start` up to but not including `end`; no end means still in force.

    >>> dt.date(2024, 3, 31) in Span(dt.date(2024, 1, 1), dt.date(2024, 4, 1))
    True
    >>> dt.date(2024, 4, 1) in Span(dt.date(2024, 1, 1), dt.date(2024, 4, 1))
    False
    >>> str(Span(dt.date(2024, 1, 1), dt.date(2024, 4, 1))), str(Span(dt.date(2024, 1, 1)))
    ('from 2024-01-01 to 2024-03-31', 'from 2024-01-01')
    """

    start: dt.date
    end: dt.date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise ValueError(f"a span must end after it starts: {self.start} to {self.end}")

    def __contains__(self, day: dt.date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)

    @property
    def last(self) -> dt.date | None:
        """The last day; None where it goes on.

        >>> Span(dt.date(2024, 3, 14), dt.date(2024, 8, 11)).last
        datetime.date(2024, 8, 10)
        """
        return None if self.end is None else self.end - dt.timedelta(days=1)

    def overlaps(self, other: "Span") -> bool:
        """Whether some day lies in both spans."""
        return (self.end is None or other.start < self.end) and (other.end is None or self.start < other.end)

    def __str__(self) -> str:
        return f"from {self.start}" if self.end is None else f"from {self.start} to {self.last}"
