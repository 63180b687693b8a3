"""Transitional care: what the days after a discharge earn, which no minutes do."""

import datetime as dt
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from anodyne.model.care import Complexity, Program
from anodyne.reference.tables import Reference

if TYPE_CHECKING:
    from numpy.typing import NDArray

CONTACT_WORKDAYS: Final = 2
"""Workdays after the discharge by the end of which the patient must have been spoken to."""
_RANK: Final = {complexity.value: rank for rank, complexity in enumerate(Complexity)}


def with_transitions(rows: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """`rows` of months with what a discharge and the visit after it earn.

    contact_by       the last day on which the first contact is in time
    transition_days  days from discharge to the visit
    transition_code  what they earn: null where a fact is missing, or nothing is earned
    transition_on    the day of the visit, on which it is billed
    """
    tcm = pl.col("program") == Program.TCM.value
    found = rows.with_columns(
        contact_by=_workdays_after(rows["discharged_on"], reference),
        transition_days=(pl.col("visited_on") - pl.col("discharged_on")).dt.total_days().cast(pl.Int64),
    )
    live = (
        reference.table("care_transitions")
        .sort("visit_days")
        .filter(pl.col("from") <= (rows["month"].max() or dt.date.min))
    )
    rank = pl.col("complexity").replace_strict(_RANK, default=None, return_dtype=pl.Int8)
    earned = pl.lit(None, pl.String)
    for row in live.sort("visit_days", descending=True).iter_rows(named=True):
        fits = (pl.col("transition_days") <= row["visit_days"]) & (rank >= _RANK[row["complexity"]])
        earned = pl.when(fits).then(pl.lit(row["code"])).otherwise(earned)
    in_time = (pl.col("contacted_on") >= pl.col("discharged_on")) & (
        pl.col("contacted_on") <= pl.col("contact_by")
    )
    in_time &= pl.col("transition_days") >= 0
    here = pl.col("visited_on").dt.month_start() == pl.col("month")
    found = found.with_columns(transition_code=pl.when(tcm & in_time & here).then(earned))
    return found.with_columns(
        first_code=pl.coalesce("transition_code", "first_code"),
        transition_on=pl.when(pl.col("transition_code").is_not_null()).then("visited_on"),
    )


def _workdays_after(days: pl.Series, reference: Reference) -> pl.Series:
    holidays = reference.table("federal_holidays")["day"].str.to_date().to_numpy()
    given: NDArray[np.datetime64] = days.fill_null(dt.date(2000, 1, 1)).to_numpy().astype("datetime64[D]")
    after = np.busday_offset(given, CONTACT_WORKDAYS, roll="backward", holidays=holidays)
    return pl.Series("contact_by", after).set(days.is_null(), None)
