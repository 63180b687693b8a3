"""Days and numbers as messages say them."""

import datetime as dt

import polars as pl
import pytest

from anodyne.rules.views.days import a_year_after, day_told, ordinal


def test_numbers_in_order() -> None:
    numbers = pl.DataFrame({"n": [1, 2, 9, 10, 11, 12, 13, 20, 21, 22, 23, 24, 101, 111, 112, 121]})
    assert numbers.select(ordinal(pl.col("n"))).to_series().to_list() == [
        *("first", "second", "ninth", "10th", "11th", "12th", "13th", "20th", "21st", "22nd", "23rd", "24th"),
        *("101st", "111th", "112th", "121st"),
    ]


@pytest.mark.parametrize(
    ("day", "after"),
    [
        (dt.date(2025, 10, 14), dt.date(2026, 10, 14)),
        (dt.date(2024, 2, 28), dt.date(2025, 2, 28)),
        (dt.date(2024, 2, 29), dt.date(2025, 3, 1)),
        (dt.date(2023, 2, 28), dt.date(2024, 2, 28)),
        (dt.date(2023, 3, 1), dt.date(2024, 3, 1)),
    ],
)
def test_a_year_after_a_day(day: dt.date, after: dt.date) -> None:
    assert pl.DataFrame({"day": [day]}).select(a_year_after("day")).item() == after


def test_the_year_is_told_where_it_is_another() -> None:
    days = pl.DataFrame(
        {"day": [dt.date(2025, 12, 31), dt.date(2026, 1, 1)], "now": [dt.date(2026, 10, 14)] * 2}
    )
    assert days.select(day_told("day", "now")).to_series().to_list() == ["31 Dec 2025", "1 Jan"]
