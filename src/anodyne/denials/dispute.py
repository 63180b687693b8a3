"""What to dispute with each payer: lines paid for less, with what is missing and how that is known."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from anodyne.denials.arithmetic import named
from anodyne.denials.downcode import Kind
from anodyne.model.frames import Schema

DISPUTED: Final = frozenset(Kind) - {Kind.BUNDLED}
"""A bundled code is appealed or corrected, not disputed by its price."""

BATCH: Final[Schema] = {
    "payer": pl.String,  # its id as payers are compared, or its name where it has none
    "payer_id": pl.String,
    "payer_name": pl.String,
    "payer_control": pl.String,  # CLP07: by which the payer finds the claim
    "claim_id": pl.String,
    "trace": pl.String,  # of the check or transfer
    "paid_on": pl.Date,
    "line": pl.UInt32,
    "control_number": pl.String,
    "served_on": pl.Date,
    "billed": pl.String,  # code and modifiers
    "units": pl.Float64,
    "charge_cents": pl.Int64,
    "allowed_cents": pl.Int64,
    "expected_cents": pl.Int64,  # null where only the payer's own reason tells the amount
    "difference_cents": pl.Int64,
    "owed_cents": pl.Int64,  # of that by the payer; all of it where the patient's part is not known
    "kinds": pl.List(pl.String),
    "paid_as": pl.String,
    "how": pl.String,
    "basis": pl.String,
    "steps": pl.List(pl.String),
    "sure": pl.Boolean,
    "remit_key": pl.UInt32,
    "remit_line_key": pl.UInt32,
}
"""One row is one line, the payer with the most at stake first, and of each payer the most first."""
BY_PAYER: Final[Schema] = {
    "payer": pl.String,
    "payer_id": pl.String,
    "payer_name": pl.String,
    "claims": pl.UInt32,
    "lines": pl.UInt32,
    "difference_cents": pl.Int64,
    "owed_cents": pl.Int64,
    "sure_cents": pl.Int64,  # of the difference, what nothing was assumed for
    "first_paid_on": pl.Date,  # the oldest payment: from there the days to dispute are counted
    "last_paid_on": pl.Date,
}


@dataclass(frozen=True, slots=True)
class Batch:
    """What to dispute."""

    lines: pl.DataFrame = field(repr=False)
    """Columns of BATCH."""
    payers: pl.DataFrame = field(repr=False)
    """Columns of BY_PAYER, a letter each."""


def dispute_batch(
    lines: pl.DataFrame,
    found: pl.DataFrame,
    *,
    kinds: Collection[str] = DISPUTED,
    sure_only: bool = False,
    least_cents: int = 1,
) -> Batch:
    """What to dispute of `found` (DOWNCODES), the priced `lines` of `expected.priced` telling the rest.

    A line for which no amount is known to be missing is left out, and one below `least_cents`.
    """
    wanted = found.filter(
        pl.col("kind").is_in(sorted(kinds)), pl.col("difference_cents") > 0, pl.col("sure") | (not sure_only)
    )
    together = wanted.group_by("remit_line_key", maintain_order=True).agg(
        pl.col("difference_cents").sum(),
        owed_cents=pl.coalesce("owed_cents", "difference_cents").sum(),
        kinds=pl.col("kind"),
        paid_as=pl.col("to").drop_nulls().first(),
        how=pl.col("how").str.join("; "),
        sure=pl.col("sure").all(),
    )
    told = lines.select(
        "remit_line_key", "remit_key", "payer_id", "payer_name", "payer_control", "claim_id", "trace",
        "paid_on", "line", "control_number", "served_on", "units", "charge_cents", "allowed_cents",
        "expected_cents", "basis", "steps",
        payer=pl.coalesce("payer_key", "payer_text"),
        billed=named("code", "modifiers"),
    )  # fmt: skip
    rows = (
        told.join(together, on="remit_line_key", maintain_order="left")
        .filter(pl.col("difference_cents") >= least_cents)
        .with_columns(stake=pl.col("difference_cents").sum().over("payer"))
        .sort("stake", "payer", "difference_cents", "remit_line_key", descending=[True, False, True, False])
        .select(pl.col(name).cast(kind) for name, kind in BATCH.items())
    )
    return Batch(rows, _by_payer(rows))


def _by_payer(rows: pl.DataFrame) -> pl.DataFrame:
    return (
        rows.group_by("payer", maintain_order=True)
        .agg(
            pl.col("payer_id", "payer_name").drop_nulls().first(),
            pl.col("difference_cents", "owed_cents").sum(),
            claims=pl.col("remit_key").n_unique(),
            lines=pl.len(),
            sure_cents=pl.col("difference_cents").filter("sure").sum(),
            first_paid_on=pl.col("paid_on").min(),
            last_paid_on=pl.col("paid_on").max(),
        )
        .select(pl.col(name).cast(kind) for name, kind in BY_PAYER.items())
    )
