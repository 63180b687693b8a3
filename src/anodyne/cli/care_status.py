"""A month under way: who is how short of the next unit, what stands in the way, and what it is worth."""

import calendar
import datetime as dt
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import polars as pl

from anodyne.app.care_month import Month
from anodyne.app.words import counted, day
from anodyne.cli import care_json
from anodyne.cli.care_tables import csv, months, workbook
from anodyne.cli.care_text import headed, overlaps
from anodyne.cli.care_words import PROGRAMS, clock, codes, money
from anodyne.cli.page import Page, entry, printable, shortened
from anodyne.kernel.money import dollars

SCHEMA: Final = "anodyne.care-status/1"
ROWS: Final = 100
"""How many months are told before the rest is only counted."""
_ID: Final = 13
_MESSAGE_AT: Final = 21


def write_text(month: Month, as_of: dt.date, out: BinaryIO, page: Page) -> None:
    """Write it for the team that has the rest of the month before it, the nearest next unit first."""
    out.writelines(part.encode() for part in _text(month, as_of, page))


def write_json(month: Month, as_of: dt.date, out: BinaryIO) -> None:
    """Write one object, `anodyne.care-status/1`: as a closed month, with the day and what units are worth."""
    care_json.write(month, out, schema=SCHEMA, about={"as_of": as_of.isoformat()})


def write_csv(month: Month, out: BinaryIO) -> None:
    """Write one row a patient, practitioner and programme."""
    csv(_ordered(months(month)), out)


def write_xlsx(month: Month, out: BinaryIO) -> None:
    """Write a workbook with one row a patient, practitioner and programme."""
    workbook({"Months": _ordered(months(month))}, out)


def _ordered(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.sort("next_seconds_short", "patient", nulls_last=True)


def _text(month: Month, as_of: dt.date, page: Page) -> Iterator[str]:
    last = calendar.monthrange(as_of.year, as_of.month)[1]
    left = last - as_of.day
    title = f"{month.month:%B %Y} as of {day(as_of)}"
    days = f"{counted(left, 'day')} left" if left else "the last day"
    yield headed(title, days, page) + "\n"
    heads = f"{'patient':<{_ID + 1}}{'practitioner':<12} {'programme':<19}{'so far':>8}  {'earned':<15}"
    yield page.ink("faint", f"{heads}{'short of next':>19}{'worth':>9}") + "\n"
    rows = month.results.sort(pl.col("status") == "not_enrolled", "goal_seconds", "patient", nulls_last=True)
    findings = month.findings.filter("blocks").partition_by("month_key", as_dict=True)
    for row in rows.head(ROWS).iter_rows(named=True):
        yield from _row(row, findings, page)
    if len(rows) > ROWS:
        yield page.ink("faint", f"… and {counted(len(rows) - ROWS, 'month')} more: --format xlsx") + "\n"
    yield from overlaps(month, page)
    yield "\n" + entry("", _summary(month), 0, page)


def _row(row: dict[str, Any], findings: dict[Any, pl.DataFrame], page: Page) -> Iterator[str]:
    goal = "" if row["goal_code"] is None else f"{row['goal_code']} {clock(row['goal_seconds'])}"
    if row["status"] == "not_enrolled":
        goal = "not enrolled"
    worth = money(row["goal_cents"]) if row["goal_code"] else ""
    yield (
        f"{shortened(printable(row['patient']), _ID):<{_ID + 1}}{row['practitioner']:<12} "
        f"{PROGRAMS[row['program']]:<19}{clock(row['counted_seconds']):>8}  "
        f"{shortened(codes(row['codes']), 19):<19}{goal:>15}{worth:>9}"
    ).rstrip() + "\n"
    some = findings.get((row["month_key"],))
    for found in () if some is None else some.iter_rows(named=True):
        text = entry(f"   {found['outcome']:<8}{found['rule']}", found["message"], _MESSAGE_AT, page)
        yield text.replace(found["outcome"], page.ink(found["outcome"], found["outcome"]), 1)


def _summary(month: Month) -> str:
    """What is earned, what waits, and what the next units would add."""
    results = month.results
    by_status = {
        status: (len(rows), int(rows["allowed_cents"].sum()))
        for (status,), rows in results.group_by("status", maintain_order=True)
    }
    parts = [
        f"{by_status[status][0]:,} {status.replace('_', ' ')} ({dollars(by_status[status][1])})"
        for status in ("billable", "held")
        if status in by_status
    ]
    near = results.filter(pl.col("goal_cents").is_not_null(), pl.col("status") != "held")
    parts.append(f"next units of {len(near):,} would add {dollars(int(near['goal_cents'].sum()))}")
    told = " · ".join(parts)
    return f"{told}. Amounts: Medicare, national, {month.priced_by}." if month.priced_by else told
