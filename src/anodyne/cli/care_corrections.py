"""What changed since a month was closed, for people and for programs."""

import json
from collections.abc import Iterator
from typing import BinaryIO, Final

import polars as pl

from anodyne.app.care_corrections import Corrections
from anodyne.app.words import counted
from anodyne.care.corrections import Correction, Standing
from anodyne.cli.care_tables import csv, workbook
from anodyne.cli.care_words import PROGRAMS, clock, codes
from anodyne.cli.page import Page, entry, printable, shortened

SCHEMA: Final = "anodyne.care-corrections/1"
_ID: Final = 14
_INDENT: Final = 11


def write_text(found: Corrections, out: BinaryIO, page: Page) -> None:
    """Write the list for the person who works it."""
    out.writelines(part.encode() for part in _text(found, page))


def write_json(found: Corrections, out: BinaryIO) -> None:
    """Write one object, `anodyne.care-corrections/1`."""
    told = {
        "schema": SCHEMA,
        "month": f"{found.month:%Y-%m}",
        "closed": {"path": found.path, "sha256": found.sha256},
        "corrections": [_record(one) for one in found.corrections],
    }
    out.write(json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n")


def write_csv(found: Corrections, out: BinaryIO) -> None:
    """Write one row a month that changed."""
    csv(_table(found), out)


def write_xlsx(found: Corrections, out: BinaryIO) -> None:
    """Write a workbook with one row a month that changed."""
    workbook({"Corrections": _table(found)}, out)


def _text(found: Corrections, page: Page) -> Iterator[str]:
    title = f"{found.month:%B %Y}   {counted(len(found.corrections), 'month')} changed since it was closed"
    yield page.ink("strong", title) + "\n"
    yield entry("", f"closed as {printable(found.path)}, which stays as it is", 0, page)
    for one in found.corrections:
        patient, practitioner, program = one.who
        yield (
            f"\n{shortened(printable(patient), _ID):<{_ID + 1}}{practitioner}  {PROGRAMS[program]}   "
            f"{_standing(one.before)} → {_standing(one.now)}\n"
        )
        text = entry(f"   {one.outcome}", one.message, _INDENT, page)
        yield text.replace(one.outcome, page.ink(one.outcome, one.outcome), 1)
        for what, entries in (("added", one.added), ("removed", one.removed), ("changed", one.changed)):
            if entries:
                yield entry(f"   {what}", printable(", ".join(entries)), _INDENT, page)
    if not found.corrections:
        yield "Nothing changed.\n"


def _standing(standing: Standing) -> str:
    if not standing.status:
        return "nothing"
    earned = codes({"code": code, "units": units} for code, units in standing.codes.items())
    return " ".join(part for part in (clock(standing.counted_seconds), earned, standing.status) if part)


def _record(one: Correction) -> dict[str, object]:
    patient, practitioner, program = one.who
    return {
        "patient": patient,
        "practitioner": practitioner,
        "program": program,
        "outcome": one.outcome.value,
        "message": one.message,
        "before": _side(one.before),
        "now": _side(one.now),
        "entries": {"added": one.added, "removed": one.removed, "changed": one.changed},
    }


def _side(standing: Standing) -> dict[str, object]:
    return {
        "status": standing.status or None,
        "counted_seconds": standing.counted_seconds,
        "codes": [{"code": code, "units": units} for code, units in standing.codes.items()],
    }


def _table(found: Corrections) -> pl.DataFrame:
    rows = [
        {
            "patient": one.who[0],
            "practitioner": one.who[1],
            "program": one.who[2],
            "outcome": one.outcome.value,
            "message": one.message,
            "before": _standing(one.before),
            "now": _standing(one.now),
            "added": "; ".join(one.added),
            "removed": "; ".join(one.removed),
            "changed": "; ".join(one.changed),
        }
        for one in found.corrections
    ]
    columns = (
        "patient", "practitioner", "program", "outcome", "message", "before", "now", "added", "removed",
        "changed",
    )  # fmt: skip
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String))
