"""The reference as loaded, and look-ups by day.

Every table has the columns `from` and `until` (the first day no longer in force, null while it lasts): a row
of a hand-kept table carries its own, a row of an edition is in force until the next edition starts.  A day
after the newest edition is judged by the newest; a day before the oldest has no row.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import polars as pl
from numpy.typing import NDArray

from anodyne.kernel.errors import BadReference
from anodyne.reference.dated import read_dated
from anodyne.reference.editions import (
    INDICATORS,
    MANIFEST,
    Edition,
    pair_of,
    read_edition,
    read_pairs,
    read_rows,
)
from anodyne.reference.shapes import DATED, EDITIONS, SPAN, Shape
from anodyne.reference.sources import sources

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Pairs:
    """One edition of the procedure-to-procedure table, as `editions.numbered` gives it."""

    start: dt.date
    until: dt.date | None
    numbers: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Reference:
    """All tables as loaded; nothing in it changes."""

    frames: Mapping[str, pl.DataFrame]
    published: Mapping[str, tuple[Edition, ...]]
    ptp: tuple[Pairs, ...]

    def table(self, name: str) -> pl.DataFrame:
        """Every row of table `name` with its span; hand-kept tables also have `cite`.

        In place of two codes the table `ptp` has `pair`, the number that `editions.pair_of` makes of them.
        """
        if name == "ptp":
            return pl.concat([whole(part) for part in self.ptp], rechunk=False)
        try:
            return self.frames[name]
        except KeyError as error:
            raise BadReference(
                f"no table {name}", where="reference", fix=f"One of {sorted([*EDITIONS, *DATED])}."
            ) from error

    def editions(self, name: str) -> tuple[Edition, ...]:
        """The editions of table `name`, oldest first; none for a hand-kept table."""
        return self.published.get(name, ())

    def oldest(self, name: str) -> dt.date | None:
        """The first day on which table `name` says anything; null where nothing is loaded."""
        if name in EDITIONS:
            return min((edition.start for edition in self.editions(name)), default=None)
        first = self.table(name)["from"].min()
        return first if isinstance(first, dt.date) else None

    def newest(self, name: str) -> dt.date | None:
        """The day the newest edition of table `name` came into force; null for a hand-kept table."""
        return max((edition.start for edition in self.editions(name)), default=None)

    def overdue(self, as_of: dt.date) -> list[Edition]:
        """The newest editions whose successor should have been in force by `as_of`, by table name."""
        newest = [self.published[name][-1] for name in sorted(self.published)]
        return [edition for edition in newest if edition.expect_next and edition.expect_next <= as_of]

    def codes(self) -> pl.Series:
        """Every procedure and supply code that some table knows; any other code is judged by nobody."""
        known = [
            *(self.frames[name]["code"] for name in ("fee_schedule", "mue", "code_traits", "drugs")),
            self.frames["code_life"].filter(system="hcpcs")["code"],
            self.frames["add_on"]["add_on"],
        ]
        return pl.concat(known).unique().sort().alias("code")


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

    An edition of the same table and day under `home` takes the place of the built-in one.
    """
    listed = sources()
    folders: dict[str, dict[dt.date, tuple[Edition, Path]]] = {name: {} for name in EDITIONS}
    for root in (DATA / "editions", *([home / "reference"] if home else [])):
        for manifest in sorted(root.glob(f"*/*/{MANIFEST}")):
            edition = read_edition(manifest.parent, listed)
            folders[edition.table][edition.start] = edition, manifest.parent
    found = {name: [by_day[day] for day in sorted(by_day)] for name, by_day in folders.items()}
    dated = {name: read_dated(DATA / "dated" / f"{name}.csv", shape, listed) for name, shape in DATED.items()}
    stacks = {name: stacked(found[name], shape) for name, shape in EDITIONS.items() if name != "ptp"}
    return Reference(
        frames=MappingProxyType({**dated, **stacks}),
        published=MappingProxyType({n: tuple(edition for edition, _ in f) for n, f in found.items() if f}),
        ptp=tuple(
            Pairs(edition.start, until, read_pairs(folder, edition))
            for (edition, folder), until in zip(found["ptp"], ends(found["ptp"]), strict=True)
        ),
    )


def ends(found: Sequence[tuple[Edition, Path]]) -> list[dt.date | None]:
    """For each edition, oldest first, the day the next one starts; null for the newest."""
    return [*(later.start for later, _ in found[1:]), *([None] if found else [])]


def stacked(found: Sequence[tuple[Edition, Path]], shape: Shape) -> pl.DataFrame:
    """The rows of all editions, each with the span of its edition."""
    parts = [
        spanned(read_rows(folder, edition), edition.start, until)
        for (edition, folder), until in zip(found, ends(found), strict=True)
    ]
    return pl.concat(parts) if parts else pl.DataFrame(schema={**shape.columns, **SPAN})


def spanned(rows: pl.DataFrame, start: dt.date, until: dt.date | None) -> pl.DataFrame:
    """`rows`, all in force from `start` up to but not including `until`."""
    return rows.with_columns(pl.lit(start).alias("from"), pl.lit(until, dtype=pl.Date).alias("until"))


def whole(part: Pairs) -> pl.DataFrame:
    """One edition of pairs as a frame: `pair`, `indicator` and its span."""
    number = pl.col("number")
    pairs = pl.DataFrame({"number": part.numbers}).select(
        (number // INDICATORS).alias("pair"), (number % INDICATORS).cast(pl.Int8).alias("indicator")
    )
    return spanned(pairs, part.start, part.until)


def matches_in_force(
    keys: pl.DataFrame, reference: Reference, table: str, *, by: Sequence[str], on: str = "served_on"
) -> pl.DataFrame:
    """One row per row of `keys` and row of `table` that agree on the columns `by`, in force on day `on`.

    Every column of both is kept, the span and source of the table's row aside.  Rows of `keys` with no match,
    or no day, are not there.
    """
    shape = shape_of(table)
    rows = reference.table(table).select(*shape.columns, "from", "until")
    live = (pl.col("from").is_null() | (pl.col("from") <= pl.col(on))) & (
        pl.col("until").is_null() | (pl.col(on) < pl.col("until"))
    )
    return (
        keys.join(rows, on=list(by), how="inner", maintain_order="left_right")
        .filter(pl.col(on).is_not_null() & live)
        .drop("from", "until")
    )


def in_force(keys: pl.DataFrame, reference: Reference, table: str, *, on: str = "served_on") -> pl.DataFrame:
    """`keys` in their own order, with the columns of the row of `table` in force on day `on`.

    `keys` names the table's key columns as the table does.  Nothing in force, or no day, leaves nulls:
    `oldest` tells a day before the first edition from a code that the table does not hold.
    """
    shape = shape_of(table)
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
    answer = np.full(pairs.height, -1, np.int8)
    for part in reference.ptp:
        then = days >= np.datetime64(part.start)
        if part.until is not None:
            then &= days < np.datetime64(part.until)
        rows = np.flatnonzero(then)
        # Asked in order, the whole table answers several times as fast as at random: it stays in cache.
        rows = rows[np.argsort(wanted[rows])]
        asked = wanted[rows]
        beside = part.numbers.take(part.numbers.searchsorted(asked), mode="clip") - asked
        answer[rows] = np.where((beside >= 0) & (beside < INDICATORS), beside, -1)
    found = pl.Series("indicator", answer)
    return pairs.with_columns(found.set(found < 0, None))
