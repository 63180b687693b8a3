"""What else a month holds: programmes that share it, and practitioners who share a patient."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.reference.tables import Reference

APART: Final = "apart"
APART_FOR_PATIENT: Final = "apart_for_patient"
"""Whoever gives them."""
_ONE_BILLER: Final = {"complex_ccm": "ccm"}
"""Programmes that are one where it is asked how many practitioners bill it."""
_OWNERS: Final = ["patient", "practitioner"]

BESIDE: Final = {
    "month_key": pl.UInt32,
    "exclusive_code": pl.String,  # a code of another programme that is paid, and this one is not beside it
    "exclusive_program": pl.String,
    "unsettled_program": pl.String,  # a programme beside which nothing says whether this one is paid
    "other_billers": pl.UInt32,  # other practitioners who earn a code of this programme in the month
    "biller_number": pl.UInt32,  # which of them this one is by the day the units were complete, 1 the first
}


def beside(months: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """For each of `months`, all of one month and each earning a code, what else its month holds."""
    if months.is_empty():
        return pl.DataFrame(schema=BESIDE)
    month: dt.date = months["month"].item(0)
    billed = months.select("month_key", *_OWNERS, "program", "met_on", code="first_code")
    patients = billed.join(billed, on="patient", suffix="_other").filter(
        pl.col("program") != pl.col("program_other")
    )
    own = pl.col("practitioner") == pl.col("practitioner_other")
    pairs = patients.filter(own)
    edits = _live(reference, "care_exclusives", month).select(code_other="paid", code="unpaid")
    lost = (
        pairs.join(edits, on=["code", "code_other"])
        .sort("month_key", "code_other")
        .group_by("month_key", maintain_order=True)
        .agg(exclusive_code=pl.col("code_other").first(), exclusive_program=pl.col("program_other").first())
    )
    return (
        billed.select("month_key")
        .join(lost, on="month_key", how="left", maintain_order="left")
        .join(
            _unsettled(pairs, patients.filter(~own), edits, reference, month),
            on="month_key",
            how="left",
            maintain_order="left",
        )
        .join(_billers(billed), on="month_key", how="left", maintain_order="left")
        .select(pl.col(name).cast(kind) for name, kind in BESIDE.items())
    )


def _unsettled(
    pairs: pl.DataFrame, shared: pl.DataFrame, edits: pl.DataFrame, reference: Reference, month: dt.date
) -> pl.DataFrame:
    """Programmes that no row of the matrix lets stand together, and of which no edit says which is paid.

    `pairs` are of one practitioner, `shared` of two who have the patient in common.
    """
    matrix = _live(reference, "care_concurrency", month).select("program", "other", "relation")
    turned = matrix.select(program="other", other="program", relation="relation")
    relations = pl.concat([matrix, turned]).rename({"other": "program_other"})
    related, apart = (
        some.join(relations, on=["program", "program_other"], how="left") for some in (pairs, shared)
    )
    both = pl.concat([edits, edits.select(code_other="code", code="code_other")])
    open_ = related.filter(pl.col("relation").ne_missing("together")).join(
        both, on=["code", "code_other"], how="anti"
    )
    return (
        pl.concat([open_, apart.filter(relation=APART_FOR_PATIENT)])
        .sort("month_key", "program_other")
        .group_by("month_key", maintain_order=True)
        .agg(unsettled_program=pl.col("program_other").first())
    )


def _billers(billed: pl.DataFrame) -> pl.DataFrame:
    """How many other practitioners bill the programme for the patient, and where each comes among them."""
    first = billed.sort("met_on", "practitioner", nulls_last=True).with_columns(
        pl.col("program").replace(_ONE_BILLER)
    )
    group = ("patient", "program")
    return first.select(
        "month_key",
        other_billers=pl.col("practitioner").n_unique().over(group) - 1,
        biller_number=pl.int_range(1, pl.len() + 1).over(group),
    )


def _live(reference: Reference, table: str, month: dt.date) -> pl.DataFrame:
    live = (pl.col("from") <= month) & (pl.col("until").is_null() | (pl.col("until") > month))
    return reference.table(table).filter(live)
