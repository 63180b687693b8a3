"""How an interchange is punctuated, told from its header."""

from dataclasses import dataclass
from typing import Final

from anodyne.kernel.errors import NotX12, Place, Truncated

LF: Final = 10
CR: Final = 13
BLANKS: Final = frozenset(b"\r\n\t \x1a")
"""Bytes that may stand between segments: line breaks, blanks, and the end-of-file mark of old systems."""
LONGEST_HEADER: Final = 512
"""No ISA takes more bytes than this, line breaks that fall inside it included."""

_ELEMENTS_OF_ISA: Final = 16
_BREAKS: Final = b"\r\n"


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The four bytes that separate elements, components and repetitions and end segments."""

    element: int
    component: int
    repetition: int
    segment: int

    @property
    def by_line(self) -> bool:
        """Whether each segment is a line of its own, ended by the line break."""
        return self.segment in (CR, LF)


def find_delimiters(data: bytes, at: int, *, where: str | Place, wanted: str = "the file") -> Delimiters:
    """The delimiters of the interchange whose ISA starts at `data[at]`.

    Elements are counted rather than measured, so a header that was wrapped or trimmed is understood too.
    Raises NotX12 where no header stands, which asks to give what is `wanted`; Truncated where it ends early.
    """
    if data[at : at + 3] != b"ISA":
        raise NotX12(
            f"no X12 interchange starts here{_what_it_looks_like(data[at : at + 64])}",
            where=where,
            fix=f"Give {wanted}: it starts with ISA.",
        )
    header = data[at : at + LONGEST_HEADER]
    element = header[3] if len(header) > 3 else 0
    marks = [i for i, byte in enumerate(header) if byte == element][:_ELEMENTS_OF_ISA]
    last = _past_breaks(header, marks[-1] + 1) if len(marks) == _ELEMENTS_OF_ISA else len(header)
    if len(header) < last + 2:
        raise Truncated(
            "the interchange header (ISA) is not complete",
            where=where,
            fix="Ask for the file again: an ISA has sixteen elements and ends with the segment terminator.",
        )
    component, segment = header[last], _terminator(header, last + 1)
    marks_differ = len({element, component, segment}) == 3
    if not marks_differ or not all(map(_punctuates, (element, component, segment))) or element in BLANKS:
        raise NotX12(
            "the interchange header does not say how it is punctuated",
            where=where,
            fix="Element separator, component separator and terminator must be three different marks.",
        )
    repetition = header[_past_breaks(header, marks[10] + 1)]
    return Delimiters(element, component, repetition, segment)


def _past_breaks(header: bytes, at: int) -> int:
    """The place of the first byte from `at` that is no line break."""
    return len(header) - len(header[at:].lstrip(_BREAKS))


def _terminator(header: bytes, at: int) -> int:
    """The byte that ends the segment: the next one, past a line break only where the file was wrapped."""
    if header[at] not in (CR, LF):
        return header[at]
    after = _past_breaks(header, at)
    is_wrapped = not header.startswith(b"GS", after) and header[after + 1 :].lstrip(_BREAKS).startswith(b"GS")
    if is_wrapped and _punctuates(header[after]):
        return header[after]
    return LF if LF in header[at:after] else CR


def _punctuates(byte: int) -> bool:
    """Whether a byte may be a delimiter: neither a letter nor a digit, and no blank but a line break."""
    return not chr(byte).isalnum() and byte not in b"\t \x00"


def _what_it_looks_like(head: bytes) -> str:
    """A guess, in words, at what a file that is not X12 may be."""
    if not head.strip(bytes(BLANKS)):
        return ": nothing but blanks is here"
    for mark, kind in (
        (b"%PDF", "a PDF"),
        (b"PK\x03\x04", "a zip archive or spreadsheet"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"\xff\xfe", "text in UTF-16; save it as plain text (UTF-8)"),
        (b"\xfe\xff", "text in UTF-16; save it as plain text (UTF-8)"),
        (b"MSH|", "an HL7 v2 message"),
        (b"<", "XML or HTML"),
        (b"{", "JSON"),
    ):
        if head.startswith(mark):
            return f": it looks like {kind}"
    if head[2:3] and not chr(head[2]).isalnum():
        if head.startswith(b"GS"):
            return ": it looks like X12 without its interchange header"
        if head.startswith(b"ST"):
            return ": it looks like X12 without its envelope (ISA and GS)"
    if b"\x00" in head:
        return ": it looks like a binary file"
    return ""
