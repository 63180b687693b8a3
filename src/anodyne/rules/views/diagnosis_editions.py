"""What the editions of ICD-10-CM tell of the diagnoses of a book."""

import datetime as dt
from dataclasses import dataclass

import polars as pl

from anodyne.reference.diagnosis_codes import Form, code_books, exclusions, facts, forms
from anodyne.reference.shapes import Columns
from anodyne.reference.tables import Reference

_FORM: Columns = {"form": pl.String, "offers": pl.List(pl.String), "edition": pl.Date}


@dataclass(frozen=True, slots=True)
class Told:
    """What editions tell of some codes, each frame with a row only where there is something to say."""

    forms: pl.DataFrame
    """`code`, `start`, `form`, `offers` of codes that some edition does not hold."""
    facts: pl.DataFrame
    """`code` and the facts of codes that some edition holds."""
    exclusions: pl.DataFrame
    """`code`, `excludes_code`, `holder`, `from`, `until`."""


def told_of(codes: pl.Series, days: pl.Series, reference: Reference) -> Told:
    """What the editions of `days` tell of `codes`."""
    first, last = days.min(), days.max()
    if not isinstance(first, dt.date) or not isinstance(last, dt.date):
        codes, first, last = codes.clear(), dt.date.max, dt.date.max
    books = code_books(reference, first, last)
    every = forms(codes, books)
    odd = every.filter(pl.col("form") != Form.VALID)["code"]
    return Told(
        every.filter(pl.col("code").is_in(odd.implode())),
        facts(codes, books),
        exclusions(codes, reference, first, last),
    )


def form_of(rows: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """For each of `rows` the `form`, `offers` and `edition` of its code on the days it is used.

    Null where it is valid, and where no edition speaks of the day.  A code must be valid on the last day, and
    on the first.
    """
    if told.is_empty():
        return pl.DataFrame(schema=dict(_FORM)).clear(len(rows))
    late, early = (_on(rows, told, day) for day in ("last_used_on", "first_used_on"))
    wrong = late["form"].is_not_null()
    return pl.select(pl.when(wrong).then(late[name]).otherwise(early[name]).alias(name) for name in _FORM)


def _on(rows: pl.DataFrame, told: pl.DataFrame, day: str) -> pl.DataFrame:
    asked = rows.select("code", day=day).with_row_index("row")
    found = (
        asked.filter(pl.col("day").is_not_null())
        .sort("day")
        .join_asof(
            told.sort("start"),
            left_on="day",
            right_on="start",
            by="code",
            strategy="backward",
            check_sortedness=False,
        )
        .filter(pl.col("form") != Form.VALID)
        .select("row", "form", "offers", edition="start")
    )
    return asked.select("row").join(found, on="row", how="left", maintain_order="left").drop("row")


def two_sides(known: pl.DataFrame) -> pl.DataFrame:
    """The codes of a right side with those of the left (`other`) where one code (`both`) says both."""
    right, left = (known.filter(pl.col("both").is_not_null(), side=side) for side in ("right", "left"))
    return right.select("code", "both").join(left.select("both", other="code"), on="both")
