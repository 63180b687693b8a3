"""What a file that cannot be loaded looks like, so that a person knows which one they have in hand."""

import re
from typing import Final

from anodyne.reference.given import Given

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
    (b"\x1f\x8b", "a gzip file"),
    (b"{", "a JSON file"),
    (b"\x89PNG", "a picture"),
)
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


def looks_like(given: Given) -> str | None:
    """In a few words what `given` seems to be; None where nothing is known of it."""
    beginning = given.beginning.lstrip(b"\xef\xbb\xbf \r\n\t")
    if beginning.startswith(b"ISA"):
        told = re.search(r"ST.(\d{3})", given.head)
        return _X12.get(told[1] if told else "", "an X12 file")
    for first, says in _BEGINS:
        if beginning.startswith(first):
            return says
    if given.is_workbook:
        return None
    words = given.head[:4_096].lower()
    for pattern, says in _WORDS:
        if re.search(pattern, words):
            return says
    rows = [line for line in given.head.splitlines()[:_ROWS] if line.strip()]
    if rows and all(_PROCEDURE.match(row) for row in rows[:-1] or rows):
        return "ICD-10-PCS, the procedure codes of hospitals"
    return None
