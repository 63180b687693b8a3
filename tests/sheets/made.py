"""Made-up tables as files, and what is said of them."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
import pytest

from anodyne.kernel.errors import BadCell, BadTable
from anodyne.sheets.read import read_enrolments, read_time

NPI, OTHER_NPI = "1234567893", "1000000012"

ENTRY = {
    "entry_id": "E1",
    "patient": "P001",
    "practitioner": NPI,
    "performer": "MA-7",
    "role": "clinical_staff",
    "start": "2026-10-01T09:00:00-04:00",
    "end": "2026-10-01T09:20:00-04:00",
    "program": "cpm",
    "mode": "audio",
    "pos": "11",
    "elements": "assessment;education",
    "note": "asked about sleep",
}
ENROLMENT = {
    "patient": "P001",
    "practitioner": NPI,
    "program": "cpm",
    "payer": "MEDICARE_B",
    "state": "OH",
    "consent_on": "2026-09-01",
    "consent_mode": "verbal",
    "consent_revoked_on": "2026-12-01",
    "consent_covers": "purpose;frequency;cost_sharing",
    "pain_months": "7.5",
    "pain_finding": "established",
    "conditions": "2",
    "initiated_on": "2026-09-01",
    "initiated_minutes": "30",
    "initiated_mode": "in_person",
    "initiated_pos": "11",
    "plan_on": "2026-09-02",
    "scale": "PEG",
    "scale_score": "6.3",
    "scale_on": "2026-09-01",
    "prior_months": "0",
    "discharged_on": "2026-08-20",
    "contacted_on": "2026-08-21",
    "visited_on": "2026-08-25",
    "complexity": "moderate",
}
Row = Mapping[str, str]


def entries(*changes: Row) -> list[Row]:
    """One entry for each of `changes`, with an id of its own unless it is given one."""
    return [{**ENTRY, "entry_id": f"E{number}", **change} for number, change in enumerate(changes, 1)]


def enrolments(*changes: Row) -> list[Row]:
    """One enrolment for each of `changes`, of a patient of its own unless it is given one."""
    return [{**ENROLMENT, "patient": f"P{number:03}", **change} for number, change in enumerate(changes, 1)]


def text_of(rows: Sequence[Row], columns: Sequence[str] | None = None) -> str:
    """`rows` as CSV, with the columns of the first unless others are named."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    names = list(rows[0]) if columns is None else columns
    writer.writerow(names)
    writer.writerows([row[name] for name in names] for row in rows)
    return text.getvalue()


def put(folder: Path, content: str | bytes, name: str = "table.csv") -> Path:
    """A file of `content`."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def put_frame(folder: Path, frame: pl.DataFrame) -> Path:
    """A Parquet file of `frame`."""
    path = folder / "table.parquet"
    frame.write_parquet(path)
    return path


def time_of(folder: Path, *changes: Row) -> pl.DataFrame:
    """The entries of `changes`, read from a file."""
    return read_time(put(folder, text_of(entries(*changes))))


def enrolments_of(folder: Path, *changes: Row) -> pl.DataFrame:
    """The enrolments of `changes`, read from a file."""
    return read_enrolments(put(folder, text_of(enrolments(*changes))))


def bad_time(folder: Path, content: str | bytes | Sequence[Row]) -> tuple[BadCell, ...]:
    """The bad cells of a time table of `content`."""
    path = put(folder, content if isinstance(content, str | bytes) else text_of(content))
    with pytest.raises(BadTable) as raised:
        read_time(path, name="time.csv")
    return raised.value.cells


def bad_enrolments(folder: Path, rows: Sequence[Row]) -> tuple[BadCell, ...]:
    """The bad cells of a table of enrolments of `rows`."""
    with pytest.raises(BadTable) as raised:
        read_enrolments(put(folder, text_of(rows)), name="enrolments.csv")
    return raised.value.cells


def places(cells: Sequence[BadCell]) -> list[tuple[int, str]]:
    """Row and column of each."""
    return [(cell.row, cell.column) for cell in cells]
