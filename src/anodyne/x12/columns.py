"""Offsets to typed columns, a whole column at a time."""

import datetime as dt
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from anodyne.x12.segments import Bytes, Flags, Rows, Segments

_SHORT: Final = 12
"""A string view holds this many bytes itself; longer text stays in the window and is pointed at."""
_LOW_8: Final = np.array([(1 << (8 * min(n, 8))) - 1 for n in range(_SHORT + 1)] + [0xFFFFFFFF], dtype=np.uint64)
_LOW_4: Final = np.array([(1 << (8 * max(n - 8, 0))) - 1 for n in range(_SHORT + 1)] + [0], dtype=np.uint32)
_VIEW: Final = np.dtype([("length", "<u4"), ("head", "<u8"), ("tail", "<u4")])
_ZERO: Final = ord("0")
_LONGEST_NUMBER: Final = 18


def text(window: Segments, start: Rows, end: Rows) -> pl.Series:
    """Text, null where empty; nothing longer than twelve bytes is copied."""
    length = end - start
    if not window.utf8 and bool((window.data[: len(window.data)] >= 0x80).any()):
        return _latin_1(window, start, end)
    short = length <= _SHORT
    place = np.where(short, length, _SHORT + 1)
    views = np.empty(len(start), _VIEW)
    views["length"] = length
    views["head"] = _load(window.data, start, "<u8", 0) & _LOW_8[place]
    views["tail"] = np.where(short, _load(window.data, start, "<u4", 8) & _LOW_4[place], start)
    return _string_views(window, views, length > 0)


def joined(window: Segments, start: Rows, end: Rows) -> pl.Series:
    """A composite as text, its parts joined by `:` whatever the file's own component separator."""
    column = text(window, start, end)
    mark = chr(window.delimiters.component)
    return column if mark == ":" else column.str.replace_all(mark, ":", literal=True)


def day(window: Segments, start: Rows, end: Rows) -> pl.Series:
    """A date of eight digits, or the first of a range of two; null where it is no day of the calendar."""
    length = end - start
    return _day(window.data, start, (length == 8) | (length == 17))


def last_day(window: Segments, start: Rows, end: Rows) -> pl.Series:
    """A date of eight digits, or the second of a range of two; null where it is no day of the calendar."""
    length = end - start
    ranged = length == 17
    return _day(window.data, np.where(ranged, start + 9, start), (length == 8) | ranged)


def cents(window: Segments, start: Rows, end: Rows) -> pl.Series:
    """An amount in dollars as whole cents; null where it is not a decimal number of at most two places."""
    value, valid = decimal(window.data, start, end, 2)
    return _numbers(value, valid)


def number(window: Segments, start: Rows, end: Rows) -> pl.Series:
    """A decimal number of at most three places."""
    value, valid = decimal(window.data, start, end, 3)
    return _numbers(value, valid).cast(pl.Float64) / 1000


def whole(window: Segments, start: Rows, end: Rows) -> pl.Series:
    """A whole number."""
    value, valid = decimal(window.data, start, end, 0)
    return _numbers(value, valid & (value >= 0) & (value < 1 << 32)).cast(pl.UInt32)


def decimal(data: Bytes, start: Rows, end: Rows, places: int) -> tuple[npt.NDArray[np.int64], Flags]:
    """Decimal text as integers of `places` digits after the point, and where it is such a number.

    Digits beyond `places` are allowed only when they are zeros: nothing is rounded.
    """
    negative = data[start] == ord("-")
    at = start + negative
    length = end - at
    valid = (length > 0) & (length <= _LONGEST_NUMBER)
    value = np.zeros(len(start), np.int64)
    after = np.full(len(start), -1, np.int64)
    longest = int(length[valid].max(initial=0))
    digits_seen = np.zeros(len(start), np.bool_)
    for k in range(longest):
        here = valid & (k < length)
        byte = data[np.where(here, at + k, 0)].astype(np.int64)
        digit = byte - _ZERO
        is_digit = here & (digit >= 0) & (digit <= 9)
        is_point = here & (byte == ord(".")) & (after < 0)
        beyond = is_digit & (after >= places)
        valid &= ~here | is_point | (is_digit & ~(beyond & (digit != 0)))
        used = is_digit & ~beyond
        value = np.where(used, value * 10 + digit, value)
        after = np.where(is_digit & (after >= 0), after + 1, np.where(is_point, 0, after))
        digits_seen |= is_digit
    missing = places - np.clip(after, 0, places)
    value = value * np.power(10, missing)
    return np.where(negative, -value, value), valid & digits_seen


def days_since_epoch(data: Bytes, start: Rows) -> tuple[Rows, Flags]:
    """The eight digits at `start` as days since 1970-01-01, and where they are a day of the calendar."""
    digits = np.stack([data[start + k] for k in range(8)]).astype(np.int64) - _ZERO
    valid = ((digits >= 0) & (digits <= 9)).all(axis=0)
    year = digits[0] * 1000 + digits[1] * 100 + digits[2] * 10 + digits[3]
    month = digits[4] * 10 + digits[5]
    day_of_month = digits[6] * 10 + digits[7]
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    valid &= (year >= 1800) & (month >= 1) & (month <= 12) & (day_of_month >= 1)
    safe = np.where(valid, month, 1)
    valid &= day_of_month <= _DAYS_IN_MONTH[safe] + (leap & (safe == 2))
    shifted = np.where(safe <= 2, year - 1, year)
    of_year = (153 * ((safe + 9) % 12) + 2) // 5 + day_of_month - 1
    era = shifted // 400
    of_era = shifted - era * 400
    days = era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - _EPOCH
    return days, valid


_DAYS_IN_MONTH: Final = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_EPOCH: Final = 719468
"""Days from 1 March of the year 0 to 1 January 1970, in the proleptic Gregorian calendar."""


def _day(data: Bytes, start: Rows, valid: Flags) -> pl.Series:
    days, real = days_since_epoch(data, start)
    return _numbers(days.astype(np.int32), valid & real).cast(pl.Date)


def _numbers(value: npt.NDArray[np.int64] | npt.NDArray[np.int32], valid: Flags) -> pl.Series:
    return pl.Series(pa.array(value, mask=~valid))


def _load(data: Bytes, at: Rows, kind: str, skip: int) -> npt.NDArray[np.uint64]:
    """The little-endian number of type `kind` that starts `skip` bytes after each offset."""
    loads: npt.NDArray[np.uint64] = np.ndarray((len(data) - skip - np.dtype(kind).itemsize,), kind, data, skip, (1,))
    return loads[at]


def _string_views(window: Segments, views: npt.NDArray[np.void], valid: Flags) -> pl.Series:
    bitmap = None if valid.all() else pa.py_buffer(np.packbits(valid, bitorder="little").tobytes())
    array = pa.Array.from_buffers(pa.string_view(), len(views), [bitmap, pa.py_buffer(views), pa.py_buffer(window.data)])
    return pl.Series(array)


def _latin_1(window: Segments, start: Rows, end: Rows) -> pl.Series:
    data = bytes(window.data)
    values = [data[a:b].decode("latin-1") or None for a, b in zip(start.tolist(), end.tolist(), strict=True)]
    return pl.Series(values, dtype=pl.String)


def epoch_day(value: dt.date) -> int:
    """Days since 1970-01-01."""
    return (value - dt.date(1970, 1, 1)).days
