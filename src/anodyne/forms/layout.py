"""Where each item of the form stands: a place on a grid of ten characters and six rows to the inch."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

POINTS: Final = 72
"""To the inch."""
CHARACTER_POINTS: Final = POINTS / 10
ROW_POINTS: Final = POINTS / 6
BASELINE_POINTS: Final = 9
"""From the top of a row to the foot of its letters."""


@dataclass(frozen=True, slots=True)
class Field:
    """A run of characters in one row; rows and columns count from 1."""

    name: str
    row: int
    column: int
    width: int

    @property
    def item(self) -> str:
        """The number of its item, as the form has it: `24A` of `24A.from.month`."""
        return self.name.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Layout:
    """The fields of one page by name, those of service lines by the line's place too, from 0."""

    page: Mapping[str, Field]
    lines: tuple[Mapping[str, Field], ...]
    left: float
    """Points from the edge of the paper to column 1."""
    top: float
    """Points from the edge of the paper to row 1."""

    def across(self, column: int) -> float:
        """Points from the left edge of the paper to where `column` begins."""
        return self.left + (column - 1) * CHARACTER_POINTS

    def down(self, row: int) -> float:
        """Points from the upper edge of the paper to the foot of the letters in `row`."""
        return self.top + (row - 1) * ROW_POINTS + BASELINE_POINTS


@cache
def layout() -> Layout:
    """The layout of the 1500 claim form, version 02/12; `cms1500.toml` names the sources."""
    told = tomllib.loads(files("anodyne.forms").joinpath("cms1500.toml").read_text("utf-8"))
    grid = told["grid"]
    return Layout(
        page=_fields(told["page"], 0),
        lines=tuple(_fields(told["line"], k * grid["rows_of_a_line"]) for k in range(grid["lines"])),
        left=grid["left_inches"] * POINTS,
        top=grid["top_inches"] * POINTS,
    )


def _fields(places: Mapping[str, tuple[int, int, int]], lower: int) -> Mapping[str, Field]:
    return MappingProxyType(
        {name: Field(name, row + lower, column, width) for name, (row, column, width) in places.items()}
    )
