"""The reference as loaded, and look-ups by day.

Every table has the columns `from` and `until` (the first day no longer in force, null while it lasts): a row
of a hand-kept table carries its own, a row of an edition is in force until the next edition starts, or for
such days within those as the publisher gave it.  A day after the newest edition is judged by the newest; a
day before the oldest has no row.

Nothing is read before it is asked for.
"""

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from anodyne.kernel.errors import BadReference
from anodyne.reference.dated import read_dated
from anodyne.reference.editions import MANIFEST, Edition, read_edition, read_pairs, read_rows
from anodyne.reference.pairs import INDICATORS, PAIRS, Pairs, pair_of
from anodyne.reference.shapes import DATED, EDITIONS, SPAN, Shape
from anodyne.reference.sources import sources

if TYPE_CHECKING:
    from numpy.typing import NDArray

DATA: Final = Path(__file__).parent / "data"
_KNOWING: Final = (("fee_schedule", "code"), ("mue", "code"), ("add_on", "add_on"), ("hcpcs", "code"))
"""Editions that know procedure and supply codes, and their column, by which they are sorted."""
FEW: Final = 2_000
"""So few keys are looked for in a table, rather than the table joined to them."""
_HANDFUL: Final = 20
"""So few are looked for one by one: a join has costs of its own, however few its rows."""

Row = tuple[Any, ...]


class Part:
    """One edition of a table and the days for which it is the newest."""

    def __init__(self, edition: Edition, folder: Path, until: dt.date | None) -> None:
        self.edition = edition
        self.folder = folder
        self.until = until

    def covers(self, first: dt.date, last: dt.date) -> bool:
        """Whether this is the newest edition on some day from `first` to `last`."""
        return self.edition.start <= last and (self.until is None or first < self.until)

    @cached_property
    def rows(self) -> pl.DataFrame:
        """The rows with their spans; in place of two codes, pairs have one number."""
        if self.edition.table == PAIRS:
            return spanned(self.pairs.frame(), self.edition.start, self.until)
        return spanned(read_rows(self.folder, self.edition), self.edition.start, self.until)

    def row_in_force(self, key: Row, day: dt.date) -> Row | None:
        """The values, key and span aside, of the row of `key` that is in force on `day`."""
        shape = EDITIONS[self.edition.table]
        first = self.rows[shape.key[0]]
        for place in range(bisect_left(first, key[0]), len(first)):
            row = self.rows.row(place, named=True)
            if row[shape.key[0]] != key[0]:
                return None
            if key == tuple(row[name] for name in shape.key) and _live(row["from"], row["until"], day):
                return tuple(row[name] for name in shape.columns if name not in shape.key)
        return None

    @cached_property
    def pairs(self) -> Pairs:
        """The edition as `Pairs`, which only the table of pairs can be."""
        return read_pairs(self.folder, self.edition)


@dataclass(frozen=True)
class Reference:
    """All tables as loaded; nothing in it changes."""

    parts: Mapping[str, tuple[Part, ...]]
    """The editions of each table that has any, oldest first."""
    listed: frozenset[str]
    """The ids of the sources that rows may name."""
    waiting: Mapping[str, tuple[Part, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Editions of which the user has not loaded every part: not judged by until they are whole.

    Where nothing else is loaded of a table, such an edition is used as an excerpt.
    """

    @cached_property
    def _dated(self) -> dict[str, pl.DataFrame]:
        return {}

    @cached_property
    def _by_key(self) -> dict[str, dict[Row, list[tuple[dt.date | None, dt.date | None, Row]]]]:
        return {}

    def table(self, name: str) -> pl.DataFrame:
        """Every row of table `name` with its span; hand-kept tables also have `cite`.

        In place of two codes the table `ptp` has `pair`, the number that `pairs.pair_of` makes of them.
        """
        shape = shape_of(name)
        if name in EDITIONS:
            found = [part.rows for part in self.parts.get(name, ())]
            return pl.concat(found) if found else pl.DataFrame(schema={**shape.columns, **SPAN})
        if name not in self._dated:
            self._dated[name] = read_dated(DATA / "dated" / f"{name}.csv", shape, self.listed)
        return self._dated[name]

    def row_in_force(self, name: str, key: Row, day: dt.date | None) -> Row | None:
        """The values, key and span aside, of the row of `key` in table `name` that is in force on `day`."""
        if day is None or None in key:
            return None
        if name in EDITIONS:
            part = self.in_force_on(name, day)
            return part.row_in_force(key, day) if part else None
        if name not in self._by_key:
            self._by_key[name] = _spans_by_key(self.table(name), shape_of(name))
        spans = self._by_key[name].get(key, ())
        return next((values for start, until, values in spans if _live(start, until, day)), None)

    def editions(self, name: str) -> tuple[Edition, ...]:
        """The editions of table `name`, oldest first; none for a hand-kept table."""
        return tuple(part.edition for part in self.parts.get(name, ()))

    @property
    def published(self) -> Mapping[str, tuple[Edition, ...]]:
        """The editions of each table that has any, oldest first."""
        return {name: self.editions(name) for name in self.parts}

    def oldest(self, name: str) -> dt.date | None:
        """The first day on which table `name` says anything; null where nothing is loaded."""
        if name in EDITIONS:
            return min((edition.start for edition in self.editions(name)), default=None)
        first = self.table(name)["from"].min()
        return first if isinstance(first, dt.date) else None

    def newest(self, name: str) -> dt.date | None:
        """The day the newest edition of table `name` came into force; null for a hand-kept table."""
        return max((edition.start for edition in self.editions(name)), default=None)

    def in_force_on(self, name: str, day: dt.date) -> Part | None:
        """The edition of table `name` by which `day` is judged; None before the first."""
        return next((part for part in self.parts.get(name, ()) if part.covers(day, day)), None)

    def overdue(self, as_of: dt.date) -> list[Edition]:
        """The newest editions whose successor should have been in force by `as_of`, by table name."""
        newest = [self.parts[name][-1].edition for name in sorted(self.parts)]
        return [edition for edition in newest if edition.expect_next and edition.expect_next <= as_of]

    def known(self, codes: pl.Series) -> pl.Series:
        """Those of the procedure and supply `codes` that some table knows; others are judged by nobody."""
        asked = left = codes.unique()
        lived = self.table("code_life").filter(system="hcpcs")
        for rows in (self.table("code_traits"), self.table("drugs"), lived):
            left = left.filter(~left.is_in(rows["code"].implode()))
        parts = ((part, key) for name, key in _KNOWING for part in self.parts.get(name, ()))
        for part, key in parts:
            if left.is_empty():
                break
            left = left.filter(~left.is_in(picked(part.rows, left.alias(key))[key].implode()))
        return asked.filter(~asked.is_in(left.implode())).drop_nulls().sort()


def _spans_by_key(
    rows: pl.DataFrame, shape: Shape
) -> dict[Row, list[tuple[dt.date | None, dt.date | None, Row]]]:
    """By key the spans of its rows, and their values."""
    spans: dict[Row, list[tuple[dt.date | None, dt.date | None, Row]]] = {}
    size = len(shape.key)
    values = (name for name in shape.columns if name not in shape.key)
    for row in rows.select(*shape.key, "from", "until", *values).iter_rows():
        spans.setdefault(row[:size], []).append((row[size], row[size + 1], row[size + 2 :]))
    return spans


def _live(start: dt.date | None, until: dt.date | None, day: dt.date) -> bool:
    return (start is None or start <= day) and (until is None or day < until)


def shape_of(table: str) -> Shape:
    """The shape of `table`; BadReference where there is no such table."""
    shape = EDITIONS.get(table) or DATED.get(table)
    if shape is None:
        raise BadReference(
            f"no table {table}", where="reference", fix=f"One of {sorted([*EDITIONS, *DATED])}."
        )
    return shape


def load(home: Path | None = None) -> Reference:
    """The built-in pack, with the editions under `home/reference/<table>/<start>/` added.

    An edition of the same table and day under `home` takes the place of the built-in one, once it is whole.
    """
    listed = frozenset(sources())
    folders: dict[str, dict[dt.date, tuple[Edition, Path]]] = {name: {} for name in EDITIONS}
    waiting: dict[str, dict[dt.date, tuple[Edition, Path]]] = {name: {} for name in EDITIONS}
    for root in (DATA / "editions", *([home / "reference"] if home else [])):
        for manifest in sorted(root.glob(f"[!.]*/*/{MANIFEST}")):
            edition = read_edition(manifest.parent, listed)
            into = waiting if edition.missing else folders
            into[edition.table][edition.start] = edition, manifest.parent
    for name in EDITIONS:
        if not folders[name]:
            folders[name], waiting[name] = waiting[name], {}
    return Reference(_by_table(folders), listed, _by_table(waiting))


def _by_table(
    found: Mapping[str, Mapping[dt.date, tuple[Edition, Path]]],
) -> Mapping[str, tuple[Part, ...]]:
    return MappingProxyType({name: parts_of(by_day.values()) for name, by_day in found.items() if by_day})


def parts_of(found: Iterable[tuple[Edition, Path]]) -> tuple[Part, ...]:
    """Editions of one table and their folders, oldest first, each until the next one starts."""
    ordered = sorted(found, key=lambda one: one[0].start)
    ends = [*(edition.start for edition, _ in ordered[1:]), None]
    return tuple(Part(edition, folder, until) for (edition, folder), until in zip(ordered, ends, strict=True))


def spanned(rows: pl.DataFrame, start: dt.date, until: dt.date | None) -> pl.DataFrame:
    """`rows`, in force from `start` up to but not including `until`, or within that for their own days.

    A row whose own days are all outside is left out.
    """
    first, end = pl.lit(start), pl.lit(until, dtype=pl.Date)
    if "from" not in rows.columns:
        return rows.with_columns(first.alias("from"), end.alias("until"))
    own = rows.with_columns(pl.max_horizontal("from", first).alias("from"), pl.min_horizontal("until", end))
    return own.filter(pl.col("until").is_null() | (pl.col("from") < pl.col("until")))


def matches_in_force(
    keys: pl.DataFrame, reference: Reference, table: str, *, by: Sequence[str], on: str = "served_on"
) -> pl.DataFrame:
    """One row per row of `keys` and row of `table` that agree on the columns `by`, in force on day `on`.

    Every column of both is kept, the span and source of the table's row aside.  Rows of `keys` with no match,
    or no day, are not there.
    """
    live = (pl.col("from").is_null() | (pl.col("from") <= pl.col(on))) & (
        pl.col("until").is_null() | (pl.col(on) < pl.col("until"))
    )
    rows = _about(reference, table, keys[by[0]], keys[on]).select(*shape_of(table).columns, "from", "until")
    return (
        keys.join(rows, on=list(by), how="inner", maintain_order="left_right")
        .filter(pl.col(on).is_not_null() & live)
        .drop("from", "until")
    )


def _about(reference: Reference, table: str, wanted: pl.Series, days: pl.Series) -> pl.DataFrame:
    """The rows of `table` by which `days` are judged; where few are `wanted`, only those that are."""
    if table not in EDITIONS:
        return reference.table(table)
    first, last = days.min(), days.max()
    parts: list[pl.DataFrame] = []
    if isinstance(first, dt.date) and isinstance(last, dt.date):
        parts = [part.rows for part in reference.parts.get(table, ()) if part.covers(first, last)]
    if len(wanted) <= FEW and wanted.name == shape_of(table).key[0]:
        parts = [picked(rows, wanted) for rows in parts]
    return pl.concat(parts) if parts else reference.table(table).clear()


def picked(rows: pl.DataFrame, wanted: pl.Series) -> pl.DataFrame:
    """The `rows`, sorted by the column that `wanted` is named for, in which it has one of `wanted`."""
    keys = wanted.drop_nulls().unique()
    low, high = (rows[wanted.name].search_sorted(keys, side).to_numpy() for side in ("left", "right"))
    counts = (high - low).astype(np.int64)
    before = counts.cumsum() - counts
    return rows[np.repeat(low - before, counts) + np.arange(counts.sum())]


def in_force(keys: pl.DataFrame, reference: Reference, table: str, *, on: str = "served_on") -> pl.DataFrame:
    """`keys` in their own order, with the columns of the row of `table` in force on day `on`.

    `keys` names the table's key columns as the table does.  Nothing in force, or no day, leaves nulls:
    `oldest` tells a day before the first edition from a code that the table does not hold.
    """
    shape = shape_of(table)
    if len(keys) <= _HANDFUL:
        told = {name: kind for name, kind in shape.columns.items() if name not in shape.key}
        none = (None,) * len(told)
        asked = keys.select(*shape.key, on).iter_rows()
        rows = [reference.row_in_force(table, tuple(key), day) or none for *key, day in asked]
        return keys.hstack(pl.DataFrame(rows, schema=told, orient="row"))
    row = "row of in_force"
    numbered = keys.with_row_index(row)
    found = matches_in_force(numbered.select(row, *shape.key, on), reference, table, by=shape.key, on=on)
    return numbered.join(found.drop(*shape.key, on), on=row, how="left", maintain_order="left").drop(row)


def pairs_in_force(pairs: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """`pairs` (`code_1`, `code_2`, `served_on`) with `indicator` of the pair in force that day, else null.

    `code_1` is column one, which is paid, `code_2` column two, which is not.
    0: no modifier helps; 1: a modifier may; 9: ended as if it had never been.
    """
    pair = pair_of(pl.col("code_1"), pl.col("code_2")).fill_null(-1)
    wanted: NDArray[np.int64] = pairs.select(pair * INDICATORS).to_series().to_numpy()
    days = pairs["served_on"].to_numpy()
    numbers: NDArray[np.int32] = pairs["served_on"].cast(pl.Int32).fill_null(0).to_numpy()
    answer = np.full(pairs.height, -1, np.int8)
    for part in reference.parts.get(PAIRS, ()):
        then = days >= np.datetime64(part.edition.start)
        if part.until is not None:
            then &= days < np.datetime64(part.until)
        rows = np.flatnonzero(then)
        if len(rows):
            answer[rows] = part.pairs.in_force(wanted[rows], numbers[rows])
    found = pl.Series("indicator", answer)
    return pairs.with_columns(found.set(found < 0, None))
