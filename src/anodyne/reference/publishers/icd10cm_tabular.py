"""The ICD-10-CM tabular list, an XML document: codes by chapter, block and category, with their notes."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from anodyne.kernel.errors import UnreadableFile
from anodyne.reference.given import Given
from anodyne.reference.icd10cm import (
    FILLER,
    LONGEST,
    PUBLISHER,
    described,
    due,
    numbers,
    period,
    start_of,
    widths,
)
from anodyne.reference.published import Known, Mistaken, PublishedFile

_ROOT: Final = "<ICD10CM.tabular>"
_RELATIVES: Final = {
    "<ICD10CM.index>": "the alphabetic index of ICD-10-CM",
    "<ICD10PCS.tabular": "the tables of ICD-10-PCS, hospital procedures",
}
_VERSION: Final = re.compile(r"<version>(\d{4})")
_CHAPTER: Final = re.compile(r"\(([A-Z][0-9A-Z]{2})-([A-Z][0-9A-Z]{2})\)")
_IN_BRACKETS: Final = re.compile(r"\(([^()]*)\)")
_CODE: Final = r"[A-Z][0-9A-Z]{2}(?:\.[0-9A-Z]*)?"
_ONE: Final = re.compile(rf"({_CODE})-?")
_RANGE: Final = re.compile(rf"({_CODE})-({_CODE})-?")
_NOT_FOR: Final = re.compile(
    r"7th characters (?P<sevenths>[0-9A-Z](?: and [0-9A-Z])*) do not apply to codes in category \w+ "
    r"with 6th character (?P<sixths>.*)"
)
_GROUPS: Final = ("chapter", "section", "diag")
_NOTES: Final = ("excludes1", "excludes2")
_BASE_LENGTH: Final = LONGEST - 1


@dataclass(slots=True)
class _Found:
    """What has been read so far."""

    titles: dict[str, str] = field(default_factory=dict)
    notes: set[tuple[str, str, str]] = field(default_factory=set)
    """Kind of note, whose note it is, and what it names: codes, or two codes with a dash between."""


@dataclass(frozen=True, slots=True)
class _Sevenths:
    """The seventh characters of a category: each with its words, and those that some codes do not take."""

    words: Mapping[str, str]
    withheld: frozenset[tuple[str, str]] = frozenset()
    """Pairs of a sixth and a seventh character that never stand together."""


def recognise(given: Given) -> Known | Mistaken | None:
    """Known by its outermost element; the fiscal year is its version, a release of April is in the name."""
    head = given.head
    if _ROOT in head:
        version = _VERSION.search(head)
        return Known(start_of(given, int(version[1]) if version else None))
    for tag, says in _RELATIVES.items():
        if tag in head:
            return Mistaken(says, "Give the tabular list.")
    return None


def read(given: Given) -> Mapping[str, pl.DataFrame]:
    """The codes that may be billed, with the seventh characters they take; and which codes exclude which."""
    data = given.contents()
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise UnreadableFile("it defines words of its own", where=given.where, fix="Download it again.")
    try:
        root = ET.fromstring(data)  # noqa: S314  refused above where it defines entities
    except ET.ParseError as error:
        line, column = error.position
        raise UnreadableFile(
            f"line {line:,}, column {column}: the document breaks off or is damaged",
            where=given.where,
            fix="Nothing was loaded. Download it again.",
        ) from error
    found = _Found()
    for group in _groups(root):
        _walk(group, None, found)
    if not found.titles:
        raise UnreadableFile("no codes are in it", where=given.where, fix="Download it again.")
    titled = pl.DataFrame({"code": list(found.titles), "title": list(found.titles.values())})
    return {"dx_tabular": described(titled), "dx_notes": _ranged(found.notes)}


def _groups(element: ET.Element) -> Iterator[ET.Element]:
    return (child for child in element if child.tag in _GROUPS)


def _walk(element: ET.Element, sevenths: _Sevenths | None, found: _Found) -> None:
    """Read `element` and all below it; seventh characters are those of the nearest element that has some."""
    sevenths = _sevenths(element) or sevenths
    holder = _name(element)
    if holder:
        found.notes.update((kind, holder, other) for kind in _NOTES for other in _named(element, kind))
    within = list(_groups(element))
    for group in within:
        _walk(group, sevenths, found)
    if element.tag == "diag" and not within:
        title = " ".join((element.findtext("desc") or "").split())
        if sevenths is None:
            found.titles[holder] = title
            return
        base = holder.ljust(_BASE_LENGTH, FILLER)
        found.titles.update(
            (base + seventh, f"{title}, {words}")
            for seventh, words in sevenths.words.items()
            if (base[-1], seventh) not in sevenths.withheld
        )


def _name(element: ET.Element) -> str:
    """The code of `element` without its dot; of a block or chapter the first and last code, as `G50-G59`."""
    match element.tag:
        case "diag":
            return (element.findtext("name") or "").strip().replace(".", "")
        case "section":
            return element.get("id") or ""
    chapter = _CHAPTER.search(element.findtext("desc") or "")
    return f"{chapter[1]}-{chapter[2]}" if chapter else ""


def _sevenths(element: ET.Element) -> _Sevenths | None:
    defined = element.find("sevenChrDef")
    if defined is None:
        return None
    words = {e.get("char") or "": " ".join("".join(e.itertext()).split()) for e in defined.iter("extension")}
    withheld = {
        (sixth, seventh)
        for note in element.iterfind("*/note")
        if (told := _NOT_FOR.search("".join(note.itertext())))
        for sixth in re.findall(r"\b\d\b", told["sixths"])
        for seventh in told["sevenths"].split(" and ")
    }
    return _Sevenths(words, frozenset(withheld))


def _named(element: ET.Element, kind: str) -> Iterator[str]:
    """The codes and ranges of codes that the notes of one kind name, without dots.

    What a note narrows further in words, as by a fifth character, is left out: it cannot be told by codes.
    """
    for note in element.iterfind(f"{kind}/note"):
        for brackets in _IN_BRACKETS.findall("".join(note.itertext())):
            for part in brackets.split(","):
                text = part.strip().replace(".-", "-") if part.strip() else ""
                if one := _ONE.fullmatch(text):
                    yield one[1].replace(".", "")
                elif several := _RANGE.fullmatch(text):
                    yield f"{several[1]}-{several[2]}".replace(".", "")


def _ranged(notes: set[tuple[str, str, str]]) -> pl.DataFrame:
    """The notes, and for their holders and what they name the first number and the one past the last."""
    keys = dict.fromkeys(("kind", "holder", "other"), pl.String)
    table = pl.DataFrame(sorted(notes), schema=keys, orient="row")
    ranges = {}
    for side in ("holder", "other"):
        ends = table[side].str.split("-")
        first, last = ends.list.first(), ends.list.last()
        ranges[f"{side}_first"] = pl.Series(numbers(first))
        ranges[f"{side}_end"] = pl.Series(numbers(last) + widths(last))
    return table.with_columns(**ranges)


FILE: Final = PublishedFile(
    title="ICD-10-CM tabular list",
    publisher=PUBLISHER,
    source="icd10cm-tabular-list",
    tables=("dx_tabular", "dx_notes"),
    recognise=recognise,
    read=read,
    period=period,
    expect_next=due,
)
