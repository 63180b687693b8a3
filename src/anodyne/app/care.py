"""Closing a month of care management: files of time and enrolments in, codes with their reasons out."""

import dataclasses
import datetime as dt
import hashlib
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from anodyne.app.care_month import Month, ReadFile, close_frames
from anodyne.app.home import data_home
from anodyne.care.clock import Clock
from anodyne.kernel.errors import BadCell, BadRequest, BadTable
from anodyne.reference.policies import Policies
from anodyne.reference.policy_files import shipped
from anodyne.reference.tables import Reference, load
from anodyne.sheets.read import read_choices, read_enrolments, read_time


def close(
    time: str,
    enrolments: str,
    month: dt.date,
    *,
    choices: str | None = None,
    zone: str | None = None,
    until: dt.date | None = None,
    reference: Reference | None = None,
    policies: Policies | None = None,
) -> Month:
    """What the time at the path `time` earns in `month` (any day of it), by the `enrolments` at theirs.

    Local time is as written, or that of the IANA `zone`.  Of time after the day `until` nothing is counted.
    Where `choices` names a file of entries that a person marked as counting to several programmes, what could
    be chosen for them is proposed.

    Raises BadTable with every bad cell of the files, and then nothing is counted; BadRequest for an unknown
    zone, or a mark of an entry that is not in the log.
    """
    clock = clock_of(zone)
    logged, enrolled, marked = _tables(time, enrolments, choices)
    reference = load(data_home()) if reference is None else reference
    policies = shipped() if policies is None else policies
    closed = close_frames(
        logged, enrolled, month, clock=clock, until=until, reference=reference, policies=policies
    )
    files = [_read(time, len(logged)), _read(enrolments, len(enrolled))]
    proposals = None
    if choices is not None and marked is not None:
        from anodyne.app.care_proposals import propose  # noqa: PLC0415  the solver is slow to import

        files.append(_read(choices, len(marked)))
        proposals = propose(
            logged, enrolled, marked, closed, clock=clock, reference=reference, policies=policies
        )
    return dataclasses.replace(closed, files=tuple(files), proposals=proposals)


def _tables(
    time: str, enrolments: str, choices: str | None
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame | None]:
    """What the files hold; BadTable with the bad cells of all of them."""
    frames: list[pl.DataFrame] = []
    wrong: list[BadCell] = []
    for read, path in ((read_time, time), (read_enrolments, enrolments), (read_choices, choices)):
        try:
            frames += [] if path is None else [read(path)]
        except BadTable as error:
            wrong += error.cells
    if wrong:
        raise BadTable(wrong)
    logged, enrolled, *marked = frames
    return logged, enrolled, next(iter(marked), None)


def clock_of(zone: str | None) -> Clock:
    """The clock of an IANA zone, or of times as written; BadRequest for a zone that is unknown."""
    if zone is None:
        return Clock()
    try:
        return Clock(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadRequest(
            f"no time zone is called {zone}",
            where="--zone",
            fix="Give its IANA name, as America/New_York.",
        ) from None


def _read(path: str, rows: int) -> ReadFile:
    place = Path(path)
    digest = hashlib.sha256(place.read_bytes()).hexdigest() if place.is_file() else ""
    return ReadFile(path, digest, rows)
