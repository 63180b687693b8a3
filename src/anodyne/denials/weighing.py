"""How much speaks for a remittance and a submitted claim being one: each part of it, and the sum."""

from typing import Final

import polars as pl

from anodyne.denials.relations import REVERSAL_STATUS
from anodyne.model.frames import CLAIM_MATCHES

PAIR: Final = ("remit_key", "claim_key")
SCORES: Final = tuple(name for name in CLAIM_MATCHES if name.endswith("_score"))
REPLACES: Final = ("7", "8")
"""Claim frequencies that replace or void an earlier claim."""


def weighed(pairs: pl.DataFrame, sent: pl.DataFrame, said: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Each pair with the parts of its score; `lines` is their `line_evidence`."""
    both = (
        pairs.join(said, on="remit_key")
        .join(sent, on="claim_key")
        .join(lines, on=PAIR, how="left")
        .with_columns(
            id_score=pl.when(pl.col("said_id") == pl.col("sent_id"))
            .then(8)
            .when(pl.col("id") == pl.col("sent_plain"))
            .then(7)
            .otherwise(0),
        )
    )
    first = pl.col("id_score") > 0
    original_is_there = (
        (first & pl.col("sent_original").ne_missing(pl.col("payer_control"))).any().over("remit_key")
    )
    of_correction = pl.col("frequency").is_in(REPLACES).fill_null(value=False)
    same_payer = pl.col("payer_control") == pl.col("sent_original")
    same_earlier = pl.col("earlier") == pl.col("sent_original")
    share = pl.col("fitting") / pl.col("told")
    member = pl.col("sent_member")
    known = pl.col("member").is_not_null() & member.is_not_null()
    same_member = (
        pl.col("member").str.starts_with(member)
        | member.str.starts_with(pl.col("member"))
        | (pl.col("corrected") == member).fill_null(value=False)
    )
    rendering = pl.col("rendering_npi")
    same_npi = (
        (rendering == pl.col("sent_rendering")).fill_null(value=False)
        | (rendering == pl.col("sent_billing")).fill_null(value=False)
        | (pl.col("provider_npi") == pl.col("sent_billing")).fill_null(value=False)
    )
    apart = (pl.col("first_on") > pl.col("sent_last")) | (pl.col("last_on") < pl.col("sent_first"))
    replaces = pl.col("sent_frequency").is_in(REPLACES)
    parts = both.with_columns(
        payer_control_score=pl.when(same_earlier | (same_payer & (of_correction | ~original_is_there)))
        .then(4)
        .when(same_payer)
        .then(-3)
        .otherwise(0),
        line_control_score=(6 * pl.col("controls") / pl.col("told")).round().fill_null(0),
        charge_score=pl.when(pl.col("charge") == pl.col("sent_charge"))
        .then(3)
        .when(pl.col("charge").is_null() | pl.col("sent_charge").is_null() | (share == 1))
        .then(0)
        .otherwise(-3),
        day_score=pl.when(apart).then(-4).when(~apart).then(3).otherwise(0),
        line_score=pl.when(share == 0).then(-4).otherwise((4 * share).round().fill_null(0)),
        member_score=pl.when(same_member).then(3).when(known).then(-2).otherwise(0),
        npi_score=pl.when(same_npi)
        .then(1)
        .when(rendering.is_not_null() & pl.col("sent_rendering").is_not_null())
        .then(-1)
        .otherwise(0),
        frequency_score=pl.when(
            pl.col("status").eq_missing(REVERSAL_STATUS)
            | pl.col("frequency").is_null()
            | pl.col("sent_frequency").is_null()
        )
        .then(0)
        .otherwise(pl.when(of_correction == replaces).then(2).otherwise(-2)),
    ).select(*PAIR, *(pl.col(name).cast(pl.Int8) for name in SCORES))
    return parts.with_columns(score=pl.sum_horizontal(pl.col(SCORES).cast(pl.Int16)).cast(pl.Int16))


def line_evidence(pairs: pl.DataFrame, sent_lines: pl.DataFrame, said_lines: pl.DataFrame) -> pl.DataFrame:
    """For each pair: how many lines are told, how many fit a line of the claim, how many name one of it."""
    sent = sent_lines.select(
        "claim_key",
        "control_is_unique",
        sent_code="code",
        sent_day="day",
        sent_charge="charge",
        sent_control="control",
    )
    said = said_lines.select("remit_key", "remit_line_key", "code", "adjudicated", "day", "charge", "control")
    same_code = (pl.col("code") == pl.col("sent_code")) | (pl.col("adjudicated") == pl.col("sent_code"))
    same_day = pl.col("day") == pl.col("sent_day")
    fits = (same_code & same_day.fill_null(value=True)) | (
        same_day & (pl.col("charge") == pl.col("sent_charge"))
    )
    names = (pl.col("control") == pl.col("sent_control")) & pl.col("control_is_unique")
    return (
        pairs.join(said, on="remit_key")
        .join(sent, on="claim_key")
        .select(*PAIR, "remit_line_key", fits=fits.fill_null(value=False), names=names.fill_null(value=False))
        .group_by(*PAIR, "remit_line_key")
        .agg(pl.col("fits").any(), pl.col("names").any())
        .group_by(PAIR)
        .agg(told=pl.len(), fitting=pl.col("fits").sum(), controls=pl.col("names").sum())
    )
