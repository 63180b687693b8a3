"""The tables that a practice's other system gives: its patients, the charges of visits, the schedule.

They become rows of the practice and no part of the frames that rules read.  No message shows what stands in a
cell, except codes, numbers and days.  docs/practice-tables.md tells of them.
"""

import datetime as dt
import re
from collections.abc import Collection
from typing import Final

import polars as pl

from anodyne.model import frames
from anodyne.sheets.columns import (
    DAY,
    DOLLARS,
    MODIFIER,
    NPI,
    NUMBER,
    PROCEDURE,
    TEXT,
    Cells,
    Kind,
    Wrong,
)
from anodyne.sheets.patients import SEXES, birth_day, claim_text, diagnosis, hidden, known_one_of, zip_code
from anodyne.sheets.tables import Check, Column, Table, Unique

RANKS: Final = ("1", "2", "3")
STATES: Final = ("planned", "kept", "missed", "cancelled")
"""Of an appointment."""
NDC_UNITS: Final = ("F2", "GR", "ME", "ML", "UN")
POINTERS: Final = 4
"""To how many diagnoses a line can point."""
MOST_UNITS: Final = 9_999
LONGEST_VISIT: Final = dt.timedelta(hours=24)

_SUBSCRIBER: Final = ("subscriber_last", "subscriber_first", "subscriber_birth_date", "subscriber_sex")

PATIENTS: Final[frames.Schema] = {
    "patient_key": pl.UInt32,  # one row is one coverage of one patient, or one patient without any
    **dict.fromkeys(
        (
            "patient", "last", "first", "middle", "suffix", "sex", "address", "address_more", "city", "state",
            "zip", "phone", "medical_record", "rank", "payer_id", "payer_name", "filing", "member_id",
            "group_number", "relationship", "subscriber_last", "subscriber_first", "subscriber_sex",
        ),
        pl.String,
    ),
    "birth_date": pl.Date,
    "subscriber_birth_date": pl.Date,
    "covered_from": pl.Date,
    "covered_until": pl.Date,  # the first day on which it no longer covers
}  # fmt: skip
CHARGES: Final[frames.Schema] = {
    "charge_key": pl.UInt32,  # one row is one service of one visit
    **dict.fromkeys(
        (
            "encounter", "patient", "practitioner", "referring", "billing", "facility", "auth_number", "code",
            *frames.MODIFIERS, "pointers", "ndc", "ndc_unit", *frames.DIAGNOSES,
        ),
        pl.String,
    ),
    "served_on": pl.Date,
    "units": pl.Float64,
    "charge_cents": pl.Int64,
    "ndc_qty": pl.Float64,
}  # fmt: skip
SCHEDULE: Final[frames.Schema] = {
    "appointment_key": pl.UInt32,  # one row is one appointment
    **dict.fromkeys(("appointment", "patient", "practitioner", "facility", "reason", "state"), pl.String),
    "codes": pl.List(pl.String),
    "start": pl.Datetime("us"),  # by the clock of the practice
    "end": pl.Datetime("us"),
}

_ID: Final = re.compile(r"[A-Za-z0-9._/#-]{1,38}")
_PHONE: Final = re.compile(r"(?:\+?1[ .-]?)?\(?([0-9]{3})\)?[ .-]?([0-9]{3})[ .-]?([0-9]{4})")
_CLOCK: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}):([0-9]{2})(?::00(?:\.0+)?)?")
_NDC: Final = re.compile("[0-9]{11}")
_LETTERS: Final = "ABCDEFGHIJKL"
_SOME: Final = re.compile(r"[;,:/ ]+")


def practice_patients(
    filings: Collection[str], states: Collection[str], relationships: Collection[str], marks: Collection[str]
) -> Table:
    """The table of patients, whose words are those of claims that hold none of the `marks`."""

    def text(shortest: int, longest: int) -> Kind:
        return hidden(claim_text(shortest, longest, marks), TEXT)

    def word(noun: str, words: Collection[str], step: str = "") -> Kind:
        return hidden(known_one_of(noun, words, step), TEXT)

    return Table(
        "patients",
        "patient_key",
        PATIENTS,
        (
            Column("patient", ID, needed=True),
            Column("last", text(1, 60), needed=True),
            Column("first", text(1, 35)),
            Column("middle", text(1, 25)),
            Column("suffix", text(1, 10)),
            Column("birth_date", hidden(birth_day, DAY, pl.Date), needed=True),
            Column("sex", word("sex", SEXES), needed=True),
            Column("address", text(1, 55)),
            Column("address_more", text(1, 55)),
            Column("city", text(2, 30)),
            Column("state", word("state", states, "Write Ohio as OH.")),
            Column("zip", hidden(zip_code, TEXT)),
            Column("phone", hidden(_phone, TEXT)),
            Column("medical_record", text(1, 50)),
            Column("rank", _told(word("rank", RANKS), RANKS[0])),
            Column("payer_id", text(2, 80)),
            Column("payer_name", text(1, 60)),
            Column("filing", word("claim filing code (SBR09)", filings)),
            Column("member_id", text(2, 80)),
            Column("group_number", text(1, 50)),
            Column("relationship", _told(word("relationship (PAT01)", relationships), "18")),
            Column("subscriber_last", text(1, 60)),
            Column("subscriber_first", text(1, 35)),
            Column("subscriber_birth_date", hidden(birth_day, DAY, pl.Date)),
            Column("subscriber_sex", word("sex", SEXES)),
            Column("covered_from", DAY),
            Column("covered_until", DAY),
        ),
        Unique(("patient", "rank"), "the same patient and rank stand in row", "Keep one of the rows."),
        (
            Check(
                "member_id",
                pl.col("member_id").is_null() & pl.col("payer_id").is_not_null(),
                Wrong("the cell is empty, though a payer is named", "Write the member id of the card."),
            ),
            Check(
                "payer_id",
                pl.col("payer_id").is_null() & pl.col("member_id").is_not_null(),
                Wrong("the cell is empty, though a member id is named", "Write the payer's id."),
            ),
            Check(
                "covered_until",
                pl.col("covered_until") <= pl.col("covered_from"),
                Wrong("the coverage ends before it begins", "Look at both days."),
            ),
            Check(
                "subscriber_last",
                (pl.col("relationship") == "18") & pl.any_horizontal(pl.col(_SUBSCRIBER).is_not_null()),
                Wrong(
                    "somebody else is named as insured, though the relationship is 18 (self)",
                    "Write what the patient is to them, as 01 for a spouse or 19 for a child.",
                ),
            ),
            Check(
                "subscriber_last",
                (pl.col("relationship") != "18") & pl.col("subscriber_last").is_null(),
                Wrong("the cell is empty, though somebody else is insured", "Write who is."),
            ),
        ),
    )


def charges_table(marks: Collection[str]) -> Table:
    """The table of charges; texts hold none of the `marks`."""
    return Table(
        "charges",
        "charge_key",
        CHARGES,
        (
            Column("encounter", ID, needed=True),
            Column("patient", ID, needed=True),
            Column("served_on", DAY, needed=True),
            Column("practitioner", NPI, needed=True),
            Column("referring", NPI),
            Column("billing", NPI),
            Column("facility", TEXT, needed=True),
            Column("auth_number", hidden(claim_text(1, 50, marks), TEXT)),
            *(
                Column(name, hidden(diagnosis, TEXT), needed=name == frames.DIAGNOSES[0])
                for name in frames.DIAGNOSES
            ),
            Column("code", PROCEDURE, needed=True),
            *(Column(name, MODIFIER) for name in frames.MODIFIERS),
            Column("units", NUMBER, needed=True),
            Column("charge", DOLLARS, needed=True),
            Column("pointers", _POINTERS, needed=True),
            Column("ndc", hidden(_ndc, TEXT)),
            Column("ndc_qty", NUMBER),
            Column("ndc_unit", hidden(known_one_of("unit of a drug", NDC_UNITS), TEXT)),
        ),
        None,
        (
            Check(
                "units",
                (pl.col("units") <= 0) | (pl.col("units") > MOST_UNITS),
                Wrong(f"the number is not above 0 and at most {MOST_UNITS:,}", "Look at the units."),
            ),
            Check(
                "ndc_qty",
                pl.any_horizontal(pl.col("ndc", "ndc_qty", "ndc_unit").is_not_null())
                & pl.any_horizontal(pl.col("ndc", "ndc_qty", "ndc_unit").is_null()),
                Wrong(
                    "a drug needs all of ndc, ndc_qty and ndc_unit", "Fill in all three, or leave all empty."
                ),
            ),
        ),
    )


def schedule_table(marks: Collection[str]) -> Table:
    """The table of appointments; texts hold none of the `marks`."""
    return Table(
        "schedule",
        "appointment_key",
        SCHEDULE,
        (
            Column("appointment", ID, needed=True),
            Column("patient", ID, needed=True),
            Column("practitioner", NPI, needed=True),
            Column("facility", TEXT, needed=True),
            Column("start", _CLOCK_TIME, needed=True),
            Column("end", _CLOCK_TIME, needed=True),
            Column("reason", hidden(claim_text(1, 120, marks), TEXT)),
            Column("codes", _CODES),
            Column("state", _told(hidden(_state, TEXT), STATES[0])),
        ),
        Unique(("appointment",), "the same appointment stands in row", "Keep one of the rows."),
        (
            Check(
                "end",
                pl.col("end") <= pl.col("start"),
                Wrong("the end is not after the start", "Look at both times."),
            ),
            Check(
                "end",
                pl.col("end") - pl.col("start") > LONGEST_VISIT,
                Wrong("the appointment is longer than a day", "Look at both days."),
            ),
        ),
    )


def which_table(names: Collection[str]) -> str | None:
    """Which of these tables has a column of each kind that only it has; None for none of them.

    >>> which_table(["encounter", "patient", "code"]), which_table(["patient", "last"]), which_table(["x"])
    ('charges', 'patients', None)
    """
    told = {"appointment": "schedule", "encounter": "charges", "last": "patients"}
    return next((table for name, table in told.items() if name in names), None)


def _told(kind: Kind, value: str) -> Kind:
    """`kind`, of which an empty cell means `value`."""
    return Kind(kind.wanted, lambda texts: kind.read(texts.fill_null(value)), kind.typed)


def _id(text: str) -> str | Wrong:
    if _ID.fullmatch(text):
        return text
    return Wrong(
        "the text is no id of 1 to 38 letters, digits and . _ / # -", "Write the id of the other system."
    )


ID: Final = hidden(_id, TEXT)
"""A practice's own id of a patient, encounter or appointment."""


def _phone(text: str) -> str | Wrong:
    found = _PHONE.fullmatch(text)
    if found is None:
        return Wrong("the text is no telephone number of ten digits", "Write it as 216-555-0100.")
    return "".join(found.groups())


def _ndc(text: str) -> str | Wrong:
    digits = text.replace("-", "")
    if _NDC.fullmatch(digits):
        return digits
    return Wrong("the text is no NDC of eleven digits", "Write five, four and two digits, with their zeros.")


def _pointers(text: str) -> list[int] | Wrong:
    parts = [part for part in _SOME.split(text.upper()) if part]
    if len(parts) == 1 and parts[0].isalpha():
        parts = list(parts[0])
    places = [
        _LETTERS.index(part) + 1 if part in _LETTERS else int(part) if part.isdecimal() else 0
        for part in parts
    ]
    if not 1 <= len(places) <= POINTERS or not all(1 <= place <= len(_LETTERS) for place in places):
        return Wrong("names not one to four of the diagnoses A to L", "Write A;B, AB or 1;2.")
    if len(set(places)) < len(places):
        return Wrong("names a diagnosis twice", "Name each once.")
    return places


def _pointer_cells(texts: pl.Series) -> Cells:
    said = {text: _pointers(text) for text in texts.drop_nulls().unique()}
    wrong = {
        text: Wrong(f"the text {answer.message}", answer.next_step)
        for text, answer in said.items()
        if isinstance(answer, Wrong)
    }
    values = [
        None if text is None or isinstance(found := said[text], Wrong) else ":".join(map(str, found))
        for text in texts
    ]
    return Cells(pl.Series(texts.name, values, dtype=pl.String).to_frame(), wrong)


_POINTERS: Final = Kind("text or whole numbers", _pointer_cells, TEXT.typed)
"""To which diagnoses a line points, as letters A to L or numbers from 1; kept as 1:2."""


def _codes(texts: pl.Series) -> Cells:
    said: dict[str, list[str] | Wrong] = {}
    for text in texts.drop_nulls().unique():
        codes = [code for code in _SOME.split(text.upper()) if code]
        single = PROCEDURE.read(pl.Series(codes, dtype=pl.String))
        said[text] = next(iter(single.wrong.values())) if single.wrong else codes
    wrong = {text: answer for text, answer in said.items() if isinstance(answer, Wrong)}
    values = [
        [] if text is None else None if isinstance(found := said[text], Wrong) else found for text in texts
    ]
    return Cells(pl.Series(texts.name, values, dtype=pl.List(pl.String)).to_frame(), wrong)


_CODES: Final = Kind("text", _codes, TEXT.typed)
"""Procedure codes, with a semicolon between; an empty cell is an empty list."""


def _state(text: str) -> str | Wrong:
    known = text.lower()
    return known if known in STATES else Wrong("the text is no state", f"Use one of {', '.join(STATES)}.")


def _clock(text: str) -> dt.datetime | Wrong:
    found = _CLOCK.fullmatch(text)
    if found is None:
        return Wrong("the text is not a time", "Write it by your own clock, as 2026-10-14 09:30.")
    try:
        return dt.datetime.fromisoformat(f"{found[1]}T{found[2]}:{found[3]}")
    except ValueError:
        return Wrong("the text is no time of the calendar", "Look for a mistyped digit.")


_CLOCK_TIME: Final = hidden(_clock, TEXT, pl.Datetime("us"))
"""A time by the practice's own clock."""
