"""Reference data: loading publishers' files, and what is in force."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from anodyne.kernel.errors import BadRequest
from anodyne.reference.diagnosis_codes import code_books
from anodyne.reference.editions import MANIFEST, Edition, checksum
from anodyne.reference.fees import VALUES, priced_from
from anodyne.reference.loading import LeftOut, Recognised, digest_of, drafts, recognised
from anodyne.reference.shapes import DIAGNOSIS_CODES, EDITIONS
from anodyne.reference.store import FOLDER, How, Kept, alone, keep
from anodyne.reference.tables import Part, Reference, load

STANDARD_INPUT: Final = "-"

Progress = Callable[[int], None]
"""Told how many bytes have been read so far."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A table as it stands on one day."""

    table: str
    title: str
    edition: Edition | None
    """The edition in force; None where nothing is loaded for that day."""
    loaded: bool
    """Whether a user loaded it, rather than that it ships with the package."""
    newest: Edition | None
    """The newest edition, which may come into force later."""
    editions: int
    waiting: tuple[Edition, ...]
    """Editions by which nothing is judged, as parts of them have not been loaded; oldest first."""
    overdue_since: dt.date | None
    instead: str | None
    """The title of the table that judges that day in place of this one, which tells the same."""
    means: str
    """What is not judged where there is no edition, or while it is an excerpt."""


def load_files(
    paths: Sequence[str],
    *,
    home: Path,
    start: dt.date | None = None,
    replace: bool = False,
    progress: Progress | None = None,
    left_out: Callable[[LeftOut], None] | None = None,
) -> list[Kept]:
    """Load publishers' files into the data directory `home`: all of them, or none where one cannot be.

    `start`: the first day of their period, where the files do not tell it or tell another.  A file that was
    loaded before changes nothing; other rows for the same table and day are taken only with `replace`.
    `left_out` is told of each file in a zip that is no such file.

    Raises UnreadableFile for what is no such file or has a row that cannot be read; BadReference for rows
    that contradict each other; BadRequest where it lacks `start` or `replace`, or a disk that can be written.
    """
    if STANDARD_INPUT in paths:
        raise BadRequest(
            "a table is loaded from a file, not from standard input",
            where=STANDARD_INPUT,
            fix="Save it under the name it has at the publisher, which dates it, and give that.",
        )
    with alone(home):
        mine = _loaded(load(home), home)
        sizes = {path: Path(path).stat().st_size if Path(path).is_file() else 0 for path in paths}
        found: list[Recognised] = []
        already: list[Kept] = []
        left: list[LeftOut] = []
        for path in dict.fromkeys(paths):
            sha256 = digest_of(path)
            before = [
                part.edition
                for part in mine.values()
                if any(file.sha256 == sha256 for file in part.edition.files)
                and start in {None, part.edition.start}
            ]
            if before and not replace:
                already += [Kept(edition, How.ALREADY) for edition in before]
            else:
                found += recognised(path, sha256, start, left.append)
        shares: dict[str, float] = {}

        def told(path: str, share: float) -> None:
            shares[path] = share
            if progress is not None:
                progress(sum(int(sizes[path] * share) for path, share in shares.items()))

        def standing(table: str, day: dt.date) -> Edition | None:
            part = mine.get((table, day))
            return part.edition if part else None

        kept = keep(drafts(found, told), home, standing, replace=replace)
        if left_out is not None:
            for one in left:
                left_out(one)
        return [*_once(already), *kept]


def _loaded(reference: Reference, home: Path) -> dict[tuple[str, dt.date], Part]:
    """The editions that a user loaded, by table and first day."""
    return {
        (part.edition.table, part.edition.start): part
        for tables in (reference.parts, reference.waiting)
        for parts in tables.values()
        for part in parts
        if part.folder.is_relative_to(home / FOLDER)
    }


def _once(kept: Sequence[Kept]) -> list[Kept]:
    return list({(one.edition.table, one.edition.start): one for one in kept}.values())


def standings(home: Path, as_of: dt.date) -> list[Standing]:
    """Every table that publishers issue, as it stands on the day `as_of`; what is loaded first."""
    reference = load(home)
    told = [_standing(reference, table, as_of) for table in EDITIONS]
    return sorted(told, key=lambda one: not (one.newest or one.waiting))


def _standing(reference: Reference, table: str, as_of: dt.date) -> Standing:
    shape = EDITIONS[table]
    part = reference.in_force_on(table, as_of)
    editions = reference.editions(table)
    instead = _instead(reference, table, as_of)
    overdue = part.edition.expect_next if part and part.until is None and not instead else None
    return Standing(
        table,
        shape.title or table,
        part.edition if part else None,
        part is not None and bool(part.edition.files),
        editions[-1] if editions else None,
        len(editions),
        tuple(part.edition for part in reference.waiting.get(table, ())),
        overdue if overdue and overdue <= as_of else None,
        instead,
        shape.without,
    )


def _instead(reference: Reference, table: str, as_of: dt.date) -> str | None:
    """Of the tables that each tell which diagnosis codes are valid, the one used, where it is another.

    So too in place of relative values: the fee schedule, which holds them, once it is as new.
    """
    if table == VALUES:
        prices = priced_from(reference, as_of)
        return EDITIONS[prices.edition.table].title if prices and prices.edition.table != table else None
    books = [book for book in code_books(reference, as_of, as_of) if book.edition.start <= as_of]
    if not books or EDITIONS[table].values is not DIAGNOSIS_CODES.values or books[-1].edition.table == table:
        return None
    return EDITIONS[books[-1].edition.table].title


@dataclass(frozen=True, slots=True)
class Fault:
    """A folder of the data directory that does not hold the edition that was loaded into it."""

    folder: Path
    says: str


def faults(home: Path, *, verify: bool = False) -> list[Fault]:
    """The folders of editions under `home` that have no manifest; with `verify` also those of changed data.

    To verify, every edition is read whole, which takes seconds.
    """
    kept = {part.folder: part.edition for part in _loaded(load(home), home).values()}
    found = []
    for folder in sorted((home / FOLDER).glob("[!.]*/*/")):
        if not (folder / MANIFEST).is_file():
            found.append(Fault(folder, f"has no {MANIFEST}: nothing is judged by it"))
        elif verify and folder in kept and checksum(folder) != kept[folder].sha256:
            found.append(Fault(folder, "does not hold the rows that were loaded"))
    return found
