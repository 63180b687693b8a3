"""A month closed before held against the log as it is now."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from anodyne.app.care_closed import SCHEMA, read_document
from anodyne.app.care_month import Month
from anodyne.care.corrections import Correction, Standing, Who, corrections
from anodyne.kernel.errors import BadRequest, UnreadableFile

_HEAD_BYTES: Final = 120


@dataclass(frozen=True, slots=True)
class Corrections:
    """What differs from a month as it was closed."""

    month: dt.date
    path: str
    sha256: str
    """Of the file of the closed month."""
    corrections: tuple[Correction, ...]


def corrected(month: Month, closed: str, *, option: str = "--closed") -> Corrections:
    """How `month` differs from the month that the file at `closed` holds, as `care close` wrote it.

    Raises UnreadableFile where there is no such file; BadRequest, which names `option`, where it is of
    another month.
    """
    told = read_document(closed)
    if told.month != month.month:
        raise BadRequest(
            f"{closed} holds {told.month:%Y-%m}, and not {month.month:%Y-%m}",
            where=option,
            fix="Name the file of the month that is asked for.",
        )
    try:
        before = _closed(told.results)
    except (KeyError, TypeError, AttributeError) as error:
        raise UnreadableFile(
            "not a closed month: a result does not tell what every one does",
            where=closed,
            fix="Give the JSON that `anodyne care close --format json` wrote, unchanged.",
        ) from error
    found = corrections(before, _now(month))
    return Corrections(month.month, closed, told.sha256, tuple(found))


def is_closed_month(path: str) -> bool:
    """Whether the file at `path` holds a closed month; one that bad cells kept from being closed is none."""
    place = Path(path)
    if not place.is_file():
        return False
    with place.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if SCHEMA.encode() not in head:
        return False
    if b'"results": []' not in head:
        return True
    try:
        return not json.loads(place.read_bytes())["errors"]
    except (ValueError, KeyError, TypeError):
        return True


def _closed(results: Iterable[Mapping[str, Any]]) -> dict[Who, Standing]:
    return {
        (one["patient"], one["practitioner"], one["program"]): Standing(
            one["status"],
            one["counted_seconds"],
            {code["code"]: code["units"] for code in one["codes"]},
            {entry["entry_id"]: entry["counted_seconds"] for entry in one["entries"]},
        )
        for one in results
    }


def _now(month: Month) -> dict[Who, Standing]:
    entries: dict[int, dict[str, int]] = {}
    for key, entry, seconds in month.entries.select("month_key", "entry_id", "counted_seconds").iter_rows():
        entries.setdefault(key, {})[entry] = seconds
    columns = ("patient", "practitioner", "program", "month_key", "status", "counted_seconds", "codes")
    return {
        (patient, practitioner, program): Standing(
            status, seconds, {one["code"]: one["units"] for one in codes}, entries.get(key, {})
        )
        for patient, practitioner, program, key, status, seconds, codes in month.results.select(
            columns
        ).iter_rows()
    }
