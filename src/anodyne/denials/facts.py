"""What is known of claims and lines beside the remittance, as the decision table names it."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from anodyne.model.denials import PROGRAM_OF_FILING
from anodyne.model.frames import DENIAL_CLAIM_FACTS, DENIAL_LINE_FACTS, checked, empty
from anodyne.model.remittance import Remittance

FORWARDED: Final = ("19", "20", "21")
"""Claim statuses of what was sent on to a further payer."""
CLAIM_FACTS: Final = tuple(name for name in DENIAL_CLAIM_FACTS if name != "remit_key")
_YES_NO: Final = {
    "qmb": "qmb",
    "notice": "notice_signed",
    "authorised": "authorised",
    "timely": "filed_in_time",
}
"""Facts of the table that are answers, and the column that holds each."""
_TOLD: Final = ("decided_level", "records_asked_on")
"""Facts that the table only asks for: told or not."""


def tokens() -> Mapping[str, pl.Expr]:
    """Each fact that the table may name, and its token where it is known; null where it is not."""
    known = {name: _yes_no(name, pl.col(column)) for name, column in _YES_NO.items()}
    told = {name: pl.when(pl.col(name).is_not_null()).then(pl.lit(f"{name}=yes")) for name in _TOLD}
    indicator = pl.col("ncci_indicator")
    pair = pl.when(indicator == 0).then(pl.lit("pair=never")).when(indicator == 1).then(pl.lit("pair=may"))
    return {
        **known,
        **told,
        "forwarded": pl.when("forwarded").then(pl.lit("forwarded=yes")),
        "pair": pair,
        "program": pl.format("program={}", "program"),
        "short": _yes_no("short", pl.col("short_cents") > 0),
    }


def _yes_no(name: str, answer: pl.Expr) -> pl.Expr:
    return pl.when(answer).then(pl.lit(f"{name}=yes")).when(~answer).then(pl.lit(f"{name}=no"))


def heads(remittance: Remittance, claim_facts: pl.DataFrame | None) -> pl.DataFrame:
    """One row for each claim: its payer, the day of its notice, and the facts that are of the claim."""
    given = empty(DENIAL_CLAIM_FACTS) if claim_facts is None else checked(claim_facts, DENIAL_CLAIM_FACTS)
    paid = remittance.payments.select(
        "payment_key",
        "payer_id",
        "payer_name",
        noticed_on=pl.min_horizontal("paid_on", "produced_on"),
    )
    by_filing = pl.col("filing").replace_strict(dict(PROGRAM_OF_FILING), default=None, return_dtype=pl.String)
    return (
        remittance.remits.join(paid, on="payment_key", how="left", maintain_order="left")
        .join(given, on="remit_key", how="left", maintain_order="left")
        .with_columns(
            payer=pl.coalesce("payer_id", "payer_name"),
            program=pl.coalesce("program", by_filing),
            forwarded=pl.col("status").is_in(FORWARDED).fill_null(value=False)
            | pl.col("crossover_payer").is_not_null(),
        )
    )


def with_line_facts(rows: pl.DataFrame, line_facts: pl.DataFrame | None) -> pl.DataFrame:
    """`rows` (`remit_line_key`, which may be null) with what is known of their lines."""
    given = empty(DENIAL_LINE_FACTS) if line_facts is None else checked(line_facts, DENIAL_LINE_FACTS)
    return rows.join(given, on="remit_line_key", how="left", maintain_order="left")


def line_facts(expected: pl.DataFrame, indicators: pl.DataFrame) -> pl.DataFrame:
    """`frames.DENIAL_LINE_FACTS` of `frames.EXPECTED` and what `pairs.pair_indicators` gives.

    A line that was paid is short by what it was allowed less than it should have been; of a denied line the
    denial says enough.
    """
    short = (pl.col("expected_cents") - pl.col("allowed_cents")).clip(0)
    rows = expected.select(
        "remit_line_key",
        "expected_cents",
        short_cents=pl.when(pl.col("expected_paid_cents").is_not_null()).then(short),
    ).join(indicators, on="remit_line_key", how="full", coalesce=True, maintain_order="left_right")
    return checked(rows.select(*DENIAL_LINE_FACTS), DENIAL_LINE_FACTS)
