"""Whether remittances add up, what of them could be posted, and where its cents would then stand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from anodyne.app.home import data_home
from anodyne.app.remit_read import Progress, RemitsRead, read_files
from anodyne.ledger.accounts import Account
from anodyne.ledger.posting import POSTINGS, PROVIDER, Ledger, by_payment, once, post
from anodyne.ledger.reports import trial_balance
from anodyne.ledger.transfers import settled
from anodyne.model.frames import empty
from anodyne.reference.tables import Reference, load


class Posting(StrEnum):
    """What becomes of a payment."""

    POSTS = "posts"
    HELD = "held"
    """It does not add up: nothing of it is posted."""
    COPY = "copy"
    """Another file told it already: it counts once."""
    VERSIONS = "versions"
    """Two of one trace, day and amount say different things: neither is posted until a person says which."""
    EMPTY = "empty"
    """It tells nothing to post: dollars sent apart from their data, a notice of nothing, estimates."""


@dataclass(frozen=True, slots=True)
class RemitsChecked:
    """What was read, and what of it holds."""

    read: RemitsRead = field(repr=False)
    payments: pl.DataFrame = field(repr=False)
    """One row a payment: its columns, `balanced`, `claims`, `posting` (a value of Posting), and of a copy
    `first_file`, the file that told it first."""
    counts: pl.DataFrame = field(repr=False)
    """One row an identity of a payment: `payment_key`, `name`, `must`, how often it `holds` and `fails`."""
    broken: pl.DataFrame = field(repr=False)
    """One row an identity that does not hold: its columns, `difference_cents`, and where it is (`claim`,
    `line`, `segment`)."""
    taken: pl.DataFrame = field(repr=False)
    """One row an adjustment of the provider that posts: `payment_key`, `reason`, `reference`, `cents`, the
    `account` and, where the reference tells it, the `claim`."""
    accounts: pl.DataFrame = field(repr=False)
    """Where the cents of all that posts stand: `account`, `debit_cents`, `credit_cents`."""

    @property
    def all_hold(self) -> bool:
        """Whether every payment adds up, and none comes in two versions."""
        return not self.payments["posting"].is_in([Posting.HELD.value, Posting.VERSIONS.value]).any()


def check_files(
    paths: Sequence[str], *, reference: Reference | None = None, progress: Progress | None = None
) -> RemitsChecked:
    """What holds of the 835 files at `paths`, read as `read_files` does."""
    return checked(read_files(paths, progress=progress), reference=reference)


def checked(read: RemitsRead, *, reference: Reference | None = None) -> RemitsChecked:
    """What holds of what was `read`."""
    reference = load(data_home()) if reference is None else reference
    told = read.remittance
    made = by_payment(told, reference=reference)
    ledger = post(empty(POSTINGS), once(made))
    rows = settled(ledger.entries)
    found = read.identities
    sums = [pl.col("holds").sum().alias("holds"), (~pl.col("holds")).sum().alias("fails")]
    return RemitsChecked(
        read=read,
        payments=_payments(read, made, ledger),
        counts=found.group_by("payment_key", "name", "must", maintain_order=True).agg(sums),
        broken=_broken(read),
        taken=_taken(made, rows),
        accounts=trial_balance(rows),
    )


def _payments(read: RemitsRead, made: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    told = read.remittance
    versions = made.select("payment_key", said="version").unique("payment_key", maintain_order=True)
    two = pl.col("said").is_in(ledger.held["version"].implode())
    versions = versions.with_columns(two=two, first_key=pl.col("payment_key").min().over("said"))
    files = told.payments.select(first_key="payment_key", first_file="file")
    claims = told.remits.group_by("payment_key").agg(claims=pl.len())
    must = read.identities.group_by("payment_key").agg(compared=pl.col("must").any())
    rows = told.payments
    for more in (read.balanced, must, claims, versions):
        rows = rows.join(more, on="payment_key", how="left", maintain_order="left")
    copy = pl.col("first_key") < pl.col("payment_key")
    posting = (
        pl.when(~pl.col("balanced") & pl.col("compared"))
        .then(pl.lit(Posting.HELD.value))
        .when(pl.col("said").is_null())
        .then(pl.lit(Posting.EMPTY.value))
        .when("two")
        .then(pl.lit(Posting.VERSIONS.value))
        .when(copy)
        .then(pl.lit(Posting.COPY.value))
        .otherwise(pl.lit(Posting.POSTS.value))
    )
    return (
        rows.join(files, on="first_key", how="left", maintain_order="left")
        .with_columns(pl.col("claims").fill_null(0), pl.when(copy).then("first_file"), posting=posting)
        .drop("said", "first_key", "two", "compared")
    )


def _broken(read: RemitsRead) -> pl.DataFrame:
    """The identities that do not hold, each with its place."""
    told = read.remittance
    places = (
        (told.payments.select("payment_key", "file", of_payment="segment"), "payment_key"),
        (told.remits.select("remit_key", claim="claim_id", of_claim="segment"), "remit_key"),
        (told.lines.select("remit_line_key", "line", of_line="segment"), "remit_line_key"),
    )
    rows = read.identities.filter(~pl.col("holds"))
    for more, key in places:
        rows = rows.join(more, on=key, how="left", maintain_order="left")
    return rows.with_columns(
        segment=pl.coalesce("of_line", "of_claim", "of_payment"),
        difference_cents=pl.col("left_cents") - pl.col("right_cents"),
    ).drop("of_line", "of_claim", "of_payment")


def _taken(made: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """What payers took or gave beside claims, with the account and the claim."""
    keys = made.select("entry", "payment_key").unique("entry", keep="first", maintain_order=True)
    return (
        rows.filter(pl.col("kind") == PROVIDER, pl.col("account") != Account.CASH.value)
        .join(keys, on="entry", maintain_order="left")
        .select("payment_key", "reason", "reference", "cents", "account", "claim")
        .sort("payment_key", maintain_order=True)
    )
