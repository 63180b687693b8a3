"""What was built as frames, so that it can be judged or written at once."""

from collections.abc import Mapping

import polars as pl

from anodyne.coding.built import Built
from anodyne.model.frames import CLAIMS, DIAGNOSES, LINES, MODIFIERS

_NO_CHARGES: Mapping[str, int] = {}


def frames_of(
    built: Built, *, claim_key: int = 0, patient: int = 0, charges: Mapping[str, int] = _NO_CHARGES
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One row of `frames.CLAIMS`, and one of `frames.LINES` for each line; what nobody told is null.

    `charges`: cents for one unit of a code; the charge of a line whose code it lacks is null, and so is that
    of the claim.
    """
    rows: list[dict[str, object]] = [
        {
            "line_key": number,
            "claim_key": claim_key,
            "line": number + 1,
            "code_system": "HC",
            "code": line.code,
            **dict(zip(MODIFIERS, line.modifiers, strict=False)),
            "units": float(line.units),
            "unit_basis": "UN",
            "charge_cents": charges[line.code] * line.units if line.code in charges else None,
            "served_on": built.day,
            "served_to": built.day,
            "dx_pointers": ":".join(map(str, line.dx_pointers)) or None,
            "pos": built.place,
            "ndc": line.ndc,
            "ndc_qty": line.ndc_qty,
            "ndc_unit": line.ndc_unit,
        }
        for number, line in enumerate(built.lines)
    ]
    charged = [row["charge_cents"] for row in rows]
    known = [cents for cents in charged if isinstance(cents, int)]
    claim: dict[str, object] = {
        "claim_key": claim_key,
        "judged": True,
        "claim_id": str(claim_key),
        "patient": patient,
        "payer_id": built.payer.payer_id,
        "payer_name": built.payer.payer_name,
        "filing": built.payer.filing,
        "state": built.payer.state,
        "pos": built.place,
        "charge_cents": sum(known) if rows and len(known) == len(charged) else None,
        **dict(zip(DIAGNOSES, built.diagnoses, strict=False)),
    }
    return _frame([claim], CLAIMS), _frame(rows, LINES)


def _frame(
    rows: list[dict[str, object]], schema: Mapping[str, "pl.DataType | type[pl.DataType]"]
) -> pl.DataFrame:
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=dict(schema))
