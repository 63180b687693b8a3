"""What the characters of many values are, counted at once."""

from typing import Final

import numpy as np
import numpy.typing as npt

from anodyne.x12.segments import Bytes, Flags, Rows

_MINUS: Final = ord("-")
_POINT: Final = ord(".")
_DIGITS: Final = (ord("0"), ord("9"))
_SOME: Final = (ord("1"), ord("9"))
_POINTS: Final = (_POINT, _POINT)
_CAPITALS: Final = (ord("A"), ord("Z"))

_EIGHT: Final = 8
_LONGEST: Final = 64
"""Values are counted eight characters at a time; what is longer than this is counted one by one."""
_KEEP: Final = np.array([(1 << 8 * size) - 1 for size in range(_EIGHT + 1)], np.uint64)
_ONES: Final = 0x0101010101010101
_LOW_BITS: Final = np.uint64(_ONES * 0x7F)
_HIGH_BITS: Final = np.uint64(_ONES * 0x80)

_CODE: Final = 4
_KEEP_CODE: Final = np.append(_KEEP[: _CODE + 1], np.uint64(0))

Words = npt.NDArray[np.uint64]
Range = tuple[int, int]
"""The first and last of some characters of ASCII that follow each other."""


def words(data: Bytes, start: Rows, length: Rows) -> Words:
    """The first eight bytes of each value as a number, 0 beyond its end."""
    loads: Words = np.ndarray((len(data) - _EIGHT + 1,), "<u8", data, 0, (1,))
    return loads[start] & _KEEP[np.minimum(length, _EIGHT)]


def short_codes(data: Bytes, start: Rows, end: Rows) -> Words:
    """Each value of up to four characters, packed; 0 for a longer one."""
    loads: Words = np.ndarray((len(data) - _EIGHT + 1,), "<u8", data, 0, (1,))
    code: Words = loads[start] & _KEEP_CODE[np.minimum(end - start, _CODE + 1)]
    return code


def numbers(data: Bytes, start: Rows, end: Rows, whole: Flags | None = None) -> Flags:
    """Where a value is a decimal number, or a whole one where that is asked."""
    length = end - start
    number: Flags = (_counted(data, start, end, (_DIGITS,))[0] == length) & (length > 0)
    other = np.flatnonzero(~number)
    if len(other):
        start, end = start[other], end[other]
        start = start + ((data[start] == _MINUS) & (end > start))
        digits, points = _counted(data, start, end, (_DIGITS, _POINTS))
        fits = (digits > 0) & (digits + points == end - start) & (points <= 1)
        number[other] = fits if whole is None else fits & ((points == 0) | ~whole[other])
    return number


def finer_than_cents(data: Bytes, start: Rows, end: Rows) -> Flags:
    """Where a decimal number has more than two places."""
    (points,) = _counted(data, start, end, (_POINTS,))
    near = np.zeros(len(start), np.bool_)
    for back in (1, 2, 3):
        near |= data[np.maximum(end - back, start)] == _POINT
    fine: Flags = (points == 1) & ~near
    return fine


def codes(data: Bytes, start: Rows, end: Rows) -> tuple[Rows, Rows, Rows]:
    """How many digits, capital letters and other characters each value has."""
    digits, capitals = _counted(data, start, end, (_DIGITS, _CAPITALS))
    return digits, capitals, end - start - digits - capitals


def has_some(data: Bytes, start: Rows, end: Rows) -> Flags:
    """Where a value has a digit other than zero."""
    some: Flags = _counted(data, start, end, (_SOME,))[0] > 0
    return some


def has_point(data: Bytes, start: Rows, end: Rows) -> Flags:
    """Where a value has a decimal point."""
    point: Flags = _counted(data, start, end, (_POINTS,))[0] > 0
    return point


def _counted(data: Bytes, start: Rows, end: Rows, ranges: tuple[Range, ...]) -> list[Rows]:
    """For each of `ranges`, how many characters of each value are in it."""
    length = end - start
    first = words(data, start, length)
    counts = [_in_range(first, *each).astype(np.int64) for each in ranges]
    longest = int(length.max(initial=0))
    for skip in range(_EIGHT, min(longest, _LONGEST), _EIGHT):
        rows = np.flatnonzero(length > skip)
        more = words(data, start[rows] + skip, length[rows] - skip)
        for count, each in zip(counts, ranges, strict=True):
            count[rows] += _in_range(more, *each)
    if longest > _LONGEST:
        for row in np.flatnonzero(length > _LONGEST).tolist():
            value = data[start[row] : end[row]]
            for count, (low, high) in zip(counts, ranges, strict=True):
                count[row] = np.count_nonzero((value >= low) & (value <= high))
    return counts


def _in_range(eight: Words, low: int, high: int) -> Bytes:
    """How many of the eight bytes of each word are characters from `low` to `high`.

    A sum within seven bits sets a byte's highest bit from `low` on, another one after `high`; no byte
    reaches into the next.
    """
    bits = eight & _LOW_BITS
    reached = bits + np.uint64(_ONES * (0x80 - low))
    passed = bits + np.uint64(_ONES * (0x7F - high))
    counts: Bytes = np.bitwise_count(reached & ~passed & ~eight & _HIGH_BITS)
    return counts
