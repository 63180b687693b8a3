"""Anodyne from its own modules, as its command calls them; runs in the project's environment."""

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING

from stopwatch import Work, clocked

if TYPE_CHECKING:
    import polars as pl

    from anodyne.app.summary import Summary
    from anodyne.model.book import Book
    from anodyne.model.remittance import Remittance


def reading() -> Work:
    """Bytes to every column of claims and lines, the whole file in one book; no structure checked."""
    from anodyne.x12.read import read_book  # noqa: PLC0415 (off the clock)

    def count(book: "Book") -> tuple[int, int]:
        return len(book.claims), len(book.lines)

    return Work(read_book, count)


def remittance() -> Work:
    """Bytes to every frame of a remittance, the whole file together; nothing balanced."""
    from anodyne.x12.read_remits import read_remittance  # noqa: PLC0415 (off the clock)

    def count(said: "Remittance") -> tuple[int, int]:
        return len(said.remits), len(said.lines)

    return Work(read_remittance, count)


def worked() -> Work:
    """A remittance and the claims that were sent, to the worklist as JSON."""
    from anodyne.app.remit_read import RemitFile  # noqa: PLC0415 (off the clock)
    from anodyne.app.remit_work import work_files  # noqa: PLC0415
    from anodyne.cli import remit_work_json  # noqa: PLC0415
    from anodyne.reference.tables import load  # noqa: PLC0415

    reference = load()

    def do(path: Path) -> RemitFile:
        sent = path.with_name(path.name.replace("835", "837p", 1))
        day = dt.date(2025, 2, 1)
        with (
            work_files([str(path)], claims=[str(sent)], as_of=day, reference=reference) as found,
            Path(os.devnull).open("wb") as out,
        ):
            remit_work_json.write(found, out)
            return found.read.files[0]

    return Work(do, lambda file: (file.claims, file.lines))


def structure() -> Work:
    """The same, with everything that is wrong in the file's form."""
    from anodyne.x12.read import book_of, read_claims  # noqa: PLC0415 (off the clock)

    def do(path: Path) -> "tuple[Book, list[pl.DataFrame]]":
        parts = list(read_claims(path, structure=True))
        return book_of(parts), [part.findings for part in parts]

    def count(read: "tuple[Book, list[pl.DataFrame]]") -> tuple[int, int]:
        return len(read[0].claims), len(read[0].lines)

    return Work(do, count)


def check() -> Work:
    """The whole check to its findings, in a process that keeps its reference data."""
    from anodyne.app.check import check as check_files  # noqa: PLC0415 (off the clock)
    from anodyne.reference.tables import load  # noqa: PLC0415

    reference = load()

    def do(path: Path) -> "Summary":
        with check_files([str(path)], as_of=dt.date(2025, 1, 6), reference=reference) as report:
            for _ in report.chunks():
                pass
            return report.summary

    def count(summary: "Summary") -> tuple[int, int]:
        return summary.claims, summary.lines

    return Work(do, count)


if __name__ == "__main__":
    clocked(
        {
            "reading": reading,
            "remittance": remittance,
            "worked": worked,
            "structure": structure,
            "check": check,
        }
    )
