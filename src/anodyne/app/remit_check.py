"""Whether remittances add up, what of them could be posted, and where its cents would then stand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from anodyne.app.home import data_home
from anodyne.app.remit_books import Books, Sent
from anodyne.app.remit_read import Progress, RemitsRead, read_files
from anodyne.app.shelf import Shelf
from anodyne.ledger.accounts import Account
from anodyne.ledger.posting import PROVIDER, unversioned, versions, with_versions
from anodyne.ledger.reports import trial_balance
from anodyne.ledger.transfers import settled
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
    with Shelf() as shelf:
        read = read_files(paths, progress=progress, shelf=shelf)
        return checked(read, Books(read, Sent(shelf)), reference=reference)


def checked(read: RemitsRead, books: Books, *, reference: Reference | None = None) -> RemitsChecked:
    """What holds of what was `read`, which is that of the `books`."""
    reference = load(data_home()) if reference is None else reference
    shelf = read.said.shelf
    sound = read.payments.join(read.balanced.filter("balanced"), on="payment_key", how="semi")
    said, posting = [], [sound.select("payment_key").clear()]
    for book in range(books.number):
        made = unversioned(books.remittance(book), sound, reference=reference)
        said.append(made.select("payment_key", "entry").unique())
        first = pl.col("payment_key") == pl.col("payment_key").min().over("entry")
        made = made.filter(first)
        posting.append(made.select("payment_key").unique())
        shelf.put("postings", book, made)
    known = versions(sound, pl.concat(said))
    several = known.join(pl.concat(posting).unique(), on="payment_key", how="semi").filter(
        pl.col("payment").is_not_null() & (pl.col("version").n_unique().over("payment") > 1)
    )
    taken, sums = [], []
    for book in range(books.number):
        made = with_versions(shelf.take("postings", book), known)
        shelf.clear("postings", book)
        made = made.filter(~pl.col("version").is_in(several["version"].implode()))
        rows = settled(made.drop("payment_key"))
        taken.append(_taken(made, rows))
        sums.append(rows.group_by("account").agg(pl.col("cents").sum()))
    return RemitsChecked(
        read=read,
        payments=_payments(read, known, several),
        broken=_broken(read),
        taken=pl.concat(taken).sort("payment_key", maintain_order=True),
        accounts=trial_balance(pl.concat(sums)),
    )


def _payments(read: RemitsRead, versions: pl.DataFrame, several: pl.DataFrame) -> pl.DataFrame:
    two = pl.col("said").is_in(several["version"].implode())
    versions = versions.select("payment_key", said="version").with_columns(
        two=two, first_key=pl.col("payment_key").min().over("said")
    )
    files = read.payments.select(first_key="payment_key", first_file="file")
    claims = read.said.frame("remits", columns=["payment_key"]).group_by("payment_key").agg(claims=pl.len())
    must = read.counts.group_by("payment_key").agg(compared=pl.col("must").any())
    rows = read.payments
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
    files = read.payments.select("payment_key", "file")
    return (
        read.identities.filter(~pl.col("holds"))
        .join(files, on="payment_key", how="left", maintain_order="left")
        .with_columns(difference_cents=pl.col("left_cents") - pl.col("right_cents"))
    )


def _taken(made: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """What payers took or gave beside claims, with the account and the claim."""
    keys = made.select("entry", "payment_key").unique("entry", keep="first", maintain_order=True)
    return (
        rows.filter(pl.col("kind") == PROVIDER, pl.col("account") != Account.CASH.value)
        .join(keys, on="entry", maintain_order="left")
        .select("payment_key", "reason", "reference", "cents", "account", "claim")
        .sort("payment_key", maintain_order=True)
    )
