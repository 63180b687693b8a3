"""Remittances to entries: a pure function of what they say.

An entry's identity is a hash of its content, whatever file it came in, so that posting it twice changes
nothing.  The postings of an entry cancel: a claim's brings its charge and says where every cent of it went; a
reversal's takes both back; an adjustment of the provider moves cash from one payment to another.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

import polars as pl

from anodyne.ledger.accounts import Account, placed
from anodyne.ledger.balance import REVERSAL, balanced, identities
from anodyne.model.frames import Schema, checked
from anodyne.model.remittance import Remittance
from anodyne.reference.tables import Reference, in_force

POSTINGS: Final[Schema] = {
    "entry": pl.String,  # one row is one posting of this entry
    "kind": pl.String,  # adjudication, reversal, provider, submission, decision or transfer
    "day": pl.Date,  # BPR16, else DTM*405; null counts on every day
    "account": pl.String,  # a value of Account
    "cents": pl.Int64,  # a debit is more than 0
    "payer": pl.String,  # its id, else TRN03, else its name
    "trace": pl.String,  # TRN02
    "payment": pl.String,  # the same for every entry of a payment; null where it moved no money
    "version": pl.String,  # of the payment: a hash of all that it says
    "claim": pl.String,  # CLP01
    "payer_control": pl.String,  # CLP07
    "served_on": pl.Date,  # the first day of service
    "charge_cents": pl.Int64,  # of the claim; less than 0 in a reversal
    "services": pl.String,  # codes of its lines in order, as submitted where that is told
    "group": pl.String,  # CAS01
    "reason": pl.String,  # the CARC, or PLB03-1
    "reference": pl.String,  # PLB03-2
    "why": pl.String,  # of a decision, what was decided; of a transfer, what it follows from
}
ADJUDICATION: Final = "adjudication"
REVERSED: Final = "reversal"
PROVIDER: Final = "provider"
_ESTIMATE: Final = "25"
"""CLP02 where no claim was adjudicated: what would be paid."""
_PAYER: Final = ("payer_id", "payer_trace_id", "payer_name")
_BETWEEN: Final = "\x1f"
_ABSENT: Final = "\x1e"
_ROW: Final = "\x1d"
_BYTES: Final = 16
_MODIFIERS: Final = ("mod1", "mod2", "mod3", "mod4")


@dataclass(frozen=True, slots=True)
class Ledger:
    """All that was posted, and the payments that were not because they come in two versions."""

    entries: pl.DataFrame = field(repr=False)
    held: pl.DataFrame = field(repr=False)
    """One row a version: `payer`, `trace`, `day`, `payment`, `version`."""


def entries(told: Remittance, *, reference: Reference) -> pl.DataFrame:
    """The postings of every payment that balances, in the columns of POSTINGS; of another there are none.

    The same content is there once, in however many files it stands; within one payment, copies are told
    apart by their number.  Nothing is posted of an estimate (CLP02 25).
    """
    return once(by_payment(told, reference=reference))


def once(made: pl.DataFrame) -> pl.DataFrame:
    """The postings that `by_payment` made, each entry as the first payment that has it tells it."""
    first = pl.col("payment_key") == pl.col("payment_key").min().over("entry")
    return whole(made.filter(first))


def by_payment(told: Remittance, *, reference: Reference) -> pl.DataFrame:
    """What `entries` gives, with the `payment_key` of each posting, and copies in other files as well."""
    found = identities(told.payments, told.remits, told.lines, told.adjustments, told.provider_adjustments)
    sound = told.payments.join(balanced(found).filter("balanced"), on="payment_key", how="semi")
    made = unversioned(told, sound, reference=reference)
    return with_versions(made, versions(sound, made))


def unversioned(told: Remittance, sound: pl.DataFrame, *, reference: Reference) -> pl.DataFrame:
    """The postings of what was `told` in the payments `sound`, with their `payment_key`.

    What is told of the payments may be a part: all their claims of one id, and all or none of what is told
    beside claims.  Whether a payment comes in several versions shows only when all is known of it.
    """
    about = _about(sound)
    heads = _heads(about, told.remits, told.lines, told.adjustments)
    kinds = [
        _of_claims(heads, told.adjustments, told.remarks, reference),
        _of_provider(about, told.provider_adjustments, reference),
    ]
    made = pl.concat(kinds, how="diagonal")
    return made.select("payment_key").hstack(whole(made))


def versions(sound: pl.DataFrame, made: pl.DataFrame) -> pl.DataFrame:
    """Of each of the payments `sound` its identity, which two versions of it share, and its `version`.

    `made` has each `entry` of all of them, with its `payment_key`.
    """
    all_said = (
        made.sort("entry")
        .group_by("payment_key")
        .agg(pl.col("entry").unique(maintain_order=True).str.join(_ROW))
    )
    rows = (
        _about(sound)
        .join(all_said, on="payment_key", maintain_order="left")
        .with_columns(payment=identity([pl.col(name) for name in ("payer", "trace", "day", "amount_cents")]))
    )
    rows = rows.with_columns(version=identity([pl.col("payment"), pl.col("entry")]))
    moved = (pl.col("amount_cents") != 0) & pl.col("trace").is_not_null()
    return rows.with_columns(hashed(rows["payment"]), hashed(rows["version"])).select(
        "payment_key", pl.when(moved).then("payment").alias("payment"), "version"
    )


def with_versions(made: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """`made`, as `unversioned` gives it, with the `versions` that are `known`."""
    rows = made.drop("payment", "version").join(known, on="payment_key", how="left", maintain_order="left")
    return rows.select("payment_key", *POSTINGS)


def post(ledger: pl.DataFrame, more: pl.DataFrame) -> Ledger:
    """`ledger` and those entries of `more` that are not in it.

    A payment of which `ledger` has another version, or `more` has two, is not posted: a person says which
    of them holds.
    """
    fresh = more.join(ledger.select("entry").unique(), on="entry", how="anti", maintain_order="left")
    told = ["payer", "trace", "day", "payment", "version"]
    versions = (
        pl.concat([ledger.select(told), more.select(told)]).drop_nulls("payment").unique(maintain_order=True)
    )
    several = versions.filter(pl.col("version").n_unique().over("payment") > 1)
    held = several.join(fresh.select("version").unique(), on="version", how="semi", maintain_order="left")
    fresh = fresh.join(
        held.select("payment", "version"), on=["payment", "version"], how="anti", maintain_order="left"
    )
    return Ledger(pl.concat([ledger, fresh]), held)


def identity(parts: Sequence[pl.Expr]) -> pl.Expr:
    """A text that is the same for the same `parts`, and for no others."""
    return pl.concat_str([part.cast(pl.String).fill_null(_ABSENT) for part in parts], separator=_BETWEEN)


def hashed(texts: pl.Series) -> pl.Series:
    """A hash of each text, the same on every machine and in every version."""
    return pl.Series(
        texts.name,
        [blake2b(text.encode(), digest_size=_BYTES).hexdigest() for text in texts],
        pl.String,
    )


def _about(sound: pl.DataFrame) -> pl.DataFrame:
    """What is told of payments as a whole."""
    return sound.select(
        "payment_key",
        pl.coalesce("paid_on", "produced_on").alias("day"),
        pl.coalesce(_PAYER).alias("payer"),
        "trace",
        "amount_cents",
    )


def _of_claims(
    heads: pl.DataFrame, adjustments: pl.DataFrame, remarks: pl.DataFrame, reference: Reference
) -> pl.DataFrame:
    """The postings of the claims that `heads` tells of: their charge, what was paid, each adjustment."""
    sums = (
        placed(heads, adjustments.join(heads, on="remit_key", how="semi"), remarks, reference)
        .group_by("remit_key", "account", "group", "reason", maintain_order=True)
        .agg(pl.col("cents").sum())
    )
    both = [
        heads.select("remit_key", account=pl.lit(account.value), cents=cents)
        for account, cents in (
            (Account.CHARGES, -pl.col("charge_cents")),
            (Account.CASH, pl.col("paid_cents")),
        )
    ]
    postings = pl.concat([*both, sums], how="diagonal").filter(pl.col("cents") != 0)
    return heads.join(postings, on="remit_key", maintain_order="left").drop("remit_key", "paid_cents")


def _heads(
    about: pl.DataFrame, remits: pl.DataFrame, lines: pl.DataFrame, adjustments: pl.DataFrame
) -> pl.DataFrame:
    """What the postings of each claim share; `entry` is made of all that is said of it."""
    said = identity(
        [pl.col(name) for name in ("code", *_MODIFIERS, "charge_cents", "paid_cents", "control_number")]
    )
    code = pl.concat_str(pl.coalesce("submitted_code", "code"), *_MODIFIERS, separator="-", ignore_nulls=True)
    of_lines = (
        lines.sort("remit_line_key")
        .group_by("remit_key")
        .agg(
            pl.col("served_on").min(),
            said.str.join(_ROW).alias("of_lines"),
            code.sort().str.join(" ").alias("services"),
        )
    )
    places = lines.select("remit_line_key", pl.col("line"))
    said = identity([pl.col(name) for name in ("line", "group", "reason", "cents")])
    of_adjustments = (
        adjustments.join(places, on="remit_line_key", how="left", maintain_order="left")
        .sort("segment", "place")
        .group_by("remit_key")
        .agg(said.str.join(_ROW).alias("of_adjustments"))
    )
    rows = (
        remits.join(about, on="payment_key", maintain_order="left")
        .filter((pl.col("status") != _ESTIMATE).fill_null(value=True) | (pl.col("paid_cents") != 0))
        .join(of_lines, on="remit_key", how="left", maintain_order="left")
        .join(of_adjustments, on="remit_key", how="left", maintain_order="left")
    )
    content = (
        "payer",
        "trace",
        "day",
        "claim_id",
        "payer_control",
        "status",
        "charge_cents",
        "paid_cents",
        "of_lines",
        "of_adjustments",
    )
    taken_back = (pl.col("status") == REVERSAL).fill_null(value=False) | (pl.col("charge_cents") < 0)
    return _numbered(rows, content).select(
        "payment_key",
        "remit_key",
        "entry",
        pl.when(taken_back).then(pl.lit(REVERSED)).otherwise(pl.lit(ADJUDICATION)).alias("kind"),
        "day",
        "payer",
        "trace",
        pl.col("claim_id").alias("claim"),
        "payer_control",
        pl.coalesce("served_on", "statement_from").alias("served_on"),
        "charge_cents",
        "services",
        "paid_cents",
    )


def _of_provider(
    about: pl.DataFrame, provider_adjustments: pl.DataFrame, reference: Reference
) -> pl.DataFrame:
    """PLB: what more than 0 takes from the payment goes from cash to the account of its reason."""
    rows = provider_adjustments.join(about, on="payment_key", maintain_order="left").sort("segment", "place")
    rows = in_force(rows, reference, "provider_adjustment_accounts", on="day")
    rows = _numbered(rows, ("payer", "trace", "day", "provider", "reason", "reference", "cents"))
    rows = rows.with_columns(
        account=pl.coalesce("account", pl.lit(Account.SUSPENSE.value)), kind=pl.lit(PROVIDER)
    )
    shared = ("payment_key", "entry", "kind", "day", "payer", "trace", "reason", "reference")
    cash = rows.select(*shared, account=pl.lit(Account.CASH.value), cents=-pl.col("cents"))
    return pl.concat([cash, rows.select(*shared, "account", "cents")]).filter(pl.col("cents") != 0)


def _numbered(rows: pl.DataFrame, content: Sequence[str]) -> pl.DataFrame:
    """`rows` with the `entry` of each: a hash of its `content` and of how many like it stand before it."""
    rows = rows.with_columns(content=identity([pl.col(name) for name in content]))
    number = pl.int_range(pl.len()).over("payment_key", "content")
    rows = rows.with_columns(content=identity([pl.col("content"), number]))
    return rows.with_columns(hashed(rows["content"]).alias("entry")).drop("content")


def whole(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with every column of POSTINGS, null where they have none."""
    absent = [pl.lit(None, kind).alias(name) for name, kind in POSTINGS.items() if name not in rows.columns]
    return checked(rows.with_columns(absent).select(*POSTINGS), POSTINGS)
