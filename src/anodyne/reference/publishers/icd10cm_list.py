"""The ICD-10-CM code list: the codes that may be billed, each with its title, or a list of codes alone."""

import re
from collections.abc import Mapping
from typing import Final

import polars as pl

from anodyne.kernel.errors import UnreadableFile
from anodyne.reference.given import Given, as_text
from anodyne.reference.icd10cm import PUBLISHER, described, due, period, start_of
from anodyne.reference.published import Known, Mistaken, PublishedFile

_TITLED: Final = re.compile(r"[A-Z][0-9A-Z]{2,6} +\S.*")
_PROCEDURE: Final = re.compile(r"[0-9A-HJ-NP-Z]{7} +\S.*")
_CODE: Final = re.compile(r"[A-Z][0-9A-Z]{2,6}")
_OUTLINE: Final = re.compile(r"\d{1,2}|[A-Z][0-9A-Z]{2}-[A-Z][0-9A-Z]{2}")
"""A chapter or a block, which a list of codes alone may hold."""
_BEGINS: Final = ("A00", "A000")
_FIRST: Final = 40


def recognise(given: Given) -> Known | Mistaken | None:
    """Known by lines of a code and its title, or of codes, blocks and chapters, from A00 on."""
    lines = [line.rstrip() for line in given.head.splitlines()[:_FIRST]]
    codes = [line.partition(" ")[0] for line in lines if not _OUTLINE.fullmatch(line)]
    if codes and codes[0] in _BEGINS:
        whole = all(_TITLED.fullmatch(line) for line in lines)
        if whole or all(_CODE.fullmatch(code) and code in lines for code in codes):
            return Known(start_of(given))
    if lines and all(_PROCEDURE.fullmatch(line) for line in lines):
        return Mistaken("the code list of ICD-10-PCS, hospital procedures", "Give that of ICD-10-CM.")
    return None


def read(given: Given) -> Mapping[str, pl.DataFrame]:
    """The codes that no longer code begins with."""
    titled: dict[str, str] = {}
    for row, line in enumerate(as_text(given.contents()).splitlines(), start=1):
        code, _, title = line.strip().partition(" ")
        if _CODE.fullmatch(code):
            titled[code] = title.strip()
        elif line.strip() and not _OUTLINE.fullmatch(line.strip()):
            raise UnreadableFile(
                f"line {row:,}: a code is expected",
                where=given.where,
                fix="Nothing was loaded. Download the file again.",
            )
    ordered = sorted(titled)
    leaves = [
        code for code, after in zip(ordered, [*ordered[1:], ""], strict=True) if not after.startswith(code)
    ]
    return {"dx_list": described(pl.DataFrame({"code": leaves, "title": [titled[c] for c in leaves]}))}


FILE: Final = PublishedFile(
    title="ICD-10-CM code list",
    publisher=PUBLISHER,
    source="icd10cm-files",
    tables=("dx_list",),
    recognise=recognise,
    read=read,
    period=period,
    expect_next=due,
)
