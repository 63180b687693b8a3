"""What the practice itself enters: the claims it sent, and what a person decided."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

import polars as pl

from anodyne.ledger.accounts import Account
from anodyne.ledger.posting import hashed, identity, whole

SUBMISSION: Final = "submission"
DECISION: Final = "decision"
_VOID: Final = "8"
_DECIDED: Final = frozenset(Account) - {Account.PATIENT, Account.CONTRACTUAL, Account.CASH, Account.INTEREST}
"""Where a person may move cents from and to: the rest only a remittance or a payment may change."""


def submissions(claims: pl.DataFrame, lines: pl.DataFrame, *, on: dt.date) -> pl.DataFrame:
    """The postings of `claims` sent `on` that day: each charge waits for its payer.

    A void (CLM05-3 8) charges nothing.  A claim that says the same as another is the same, whichever file it
    is in.
    """
    days = lines.group_by("claim_key").agg(pl.col("served_on").min())
    sent = claims.join(days, on="claim_key", how="left", maintain_order="left").filter(
        (pl.col("frequency") != _VOID).fill_null(value=True), pl.col("charge_cents") != 0
    )
    said = ("payer_id", "claim_id", "served_on", "charge_cents", "frequency", "original_ref")
    sent = sent.with_columns(entry=identity([pl.lit(SUBMISSION), *map(pl.col, said)]))
    sent = sent.with_columns(hashed(sent["entry"])).unique("entry", keep="first", maintain_order=True)
    shared = (
        "entry",
        pl.lit(SUBMISSION).alias("kind"),
        pl.lit(on).alias("day"),
        pl.coalesce("payer_id", "payer_name").alias("payer"),
        pl.col("claim_id").alias("claim"),
        "served_on",
        "charge_cents",
    )
    sides = [
        sent.select(*shared, account=pl.lit(account.value), cents=sign * pl.col("charge_cents"))
        for account, sign in ((Account.RECEIVABLE, 1), (Account.CHARGES, -1))
    ]
    return whole(pl.concat(sides))


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about cents of one claim: they go from one account to another."""

    claim: str
    served_on: dt.date | None
    charge_cents: int
    """Of the claim, as it was charged."""
    source: Account
    target: Account
    cents: int
    day: dt.date
    why: str
    """Who decided, and for what reason."""

    def __post_init__(self) -> None:
        if self.cents <= 0:
            raise ValueError(f"a decision moves cents, not {self.cents}")
        if not {self.source, self.target} <= _DECIDED:
            raise ValueError(
                f"no person moves cents from {self.source} to {self.target}: a payer must say it"
            )
        if not self.why:
            raise ValueError("a decision needs a reason")

    def entry(self) -> pl.DataFrame:
        """Its two postings."""
        about = {
            "kind": DECISION,
            "day": self.day,
            "claim": self.claim,
            "served_on": self.served_on,
            "charge_cents": self.charge_cents,
            "why": self.why,
        }
        rows = pl.DataFrame(
            [
                {**about, "account": self.source.value, "cents": -self.cents},
                {**about, "account": self.target.value, "cents": self.cents},
            ],
            schema_overrides={"served_on": pl.Date, "day": pl.Date},
        )
        said = (*about, "account", "cents")
        text = rows.select(identity([pl.col(name) for name in said]).alias("entry"))["entry"]
        name = hashed(pl.Series("entry", ["".join(text)]))[0]
        return whole(rows.with_columns(entry=pl.lit(name)))
