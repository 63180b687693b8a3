"""Files as a person gives them: a publisher's file, or the zip it was downloaded in.

A zip is never unpacked to disk: its files are read one at a time into memory, and none beyond a size.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Final

import polars as pl

from anodyne.kernel.errors import AnodyneError, Truncated, UnreadableFile

Grid = list[list[str]]
"""Rows of cells, each stripped; a cell on several rows of a page is one line."""

LARGEST_BYTES: Final = 1_000_000_000
"""More than any publisher's file has, and what a small machine can hold."""
MOST_MEMBERS: Final = 500
LOCKED: Final = 0x1
"""The flag of a file in a zip that needs a password."""
HEAD_BYTES: Final = 65_536
HEAD_ROWS: Final = 60
WORKBOOK: Final = ".xlsx"


@dataclass(frozen=True)
class Given:
    """One file as given, or one file inside a zip as given."""

    path: str
    """The file that was given."""
    name: str
    """The name of the file itself, without folders: inside a zip, that of the file inside."""
    size: int
    contents: Callable[[], bytes] = field(repr=False)
    beginning: bytes = field(repr=False)
    """The first HEAD_BYTES bytes."""

    @property
    def where(self) -> str:
        """Where a message says that this file is."""
        return self.path if Path(self.path).name == self.name else f"{self.path}: {self.name}"

    @property
    def stem(self) -> str:
        """The name without its ending, in lower case."""
        return PurePosixPath(self.name).stem.lower()

    @property
    def is_workbook(self) -> bool:
        """Whether this is an Excel workbook (xlsx)."""
        return self.name.lower().endswith(WORKBOOK) and self.beginning.startswith(b"PK\x03\x04")

    @property
    def head(self) -> str:
        """The beginning as text; empty for what is no text."""
        return "" if b"\x00" in self.beginning else as_text(self.beginning)

    @cached_property
    def sheet(self) -> pl.DataFrame:
        """The first sheet of a workbook, every cell as text, read once: a large one takes seconds."""
        try:
            return pl.read_excel(
                io.BytesIO(self.contents()),
                has_header=False,
                infer_schema_length=0,
                drop_empty_rows=False,
                drop_empty_cols=False,
            )
        except Exception as error:  # the reader of workbooks raises what it likes
            raise UnreadableFile(
                "not a workbook that can be read", where=self.where, fix="Download it again."
            ) from error

    @cached_property
    def _head_rows(self) -> Grid:
        if self.is_workbook:
            return _cells_of(self.sheet.head(HEAD_ROWS))
        rows = cells(self.head)
        return rows[:HEAD_ROWS] if self.size <= HEAD_BYTES else rows[:-1][:HEAD_ROWS]

    def first_rows(self) -> Grid:
        """The first rows of the sheet, or of text whose cells stand between tabs or commas."""
        return self._head_rows

    def rows(self) -> Grid:
        """All rows of the sheet, or of text whose cells stand between tabs or commas."""
        return _cells_of(self.sheet) if self.is_workbook else cells(as_text(self.contents()))


def as_text(data: bytes) -> str:
    """`data` as UTF-8, with or without a mark of byte order, else as Windows-1252; never a failure."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3:
            return data[: error.start].decode("utf-8-sig")
        return data.decode("cp1252", "replace")


def cells(text: str) -> Grid:
    r"""The rows of delimited text: between tabs where the first lines have any, else between commas.

    >>> cells('a,"b,\nc"\n')
    [['a', 'b, c']]
    """
    tabbed = "\t" in text[:HEAD_BYTES]
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if tabbed else csv.reader(lines)
    try:
        return [[_flat(cell) for cell in row] for row in reader]
    except csv.Error:
        return []


def _cells_of(sheet: pl.DataFrame) -> Grid:
    return [[_flat(cell or "") for cell in row] for row in sheet.iter_rows()]


def _flat(cell: str) -> str:
    return " ".join(cell.split())


def unopened(path: str, error: OSError) -> UnreadableFile:
    """What is said of a file that the system does not open."""
    match error:
        case FileNotFoundError():
            what, fix = "there is no such file", "Check the name."
        case IsADirectoryError():
            what, fix = "this is a folder, not a file", "Give the files in it."
        case PermissionError():
            what, fix = "the file may not be read", "Ask for the right to read it."
        case _:
            reason = error.strerror or "the system does not say why"
            what, fix = f"the file cannot be opened: {reason}", "Check the name."
    return UnreadableFile(what, where=path, fix=fix)


def opened(path: str) -> list[Given]:
    """The file at `path`, or the files of the zip there and of zips in it, unread but for their beginnings.

    Raises UnreadableFile where there is none, where a zip is damaged or locked with a password, or where it
    would unpack to more than can be a publisher's file.
    """
    place = Path(path)
    try:
        with place.open("rb") as stream:
            beginning = stream.read(HEAD_BYTES)
        size = place.stat().st_size
    except OSError as error:
        raise unopened(path, error) from error
    if not beginning:
        raise UnreadableFile("the file is empty", where=path, fix="Download it again.")
    if size > LARGEST_BYTES:
        raise _too_large(path)
    if beginning.startswith(b"PK"):
        outer = _Zip(path, path)
        inside = _members(outer)
        if not _is_workbook(place, inside):
            return _within(path, (_files(outer, entry) for entry in inside if _is_wanted(entry)))
    return [Given(path, place.name, size, place.read_bytes, beginning)]


def _within(path: str, files: Iterable[list[Given]]) -> list[Given]:
    """The files of all zips together, of which there may be no more than of one."""
    found: list[Given] = []
    for some in files:
        found += some
        if len(found) > MOST_MEMBERS or sum(given.size for given in found) > LARGEST_BYTES:
            raise _too_large(path)
    return found


def _is_workbook(place: Path, inside: Sequence[zipfile.ZipInfo]) -> bool:
    """Whether a zip is an Excel workbook, which is one file to a person."""
    return place.suffix.lower() == WORKBOOK and any(e.filename == "[Content_Types].xml" for e in inside)


@dataclass(frozen=True, slots=True)
class _Zip:
    """A zip as given, or one inside a zip as given."""

    path: str
    """The file that was given."""
    where: str
    """Where a message says that this zip is."""
    data: bytes | None = field(default=None, repr=False)
    """Of a zip inside a zip."""

    def archive(self) -> zipfile.ZipFile:
        return zipfile.ZipFile(self.path if self.data is None else io.BytesIO(self.data))


def _files(outer: _Zip, entry: zipfile.ZipInfo) -> list[Given]:
    """A file in a zip, or the files of a zip in it; what that has of zips stays closed."""
    if not _name(entry).lower().endswith(".zip"):
        return [_member(outer, entry)]
    inner = _Zip(outer.path, f"{outer.path}: {_name(entry)}", _reader(outer, entry)())
    return [_member(inner, one) for one in _members(inner) if _is_wanted(one)]


def _members(given: _Zip) -> list[zipfile.ZipInfo]:
    try:
        with given.archive() as archive:
            inside = [entry for entry in archive.infolist() if not entry.is_dir()]
    except NotImplementedError as error:
        raise _packed_otherwise(given.where) from error
    except (zipfile.BadZipFile, OSError) as error:
        raise Truncated(
            "the zip is damaged or not whole", where=given.where, fix="Download it again."
        ) from error
    if any(entry.flag_bits & LOCKED for entry in inside):
        raise UnreadableFile(
            "the zip is locked with a password",
            where=given.where,
            fix="Unlock it, or give the file inside.",
        )
    if len(inside) > MOST_MEMBERS or sum(entry.file_size for entry in inside) > LARGEST_BYTES:
        raise _too_large(given.where)
    return inside


def _is_wanted(entry: zipfile.ZipInfo) -> bool:
    """Whether a file in a zip is a publisher's, and not left there by the computer that made the zip."""
    return "__MACOSX" not in entry.filename and not _name(entry).startswith(".")


def _name(entry: zipfile.ZipInfo) -> str:
    return PurePosixPath(entry.filename.replace("\\", "/")).name


def _member(given: _Zip, entry: zipfile.ZipInfo) -> Given:
    return Given(
        given.path, _name(entry), entry.file_size, _reader(given, entry), _read(given, entry, HEAD_BYTES)
    )


def _reader(given: _Zip, entry: zipfile.ZipInfo) -> Callable[[], bytes]:
    def contents() -> bytes:
        data = _read(given, entry, LARGEST_BYTES + 1)
        if len(data) > LARGEST_BYTES:
            raise _too_large(given.where)
        return data

    return contents


def _read(given: _Zip, entry: zipfile.ZipInfo, limit: int) -> bytes:
    """The first `limit` bytes of a file in a zip, whatever size it claims to have."""
    try:
        with given.archive() as archive, archive.open(entry) as stream:
            return stream.read(limit)
    except (NotImplementedError, RuntimeError) as error:
        raise _packed_otherwise(f"{given.where}: {_name(entry)}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise Truncated(
            "a file in the zip is damaged or not whole",
            where=f"{given.where}: {_name(entry)}",
            fix="Download it again.",
        ) from error


def _packed_otherwise(where: str) -> AnodyneError:
    return UnreadableFile(
        "packed in a way that cannot be opened here",
        where=where,
        fix="Unpack the zip with the program that made it, and give the file inside.",
    )


def _too_large(path: str) -> AnodyneError:
    megabytes = LARGEST_BYTES // 1_000_000
    return UnreadableFile(
        f"larger than any publisher's file: more than {megabytes:,} MB or {MOST_MEMBERS} files",
        where=path,
        fix="Give the file that the publisher's page names, or only the file inside that is meant.",
    )
