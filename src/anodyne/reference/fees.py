"""What Medicare pays nationally for a code on a day: its relative values times the conversion factor.

Of the code as a whole, without locality, sequestration or reductions for several procedures.
"""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.reference.shapes import EDITIONS
from anodyne.reference.tables import Part, Reference, in_force

SCHEDULE: Final = "fee_schedule"
VALUES: Final = "relative_values"
TABLES: Final = (SCHEDULE, VALUES)
"""Tables with relative values; of two editions that start on one day, that of the first is used."""
PAID: Final = ("A", "R", "T")
"""Statuses of codes that Medicare pays by relative values."""
GENERAL: Final = "general"
"""The conversion factor for all who are no qualifying participants in alternative payment models."""
VALUE_PARTS: Final = ("work_hundredths", "practice_hundredths", "malpractice_hundredths")
"""The relative values that a price is made of: practice expense is that of the place."""


def priced_from(reference: Reference, day: dt.date) -> Part | None:
    """The edition whose relative values price `day`: the newest of either table that has begun by then."""
    found = [part for table in TABLES if (part := reference.in_force_on(table, day))]
    return max(found, key=lambda part: part.edition.start, default=None)


def is_facility(places: pl.DataFrame, reference: Reference) -> pl.Series:
    """Whether each of `places` (`pos`, `served_on`) is paid the facility amount; null for one not listed."""
    return in_force(places.select("pos", "served_on"), reference, "payment_places")["facility"]


def national_cents(keys: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """`keys` (`code`, `served_on`, `facility`) in their own order, with `allowed_cents` and `priced_by`.

    Half a cent goes away from zero.  `priced_by` is the table and the period of the relative values.  Both
    are null where nothing is known: a day before the first edition or without a conversion factor, a code
    that the edition does not hold or for which it has no values, or no `facility`; and where the fee schedule
    in force says that the code is not paid.
    """
    known = values_on(keys, reference)
    value = pl.sum_horizontal(*VALUE_PARTS, ignore_nulls=False).cast(pl.Int64)
    cents = (value * pl.col("ten_thousandths") + 5_000) // 10_000
    priced = known.select("priced_by", allowed_cents=pl.when("paid").then(cents))
    unless_null = pl.when(pl.col("allowed_cents").is_not_null())
    return keys.hstack(priced.select("allowed_cents", unless_null.then("priced_by").alias("priced_by")))


def values_on(keys: pl.DataFrame, reference: Reference, *, factor: str = GENERAL) -> pl.DataFrame:
    """For each of `keys` (`code`, `served_on`, `facility`) what prices it, in the same order.

    VALUE_PARTS, null where the edition has no work and practice expense; `ten_thousandths`, the conversion
    factor of the kind `factor`; `paid`, whether Medicare pays the code by relative values, true where no
    status is known; `priced_by` as `national_cents` has it, and `priced_from`, the first day of that edition.
    """
    asked = keys.select("code", "served_on", "facility")
    factors = in_force(asked.with_columns(kind=pl.lit(factor)), reference, "conversion_factors")
    status = in_force(asked, reference, SCHEDULE)["status"]
    known = _books(asked["served_on"], reference).with_columns(
        factors["ten_thousandths"].cast(pl.Int64),
        (status.is_null() | status.is_in(PAID)).alias("paid"),
        *(_values(asked, reference, table).rename(table) for table in TABLES),
    )
    of_book = pl.coalesce(pl.when(pl.col("table") == table).then(table) for table in TABLES)
    return known.with_columns(of_book.alias("values")).unnest("values").drop("table", *TABLES, "served_on")


def _values(asked: pl.DataFrame, reference: Reference, table: str) -> pl.Series:
    """The relative values of each row in `table` as structs; null without work and practice expense."""
    practice = (
        pl.when("facility").then("pe_fac_hundredths").when(~pl.col("facility")).then("pe_nonfac_hundredths")
    )
    parts = pl.struct(
        "work_hundredths", practice.alias("practice_hundredths"), malpractice_hundredths="mp_hundredths"
    )
    some = pl.col("work_hundredths") + practice > 0
    return in_force(asked, reference, table).select(pl.when(some).then(parts).alias("values")).to_series()


def _books(days: pl.Series, reference: Reference) -> pl.DataFrame:
    """For each of `days` the `table` that prices it, its edition in words (`priced_by`) and its first day."""
    found = [(day, priced_from(reference, day)) for day in days.drop_nulls().unique()]
    told = [
        (
            day,
            part.edition.table,
            f"{EDITIONS[part.edition.table].title} {part.edition.period}",
            part.edition.start,
        )
        for day, part in found
        if part
    ]
    schema = {"served_on": pl.Date, "table": pl.String, "priced_by": pl.String, "priced_from": pl.Date}
    by_day = pl.DataFrame(told, schema=schema, orient="row")
    return days.to_frame("served_on").join(by_day, on="served_on", how="left", maintain_order="left")
