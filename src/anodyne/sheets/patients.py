"""The patients of a practice: who they are, where they live, who pays for them, what they suffer from.

The one table with names in it, from which claims are written; it becomes no part of the frames that rules
read.  No message shows what stands in a cell.
"""

import datetime as dt
import re
from collections.abc import Callable, Collection
from typing import Final

import polars as pl

from anodyne.model import frames
from anodyne.sheets.columns import DAY, TEXT, Cells, Kind, Wrong
from anodyne.sheets.tables import Column, Table, Unique

PATIENTS: Final[frames.Schema] = {
    "patient_key": pl.UInt32,  # one row is one patient
    "patient": pl.String,  # the practice's own patient id
    "last": pl.String,
    "first": pl.String,
    "middle": pl.String,
    "birth_date": pl.Date,
    "sex": pl.String,
    "member_id": pl.String,
    "address": pl.String,
    "city": pl.String,
    "state": pl.String,
    "zip": pl.String,  # digits alone
    "payer_id": pl.String,
    "payer_name": pl.String,
    "filing": pl.String,  # SBR09, MB = Medicare Part B
    **dict.fromkeys(frames.DIAGNOSES, pl.String),  # ICD-10-CM, without the dot
    "medical_record": pl.String,
}
SEXES: Final = ("F", "M", "U")
EARLIEST_BIRTH: Final = 1900

_ZIP: Final = re.compile("([0-9]{5})-?([0-9]{4})?")
_DIAGNOSIS: Final = re.compile(r"([A-Z][0-9][0-9A-Z])(?:\.?([0-9A-Z]{1,4}))?")
_DAY: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def patients_table(filings: Collection[str], states: Collection[str], marks: Collection[str]) -> Table:
    """The table of patients, for claims of these `filings` and `states` that hold none of the `marks`."""

    def text(shortest: int, longest: int) -> Kind:
        return hidden(claim_text(shortest, longest, marks), TEXT)

    return Table(
        "patients",
        "patient_key",
        PATIENTS,
        (
            Column("patient", TEXT, needed=True),
            Column("last", text(1, 60), needed=True),
            Column("first", text(1, 35)),
            Column("middle", text(1, 25)),
            Column("birth_date", hidden(birth_day, DAY, pl.Date), needed=True),
            Column("sex", hidden(known_one_of("sex", SEXES), TEXT), needed=True),
            Column("member_id", text(2, 80), needed=True),
            Column("address", text(1, 55), needed=True),
            Column("city", text(2, 30), needed=True),
            Column("state", hidden(known_one_of("state", states, "Write Ohio as OH."), TEXT), needed=True),
            Column("zip", hidden(zip_code, TEXT), needed=True),
            Column("payer_id", text(2, 80), needed=True),
            Column("payer_name", text(1, 60), needed=True),
            Column("filing", hidden(known_one_of("claim filing code (SBR09)", filings), TEXT), needed=True),
            *(
                Column(name, hidden(diagnosis, TEXT), needed=name == frames.DIAGNOSES[0])
                for name in frames.DIAGNOSES
            ),
            Column("medical_record", text(1, 50)),
        ),
        Unique(("patient",), "the same patient stands in row", "Keep one of the rows."),
        (),
    )


def hidden(
    read: Callable[[str], object], of: Kind, kind: pl.DataType | type[pl.DataType] = pl.String
) -> Kind:
    """A kind whose cells hold one value each and are never shown; Parquet may hold what it may for `of`."""

    def cells(texts: pl.Series) -> Cells:
        said = {text: read(text) for text in texts.drop_nulls().unique()}
        wrong = {text: answer for text, answer in said.items() if isinstance(answer, Wrong)}
        values = [None if text in wrong else said.get(text) for text in texts]
        return Cells(pl.Series(texts.name, values, dtype=kind).to_frame(), wrong)

    return Kind(of.wanted, cells, of.typed)


def claim_text(shortest: int, longest: int, marks: Collection[str]) -> Callable[[str], str | Wrong]:
    """Text that a claim can hold."""

    def read(text: str) -> str | Wrong:
        if not (text.isascii() and text.isprintable()):
            return Wrong("the text holds a letter or sign that claims do not have", "Write it in A to Z.")
        if not set(text).isdisjoint(marks):
            barred = " ".join(sorted(marks))
            return Wrong(f"the text holds one of {barred}", "Leave it out: it punctuates claims.")
        if not shortest <= len(text) <= longest:
            return Wrong(
                f"the text has not {shortest} to {longest} characters", "Write it as the card has it."
            )
        return text

    return read


def known_one_of(noun: str, words: Collection[str], step: str = "") -> Callable[[str], str | Wrong]:
    """One of `words`, in capitals or not; each of them is a `noun`."""

    def read(text: str) -> str | Wrong:
        known = text.upper()
        return known if known in words else Wrong(f"the text is no {noun}", step or _some(words))

    return read


def _some(words: Collection[str]) -> str:
    return f"Use one of {', '.join(words)}."


def birth_day(text: str) -> dt.date | Wrong:
    """The day of a birth."""
    if not _DAY.fullmatch(text):
        return Wrong("the text is not a date", "Write year, month and day as in 2026-10-01.")
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return Wrong("the text is no day of the calendar", "Look for a mistyped digit: year, month, day.")
    if day.year < EARLIEST_BIRTH:
        return Wrong(f"the day is before {EARLIEST_BIRTH}", "Look for a mistyped year.")
    return day


def zip_code(text: str) -> str | Wrong:
    """A ZIP code, as digits alone."""
    found = _ZIP.fullmatch(text)
    if found is None:
        step = "Write it as 43215 or 43215-0001; a spreadsheet may have lost the zero it begins with."
        return Wrong("the text is not a ZIP code of five or nine digits", step)
    return found[1] + (found[2] or "")


def diagnosis(text: str) -> str | Wrong:
    """An ICD-10-CM code, without its dot."""
    found = _DIAGNOSIS.fullmatch(text.upper())
    if found is None:
        return Wrong("the text is no ICD-10-CM code", "Write a code as M54.16 or M5416.")
    return found[1] + (found[2] or "")
