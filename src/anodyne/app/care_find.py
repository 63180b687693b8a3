"""Finding patients for chronic pain management: files of claims in, who is likely to qualify out."""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import polars as pl

from anodyne.app.home import data_home
from anodyne.app.reading import STANDARD_INPUT, each_once, parts, shown
from anodyne.app.spool import Spool
from anodyne.care.finder import FOUND, Finds, find, in_order
from anodyne.care.look import Look
from anodyne.kernel.errors import BadRequest
from anodyne.model.frames import empty
from anodyne.reference.policies import Policies
from anodyne.reference.policy_files import shipped
from anodyne.reference.tables import Reference, load
from anodyne.sheets.read import read_enrolments

MOST_MONTHS: Final = 120


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """A file of claims that was read."""

    path: str
    sha256: str
    claims: int
    lines: int


@dataclass(frozen=True, slots=True)
class EnrolmentsFile:
    """A file of enrolments that was read."""

    path: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class Found:
    """Who is likely to qualify, and what became of the others with pain."""

    look: Look
    ends: dt.date | None
    """The last day of service that was read, up to the day of `look`; None where there is none."""
    rows: pl.DataFrame = field(repr=False)
    """The columns of `care.finder.FOUND`, the most promising first."""
    patients: int
    standings: Mapping[str, int]
    """How many patients with pain coded in the look-back stand how, by values of `care.finder.Standing`."""
    files: tuple[HistoryFile, ...]
    enrolments: EnrolmentsFile | None = None
    repeated: tuple[str, ...] = ()
    """Files whose bytes had been given before, and which were not read again."""


def find_patients(
    history: Sequence[str],
    *,
    as_of: dt.date,
    months: int = 12,
    enrolments: str | None = None,
    billed: bool = False,
    reference: Reference | None = None,
    policies: Policies | None = None,
    progress: Callable[[int], None] | None = None,
) -> Found:
    """Who of the 837P files `history` is likely to qualify for chronic pain management and is not enrolled.

    Visits count in the `months` up to the day `as_of`; nothing after it counts.  A file given twice counts
    once, and so does a claim sent twice.  Patients for whom G3002 was billed are left out unless `billed`.
    `-` is standard input.  `progress` is told how many bytes have been read.

    Raises UnreadableFile or one of its kinds, also for the table at the path `enrolments`; BadRequest where
    no file is named, or `months` is no number of months to look back.
    """
    if not history:
        raise BadRequest("no claims are given", where="--history", fix="Name the 837P files of past months.")
    if not 1 <= months <= MOST_MONTHS:
        raise BadRequest(
            f"{months} months cannot be looked back", where="--months", fix=f"Give 1 to {MOST_MONTHS}."
        )
    if enrolments == STANDARD_INPUT and STANDARD_INPUT in history:
        raise BadRequest("standard input is named twice", where=STANDARD_INPUT, fix="Name it once.")
    enrolled = None if enrolments is None else read_enrolments(enrolments)
    given, repeated = each_once((), history)
    with Spool() as spool:
        files, days = _read([path for path, _ in given], spool, as_of, progress)
        look = Look(as_of, months, min(days, default=None))
        tables = load(data_home()) if reference is None else reference
        known = shipped() if policies is None else policies
        finds = [
            find(
                book.claims,
                book.lines,
                look,
                reference=tables,
                policies=known,
                enrolments=enrolled,
                billed=billed,
            )
            for book in spool.books()
        ]
    return Found(
        look,
        max(days, default=None),
        in_order(pl.concat([empty(FOUND), *(part.rows for part in finds)])),
        sum(part.patients for part in finds),
        _together(finds),
        files,
        None if enrolments is None or enrolled is None else _read_table(enrolments, len(enrolled)),
        tuple(repeated),
    )


def _read(
    paths: Sequence[str], spool: Spool, as_of: dt.date, progress: Callable[[int], None] | None
) -> tuple[tuple[HistoryFile, ...], list[dt.date]]:
    """Read all files into the spool; what each holds, and days of service among which are first and last."""
    claim_key = line_key = done = 0
    files = []
    days: list[dt.date] = []
    for path in paths:
        digest = hashlib.sha256()
        first = claim_key, line_key
        for part in parts(
            path, structure=False, name=shown(path), judged=False, claim_key=claim_key, line_key=line_key
        ):
            digest.update(part.raw)
            done += len(part.raw)
            if progress is not None:
                progress(done)
            spool.add(part.claims, part.lines)
            served = part.lines["served_on"]
            served = served.filter(served <= as_of)
            days += [day for day in (served.min(), served.max()) if isinstance(day, dt.date)]
            claim_key += len(part.claims)
            line_key += len(part.lines)
        files.append(HistoryFile(shown(path), digest.hexdigest(), claim_key - first[0], line_key - first[1]))
    return tuple(files), days


def _together(finds: Sequence[Finds]) -> Mapping[str, int]:
    total: Counter[str] = Counter()
    for part in finds:
        total += part.standings
    return total


def _read_table(path: str, rows: int) -> EnrolmentsFile:
    place = Path(path)
    digest = hashlib.sha256(place.read_bytes()).hexdigest() if place.is_file() else ""
    return EnrolmentsFile(shown(path), digest, rows)
