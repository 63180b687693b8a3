"""A workbook as the CSV that its first sheet would be, so that rows and cells are told as of CSV."""

import io
import re
import zipfile
import zlib
from typing import Final

import fastexcel
import polars as pl

from anodyne.kernel.errors import UnreadableFile

WORKBOOK: Final = b"PK\x03\x04"
OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"
"""Of Excel before 2007, and of a workbook with a password."""
MOST_BYTES: Final = 400 * 1024 * 1024
"""Of what is packed in a workbook, once it is unpacked."""
MOST_CELLS: Final = 10_000_000
"""From the first cell of a sheet to its furthest row and column: so many are laid out, empty ones too."""
OTHER_KINDS: Final = frozenset({"mimetype", "content.xml", "xl/workbook.bin"})
"""What is packed in spreadsheets that are no XLSX, and whose size this module cannot tell."""
_PLACE: Final = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{0,3})([0-9]{1,10})["']""")
_ROW: Final = re.compile(rb"<(?:\w+:)?row\b")
_CELL: Final = re.compile(rb"<(?:\w+:)?c\b")

_MIDNIGHT: Final = r"^(\d{4}-\d{2}-\d{2}) 00:00:00$"
"""How a cell with a day and no time is given."""


def csv_of(data: bytes, file: str) -> bytes:
    """The first sheet of the workbook `data` as CSV, row by row; other bytes are given back as they are.

    Raises UnreadableFile where it is no workbook that can be read.
    """
    if data.startswith(OLD_WORKBOOK):
        raise UnreadableFile(
            "this is a workbook of the old kind, or one with a password",
            where=file,
            fix="Save it as .xlsx without a password, or as CSV UTF-8.",
        )
    if not data.startswith(WORKBOOK):
        return data
    try:
        sheet = fastexcel.read_excel(measured(data, file)).load_sheet(
            0, header_row=None, skip_rows=0, dtypes="string"
        )
        texts = pl.DataFrame(sheet)
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError) as error:
        raise _not_readable(file) from error
    days = pl.all().str.replace(_MIDNIGHT, "$1")
    return texts.select(days).write_csv(include_header=False).encode()


def measured(data: bytes, file: str) -> bytes:
    """The same workbook, packed anew from what was measured: no size that it only claims is relied upon.

    Raises UnreadableFile where reading it would fill the memory, or it is no XLSX workbook at all.
    """
    again = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed, zipfile.ZipFile(again, "w") as anew:
            parts = {part.filename: part for part in packed.infolist()}
            if OTHER_KINDS & parts.keys():
                raise _not_readable(file)
            if sum(part.file_size for part in parts.values()) > MOST_BYTES:
                raise _too_large(file)
            for name, part in parts.items():
                content = packed.read(part)
                if _cells(content) > MOST_CELLS:
                    raise _too_large(file)
                anew.writestr(name, content)
    except (
        zipfile.BadZipFile,
        zlib.error,
        ValueError,
        NotImplementedError,
        RuntimeError,
        OSError,
        EOFError,
    ) as error:
        raise _not_readable(file) from error
    return again.getvalue()


def _cells(content: bytes) -> int:
    """How many cells a sheet has up to its furthest row and column, told by their places or one by one."""
    if not _CELL.search(content):
        return 0
    places = set(_PLACE.findall(content))
    rows = _ROW.split(content)
    furthest = max((int(row) for _, row in places), default=0)
    widest = max((_number(letters) for letters, _ in places), default=0)
    longest = max(len(_CELL.findall(row)) for row in rows)
    return max(furthest, len(rows)) * max(widest, longest)


def _number(letters: bytes) -> int:
    """The number of a column, from 1."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _too_large(file: str) -> UnreadableFile:
    return UnreadableFile(
        "the workbook is far larger than its table can be", where=file, fix="Save its first sheet as CSV."
    )


def _not_readable(file: str) -> UnreadableFile:
    return UnreadableFile(
        "not a workbook that can be read", where=file, fix="Save its first sheet as CSV UTF-8."
    )
