"""What can be drawn with the fonts inside Typst."""

import re
from typing import Final

UNDRAWN: Final = re.compile(
    r"[^\x20-\x7e\xa1-\xac\xae-\u0377\u037a-\u037f\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u04ff"
    r"\u0531-\u0556\u0559-\u058a\u05d0-\u05ea\u0621-\u063a\u0641-\u064a\u10d0-\u10fa\u1e00-\u1eff"
    r"\u2010-\u2027\u2030-\u2040\u2070\u2071\u2074-\u208e\u20a0-\u20bf\u2100-\u211e\u2190-\u22ff\u2713\u2717]"
)
"""Characters of which the fonts inside Typst have no picture, or that have none: they are told by number."""


def drawn(value: object) -> object:
    """`value` with every character that has no picture told by its number."""
    match value:
        case str():
            return UNDRAWN.sub(lambda found: f"[U+{ord(found.group()):04X}]", value)
        case dict():
            return {name: drawn(part) for name, part in value.items()}
        case list() | tuple():
            return [drawn(part) for part in value]
    return value
