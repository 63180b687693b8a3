"""What is to be done about remittances as a workbook: to sort, give out and tick off."""

from collections.abc import Mapping
from typing import BinaryIO, Final

import polars as pl

from anodyne.app.remit_work import ANSWERS, Worked
from anodyne.cli.care_tables import dollars_of, workbook
from anodyne.denials.dispute import dispute_batch
from anodyne.model.denials import ACTION_WORDS, CAUSE_WORDS, EVIDENCE_WORDS, OWNER_WORDS

_AMOUNTS: Final = (
    "at_stake", "score", "billed", "paid", "allowed", "expected", "difference", "owed", "amount",
)  # fmt: skip


def write(found: Worked, out: BinaryIO) -> None:
    """Write a workbook: the worklist, disputes, quarantine, and payments that are held."""
    sheets = {
        "Work": _work(found),
        "Disputes": _disputes(found),
        "Quarantine": _quarantine(found),
        "Held": _held(found),
    }
    workbook(sheets, out, amounts=_AMOUNTS)


def _own(owner: pl.Expr, due: pl.Expr) -> dict[str, pl.Expr]:
    """The columns that a person fills or changes."""
    return {"owner": owner, "due": due, "note": pl.lit(None, pl.String)}


def _payers(found: Worked) -> pl.DataFrame:
    return found.read.payments.select(
        "payment_key", "trace", "paid_on", payer_told=pl.coalesce("payer_name", "payer_id")
    )


def _work(found: Worked) -> pl.DataFrame:
    controls = found.to_do("remits", ["remit_key", "payer_control"])
    rows = found.work.join(controls, on="remit_key", how="left", maintain_order="left")
    rows = rows.join(_payers(found), on="payment_key", how="left", maintain_order="left")
    matched = found.to_do(ANSWERS, ["remit_key", "certainty", "reason"])
    rows = rows.join(matched, on="remit_key", how="left", maintain_order="left")
    answers = pl.coalesce("certainty", "reason") if found.sent else pl.lit(None, pl.String)
    return rows.select(
        "rank",
        **_own(_words("owner", OWNER_WORDS), pl.col("deadline")),
        days_left="days_left",
        action=_words("action", ACTION_WORDS),
        at_stake=dollars_of("at_stake_cents"),
        payer="payer_told",
        claim="claim_id",
        line="line",
        code="code",
        served_on="served_on",
        what="what",
        cause=_words("cause", CAUSE_WORDS),
        why="why",
        next_step="next",
        evidence=_texts("evidence", EVIDENCE_WORDS),
        needs=pl.col("needs").list.join("; "),
        appealable="appealable",
        level="level_title",
        clock="clock",
        codes=pl.col("codes").list.join("; "),
        payer_control="payer_control",
        trace="trace",
        paid_on="paid_on",
        match=answers,
        score=dollars_of("score_cents"),
        score_told="told",
        sources=pl.col("cites").list.join("; "),
    )


def _disputes(found: Worked) -> pl.DataFrame:
    due = found.work.drop_nulls("remit_line_key").select("remit_line_key", "deadline")
    rows = dispute_batch(found.lowered, found.downcodes).lines
    rows = rows.join(due, on="remit_line_key", how="left", maintain_order="left")
    return rows.select(
        **_own(pl.lit(OWNER_WORDS["contracts"]), pl.col("deadline")),
        payer=pl.coalesce("payer_name", "payer_id"),
        claim="claim_id",
        line="line",
        served_on="served_on",
        billed_as="billed",
        units="units",
        paid_as="paid_as",
        billed=dollars_of("charge_cents"),
        allowed=dollars_of("allowed_cents"),
        expected=dollars_of("expected_cents"),
        difference=dollars_of("difference_cents"),
        owed=dollars_of("owed_cents"),
        kinds=pl.col("kinds").list.join("; "),
        why="how",
        basis="basis",
        arithmetic=pl.col("steps").list.join("; "),
        sure=pl.when("sure").then(pl.lit("yes")).otherwise(pl.lit("likely")),
        payer_control="payer_control",
        trace="trace",
        paid_on="paid_on",
        control_number="control_number",
    )


def _quarantine(found: Worked) -> pl.DataFrame:
    ids = pl.col("candidate_ids")
    return found.quarantine.join(_payers(found), on="payment_key", how="left", maintain_order="left").select(
        **_own(pl.lit(OWNER_WORDS["biller"]), pl.lit(None, pl.Date)),
        payer="payer_told",
        claim="claim_id",
        status="status",
        billed=dollars_of("charge_cents"),
        paid=dollars_of("paid_cents"),
        why="reason",
        perhaps=pl.when(ids.list.len() > 0).then(ids.list.join("; ", ignore_nulls=True)),
        payer_control="payer_control",
        trace="trace",
        paid_on="paid_on",
    )


def _held(found: Worked) -> pl.DataFrame:
    return found.held.select(
        **_own(pl.lit(OWNER_WORDS["biller"]), pl.lit(None, pl.Date)),
        payer=pl.coalesce("payer_name", "payer_id"),
        trace="trace",
        paid_on="paid_on",
        amount=dollars_of("amount_cents"),
        claims="claims",
        why=pl.when(pl.col("posting") == "held")
        .then(pl.lit("does not add up"))
        .otherwise(pl.lit("told in two versions")),
        file="file",
        segment="segment",
    )


def _words(name: str, words: Mapping[str, str]) -> pl.Expr:
    return pl.col(name).replace(dict(words))


def _texts(name: str, words: Mapping[str, str]) -> pl.Expr:
    return pl.col(name).list.eval(pl.element().replace(dict(words))).list.join("; ")
