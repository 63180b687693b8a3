"""Where a day and a month begin: by the clock of a zone, or by each time as it was written."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from anodyne.care.clock import DAY_SECONDS, Clock, month_after

NEW_YORK, WRITTEN = Clock(ZoneInfo("America/New_York")), Clock()
HOUR = 3600
EASTERN = np.array([-4 * HOUR, -5 * HOUR, 0, 5 * HOUR + 1800], np.int64)
ANY = np.zeros(1, np.int64)


def at(text: str) -> int:
    """The second of a moment, told with its offset."""
    return int(dt.datetime.fromisoformat(text).timestamp())


def test_as_written_a_day_begins_where_each_offset_has_it() -> None:
    assert WRITTEN.midnight(dt.date(2026, 11, 1), EASTERN).tolist() == [
        at("2026-11-01T00:00:00-04:00"),
        at("2026-11-01T00:00:00-05:00"),
        at("2026-11-01T00:00:00+00:00"),
        at("2026-11-01T00:00:00+05:30"),
    ]


def test_in_a_zone_a_day_begins_once_whatever_was_written() -> None:
    assert NEW_YORK.midnight(dt.date(2026, 11, 1), EASTERN).tolist() == [at("2026-11-01T00:00:00-04:00")] * 4
    assert NEW_YORK.midnight(dt.date(2026, 11, 2), EASTERN).tolist() == [at("2026-11-02T00:00:00-05:00")] * 4


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-08", 23), ("2026-11-01", 25), ("2026-03-09", 24), ("2026-07-04", 24)]
)
def test_a_day_on_which_clocks_change_is_an_hour_shorter_or_longer(day: str, hours: int) -> None:
    first = dt.date.fromisoformat(day)
    begins, ends = (NEW_YORK.midnight(one, ANY)[0] for one in (first, first + dt.timedelta(days=1)))
    assert ends - begins == hours * HOUR
    begins, ends = (WRITTEN.midnight(one, ANY)[0] for one in (first, first + dt.timedelta(days=1)))
    assert ends - begins == DAY_SECONDS


@pytest.mark.parametrize("clock", [WRITTEN, NEW_YORK])
def test_a_day_that_is_not_told_begins_where_one_says(clock: Clock) -> None:
    days = pl.Series([dt.date(2026, 10, 5), None, dt.date(2026, 10, 5)], dtype=pl.Date)
    offsets = np.full(3, -4 * HOUR, np.int64)
    begins = at("2026-10-05T00:00:00-04:00")
    assert clock.midnights(days, offsets, missing=-7).tolist() == [begins, -7, begins]
    untold = pl.Series([None, None, None], dtype=pl.Date)
    assert clock.midnights(untold, offsets, missing=9).tolist() == [9, 9, 9]
    assert clock.midnights(days[:0], offsets[:0], missing=9).tolist() == []
    assert clock.midnights(days.gather([0]), offsets[:1], missing=9).tolist() == [begins]


def test_the_local_day_is_that_of_the_zone_or_as_written() -> None:
    moments = np.array([at("2026-11-01T03:59:59+00:00"), at("2026-11-01T04:00:00+00:00")], np.int64)
    offsets = np.zeros(2, np.int64)
    assert NEW_YORK.days(moments, offsets).to_list() == [dt.date(2026, 10, 31), dt.date(2026, 11, 1)]
    assert WRITTEN.days(moments, offsets).to_list() == [dt.date(2026, 11, 1)] * 2
    assert WRITTEN.days(moments, offsets - 4 * HOUR).to_list() == [
        dt.date(2026, 10, 31),
        dt.date(2026, 11, 1),
    ]


def test_local_time_is_what_a_clock_on_the_wall_shows() -> None:
    moments = np.array([at("2026-11-01T01:30:00-04:00"), at("2026-11-01T01:30:00-05:00")], np.int64)
    shown = [dt.datetime.fromisoformat("2026-11-01T01:30:00")] * 2
    assert NEW_YORK.local(moments, np.zeros(2, np.int64)).to_list() == shown
    assert WRITTEN.local(moments, EASTERN[:2]).to_list() == shown


@pytest.mark.parametrize("clock", [WRITTEN, NEW_YORK])
def test_every_second_belongs_to_the_day_whose_midnight_is_the_last_before_it(clock: Clock) -> None:
    first = at("2026-10-30T00:00:00-04:00")
    moments = first + np.arange(0, 5 * DAY_SECONDS, 97, dtype=np.int64)
    offsets = np.full(len(moments), -4 * HOUR, np.int64)
    days = clock.days(moments, offsets)
    begins = clock.midnights(days, offsets, missing=0)
    ends = clock.midnights(days + dt.timedelta(days=1), offsets, missing=0)
    assert ((begins <= moments) & (moments < ends)).all()


@pytest.mark.parametrize(
    ("month", "after"),
    [("2026-01-01", "2026-02-01"), ("2026-12-01", "2027-01-01"), ("2028-02-01", "2028-03-01")],
)
def test_a_month_is_followed_by_the_next(month: str, after: str) -> None:
    assert month_after(dt.date.fromisoformat(month)) == dt.date.fromisoformat(after)
