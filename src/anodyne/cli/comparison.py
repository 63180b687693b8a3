"""How the difference between two editions is told: as text for people, as JSON for programs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Final

from anodyne.app.catalogue import catalogue
from anodyne.app.compare import Comparison, Shift
from anodyne.app.words import counted, table
from anodyne.cli.page import Page, entry, printable, shortened
from anodyne.kernel.money import dollars
from anodyne.reference.editions import Edition

SCHEMA: Final = "anodyne.reference.diff/1"
SHIFTS_TOLD: Final = 40
PRICES_TOLD: Final = 20
_RULE: Final = 12
_CODES: Final = 22


def as_text(found: Comparison, page: Page) -> str:
    """What was compared, what is found by one side only, prices, and the money at risk by each."""
    return "".join(_rows(found, page))


def _rows(found: Comparison, page: Page) -> Iterator[str]:
    for old, new in zip(found.old, found.new, strict=True):
        yield entry("", f"{table(new.table)}: {_called(old)} → {_called(new)}", 0, page)
    asked = f"{counted(found.claims, 'claim')} with {counted(found.lines, 'line')}"
    asked = f"Asked of {asked}, as if in force on their days."
    yield entry("", asked, 0, page)
    for old, new in zip(found.old, found.new, strict=True):
        for edition, name, looks in ((old, "OLD", "new"), (new, "NEW", "ended")):
            if not edition.whole:
                lacks = f"lacks {', '.join(edition.missing)}" if edition.missing else "is an excerpt"
                says = f"{name} {lacks}: what is not in it looks {looks}"
                yield entry("", f"{table(edition.table)}: {says}.", 0, page)
    yield from _shifts("Only by the new edition", found.now, page)
    yield from _shifts("Only by the old edition", found.gone, page)
    if not found.now and not found.gone:
        yield "\nNo finding differs.\n"
    yield from _prices(found, page)
    yield f"\nAt risk as they stand: {dollars(found.old_risk_cents)} → {dollars(found.new_risk_cents)}\n"


def _called(edition: Edition) -> str:
    return f"{edition.period} ({counted(edition.rows, 'row')})"


def _shifts(title: str, shifts: Sequence[Shift], page: Page) -> Iterator[str]:
    if not shifts:
        return
    yield f"\n{page.ink('strong', title)}\n"
    for shift in shifts[:SHIFTS_TOLD]:
        money = f"{dollars(shift.at_risk_cents):>12}" if shift.at_risk_cents else f"{'':12}"
        claims = counted(shift.claims, "claim")
        codes = shortened(printable(shift.codes), _CODES)
        start = f"{shift.rule:<{_RULE}}  {page.ink(shift.outcome, f'{shift.outcome:<6}')}  {codes:<{_CODES}}"
        room = page.width - _RULE - 6 - _CODES - 12 - 11 - 10
        text = shortened(catalogue()[shift.rule][0].title, room)
        yield f"{start}  {claims:>11}  {money}  {text}".rstrip() + "\n"
    if len(shifts) > SHIFTS_TOLD:
        yield f"and {len(shifts) - SHIFTS_TOLD:,} more, which --format json tells\n"


def _prices(found: Comparison, page: Page) -> Iterator[str]:
    if found.priced_lines:
        yield f"\n{page.ink('strong', 'Medicare Part B at national prices')}\n"
        yield _price("", found.priced_lines, found.old_cents, found.new_cents)
        for price in found.prices[:PRICES_TOLD]:
            yield _price(price.code, price.lines, price.old_cents, price.new_cents)
        if len(found.prices) > PRICES_TOLD:
            yield f"and {len(found.prices) - PRICES_TOLD:,} more codes, which --format json tells\n"
    if found.unpriced_codes:
        named = ", ".join(f"{code} ({lines:,})" for code, lines in found.unpriced_codes)
        yield "\n" + entry("", f"Codes no longer in the fee schedule (lines): {named}", 0, page)


def _price(code: str, lines: int, old: int, new: int) -> str:
    sign = "+" if new >= old else "-"
    change = f"{sign}{dollars(abs(new - old))}"
    billed = counted(lines, "line")
    return f"{code or 'all':<5}  {billed:>12}  {dollars(old):>14} → {dollars(new):>14}  {change:>12}\n"


def as_json(found: Comparison) -> bytes:
    """One object on one line: every value by its name, none left out."""
    content = {"schema": SCHEMA, **asdict(found)}
    content["unpriced_codes"] = dict(found.unpriced_codes)
    return (json.dumps(content, default=str, ensure_ascii=False) + "\n").encode()
