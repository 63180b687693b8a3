"""Remittances as tables: CSV of lines, a workbook of everything."""

from collections.abc import Iterator
from typing import BinaryIO, Final

import polars as pl

from anodyne.app.remit_read import RemitsRead
from anodyne.cli.care_tables import ROWS_OF_A_SHEET, dollars_of, workbook
from anodyne.model.frames import MODIFIERS
from anodyne.model.remittance import Remittance

_AMOUNTS: Final = (
    "amount",
    "billed",
    "paid",
    "patient_share",
    "allowed",
    "interest",
    "claim_billed",
    "claim_paid",
    "claim_patient_share",
    "left",
    "right",
)


def write_csv(found: RemitsRead, out: BinaryIO) -> None:
    """Write one row a service line, and one a claim that has none; amounts in dollars."""
    lines(found.remittance).write_csv(out)


def write_xlsx(found: RemitsRead, out: BinaryIO) -> None:
    """Write a workbook: payments, claims and lines, what was said of them, and what does not add up."""
    workbook(dict(_sheets(found)), out, amounts=_AMOUNTS)


def _sheets(found: RemitsRead) -> Iterator[tuple[str, pl.DataFrame]]:
    said = found.remittance
    yield "Payments", _payments(found, said)
    for name, rows in (
        ("Claims", _claims(said)),
        ("Lines", lines(said)),
        ("Adjustments", _adjustments(said)),
        ("Remarks", _remarks(said)),
    ):
        for number, part in enumerate(rows.iter_slices(ROWS_OF_A_SHEET), start=1):
            yield name if number == 1 else f"{name} {number}", part
    yield "Provider adjustments", _provider_adjustments(said)
    yield "Does not add up", _broken(found)
    yield (
        "Not read",
        pl.DataFrame(
            [(one.file, one.segment, one.byte, one.message, one.next_step) for one in found.errors],
            schema={
                "file": pl.String,
                "segment": pl.Int64,
                "byte": pl.Int64,
                "message": pl.String,
                "next_step": pl.String,
            },
            orient="row",
        ),
    )


def lines(said: Remittance) -> pl.DataFrame:
    """One row a service line, and one a claim that has none, with its claim and payment."""
    of_claims, of_lines = _said(said, "remit_key"), _said(said, "remit_line_key")
    own = said.lines.join(of_lines, on="remit_line_key", how="left", maintain_order="left").select(
        "remit_key",
        "line",
        "code",
        _dashed(MODIFIERS).alias("modifiers"),
        "submitted_code",
        _dashed([f"submitted_{name}" for name in MODIFIERS]).alias("submitted_modifiers"),
        "units",
        "submitted_units",
        dollars_of("charge_cents").alias("billed"),
        dollars_of("paid_cents").alias("paid"),
        dollars_of("allowed_cents").alias("allowed"),
        "served_on",
        "served_to",
        "control_number",
        "rendering_npi",
        "adjustments",
        "remarks",
    )
    claims = (
        said.remits.join(of_claims, on="remit_key", how="left", maintain_order="left")
        .join(said.payments, on="payment_key", how="left", maintain_order="left", suffix="_of_payment")
        .select(
            "remit_key",
            "file",
            "payer_name",
            "trace",
            "paid_on",
            pl.col("claim_id").alias("claim"),
            "status",
            "payer_control",
            dollars_of("charge_cents").alias("claim_billed"),
            dollars_of("paid_cents").alias("claim_paid"),
            dollars_of("patient_cents").alias("claim_patient_share"),
            pl.col("adjustments").alias("claim_adjustments"),
            pl.col("remarks").alias("claim_remarks"),
        )
    )
    return claims.join(own, on="remit_key", how="left", maintain_order="left_right").drop("remit_key")


def _said(said: Remittance, key: str) -> pl.DataFrame:
    """By `key`, what was adjusted (as CO-45 20.00) and remarked of each claim or line itself."""
    of_line = pl.col("remit_line_key").is_not_null()
    own = of_line if key == "remit_line_key" else ~of_line
    amount = dollars_of("cents").cast(pl.String)
    code = pl.concat_str("group", "reason", separator="-", ignore_nulls=True)
    reason = pl.concat_str(code, amount, separator=" ", ignore_nulls=True)
    adjustments = said.adjustments.filter(own).group_by(key).agg(adjustments=reason.str.join("; "))
    remarks = said.remarks.filter(own).group_by(key).agg(remarks=pl.col("code").str.join("; "))
    return adjustments.join(remarks, on=key, how="full", coalesce=True)


def _dashed(columns: list[str] | tuple[str, ...]) -> pl.Expr:
    joined = pl.concat_str(columns, separator="-", ignore_nulls=True)
    return pl.when(joined != "").then(joined)


def _payments(found: RemitsRead, said: Remittance) -> pl.DataFrame:
    claims = said.remits.group_by("payment_key").agg(claims=pl.len())
    return (
        found.payments.join(found.balanced, on="payment_key", maintain_order="left")
        .join(claims, on="payment_key", how="left", maintain_order="left")
        .select(
            "file",
            "payer_name",
            "payer_id",
            "method",
            "trace",
            "paid_on",
            dollars_of("amount_cents").alias("amount"),
            "credit_debit",
            pl.col("claims").fill_null(0),
            pl.when("balanced").then(pl.lit("yes")).otherwise(pl.lit("NO")).alias("adds_up"),
            "payee_name",
            "payee_npi",
            "payee_tax_id",
            "payee_id",
        )
    )


def _claims(said: Remittance) -> pl.DataFrame:
    payments = said.payments.select("payment_key", "payer_name", "trace")
    return (
        said.remits.join(payments, on="payment_key", how="left", maintain_order="left")
        .join(_said(said, "remit_key"), on="remit_key", how="left", maintain_order="left")
        .select(
            "file",
            "payer_name",
            "trace",
            pl.col("claim_id").alias("claim"),
            "status",
            "payer_control",
            dollars_of("charge_cents").alias("billed"),
            dollars_of("paid_cents").alias("paid"),
            dollars_of("patient_cents").alias("patient_share"),
            dollars_of("allowed_cents").alias("allowed"),
            dollars_of("interest_cents").alias("interest"),
            "adjustments",
            "remarks",
            "filing",
            "frequency",
            "original_ref",
            "rendering_npi",
            "received_on",
            "statement_from",
            "statement_to",
            "coverage_ended_on",
            "crossover_payer",
            "corrected_payer",
            "segment",
        )
    )


def _named(rows: pl.DataFrame, said: Remittance) -> pl.DataFrame:
    """`rows` with the claim and line that they are of."""
    claims = said.remits.select("remit_key", claim="claim_id")
    of_lines = said.lines.select("remit_line_key", "line", "code")
    return rows.join(claims, on="remit_key", how="left", maintain_order="left").join(
        of_lines, on="remit_line_key", how="left", maintain_order="left", suffix="_of_line"
    )


def _adjustments(said: Remittance) -> pl.DataFrame:
    amount = dollars_of("cents").alias("amount")
    return _named(said.adjustments, said).select(
        "claim", "line", "code", "group", "reason", amount, "units", "segment"
    )


def _remarks(said: Remittance) -> pl.DataFrame:
    return _named(said.remarks, said).select(
        "claim",
        "line",
        pl.col("code_of_line").alias("code"),
        pl.col("code").alias("remark"),
        "source",
        "segment",
    )


def _provider_adjustments(said: Remittance) -> pl.DataFrame:
    payments = said.payments.select("payment_key", "file", "payer_name", "trace")
    return said.provider_adjustments.join(
        payments, on="payment_key", how="left", maintain_order="left"
    ).select(
        "file",
        "payer_name",
        "trace",
        "provider",
        "fiscal_year_end",
        "reason",
        "reference",
        dollars_of("cents").alias("amount"),
        "segment",
    )


def _broken(found: RemitsRead) -> pl.DataFrame:
    payments = found.payments.select("payment_key", "file", "trace")
    return (
        found.identities.filter(~pl.col("holds"))
        .join(payments, on="payment_key", how="left", maintain_order="left")
        .select(
            "file",
            "trace",
            "claim",
            "line",
            pl.col("name").alias("must_hold"),
            dollars_of("left_cents").alias("left"),
            dollars_of("right_cents").alias("right"),
            "missing",
        )
    )
