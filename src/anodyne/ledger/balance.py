"""Whether a remittance adds up: each identity of it, of its lines, its claims and the payment.

None is ever made to hold.  Those that must hold are what a posting rests on: X12 calls for them wherever a
remittance tells what was paid for.  Two are only told.  The patient's share in CLP05 is no part of the
balance (X12 RFI 2548), and nothing is posted from it.  BPR02 has nothing to be compared with where dollars
and data are sent apart and this is the dollars.
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

from anodyne.model.frames import Schema

LINE: Final = "SVC02 − Σ CAS = SVC03"
CLAIM: Final = "CLP03 − Σ CAS = CLP04"
LINES_CHARGED: Final = "Σ SVC02 = CLP03"
LINES_PAID: Final = "Σ SVC03 − Σ CAS of the claim = CLP04"
NEGATED: Final = "CLP03 of a reversal ≤ 0"
"""A reversal that is not negated would be posted as a second charge."""
PATIENT: Final = "CLP05 = Σ CAS*PR"
PAYMENT: Final = "BPR02 = Σ CLP04 − Σ PLB"
REVERSAL: Final = "22"
"""CLP02 of a claim that is taken back."""
DEBIT: Final = "D"
"""BPR03 where the payer takes the amount instead of paying it."""

IDENTITIES: Final[Schema] = {
    "payment_key": pl.UInt32,  # one row is one identity of one payment, claim or line
    "remit_key": pl.UInt32,  # null where it is of the payment
    "remit_line_key": pl.UInt32,  # null where it is of the payment, or of a claim as a whole
    "name": pl.String,
    "left_cents": pl.Int64,  # null where an amount is missing
    "right_cents": pl.Int64,
    "holds": pl.Boolean,  # false where an amount is missing
    "must": pl.Boolean,  # whether a posting rests on it
    "missing": pl.String,  # which amounts are not there; null where all are
}
GROUPS: Final = ("CO", "PR", "OA", "PI", "CR")
"""Who bears an adjustment: an amount under any other group is nobody's, and holds the payment."""
_NONE: Final = pl.lit(None, pl.UInt32)
_ORDER: Final = ("payment_key", "remit_key", "remit_line_key")
Side = Mapping[str, pl.Expr]
"""What is added up on one side, each part by the name it has in the file."""


def identities(
    payments: pl.DataFrame,
    remits: pl.DataFrame,
    lines: pl.DataFrame,
    adjustments: pl.DataFrame,
    provider_adjustments: pl.DataFrame,
) -> pl.DataFrame:
    """Every identity of `payments`, in the columns of IDENTITIES and the order of the file."""
    found = [of_payments(payments, remits, provider_adjustments), of_claims(remits, lines, adjustments)]
    return pl.concat(found).sort(_ORDER, maintain_order=True)


def of_payments(
    payments: pl.DataFrame, remits: pl.DataFrame, provider_adjustments: pl.DataFrame
) -> pl.DataFrame:
    """IDENTITIES of the `payments` themselves; of `remits` only `payment_key` and `paid_cents` are asked."""
    by_payment = payments.with_columns(remit_key=_NONE, remit_line_key=_NONE)
    by_payment = _with_sum(by_payment, remits, "payment_key", "clp", "paid_cents")
    by_payment = _with_sum(by_payment, provider_adjustments, "payment_key", "plb")
    return _identity(
        by_payment,
        PAYMENT,
        {"BPR02": _moved()},
        {"CLP04": pl.col("clp"), "PLB": -pl.col("plb")},
        must=pl.col("clp_told") | pl.col("plb_told"),
    )


def of_claims(remits: pl.DataFrame, lines: pl.DataFrame, adjustments: pl.DataFrame) -> pl.DataFrame:
    """IDENTITIES of claims and their lines; those of a claim do not depend on others."""
    known = pl.when(pl.col("group").is_in(GROUPS)).then("cents")
    adjustments = adjustments.with_columns(cents=known)
    of_line = adjustments.filter(pl.col("remit_line_key").is_not_null())
    of_claim = adjustments.filter(pl.col("remit_line_key").is_null())
    placed = lines.join(remits.select("remit_key", "payment_key"), on="remit_key", maintain_order="left")
    by_line = _with_sum(placed, of_line, "remit_line_key", "cas")
    whole = remits.with_columns(remit_line_key=_NONE)
    by_claim = _with_sum(whole, adjustments, "remit_key", "cas")
    reversal = (pl.col("status") == REVERSAL).fill_null(value=False)
    lined = _with_sum(
        _with_sum(by_claim, of_claim, "remit_key", "claim_cas"), lines, "remit_key", "charged", "charge_cents"
    )
    lined = _with_sum(lined, lines, "remit_key", "paid", "paid_cents").filter("paid_told")
    shared = _with_sum(by_claim, adjustments.filter(group="PR"), "remit_key", "pr")
    shared = shared.filter(~reversal, pl.col("patient_cents").is_not_null())
    found = [
        _identity(
            by_claim,
            CLAIM,
            {"CLP03": pl.col("charge_cents"), "CAS": -pl.col("cas")},
            {"CLP04": pl.col("paid_cents")},
        ),
        _identity(lined, LINES_CHARGED, {"SVC02": pl.col("charged")}, {"CLP03": pl.col("charge_cents")}),
        _identity(
            lined,
            LINES_PAID,
            {"SVC03": pl.col("paid"), "CAS of the claim": -pl.col("claim_cas")},
            {"CLP04": pl.col("paid_cents")},
        ),
        _identity(
            by_claim.filter(reversal), NEGATED, {"CLP03": pl.col("charge_cents")}, {"0": pl.lit(0)}
        ).with_columns(holds=(pl.col("left_cents") <= 0).fill_null(value=False)),
        _identity(
            shared,
            PATIENT,
            {"CLP05": pl.col("patient_cents")},
            {"CAS*PR": pl.col("pr")},
            must=pl.lit(value=False),
        ),
        _identity(
            by_line,
            LINE,
            {"SVC02": pl.col("charge_cents"), "CAS": -pl.col("cas")},
            {"SVC03": pl.col("paid_cents")},
        ),
    ]
    return pl.concat(found).sort(_ORDER, maintain_order=True)


def balanced(found: pl.DataFrame) -> pl.DataFrame:
    """Of each payment of the identities `found` whether it is `balanced`, so that it may be posted.

    Null where there is nothing to compare the payment with: dollars that were sent apart from their data.
    """
    must = pl.col("must")
    return found.group_by("payment_key", maintain_order=True).agg(
        balanced=pl.when(must.any()).then(pl.col("holds").filter(must).all())
    )


def _moved() -> pl.Expr:
    """BPR02 as the payee sees it: less than 0 where the payer takes it."""
    taken = (pl.col("credit_debit") == DEBIT).fill_null(value=False)
    return pl.when(taken).then(-pl.col("amount_cents")).otherwise("amount_cents")


def _with_sum(
    frame: pl.DataFrame, rows: pl.DataFrame, key: str, name: str, column: str = "cents"
) -> pl.DataFrame:
    """Add `name`, the sum of `column` over the `rows` of `key`, and whether any is told (`name`_told).

    The sum of no row is 0; a sum with an amount missing is null.
    """
    whole = pl.when(pl.col(column).null_count() == 0).then(pl.col(column).sum())
    sums = rows.group_by(key).agg(whole.alias(name), pl.lit(value=True).alias(f"{name}_told"))
    told = pl.col(f"{name}_told").fill_null(value=False)
    return frame.join(sums, on=key, how="left", maintain_order="left").with_columns(
        told, pl.when(told).then(name).otherwise(0).alias(name)
    )


def _identity(
    frame: pl.DataFrame, name: str, left: Side, right: Side, must: pl.Expr | None = None
) -> pl.DataFrame:
    """The identity `name` of each row of `frame`: the parts of `left` come to those of `right`."""
    gaps = [pl.when(part.is_null()).then(pl.lit(word)) for word, part in {**left, **right}.items()]
    missing = pl.concat_str(gaps, separator=", ", ignore_nulls=True)
    return (
        frame.select(
            "payment_key",
            "remit_key",
            "remit_line_key",
            pl.lit(name).alias("name"),
            _total(left).alias("left_cents"),
            _total(right).alias("right_cents"),
            pl.lit(value=True).alias("must") if must is None else must.alias("must"),
            pl.when(missing != "").then(missing).alias("missing"),
        )
        .with_columns(holds=(pl.col("left_cents") == pl.col("right_cents")).fill_null(value=False))
        .select(pl.col(column).cast(kind) for column, kind in IDENTITIES.items())
    )


def _total(side: Side) -> pl.Expr:
    first, *more = side.values()
    return sum(more, first)
