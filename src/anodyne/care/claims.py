"""What is billable of a month as claims: one for each patient, practitioner, day of service and place."""

import base64
import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from anodyne.model.frames import CLAIMS, DIAGNOSES, LINES, checked

BILLED: Final = {
    "patient": pl.String,  # the practice's own id
    "practitioner": pl.String,
    "pos": pl.String,  # null where the time has none
    "served_on": pl.Date,
    "code": pl.String,
    "units": pl.Int64,
}
"""One row is one code that is billable; those of one claim stand in the order of its lines."""
TOLD: Final = {
    "claim_key": pl.UInt32,
    "claim": pl.String,  # CLM01
    "patient": pl.String,
    "practitioner": pl.String,
    "served_on": pl.Date,
    "pos": pl.String,
    "lines": pl.UInt32,
    "charge_cents": pl.Int64,
}
"""What one claim is about, as the practice knows it."""
POINTERS: Final = 4
"""To how many diagnoses a line can point."""
AT_HOME: Final = ("02", "10", "12")
"""Places of the patient, not of somebody else's house: no address is told with them."""
_ID_DIGITS: Final = 14
_ONE_CLAIM: Final = ("patient", "practitioner", "served_on", "pos")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a practice's claims say whatever was done."""

    billing_npi: str
    billing_taxonomy: str
    place: str
    """The place of service of its own address, and of time that has none."""
    taxonomies: Mapping[str, str]
    """By the NPI of a practitioner."""
    charges: Mapping[str, int]
    """In cents for one unit, by code."""
    sites: Mapping[str, str]
    """By place of service that is at another address: its NPI, empty where it has none."""

    def lacks_site(self, place: str) -> bool:
        """Whether claims of `place` need an address that is not told."""
        return place not in {self.place, *AT_HOME} and place not in self.sites


@dataclass(frozen=True, slots=True)
class Claims:
    """Claims before they are written."""

    claims: pl.DataFrame = field(repr=False)
    """Columns of `frames.CLAIMS`; `patient` is the patient's key in the table of patients."""
    lines: pl.DataFrame = field(repr=False)
    told: pl.DataFrame = field(repr=False)
    """The columns of TOLD."""


def claims_of(billed: pl.DataFrame, patients: pl.DataFrame, month: dt.date, terms: Terms) -> Claims:
    """The claims of `billed`, whose patients, practitioners, codes and places are all known.

    The same rows give the same claims with the same ids, whatever else is billed.
    """
    lines = (
        billed.with_columns(pl.col("pos").fill_null(terms.place))
        .with_columns(
            charge_cents=pl.col("units") * pl.col("code").replace_strict(terms.charges, return_dtype=pl.Int64)
        )
        .with_columns(line=pl.int_range(1, pl.len() + 1).over(_ONE_CLAIM))
    )
    heads = (
        lines.group_by(_ONE_CLAIM, maintain_order=True)
        .agg(pl.col("charge_cents").sum(), lines=pl.len())
        .with_row_index("claim_key")
    )
    ids = [_claim_id(month, *row) for row in heads.select(_ONE_CLAIM).iter_rows()]
    heads = heads.with_columns(claim=pl.Series(ids, dtype=pl.String))
    known = heads.join(_in_order(patients), on="patient", how="left", maintain_order="left")
    told_lines = lines.join(
        known.select("claim_key", "claim", *_ONE_CLAIM, *DIAGNOSES), on=_ONE_CLAIM, maintain_order="left"
    )
    return Claims(
        _framed(known, _claim_columns(terms), CLAIMS),
        _framed(told_lines.with_row_index("line_key"), _LINE_COLUMNS, LINES),
        heads.select(pl.col(name).cast(kind) for name, kind in TOLD.items()),
    )


def _in_order(patients: pl.DataFrame) -> pl.DataFrame:
    """`patients` with each diagnosis once, and none left out before another."""
    told = pl.concat_list(DIAGNOSES).list.drop_nulls().list.unique(maintain_order=True)
    return patients.with_columns(
        told.list.get(place, null_on_oob=True).alias(name) for place, name in enumerate(DIAGNOSES)
    )


def _claim_id(month: dt.date, patient: str, practitioner: str, served_on: dt.date, pos: str) -> str:
    """Twenty letters and digits, from which nobody is known: the month, and a digest of what is one claim."""
    parts = f"{patient}\n{practitioner}\n{served_on}\n{pos}"
    digest = base64.b32encode(hashlib.sha256(parts.encode()).digest()).decode()
    return f"{month:%Y%m}{digest[:_ID_DIGITS]}"


def _claim_columns(terms: Terms) -> Mapping[str, pl.Expr]:
    # A practitioner who bills alone is told once: the guide has who rendered only where that is another.
    other = pl.col("practitioner") != terms.billing_npi
    sites = {place: npi or None for place, npi in terms.sites.items()}
    same = (
        "claim_key", "payer_id", "payer_name", "filing", "member_id", "birth_date", "sex", "pos",
        "charge_cents", "medical_record", *DIAGNOSES,
    )  # fmt: skip
    return {
        **{name: pl.col(name) for name in same},
        "judged": pl.lit(value=True),
        "claim_id": pl.col("claim"),
        "payer_rank": pl.lit("P"),
        "patient": pl.col("patient_key"),
        "relationship": pl.lit("18"),
        "billing_npi": pl.lit(terms.billing_npi),
        "billing_taxonomy": pl.lit(terms.billing_taxonomy),
        "rendering_npi": pl.when(other).then("practitioner"),
        "rendering_taxonomy": pl.when(other).then(
            pl.col("practitioner").replace_strict(terms.taxonomies, return_dtype=pl.String)
        ),
        "facility_npi": pl.col("pos").replace_strict(sites, default=None, return_dtype=pl.String),
        "frequency": pl.lit("1"),
        "assignment": pl.lit("A"),
        "benefits_assigned": pl.lit("Y"),
        "release": pl.lit("Y"),
        "dx_system": pl.lit("ABK"),
    }


_LINE_COLUMNS: Final[Mapping[str, pl.Expr]] = {
    **{name: pl.col(name) for name in ("line_key", "claim_key", "line", "code", "units", "charge_cents")},
    "code_system": pl.lit("HC"),
    "unit_basis": pl.lit("UN"),
    "served_on": pl.col("served_on"),
    "served_to": pl.col("served_on"),
    "dx_pointers": pl.concat_str(
        (
            pl.when(pl.col(name).is_not_null()).then(pl.lit(str(n)))
            for n, name in enumerate(DIAGNOSES[:POINTERS], 1)
        ),
        separator=":",
        ignore_nulls=True,
    ),
    "control_number": pl.format("{}-{}", "claim", "line"),
}


def _framed(
    rows: pl.DataFrame,
    columns: Mapping[str, pl.Expr],
    schema: Mapping[str, "pl.DataType | type[pl.DataType]"],
) -> pl.DataFrame:
    """A frame of `schema`: null where `columns` say nothing."""
    nothing = pl.lit(None)
    frame = rows.select(columns.get(name, nothing).cast(kind).alias(name) for name, kind in schema.items())
    return checked(frame, schema)
