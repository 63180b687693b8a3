"""The page that text is written on: its width, its colours, and how words are folded to fit."""

import os
import re
import shutil
import sys
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 100
NARROWEST: Final = 60
WIDEST: Final = 120

_STYLES: Final = {
    "reject": "1;31",
    "deny": "31",
    "audit": "33",
    "ask": "36",
    "missed": "32",
    "fix": "32",
    "needs": "36",
    "where": "2",
    "strong": "1",
    "faint": "2",
}
UNPRINTABLE: Final = r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe\uffff]"
"""Characters that would move a terminal's cursor or hide what follows them."""


@dataclass(frozen=True, slots=True)
class Page:
    """How wide text may be, and whether it may have colour."""

    width: int = WIDTH
    colour: bool = False

    def ink(self, style: str, text: str) -> str:
        """`text` in the colour of `style`; as it is where there is no colour."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.colour and text else text


def page_for(output: str) -> Page:
    """The page for what is written to `output`: as the terminal is; elsewhere 100 columns without colour."""
    if output != "-" or not sys.stdout.isatty():
        return Page()
    columns = shutil.get_terminal_size((WIDTH, 24)).columns
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return Page(max(NARROWEST, min(WIDEST, columns)), not plain)


def printable(text: str) -> str:
    """`text` with a question mark for each character that has no place on a page."""
    return re.sub(UNPRINTABLE, "?", text)


def shortened(text: str, width: int) -> str:
    """`text` cut to `width`, which an ellipsis says.

    >>> shortened("Riverbend Advantage", 10), shortened("Riverbend", 10)
    ('Riverbend…', 'Riverbend')
    """
    return text if len(text) <= width else f"{text[: max(0, width - 1)].rstrip()}…"


def folded(text: str, first: int, rest: int) -> list[str]:
    """`text` in rows of at most `first` characters, then `rest`; a word too long for a row is broken.

    >>> folded("one two three", 7, 9), folded("abcdefgh", 3, 5)
    (['one two', 'three'], ['', 'abcde', 'fgh'])
    """
    rows: list[str] = []
    room = first
    while len(text) > room:
        cut = text.rfind(" ", 0, room + 1)
        if cut > 0:
            rows.append(text[:cut])
            text = text[cut + 1 :]
        else:
            taken = room if room >= rest else 0
            rows.append(text[:taken])
            text = text[taken:]
        room = rest
    return [*rows, text]


def entry(name: str, text: str, indent: int, page: Page) -> str:
    """`name` and beside it, from column `indent` on, `text` in as many rows as it needs."""
    first, *more = folded(text, page.width - indent, page.width - indent)
    return "\n".join([f"{name:<{indent}}{first}", *(f"{'':{indent}}{row}" for row in more)]) + "\n"
