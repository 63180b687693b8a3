"""The reference as loaded, and look-ups by day.

Every table has the columns `from` and `until` (the first day no longer in force, null while it lasts): a row of a
hand-kept table carries its own, a row of an edition is in force until the next edition starts.  A day after the newest
edition is judged by the newest; a day before the oldest has no row.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

import numpy as np
import polars as pl
from numpy.typing import NDArray

from anodyne.kernel.errors import BadReference
from anodyne.reference.dated import read_dated
from anodyne.reference.editions import MANIFEST, Edition, pair_of, read_edition
from anodyne.reference.shapes import DATED, EDITIONS, Shape
from anodyne.reference.sources import sources

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Pairs:
    """One edition of the procedure-to-procedure table, ready for a binary search: `pairs` is in order."""

    start: dt.date
    until: dt.date | None
    pairs: NDArray[np.int64]
    indicators: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Reference:
    """All tables as loaded; nothing in it changes."""

    frames: Mapping[str, pl.DataFrame]
    published: Mapping[str, tuple[Edition, ...]]
    ptp: tuple[Pairs, ...]

    def table(self, name: str) -> pl.DataFrame:
        """Every row of table `name` with its span; hand-kept tables also have `cite`.

        The table `ptp` has `pair`, the number that `editions.pair_of` makes of two codes, in place of the codes.
        """
        if name == "ptp":
            parts = [
                pl.DataFrame({"pair": part.pairs, "indicator": part.indicators}).with_columns(
                    pl.lit(part.start).alias("from"), pl.lit(part.until, dtype=pl.Date).alias("until")
                )
                for part in self.ptp
            ]
            return pl.concat(parts, rechunk=False)
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
            *(self.frames[name]["code"] for name in ("fee_schedule", "mue", "rvu", "code_traits", "drugs")),
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
    loaded: dict[str, dict[dt.date, tuple[Edition, pl.DataFrame]]] = {name: {} for name in EDITIONS}
    for root in (DATA / "editions", *([home / "reference"] if home else [])):
        for manifest in sorted(root.glob(f"*/*/{MANIFEST}")):
            edition, rows = read_edition(manifest.parent, listed)
            loaded[edition.table][edition.start] = edition, rows
    in_order = {name: [found[day] for day in sorted(found)] for name, found in loaded.items()}
    frames = {
        name: read_dated(DATA / "dated" / f"{name}.csv", shape, listed) for name, shape in DATED.items()
    }
    for name, found in in_order.items():
        if name != "ptp":
            frames[name] = stacked(found, EDITIONS[name])
    return Reference(
        frames=MappingProxyType(frames),
        published=MappingProxyType({n: tuple(e for e, _ in found) for n, found in in_order.items() if found}),
        ptp=tuple(
            Pairs(edition.start, until, rows["pair"].to_numpy(), rows["indicator"].to_numpy())
            for (edition, rows), until in zip(in_order["ptp"], ends(in_order["ptp"]), strict=True)
        ),
    )


def ends(found: Sequence[tuple[Edition, pl.DataFrame]]) -> list[dt.date | None]:
    """For each edition, oldest first, the day the next one starts; null for the newest."""
    return [*(later.start for (_, _), (later, _) in pairwise(found)), *([None] if found else [])]


def stacked(found: Sequence[tuple[Edition, pl.DataFrame]], shape: Shape) -> pl.DataFrame:
    """The rows of all editions, each with the span of its edition."""
    parts = [
        rows.with_columns(pl.lit(edition.start).alias("from"), pl.lit(until, dtype=pl.Date).alias("until"))
        for (edition, rows), until in zip(found, ends(found), strict=True)
    ]
    return (
        pl.concat(parts)
        if parts
        else pl.DataFrame(schema={**shape.columns, "from": pl.Date, "until": pl.Date})
    )


def matches_in_force(
    keys: pl.DataFrame, reference: Reference, table: str, *, by: Sequence[str], on: str = "served_on"
) -> pl.DataFrame:
    """One row per row of `keys` and row of `table` that agree on the columns `by` and are in force on day `on`.

    Every column of both is kept, the span and source of the table's row aside.  Rows of `keys` with no match, or no
    day, are not there.
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

    `keys` names the table's key columns as the table does.  Nothing in force, or no day, leaves nulls: `oldest` tells
    a day before the first edition from a code that the table does not hold.
    """
    shape = shape_of(table)
    row = "row of in_force"
    numbered = keys.with_row_index(row)
    found = matches_in_force(numbered.select(row, *shape.key, on), reference, table, by=shape.key, on=on)
    return numbered.join(found.drop(*shape.key, on), on=row, how="left", maintain_order="left").drop(row)


def pairs_in_force(pairs: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """`pairs` (`code_1`, `code_2`, `served_on`) with `indicator` of the pair in force that day, null where none is.

    `code_1` is column one, which is paid, `code_2` column two.  0: no modifier helps; 1: a modifier may; 9: ignore.
    """
    wanted = pairs.select(pair_of(pl.col("code_1"), pl.col("code_2")).fill_null(-1)).to_series().to_numpy()
    days = pairs["served_on"].to_numpy()
    answer = np.full(pairs.height, -1, np.int8)
    for part in reference.ptp:
        then = days >= np.datetime64(part.start)
        if part.until is not None:
            then &= days < np.datetime64(part.until)
        asked = wanted[then]
        place = np.searchsorted(part.pairs, asked).clip(max=max(len(part.pairs) - 1, 0))
        if len(part.pairs):
            answer[then] = np.where(part.pairs[place] == asked, part.indicators[place], -1)
    found = pl.Series("indicator", answer)
    return pairs.with_columns(found.set(found < 0, None))
