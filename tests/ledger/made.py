"""Made-up remittances, as frames: what a test tells, and what a payer would fill in."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl

from anodyne.ledger.posting import POSTINGS, entries
from anodyne.ledger.transfers import settled
from anodyne.model.frames import (
    ADJUSTMENTS,
    AMOUNTS,
    PAYMENTS,
    PROVIDER_ADJUSTMENTS,
    QUANTITIES,
    REMARKS,
    REMIT_LINES,
    REMITS,
    Schema,
    empty,
)
from anodyne.model.remittance import Remittance
from anodyne.reference.tables import Reference, load

SERVED = dt.date(2026, 9, 1)
PAID = dt.date(2026, 10, 2)

Cas = tuple[str, int]
"""As `CO-45` and cents."""


@dataclass(frozen=True)
class Line:
    charge: int | None
    paid: int | None
    cas: Sequence[Cas] = ()
    code: str = "99214"
    control: str | None = None
    served: dt.date | None = SERVED


@dataclass(frozen=True)
class Claim:
    """Without lines it is told as a whole; a charge or payment left out is what the lines come to."""

    lines: Sequence[Line] = ()
    cas: Sequence[Cas] = ()
    id: str = "C1"
    status: str = "1"
    charge: int | None = None
    paid: int | None = None
    patient: int | None = None
    control: str | None = "ICN1"
    served: dt.date | None = SERVED
    remarks: Sequence[str] = ()

    def reversed(self, **changes: Any) -> "Claim":
        """The same claim taken back."""
        lines = [
            Line(
                **{
                    **vars(line),
                    "charge": -(line.charge or 0),
                    "paid": -(line.paid or 0),
                    "cas": negated(line.cas),
                }
            )
            for line in self.lines
        ]
        told: dict[str, Any] = {
            **vars(self),
            "lines": lines,
            "cas": negated(self.cas),
            "status": "22",
            "patient": None,
        }
        for name in ("charge", "paid"):
            told[name] = None if told[name] is None else -told[name]
        return Claim(**{**told, **changes})

    def all_charged(self) -> int:
        return sum(line.charge or 0 for line in self.lines) if self.charge is None else self.charge

    def all_paid(self) -> int:
        if self.paid is not None:
            return self.paid
        start = sum(line.paid or 0 for line in self.lines) if self.lines else self.all_charged()
        return start - sum(cents for _, cents in self.cas)


def negated(cas: Sequence[Cas]) -> list[Cas]:
    return [(name, -cents) for name, cents in cas]


@dataclass(frozen=True)
class Plb:
    reason: str
    cents: int | None
    reference: str | None = None


@dataclass(frozen=True)
class Payment:
    """An amount left out is what the claims come to, less what the provider's adjustments take."""

    claims: Sequence[Claim] = ()
    plb: Sequence[Plb] = ()
    amount: int | None = None
    trace: str | None = "T1"
    payer: str | None = "PAYER1"
    on: dt.date | None = PAID
    debit: bool = False

    def all_paid(self) -> int:
        if self.amount is not None:
            return self.amount
        net = sum(claim.all_paid() for claim in self.claims) - sum(one.cents or 0 for one in self.plb)
        return -net if self.debit else net


def five(told: Remittance) -> tuple[pl.DataFrame, ...]:
    """What `identities` takes, in its order."""
    return (told.payments, told.remits, told.lines, told.adjustments, told.provider_adjustments)


def frames(*payments: Payment, file: str = "era.835") -> Remittance:
    rows: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("payments", "remits", "lines", "cas", "plb", "remarks")
    }
    segment = 1
    for key, payment in enumerate(payments):
        segment += 1
        rows["payments"].append(
            {
                "payment_key": key,
                "file": file,
                "segment": segment,
                "amount_cents": payment.all_paid(),
                "credit_debit": "D" if payment.debit else "C",
                "method": "ACH",
                "paid_on": payment.on,
                "trace": payment.trace,
                "payer_id": payment.payer,
                "payer_name": payment.payer,
            }
        )
        for claim in payment.claims:
            segment = _claim(claim, key, file, segment + 1, rows)
        for place, one in enumerate(payment.plb, 1):
            rows["plb"].append(
                {
                    "payment_key": key,
                    "segment": segment + 1,
                    "place": place,
                    "reason": one.reason,
                    "reference": one.reference,
                    "cents": one.cents,
                }
            )
        segment += 2
    return Remittance(
        payments=frame(rows["payments"], PAYMENTS),
        remits=frame(rows["remits"], REMITS),
        lines=frame(rows["lines"], REMIT_LINES),
        adjustments=frame(rows["cas"], ADJUSTMENTS),
        remarks=frame(rows["remarks"], REMARKS),
        amounts=empty(AMOUNTS),
        quantities=empty(QUANTITIES),
        provider_adjustments=frame(rows["plb"], PROVIDER_ADJUSTMENTS),
    )


def _claim(claim: Claim, payment: int, file: str, segment: int, rows: dict[str, list[dict[str, Any]]]) -> int:
    key = len(rows["remits"])
    rows["remits"].append(
        {
            "remit_key": key,
            "payment_key": payment,
            "file": file,
            "segment": segment,
            "claim_id": claim.id,
            "status": claim.status,
            "charge_cents": claim.all_charged(),
            "paid_cents": claim.all_paid(),
            "patient_cents": claim.patient,
            "payer_control": claim.control,
            "statement_from": claim.served,
        }
    )
    rows["remarks"].extend({"remit_key": key, "source": "MOA", "code": code} for code in claim.remarks)
    segment = _cas(claim.cas, key, None, segment + 1, rows)
    for number, line in enumerate(claim.lines, 1):
        line_key = len(rows["lines"])
        rows["lines"].append(
            {
                "remit_line_key": line_key,
                "remit_key": key,
                "segment": segment,
                "line": number,
                "code": line.code,
                "charge_cents": line.charge,
                "paid_cents": line.paid,
                "units": 1.0,
                "served_on": line.served,
                "control_number": line.control,
            }
        )
        segment = _cas(line.cas, key, line_key, segment + 1, rows)
    return segment


def _cas(
    cas: Sequence[Cas], remit: int, line: int | None, segment: int, rows: dict[str, list[dict[str, Any]]]
) -> int:
    for name, cents in cas:
        group, _, reason = name.partition("-")
        rows["cas"].append(
            {
                "remit_key": remit,
                "remit_line_key": line,
                "segment": segment,
                "place": 1,
                "group": group,
                "reason": reason,
                "cents": cents,
            }
        )
        segment += 1
    return segment


def frame(rows: list[dict[str, Any]], schema: Schema) -> pl.DataFrame:
    return pl.DataFrame(
        [{name: row.get(name) for name in schema} for row in rows], schema=dict(schema), orient="row"
    )


@cache
def reference() -> Reference:
    return load()


def posted(*payments: Payment) -> pl.DataFrame:
    return entries(frames(*payments), reference=reference())


def nothing() -> pl.DataFrame:
    return empty(POSTINGS)


def balances(*payments: Payment) -> dict[str, int]:
    """By account what all of it comes to, those at nothing left out."""
    return balances_of(settled(posted(*payments)))


def balances_of(rows: pl.DataFrame) -> dict[str, int]:
    sums = rows.group_by("account").agg(pl.col("cents").sum()).filter(pl.col("cents") != 0)
    return dict(sums.sort("account").iter_rows())
