"""A closed month as text: what is held and why first, then what overlaps, what is short, and the rest."""

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import polars as pl

from anodyne.app.care_month import Month
from anodyne.app.words import counted
from anodyne.cli.care_words import PROGRAMS, clock, codes, money
from anodyne.cli.page import Page, entry, printable, shortened
from anodyne.kernel.money import dollars

ROWS: Final = 50
"""How many months of a kind are told before the rest is only counted."""
_ID: Final = 14
_PROGRAM: Final = 21
_TIME: Final = 8
_CODES: Final = 24
_MONEY: Final = 12
_OUTCOME_AT: Final = 3
_RULE_AT: Final = 11
_MESSAGE_AT: Final = 21
_PARTS: Final = (
    ("held", "Held until it is settled"),
    ("not_enrolled", "Time without an enrolment: nothing is billed"),
    ("billable", "Billable"),
    ("short", "Short of a first unit"),
)


def write(month: Month, out: BinaryIO, page: Page) -> None:
    """Write `month` to `out` for the person who bills it."""
    out.writelines(part.encode() for part in _told(month, page))


def _told(month: Month, page: Page) -> Iterator[str]:
    results = month.results
    patients, who = results["patient"].n_unique(), results["practitioner"].n_unique()
    title = (
        f"{month.month:%B %Y}   {counted(len(results), 'month')} of care · {counted(patients, 'patient')} · "
        f"{counted(who, 'practitioner')}"
    )
    clock_words = "times as written" if month.zone is None else f"time of {month.zone}"
    yield headed(title, clock_words, page)
    findings = month.findings.partition_by("month_key", as_dict=True)
    for status, heading in _PARTS:
        rows = results.filter(status=status).sort(
            pl.col("allowed_cents"), "patient", descending=[True, False], nulls_last=True
        )
        if status == "short":
            rows = rows.sort(pl.col("goal_seconds"), "patient", nulls_last=True)
        if len(rows):
            yield f"\n{page.ink('strong', heading)}\n"
            for row in rows.head(ROWS).iter_rows(named=True):
                yield from _row(row, findings, page)
            yield from _more(len(rows), "month", page)
    yield from overlaps(month, page)
    yield from _proposals(month, page)
    yield "\n" + entry("", _summary(month), 0, page)


def headed(title: str, aside: str, page: Page) -> str:
    """`title`, and at the right of the page `aside`; below it where there is no room beside it."""
    room = page.width - len(title) - len(aside)
    if room > 1:
        return f"{page.ink('strong', title)}{'':{room}}{aside}\n"
    return page.ink("strong", entry("", title, 0, page).rstrip("\n")) + "\n" + entry("", aside, 0, page)


def _row(row: dict[str, Any], findings: dict[Any, pl.DataFrame], page: Page) -> Iterator[str]:
    goal = "" if row["goal_code"] is None else f"{row['goal_code']} in {clock(row['goal_seconds'])}"
    told = codes(row["codes"])
    beside = f"next {goal}" if told and goal else goal
    yield (
        f"{shortened(printable(row['patient']), _ID):<{_ID + 1}}{row['practitioner']}  "
        f"{PROGRAMS[row['program']]:<{_PROGRAM}}{clock(row['counted_seconds']):>{_TIME}}  "
        f"{told:<{_CODES}}{money(row['allowed_cents']) if told else '':>{_MONEY}}"
    ).rstrip() + "\n"
    if beside and row["status"] != "held":
        yield f"{'':{_OUTCOME_AT}}{page.ink('faint', beside)}\n"
    some = findings.get((row["month_key"],))
    for found in () if some is None else some.iter_rows(named=True):
        head = f"{'':{_OUTCOME_AT}}{found['outcome']:<{_RULE_AT - _OUTCOME_AT}}{found['rule']}"
        text = entry(head, found["message"], _MESSAGE_AT, page)
        yield text.replace(found["outcome"], page.ink(found["outcome"], found["outcome"]), 1)
        if found["needs"]:
            needs = entry(f"{'':{_RULE_AT}}needs", "; ".join(found["needs"]), _MESSAGE_AT, page)
            yield needs.replace("needs", page.ink("needs", "needs"), 1)


def overlaps(month: Month, page: Page) -> Iterator[str]:
    """The entries that share minutes, and what becomes of those."""
    pairs = month.conflicts
    if pairs.is_empty():
        return
    yield f"\n{page.ink('strong', 'Overlaps: nobody gets these minutes until the log is corrected')}\n"
    for message in pairs["message"].head(ROWS):
        yield entry("", printable(message), 0, page)
    yield from _more(len(pairs) + month.conflicts_left_out, "overlap", page)


def _proposals(month: Month, page: Page) -> Iterator[str]:
    """What could be chosen for the entries that a person marked."""
    if month.proposals is None:
        return
    yield f"\n{page.ink('strong', 'Proposed for marked entries: nothing is changed by itself')}\n"
    if not month.proposals:
        yield "No other assignment of the marked entries bills more by codes whose price is known.\n"
    for one in month.proposals[:ROWS]:
        gain = dollars(one.best.cents - one.logged.cents)
        yield f"{shortened(printable(one.patient), _ID):<{_ID + 1}}{one.practitioner}  {gain} more\n"
        moves = "; ".join(f"{entry_id} from {old} to {new}" for entry_id, old, new in one.best.moves)
        by = ", ".join(one.marked_by)
        yield entry("   move", printable(f"{moves} (marked by {by})"), _RULE_AT, page)
        yield entry("   why", one.why, _RULE_AT, page)
        for program, told in one.alternatives:
            units = ", ".join(f"{code} ×{count}" for code, count in told.codes.items()) or "nothing"
            text = f"all to {PROGRAMS[program]}: {units}, {dollars(told.cents)}"
            yield entry("   or", text, _RULE_AT, page)
    yield from _more(len(month.proposals), "proposal", page)


def _more(number: int, what: str, page: Page) -> Iterator[str]:
    if number > ROWS:
        yield page.ink("faint", f"… and {counted(number - ROWS, what)} more: --format xlsx has all") + "\n"


def _summary(month: Month) -> str:
    parts = []
    for status, _ in _PARTS:
        rows = month.results.filter(status=status)
        if len(rows):
            cents = int(rows["allowed_cents"].sum())
            amount = f" ({dollars(cents)})" if status in {"billable", "held"} and cents else ""
            parts.append(f"{len(rows):,} {status.replace('_', ' ')}{amount}")
    lost = int(month.conflicts["overlap_seconds"].sum())
    if lost:
        parts.append(f"{counted(len(month.conflicts), 'overlap')} of {clock(lost)}")
    told = " · ".join(parts) or "nothing is logged and nobody is enrolled"
    if month.priced_by is not None:
        told += f". Amounts: Medicare, national, {month.priced_by}"
    return f"{told}. `anodyne rule ID` explains a rule."
