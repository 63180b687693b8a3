"""An edition as if it were in force on every day: what its publisher changed, asked of claims of any day."""

import datetime as dt
from dataclasses import replace
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl

from anodyne.reference.pairs import ALWAYS, INDICATORS, Pairs
from anodyne.reference.shapes import EDITIONS
from anodyne.reference.tables import Part

EVER: Final = dt.date.min
_EPOCH: Final = dt.date(1970, 1, 1)


class Frozen(Part):
    """A part whose rows hold on every day.

    Rows of a day within the edition hold too: of a key, the row of its first day, failing that the earliest
    later one.
    """

    def __init__(self, part: Part) -> None:
        super().__init__(replace(part.edition, start=EVER), part.folder, None)
        self._part = part

    @cached_property
    def rows(self) -> pl.DataFrame:
        """The rows, each of them in force from the first of all days."""
        rows = self._part.rows
        if EDITIONS[self.edition.table].dated_rows:
            key = [name for name in ("pair", *EDITIONS[self.edition.table].key) if name in rows.columns]
            rows = rows.sort("from", maintain_order=True).unique(key, keep="first", maintain_order=True)
            rows = rows.sort(key)
        return rows.with_columns(pl.lit(EVER).alias("from"), pl.lit(None, pl.Date).alias("until"))

    @cached_property
    def pairs(self) -> Pairs:
        """The pairs, each of them in force on every day."""
        pairs = self._part.pairs
        first = (self._part.edition.start - _EPOCH).days
        last = (self._part.until - _EPOCH).days if self._part.until else int(ALWAYS.max)
        counts = (first < pairs.ends) & (pairs.begins < last)
        numbers, begins = pairs.numbers[counts], pairs.begins[counts]
        order = np.lexsort((begins, numbers // INDICATORS))
        _, earliest = np.unique(numbers[order] // INDICATORS, return_index=True)
        kept = numbers[order][earliest]
        return Pairs(kept, np.full(len(kept), ALWAYS.min, np.int32), np.full(len(kept), ALWAYS.max, np.int32))
