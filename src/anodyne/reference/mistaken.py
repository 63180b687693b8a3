"""What a file that cannot be loaded looks like, so that a person knows which one they have in hand."""

import re
from typing import Final

from anodyne.kernel.errors import UnreadableFile
from anodyne.reference.given import Given
from anodyne.reference.published import Mistaken

LOADABLE: Final = "`anodyne reference load --help` names the files that can be loaded."
"""What to do where nothing better is known."""

_X12: Final = {
    "837": "an 837 claim file",
    "835": "an 835 remittance",
    "999": "a 999 acknowledgement",
    "277": "a 277 claim status file",
    "271": "a 271 eligibility answer",
}
_BEGINS: Final = (
    (b"%PDF", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "an older Excel or Word file (xls, doc)"),
    (b"{", "a JSON file"),
    (b"\x89PNG", "a picture"),
)
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_GZIP: Final = b"\x1f\x8b"
_VALUES: Final = re.compile(r"work[ _]rvu|conv(?:ersion)?[ _]factor")
_HEADING: Final = re.compile(
    r"(?<![a-z])(?:code|codes|hcpcs|cpt|icd|pos|description|label|title|name|date|effective|deletion|modifier|mod"
    r"|indicator|value|status|type|rate|amount|number|id|state|locality|rationale|version|category)(?![a-z])"
)
_LONGEST_HEADING: Final = 40
_MOST_HEADINGS: Final = 6
_WORDS: Final = (
    (r"<html|<!doctype html", "a web page, perhaps the licence that stands before the download"),
    (r"clinical laboratory fee schedule", "the clinical laboratory fee schedule"),
    (r"opps|addendum b", "a table of the hospital outpatient payment system"),
    (r"anesthesia conversion", "the anaesthesia conversion factors"),
    (r"locality.{0,40}count(?:y|ies)", "the list of localities and counties"),
)
_PROCEDURE: Final = re.compile(r"^(?:\d{5} )?[0-9A-HJ-NP-Z]{7} [01 ]")
"""An ICD-10-PCS code has seven characters and never I or O; its order file numbers the rows."""
_ROWS: Final = 20


def looks_like(given: Given) -> Mistaken | None:
    """What `given` seems to be, and what to do with it; None where nothing is known of it."""
    if given.beginning.startswith(_UTF16):
        return Mistaken("UTF-16 text", "Save it as UTF-8 (in Excel: CSV UTF-8) and give that.")
    if given.beginning.startswith(_GZIP):
        return Mistaken("a gzip file", "Unpack it first, and give the file inside.")
    if not given.is_workbook and _VALUES.search(given.head[:4_096].lower()):
        return Mistaken(
            "relative values of the physician fee schedule in another layout than the publisher's",
            "Give the zip of the release, or the file in it whose name begins with PPRRVU.",
        )
    says = _seems(given)
    return Mistaken(says, LOADABLE) if says else None


def headings(given: Given) -> str | None:
    """How the columns of `given` are headed, the first of them; None where no row is surely of headings.

    Half the cells of a row must be words of headings: what may be data is never told.
    """
    try:
        rows = given.first_rows()
    except UnreadableFile:
        return None
    for row in rows[:_ROWS]:
        told = [cell for cell in row if cell and len(cell) <= _LONGEST_HEADING and not re.search(r"\d", cell)]
        sure = [cell for cell in told if _HEADING.search(cell.lower())]
        if len(sure) > 1 and len(sure) * 2 >= len(list(filter(None, row))):
            more = ", …" if len(sure) > _MOST_HEADINGS else ""
            return ", ".join(sure[:_MOST_HEADINGS]) + more
    return None


def _seems(given: Given) -> str | None:
    """In a few words what `given` seems to be."""
    beginning = given.beginning.lstrip(b"\xef\xbb\xbf \r\n\t")
    if beginning.startswith(b"ISA"):
        told = re.search(r"ST.(\d{3})", given.head)
        return _X12.get(told[1] if told else "", "an X12 file")
    for first, says in _BEGINS:
        if beginning.startswith(first):
            return says
    if given.is_workbook:
        return None
    if b"\x00" in given.beginning:
        return "binary data, no text"
    words = given.head[:4_096].lower()
    for pattern, says in _WORDS:
        if re.search(pattern, words):
            return says
    rows = [line for line in given.head.splitlines()[:_ROWS] if line.strip()]
    if rows and all(_PROCEDURE.match(row) for row in rows[:-1] or rows):
        return "ICD-10-PCS, the procedure codes of hospitals"
    return None
