"""What payers said of each line: what was billed, what it was taken for, what was allowed, why not more."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from anodyne.model.frames import MODIFIERS, Schema
from anodyne.model.remittance import Remittance
from anodyne.reference.tables import Reference, in_force

SUBMITTED: Final[Schema] = {
    "remit_line_key": pl.UInt32,  # one row is one remitted line whose submitted line is known
    "sent_code": pl.String,
    "sent_modifiers": pl.String,  # in their order, a blank between; empty where there are none
    "sent_units": pl.Float64,  # null where the payer split the line
    "sent_pos": pl.String,
    "sent_state": pl.String,  # where the service was given
    "sent_taxonomy": pl.String,  # of who rendered, or who bills where nobody else rendered
    "sent_certain": pl.Boolean,
}
"""What was sent, as far as a price or a restatement is told by it."""

REVERSAL: Final = "22"
FIRST_PAYER: Final = ("1", "19")
"""Statuses of a claim that a payer priced as the first."""
DENIED: Final = "4"
SHARE, WITHHELD, PRICE = "share", "withheld", "price"
"""Parts of an adjustment: the patient's share, kept back after pricing, and pricing itself."""
ROUNDING_CENTS: Final = 1

_PR = pl.col("group") == "PR"


def submitted(matches: pl.DataFrame, claims: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """SUBMITTED, of `frames.LINE_MATCHES` and the claims and lines they name."""
    whose = claims.select(
        "claim_key",
        sent_state="state",
        claim_taxonomy=pl.when(pl.col("rendering_npi").is_null())
        .then(pl.coalesce("rendering_taxonomy", "billing_taxonomy"))
        .otherwise("rendering_taxonomy"),
    )
    sent = lines.join(whose, on="claim_key", how="left").select(
        "line_key",
        sent_code="code",
        sent_modifiers=_joined(MODIFIERS),
        sent_units="units",
        sent_pos="pos",
        sent_state="sent_state",
        sent_taxonomy=pl.coalesce("rendering_taxonomy", "claim_taxonomy"),
    )
    whole = (pl.len().over("remit_key", "line_key") == 1) & pl.col("same_charge").fill_null(value=False)
    return (
        matches.drop_nulls("line_key")
        .with_columns(whole=whole)
        .join(sent, on="line_key", maintain_order="left")
        .with_columns(
            sent_units=pl.when("whole").then("sent_units"), sent_certain=pl.col("certainty") == "certain"
        )
        .select(pl.col(name).cast(kind) for name, kind in SUBMITTED.items())
    )


def heard(remittance: Remittance, reference: Reference, sent: pl.DataFrame | None = None) -> pl.DataFrame:
    """One row a remitted line, in their order, with what its payer said of it.

    `sent` is SUBMITTED.  `stands` is false for a reversal, for what one took back, and for a payment that is
    told twice.  `allowed_cents` is AMT*B6, else paid, patient's share and what is withheld (sequestration, an
    earlier payer) together; null where neither is certain.  `others` are reasons beside these and the price.
    """
    lines = remittance.lines.select(
        "remit_line_key", "remit_key", "code", "charge_cents", "paid_cents", "units", "served_on",
        "control_number", "line", "submitted_code", "submitted_units",
        b6_cents="allowed_cents",
        modifiers=_joined(MODIFIERS),
        submitted_modifiers=_joined([f"submitted_{name}" for name in MODIFIERS]),
    )  # fmt: skip
    told = lines.join(_claims(remittance), on="remit_key", how="left", maintain_order="left")
    told = told.join(
        _parts(remittance, told, reference), on="remit_line_key", how="left", maintain_order="left"
    ).join(
        pl.DataFrame(schema=SUBMITTED) if sent is None else sent,
        on="remit_line_key",
        how="left",
        maintain_order="left",
    )
    amounts = [name for name in told.columns if name.startswith("said_")]
    told = told.with_columns(
        pl.col(amounts).fill_null(0), pl.col("others").fill_null([]), pos=pl.coalesce("sent_pos", "pos")
    )
    return _allowed(_billed(told))


def with_row(
    frame: pl.DataFrame, keys: Sequence[str], reference: Reference, table: str, *, on: str = "served_on"
) -> pl.DataFrame:
    """`frame` with the columns of the row of `table` in force; each different key is looked up once."""
    asked = frame.select(*keys, on).unique()
    found = in_force(asked, reference, table, on=on)
    return frame.join(found, on=[*keys, on], how="left", nulls_equal=True, maintain_order="left")


def compared(name: str) -> pl.Expr:
    """A payer's id or name as `reference.policies.compared` has it."""
    return pl.col(name).str.to_uppercase().str.replace_all(r"\s+", " ").str.strip_chars()


def _joined(names: Sequence[str]) -> pl.Expr:
    """The modifiers in their order, a blank between."""
    return pl.concat_str(*names, separator=" ", ignore_nulls=True).str.to_uppercase()


def _claims(remittance: Remittance) -> pl.DataFrame:
    payments = remittance.payments.select(
        "payment_key", "payer_id", "payer_name", "trace", "paid_on",
        payer_key=compared("payer_id"),
        payer_text=compared("payer_name"),
        payee=pl.coalesce("payee_npi", "payee_tax_id"),
        told_on=pl.coalesce("paid_on", "produced_on"),
        again=pl.int_range(pl.len()).over(
            "payer_id", "payer_name", "payee_npi", "trace", "amount_cents", "paid_on", "control"
        )
        > 0,
    )  # fmt: skip
    claims = remittance.remits.select(
        "remit_key", "payment_key", "claim_id", "payer_control", "status", "filing", "pos",
        claim_charge="charge_cents",
        claim_paid="paid_cents",
        person=pl.coalesce("member_id", pl.format("claim {}", "remit_key")),
    ).join(payments, on="payment_key", how="left", maintain_order="left")  # fmt: skip
    return claims.join(_standing(claims), on="remit_key", how="left", maintain_order="left").drop(
        "claim_charge", "claim_paid", "again"
    )


def _standing(claims: pl.DataFrame) -> pl.DataFrame:
    """By claim whether it `stands`: a reversal takes back the last claim of its id and amounts before it."""
    reversal = pl.col("status").eq_missing(REVERSAL)
    if not claims.select(reversal.any()).item():
        return claims.select("remit_key", stands=~pl.col("again"))
    same = ["payee", "claim_id", "charge", "paid"]
    depth = pl.col("depth")
    lowest_later = depth.reverse().cum_min().reverse().shift(-1).over(same)
    known = claims.filter(~pl.col("again")).sort("told_on", "remit_key")
    stands = (
        known.with_columns(
            reversal=reversal, charge=pl.col("claim_charge").abs(), paid=pl.col("claim_paid").abs()
        )
        .with_columns(depth=pl.when("reversal").then(-1).otherwise(1).cum_sum().over(same))
        .select("remit_key", stands=~pl.col("reversal") & ~(lowest_later < depth).fill_null(value=False))
    )
    return claims.select("remit_key").join(stands, on="remit_key", how="left").fill_null(value=False)


def _parts(remittance: Remittance, lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """By line what its adjustments amount to: each part, and the reasons that are of none."""
    told = remittance.adjustments.drop_nulls("remit_line_key").join(
        lines.select("remit_line_key", day=pl.coalesce("served_on", "told_on")),
        on="remit_line_key",
        maintain_order="left",
    )
    told = with_row(told, ("group", "reason"), reference, "adjustment_parts", on="day")
    cents, reason = pl.col("cents"), pl.col("reason")
    other = pl.col("part").is_null() & (cents != 0)
    return told.group_by("remit_line_key", maintain_order=True).agg(
        said_cents=cents.sum(),
        said_deductible=cents.filter(_PR, reason == "1").sum(),
        said_coinsurance=cents.filter(_PR, reason == "2").sum(),
        said_copay=cents.filter(_PR, reason == "3").sum(),
        said_share=cents.filter(pl.col("part") == SHARE).sum(),
        said_withheld=cents.filter(pl.col("part") == WITHHELD).sum(),
        said_sequestered=cents.filter(reason == "253").sum(),
        said_rolled=-cents.filter(reason == "94").sum(),
        included=(reason.eq("97") & (cents > 0)).any(),
        others=pl.concat_str("group", "reason", separator="-").filter(other).unique(maintain_order=True),
    )


def _billed(told: pl.DataFrame) -> pl.DataFrame:
    """Add what was billed: by SVC06, else by the claim that was sent, else as the payer took it."""
    restated = pl.col("submitted_code").is_not_null()
    own = pl.when(restated & (pl.col("submitted_modifiers") != "")).then("submitted_modifiers")
    fewer = pl.col("submitted_units").is_not_null()
    return told.with_columns(
        billed_code=pl.coalesce("submitted_code", "sent_code", "code"),
        billed_modifiers=pl.coalesce(own, "sent_modifiers", "modifiers"),
        billed_units=pl.coalesce("submitted_units", "sent_units", "units"),
        code_by=pl.when(restated).then(pl.lit("SVC06")).when(pl.col("sent_code").is_not_null())
        .then(pl.lit("claim")),
        units_by=pl.when(fewer).then(pl.lit("SVC07")).when(pl.col("sent_units").is_not_null())
        .then(pl.lit("claim")),
    )  # fmt: skip


def _allowed(told: pl.DataFrame) -> pl.DataFrame:
    paid, share, kept = pl.col("paid_cents"), pl.col("said_share"), pl.col("said_withheld")
    added, b6 = paid + share + kept, pl.col("b6_cents")
    balanced = pl.col("charge_cents") - pl.col("said_cents") == paid
    agrees = (b6 - added).abs() <= ROUNDING_CENTS
    clear = balanced & (pl.col("others").list.len() == 0)
    differs = clear & ~agrees
    return told.with_columns(
        allowed_cents=pl.when(differs).then(pl.max_horizontal(b6, added)).otherwise(
            pl.coalesce(b6, pl.when(balanced).then(added))
        ),
        allowed_how=pl.when(differs)
        .then(pl.format("AMT*B6 says {}, the adjustments {}", dollars(b6), dollars(added)))
        .when(b6.is_not_null())
        .then(pl.lit("AMT*B6"))
        .when(balanced)
        .then(pl.lit("paid, patient's share and what is withheld"))
        .otherwise(pl.lit("the line does not balance")),
    )  # fmt: skip


def dollars(cents: pl.Expr | str) -> pl.Expr:
    """Cents as 1215.00, for arithmetic in words."""
    told = pl.col(cents) if isinstance(cents, str) else cents
    size = told.abs()
    sign = pl.when(told < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return pl.format("{}{}.{}", sign, size // 100, (size % 100).cast(pl.String).str.zfill(2))
