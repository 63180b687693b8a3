"""What the characters of many values are, counted at once."""

from typing import Final

import numpy as np
import numpy.typing as npt

from anodyne.x12.segments import Bytes, Flags, Rows

_MINUS: Final = ord("-")
_POINT: Final = ord(".")
_SECOND: Final = 20
_THIRD: Final = 40
_MASK: Final = (1 << 20) - 1


def _weights(second: str) -> npt.NDArray[np.int64]:
    weights = np.full(256, 1 << _THIRD, np.int64)
    weights[ord("0") : ord("9") + 1] = 1
    weights[[ord(mark) for mark in second]] = 1 << _SECOND
    return weights


_NUMBER: Final = _weights(".")
_CODE: Final = _weights("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def spelled(data: Bytes, start: Rows, end: Rows) -> tuple[Bytes, Rows]:
    """The bytes of all values one after the other, and where each value begins among them."""
    length = end - start
    first = np.cumsum(length) - length
    index = np.arange(int(length.sum())) + np.repeat(start - first, length)
    return data[index], first


def numbers(data: Bytes, start: Rows, end: Rows, whole: Flags | None = None) -> Flags:
    """Where a value is a decimal number, or a whole one where that is asked."""
    start = start + ((data[start] == _MINUS) & (end > start))
    digits, points, others = _counted(data, start, end, _NUMBER)
    number: Flags = (digits > 0) & (others == 0) & (points <= 1)
    return number if whole is None else number & ((points == 0) | ~whole)


def finer_than_cents(data: Bytes, start: Rows, end: Rows) -> Flags:
    """Where a decimal number has more than two places."""
    _, points, _ = _counted(data, start, end, _NUMBER)
    near = np.zeros(len(start), np.bool_)
    for back in (1, 2, 3):
        near |= data[np.maximum(end - back, start)] == _POINT
    fine: Flags = (points == 1) & ~near
    return fine


def codes(data: Bytes, start: Rows, end: Rows) -> tuple[Rows, Rows, Rows]:
    """How many digits, capital letters and other characters each value has."""
    return _counted(data, start, end, _CODE)


def _counted(data: Bytes, start: Rows, end: Rows, weights: npt.NDArray[np.int64]) -> tuple[Rows, Rows, Rows]:
    total = np.zeros(len(start), np.int64)
    some = end > start
    if some.any():
        letters, first = spelled(data, start[some], end[some])
        total[some] = np.add.reduceat(weights[letters], first)
    return total & _MASK, (total >> _SECOND) & _MASK, total >> _THIRD
