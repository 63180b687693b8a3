"""The keys: one table, from which the browser binds them and the `?` sheet is written.

A page adds its own with attributes: `data-key="e" data-says="Edit the line"` on a button or link, which is
pressed, or on a field, which gets the focus.  Rows are moved over where a `<tbody data-rows>` has
`<tr tabindex="-1">`, the first with 0; `Enter` follows the row's first link, or the one marked `data-open`;
`x` ticks a checkbox marked `data-tick`; `u` presses what is marked `data-undo`.  `data-asks` on a button asks
before its form is sent, and `data-submits` on a field sends it on change.
"""

from typing import Any, Final

from django.urls import NoReverseMatch, reverse

PLACES: Final = (
    ("today", "Today", "t"),
    ("claims", "Claims", "c"),
    ("new_charge", "New charge", "n"),
    ("procedures", "Procedures", "p"),
    ("imports", "Import", "i"),
    ("sending", "Sending", "s"),
    ("registry", "Patients", "r"),
    ("find", "Find", "f"),
)
"""The main places: the name of the address, the word, and the letter after `g`."""
_ROWS: Final = "A list"
_ANYWHERE: Final = "Anywhere"


def places(path: str) -> list[dict[str, Any]]:
    """The main places that there are, with whether `path` lies in them."""
    found = []
    for name, word, letter in PLACES:
        try:
            address = reverse(name)
        except NoReverseMatch:
            continue
        here = path == address if address == "/" else path.startswith(address)
        found.append({"name": name, "word": word, "letter": letter, "address": address, "here": here})
    return found


def key_table() -> list[dict[str, str]]:
    """Every shared key: what it is, what it does in words, and what the browser does."""
    return [
        {"keys": "j", "says": "Next row", "where": _ROWS, "act": "next", "need": "rows"},
        {"keys": "k", "says": "Row before", "where": _ROWS, "act": "before", "need": "rows"},
        {"keys": "ArrowDown", "says": "Next row", "where": _ROWS, "act": "next", "need": "rows"},
        {"keys": "ArrowUp", "says": "Row before", "where": _ROWS, "act": "before", "need": "rows"},
        {"keys": "Home", "says": "First row", "where": _ROWS, "act": "first", "need": "rows"},
        {"keys": "End", "says": "Last row", "where": _ROWS, "act": "last", "need": "rows"},
        {"keys": "Enter", "says": "Open the row", "where": _ROWS, "act": "open", "need": "rows"},
        {
            "keys": "x",
            "says": "Select the row; with Shift, all since the last",
            "where": _ROWS,
            "act": "tick",
            "need": "tick",
        },
        {"keys": "/", "says": "Find a claim or patient", "where": _ANYWHERE, "press": "#find"},
        {"keys": "?", "says": "These keys", "where": _ANYWHERE, "act": "sheet"},
        {"keys": "u", "says": "Undo what was done last", "where": _ANYWHERE, "press": "[data-undo]"},
        {"keys": "Escape", "says": "Close; leave a field", "where": _ANYWHERE, "act": "leave"},
        *(
            {"keys": f"g {place['letter']}", "says": place["word"], "where": "Go to", "go": place["address"]}
            for place in places("")
        ),
    ]
