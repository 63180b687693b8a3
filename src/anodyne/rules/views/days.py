"""Days and numbers as messages say them."""

from typing import Final

import polars as pl

DAY_FORMAT: Final = "%-d %b %Y"
_DAY_OF_THE_YEAR: Final = "%-d %b"
_ORDINALS: Final = {
    1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", 6: "sixth", 7: "seventh", 8: "eighth",
    9: "ninth",
}  # fmt: skip
_ELEVENTH_TO_THIRTEENTH: Final = (11, 12, 13)
_ENDINGS: Final = {1: "st", 2: "nd", 3: "rd"}


def day_told(day: str, beside: str) -> pl.Expr:
    """`day` in words; its year only where it is not the year of the day `beside`."""
    same = pl.col(day).dt.year() == pl.col(beside).dt.year()
    return (
        pl.when(same)
        .then(pl.col(day).dt.strftime(_DAY_OF_THE_YEAR))
        .otherwise(pl.col(day).dt.strftime(DAY_FORMAT))
    )


def ordinal(number: pl.Expr) -> pl.Expr:
    """`number` in words: first to ninth, then 10th, 11th and so on."""
    ending = (
        pl.when((number % 100).is_in(_ELEVENTH_TO_THIRTEENTH))
        .then(pl.lit("th"))
        .otherwise((number % 10).replace_strict(_ENDINGS, default="th", return_dtype=pl.String))
    )
    return number.replace_strict(_ORDINALS, default=pl.format("{}{}", number, ending), return_dtype=pl.String)


def a_year_after(day: str) -> pl.Expr:
    """The first day from which the twelve months before no longer hold `day`; of 29 February, 1 March."""
    leap = (pl.col(day).dt.month() == 2) & (pl.col(day).dt.day() == 29)
    return pl.col(day).dt.offset_by("1y") + pl.duration(days=leap.cast(pl.Int8))
