"""Days and numbers as messages give them."""

import polars as pl


def spelled(day: str) -> pl.Expr:
    """The day in column `day`, as 14 Oct 2026."""
    return pl.col(day).dt.strftime("%-d %b %Y")


def plainly(number: str) -> pl.Expr:
    """The number in column `number`, whole where it is."""
    whole = pl.col(number).cast(pl.Int64)
    return (
        pl.when(pl.col(number) == whole).then(whole.cast(pl.String)).otherwise(pl.col(number).cast(pl.String))
    )
