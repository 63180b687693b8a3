"""What is to be done about remittances as JSON: `anodyne.remit/1`, and what each claim and line answers."""

from typing import Any, BinaryIO, Final

import polars as pl

from anodyne.app.remit_check import Posting
from anodyne.app.remit_work import WORKED, Worked
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
    more = remit_json.More(payments, _claims(found), _lines(found), {"summary": summary(found)})
    remit_json.write(found.read, out, more)


def summary(found: Worked) -> dict[str, Any]:
    """What there is to do, in numbers and cents."""
    open_ = found.work.filter(pl.col("action") != Action.ACCEPT.value)
    quarantine = found.remittance.remits.join(found.quarantine, on="remit_key", how="semi")
    posting = found.checked.payments["posting"]
    return {
        "as_of": found.as_of.isoformat(),
        "payments": len(posting),
        "payments_held": len(found.held),
        "payments_copied": int((posting == Posting.COPY.value).sum()),
        "claims": len(found.remittance.remits),
        "claims_matched": int(found.matches.claims["claim_key"].is_not_null().sum()),
        "to_do": len(open_),
        "at_stake_cents": int(open_["at_stake_cents"].sum()),
        "downcodes": len(found.downcodes),
        "difference_cents": int(found.downcodes["difference_cents"].sum()),
        "quarantine": len(quarantine),
        "quarantine_paid_cents": int(quarantine["paid_cents"].sum()),
    }


def _claims(found: Worked) -> pl.DataFrame:
    keys = found.remittance.remits.select("remit_key")
    whole = found.work.filter(pl.col("remit_line_key").is_null()).select(
        "remit_key", determination=pl.struct(_DETERMINED)
    )
    numbered = found.expected.join(
        found.remittance.lines.select("remit_line_key", "line"), on="remit_line_key", maintain_order="left"
    )
    known = pl.col("expected_cents").is_not_null()
    sums = numbered.group_by("remit_key", maintain_order=True).agg(
        expected_cents=pl.when(known.all()).then(pl.col("expected_cents").sum()),
        expected_steps=pl.format("line {}: {} cents", pl.col("line"), pl.col("expected_cents")).filter(known),
    )
    lowered = (
        found.downcodes.join(
            numbered.select("remit_line_key", "line"), on="remit_line_key", maintain_order="left"
        )
        .group_by("remit_key", maintain_order=True)
        .agg(
            lines=pl.col("line").unique(maintain_order=True),
            difference_cents=pl.col("difference_cents").sum(),
        )
        .select("remit_key", downcode=pl.struct("lines", "difference_cents"))
    )
    return (
        keys.join(_matched(found), on="remit_key", how="left", maintain_order="left")
        .join(whole, on="remit_key", how="left", maintain_order="left")
        .join(sums, on="remit_key", how="left", maintain_order="left")
        .join(lowered, on="remit_key", how="left", maintain_order="left")
    )


def _matched(found: Worked) -> pl.DataFrame:
    """By remittance the claim it answers; nothing where no claims that were sent were given."""
    if not found.sent:
        return pl.DataFrame(schema={"remit_key": pl.UInt32, "match": pl.Null})
    ours = found.claims.select("claim_key", claim="claim_id", file="file", segment="segment")
    ids = ours.select(candidates="claim_key", id="claim")
    candidates = (
        found.matches.claims.select("remit_key", "candidates")
        .explode("candidates", empty_as_null=True)
        .join(ids, on="candidates", maintain_order="left")
        .group_by("remit_key", maintain_order=True)
        .agg(candidates="id")
    )
    names = ("claim", "file", "segment", "certainty", "how", "relation", "reason", "candidates")
    return (
        found.matches.claims.drop("candidates")
        .join(ours, on="claim_key", how="left", maintain_order="left")
        .join(candidates, on="remit_key", how="left", maintain_order="left")
        .with_columns(pl.col("candidates").fill_null([]))
        .select("remit_key", match=pl.struct(names))
    )


def _lines(found: Worked) -> pl.DataFrame:
    determined = found.work.drop_nulls("remit_line_key").select(
        "remit_line_key", determination=pl.struct(_DETERMINED)
    )
    expected = found.expected.select(
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
        found.downcodes.group_by("remit_line_key", maintain_order=True)
        .agg(told=pl.struct(_DOWNCODED))
        .select(
            "remit_line_key", downcode=pl.col("told").list.first(), downcode_rest=pl.col("told").list.slice(1)
        )
    )
    return (
        found.remittance.lines.select("remit_line_key")
        .join(_line_matches(found), on="remit_line_key", how="left", maintain_order="left")
        .join(determined, on="remit_line_key", how="left", maintain_order="left")
        .join(expected, on="remit_line_key", how="left", maintain_order="left")
        .join(lowered, on="remit_line_key", how="left", maintain_order="left")
        .with_columns(
            pl.col("expected_steps", "payment_steps", "downcode_rest").fill_null([]),
        )
    )


def _line_matches(found: Worked) -> pl.DataFrame:
    if not found.sent:
        return pl.DataFrame(schema={"remit_line_key": pl.UInt32, "match": pl.Null})
    sent = found.lines.select("line_key", line="line", segment="segment", control_number="control_number")
    names = ("line", "segment", "control_number", "certainty", "how", *_SAME, "reason")
    return found.matches.lines.join(sent, on="line_key", how="left", maintain_order="left").select(
        "remit_line_key", match=pl.struct(names)
    )
