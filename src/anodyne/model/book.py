"""A book: claims and their lines, the unit that rules judge."""

from dataclasses import dataclass, field

import polars as pl

from anodyne.model.frames import CLAIMS, LINES, checked


@dataclass(frozen=True, slots=True)
class Book:
    """Claims and lines that belong together; one claim is a book of one.

    Claims with `judged` false are history: they count in pairs, windows and months, and are not judged.
    """

    claims: pl.DataFrame = field(repr=False)
    lines: pl.DataFrame = field(repr=False)

    def __post_init__(self) -> None:
        checked(self.claims, CLAIMS)
        checked(self.lines, LINES)
