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
_GENERAL: Final = "general"
"""The conversion factor for all who are no qualifying participants in alternative payment models."""


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
    asked = keys.select("code", "served_on", "facility")
    factor = in_force(asked.with_columns(kind=pl.lit(_GENERAL)), reference, "conversion_factors")
    known = pl.DataFrame(
        [
            factor["ten_thousandths"].cast(pl.Int64),
            in_force(asked, reference, SCHEDULE)["status"],
            *(_hundredths(asked, reference, table) for table in TABLES),
        ]
    ).hstack(_books(asked["served_on"], reference))
    value = pl.coalesce(pl.when(pl.col("table") == table).then(table) for table in TABLES)
    paid = pl.col("status").is_null() | pl.col("status").is_in(PAID)
    cents = (value * pl.col("ten_thousandths") + 5_000) // 10_000
    priced = known.select("priced_by", allowed_cents=pl.when(paid).then(cents))
    unless_null = pl.when(pl.col("allowed_cents").is_not_null())
    return keys.hstack(priced.select("allowed_cents", unless_null.then("priced_by").alias("priced_by")))


def _hundredths(asked: pl.DataFrame, reference: Reference, table: str) -> pl.Series:
    """The relative values of each row in `table`, added up; null where work and practice expense are none."""
    practice = (
        pl.when("facility").then("pe_fac_hundredths").when(~pl.col("facility")).then("pe_nonfac_hundredths")
    )
    most = pl.col("work_hundredths") + practice
    whole = pl.when(most > 0).then(most + pl.col("mp_hundredths")).cast(pl.Int64)
    return in_force(asked, reference, table).select(whole.alias(table)).to_series()


def _books(days: pl.Series, reference: Reference) -> pl.DataFrame:
    """For each of `days` the `table` that prices it and, in words, the edition: `priced_by`."""
    found = [(day, priced_from(reference, day)) for day in days.drop_nulls().unique()]
    told = [
        (day, part.edition.table, f"{EDITIONS[part.edition.table].title} {part.edition.period}")
        for day, part in found
        if part
    ]
    schema = {"served_on": pl.Date, "table": pl.String, "priced_by": pl.String}
    by_day = pl.DataFrame(told, schema=schema, orient="row")
    return days.to_frame("served_on").join(by_day, on="served_on", how="left", maintain_order="left")
