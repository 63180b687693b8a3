"""Which claims must be looked at side by side: those that share a name, a number or a patient.

Matching compares a remittance with the submitted claims that share one with it; sessions are of one patient,
and a reversal takes back a claim of its own id.  What shares none, not even by way of others, has nothing to
do with each other.  A name is told as a number (`link`), by which different names may come to be one: then
more is looked at side by side than need be.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from anodyne.denials.alike import days, lettered, plain
from anodyne.denials.matching_lines import NAMING

Places = npt.NDArray[Any]
_ID, _CONTROL, _MEMBER, _LINE, _DAY = range(5)
"""Kinds of names: those of different kinds are never one."""


def links_of_remits(remits: pl.DataFrame, remit_lines: pl.DataFrame) -> pl.DataFrame:
    """`remit_key`, `link` and `by_day`: each name of each remitted claim.

    By the day and the charge a claim is looked for only where no member is told.
    """
    member = lettered("member_id")
    nobody = (
        remits.filter(member.is_null())
        .join(days(remit_lines, "remit_key"), on="remit_key", how="left")
        .with_columns(first_on=pl.coalesce("first_on", "statement_from"))
    )
    found = [
        _links(remits, "remit_key", _ID, pl.coalesce(plain("claim_id"), "claim_id", pl.lit(""))),
        *(_links(remits, "remit_key", _CONTROL, plain(name)) for name in ("payer_control", "original_ref")),
        _links(remits, "remit_key", _MEMBER, pl.coalesce(member, "member_id")),
        _links(remits, "remit_key", _MEMBER, lettered("corrected_member_id")),
        _links(remit_lines, "remit_key", _LINE, _line()),
    ]
    by_day = _links(nobody, "remit_key", _DAY, _day())
    return pl.concat(
        [
            pl.concat(found).with_columns(by_day=pl.lit(value=False)),
            by_day.with_columns(by_day=pl.lit(value=True)),
        ]
    ).unique()


def links_of_claims(claims: pl.DataFrame, lines: pl.DataFrame, asked: pl.Series) -> pl.DataFrame:
    """`claim_key` and `link`: each name of each submitted claim; by its day only the links `asked` for."""
    dated = claims.select("claim_key", "charge_cents").join(
        days(lines, "claim_key"), on="claim_key", how="left"
    )
    found = [
        _links(claims, "claim_key", _ID, plain("claim_id")),
        _links(claims, "claim_key", _CONTROL, plain("original_ref")),
        _links(claims, "claim_key", _MEMBER, lettered("member_id")),
        _links(lines, "claim_key", _LINE, _line()),
        _links(dated, "claim_key", _DAY, _day()).filter(pl.col("link").is_in(asked.implode())),
    ]
    return pl.concat(found).unique()


def together(links: Places, places: Places, number: int) -> Places:
    """For each of `number` claims the first of those connected with it: `places` share their `links`."""
    order = np.argsort(links)
    links, places = links[order], places[order]
    del order
    starts = np.flatnonzero(np.append(True, links[1:] != links[:-1])[: len(links)])
    sizes = np.diff(np.append(starts, len(links)))
    first = np.arange(number, dtype=np.uint32)
    while True:
        nearer = first.copy()
        np.minimum.at(nearer, places, np.repeat(np.minimum.reduceat(first[places], starts), sizes))
        nearer = nearer[nearer]
        if np.array_equal(nearer, first):
            return first
        first = nearer


def _line() -> pl.Expr:
    """The control number of a line that may name its claim."""
    control = plain("control_number")
    return pl.when(control.str.len_bytes() >= NAMING).then(control)


def _day() -> pl.Expr:
    return pl.format("{} {}", "first_on", pl.col("charge_cents").abs())


def _links(rows: pl.DataFrame, key: str, kind: int, name: pl.Expr) -> pl.DataFrame:
    return rows.select(key, name=name).drop_nulls("name").select(key, link=pl.col("name").hash(kind))
