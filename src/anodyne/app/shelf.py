"""Frames between one step and the next: in memory while few, in a private folder once they are many."""

import shutil
import tempfile
import weakref
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import polars as pl

CELLS: Final = 4_000_000
"""How many cells are held in memory, some 16 bytes each, before all that is held is written."""
Piles = npt.NDArray[np.int64]


class Shelf:
    """Frames in numbered piles under names.  Its folder, where one was needed, goes when it is closed."""

    def __init__(self, cells: int | None = None) -> None:
        self._most = CELLS if cells is None else cells
        self._cells = 0
        self._held: dict[tuple[str, int], list[pl.DataFrame]] = {}
        self._written: dict[tuple[str, int], list[Path]] = {}
        self._empty: dict[str, pl.DataFrame] = {}
        self._files = 0
        self._folder: Path | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove what was written; nothing more can be taken."""
        self._held.clear()
        self._written.clear()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def put(self, name: str, pile: int, frame: pl.DataFrame) -> None:
        """Lay `frame` on a pile of `name`, whose frames all have the same columns."""
        self._empty.setdefault(name, frame.clear())
        if frame.is_empty():
            return
        self._held.setdefault((name, pile), []).append(frame)
        self._cells += frame.height * frame.width
        if self._cells > self._most:
            self._write()

    def spread(self, name: str, frame: pl.DataFrame, piles: Piles) -> None:
        """Lay each row of `frame` on its own of the `piles` of `name`; rows of a pile keep their order."""
        self._empty.setdefault(name, frame.clear())
        if not len(piles):
            return
        if piles.min() == piles.max():
            self.put(name, int(piles[0]), frame)
            return
        order = np.argsort(piles, kind="stable")
        numbers, starts = np.unique(piles[order], return_index=True)
        frame = frame[order]
        for number, (start, end) in zip(numbers, pairwise([*starts, len(piles)]), strict=True):
            self.put(name, int(number), frame[int(start) : int(end)])

    def take(self, name: str, pile: int, columns: list[str] | None = None) -> pl.DataFrame:
        """All that was laid on the pile, in that order; `columns` alone where they are named."""
        frames = [pl.read_ipc(path, columns=columns) for path in self._written.get((name, pile), ())]
        held = self._held.get((name, pile), ())
        frames += held if columns is None else [frame.select(columns) for frame in held]
        if frames:
            return pl.concat(frames)
        return self._empty[name] if columns is None else self._empty[name].select(columns)

    def clear(self, name: str, pile: int) -> None:
        """Take away what lies on the pile."""
        for path in self._written.pop((name, pile), ()):
            path.unlink()
        for frame in self._held.pop((name, pile), ()):
            self._cells -= frame.height * frame.width

    def _write(self) -> None:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="anodyne-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        for place, frames in self._held.items():
            path = self._folder / f"{self._files}.arrow"
            self._files += 1
            # What is compressed is read into memory and no more of it than is asked for, not mapped.
            pl.concat(frames).write_ipc(path, compression="lz4")
            self._written.setdefault(place, []).append(path)
        self._held.clear()
        self._cells = 0
