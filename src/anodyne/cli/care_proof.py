"""The proof of a closed month: one PDF for each patient and practitioner, as an auditor reads it.

Values go to the template as data and are never part of its text.  No clock, network or font of this computer
decides a byte.
"""

import datetime as dt
import hashlib
import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Final
from urllib.parse import quote

import typst

from anodyne.app.care_month import Month
from anodyne.app.care_proof import proofs
from anodyne.app.home import data_home
from anodyne.care.clock import month_after
from anodyne.cli.care_proof_page import page_of
from anodyne.cli.drawn import drawn
from anodyne.cli.out import opened
from anodyne.kernel.errors import BadRequest
from anodyne.reference.tables import Reference, load

LONGEST_NAME: Final = 120
"""Characters of a patient's id in a file name; a longer one is cut, and told apart by its checksum."""
_STANDARD: Final = "ua-1"
"""PDF/UA: readable aloud; and Typst refuses, rather than leaves out, a character that it cannot draw."""
_POINTS: Final = 8.7
_SMALLEST_POINTS: Final = 7.4
"""The size of letters where it saves a second page."""
_COUNT: Final = re.compile(rb"/Type */Pages */Count ([0-9]+)")


def write_proofs(
    month: Month, folder: Path, *, reference: Reference | None = None, practice: str = ""
) -> int:
    """Write the proof of each patient and practitioner of `month` into `folder`; how many there are.

    The `reference` is that by which it was closed: unless given, what is loaded, as for `app.care.close`.  A
    file is whole or not there, and the same for the same month, reference and version.

    Raises BadRequest where the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadRequest(
            f"the folder cannot be made: {error.strerror}",
            where=str(folder),
            fix="Name a folder that you may write to.",
        ) from error
    reference = load(data_home()) if reference is None else reference
    press = _Press(month.month)
    taken: set[str] = set()
    for proof in proofs(month, reference):
        name = file_name(proof.patient, proof.practitioner, month.month)
        if name.casefold() in taken:  # on some systems P1 and p1 are one file
            name = file_name(proof.patient, proof.practitioner, month.month, marked=True)
        taken.add(name.casefold())
        page = press.printed(page_of(proof, month, practice))
        with opened(str(folder / name)) as out:
            out.write(page)
    return len(taken)


def file_name(patient: str, practitioner: str, month: dt.date, *, marked: bool = False) -> str:
    """The name of a proof's file, another for each patient: what no file name may bear is told by number.

    A name that is `marked`, or too long, bears a checksum of the id.

    >>> file_name("P/01", "1234567893", dt.date(2026, 10, 1))
    'P%2F01-1234567893-2026-10.pdf'
    """
    safe = quote(patient, safe="")
    if safe[0] in ".-~":  # hidden, or taken for an option or a home
        safe = f"%{ord(safe[0]):02X}{safe[1:]}"
    if marked or len(safe) > LONGEST_NAME:
        safe = f"{safe[:LONGEST_NAME]}={hashlib.sha256(patient.encode()).hexdigest()[:16]}"
    return f"{safe}-{practitioner}-{month:%Y-%m}.pdf"


class _Press:
    """Typst with one template and its own fonts, for many pages."""

    def __init__(self, month: dt.date) -> None:
        self._template = files("anodyne.cli").joinpath("pages", "care_proof.typ").read_bytes()
        fonts = typst.Fonts(include_system_fonts=False)
        self._compiler = typst.Compiler(font_paths=fonts, ignore_system_fonts=True)
        last = month_after(month) - dt.timedelta(days=1)
        self._made = dt.datetime.combine(last, dt.time(), dt.UTC)

    def printed(self, page: object) -> bytes:
        """The PDF of `page`, what the template shows."""
        told = json.dumps(drawn(page), ensure_ascii=False)
        usual = self._set(told, _POINTS)
        if _pages(usual) == 1:
            return usual
        small = self._set(told, _SMALLEST_POINTS)
        return small if _pages(small) == 1 else usual

    def _set(self, told: str, points: float) -> bytes:
        made = self._compiler.compile(
            self._template,
            format="pdf",
            sys_inputs={"proof": told, "points": str(points)},
            pdf_standards=_STANDARD,
            timestamp=self._made,
        )
        if not isinstance(made, bytes):
            raise TypeError("a PDF is one run of bytes")
        return made


def _pages(pdf: bytes) -> int:
    """How many pages a PDF of Typst's has."""
    found = _COUNT.search(pdf)
    if found is None:
        raise TypeError("Typst writes the count of pages in a way that is not known here")
    return int(found[1])
