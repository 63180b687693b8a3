"""The accounts, and which of them an adjustment belongs to.

A debit is more than 0, a credit less.  `charges` holds the other side of all that was charged; the other
accounts of a claim say where its cents stand, and come to its charge.
"""

from enum import StrEnum
from typing import Final

import polars as pl

from anodyne.reference.tables import Reference, in_force


class Account(StrEnum):
    """Where cents can stand."""

    CHARGES = "charges"
    """What was charged, as a credit."""
    RECEIVABLE = "receivable"
    """Sent to a payer that has not answered."""
    CASH = "cash"
    CONTRACTUAL = "contractual"
    """Written off by contract or law: only the reasons that the dated table names."""
    PATIENT = "patient"
    """Owed by the patient: only what a payer put in group PR."""
    DENIED = "denied"
    """Refused or cut: stands here until a person decides."""
    OTHER_PAYER = "other_payer"
    """Accounted for by another payer, whose remittance says how."""
    EXCESS = "excess"
    """Accounted for more than once, as a credit: a refund is due, or a reversal has not come."""
    WITHHELD = "withheld"
    """Kept back from the payment for a pool, a tax or a levy."""
    INTEREST = "interest"
    TAKE_BACK = "take_back"
    """Taken back by the payer; as a credit, still to be taken."""
    FORWARD = "forward"
    """A balance that the payer moves to its next payment."""
    REFUNDED = "refunded"
    """Refunds whose receipt the payer says, until the practice's own payment is entered."""
    FEES = "fees"
    SUSPENSE = "suspense"
    """Moved by the payer for a reason that the dated table does not name: a person says what it is."""
    WRITTEN_OFF = "written_off"
    """Given up by a person."""


WITH_PAYER: Final = (
    Account.RECEIVABLE,
    Account.DENIED,
    Account.OTHER_PAYER,
    Account.TAKE_BACK,
    Account.EXCESS,
)
"""Open, and not the patient's."""
OPEN: Final = (*WITH_PAYER, Account.PATIENT)
PATIENT_GROUP: Final = "PR"
_NOT_BILLABLE: Final = ("N782", "N783")
"""Remarks that forbid to bill the patient, who is a Qualified Medicare Beneficiary."""
_BUNDLED: Final = "97"
_ABOVE_CHARGE: Final = "94"


def placed(
    remits: pl.DataFrame, adjustments: pl.DataFrame, remarks: pl.DataFrame, reference: Reference
) -> pl.DataFrame:
    """The `adjustments` of `remits` (with their `day`) and the `account` of each; one may be in two rows.

    Group PR goes to the patient, but not sequestration, and not where a remark says that the patient may not
    be billed: that waits for another payer.  Otherwise the dated table says, by the day of the payment; what
    it does not name is denied.

    Lines that a payer bundles come back denied (97), and the line into which they went above its charge by
    as much (94, less than 0): of the denied that much went into the price of that line, and is no denial.
    """
    named = remits.select("remit_key", "day", "charge_cents")
    rows = adjustments.join(named, on="remit_key", maintain_order="left")
    rows = in_force(rows, reference, "adjustment_accounts", on="day")
    shielded = remarks.filter(pl.col("code").is_in(_NOT_BILLABLE))["remit_key"].unique()
    patients = (pl.col("group") == PATIENT_GROUP).fill_null(value=False)
    barred = pl.col("remit_key").is_in(shielded.implode())
    account = (
        pl.when(patients & ~pl.col("of_patient").fill_null(value=False))
        .then(
            pl.when(barred).then(pl.lit(Account.OTHER_PAYER.value)).otherwise(pl.lit(Account.PATIENT.value))
        )
        .otherwise(pl.coalesce("account", pl.lit(Account.DENIED.value)))
    )
    return _without_bundled(rows.with_columns(account=account))


def _without_bundled(rows: pl.DataFrame) -> pl.DataFrame:
    """Move what a bundled line took over from the lines denied for it to where that line's excess stands."""
    sign = pl.when(pl.col("charge_cents") < 0).then(-1).otherwise(1)
    cents = pl.col("cents") * sign
    above = (pl.col("reason") == _ABOVE_CHARGE) & (cents < 0)
    bundled = (pl.col("reason") == _BUNDLED) & (pl.col("account") == Account.DENIED.value) & (cents > 0)
    given = pl.when(bundled).then(cents).otherwise(0)
    room = (-cents).filter(above).sum().over("remit_key") - (given.cum_sum().over("remit_key") - given)
    taken = pl.min_horizontal(room.clip(0), given) * sign
    rows = rows.with_columns(taken=taken)
    moved = rows.filter(pl.col("taken") != 0)
    return pl.concat(
        [
            rows.with_columns(cents=pl.col("cents") - pl.col("taken")),
            moved.with_columns(cents="taken", account=pl.lit(Account.CONTRACTUAL.value)),
        ]
    ).drop("taken", "of_patient", "day", "charge_cents")
