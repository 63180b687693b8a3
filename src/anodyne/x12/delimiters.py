"""How an interchange is punctuated, told from its header."""

from dataclasses import dataclass
from typing import Final

from anodyne.kernel.errors import NotX12, Truncated

LF: Final = 10
CR: Final = 13
BLANKS: Final = frozenset(b"\r\n\t \x1a")
"""Bytes that may stand between segments: line breaks, blanks, and the end-of-file mark of old systems."""

_ELEMENTS_OF_ISA: Final = 16
_LONGEST_HEADER: Final = 512


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The four bytes that separate elements, components and repetitions and end segments."""

    element: int
    component: int
    repetition: int
    segment: int


def find_delimiters(data: bytes, at: int, *, where: str) -> Delimiters:
    """The delimiters of the interchange whose ISA starts at `data[at]`.

    Elements are counted rather than measured, so a header that was wrapped or trimmed is understood too.
    Raises NotX12 where no header stands, Truncated where it ends early.
    """
    if data[at : at + 3] != b"ISA":
        raise NotX12(
            f"no X12 interchange starts here{_what_it_looks_like(data[at : at + 64])}",
            where=where,
            fix="Give an 837P file as the practice system or clearinghouse wrote it: its first segment is ISA.",
        )
    header = data[at : at + _LONGEST_HEADER]
    element = header[3] if len(header) > 3 else 0
    marks = [i for i, byte in enumerate(header) if byte == element][:_ELEMENTS_OF_ISA]
    if len(marks) < _ELEMENTS_OF_ISA or len(header) < marks[-1] + 3:
        raise Truncated(
            "the interchange header (ISA) is not complete",
            where=where,
            fix="Ask for the file again: an ISA has sixteen elements and ends with the segment terminator.",
        )
    last = marks[-1] + 1
    while header[last] in (CR, LF):
        last += 1
    component, segment = header[last], _terminator(header, last + 1)
    punctuation = (element, component, segment)
    if len(set(punctuation)) < 3 or any(chr(byte).isalnum() for byte in punctuation):
        raise NotX12(
            "the interchange header does not say how it is punctuated",
            where=where,
            fix="Element separator, component separator and segment terminator must be three different marks.",
        )
    repetition = header[marks[10] + 1]
    return Delimiters(element, component, repetition, segment)


def _terminator(header: bytes, at: int) -> int:
    """The byte that ends the segment: the next one, seen past a line break only where the line was wrapped there."""
    if header[at] not in (CR, LF):
        return header[at]
    after = at
    while after < len(header) and header[after] in (CR, LF):
        after += 1
    wrapped = header[after + 1 :].lstrip(b"\r\n").startswith(b"GS") and not header[after:].startswith(b"GS")
    if wrapped:
        return header[after]
    return LF if LF in header[at:after] else CR


def _what_it_looks_like(head: bytes) -> str:
    """A guess, in words, at what a file that is not X12 may be."""
    if not head.strip(bytes(BLANKS)):
        return ": nothing but blanks is here"
    for mark, kind in (
        (b"%PDF", "a PDF"),
        (b"PK\x03\x04", "a zip archive or spreadsheet"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"MSH|", "an HL7 v2 message"),
        (b"<", "XML or HTML"),
        (b"{", "JSON"),
        (b"GS", "X12 without its interchange header"),
        (b"ST", "X12 without its envelope (ISA and GS)"),
    ):
        if head.startswith(mark):
            return f": it looks like {kind}"
    if b"\x00" in head:
        return ": it looks like a binary file"
    return ""
