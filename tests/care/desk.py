"""A desk at which a month is closed: made-up rows in, what the command answers out."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from anodyne.cli.main import main
from tests.sheets.made import ENROLMENT as TOLD_ENROLMENT
from tests.sheets.made import ENTRY as TOLD_ENTRY
from tests.sheets.made import text_of

Row = Mapping[str, str]
Answer = dict[str, Any]

A, B, C = "1234567893", "1245319599", "1679576722"
COMMON_PROGRAMMES: Final = ("cpm", "ccm", "complex_ccm", "pcm", "rpm", "rtm", "bhi")

_ENTRY: Final = MappingProxyType(
    dict.fromkeys(TOLD_ENTRY, "")
    | {
        "patient": "P01",
        "practitioner": A,
        "role": "physician",
        "program": "cpm",
        "mode": "in_person",
        "pos": "11",
    }
)
_ENROLMENT: Final = MappingProxyType(
    dict.fromkeys(TOLD_ENROLMENT, "")
    | {
        "patient": "P01",
        "practitioner": A,
        "program": "cpm",
        "payer": "MEDICARE_B",
        "state": "OH",
        "consent_mode": "verbal",
        "consent_covers": "purpose;frequency;cost_sharing",
        "pain_months": "12",
        "pain_finding": "confirmed",
        "conditions": "3",
        "initiated_minutes": "40",
        "initiated_mode": "in_person",
        "initiated_pos": "11",
        "plan_on": "2019-06-03",
        "consent_on": "2019-06-03",
        "initiated_on": "2019-06-03",
        "scale": "PEG",
        "scale_score": "6",
        "scale_on": "2019-06-03",
        "prior_months": "3",
        "complexity": "high",
    }
)
STAFF: Final = MappingProxyType({"role": "clinical_staff", "performer": "S1", "mode": "audio"})
"""What an entry of staff says."""


def seconds_of(length: str) -> int:
    """The seconds of `length`, minutes and seconds.

    >>> seconds_of("29:59"), seconds_of("105:00")
    (1799, 6300)
    """
    minutes, seconds = length.split(":")
    return int(minutes) * 60 + int(seconds)


def spent(at: str, length: str, **said: str) -> Row:
    """An entry of `length` that begins at the local time `at`, of a practitioner's own unless told."""
    offset = said.pop("offset", "-04:00")
    start = dt.datetime.fromisoformat(at)
    end = start + dt.timedelta(seconds=seconds_of(length))
    times = {"start": f"{start.isoformat()}{offset}", "end": f"{end.isoformat()}{offset}"}
    return {**_ENTRY, "entry_id": "E1", **times, **said}


def enrolled(program: str = "cpm", **said: str) -> Row:
    """An enrolment in a later month, in which nothing is wrong unless told."""
    return {**_ENROLMENT, "program": program, **said}


def put(path: Path, rows: Sequence[Row], columns: Iterable[str]) -> Path:
    """`rows` as CSV at `path`, empty where they tell nothing; without any, the header alone."""
    names = list(columns)
    whole = [{**dict.fromkeys(names, ""), **row} for row in rows]
    path.write_text(text_of(whole, names), encoding="utf-8", newline="")
    return path


def close(
    folder: Path, time: Sequence[Row], enrolments: Sequence[Row], month: str = "2026-10", *options: str
) -> Answer:
    """What closing `month` with these rows answers, as JSON."""
    out = folder / "closed.json"
    out.unlink(missing_ok=True)
    files = [
        *("--time", str(put(folder / "time.csv", time, _ENTRY))),
        *("--enrolments", str(put(folder / "enrolments.csv", enrolments, _ENROLMENT))),
    ]
    form = ["--format", "json", "--output", str(out), "--fail-on", "never"]
    assert main(["care", "close", "--month", month, *files, *form, *options]) == 0
    answer: Answer = json.loads(out.read_bytes())
    return answer


def of(answer: Answer, patient: str = "P01", program: str = "cpm", practitioner: str = A) -> Answer:
    """The one result of a patient, programme and practitioner."""
    (result,) = (
        one
        for one in answer["results"]
        if (one["patient"], one["program"], one["practitioner"]) == (patient, program, practitioner)
    )
    found: Answer = result
    return found


def codes(result: Answer) -> dict[str, int]:
    """The codes of a result with their units."""
    return {one["code"]: one["units"] for one in result["codes"]}


def short(result: Answer) -> str:
    """A result in one line: its status, its codes, and the rules that hold it."""
    units = [f"{code} x{count}" if count > 1 else code for code, count in codes(result).items()]
    return " ".join([result["status"], *units, *(f"[{one['rule']}]" for one in result["blockers"])])
