"""How the state of reference data is told: as a table for people, as JSON for programs."""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from anodyne.app.reference import Fault, Standing
from anodyne.app.summary import share_of
from anodyne.app.words import counted, table
from anodyne.cli.page import Page, entry, printable, shortened
from anodyne.reference.editions import Edition
from anodyne.reference.loading import LeftOut
from anodyne.reference.store import How, Kept

SCHEMA: Final = "anodyne.reference.status/1"
_WIDTHS: Final = (20, 22, 11, 9, 8)
_HEADINGS: Final = ("table", "in force", "since", "rows", "from", "")


def as_text(
    told: Sequence[Standing], as_of: dt.date, home: Path, page: Page, damaged: Sequence[Fault] = ()
) -> str:
    """A row for each table, what is missing below it, and where the data directory is."""
    rows = [page.ink("faint", _row(_HEADINGS)) + "\n"]
    rows += [row for one in told if one.newest or one.waiting for row in _standing(one, page)]
    absent = [one for one in told if not (one.newest or one.waiting)]
    if absent:
        rows.append(f"\n{page.ink('faint', 'Not loaded, and what is not judged without it')}\n")
        for means, same in groupby(absent, lambda one: one.means):
            titles = ", ".join(one.title for one in same)
            rows.append(entry("  ", f"{titles}: {means or 'nothing'}", 4, page))
    if damaged:
        title = "Damaged: load the publisher's file again, with --replace"
        rows.append(f"\n{page.ink('deny', title)}\n")
        rows += [entry("  ", f"{printable(str(one.folder))} {one.says}", 4, page) for one in damaged]
    notes = [f"As on {_day(as_of)}. Data directory: {printable(str(home))}"]
    if any(one.edition and not one.edition.whole and not one.loaded for one in told):
        notes.append("An excerpt ships with Anodyne: it holds the codes of a pain practice and no others.")
    if any(one.overdue_since for one in told):
        notes.append("`anodyne reference load FILE` takes the publishers' files as downloaded.")
    return "".join([*rows, "\n", *(entry("", note, 0, page) for note in notes)])


def _row(cells: Sequence[str]) -> str:
    padded = (f"{cell:<{width}}" for cell, width in zip(cells, _WIDTHS, strict=False))
    return ("  ".join([*padded, *cells[len(_WIDTHS) :]])).rstrip()


def _standing(one: Standing, page: Page) -> Iterator[str]:
    edition = one.edition
    if edition is None:
        what = "nothing was in force: it begins later" if one.newest else "nothing is in force"
        yield f"{shortened(one.title, _WIDTHS[0]):<{_WIDTHS[0]}}  {page.ink('faint', what)}\n"
    else:
        late = f"due since {_day(one.overdue_since)}" if one.overdue_since else ""
        cells = (
            shortened(one.title, _WIDTHS[0]),
            shortened(edition.period, _WIDTHS[1]),
            _day(edition.start),
            f"{edition.rows:>{_WIDTHS[3]},}",
            _origin(edition, loaded=one.loaded),
        )
        row = _row(cells)
        beside = late and len(row) + 2 + len(late) <= page.width
        yield f"{row}  {page.ink('ask', late)}\n" if beside else f"{row}\n"
        if late and not beside:
            yield f"{'':{_WIDTHS[0] + 2}}{page.ink('ask', late)}\n"
    for note in _notes(one):
        yield entry(" " * _WIDTHS[0], note, _WIDTHS[0] + 2, page)


def _origin(edition: Edition, *, loaded: bool) -> str:
    if loaded:
        return "loaded"
    return "built in" if edition.whole else "excerpt"


def _notes(one: Standing) -> Iterator[str]:
    edition = one.edition
    if edition is not None and one.instead:
        yield f"not used: {one.instead} judges this day"
    if edition is not None and edition.missing:
        yield f"missing {_some(edition.missing)} of its parts: load {_some(edition.missing)} too"
    for other in one.waiting:
        yield f"{share_of(other)}: not used until {_some(other.missing)} {_are(other.missing)} loaded too"
    if one.newest is not None and (edition is None or one.newest.start > edition.start):
        yield f"{one.newest.period} is there too, in force from {_day(one.newest.start)}"


def _some(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _are(parts: Sequence[str]) -> str:
    return "is" if len(parts) == 1 else "are"


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%b %Y}"


def as_json(told: Sequence[Standing], as_of: dt.date, home: Path, damaged: Sequence[Fault] = ()) -> bytes:
    """One object on one line: each table with the edition in force, all values by their names."""
    tables: list[dict[str, Any]] = [
        {
            "table": one.table,
            "in_force": asdict(one.edition) if one.edition else None,
            "loaded": one.loaded,
            "editions": one.editions,
            "waiting": [asdict(other) for other in one.waiting],
            "newest_start": one.newest.start if one.newest else None,
            "overdue_since": one.overdue_since,
            "used_instead": one.instead,
        }
        for one in told
    ]
    content = {"schema": SCHEMA, "as_of": as_of, "home": str(home), "tables": tables}
    content["damaged"] = [{"folder": str(one.folder), "says": one.says} for one in damaged]
    return (json.dumps(content, default=str, ensure_ascii=False) + "\n").encode()


def loaded(kept: Sequence[Kept], left_out: Sequence[LeftOut], page: Page) -> str:
    """What became of each edition, which of its parts are still to be loaded, and what of a zip was not."""
    rows = []
    for one in kept:
        edition = one.edition
        said = (
            f"{table(edition.table)} {edition.period}, in force from {_day(edition.start)}: "
            f"{counted(edition.rows, 'row')}, {_HOW[one.how]}"
        )
        if edition.missing:
            parts = f"{_some(edition.missing)} {_are(edition.missing)} loaded too"
            said += f". Until {parts} what was loaded before is used"
        rows.append(entry("", said, 0, page))
    for path, inside in groupby(left_out, lambda one: one.path):
        names = ", ".join(f"{one.name} ({one.seems})" if one.seems else one.name for one in inside)
        rows.append(entry("", printable(f"Left out of {Path(path).name}: {names}"), 0, page))
    return "".join(rows)


_HOW: Final = {
    How.NEW: "loaded",
    How.COMPLETED: "loaded beside the parts that were there",
    How.REPLACED: "loaded in place of what was there",
    How.ALREADY: "already loaded",
}
