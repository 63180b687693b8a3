"""Where the money of a check hangs: by payer, rule, provider and month."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from anodyne.app.check import Chunk, Report
from anodyne.app.summary import LOST, OPEN, risk_of

_TOTALS: Final = ("claims", "found", "lost_cents", "audit_cents")
_RULE_MONEY: Final = {
    "rule": pl.String,
    "outcome": pl.String,
    **dict.fromkeys(("findings", *_TOTALS), pl.Int64),
}


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The same check, seen from four sides; every frame is sorted by the money, the most first.

    Columns of all: `claims` (how many), `found` (how many of them have findings), `lost_cents` (will not be
    paid as they stand: reject and deny), `audit_cents` (could be taken back besides).  Each cent of a claim
    counts once, save in `rules`, where a claim counts under each rule that found something on it.
    """

    payers: pl.DataFrame
    """`payer`: the payer's name as in the claims, else its id."""
    rules: pl.DataFrame
    """`rule` and its worst `outcome`; `findings`: how many."""
    providers: pl.DataFrame
    """`npi`: who rendered the services, else who bills them."""
    months: pl.DataFrame
    """`month`: the first day of the month of the claim's first service; in the order of time."""


def breakdown(report: Report) -> Breakdown:
    """The money of `report` by payer, rule, provider and month."""
    claims, rules = [], []
    for chunk in report.chunks():
        claims.append(claim_money(chunk))
        rules.append(_rule_money(chunk))
    told = pl.concat(claims)
    return Breakdown(
        payers=_by(told, "payer"),
        rules=_most(
            pl.concat(rules)
            .group_by("rule")
            .agg(pl.col("outcome").first(), pl.col("findings", *_TOTALS).sum())
        ),
        providers=_by(told, "npi"),
        months=_by(told, "month").sort("month", nulls_last=True),
    )


def claim_money(chunk: Chunk) -> pl.DataFrame:
    """The claims of `chunk` in their order, with what hangs on each.

    Columns: `claim_key`, `payer`, `npi`, `month`, `charge_cents`, `found` (1 where something was found, else
    0), `lost_cents`, `audit_cents`.
    """
    days = chunk.lines.group_by("claim_key").agg(day=pl.col("served_on").min())
    found = chunk.findings.select("claim_key").unique().with_columns(found=pl.lit(1, pl.UInt32))
    return (
        chunk.claims.join(days, on="claim_key", how="left", maintain_order="left")
        .join(found, on="claim_key", how="left", maintain_order="left")
        .join(_money(chunk.claims, chunk.findings), on="claim_key", how="left", maintain_order="left")
        .select(
            "claim_key",
            payer=pl.coalesce("payer_name", "payer_id"),
            npi=pl.coalesce("rendering_npi", "billing_npi"),
            month=pl.col("day").dt.month_start(),
            charge_cents=pl.col("charge_cents"),
            found=pl.col("found").fill_null(0),
            lost_cents=pl.col("lost_cents"),
            audit_cents=pl.col("audit_cents"),
        )
    )


def _money(claims: pl.DataFrame, findings: pl.DataFrame) -> pl.DataFrame:
    lost = risk_of(claims, findings.filter(pl.col("outcome").is_in(LOST)))
    either = risk_of(claims, findings.filter(pl.col("outcome").is_in([*LOST, *OPEN])))
    return claims.select(
        "claim_key",
        lost_cents=lost["risk_cents"],
        audit_cents=either["risk_cents"] - lost["risk_cents"],
    )


def _rule_money(chunk: Chunk) -> pl.DataFrame:
    """For each rule that found something: its findings, its claims and what hangs on it alone."""
    parts = []
    for (rule,), findings in chunk.findings.partition_by("rule", as_dict=True).items():
        claims = chunk.claims.join(findings, on="claim_key", how="semi", maintain_order="left")
        money = _money(claims, findings)
        parts.append(
            pl.DataFrame(
                {
                    "rule": [rule],
                    "outcome": [findings["outcome"].mode(maintain_order=True)[0]],
                    "findings": [len(findings)],
                    "claims": [len(claims)],
                    "found": [len(claims)],
                    "lost_cents": [money["lost_cents"].sum()],
                    "audit_cents": [money["audit_cents"].sum()],
                },
                schema=_RULE_MONEY,
            )
        )
    return pl.concat(parts) if parts else pl.DataFrame(schema=_RULE_MONEY)


def _by(told: pl.DataFrame, side: str) -> pl.DataFrame:
    totals = told.group_by(side, maintain_order=True).agg(
        claims=pl.len().cast(pl.Int64),
        found=pl.col("found").sum().cast(pl.Int64),
        lost_cents=pl.col("lost_cents").sum(),
        audit_cents=pl.col("audit_cents").sum(),
    )
    return _most(totals)


def _most(totals: pl.DataFrame) -> pl.DataFrame:
    return totals.sort("lost_cents", "audit_cents", "found", descending=True, maintain_order=True)
