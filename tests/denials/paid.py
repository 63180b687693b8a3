"""Made-up remittances: lines that balance, as a payer would send them."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from anodyne.denials.remitted import SUBMITTED
from anodyne.model import frames
from anodyne.model.remittance import SCHEMAS, Remittance

DAY = dt.date(2025, 6, 30)
NPI = "1234567893"


@dataclass(frozen=True)
class Line:
    """A line that is charged, allowed, and paid less the patient's share."""

    code: str
    allowed: int
    mods: str = ""
    charge: int | None = None
    units: float = 1.0
    share: Mapping[str, int] = field(default_factory=dict)
    """By reason, in cents: `{"2": 2503}`."""
    sequestered: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Further adjustments by group and reason, `CO-150`; what is left of the charge is CO-45."""
    remarks: tuple[str, ...] = ()
    day: dt.date | None = DAY
    was: str | None = None
    """The submitted code, with modifiers after a hyphen."""
    was_units: float | None = None
    b6: int | None = None
    sent: Mapping[str, Any] | None = None
    """Columns of SUBMITTED."""


@dataclass(frozen=True)
class Claim:
    """One CLP."""

    lines: Sequence[Line]
    status: str = "1"
    filing: str = "MB"
    pos: str | None = "11"
    payer_id: str | None = "05302"
    payer_name: str | None = "MEDICARE OF OHIO"
    claim_id: str | None = None
    member: str | None = None
    paid_on: dt.date = dt.date(2025, 7, 15)
    trace: str | None = None


def _framed(rows: Iterable[Mapping[str, Any]], schema: frames.Schema) -> pl.DataFrame:
    whole = [{name: row.get(name) for name in schema} for row in rows]
    return pl.DataFrame(whole, schema=dict(schema), orient="row")


def remittance(*claims: Claim) -> tuple[Remittance, pl.DataFrame]:
    """One payment a claim, and what is known to have been sent."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in SCHEMAS}
    sent: list[dict[str, Any]] = []
    for key, claim in enumerate(claims):
        lines = [_line(line) for line in claim.lines]
        paid, charge = (sum(one[0][name] for one in lines) for name in ("paid_cents", "charge_cents"))
        sign = -1 if claim.status == "22" else 1
        rows["payments"].append(
            {
                "payment_key": key,
                "amount_cents": sign * paid,
                "paid_on": claim.paid_on,
                "trace": claim.trace or f"T{key}",
                "payer_id": claim.payer_id,
                "payer_name": claim.payer_name,
                "payee_npi": NPI,
            }
        )
        rows["remits"].append(
            {
                "remit_key": key,
                "payment_key": key,
                "claim_id": claim.claim_id or f"C{key}",
                "status": claim.status,
                "charge_cents": sign * charge,
                "paid_cents": sign * paid,
                "filing": claim.filing,
                "pos": claim.pos,
                "member_id": claim.member or f"M{key}",
            }
        )
        for number, (line, (told, reasons)) in enumerate(zip(claim.lines, lines, strict=True), 1):
            line_key = len(rows["lines"])
            keys = {"remit_key": key, "remit_line_key": line_key}
            rows["lines"].append({**told, **keys, "line": number})
            for name in ("charge_cents", "paid_cents"):
                rows["lines"][-1][name] *= sign
            for reason, cents in reasons.items():
                group, _, code = reason.partition("-")
                rows["adjustments"].append({**keys, "group": group, "reason": code, "cents": sign * cents})
            rows["remarks"] += [{**keys, "source": "LQ", "qualifier": "HE", "code": c} for c in line.remarks]
            if line.sent is not None:
                known = {"sent_modifiers": "", "sent_certain": True, "sent_code": line.code}
                sent.append({"remit_line_key": line_key, **known, **line.sent})
    made = {name: _framed(rows[name], schema) for name, schema in SCHEMAS.items()}
    return Remittance(**made), _framed(sent, SUBMITTED)


def _line(line: Line) -> tuple[dict[str, Any], dict[str, int]]:
    paid = line.allowed - sum(line.share.values()) - line.sequestered
    charge = 2 * line.allowed + 10_000 if line.charge is None else line.charge
    reasons = {f"PR-{reason}": cents for reason, cents in line.share.items()}
    if line.sequestered:
        reasons["CO-253"] = line.sequestered
    reasons |= line.reasons
    left = charge - paid - sum(reasons.values())
    if left:
        reasons["CO-45"] = left
    code, *mods = (line.was or "").split("-")
    told: dict[str, Any] = {
        "code_system": "HC",
        "code": line.code,
        "charge_cents": charge,
        "paid_cents": paid,
        "units": line.units,
        "served_on": line.day,
        "served_to": line.day,
        "submitted_code": code or None,
        "submitted_units": line.was_units,
        "allowed_cents": line.b6,
    }
    told |= {f"mod{n}": mod for n, mod in enumerate(filter(None, line.mods.split("-")), 1)}
    told |= {f"submitted_mod{n}": mod for n, mod in enumerate(mods, 1)}
    return told, reasons


def commercial(*lines: Line, **changes: Any) -> Claim:
    """A claim to a commercial payer."""
    claim = Claim(lines, filing="CI", payer_id="60054", payer_name="CEDAR MUTUAL")
    return replace(claim, **changes)


def contracts(*rows: tuple[str, str | int, Any]) -> pl.DataFrame:
    """Rates of CEDAR MUTUAL: a code or one with its modifier, an amount in cents or `110 %`, and more."""
    made = []
    for key, (code, rate, more) in enumerate(rows):
        own, _, modifier = code.partition("-")
        percent = int(float(rate.removesuffix(" %")) * 100) if isinstance(rate, str) else None
        made.append(
            {
                "contract_key": key,
                "payer": "60054",
                "code": own,
                "modifier": modifier or None,
                "from": dt.date(2024, 7, 1),
                "allowed_cents": None if percent else rate,
                "percent_of_medicare_hundredths": percent,
                **(more or {}),
            }
        )
    return _framed(made, frames.CONTRACTS)
