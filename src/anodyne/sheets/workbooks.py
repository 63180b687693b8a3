"""A workbook as the CSV that its first sheet would be, so that rows and cells are told as of CSV."""

import io
import zipfile
from typing import Final

import fastexcel
import polars as pl

from anodyne.kernel.errors import UnreadableFile

WORKBOOK: Final = b"PK\x03\x04"
OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"
"""Of Excel before 2007, and of a workbook with a password."""
MOST_BYTES: Final = 400 * 1024 * 1024
"""Of what is packed in a workbook, once it is unpacked."""

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
    _refuse_bomb(data, file)
    try:
        sheet = fastexcel.read_excel(data).load_sheet(0, header_row=None, skip_rows=0, dtypes="string")
        texts = pl.DataFrame(sheet)
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError) as error:
        raise _not_readable(file) from error
    days = pl.all().str.replace(_MIDNIGHT, "$1")
    return texts.select(days).write_csv(include_header=False).encode()


def _refuse_bomb(data: bytes, file: str) -> None:
    """Raise UnreadableFile where unpacking would fill the memory, or it is no zip at all."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(part.file_size for part in packed.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise _not_readable(file) from error
    if size > MOST_BYTES:
        raise UnreadableFile(
            "the workbook is far larger than its table can be", where=file, fix="Save its first sheet as CSV."
        )


def _not_readable(file: str) -> UnreadableFile:
    return UnreadableFile(
        "not a workbook that can be read", where=file, fix="Save its first sheet as CSV UTF-8."
    )
