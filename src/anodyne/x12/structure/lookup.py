"""Many keys found at once: a table without collisions, made when the program starts."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from anodyne.x12.segments import Flags, Rows

_FIRST_FACTOR: Final = 0x9E3779B97F4A7C15
_STEP: Final = 0x5851F42D4C957F2E
_TRIES: Final = 4000
_MORE_BITS: Final = 6
"""How much larger than the smallest likely table one may become; a small one stays in the cache."""
_FREE: Final = (1 << 64) - 1


class Lookup:
    """Numbers by 64-bit key, for whole arrays of keys; 0 for a key that is not there."""

    def __init__(self, numbers: Mapping[int, int]) -> None:
        keys = np.fromiter(numbers.keys(), np.uint64, len(numbers))
        values = np.fromiter(numbers.values(), np.int64, len(numbers))
        fewest = max(4, (len(keys) ** 2 // 4).bit_length())
        for bits in range(fewest, fewest + _MORE_BITS):
            factor = _factor_without_collision(keys, bits)
            if factor is not None:
                break
        else:
            raise ValueError("no factor spreads these keys without a collision")
        self._factor, self._shift = factor, np.uint64(64 - bits)
        self._keys = np.full(1 << bits, _FREE, np.uint64)
        self._values = np.zeros(1 << bits, np.int64)
        place = self._place(keys)
        self._keys[place] = keys
        self._values[place] = values

    def __call__(self, keys: npt.NDArray[np.uint64]) -> Rows:
        """The number of each key; 0 where it has none."""
        place = self._place(keys)
        return np.where(self._keys[place] == keys, self._values[place], 0)

    def has(self, keys: npt.NDArray[np.uint64]) -> Flags:
        """Whether each key is there."""
        held: Flags = self._keys[self._place(keys)] == keys
        return held

    def _place(self, keys: npt.NDArray[np.uint64]) -> Rows:
        return ((keys * self._factor) >> self._shift).astype(np.int64)


def _factor_without_collision(keys: npt.NDArray[np.uint64], bits: int) -> np.uint64 | None:
    """An odd factor under which no two keys share their highest `bits` bits."""
    shift = np.uint64(64 - bits)
    number = _FIRST_FACTOR
    for _ in range(_TRIES):
        factor = np.uint64(number | 1)
        if len(np.unique((keys * factor) >> shift)) == len(keys):
            return factor
        number = (number * _STEP + 1) % (1 << 64)
    return None
