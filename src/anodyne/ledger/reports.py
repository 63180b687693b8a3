"""What the postings come to: by account, by age, by claim, as of any day.

All of them read what `transfers.settled` gives.
"""

import datetime as dt
from enum import StrEnum
from typing import Final

import polars as pl

from anodyne.ledger.accounts import OPEN, WITH_PAYER, Account

BUCKETS: Final = ("0-30", "31-60", "61-90", "91-120", "over 120", "unknown")
"""Ages in days; unknown where the day to count from is."""
_STEP: Final = 30
_CLAIM: Final = ("claim", "served_on", "charge_cents")


class Since(StrEnum):
    """From when an age counts."""

    SERVED = "served"
    """The first day of service."""
    POSTED = "posted"
    """The last day on which cents came into the account."""


def up_to(settled: pl.DataFrame, as_of: dt.date | None) -> pl.DataFrame:
    """Those of the postings that count on the day `as_of`; all of them where it is None."""
    return settled if as_of is None else settled.filter((pl.col("day") <= as_of).fill_null(value=True))


def trial_balance(settled: pl.DataFrame, as_of: dt.date | None = None) -> pl.DataFrame:
    """Each account with its balance, as `debit_cents` or `credit_cents`; the two sums are the same."""
    cents = pl.col("cents")
    order = pl.Enum([account.value for account in Account])
    return (
        up_to(settled, as_of)
        .group_by("account")
        .agg(cents.sum())
        .sort(pl.col("account").cast(order))
        .select("account", debit_cents=cents.clip(0), credit_cents=(-cents).clip(0))
    )


def standing(settled: pl.DataFrame, as_of: dt.date | None = None) -> pl.DataFrame:
    """One row a claim: what was charged, and how much of it is in each account, by the account's name.

    The accounts come to `charged_cents`, for every cent is in one of them.
    """
    rows = up_to(settled, as_of).filter(pl.col("claim").is_not_null())
    rows = rows.with_columns(pl.col("charge_cents").abs())
    places = [account.value for account in Account if account is not Account.CHARGES]
    return rows.group_by(_CLAIM, maintain_order=True).agg(
        (-pl.col("cents").filter(account=Account.CHARGES.value)).sum().alias("charged_cents"),
        *(pl.col("cents").filter(account=name).sum().alias(name) for name in places),
    )


def ageing(settled: pl.DataFrame, as_of: dt.date, *, since: Since = Since.SERVED) -> pl.DataFrame:
    """What is open on the day `as_of`, by how many days it has been.

    One row a `side` (payer or patient), `account` and `bucket` with anything in it: `cents`, and of how many
    `claims`.  Nothing is open without a claim.
    """
    grown = pl.col("day").filter(pl.col("cents") > 0).max()
    start = pl.col("served_on") if since is Since.SERVED else pl.col("grown")
    days = (pl.lit(as_of) - start).dt.total_days().clip(0)
    steps = [
        pl.when(days <= _STEP * (place + 1)).then(pl.lit(name)) for place, name in enumerate(BUCKETS[:4])
    ]
    bucket = pl.coalesce(*steps, pl.when(days.is_not_null()).then(pl.lit(BUCKETS[4])), pl.lit(BUCKETS[5]))
    side = pl.when(pl.col("account").is_in([one.value for one in WITH_PAYER])).then(pl.lit("payer"))
    return (
        up_to(settled, as_of)
        .filter(pl.col("claim").is_not_null(), pl.col("account").is_in([one.value for one in OPEN]))
        .with_columns(pl.col("charge_cents").abs())
        .group_by(*_CLAIM, "account")
        .agg(pl.col("cents").sum(), grown=grown)
        .filter(pl.col("cents") != 0)
        .with_columns(side=side.otherwise(pl.lit("patient")), bucket=bucket.cast(pl.Enum(BUCKETS)))
        .group_by("side", "account", "bucket")
        .agg(pl.col("cents").sum(), claims=pl.len())
        .sort("side", "account", "bucket")
        .with_columns(pl.col("bucket").cast(pl.String))
    )


def history(settled: pl.DataFrame, claim: str | None = None) -> pl.DataFrame:
    """The postings of `claim`, or of every claim, in the order of days, and what is open after each.

    `payer_open_cents` and `patient_open_cents` run on from posting to posting.
    """
    rows = settled.filter(pl.col("claim").is_not_null() if claim is None else pl.col("claim") == claim)
    rows = rows.with_columns(pl.col("charge_cents").abs().alias("size"))
    order = (*_CLAIM[:2], "size", "day", pl.col("kind") == "transfer", "entry", "account")
    payer = pl.col("account").is_in([one.value for one in WITH_PAYER])
    patient = pl.col("account") == Account.PATIENT.value
    running = {"payer_open_cents": payer, "patient_open_cents": patient}
    return (
        rows.sort(*order, nulls_last=False)
        .with_columns(
            pl.when(counts).then("cents").otherwise(0).cum_sum().over(*_CLAIM[:2], "size").alias(name)
            for name, counts in running.items()
        )
        .drop("size", "payment", "version")
    )
