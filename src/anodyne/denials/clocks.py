"""Until when something may be asked, and how that was counted."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.model.denials import ROUTE_WORDS, Action, Route
from anodyne.reference.tables import Reference, shape_of

_APPEAL, _DISPUTE, _RECORDS = Route.APPEAL.value, Route.DISPUTE.value, Route.RECORDS.value
_LATE: Final = Route.LATE_RECORDS.value
_MEDICARE: Final = "medicare"
_ROUTES: Final = {
    Action.APPEAL.value: _APPEAL,
    Action.DISPUTE_UNDERPAYMENT.value: _DISPUTE,
    Action.REOPEN.value: Route.REOPEN.value,
    Action.SEND_NEW_CLAIM.value: Route.NEW_CLAIM.value,
    Action.CORRECT_AND_RESEND.value: Route.CORRECTED.value,
    Action.SEND_RECORDS.value: _RECORDS,
    Action.READ_REMARKS.value: _APPEAL,
}
"""What must be done by a day: by the time for an appeal too where nobody knows yet what is to be done."""
_FROM: Final = {
    "notice": ("noticed_on", "the remittance"),
    "decision": ("decided_on", "the decision"),
    "request": ("records_asked_on", "the request"),
    "service": ("served_on", "the service"),
}
"""By what a span counts: the column of its first day, and its name."""
_LIMITED_FROM: Final = {_RECORDS: "request", Route.NEW_CLAIM.value: "service"}
"""Routes whose span in a contract does not count from the remittance."""
_LAST: Final = 5
"""Of Medicare's levels of appeal."""
_NEEDED: Final = {
    "noticed_on": "remittance: the day it was made",
    "decided_on": "biller: the day of the decision before it",
    "records_asked_on": "biller: on what day did the payer ask for the records?",
    "served_on": "remittance: the day of service",
}


def with_deadlines(
    rows: pl.DataFrame, reference: Reference, limits: pl.DataFrame, as_of: dt.date
) -> pl.DataFrame:
    """`rows` with `route`, `level`, `level_title`, `deadline`, `clock`, `minimum_cents` and more `needs`.

    Of Original Medicare the law counts.  Of another payer only `limits` (columns of
    `frames.DENIAL_LIMITS`) can say: where they do not, there is no deadline and the contract is asked for.
    The amount in controversy is that of the year of `as_of`.
    """
    rows = _with_level(_with_route(rows, reference))
    keyed = rows.with_columns(level=pl.col("level").fill_null(1))
    by_law = _in_force(keyed, reference, "denial_levels", "noticed_on").rename({"title": "law_title"})
    rows = _with_limits(rows.hstack(by_law), limits)
    unnumbered = pl.col("route").eq(_APPEAL) & pl.col("level").is_null()
    rows = rows.with_columns(
        counts_from=pl.when(~unnumbered).then("counts_from"),
        level_title=pl.when(pl.col("route") == _APPEAL, ~unnumbered).then("law_title"),
    )
    rows = _counted(rows, reference)
    rows = rows.with_columns(as_of=pl.lit(as_of))
    rows = rows.hstack(_in_force(rows, reference, "denial_amounts", "as_of").rename({"cite": "amount_cite"}))
    law_cite = pl.when(pl.col("deadline").is_not_null() & ~pl.col("contracted")).then("cite")
    rows = rows.with_columns(cites=_joined("cites", law_cite, "amount_cite"))
    return rows.with_columns(needs=_joined("needs", *_needs(as_of)))


def _in_force(rows: pl.DataFrame, reference: Reference, table: str, day: str) -> pl.DataFrame:
    """For each of `rows` the values and source of the row of `table` in force on its `day`, or nulls."""
    shape = shape_of(table)
    numbered = rows.select(*(pl.col(name).cast(pl.String) for name in shape.key), pl.col(day).alias("day"))
    numbered = numbered.with_row_index("row")
    live = (pl.col("from") <= pl.col("day")) & (pl.col("until").is_null() | (pl.col("day") < pl.col("until")))
    found = numbered.join(reference.table(table), on=shape.key, how="inner").filter(live)
    told = found.select("row", *shape.values, "cite")
    return numbered.select("row").join(told, on="row", how="left", maintain_order="left").drop("row")


def _joined(name: str, *more: pl.Expr | str) -> pl.Expr:
    return pl.concat_list(name, *more).list.drop_nulls().list.unique(maintain_order=True)


def _with_route(rows: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """Add `route`; records that Medicare asked for are late once their days were over when it decided."""
    asked_for = rows.select("program", "noticed_on", route=pl.lit(_RECORDS), level=pl.lit("1"))
    within = _in_force(asked_for, reference, "denial_levels", "noticed_on")["days"]
    route = pl.col("action").replace_strict(_ROUTES, default=None, return_dtype=pl.String)
    closed = (pl.col("action") == Action.READ_REMARKS.value) & (pl.col("appealable") == "no")
    medicare = (pl.col("program") == _MEDICARE).fill_null(value=False)
    asked = pl.col("records_asked_on")
    spent = (pl.col("noticed_on") - asked).dt.total_days() > pl.lit(within)
    late = medicare & spent.fill_null(value=True)
    return rows.with_columns(
        route=pl.when(closed)
        .then(None)
        .when(medicare & (route == _DISPUTE))
        .then(pl.lit(_APPEAL))
        .when(late & (route == _RECORDS))
        .then(pl.lit(_LATE))
        .otherwise(route)
    )


def _with_level(rows: pl.DataFrame) -> pl.DataFrame:
    """The next level of appeal: the first, unless one has decided; null where that must be asked."""
    decided = pl.col("decided_level")
    upheld = (pl.col("cause") == "upheld") & decided.is_null()
    following = pl.when(upheld).then(None).otherwise(decided.fill_null(0) + 1)
    return rows.with_columns(level=pl.when(pl.col("route") == _APPEAL).then(following).cast(pl.UInt8))


def _with_limits(rows: pl.DataFrame, limits: pl.DataFrame) -> pl.DataFrame:
    """Take what a contract says where no law does: of appeals, of the first level.

    A payer is known there by its id or, where that is not there, its name.
    """
    told = limits.select(_plain("payer"), route="route", limit_days="days").unique(
        ["payer", "route"], keep="first"
    )
    found = rows
    for name in ("payer", "payer_name"):
        own = told.rename({"payer": f"{name}_plain", "limit_days": f"{name}_days"})
        found = found.with_columns(_plain(name).alias(f"{name}_plain")).join(
            own, on=[f"{name}_plain", "route"], how="left", maintain_order="left"
        )
    found = found.with_columns(limit_days=pl.coalesce("payer_days", "payer_name_days"))
    first = pl.col("level").fill_null(1) == 1
    lawless, given = pl.col("counts_from").is_null(), pl.col("limit_days").is_not_null() & first
    counts_from = pl.col("route").replace_strict(_LIMITED_FROM, default="notice", return_dtype=pl.String)
    return found.with_columns(
        days=pl.when(lawless & given).then("limit_days").otherwise("days"),
        counts_from=pl.when(lawless & given).then(counts_from).otherwise("counts_from"),
        contracted=lawless & given,
    )


def _plain(name: str) -> pl.Expr:
    return pl.col(name).str.to_uppercase().str.replace_all(r"\s+", " ").str.strip_chars()


def _counted(rows: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """Add `deadline` and `clock`."""
    kind = pl.col("counts_from")
    start, name = pl.lit(None, pl.Date), pl.lit(None, pl.String)
    for one, (column, words) in _FROM.items():
        start = pl.when(kind == one).then(pl.col(column)).otherwise(start)
        name = pl.when(kind == one).then(pl.lit(words)).otherwise(name)
    receipt = pl.col("receipt_days").fill_null(0)
    due = pl.coalesce(
        pl.col("start").dt.offset_by(pl.format("{}d", pl.col("days") + receipt)),
        pl.col("start").dt.offset_by(pl.format("{}mo", "months")),
    )
    rows = rows.with_columns(start=start, start_name=name).with_columns(due=due)
    holidays = reference.table("federal_holidays")["day"].str.to_date().to_list()
    workday = pl.col("due").dt.add_business_days(0, holidays=holidays, roll="forward")
    moved = pl.col("next_workday").fill_null(value=False)
    span = pl.coalesce(
        pl.format("{} days", "days"),
        pl.format(
            "{} month{}", "months", pl.when(pl.col("months") == 1).then(pl.lit("")).otherwise(pl.lit("s"))
        ),
    )
    told = pl.concat_str(
        pl.format("{} from {} of {}", span, "start_name", _spelled("start")),
        pl.when(receipt > 0).then(pl.format(", taken as received {} days later", receipt)),
        pl.when(moved & (workday != pl.col("due"))).then(
            pl.format(", moved on from {}", pl.col("due").dt.strftime("%A"))
        ),
        pl.when("contracted").then(pl.lit(", by the contract")),
        pl.when(pl.col("route") == _LATE).then(pl.lit(", at the reviewers' discretion")),
        ignore_nulls=True,
    )
    return rows.with_columns(deadline=pl.when(moved).then(workday).otherwise("due")).with_columns(
        clock=pl.when(pl.col("deadline").is_not_null()).then(told)
    )


def _needs(as_of: dt.date) -> list[pl.Expr]:
    kind, route = pl.col("counts_from"), pl.col("route")
    dated = [
        pl.when(kind == one, pl.col(column).is_null()).then(pl.lit(_NEEDED[column]))
        for one, (column, _) in _FROM.items()
    ]
    unnumbered = (route == _APPEAL) & pl.col("level").is_null()
    words = route.replace_strict(dict(ROUTE_WORDS), default=None, return_dtype=pl.String)
    over = (pl.col("program") == _MEDICARE) & (pl.col("level") > _LAST)
    unclear = route.is_not_null() & kind.is_null() & ~unnumbered & ~over.fill_null(value=False)
    above = pl.col("level").is_in([3, 5]) & (pl.col("program") == _MEDICARE)
    return [
        *dated,
        pl.when(unclear & pl.col("noticed_on").is_not_null()).then(
            pl.format("contract: how many days there are to {}", words)
        ),
        pl.when(over).then(pl.lit("no further level: the court was the last")),
        pl.when(above & pl.col("minimum_cents").is_null()).then(
            pl.lit(f"source: the amount in controversy of {as_of.year}")
        ),
        pl.when(above & (pl.col("at_stake_cents") < pl.col("minimum_cents"))).then(
            pl.format(
                "biller: other claims to appeal together with, for the level wants ${}",
                (pl.col("minimum_cents") // 100),
            )
        ),
    ]


def _spelled(day: str) -> pl.Expr:
    return pl.col(day).dt.strftime("%-d %b %Y")
