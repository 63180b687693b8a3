"""Made-up remittances as frames, said in a few words, and what is determined of them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import polars as pl

from anodyne.denials.determine import determine
from anodyne.model.frames import DENIAL_CLAIM_FACTS, DENIAL_LIMITS, DENIAL_LINE_FACTS
from anodyne.model.remittance import SCHEMAS, Remittance
from anodyne.reference.tables import Reference, load

DAY = dt.date(2026, 10, 2)
SERVED = dt.date(2026, 9, 1)
AS_OF = dt.date(2026, 10, 20)


@dataclass(frozen=True)
class Cut:
    """One line of a claim and why it was cut: `CO-50` and cents, remark codes."""

    adjustments: Mapping[str, int]
    remarks: Sequence[str] = ()
    code: str = "64483"
    charge: int = 500_00
    paid: int = 0
    served: dt.date | None = SERVED
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """One claim of a remittance; `adjustments` and `remarks` are those of the claim as a whole."""

    lines: Sequence[Cut] = ()
    adjustments: Mapping[str, int] = field(default_factory=dict)
    remarks: Sequence[str] = ()
    filing: str | None = "MB"
    status: str = "1"
    on: dt.date | None = DAY
    payer: str = "15202"
    id: str = "C1"
    charge: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)


@cache
def reference() -> Reference:
    return load()


@dataclass(frozen=True)
class Made:
    """A remittance, and what is known beside it."""

    remittance: Remittance
    line_facts: pl.DataFrame
    claim_facts: pl.DataFrame


def made(*claims: Told) -> Made:
    """The claims, each in a payment of its own."""
    rows: dict[str, list[dict[str, Any]]] = {
        name: []
        for name in ("remits", "lines", "adjustments", "remarks", "payments", "line_facts", "claim_facts")
    }
    line_key, segment = 0, 0
    for key, claim in enumerate(claims):
        charge = sum(line.charge for line in claim.lines) if claim.charge is None else claim.charge
        paid = sum(line.paid for line in claim.lines)
        rows["payments"].append(
            {"payment_key": key, "paid_on": claim.on, "produced_on": claim.on, "payer_id": claim.payer}
        )
        rows["remits"].append(
            {
                "remit_key": key,
                "payment_key": key,
                "claim_id": claim.id,
                "status": claim.status,
                "charge_cents": charge,
                "paid_cents": paid,
                "filing": claim.filing,
                **claim.more,
            }
        )
        if claim.facts:
            rows["claim_facts"].append({"remit_key": key, **claim.facts})
        said: list[tuple[int | None, Mapping[str, int], Sequence[str]]] = [
            (None, claim.adjustments, claim.remarks)
        ]
        for number, line in enumerate(claim.lines, 1):
            rows["lines"].append(
                {
                    "remit_line_key": line_key,
                    "remit_key": key,
                    "line": number,
                    "code": line.code,
                    "charge_cents": line.charge,
                    "paid_cents": line.paid,
                    "units": 1.0,
                    "served_on": line.served,
                }
            )
            if line.facts:
                rows["line_facts"].append({"remit_line_key": line_key, **line.facts})
            said.append((line_key, line.adjustments, line.remarks))
            line_key += 1
        for of, cuts, codes in said:
            for name, cents in cuts.items():
                group, reason = name.split("-")
                segment += 1
                rows["adjustments"].append(
                    {
                        "remit_key": key,
                        "remit_line_key": of,
                        "segment": segment,
                        "place": 1,
                        "group": group,
                        "reason": reason,
                        "cents": cents,
                    }
                )
            for code in codes:
                segment += 1
                source = ("MOA", None) if of is None else ("LQ", "HE")
                rows["remarks"].append(
                    {
                        "remit_key": key,
                        "remit_line_key": of,
                        "segment": segment,
                        "source": source[0],
                        "qualifier": source[1],
                        "code": code,
                    }
                )
    frames = {name: pl.DataFrame(rows.get(name, []), schema=dict(schema)) for name, schema in SCHEMAS.items()}
    return Made(
        Remittance(**frames),
        pl.DataFrame(rows["line_facts"], schema=dict(DENIAL_LINE_FACTS)),
        pl.DataFrame(rows["claim_facts"], schema=dict(DENIAL_CLAIM_FACTS)),
    )


def determined(
    *claims: Told, as_of: dt.date = AS_OF, limits: Sequence[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    told = made(*claims)
    found = determine(
        told.remittance,
        reference(),
        as_of=as_of,
        line_facts=told.line_facts,
        claim_facts=told.claim_facts,
        limits=pl.DataFrame(limits, schema=dict(DENIAL_LIMITS)),
    )
    return found.to_dicts()


def one(*claims: Told, **said: Any) -> dict[str, Any]:
    (row,) = determined(*claims, **said)
    return row


def cut(
    name: str, *remarks: str, filing: str | None = "MB", facts: Mapping[str, Any] | None = None, **said: Any
) -> Told:
    """A claim of one line with one reason, whose facts are its line's or its claim's by their names."""
    known = dict(facts or {})
    of_line = {key: known.pop(key) for key in list(known) if key in DENIAL_LINE_FACTS}
    charge = said.pop("charge", 500_00)
    line = Cut(
        {name: said.pop("cents", charge)},
        remarks,
        charge=charge,
        paid=said.pop("paid", 0),
        facts=of_line,
        code=said.pop("code", "64483"),
        served=said.pop("served", SERVED),
    )
    return Told([line], filing=filing, facts=known, **said)
