"""Coordination of benefits: what a claim tells of its other payers, as frames that belong together."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from anodyne.model.frames import ADJUDICATIONS, OTHER_ADJUSTMENTS, OTHER_PAYERS, checked, empty


@dataclass(frozen=True, slots=True)
class Coordination:
    """The other payers of claims, what they decided of lines, and how they adjusted both."""

    payers: pl.DataFrame = field(repr=False)
    adjudications: pl.DataFrame = field(repr=False)
    adjustments: pl.DataFrame = field(repr=False)

    def __post_init__(self) -> None:
        for name, schema in SCHEMAS.items():
            checked(getattr(self, name), schema)


SCHEMAS: Final = {
    "payers": OTHER_PAYERS,
    "adjudications": ADJUDICATIONS,
    "adjustments": OTHER_ADJUSTMENTS,
}
"""The schema of each frame of a coordination, by its name there."""
ONE_PAYER: Final = Coordination(**{name: empty(schema) for name, schema in SCHEMAS.items()})
"""That of claims which tell of no other payer."""


def coordination_of(parts: Iterable[Coordination]) -> Coordination:
    """The coordination that `parts` make together; no key may be in two of them, as in a file's windows."""
    every = list(parts) or [ONE_PAYER]
    return Coordination(**{name: pl.concat(getattr(part, name) for part in every) for name in SCHEMAS})
