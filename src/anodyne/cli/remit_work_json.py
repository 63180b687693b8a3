"""What is to be done about remittances as JSON: `anodyne.remit/1`, and what each claim and line answers."""

from typing import Any, BinaryIO, Final

import polars as pl

from anodyne.app.remit_check import Posting
from anodyne.app.remit_work import WORKED, Worked, WorkedPart
from anodyne.cli import remit_json
from anodyne.model.denials import Action
from anodyne.model.frames import WORK

_DETERMINED: Final = tuple(
    name
    for name in WORK
    if name
    not in {"determination_key", "payment_key", "remit_key", "remit_line_key", "claim_id", "line", "code"}
)
_DOWNCODED: Final = (
    "kind", "from", "to", "expected_cents", "allowed_cents", "difference_cents", "owed_cents", "how", "sure",
    "basis",
)  # fmt: skip
_SAME: Final = ("same_control", "same_code", "same_modifiers", "same_day", "same_charge", "same_units")


def write(found: Worked, out: BinaryIO) -> None:
    """Write `found` to `out` as one object."""
    payments = {
        row["payment_key"]: {"worked": row["posting"] in WORKED, "posting": row["posting"]}
        for row in found.checked.payments.iter_rows(named=True)
    }
    matched = bool(found.sent)
    added = (remit_json.Added(_claims(part, matched), _lines(part, matched)) for part in found.parts())
    remit_json.write(found.read, out, remit_json.More(payments, added, {"summary": summary(found)}))


def summary(found: Worked) -> dict[str, Any]:
    """What there is to do, in numbers and cents."""
    open_ = found.work.filter(pl.col("action") != Action.ACCEPT.value)
    posting = found.checked.payments["posting"]
    return {
        "as_of": found.as_of.isoformat(),
        "payments": len(posting),
        "payments_held": len(found.held),
        "payments_copied": int((posting == Posting.COPY.value).sum()),
        "claims": found.number,
        "claims_matched": found.matched,
        "to_do": len(open_),
        "at_stake_cents": int(open_["at_stake_cents"].sum()),
        "downcodes": len(found.downcodes),
        "difference_cents": int(found.downcodes["difference_cents"].sum()),
        "quarantine": found.strangers,
        "quarantine_paid_cents": found.strangers_cents,
    }


def _claims(part: WorkedPart, matched: bool) -> pl.DataFrame:
    whole = part.work.filter(pl.col("remit_line_key").is_null()).select(
        "remit_key", determination=pl.struct(_DETERMINED)
    )
    lines = part.lines.select("remit_line_key", "line")
    known = pl.col("expected_cents").is_not_null()
    sums = (
        part.expected.join(lines, on="remit_line_key", maintain_order="left")
        .group_by("remit_key", maintain_order=True)
        .agg(
            expected_cents=pl.when(known.all()).then(pl.col("expected_cents").sum()),
            expected_steps=pl.format("line {}: {} cents", pl.col("line"), pl.col("expected_cents")).filter(
                known
            ),
        )
    )
    lowered = (
        part.downcodes.join(lines, on="remit_line_key", maintain_order="left")
        .group_by("remit_key", maintain_order=True)
        .agg(
            lines=pl.col("line").unique(maintain_order=True),
            difference_cents=pl.col("difference_cents").sum(),
        )
        .select("remit_key", downcode=pl.struct("lines", "difference_cents"))
    )
    names = ("claim", "file", "segment", "certainty", "how", "relation", "reason")
    answer = pl.struct(*names, candidates="candidate_ids") if matched else pl.lit(None)
    return (
        part.claims.select("remit_key", match=answer)
        .join(whole, on="remit_key", how="left", maintain_order="left")
        .join(sums, on="remit_key", how="left", maintain_order="left")
        .join(lowered, on="remit_key", how="left", maintain_order="left")
    )


def _lines(part: WorkedPart, matched: bool) -> pl.DataFrame:
    determined = part.work.drop_nulls("remit_line_key").select(
        "remit_line_key", determination=pl.struct(_DETERMINED)
    )
    expected = part.expected.select(
        "remit_line_key",
        "expected_cents",
        expected_steps="steps",
        expected_why="why",
        expected_sure="sure",
        expected_basis="basis",
        expected_paid_cents="expected_paid_cents",
        payment_steps="payment_steps",
    )
    lowered = (
        part.downcodes.group_by("remit_line_key", maintain_order=True)
        .agg(told=pl.struct(_DOWNCODED))
        .select(
            "remit_line_key", downcode=pl.col("told").list.first(), downcode_rest=pl.col("told").list.slice(1)
        )
    )
    sent = {"line": "sent_line", "segment": "sent_segment", "control_number": "sent_control"}
    names = [pl.col(name).alias(told) for told, name in sent.items()]
    answer = pl.struct(*names, "certainty", "how", *_SAME, "reason") if matched else pl.lit(None)
    return (
        part.lines.select("remit_line_key", match=answer)
        .join(determined, on="remit_line_key", how="left", maintain_order="left")
        .join(expected, on="remit_line_key", how="left", maintain_order="left")
        .join(lowered, on="remit_line_key", how="left", maintain_order="left")
        .with_columns(
            pl.col("expected_steps", "payment_steps", "downcode_rest").fill_null([]),
        )
    )
