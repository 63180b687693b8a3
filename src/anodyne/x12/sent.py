"""The envelopes of claims that were sent: by which numbers an acknowledgement names them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import polars as pl

from anodyne.model.frames import SENT, SENT_CLAIMS, Schema, checked, empty
from anodyne.x12.columns import day, text
from anodyne.x12.guide import Column, Source
from anodyne.x12.kind import check_kind
from anodyne.x12.loops import place
from anodyne.x12.owners import ABSENT, Owners, last_before, row_before
from anodyne.x12.segments import Rows, Segments
from anodyne.x12.windows import WINDOW_BYTES, read_windows, windows

_COLUMNS: Final = (
    Column("interchange_control", Source("interchange", ("ISA",), "ISA"), 13, text),
    Column("group_control", Source("group", ("GS",), "GS"), 6, text),
    Column("version", Source("group", ("GS",), "GS"), 8, text),
    Column("sent_on", Source("group", ("GS",), "GS"), 4, day),
    Column("control", Source("transaction", ("ST",), "ST"), 2, text),
    Column("batch", Source("transaction", ("ST",), "BHT"), 3, text),
)


@dataclass(frozen=True, slots=True)
class Sent:
    """The transactions of 837 files, and where each claim stands in them."""

    transactions: pl.DataFrame = field(repr=False)
    """Columns of `frames.SENT`."""
    claims: pl.DataFrame = field(repr=False)
    """Columns of `frames.SENT_CLAIMS`."""


def read_sent(path: Path | str, *, name: str | None = None, sent_key: int = 0) -> Sent:
    """The transactions of an 837P file; raises as `read.read_claims` does.

    Keys count up from `sent_key`; frames and errors call the file `name`, or by its path.
    """
    called = str(path) if name is None else name
    return _sent(read_windows(path, name=called), called, sent_key)


def read_sent_stream(stream: BinaryIO, *, name: str, sent_key: int = 0, size: int = WINDOW_BYTES) -> Sent:
    """`read_sent` of an open stream."""
    return _sent(windows(stream, name=name, size=size), name, sent_key)


def together(parts: Iterable[Sent]) -> Sent:
    """The transactions of several files, whose keys follow each other."""
    some = list(parts)
    return Sent(
        _stacked([part.transactions for part in some], SENT),
        _stacked([part.claims for part in some], SENT_CLAIMS),
    )


def _sent(file_windows: Iterable[Segments], name: str, sent_key: int) -> Sent:
    transactions, claims, ends = [], [], []
    last = 0
    for window in file_windows:
        check_kind(window, name)
        held = _Held(window, name)
        transactions.append(held.transactions())
        claims.append(held.claims())
        ends.append(held.ends())
        last = window.number + len(window) - window.context
    begun = _stacked(transactions, SENT).with_columns(
        sent_key=pl.int_range(sent_key, sent_key + pl.len(), dtype=pl.UInt32)
    )
    ended = pl.Series("last_segment", np.concatenate(ends) if ends else [], dtype=pl.UInt32)
    # A transaction without an end is closed by the next, or by the end of the file.
    follows = begun["segment"].shift(-1, fill_value=last + 1) - 1
    first = ended.search_sorted(begun["segment"])
    closed = pl.concat([ended, pl.Series([last], dtype=pl.UInt32)]).gather(first)
    begun = begun.with_columns(last_segment=pl.min_horizontal(closed, follows))
    placed = (
        _stacked(claims, SENT_CLAIMS)
        .drop("sent_key")
        .join_asof(begun.select("segment", "sent_key"), on="segment")
        .select(*SENT_CLAIMS)
    )
    return Sent(checked(begun.select(*SENT), SENT), checked(placed, SENT_CLAIMS))


class _Held:
    """What a window holds: the transactions that begin in it, and its claims."""

    def __init__(self, window: Segments, name: str) -> None:
        self._window = window
        self._name = name
        self._placed = place(window)

    def transactions(self) -> pl.DataFrame:
        """Columns of SENT, their last segments not known yet."""
        placed, window = self._placed, self._window
        rows = placed.rows("ST")
        rows = rows[rows >= window.context]
        if not len(rows):
            return empty(SENT)
        starts, above = {"transaction": rows}, {}
        for owner, segment, ends in (("interchange", "ISA", ("IEA",)), ("group", "GS", ("GE", "ISA"))):
            begun = placed.rows(segment)
            ended = np.sort(np.concatenate([placed.rows(end) for end in ends]))
            stands = row_before(begun, rows) > row_before(ended, rows)
            starts[owner], above[owner] = begun, np.where(stands, last_before(begun, rows), ABSENT)
        raw = Owners(placed, starts, above).frame(_COLUMNS)
        return raw.with_columns(
            pl.Series("segment", window.segment_number(rows), dtype=pl.UInt32),
            sent_key=pl.lit(0, pl.UInt32),
            file=pl.lit(self._name),
            last_segment=pl.lit(0, pl.UInt32),
        ).select(pl.col(n).cast(kind) for n, kind in SENT.items())

    def claims(self) -> pl.DataFrame:
        """Columns of SENT_CLAIMS: each claim with the last segment before what ends it."""
        placed, window = self._placed, self._window
        rows = placed.rows("CLM")
        rows = rows[rows >= window.context]
        bounds = np.append(placed.bounds, len(window))
        after = bounds[np.searchsorted(bounds, rows, "right")]
        return pl.DataFrame(
            {
                "sent_key": np.zeros(len(rows), np.uint32),
                "file": [self._name] * len(rows),
                "segment": window.segment_number(rows).astype(np.uint32),
                "last_segment": window.segment_number(after - 1).astype(np.uint32),
            },
            schema=dict(SENT_CLAIMS),
        )

    def ends(self) -> Rows:
        """The numbers of the segments that end transactions."""
        rows = self._placed.rows("SE")
        return self._window.segment_number(rows[rows >= self._window.context])


def _stacked(frames: list[pl.DataFrame], schema: Schema) -> pl.DataFrame:
    some = [frame for frame in frames if len(frame)]
    return pl.concat(some) if some else empty(schema)
