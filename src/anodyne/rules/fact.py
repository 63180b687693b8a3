"""A fact: one documented column of a view."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl  # noqa: TC002  dataclasses look their annotations up


@dataclass(frozen=True, slots=True)
class Fact:
    """What a column holds, and how to name it when it is missing."""

    kind: "pl.DataType | type[pl.DataType]"
    says: str
    needs: str | None = None
    """The missing fact in a person's words, and who can give it; None for what is never asked for."""
    values: tuple[str, ...] = ()
    """The values of the payer's policy that it is, or is worked out from."""


Facts = Mapping[str, Fact]


def schema(facts: Facts) -> dict[str, "pl.DataType | type[pl.DataType]"]:
    """The polars schema of a view with these facts."""
    return {name: fact.kind for name, fact in facts.items()}
