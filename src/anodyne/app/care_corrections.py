"""A month closed before held against the log as it is now."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from anodyne.app.care_closed import SCHEMA, fault, read_document
from anodyne.app.care_month import Month
from anodyne.care.corrections import Correction, Standing, Who, corrections
from anodyne.kernel.errors import BadRequest, UnreadableFile

CLAIM: Final = ("met_on", "pos", "payer")
"""What a result says that a claim of it says too."""
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
    for number, result in enumerate(told.results, 1):
        wrong = fault(result)
        if wrong:
            raise UnreadableFile(
                f"not a closed month: {wrong}",
                where=f"{closed}, result {number}",
                fix="Give the JSON that `anodyne care close --format json` wrote, unchanged.",
            )
    before = _closed(told.results)
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
            {name: one[name] for name in CLAIM if name in one},
        )
        for one in results
    }


def _now(month: Month) -> dict[Who, Standing]:
    entries: dict[int, dict[str, int]] = {}
    for key, entry, seconds in month.entries.select("month_key", "entry_id", "counted_seconds").iter_rows():
        entries.setdefault(key, {})[entry] = seconds
    return {
        (row["patient"], row["practitioner"], row["program"]): Standing(
            row["status"],
            row["counted_seconds"],
            {one["code"]: one["units"] for one in row["codes"]},
            entries.get(row["month_key"], {}),
            {name: None if row[name] is None else str(row[name]) for name in CLAIM},
        )
        for row in month.results.iter_rows(named=True)
    }
