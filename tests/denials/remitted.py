"""Made-up remittances of made-up claims, as frames: an echo of what was sent, and changes to it."""

from typing import Any

import polars as pl

from anodyne.model.book import Book
from anodyne.model.frames import MODIFIERS, REMIT_LINES, REMITS, Schema


def echo(book: Book) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Remittances that pay each claim of `book` as it was sent, in its order."""
    days = book.lines.group_by("claim_key").agg(
        statement_from=pl.col("served_on").min(), statement_to=pl.col("served_to").max()
    )
    claims = book.claims.join(days, on="claim_key", how="left")
    remits = claims.select(
        "claim_id",
        "charge_cents",
        "filing",
        "pos",
        "frequency",
        "member_id",
        "rendering_npi",
        "statement_from",
        "statement_to",
        remit_key="claim_key",
        status=pl.lit("1"),
        paid_cents="charge_cents",
        patient_cents=pl.lit(0),
        payer_control=pl.format("ICN{}", "claim_key"),
    )
    lines = book.lines.select(
        "line",
        "code",
        *MODIFIERS,
        "charge_cents",
        "units",
        "served_on",
        "served_to",
        "control_number",
        "rendering_npi",
        remit_line_key="line_key",
        remit_key="claim_key",
        paid_cents="charge_cents",
    )
    return _whole(remits, REMITS), _whole(lines, REMIT_LINES)


def changed(frame: pl.DataFrame, row: int, **values: Any) -> pl.DataFrame:
    """`frame` with other values in one row."""
    here = pl.int_range(pl.len()) == row
    kinds = frame.schema
    return frame.with_columns(
        pl.when(here).then(pl.lit(value, dtype=kinds[name])).otherwise(name).alias(name)
        for name, value in values.items()
    )


def without(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """`frame` with nothing said in some columns."""
    return frame.with_columns(pl.lit(None, frame.schema[name]).alias(name) for name in columns)


def again(
    remits: pl.DataFrame, lines: pl.DataFrame, key: int, sign: int = 1, **values: Any
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The remittance `key` once more at the end, its amounts times `sign`, with other values."""
    next_key, next_line = len(remits), len(lines)
    amounts = [pl.col(n) * sign for n in ("charge_cents", "paid_cents")]
    one = remits.filter(remit_key=key).with_columns(*amounts, remit_key=pl.lit(next_key, pl.UInt32))
    some = lines.filter(remit_key=key).with_columns(
        *amounts,
        remit_key=pl.lit(next_key, pl.UInt32),
        remit_line_key=pl.int_range(next_line, next_line + pl.len(), dtype=pl.UInt32),
    )
    return pl.concat([remits, changed(one, 0, **values)]), pl.concat([lines, some])


def _whole(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in schema.items()
    )
