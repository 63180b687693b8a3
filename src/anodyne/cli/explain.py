"""Rules as text: all in a table, or one with its authority, dates and cases."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from anodyne.app import words
from anodyne.app.catalogue import Entry
from anodyne.cli.page import Page, entry, folded

_NAMES: Final = 12
_EXPECT: Final = 10


def table(entries: Iterable[Entry], page: Page) -> bytes:
    """Every one of `entries` on a row, families apart."""
    known = sorted(entries, key=lambda e: e.id)
    id_width = max((len(e.id) for e in known), default=0) + 2
    title_at = id_width + 8
    blocks = []
    for _, family in groupby(known, lambda e: e.id.partition("-")[0]):
        rows = []
        for e in family:
            first, *more = folded(e.title, page.width - title_at, page.width - title_at)
            outcome = page.ink(e.outcome, e.outcome) + " " * (8 - len(e.outcome))
            rows.append(f"{page.ink('strong', e.id)}{' ' * (id_width - len(e.id))}{outcome}{first}\n")
            rows += (f"{'':{title_at}}{row}\n" for row in more)
        blocks.append("".join(rows))
    note = entry("", f"{words.counted(len(known), 'rule')}. `anodyne rule ID` explains one.", 0, page)
    return "\n".join([*blocks, note]).encode()


def one(versions: Sequence[Entry], page: Page) -> bytes:
    """One rule, explained: each of its `versions`, one after the other."""
    return "\n".join("".join(_explained(version, page)) for version in versions).encode()


def _explained(known: Entry, page: Page) -> Iterator[str]:
    yield f"{page.ink('strong', known.id)}   {page.ink(known.outcome, known.outcome)}\n\n"
    yield entry("", known.title, 0, page)
    if known.statement:
        yield "\n" + entry("", known.statement, 0, page)
    yield "\n"
    yield entry("predicts", words.PREDICTS[known.outcome], _NAMES, page)
    yield entry(
        "looks at",
        f"{words.SUBJECTS.get(known.view, known.view)}, {words.PAYERS[known.payers]}",
        _NAMES,
        page,
    )
    if known.in_force is not None:
        last = "" if known.in_force.last is None else f" to {words.day(known.in_force.last)}"
        yield entry("in force", f"for services from {words.day(known.in_force.start)}{last}", _NAMES, page)
    for number, cite in enumerate(known.cites):
        name = "" if number else "authority"
        yield entry(name, f"{cite.source}: {cite.section}", _NAMES, page)
        if cite.url:
            yield entry("", cite.url, _NAMES if len(cite.url) <= page.width - _NAMES else 2, page)
        yield entry("", f"read {words.day(cite.read)}; {words.CONFIDENCE[cite.confidence]}", _NAMES, page)
    yield from _cases(known, page)


def _cases(known: Entry, page: Page) -> Iterator[str]:
    """The rule's cases: name, what it brings, and what is said."""
    cases = known.cases()
    if not cases:
        return
    yield f"\n{page.ink('strong', 'Cases')}\n"
    names = min(max(len(case.name) for case in cases), page.width // 2 - 10)
    says_at = 2 + names + 2 + _EXPECT
    for case in cases:
        left = folded(case.name, names, names)
        right = folded(case.says or "", page.width - says_at, page.width - says_at)
        for number in range(max(len(left), len(right))):
            name = left[number] if number < len(left) else ""
            expect = words.EXPECTS[case.expect] if number == 0 else ""
            says = right[number] if number < len(right) else ""
            yield f"  {name:<{names}}  {expect:<{_EXPECT}}{says}".rstrip() + "\n"
