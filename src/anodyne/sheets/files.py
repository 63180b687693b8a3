"""What a file holds as text: a CSV file or a Parquet file, its columns known and its rows counted."""

import codecs
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa
from pyarrow import parquet

from anodyne.kernel.errors import AnodyneError, BadCell, BadTable, UnreadableFile
from anodyne.sheets.columns import Kind, Wrong, near, short
from anodyne.sheets.records import Numbers, Records, cell_at, find_records
from anodyne.sheets.tables import Table

PARQUET: Final = b"PAR1"
HEADER_ROW: Final = 1
PART_BYTES: Final = 1 << 24
PART_ROWS: Final = 1 << 17

_CSV: Final = "Save it as CSV UTF-8, with commas."
_OTHERS: Final = (
    (b"PK\x03\x04", "this is a workbook or a zip, not CSV"),
    (codecs.BOM_UTF16_LE, "this is UTF-16, not UTF-8"),
    (codecs.BOM_UTF16_BE, "this is UTF-16, not UTF-8"),
)
_MARKS: Final = ((";", "semicolons"), ("\t", "tabs"))
_BLANK: Final = b', \t\r\n"'
_DECODED_BYTES: Final = 1 << 22
_IS_BLANK: Final = "is blank"

BLANK_ROW: Final = Wrong("the row is blank", "Delete the row.")
_NOT_UTF8: Final = Wrong("the text is not UTF-8", _CSV)
_NUL: Final = Wrong("the text holds a byte of value zero", "Type the cell anew.")
_WHOLE_ROW: Final = -1

_Found = tuple[int, int, Wrong]
"""A record, the cell in it, and what is wrong there."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sheet:
    """The columns of a file as text: stripped, and null where a cell is empty."""

    texts: pl.DataFrame
    """The columns that are kept."""
    blank: pl.Series
    """Whether a row holds nothing at all."""
    columns: Sequence[str]
    """All of them, in the order of the file."""
    rows: Numbers
    """The row of each, as a spreadsheet counts."""
    wrong: Sequence[BadCell]
    """What is wrong with the file before any cell is read."""


def sheet_of(data: bytes, table: Table, file: str) -> Sheet:
    """What `data` holds of `table`; messages call it `file`.

    Raises UnreadableFile where it is neither CSV nor Parquet, BadTable where its columns are not those of the
    table.
    """
    if data.startswith(PARQUET):
        return _of_parquet(data, table, file)
    for beginning, what in _OTHERS:
        if data.startswith(beginning):
            raise UnreadableFile(what, where=file, fix=_CSV)
    data = data.removeprefix(codecs.BOM_UTF8)
    if not data.strip():
        raise UnreadableFile("the file is empty", where=file, fix="Export it again.")
    return _of_csv(data if b"\n" in data else data.replace(b"\r", b"\n"), table, file)


def _bad(file: str, row: int, column: str, why: Wrong) -> BadCell:
    return BadCell(file, row, column, why.message, why.next_step)


def _of_csv(data: bytes, table: Table, file: str) -> Sheet:
    records = find_records(data)
    names = _header(data, records, table, file)
    count = _without_blank_end(data, records)
    strange = {} if _is_text(data) else _strange(data, records, count)
    found = [*_ragged(data, records, count, len(names))]
    found += [(at, cell, why) for at, record in strange.items() for cell, why in _not_text(record)]
    if records.fault is not None:
        found.append((records.fault.record, records.fault.cell, records.fault.wrong))
    wrong = [
        _bad(file, at + HEADER_ROW, names[cell] if cell in range(len(names)) else "", why)
        for at, cell, why in found
    ]
    kept = np.flatnonzero(records.cells[1:count] == len(names)) + 1
    parts = [_texts(part, names, table) for part in _parts(data, records, kept, strange)]
    texts = pl.concat(parts or [_texts(b"", names, table)])
    if len(texts) != len(kept):
        raise UnreadableFile("its rows cannot be told apart", where=file, fix="Save it as Parquet instead.")
    return Sheet(texts.drop(_IS_BLANK), texts[_IS_BLANK], names, kept + HEADER_ROW, wrong)


def _header(data: bytes, records: Records, table: Table, file: str) -> list[str]:
    line = _record(data, records, 0) if len(records) else b""
    if not line or not _is_text(line):
        why = _NOT_UTF8 if records.fault is None or line else records.fault.wrong
        raise BadTable([_bad(file, HEADER_ROW, "", why)])
    read = pl.read_csv(line, has_header=False, infer_schema=False) if line.strip() else pl.DataFrame([""])
    names = [str(name or "").strip() for name in read.row(0)]
    wrong = list(_wrong_names(names, table, file))
    if wrong:
        raise BadTable(wrong)
    return names


def _record(data: bytes, records: Records, at: int) -> bytes:
    """The record numbered `at`, with its line end."""
    return data[records.starts[at] : records.ends[at] + 1]


def _wrong_names(names: Sequence[str], table: Table, file: str) -> Iterator[BadCell]:
    """What is wrong with the names of columns; none are shown where they may be a patient's cells."""
    known = [column.name for column in table.columns]
    if not set(names) & set(known):
        between = next(
            (word for mark, word in _MARKS if set(next(iter(names), "").split(mark)) & set(known)), None
        )
        what = f"its cells stand between {between}" if between else "it names no column of the table"
        step = _CSV if between else f"Begin with a header: {', '.join(_needed(table))}."
        yield BadCell(file, HEADER_ROW, "", what, step)
        return
    for place, name in enumerate(names):
        if not name:
            yield BadCell(file, HEADER_ROW, "", f"the column in place {place + 1} has no name", "Delete it.")
        elif name not in known:
            meant = near(name, known)
            step = f"Is it {meant}?" if meant else f"Leave it out; the columns are {', '.join(known)}."
            yield BadCell(file, HEADER_ROW, short(name), "there is no such column", step)
        elif name in names[:place]:
            yield BadCell(file, HEADER_ROW, name, "the column stands twice", "Leave one out.")
    for name in _needed(table):
        if name not in names:
            yield BadCell(file, HEADER_ROW, name, "the column is missing", "Add it.")


def _needed(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.needed]


def _without_blank_end(data: bytes, records: Records) -> int:
    """How many records there are before the blank ones that a spreadsheet leaves at the end."""
    count = len(records)
    while count > 1 and not _record(data, records, count - 1).strip(_BLANK):
        count -= 1
    return count


def _ragged(data: bytes, records: Records, count: int, width: int) -> Iterator[_Found]:
    for at in (np.flatnonzero(records.cells[1:count] != width) + 1).tolist():
        cells = int(records.cells[at])
        few, many = "Add the missing commas.", "Put quotes around a cell that holds a comma."
        has = "1 cell" if cells == 1 else f"{cells} cells"
        why = Wrong(f"the row has {has} instead of {width}", many if cells > width else few)
        yield at, _WHOLE_ROW, why if _record(data, records, at).strip() else BLANK_ROW


def _strange(data: bytes, records: Records, count: int) -> dict[int, bytes]:
    """The records that are not wholly text."""
    all_of_them = ((at, _record(data, records, at)) for at in range(1, count))
    return {at: record for at, record in all_of_them if not _is_text(record)}


def _parts(data: bytes, records: Records, kept: Numbers, strange: Mapping[int, bytes]) -> Iterator[bytes]:
    """The records `kept`, some megabytes at a time, with a sign in place of each byte that is no text."""
    cuts = np.flatnonzero(np.diff(records.starts[kept] // PART_BYTES)) + 1
    for part in np.split(kept, cuts) if len(kept) else ():
        first, last = int(part[0]), int(part[-1])
        if last - first < len(part) and not strange:
            yield data[records.starts[first] : records.ends[last] + 1]
        else:
            yield b"".join(
                _as_if_text(strange[at]) if at in strange else _record(data, records, at)
                for at in part.tolist()
            )


def _as_if_text(record: bytes) -> bytes:
    return record.decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}").encode()


def _is_text(data: bytes) -> bool:
    """Whether `data` is UTF-8 without a NUL."""
    if b"\0" in data:
        return False
    if data.isascii():
        return True
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(data), _DECODED_BYTES):
            decoder.decode(data[at : at + _DECODED_BYTES], final=at + _DECODED_BYTES >= len(data))
    except UnicodeDecodeError:
        return False
    return True


def _not_text(record: bytes) -> Iterator[tuple[int, Wrong]]:
    """The cells of `record` that are no text, each once."""
    places = {cell_at(record, place): place for place in reversed(_places_not_text(record))}
    for cell, place in places.items():
        yield cell, _NOT_UTF8 if record[place] else _NUL


def _places_not_text(record: bytes) -> list[int]:
    places, place = [], 0
    for sign in record.decode(errors="surrogateescape"):
        if sign == "\0" or "\udc80" <= sign <= "\udcff":
            places.append(place)
        place += len(sign.encode(errors="surrogateescape"))
    return places


def _texts(part: bytes, names: Iterable[str], table: Table) -> pl.DataFrame:
    schema = dict.fromkeys(names, pl.String)
    quote = '"' if b'"' in part else None
    texts = pl.read_csv(part, has_header=False, schema=schema, quote_char=quote, raise_if_empty=False)
    return _stripped(texts, table)


def _stripped(texts: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The columns of `texts` that are kept, stripped, and whether a row is blank."""
    stripped = pl.all().str.strip_chars()
    unkept = [column.name for column in table.columns if not column.kept]
    return (
        texts.select(pl.when(stripped != "").then(stripped))
        .with_columns(pl.all_horizontal(pl.all().is_null()).alias(_IS_BLANK))
        .drop(unkept, strict=False)
    )


def _of_parquet(data: bytes, table: Table, file: str) -> Sheet:
    parts: list[pl.DataFrame] = []
    wrong: list[BadCell] = []
    names: list[str] = []
    row = HEADER_ROW + 1
    try:
        for frame in _frames(data):
            names = frame.columns
            texts = _texts_of(frame, table, file)
            for text in texts:
                places = text.str.contains("\0", literal=True).arg_true()
                wrong += [_bad(file, row + at, text.name, _NUL) for at in places]
            parts.append(_stripped(texts, table))
            row += len(frame)
    except AnodyneError:
        raise
    except (Exception, pl.exceptions.PanicException) as error:  # both readers raise what they like
        raise UnreadableFile(
            "not a Parquet file that can be read", where=file, fix="Export it again."
        ) from error
    whole = pl.concat(parts)
    rows = np.arange(len(whole), dtype=np.int64) + HEADER_ROW + 1
    return Sheet(whole.drop(_IS_BLANK), whole[_IS_BLANK], names, rows, wrong)


def _frames(data: bytes) -> Iterator[pl.DataFrame]:
    """The frame in `data` in parts, the first without rows.

    Read by pyarrow: on damaged bytes, polars ends the process.
    """
    file = parquet.ParquetFile(pa.BufferReader(data))
    yield pl.DataFrame(file.schema_arrow.empty_table())
    rows = 0
    for batch in file.iter_batches(PART_ROWS):
        batch.validate(full=True)
        rows += len(batch)
        yield pl.DataFrame(batch)
    if rows != file.metadata.num_rows:
        raise ValueError(f"{rows} rows of {file.metadata.num_rows}")


def _texts_of(frame: pl.DataFrame, table: Table, file: str) -> pl.DataFrame:
    """The columns of `frame` as text; BadTable where one is not of the table, or not of its type."""
    wrong = list(_wrong_names(frame.columns, table, file))
    kinds = {column.name: column.kind for column in table.columns}
    texts = []
    for given in frame:
        kind = kinds.get(given.name)
        text = None if kind is None else _as_text(given, kind)
        if text is not None:
            texts.append(text)
        elif kind is not None:
            why = Wrong(f"the column holds {given.dtype}", f"Give it {kind.wanted}.")
            wrong.append(_bad(file, HEADER_ROW, given.name, why))
    if wrong:
        raise BadTable(wrong)
    return pl.DataFrame(texts)


def _as_text(given: pl.Series, kind: Kind) -> pl.Series | None:
    of_text = given.dtype in {pl.String, pl.Null} or isinstance(given.dtype, (pl.Categorical, pl.Enum))
    return given.cast(pl.String) if of_text else kind.typed(given)
