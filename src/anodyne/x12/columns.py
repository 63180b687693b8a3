"""Offsets to typed columns, a whole column at a time."""

import datetime as dt
from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anodyne.x12.segments import Bytes, Flags, Rows, Segments, decoded

Reading = Callable[[Segments, Rows, Rows], pa.Array]
"""Turns the offsets of one element per row into a typed column."""

_SHORT: Final = 12
"""A string view holds this many bytes itself; longer text stays in the window and is pointed at."""
_LOW_8: Final = np.array(
    [(1 << (8 * min(n, 8))) - 1 for n in range(_SHORT + 1)] + [0xFFFFFFFF], dtype=np.uint64
)
_LOW_4: Final = np.array([(1 << (8 * max(n - 8, 0))) - 1 for n in range(_SHORT + 1)] + [0], dtype=np.uint32)
_VIEW: Final = np.dtype([("length", "<u4"), ("head", "<u8"), ("tail", "<u4")])
_ZERO: Final = np.uint8(ord("0"))
_POINT: Final = np.uint8(ord("."))
_LONGEST_NUMBER: Final = 18
_LARGEST: Final = np.iinfo(np.int64).max


def text(window: Segments, start: Rows, end: Rows) -> pa.Array:
    """Text, null where empty; nothing longer than twelve bytes is copied.

    In a window that is not UTF-8 throughout, each value is read as UTF-8 where it is that, else as Latin-1:
    what it says depends on its own bytes alone.
    """
    length = end - start
    place = np.minimum(length, _SHORT + 1)
    views = np.empty(len(start), _VIEW)
    views["length"] = length
    views["head"] = _load(window.data, start, "<u8", 0) & _LOW_8[place]
    tail = _load(window.data, start, "<u4", 8) & _LOW_4[place]
    views["tail"] = np.where(place <= _SHORT, tail, start)
    valid = length > 0
    if not window.utf8:
        beyond_ascii = np.flatnonzero(window.data >= 0x80)
        foreign = valid & (np.searchsorted(beyond_ascii, start) < np.searchsorted(beyond_ascii, end))
        if foreign.any():
            return _decoded(window, start, end, foreign, _views(window, views, valid & ~foreign))
    return _views(window, views, valid)


def _views(window: Segments, views: npt.NDArray[np.void], valid: Flags) -> pa.Array:
    buffers = [_bitmap(valid), pa.py_buffer(views), pa.py_buffer(window.data)]
    return pa.Array.from_buffers(pa.string_view(), len(views), buffers)


def _decoded(window: Segments, start: Rows, end: Rows, foreign: Flags, rest: pa.Array) -> pa.Array:
    """`rest` with the values of the `foreign` rows decoded one by one."""
    values = rest.to_pylist()
    for row in np.flatnonzero(foreign).tolist():
        values[row] = decoded(bytes(window.data[start[row] : end[row]]))
    return pa.array(values, pa.string_view())


def joined(window: Segments, start: Rows, end: Rows) -> pa.Array:
    """A composite as text, its parts joined by `:` whatever the file's own component separator."""
    column = text(window, start, end)
    mark = chr(window.delimiters.component)
    if mark == ":":
        return column
    return pc.replace_substring(column.cast(pa.string()), mark, ":").cast(pa.string_view())


def day(window: Segments, start: Rows, end: Rows) -> pa.Array:
    """A date of eight digits, or the first of a range of two; null where it is no day from 1800 to 9999."""
    single, ranged = _shape(window.data, start, end)
    return _day(window.data, start, single | ranged)


def last_day(window: Segments, start: Rows, end: Rows) -> pa.Array:
    """A date of eight digits, or the second of a range of two; null where it is no day from 1800 to 9999."""
    single, ranged = _shape(window.data, start, end)
    return _day(window.data, np.where(ranged, start + 9, start), single | ranged)


def _shape(data: Bytes, start: Rows, end: Rows) -> tuple[Flags, Flags]:
    """Where the text is as long as a date, and where as long as two dates with a hyphen between."""
    length = end - start
    ranged = length == 17
    if ranged.any():
        ranged &= data[start + 8] == ord("-")
    return length == 8, ranged


def cents(window: Segments, start: Rows, end: Rows) -> pa.Array:
    """An amount in dollars as whole cents; null where it is not a decimal number of at most two places."""
    value, valid = decimal(window.data, start, end, 2)
    return _array(pa.int64(), value, valid)


def number(window: Segments, start: Rows, end: Rows) -> pa.Array:
    """A decimal number of at most three places."""
    value, valid = decimal(window.data, start, end, 3)
    return _array(pa.float64(), value / 1000, valid)


def whole(window: Segments, start: Rows, end: Rows) -> pa.Array:
    """A whole number."""
    value, valid = decimal(window.data, start, end, 0)
    return _array(pa.uint32(), value.astype(np.uint32), valid & (value >= 0) & (value < 1 << 32))


def nothing(reading: Reading, count: int) -> pa.Array:
    """What `reading` gives for `count` absent elements: nulls of its type."""
    return pa.nulls(count, _KIND[reading])


_KIND: Final[dict[Reading, pa.DataType]] = {
    text: pa.string_view(),
    joined: pa.string_view(),
    day: pa.date32(),
    last_day: pa.date32(),
    cents: pa.int64(),
    number: pa.float64(),
    whole: pa.uint32(),
}


def decimal(data: Bytes, start: Rows, end: Rows, places: int) -> tuple[npt.NDArray[np.int64], Flags]:
    """Decimal text as integers of `places` digits after the point, and where it is such a number.

    Digits beyond `places` are allowed only when they are zeros: nothing is rounded.  Text of more than 18
    characters, and numbers that do not fit 64 bits, are no numbers of a claim.
    """
    value, valid = _short_whole(data, start, end)
    value *= 10**places
    for read in (_short_decimal, _any_decimal):
        other = np.flatnonzero(~valid)
        if len(other):
            value[other], valid[other] = read(data, start[other], end[other], places)
    return value, valid


def _short_whole(data: Bytes, start: Rows, end: Rows) -> tuple[npt.NDArray[np.int64], Flags]:
    """Text of one to eight digits as a whole number: what most numbers of a claim are."""
    word, short = _last_eight(data, start, end)
    value, valid = _eight_digits(word)
    return value, valid & short


def _short_decimal(data: Bytes, start: Rows, end: Rows, places: int) -> tuple[npt.NDArray[np.int64], Flags]:
    """Text of at most eight characters with one or two digits after a point: what most other numbers are."""
    word, short = _last_eight(data, start, end)
    value, valid = np.zeros(len(start), np.int64), np.zeros(len(start), np.bool_)
    for after in range(min(places, 2), 0, -1):
        pointed = short & ((word >> np.uint64(8 * (7 - after))).astype(np.uint8) == _POINT)
        # What stands before the point is moved over it.
        moved = (word & _BEFORE_POINT[after]) << np.uint64(8)
        digits, right = _eight_digits((word & _AFTER_POINT[after]) | moved | np.uint64(_ZERO))
        right &= pointed
        value = np.where(right, digits * 10 ** (places - after), value)
        valid |= right
    return value, valid


def _last_eight(data: Bytes, start: Rows, end: Rows) -> tuple[npt.NDArray[np.uint64], Flags]:
    """Text of one to eight characters as a word, with zeros for what goes before, and where it is that."""
    length = end - start
    size = np.clip(length, 1, 8)
    return (_load(data, start, "<u8", 0) << _PAST[size]) | _LEADING_ZEROS[size], size == length


def _any_decimal(data: Bytes, start: Rows, end: Rows, places: int) -> tuple[npt.NDArray[np.int64], Flags]:
    """Decimal text of any form, character by character."""
    negative = data[start] == ord("-")
    at = start + negative
    length = end - at
    valid = (length > 0) & (length <= _LONGEST_NUMBER)
    value = np.zeros(len(start), np.int64)
    after = np.full(len(start), -1, np.int64)
    for k in range(int(length[valid].max(initial=0))):
        here = k < length
        byte = data[at + k]
        digit = byte - _ZERO
        is_digit = here & (digit <= 9)
        is_point = here & (byte == _POINT) & (after < 0)
        used = is_digit & (after < places)
        valid &= ~here | is_point | used | (is_digit & (digit == 0))
        value = np.where(used, value * 10 + digit, value)
        after = np.where(is_digit & (after >= 0), after + 1, np.where(is_point, 0, after))
    valid &= length > (after >= 0)
    missing = places - np.clip(after, 0, places)
    scale = np.power(10, missing)
    valid &= value <= _LARGEST // scale
    value = np.where(valid, value * scale, 0)
    return np.where(negative, -value, value), valid


def days_since_epoch(data: Bytes, start: Rows) -> tuple[Rows, Flags]:
    """The eight digits at `start` as days since 1970-01-01, and where they are a day of the calendar."""
    date, valid = _eight_digits(_load(data, start, "<u8", 0))
    year, month, day_of_month = date // 10000, date // 100 % 100, date % 100
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    valid &= (year >= 1800) & (month >= 1) & (month <= 12) & (day_of_month >= 1)
    safe = np.where(valid, month, 1)
    valid &= day_of_month <= _DAYS_IN_MONTH[safe] + (leap & (safe == 2))
    shifted = np.where(safe <= 2, year - 1, year)
    of_year = (153 * ((safe + 9) % 12) + 2) // 5 + day_of_month - 1
    days = shifted * 365 + shifted // 4 - shifted // 100 + shifted // 400 + of_year - _EPOCH
    return days, valid


def _eight_digits(word: npt.NDArray[np.uint64]) -> tuple[Rows, Flags]:
    """Words of eight characters as numbers, and where all are digits; neighbours are joined at once."""
    valid: Flags = ((word & _HIGH_HALVES) == _ZEROS) & (((word + _SIXES) & _HIGH_HALVES) == _ZEROS)
    pairs = ((word & _LOW_HALVES) * np.uint64(2561)) >> np.uint64(8)
    fours = ((pairs & np.uint64(0x00FF00FF00FF00FF)) * np.uint64(6553601)) >> np.uint64(16)
    digits = ((fours & np.uint64(0x0000FFFF0000FFFF)) * np.uint64(42949672960001)) >> np.uint64(32)
    return digits.astype(np.int64), valid


_ZEROS: Final = np.uint64(0x3030303030303030)
_SIXES: Final = np.uint64(0x0606060606060606)
_HIGH_HALVES: Final = np.uint64(0xF0F0F0F0F0F0F0F0)
_LOW_HALVES: Final = np.uint64(0x0F0F0F0F0F0F0F0F)
_AFTER_POINT: Final = np.array([0, 0xFF << 56, 0xFFFF << 48], np.uint64)
"""The last characters of a word, by how many."""
_BEFORE_POINT: Final = np.array([0, (1 << 48) - 1, (1 << 40) - 1], np.uint64)
"""All but them and the one before."""
_PAST: Final = np.array([8 * (8 - size) for size in range(9)], np.uint64)
_LEADING_ZEROS: Final = np.array(
    [0x3030303030303030 & ((1 << 8 * (8 - size)) - 1) for size in range(9)], np.uint64
)
_DAYS_IN_MONTH: Final = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_EPOCH: Final = 719468
"""Days from 1 March of the year 0 to 1 January 1970, in the proleptic Gregorian calendar."""


def _day(data: Bytes, start: Rows, valid: Flags) -> pa.Array:
    days, real = days_since_epoch(data, start)
    return _array(pa.date32(), days.astype(np.int32), valid & real)


def _array(kind: pa.DataType, values: npt.NDArray[np.generic], valid: Flags) -> pa.Array:
    return pa.Array.from_buffers(kind, len(values), [_bitmap(valid), pa.py_buffer(values)])


def _bitmap(valid: Flags) -> pa.Buffer | None:
    return None if valid.all() else pa.py_buffer(np.packbits(valid, bitorder="little"))


def _load(data: Bytes, at: Rows, kind: str, skip: int) -> npt.NDArray[np.uint64]:
    """The little-endian number of type `kind` that starts `skip` bytes after each offset."""
    count = len(data) - skip - np.dtype(kind).itemsize
    loads: npt.NDArray[np.uint64] = np.ndarray((count,), kind, data, skip, (1,))
    return loads[at]


def epoch_day(value: dt.date) -> int:
    """Days since 1970-01-01."""
    return (value - dt.date(1970, 1, 1)).days
