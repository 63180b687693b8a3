"""A closed month read back from its JSON, as far as it is billable."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import polars as pl

from anodyne.care.months import Status
from anodyne.kernel.errors import UnreadableFile
from anodyne.kernel.npi import is_npi
from anodyne.model.care import PROGRAMMES

SCHEMA: Final = "anodyne.care/1"

BILLABLE: Final = {
    "result": pl.Int64,  # its number in the file, from 1
    "patient": pl.String,
    "practitioner": pl.String,
    "program": pl.String,
    "payer": pl.String,  # as the enrolment has it; null where the file does not tell
    "pos": pl.String,  # null where the time has none
    "met_on": pl.Date,  # null where the file does not tell
    "code": pl.String,
    "units": pl.Int64,
}
"""One row is one code of a result that is billable."""

_FIX: Final = "Give the JSON that `anodyne care close --format json` wrote, unchanged."
_MONTH: Final = re.compile("[0-9]{4}-(?:0[1-9]|1[0-2])")
_CODE: Final = re.compile("[0-9A-Z][0-9]{3}[0-9A-Z]")
_PLACE: Final = re.compile("[0-9]{2}")
_LONGEST_UNITS: Final = 9_999

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Closed:
    """A month that was closed."""

    month: dt.date
    """Its first day."""
    billable: pl.DataFrame = field(repr=False)
    """The columns of BILLABLE."""


def read_closed(path: str | Path) -> Closed:
    """The month in the JSON file at `path`.

    Raises UnreadableFile where it is none, was not closed because of bad cells, or says what no month can: a
    result that is billable and held back at once, or that stands twice.
    """
    told = read_document(path)
    rows = list(_rows(told.results, told.month, str(path)))
    return Closed(told.month, pl.DataFrame(rows, schema=BILLABLE, orient="row"))


@dataclass(frozen=True, slots=True)
class Document:
    """The JSON of a closed month, its results as they stand."""

    month: dt.date
    """Its first day."""
    results: list[Any] = field(repr=False)
    sha256: str


def read_document(path: str | Path) -> Document:
    """The closed month in the JSON file at `path`; UnreadableFile where it is none, or was not closed."""
    try:
        data = Path(path).read_bytes()
        given = json.loads(data)
    except OSError as error:
        raise UnreadableFile(
            f"the closed month cannot be read: {error.strerror}",
            where=str(path),
            fix="Check the path and the permissions.",
        ) from error
    except (ValueError, RecursionError) as error:
        raise UnreadableFile("not a closed month: it is no JSON", where=str(path), fix=_FIX) from error
    if not isinstance(given, dict) or given.get("schema") != SCHEMA:
        raise UnreadableFile(f"not a closed month: its schema is not {SCHEMA}", where=str(path), fix=_FIX)
    if given.get("errors"):
        raise UnreadableFile(
            "the month was not closed: cells of its tables were bad",
            where=str(path),
            fix="Mend what it lists under errors, and close the month again.",
        )
    month, results = given.get("month"), given.get("results")
    if not (isinstance(month, str) and _MONTH.fullmatch(month) and isinstance(results, list)):
        raise UnreadableFile("not a closed month: it has no month or no results", where=str(path), fix=_FIX)
    first = dt.date.fromisoformat(f"{month}-01")
    return Document(first, results, hashlib.sha256(data).hexdigest())


def _rows(results: list[Any], month: dt.date, path: str) -> Iterator[tuple[object, ...]]:
    seen: set[tuple[str, ...]] = set()
    for number, result in enumerate(results, 1):
        wrong = _wrong(result) or _wrong_if_billable(result, month)
        key = () if wrong else (result["patient"], result["practitioner"], result["program"])
        if key in seen:
            wrong = "it stands twice"
        if wrong:
            raise UnreadableFile(f"not a closed month: {wrong}", where=f"{path}, result {number}", fix=_FIX)
        seen.add(key)
        if result["status"] == Status.BILLABLE:
            met_on = result.get("met_on")
            day = None if met_on is None else dt.date.fromisoformat(met_on)
            for code in result["codes"]:
                yield (number, *key, result.get("payer"), result.get("pos"), day, code["code"], code["units"])


def _wrong(result: object) -> str | None:
    """What is wrong with a result of any status; None for nothing."""
    if not isinstance(result, dict):
        return "it is no object"
    if not (isinstance(result.get("patient"), str) and result["patient"]):
        return "it has no patient"
    if not (isinstance(result.get("practitioner"), str) and is_npi(result["practitioner"])):
        return "its practitioner is no NPI"
    if result.get("program") not in {program.value for program in PROGRAMMES}:
        return "its program is none"
    if result.get("status") not in {status.value for status in Status}:
        return "its status is none"
    return None


def fault(result: object) -> str | None:
    """What is wrong with a result, its codes, seconds and entries looked at too; None for nothing."""
    wrong = _wrong(result)
    if wrong or not isinstance(result, dict):
        return wrong
    codes, entries = result.get("codes"), result.get("entries")
    if not (isinstance(codes, list) and all(map(_is_code, codes))):
        return "its codes with their units are not told"
    if type(result.get("counted_seconds")) is not int:
        return "its counted_seconds are no number"
    if not (isinstance(entries, list) and all(map(_is_entry, entries))):
        return "its entries with their seconds are not told"
    return None


def _is_entry(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("entry_id"), str)
        and type(entry.get("counted_seconds")) is int
    )


def _wrong_if_billable(result: Row, month: dt.date) -> str | None:
    """What is wrong with a result that claims to be billable; None for nothing, and for any other."""
    if result["status"] != Status.BILLABLE:
        return None
    if result.get("blockers") != []:
        return "it is billable, and something stands against it"
    codes = result.get("codes")
    if not (isinstance(codes, list) and codes and all(map(_is_code, codes))):
        return "it is billable, and its codes with their units are not told"
    if len({code["code"] for code in codes}) < len(codes):
        return "it has a code twice"
    pos = result.get("pos")
    if not (pos is None or (isinstance(pos, str) and _PLACE.fullmatch(pos))):
        return "its pos is no place of service"
    met_on = result.get("met_on")
    if not (met_on is None or (isinstance(met_on, str) and _is_day_of(met_on, month))):
        return "its met_on is no day of the month"
    return None


def _is_code(code: object) -> bool:
    if not isinstance(code, dict):
        return False
    name, units = code.get("code"), code.get("units")
    counted = type(units) is int and 0 < units <= _LONGEST_UNITS
    return isinstance(name, str) and bool(_CODE.fullmatch(name)) and counted


def _is_day_of(text: str, month: dt.date) -> bool:
    try:
        return dt.date.fromisoformat(text).replace(day=1) == month
    except ValueError:
        return False
