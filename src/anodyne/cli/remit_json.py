"""Remittances as JSON, `anodyne.remit/1`: stable, for programs; one claim a row."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby, repeat
from operator import itemgetter
from types import MappingProxyType
from typing import Any, BinaryIO, Final, NamedTuple

import polars as pl

from anodyne.app.remit_read import RemitsRead
from anodyne.model.frames import MODIFIERS
from anodyne.model.remittance import Remittance

SCHEMA: Final = "anodyne.remit/1"
_REASON: Final = ("group", "reason", "cents", "units")
_SIDES: Final = ("left_cents", "right_cents", "holds")
_CLAIMS_AT_ONCE: Final = 10_000
"""How many are encoded before they are written: memory does not grow with the report."""


class Added(NamedTuple):
    """What another command adds to each claim and line."""

    claims: pl.DataFrame
    """By `remit_key`, one row at most; its other columns are members of the claim."""
    lines: pl.DataFrame
    """The same by `remit_line_key`."""


NOTHING_ADDED: Final = Added(
    pl.DataFrame(schema={"remit_key": pl.UInt32}), pl.DataFrame(schema={"remit_line_key": pl.UInt32})
)


@dataclass(frozen=True, slots=True)
class More:
    """What another command adds to each payment, claim and line, and to the whole."""

    payments: Mapping[int, Mapping[str, object]]
    parts: Iterable[Added] = field(repr=False)
    """For each of the parts of what was read what is added to its claims and lines."""
    whole: Mapping[str, object]


NOTHING_MORE: Final = More(MappingProxyType({}), repeat(NOTHING_ADDED), MappingProxyType({}))


def write(found: RemitsRead, out: BinaryIO, more: More = NOTHING_MORE) -> None:
    """Write `found` to `out` as UTF-8, with what there is `more`."""
    out.writelines(text.encode(errors="replace") for text in _document(found, more))


def _document(found: RemitsRead, more: More) -> Iterator[str]:
    yield f'{{"schema": {json.dumps(SCHEMA)},\n"payments": ['
    written = groupby(_slices(found, more), itemgetter(0))
    upcoming = next(written, None)
    identities = _identities(found)
    taken = _grouped(found.provider_adjustments, "payment_key", pl.struct("reason", "reference", "cents"))
    payments = found.payments.join(found.balanced, on="payment_key", maintain_order="left")
    before = "\n"
    for payment in payments.iter_rows(named=True):
        key = payment["payment_key"]
        head = _payment(payment, identities[key], taken.get(key, [])) | dict(more.payments.get(key, {}))
        yield f'{before}{_json(head)[:-1]}, "claims": ['
        if upcoming is not None and upcoming[0] == key:
            for place, (_, claims) in enumerate(upcoming[1]):
                yield f",{claims}" if place else claims
            upcoming = next(written, None)
        yield "]}"
        before = ",\n"
    yield "\n],\n" if before == ",\n" else "],\n"
    errors = [
        {
            "file": error.file,
            "segment": error.segment,
            "byte": error.byte,
            "message": error.message,
            "next_step": error.next_step,
        }
        for error in (*found.errors, *found.damaged)
    ]
    for name, value in more.whole.items():
        yield f"{_json(name)}: {_json(value)},\n"
    yield f'"errors": {_json(errors)}}}\n'


def _payment(payment: dict[str, Any], identities: list[Any], taken: list[Any]) -> dict[str, object]:
    return {
        "file": payment["file"],
        "trace": payment["trace"],
        "payer": payment["payer_name"] or payment["payer_id"],
        "method": payment["method"],
        "paid_on": payment["paid_on"] and payment["paid_on"].isoformat(),
        "amount_cents": payment["amount_cents"],
        "balanced": payment["balanced"],
        "identities": identities,
        "provider_adjustments": taken,
    }


def _identities(found: RemitsRead) -> dict[int, list[Any]]:
    """By payment its own identities, and those of its claims and lines that do not hold, with their place."""
    told = found.identities.filter(pl.col("remit_key").is_null() | ~pl.col("holds"))
    return {
        key: [
            {"name": row["name"], **{side: row[side] for side in _SIDES}}
            | ({} if row["remit_key"] is None else {"claim": row["claim"], "line": row["line"]})
            for row in rows.iter_rows(named=True)
        ]
        for (key,), rows in told.partition_by("payment_key", as_dict=True).items()
    }


def _grouped(rows: pl.DataFrame, key: str, told: pl.Expr) -> dict[int, list[Any]]:
    return dict(rows.group_by(key, maintain_order=True).agg(told.alias("told")).iter_rows())


def _slices(found: RemitsRead, more: More) -> Iterator[tuple[int, str]]:
    """Each payment's key with some of its claims, in the order of the file, as `_claims` gives them."""
    for said, added in zip(found.parts(), more.parts, strict=False):
        for remits in said.remits.iter_slices(_CLAIMS_AT_ONCE):
            of_claims = pl.col("remit_key").is_between(remits["remit_key"].min(), remits["remit_key"].max())
            lines = said.lines.filter(of_claims)
            of_lines = pl.col("remit_line_key").is_between(
                lines["remit_line_key"].min(), lines["remit_line_key"].max()
            )
            own = replace(
                said,
                remits=remits,
                lines=lines,
                adjustments=said.adjustments.filter(of_claims),
                remarks=said.remarks.filter(of_claims),
            )
            of_own = Added(added.claims.filter(of_claims), added.lines.filter(of_lines))
            yield from _claims(own, of_own).iter_rows()


def _claims(said: Remittance, more: Added) -> pl.DataFrame:
    """By payment its claims as JSON objects divided by commas: encoded by the frame, not one by one."""
    lines = _with_reasons(said, said.lines, "remit_line_key", more.lines).select(
        "remit_key",
        line=pl.struct(
            "line",
            "code",
            "submitted_code",
            pl.concat_list(MODIFIERS).list.drop_nulls().alias("modifiers"),
            "units",
            "submitted_units",
            "charge_cents",
            "paid_cents",
            "allowed_cents",
            "served_on",
            "control_number",
            "adjustments",
            "remarks",
            *_added(more.lines, "remit_line_key"),
        ),
    )
    of_claim = lines.group_by("remit_key", maintain_order=True).agg(lines="line")
    claim = pl.struct(
        pl.col("claim_id").alias("claim"),
        "status",
        "payer_control",
        "charge_cents",
        "paid_cents",
        "patient_cents",
        "adjustments",
        "remarks",
        pl.col("lines").fill_null([]),
        *_added(more.claims, "remit_key"),
    )
    return (
        _with_reasons(said, said.remits, "remit_key", more.claims)
        .join(of_claim, on="remit_key", how="left", maintain_order="left")
        .select("payment_key", claim=claim.struct.json_encode())
        .group_by("payment_key", maintain_order=True)
        .agg(pl.lit("\n  ") + pl.col("claim").str.join(",\n  "))
    )


def _added(more: pl.DataFrame, key: str) -> list[pl.Expr]:
    return [pl.col(f"more_{name}").alias(name) for name in more.columns if name != key]


def _with_reasons(said: Remittance, rows: pl.DataFrame, key: str, more: pl.DataFrame) -> pl.DataFrame:
    """`rows` (claims or lines, by their `key`) with what was adjusted and remarked of each, and `more`."""
    more = more.rename({name: f"more_{name}" for name in more.columns if name != key})
    of_line = pl.col("remit_line_key").is_not_null()
    own = of_line if key == "remit_line_key" else ~of_line
    adjustments = said.adjustments.filter(own).group_by(key, maintain_order=True)
    remarks = said.remarks.filter(own).group_by(key, maintain_order=True)
    return (
        rows.join(adjustments.agg(adjustments=pl.struct(_REASON)), on=key, how="left", maintain_order="left")
        .join(remarks.agg(remarks="code"), on=key, how="left", maintain_order="left")
        .with_columns(pl.col("adjustments", "remarks").fill_null([]))
        .join(more, on=key, how="left", maintain_order="left")
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
