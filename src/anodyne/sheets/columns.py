"""How a cell is read: what may stand in it, and what is said where something else does.

Each distinct text of a column is read once.  A message shows codes, numbers, days and times, and no words
where a person could have written them.
"""

import datetime as dt
import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from anodyne.kernel import npi
from anodyne.model.frames import INSTANT

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2100
FURTHEST_OFFSET: Final = 14 * 3600
"""In seconds: no place on earth is further from UTC."""
LONGEST_SHOWN: Final = 40
CLOSE: Final = 0.75
"""How alike two words are that may be meant for each other: more than two letters of three."""

_CODE: Final = re.compile(r"[a-z][a-z_]*")
_WORD: Final = re.compile(r"[^\W\d_]{3}|\b\d{3}-\d{2}-\d{4}\b")
"""Three letters in a row: more than stands in a number, a day or a time."""
_DAY: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY_LENGTH: Final = 10
_CLOCK: Final = re.compile("[T ]([0-9]{2}):([0-9]{2})")
_CLOCK_LENGTH: Final = 6
_REST: Final = re.compile(r"(?::([0-9]{2})(?:\.([0-9]+))?)?(Z|([+-])([0-9]{2})(?::?([0-9]{2}))?)?")
_TWO_DIGITS: Final = re.compile("[0-9]{2}")
_NUMBER: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]*)?")
_WHOLE: Final = re.compile(r"[0-9]{1,9}(?:\.0*)?")
_STATE: Final = re.compile("[A-Za-z]{2}")
_DOLLARS: Final = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,2})0*)?")
_PERCENT: Final = re.compile(r"([0-9]{1,4})(?:\.([0-9]{1,2})0*)?")
_PROCEDURE: Final = re.compile("[0-9A-Z][0-9]{3}[0-9A-Z]")
_MODIFIER: Final = re.compile("[0-9A-Z]{2}")
_REST_TYPE: Final = pl.Struct({"second": pl.Int64, "offset": pl.Int32})


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a cell or a row, and what to do."""

    message: str
    next_step: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Cells:
    """What the cells of a column hold, as columns of a frame; null where one is empty or wrong."""

    values: pl.DataFrame
    wrong: Mapping[str, Wrong]
    """By the text that stands there."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How the cells of a column are read."""

    wanted: str
    """What the column may hold in Parquet, for a message."""
    read: Callable[[pl.Series], Cells]
    """From texts, stripped, and null where a cell is empty."""
    typed: Callable[[pl.Series], pl.Series | None]
    """The texts that say what a column of Parquet holds; None where it holds what this cannot be."""


def near(text: str, words: Iterable[str]) -> str | None:
    """That of `words` which `text` may have been meant for; None where none is close.

    >>> near("Clinical staff", ["clinical_staff", "physician"]), near("x", ["physician"])
    ('clinical_staff', None)
    """
    return next(iter(difflib.get_close_matches(text.lower(), list(words), n=1, cutoff=CLOSE)), None)


def short(text: str) -> str:
    r"""`text` as a message shows it: cut, and without what would move a terminal's cursor.

    >>> short("a\nb"), len(short(50 * "a"))
    ('a�b', 40)
    """
    cut = text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
    if cut.isprintable():
        return cut
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in cut)


def _whole_as_text(column: pl.Series) -> pl.Series | None:
    return column.cast(pl.String) if column.dtype.is_integer() else None


def _number_as_text(column: pl.Series) -> pl.Series | None:
    return column.cast(pl.String) if column.dtype.is_numeric() else None


def _two_digits_as_text(column: pl.Series) -> pl.Series | None:
    return column.cast(pl.String).str.zfill(2) if column.dtype.is_integer() else None


def _day_as_text(column: pl.Series) -> pl.Series | None:
    return column.dt.strftime("%Y-%m-%d") if column.dtype == pl.Date else None


def _instant_as_text(column: pl.Series) -> pl.Series | None:
    kind = column.dtype
    zoned = isinstance(kind, pl.Datetime) and kind.time_zone is not None
    return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.9f%:z") if zoned else None


def _list_as_text(column: pl.Series) -> pl.Series | None:
    if column.dtype != pl.List(pl.String):
        return None
    return column.list.eval(pl.element().fill_null("")).list.join(";")


def _never(_column: pl.Series) -> None:
    return None


def _each(
    texts: pl.Series, read: Callable[[str], object], kind: pl.DataType | type[pl.DataType]
) -> tuple[pl.Series, dict[str, Wrong]]:
    """What `read` makes of each of `texts`, null where that is Wrong; and what is wrong, by text."""
    known = texts.drop_nulls().unique()
    said = {text: read(text) for text in known}
    wrong = {text: answer for text, answer in said.items() if isinstance(answer, Wrong)}
    values = pl.Series(
        texts.name, [None if text in wrong else answer for text, answer in said.items()], dtype=kind
    )
    places = pl.int_range(len(known), dtype=pl.UInt32, eager=True)
    return values.gather(texts.replace_strict(known, places, return_dtype=pl.UInt32).cast(pl.UInt32)), wrong


def _of_one(
    wanted: str,
    read: Callable[[str], object],
    kind: pl.DataType | type[pl.DataType],
    typed: Callable[[pl.Series], pl.Series | None],
    *,
    words: Collection[str] = (),
) -> Kind:
    """A kind whose cells hold one value each; a message may show what is near one of `words`."""

    def of(texts: pl.Series) -> Cells:
        values, wrong = _each(texts, read, kind)
        return Cells(values.to_frame(), {text: _told(text, why, words=words) for text, why in wrong.items()})

    return Kind(wanted, of, typed)


def _told(text: str, why: Wrong, *, words: Collection[str] = ()) -> Wrong:
    """`why`, whose message begins with a verb, said of `text`.

    Shown is what cannot be a person's name or number, as a note may stand in the wrong column; where `words`
    are wanted, also what is near one of them, or a code in small letters.
    """
    parts = [part.strip() for part in text.split(";") if part.strip()]
    meant = bool(words) and all(near(part, words) or _CODE.fullmatch(part) for part in parts)
    subject = f'"{short(text)}"' if meant or not _WORD.search(text) else "the text"
    return Wrong(f"{subject} {why.message}", why.next_step)


TEXT: Final = Kind("text or whole numbers", lambda texts: Cells(texts.to_frame(), {}), _whole_as_text)
"""Whatever stands there; never shown."""
SCORE: Final = Kind("text or numbers", TEXT.read, _number_as_text)
"""Whatever stands there, mostly a number; never shown."""


def one_of(noun: str, words: Collection[str]) -> Kind:
    """One of `words`, each of which is a `noun`."""

    def read(text: str) -> str | Wrong:
        return text if text in words else Wrong(f"is no {noun}", _instead(text, words))

    return _of_one("text", read, pl.String, _never, words=words)


def some_of(noun: str, words: Collection[str], *, told: bool) -> Kind:
    """Some of `words`, with a semicolon between; an empty cell is an empty list, or null unless `told`."""
    kind = pl.List(pl.String)

    def read(text: str) -> list[str] | Wrong:
        parts = [part.strip() for part in text.split(";")] if text else []
        if not all(parts):
            return Wrong("has nothing between two semicolons, or at an end", "Leave the semicolon out.")
        strange = next((part for part in parts if part not in words), None)
        return parts if strange is None else Wrong(f"names what is no {noun}", _instead(strange, words))

    def of(texts: pl.Series) -> Cells:
        values, wrong = _each(texts.fill_null("") if told else texts, read, kind)
        return Cells(values.to_frame(), {text: _told(text, why, words=words) for text, why in wrong.items()})

    return Kind("a list of texts", of, _list_as_text)


def _instead(text: str, words: Collection[str]) -> str:
    meant = near(text, words)
    return f"Is it {meant}?" if meant else f"Use one of {', '.join(words)}."


def _npi(text: str) -> str | Wrong:
    if not (text.isascii() and text.isdigit()):
        return Wrong("is no NPI: it is not made of digits alone", "Write the ten digits.")
    if len(text) != npi.DIGITS:
        many = "1 digit" if len(text) == 1 else f"{len(text)} digits"
        return Wrong(f"is no NPI: it has {many} instead of {npi.DIGITS}", "Write the ten digits.")
    if text[0] not in "12":
        return Wrong("is no NPI: it begins with neither 1 nor 2", "Look the number up.")
    if not npi.is_npi(text):
        return Wrong("is no NPI: its check digit is wrong", "Look for a mistyped digit.")
    return text


NPI: Final = _of_one("text or whole numbers", _npi, pl.String, _whole_as_text)


def _place(text: str) -> str | Wrong:
    if _TWO_DIGITS.fullmatch(text):
        return text
    return Wrong("is not two digits", "Write an office as 11, home as 12.")


PLACE: Final = _of_one("text or whole numbers", _place, pl.String, _two_digits_as_text)
"""A place of service code."""


def _state(text: str) -> str | Wrong:
    return text.upper() if _STATE.fullmatch(text) else Wrong("is not two letters", "Write Ohio as OH.")


STATE: Final = _of_one("text", _state, pl.String, _never)


def _whole(text: str) -> int | Wrong:
    if _WHOLE.fullmatch(text):
        return int(text.partition(".")[0])
    return Wrong("is not a whole number of 0 or more", "Write digits alone, as 3.")


WHOLE: Final = _of_one("whole numbers", _whole, pl.Int32, _number_as_text)


def _number(text: str) -> float | Wrong:
    if _NUMBER.fullmatch(text):
        return float(text)
    return Wrong("is not a number of 0 or more", "Write digits, with a point for decimals, as 7.5.")


NUMBER: Final = _of_one("numbers", _number, pl.Float64, _number_as_text)


def _hundredths(found: re.Match[str]) -> int:
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def _dollars(text: str) -> int | Wrong:
    found = _DOLLARS.fullmatch(text)
    if found is None:
        return Wrong("is not an amount in dollars and cents", "Write digits, with a point, as 1215.00.")
    return _hundredths(found)


def _percent(text: str) -> int | Wrong:
    found = _PERCENT.fullmatch(text)
    hundredths = 0 if found is None else _hundredths(found)
    return hundredths or Wrong("is not a percentage above 0", "Write 110 for 110 %, without the sign.")


def _scaled(read: Callable[[str], object], kind: type[pl.DataType], unit: str) -> Kind:
    """A number kept whole in a column named for its `unit`, beside which `<name>_given` tells a full cell."""

    def of(texts: pl.Series) -> Cells:
        values, wrong = _each(texts, read, kind)
        given = texts.is_not_null().alias(f"{texts.name}_given")
        told = {text: _told(text, why) for text, why in wrong.items()}
        return Cells(pl.DataFrame([values.alias(f"{texts.name}_{unit}"), given]), told)

    return Kind("numbers", of, _number_as_text)


DOLLARS: Final = _scaled(_dollars, pl.Int64, "cents")
PERCENT: Final = _scaled(_percent, pl.Int32, "hundredths")


def _payers(texts: pl.Series) -> Cells:
    return Cells(texts.str.to_uppercase().str.replace_all(r"\s+", " ").to_frame(), {})


PAYER: Final = Kind("text or whole numbers", _payers, _whole_as_text)
"""A payer's id or name, in capitals and single spaces, as payers are compared; never shown."""


def _procedure(text: str) -> str | Wrong:
    code = text.upper()
    step = "Write its five letters and digits, as 99214 or J3301, and modifiers in their own column."
    return code if _PROCEDURE.fullmatch(code) else Wrong("is no procedure code", step)


PROCEDURE: Final = _of_one("text or whole numbers", _procedure, pl.String, _whole_as_text)


def _modifier(text: str) -> str | Wrong:
    code = text.upper()
    return code if _MODIFIER.fullmatch(code) else Wrong("is no modifier", "Write its two letters or digits.")


MODIFIER: Final = _of_one("text or whole numbers", _modifier, pl.String, _two_digits_as_text)


def _day(text: str) -> dt.date | Wrong:
    if not _DAY.fullmatch(text):
        return Wrong("is not a date", "Write it as 2026-10-01.")
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return Wrong("is no day of the calendar", "Look for a mistyped digit: year, month, day.")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return Wrong(f"is not of the years {FIRST_YEAR} to {LAST_YEAR}", "Look for a mistyped year.")
    return day


DAY: Final = _of_one("dates", _day, pl.Date, _day_as_text)

_NO_TIME: Final = Wrong("is not a time", "Write it as 2026-10-01T09:00:00-04:00.")
_NO_CLOCK: Final = Wrong(
    "is at no time of a day", "Hours go from 00 to 23, minutes and seconds from 00 to 59."
)


def _time_day(text: str) -> dt.date | Wrong:
    return _day(text) if _DAY.fullmatch(text) else _NO_TIME


def _clock(text: str) -> int | Wrong:
    """The seconds from midnight to `text`, which begins with the sign before the hours."""
    found = _CLOCK.fullmatch(text)
    if found is None:
        return _NO_TIME
    hours, minutes = int(found[1]), int(found[2])
    return hours * 3600 + minutes * 60 if hours < 24 and minutes < 60 else _NO_CLOCK


def _rest(text: str) -> dict[str, int] | Wrong:
    """The second, and the offset in seconds, of what follows the minutes."""
    found = _REST.fullmatch(text)
    if found is None:
        return _NO_TIME
    second, fraction, zone, sign, hours, minutes = found.groups()
    if int(second or 0) > 59:
        return _NO_CLOCK
    if (fraction or "").strip("0"):
        return Wrong("has a fraction of a second", "Write whole seconds, as 2026-10-01T09:00:00-04:00.")
    if zone is None:
        return Wrong("lacks its offset from UTC", "Add the offset, as in 2026-10-01T09:00:00-04:00.")
    offset = int(hours or 0) * 3600 + int(minutes or 0) * 60
    if offset > FURTHEST_OFFSET or int(minutes or 0) > 59:
        return Wrong("has an offset that no place has", "Write hours and minutes from UTC, as -04:00.")
    return {"second": int(second or 0), "offset": -offset if sign == "-" else offset}


def _why_no_instant(text: str) -> Wrong:
    minutes = _DAY_LENGTH + _CLOCK_LENGTH
    parts = _time_day(text[:_DAY_LENGTH]), _clock(text[_DAY_LENGTH:minutes]), _rest(text[minutes:])
    return next((part for part in parts if isinstance(part, Wrong)), _NO_TIME)


def _instants(texts: pl.Series) -> Cells:
    """A time and its offset.  Days, minutes and what follows them repeat, and so are read apart."""
    start = _DAY_LENGTH + _CLOCK_LENGTH
    days, _ = _each(texts.str.slice(0, _DAY_LENGTH), _time_day, pl.Date)
    clocks, _ = _each(texts.str.slice(_DAY_LENGTH, _CLOCK_LENGTH), _clock, pl.Int64)
    rests, _ = _each(texts.str.slice(start), _rest, _REST_TYPE)
    parts = pl.DataFrame({"day": days, "clock": clocks}).hstack(rests.struct.unnest())
    utc = pl.col("day").cast(pl.Int64) * 86_400 + pl.sum_horizontal(
        "clock", "second", -pl.col("offset"), ignore_nulls=False
    )
    values = parts.select(
        (utc * 1_000_000).cast(INSTANT).alias(texts.name),
        pl.when(utc.is_not_null()).then("offset").alias(f"{texts.name}_offset_seconds"),
    )
    strange = texts.filter(values[texts.name].is_null() & texts.is_not_null()).unique()
    return Cells(values, {text: _told(text, _why_no_instant(text)) for text in strange})


TIME: Final = Kind("times with a zone", _instants, _instant_as_text)
