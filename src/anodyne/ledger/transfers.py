"""What follows from several remittances of one claim: transfers, made anew from all that was posted.

Each entry brings the whole charge, for that is what each remittance accounts for (X12 RFI 2143).  Where a
claim is told of more than once its charge counts once, and what the others brought is taken from where its
cents no longer stand:

- a claim that was sent and is answered: from the receivable;
- a claim that was sent again: from the denial that it answers, else it was a copy;
- the same payer again: from what it denied or left to the patient before, and no longer does;
- another payer: from what it says that others account for (OA-23), and from what those before it in turn
  denied or left to the patient.

What is in none of them is in excess.  Claims of one id, first day and charge are one claim, unless one payer
accepted two with other services: it would have taken the first back.

A reversal takes back what its original placed, also where it names other groups (CR, as before 5010).
Transfers are dated: those up to a day follow from the entries up to it.  They depend on what was posted, and
not on the order in which it was.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from anodyne.ledger.accounts import Account
from anodyne.ledger.posting import ADJUDICATION, PROVIDER, REVERSED, hashed, identity, whole
from anodyne.ledger.practice import SUBMISSION

Cents = npt.NDArray[np.int64]
TRANSFER: Final = "transfer"
_TOLD: Final = (ADJUDICATION, REVERSED)
_RECEIVABLE, _DENIED, _GIVEN_UP = Account.RECEIVABLE.value, Account.DENIED.value, Account.WRITTEN_OFF.value
_PATIENT, _OTHER, _EXCESS = Account.PATIENT.value, Account.OTHER_PAYER.value, Account.EXCESS.value
_TOLD_AGAIN: Final = "told_again"
_TOLD_BY_OTHER: Final = "told_by_other"
_STEPS: Final = (
    ("answered", (_RECEIVABLE,)),
    ("sent_again", (_DENIED, _RECEIVABLE)),
    (_TOLD_AGAIN, (_DENIED, _GIVEN_UP, _PATIENT, _OTHER)),
    (_TOLD_BY_OTHER, (_OTHER, _PATIENT, _DENIED, _GIVEN_UP)),
)
"""Why a charge was brought again, and from where it is taken, in this order."""
_SOURCES: Final = (_RECEIVABLE, _DENIED, _GIVEN_UP, _PATIENT, _OTHER)
_LEFT: Final = (_DENIED, _PATIENT, _OTHER)
"""What a payer leaves open."""
_COUNTS_ONCE: Final = "the claim is told of again, and its charge counts once"
_AS_ORIGINAL: Final = "a reversal takes back what its original placed"
_SHORTEST: Final = 4
"""How long a part of a reference must be to be taken for a claim's number."""
_ABOUT: Final = ("claim", "served_on", "size")


def settled(entries: pl.DataFrame) -> pl.DataFrame:
    """`entries` and the transfers that follow from them; adjustments of the provider name their claim."""
    rows = traced(_with_days(entries)).with_columns(size=pl.col("charge_cents").abs())
    known = pl.col("claim").is_not_null() & (pl.col("size") > 0)
    rows = rows.with_columns(case=pl.when(known).then(identity([pl.col(name) for name in _ABOUT])))
    rows = _counted(_told_apart(rows), "case", "payer")
    rows = pl.concat([rows, _restored(rows)], how="diagonal")
    rows = pl.concat([rows, _counted_once(rows)], how="diagonal")
    return whole(rows.drop("payer").rename({"payer_told": "payer"}))


def _counted(rows: pl.DataFrame, *names: str) -> pl.DataFrame:
    """`rows` with numbers in the columns `names`, by which they join faster, and their texts in `…_told`."""
    for name in names:
        texts = rows.select(name).drop_nulls().unique().sort(name).with_row_index("number")
        rows = rows.join(texts, on=name, how="left", maintain_order="left")
        rows = rows.rename({name: f"{name}_told", "number": name})
    return rows


def traced(entries: pl.DataFrame) -> pl.DataFrame:
    """`entries`, with the claim of each adjustment of the provider whose reference tells it (PLB03-2).

    The reference is, or holds, the payer's number of one of its claims, or else the practice's.  Where it
    fits several claims it tells none.
    """
    mine = pl.col("kind") == PROVIDER
    parts = (
        entries.filter(mine)
        .unique("entry", maintain_order=True)
        .drop_nulls("reference")
        .select("entry", "payer", part=named_numbers())
        .explode("part")
        .drop_nulls("part")
        .unique(maintain_order=True)
    )
    told = entries.filter(pl.col("kind").is_in(_TOLD)).select(
        "payer", "payer_control", "claim", "served_on", pl.col("charge_cents").abs()
    )
    fits = (
        parts.join(told.unique().with_columns(part=number), on=["payer", "part"], nulls_equal=True)
        for number in ("payer_control", "claim")
    )
    found = pl.concat(map(_only, fits)).unique("entry", keep="first", maintain_order=True)
    rows = entries.join(found, on="entry", how="left", maintain_order="left", suffix="_found")
    names = [name for name in found.columns if name != "entry"]
    named = [pl.when(mine).then(f"{name}_found").otherwise(name).alias(name) for name in names]
    return rows.with_columns(named).select(entries.columns)


def named_numbers() -> pl.Expr:
    """`reference`, and what stands in it between blanks or other signs and is long enough for a number."""
    words = pl.col("reference").str.extract_all(r"\S+")
    words = words.list.concat(pl.col("reference").str.extract_all(r"[0-9A-Za-z]+"))
    words = words.list.eval(pl.element().filter(pl.element().str.len_chars() >= _SHORTEST))
    return pl.concat_list("reference", words)


def _only(fits: pl.DataFrame) -> pl.DataFrame:
    """Of each entry the claim that fits, where it is but one, and what its remittances agree on."""
    names = ("payer_control", "served_on", "charge_cents")
    same = [pl.when(pl.col(name).n_unique() == 1).then(pl.col(name).first()).alias(name) for name in names]
    one = fits.group_by("entry", maintain_order=True).agg(
        pl.col("claim").first(), *same, pl.col("claim").n_unique().alias("claims")
    )
    return one.filter(pl.col("claims") == 1).drop("claims")


def _with_days(entries: pl.DataFrame) -> pl.DataFrame:
    """`entries`, where no day of service is told with that of the claim's others, if it is but one."""
    days = entries.drop_nulls(["claim", "served_on"]).group_by("claim").agg(pl.col("served_on").unique())
    days = days.filter(pl.col("served_on").list.len() == 1).explode("served_on")
    rows = entries.join(days, on="claim", how="left", maintain_order="left", suffix="_found")
    return rows.with_columns(pl.coalesce("served_on", "served_on_found")).select(entries.columns)


def _told_apart(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows`, where a payer accepted two claims of a case, whose services differ, with a case for each."""
    places = (Account.DENIED.value, Account.CHARGES.value)
    accepted = rows.filter(pl.col("kind") == ADJUDICATION, ~pl.col("account").is_in(places))
    several = (
        accepted.drop_nulls(["case", "services"])
        .group_by("case", "payer")
        .agg(pl.col("services").n_unique())
        .filter(pl.col("services") > 1)
    )
    apart = pl.col("case").is_in(several["case"].implode())
    return rows.with_columns(
        case=pl.when(apart).then(identity([pl.col("case"), pl.col("services")])).otherwise("case")
    )


def _heads(rows: pl.DataFrame, kinds: tuple[str, ...]) -> pl.DataFrame:
    """One row an entry of a claim: whose word it is, and whether it brings the charge or takes it back."""
    return (
        rows.filter(pl.col("kind").is_in(kinds), pl.col("case").is_not_null())
        .group_by("entry", "case")
        .agg(
            pl.col("payer", "payer_told", "payer_control", "day", "kind").first(),
            pl.col("charge_cents").first().sign().alias("sign"),
            pl.col("cents").filter(account=Account.CASH.value).sum().abs().alias("paid"),
            (pl.col("cents").filter(account=_DENIED).sum() != pl.col("charge_cents").first()).alias(
                "accepted"
            ),
            *_sums(_LEFT),
        )
        .sort("case", "day", "entry", nulls_last=False)
    )


def _restored(rows: pl.DataFrame) -> pl.DataFrame:
    """What reversals leave, account by account, of an original with the same amounts."""
    heads = _heads(rows, _TOLD)
    pairs = _pairs(heads, "payer_control")
    rest = heads.join(pairs, on="entry", how="anti", maintain_order="left")
    left = (
        rows.select("entry", "account", "cents")
        .join(pl.concat([pairs, _pairs(rest)]), on="entry")
        .group_by("pair", "case", "payer", "payer_told", "day", "account")
        .agg(-pl.col("cents").sum())
    )
    return _transfers(left.with_columns(said="pair"), rows, _AS_ORIGINAL)


def _pairs(heads: pl.DataFrame, *also: str) -> pl.DataFrame:
    """Each original of `heads` and its reversal: of one payer, case and amount, in the order of days."""
    same = ("case", "payer", "paid", *also)
    heads = heads.with_columns(number=pl.int_range(pl.len()).over(*same, "sign"))
    both = heads.filter(pl.len().over(*same, "number") > 1)
    said = ("payer_told", "paid", *also, "number")
    return both.select(
        "entry",
        "case",
        "payer",
        "payer_told",
        pl.col("day").max().over(*same, "number"),
        pair=identity([pl.lit(len(also)), *map(pl.col, said)]),
    )


def _counted_once(rows: pl.DataFrame) -> pl.DataFrame:
    """What the further entries of a claim brought beyond its charge, day by day."""
    heads = _heads(rows, (*_TOLD, SUBMISSION))
    heads = heads.filter(pl.len().over("case") > 1)
    days = _taken(_day_by_day(rows, heads))
    accounts = (*_SOURCES, _EXCESS)
    since = [
        -pl.col(name).diff(null_behavior="ignore").fill_null(pl.col(name)).over("case") for name in accounts
    ]
    daily = days.select("case", "day", *since)
    charges = -pl.sum_horizontal(accounts)
    moved = daily.with_columns(charges.alias(Account.CHARGES.value)).unpivot(
        index=["case", "day"], variable_name="account", value_name="cents"
    )
    return _transfers(moved.with_columns(said=pl.lit("")), rows, _COUNTS_ONCE)


def _day_by_day(rows: pl.DataFrame, heads: pl.DataFrame) -> pl.DataFrame:
    """Of each case and day: what each account has by then, and what was brought again, by why it was."""
    days = (
        rows.join(heads.select("case").unique(), on="case", how="semi")
        .group_by("case", "day")
        .agg(pl.col("size").max(), *_sums(_SOURCES))
        .sort("case", "day", nulls_last=False)
        .with_columns(pl.col(_SOURCES).cum_sum().over("case"))
    )
    sent = heads.filter(kind=SUBMISSION).group_by("case", "day").agg(sent=pl.col("sign").sum())
    by_payer = _payer_by_payer(days, rows, heads.filter(pl.col("kind") != SUBMISSION))
    for counts in (sent, _floors(by_payer)):
        days = days.join(counts, on=["case", "day"], how="left", nulls_equal=True, maintain_order="left")
    days = days.with_columns(
        pl.col("sent").fill_null(0).cum_sum().over("case"),
        pl.exclude("case", "day", "sent", "size", *_SOURCES).fill_null(0),
    )
    more = (pl.col("told") - 1).clip(0)
    answered = pl.min_horizontal("sent", pl.col("told").clip(0))
    other = pl.min_horizontal((pl.col("payers") - 1).clip(0), more)
    again = ((pl.col("sent") + pl.col("told") - 1).clip(0) - answered - more).clip(0)
    times = {"answered": answered, "sent_again": again, _TOLD_AGAIN: more - other, _TOLD_BY_OTHER: other}
    return days.with_columns((count * pl.col("size")).alias(name) for name, count in times.items())


def _payer_by_payer(days: pl.DataFrame, rows: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Of each case, day and payer how often it told the case by then (`told`), and what it leaves open.

    What it said last holds, but a denial of all says nothing of a claim that it accepted: that was a copy.
    """
    key, of_payer = ["case", "payer", "day"], ("case", "payer")
    sums = rows.filter(pl.col("why").is_null() | (pl.col("why") == _AS_ORIGINAL))
    sums = sums.join(told.select(of_payer).unique(), on=of_payer, how="semi", nulls_equal=True)
    sums = sums.group_by(key).agg(_sums(_LEFT))
    brought = told.filter(pl.col("sign") > 0).sort(*key, "entry", nulls_last=False)
    last = [
        pl.coalesce(pl.when("accepted").then(name).forward_fill().over(of_payer), name).alias(f"{name}_last")
        for name in ("accepted", *_LEFT)
    ]
    brought = brought.select(*key, *last, said_on="day").unique(key, keep="last", maintain_order=True)
    found = days.select("case", "day").join(told.select(of_payer).unique(), on="case", maintain_order="left")
    for more in (told.group_by(key).agg(told=pl.col("sign").sum()), sums, brought):
        found = found.join(more, on=key, how="left", nulls_equal=True, maintain_order="left")
    found = found.with_columns(
        pl.col("told", *_LEFT).fill_null(0).cum_sum().over(of_payer),
        pl.col("said_on", *(f"{name}_last" for name in ("accepted", *_LEFT))).forward_fill().over(of_payer),
    )
    once = pl.col("told") == 1
    return found.with_columns(
        pl.when(once).then(name).otherwise(f"{name}_last").alias(name) for name in _LEFT
    )


def _floors(by_payer: pl.DataFrame) -> pl.DataFrame:
    """Of each case and day what must be left, of what the payers said, whatever else is taken.

    Where a payer told it again: what each leaves open.  Where another did: what the last in turn leaves, who
    is the one that says most is accounted for by others; and of that, what even the first of them says.
    """
    key = ("case", "day")
    stands = by_payer.filter(pl.col("told") > 0).sort(
        *key, "accepted_last", _OTHER, "said_on", "payer", nulls_last=False
    )
    last = [pl.col(name).last().alias(f"{name}_{_TOLD_BY_OTHER}") for name in (_DENIED, _PATIENT)]
    counts = by_payer.group_by(key).agg(pl.col("told").sum())
    floors = stands.group_by(key).agg(
        pl.len().cast(pl.Int64).alias("payers"),
        *(pl.col(name).sum().alias(f"{name}_{_TOLD_AGAIN}") for name in _LEFT),
        *last,
        pl.col(_OTHER).min().alias(f"{_OTHER}_{_TOLD_BY_OTHER}"),
    )
    return counts.join(floors, on=key, how="left", nulls_equal=True)


def _sums(accounts: tuple[str, ...]) -> list[pl.Expr]:
    return [pl.col("cents").filter(account=name).sum().alias(name) for name in accounts]


def _taken(days: pl.DataFrame) -> pl.DataFrame:
    """`days` with what is taken of each account up to then, in place of what it has."""
    has = {name: days[name].to_numpy().clip(0) for name in _SOURCES}
    taken = {name: np.zeros(len(days), np.int64) for name in (*_SOURCES, _EXCESS)}
    for step, sources in _STEPS:
        need = days[step].to_numpy().copy()
        for name in sources:
            part = np.minimum(need, has[name])
            if step in {_TOLD_AGAIN, _TOLD_BY_OTHER}:
                part = np.minimum(part, _above_floor(days, has, step, name))
            has[name] = has[name] - part
            taken[name] += part
            need -= part
        taken[_EXCESS] += need
    return days.with_columns(pl.Series(name, values) for name, values in taken.items())


def _above_floor(days: pl.DataFrame, has: Mapping[str, Cents], step: str, name: str) -> Cents:
    """What may be taken of the account `name`; a denial that was written off counts as denied."""
    denial = name in {_DENIED, _GIVEN_UP}
    held = has[_DENIED] + has[_GIVEN_UP] if denial else has[name]
    above: Cents = held - days[f"{_DENIED if denial else name}_{step}"].to_numpy()
    return above.clip(0)


def _transfers(moved: pl.DataFrame, rows: pl.DataFrame, why: str) -> pl.DataFrame:
    """`moved` (`case`, `day`, `account`, `cents`, and what was `said`) as postings that tell `why`."""
    about = rows.drop_nulls("case").select("case", "case_told", *_ABOUT).unique("case")
    moved = moved.filter(pl.col("cents") != 0).join(about, on="case", maintain_order="left")
    said = identity([pl.lit(why), *(pl.col(name) for name in ("case_told", "said", "day"))])
    moved = moved.with_columns(entry=said, kind=pl.lit(TRANSFER), why=pl.lit(why), charge_cents="size")
    return moved.with_columns(hashed(moved["entry"])).select(
        name for name in rows.columns if name in moved.columns or name == "why"
    )
