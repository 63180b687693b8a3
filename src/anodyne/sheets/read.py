"""The tables of a practice, read and checked: a frame, or every bad cell."""

import codecs
import datetime as dt
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa
from pyarrow import parquet

from anodyne.kernel.errors import BadCell, BadTable, UnreadableFile
from anodyne.model.frames import checked
from anodyne.sheets.columns import Wrong
from anodyne.sheets.contracts import CONTRACTS_TABLE, LIMITS_TABLE
from anodyne.sheets.files import BLANK_ROW, HEADER_ROW, PARQUET, Sheet, sheet_of
from anodyne.sheets.tables import CHOICES_TABLE, ENROLMENTS_TABLE, TIME_TABLE, Apart, Table, Unique
from anodyne.sheets.workbooks import csv_of

STANDARD_INPUT: Final = "-"
FIRST_ROW: Final = HEADER_ROW + 1

_EMPTY: Final = Wrong("the cell is empty", "Fill it in.")

_Found = tuple[int, str, Wrong]
"""A place among the rows, a column, and what is wrong there."""


def read_time(path: str | Path, *, name: str | None = None) -> pl.DataFrame:
    """The entries of the CSV or Parquet file at `path`, or of standard input for `-`, as `frames.TIME`.

    Messages call the file `name`: its path unless given.  Raises BadTable with every bad cell; UnreadableFile
    where the file is not there, empty or neither CSV nor Parquet.
    """
    return read_table(path, TIME_TABLE, name=name)


def read_enrolments(path: str | Path, *, name: str | None = None) -> pl.DataFrame:
    """The enrolments of the CSV or Parquet file at `path`, or of standard input, as `frames.ENROLMENTS`.

    Path, name and what is raised are those of `read_time`.
    """
    return read_table(path, ENROLMENTS_TABLE, name=name)


def read_choices(path: str | Path, *, name: str | None = None) -> pl.DataFrame:
    """The marks of the CSV or Parquet file at `path`, or of standard input, as `frames.CHOICES`.

    Path, name and what is raised are those of `read_time`.
    """
    return read_table(path, CHOICES_TABLE, name=name)


def read_contracts(path: str | Path, *, name: str | None = None) -> pl.DataFrame:
    """What payers should allow, by the CSV or Parquet file at `path`, or standard input: `frames.CONTRACTS`.

    Path, name and what is raised are those of `read_time`.
    """
    return read_table(path, CONTRACTS_TABLE, name=name)


def read_limits(path: str | Path, *, name: str | None = None) -> pl.DataFrame:
    """Until when payers may be asked, by the CSV or Parquet file at `path`, or standard input.

    Gives `frames.DENIAL_LIMITS`.  Path, name and what is raised are those of `read_time`.
    """
    return read_table(path, LIMITS_TABLE, name=name)


def read_table(path: str | Path, table: Table, *, name: str | None = None) -> pl.DataFrame:
    """What the file at `path` holds of `table`, as its frame; raises as `read_time` does."""
    file = str(path) if name is None else name
    return _frame(sheet_of(_bytes_at(str(path), file), table, file), table, file)


def read_table_bytes(data: bytes, table: Table, *, name: str) -> pl.DataFrame:
    """What `data`, a workbook (its first sheet) or CSV or Parquet file, holds of `table`, as its frame.

    In a frame that was read, row n (from 0) is row n + FIRST_ROW of the file.  Raises as `read_time` does.
    """
    return _frame(sheet_of(csv_of(data, name), table, name), table, name)


def names_in(data: bytes, *, name: str) -> list[str]:
    """What the first row of a workbook, CSV or Parquet file says; none where it is no table."""
    plain = csv_of(data, name)
    if plain.startswith(PARQUET):
        try:
            return list(parquet.read_schema(pa.BufferReader(plain)).names)
        except (pa.ArrowException, OSError):
            return []
    first = plain.removeprefix(codecs.BOM_UTF8).lstrip(b"\r\n").split(b"\n", 1)[0].split(b"\r", 1)[0]
    return [part.strip(' "') for part in first.decode("utf-8", "replace").split(",")]


def _bytes_at(path: str, file: str) -> bytes:
    if path == STANDARD_INPUT:
        if sys.stdin is None:
            raise UnreadableFile("standard input is closed", where=file, fix="Give it a file, or name one.")
        return sys.stdin.buffer.read()
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise UnreadableFile(
            f"the file cannot be read: {error.strerror}",
            where=file,
            fix="Check the path and the permissions.",
        ) from error


def _frame(sheet: Sheet, table: Table, file: str) -> pl.DataFrame:
    texts = sheet.texts
    found: list[_Found] = [(place, "", BLANK_ROW) for place in sheet.blank.arg_true()]
    columns = [pl.DataFrame({table.key: pl.int_range(len(texts), dtype=pl.UInt32, eager=True)})]
    for column in table.columns:
        if not column.kept:
            continue
        given = texts[column.name] if column.name in texts.columns else _nothing(column.name, len(texts))
        cells = column.kind.read(given)
        if cells.wrong:
            places = given.is_in(list(cells.wrong)).arg_true()
            strange = zip(places, given.gather(places), strict=True)
            found += [(place, column.name, cells.wrong[text]) for place, text in strange]
        if column.needed:
            found += [(place, column.name, _EMPTY) for place in (given.is_null() & ~sheet.blank).arg_true()]
        columns.append(cells.values)
    frame = pl.concat(columns, how="horizontal")
    for check in table.checks:
        broken = frame.select(check.breaks).to_series().arg_true()
        found += [(place, check.column, check.wrong) for place in broken]
    if table.unique is not None:
        found += _repeated(frame, table.unique, sheet)
    if table.apart is not None:
        found += _overlapping(frame, table.apart, sheet)
    wrong = [*sheet.wrong, *_cells(found, sheet, file)]
    if wrong:
        raise BadTable(_in_order(wrong, sheet.columns))
    return checked(frame.select(*table.schema), table.schema)


def _nothing(name: str, rows: int) -> pl.Series:
    return pl.Series(name, [None], dtype=pl.String).new_from_index(0, rows)


def _repeated(frame: pl.DataFrame, unique: Unique, sheet: Sheet) -> Iterator[_Found]:
    """Each row that repeats an earlier one."""
    keys = frame.select(unique.columns)
    if keys.hash_rows().n_unique() == len(keys):
        return
    first = pl.col("place").first().over(unique.columns)
    places = keys.with_row_index("place").drop_nulls().select("place", first=first)
    for place, before in places.filter(pl.col("place") != pl.col("first")).iter_rows():
        yield place, unique.columns[0], Wrong(f"{unique.message} {sheet.rows[before]}", unique.next_step)


def _overlapping(frame: pl.DataFrame, apart: Apart, sheet: Sheet) -> Iterator[_Found]:
    """Each row that begins before the one of its key that began earlier has ended."""
    began = frame.select(*apart.columns, "from", "until").with_row_index("place").drop_nulls("from")
    ends = pl.col("until").fill_null(dt.date.max)
    furthest = pl.when(ends == ends.cum_max()).then("place").forward_fill()
    before = began.sort("from", "place").with_columns(
        end=ends.cum_max().shift(1).over(apart.columns),
        first=furthest.shift(1).over(apart.columns),
    )
    for place, first in before.filter(pl.col("from") < pl.col("end")).select("place", "first").iter_rows():
        yield place, "from", Wrong(f"{apart.message} {sheet.rows[first]}", apart.next_step)


def _cells(found: list[_Found], sheet: Sheet, file: str) -> Iterator[BadCell]:
    rows = sheet.rows.tolist() if found else []
    for place, column, why in found:
        yield BadCell(file, rows[place], column, why.message, why.next_step)


def _in_order(wrong: list[BadCell], columns: Sequence[str]) -> list[BadCell]:
    """`wrong` in the order of the file, and what was found first of each cell."""
    cells: dict[tuple[int, str], BadCell] = {}
    for cell in wrong:
        cells.setdefault((cell.row, cell.column), cell)
    order = {column: place for place, column in enumerate(columns)}
    return sorted(cells.values(), key=lambda cell: (cell.row, order.get(cell.column, -1)))
