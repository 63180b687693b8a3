"""A remittance: what payers said and paid, as frames that belong together."""

from dataclasses import dataclass, field

import polars as pl

from anodyne.model.frames import (
    ADJUSTMENTS,
    AMOUNTS,
    PAYMENTS,
    PROVIDER_ADJUSTMENTS,
    QUANTITIES,
    REMARKS,
    REMIT_LINES,
    REMITS,
    checked,
)


@dataclass(frozen=True, slots=True)
class Remittance:
    """Payments, their claims and lines, and all that was said of each."""

    payments: pl.DataFrame = field(repr=False)
    remits: pl.DataFrame = field(repr=False)
    lines: pl.DataFrame = field(repr=False)
    adjustments: pl.DataFrame = field(repr=False)
    remarks: pl.DataFrame = field(repr=False)
    amounts: pl.DataFrame = field(repr=False)
    quantities: pl.DataFrame = field(repr=False)
    provider_adjustments: pl.DataFrame = field(repr=False)

    def __post_init__(self) -> None:
        for name, schema in SCHEMAS.items():
            checked(getattr(self, name), schema)


SCHEMAS = {
    "payments": PAYMENTS,
    "remits": REMITS,
    "lines": REMIT_LINES,
    "adjustments": ADJUSTMENTS,
    "remarks": REMARKS,
    "amounts": AMOUNTS,
    "quantities": QUANTITIES,
    "provider_adjustments": PROVIDER_ADJUSTMENTS,
}
"""The schema of each frame of a remittance, by its name there."""
