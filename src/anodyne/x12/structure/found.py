"""Findings of one window, collected as columns."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

from anodyne.x12 import columns
from anodyne.x12.edits import EDITS
from anodyne.x12.loops import LOOP, Placed
from anodyne.x12.segments import Rows, packed

SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "rule": pl.String,
    "segment": pl.UInt32,
    "byte": pl.Int64,
    "claim_row": pl.Int64,
    "line": pl.UInt32,
    "codes": pl.List(pl.String),
    "message": pl.String,
}
_NONE: Final = pl.DataFrame(schema=SCHEMA)


class Found:
    """What is wrong, row by row; rows that only repeat earlier windows are left out."""

    def __init__(self) -> None:
        self._rules: list[str] = []
        self._segments: list[int] = []
        self._bytes: list[int] = []
        self._claims: list[int] = []
        self._lines: list[int | None] = []
        self._codes: list[list[str]] = []
        self._messages: list[str] = []

    def add(
        self,
        placed: Placed,
        rule: str,
        rows: Rows,
        messages: str | Sequence[str],
        *,
        at: Rows | None = None,
        codes: Sequence[list[str]] | None = None,
    ) -> None:
        """One finding for each of `rows`, at offset `at` (the segment's start unless given).

        A single message serves all rows.
        """
        if not len(rows):
            return
        edit = EDITS[rule]
        kept = np.flatnonzero(rows >= placed.window.context)
        if not len(kept):
            return
        window = placed.window
        rows = rows[kept]
        offsets = window.start[rows] if at is None else at[kept]
        self._rules += [edit.id] * len(rows)
        self._segments += window.segment_number(rows).tolist()
        self._bytes += window.byte(offsets).tolist()
        self._claims += placed.claim[rows].tolist()
        self._lines += _lines(placed, rows)
        chosen = kept.tolist()
        self._messages += (
            [messages] * len(rows) if isinstance(messages, str) else [messages[k] for k in chosen]
        )
        self._codes += [[] for _ in chosen] if codes is None else [codes[k] for k in chosen]

    def add_at(self, rule: str, segment: int, byte: int, message: str) -> None:
        """A finding at a segment that may be of an earlier window."""
        self._rules.append(EDITS[rule].id)
        self._segments.append(segment)
        self._bytes.append(byte)
        self._claims.append(-1)
        self._lines.append(None)
        self._codes.append([])
        self._messages.append(message)

    def frame(self) -> pl.DataFrame:
        """The findings in the order of the file."""
        if not self._rules:
            return _NONE
        columns_ = (
            self._rules,
            self._segments,
            self._bytes,
            self._claims,
            self._lines,
            self._codes,
            self._messages,
        )
        frame = pl.DataFrame(dict(zip(SCHEMA, columns_, strict=True)), schema=SCHEMA)
        return frame.sort("segment", "byte", "rule", maintain_order=True)


def _lines(placed: Placed, rows: Rows) -> list[int | None]:
    """The number of the service line that each row belongs to, None where it belongs to none."""
    opens = np.flatnonzero(placed.window.id == packed("LX"))
    opens = opens[placed.loop[opens] == LOOP["2400"]]
    if not len(opens):
        return [None] * len(rows)
    owner = np.searchsorted(opens, rows, "right") - 1
    inside = (placed.area[rows] == LOOP["2400"]) & (owner >= 0)
    numbers = pl.Series(
        columns.whole(placed.window, *placed.window.element(opens[np.maximum(owner, 0)], 1))
    ).to_list()
    return [number if here else None for number, here in zip(numbers, inside.tolist(), strict=True)]
