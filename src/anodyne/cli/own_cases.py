"""A practice's own cases as text: what each found, and where that is not what it expects."""

from collections.abc import Iterator, Sequence

from anodyne.app.own_cases import Expected, Found, Told
from anodyne.app.words import counted
from anodyne.cli.page import Page, entry, printable

_INDENT = 10


def text(path: str, cases: Sequence[Told], page: Page) -> bytes:
    """`cases` of the file at `path`, those that did not pass with what differs."""
    return "".join(_rows(path, cases, page)).encode(errors="replace")


def _rows(path: str, cases: Sequence[Told], page: Page) -> Iterator[str]:
    yield f"{page.ink('strong', path)}\n"
    for case in cases:
        style, word = ("missed", "pass") if case.passed else ("deny", "FAIL")
        yield f"  {page.ink(style, word)}    {printable(case.name)}\n"
        for expected in case.missing:
            yield entry("", f"not found: {_expected(expected)}", _INDENT, page)
        for found in case.surplus:
            yield entry("", f"not expected: {_found(found)}", _INDENT, page)
    failed = sum(not case.passed for case in cases)
    yield f"{counted(len(cases), 'case')}, {'all pass' if not failed else f'{failed:,} failed'}\n"


def _expected(expected: Expected) -> str:
    line = "" if expected.line is None else f" on line {expected.line}"
    return f"{expected.rule} {expected.outcome}{line}"


def _found(found: Found) -> str:
    line = "" if found.line is None else f" on line {found.line}"
    return f"{found.rule} {found.outcome}{line}, {found.message}"
