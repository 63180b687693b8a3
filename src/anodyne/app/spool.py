"""Claims between being read and being told of: in memory while few, in a private folder once they are many.

Rules need every claim of a patient side by side; readers need claims in the order of the file.  A spool gives
both without holding all claims at once: each batch is written by buckets of the patient's number.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

import numpy as np
import polars as pl

from anodyne.model.book import Book
from anodyne.model.frames import CLAIMS, FINDINGS, LINES, Schema, empty

BATCH_CLAIMS: Final = 100_000
"""How many claims are held in memory before they are written."""
BOOK_CLAIMS: Final = 50_000
"""About how many of the claims written make a book: a book has costs of its own, however few its claims."""
BUCKETS: Final = 32


class Batch(NamedTuple):
    """Consecutive claims on disk: the key of the first, and the folder with a file for each bucket."""

    first_key: int
    folder: Path


class Spool:
    """Claims, lines and findings of one check.  Its folder, where one was needed, goes when it is closed."""

    def __init__(self, batch_claims: int = BATCH_CLAIMS) -> None:
        self._batch_claims = batch_claims
        self._claims: list[pl.DataFrame] = []
        self._lines: list[pl.DataFrame] = []
        self._held = 0
        self._added = 0
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._batches: list[Batch] = []
        self._findings: list[pl.DataFrame] = []
        self._complete = False
        self._written: list[list[Path]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove what was written."""
        if self._folder is not None:
            try:
                self._folder.cleanup()
            finally:
                # A request to end that comes in the middle of it does not stop it.
                shutil.rmtree(self._folder.name, ignore_errors=True)

    def add(self, claims: pl.DataFrame, lines: pl.DataFrame) -> None:
        """Take claims, whose keys follow those taken before, and their lines."""
        if claims.is_empty():
            return
        if self._held >= self._batch_claims:
            self._write()
        self._claims.append(claims)
        self._lines.append(lines)
        self._held += len(claims)
        self._added += len(claims)

    def books(self) -> Iterator[Book]:
        """All claims as books in which each patient is whole."""
        if not self._batches:
            yield Book(_stacked(self._claims, CLAIMS), _stacked(self._lines, LINES))
            return
        self._write()
        self._complete = True
        step = max(1, BUCKETS * BOOK_CLAIMS // self._added)
        for first in range(0, BUCKETS, step):
            claims, lines = (
                [
                    path
                    for bucket in range(first, min(first + step, BUCKETS))
                    for batch in self._batches
                    for path in batch.folder.glob(f"{name}-{bucket}.arrow")
                ]
                for name in ("claims", "lines")
            )
            yield Book(_read(claims, CLAIMS).sort("claim_key"), _read(lines, LINES).sort("line_key"))

    def put(self, findings: pl.DataFrame) -> None:
        """Keep findings on claims taken until they are told; one without a claim is told with the first.

        Findings put while claims are being taken stay in memory until the next batch is written.
        """
        if self._complete:
            self._write_findings(findings)
        else:
            self._findings.append(findings)

    def chunks(self) -> Iterator[tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]]:
        """Claims, lines and findings in the order in which the claims were taken, some at a time."""
        if not self._batches:
            yield (
                _stacked(self._claims, CLAIMS),
                _stacked(self._lines, LINES),
                _stacked(self._findings, FINDINGS),
            )
            return
        for batch, written in zip(self._batches, self._written, strict=True):
            yield (
                _read([*batch.folder.glob("claims-*.arrow")], CLAIMS).sort("claim_key"),
                _read([*batch.folder.glob("lines-*.arrow")], LINES).sort("line_key"),
                _read(written, FINDINGS),
            )

    def _write(self) -> None:
        """Write the claims and findings held in memory."""
        if self._held:
            self._write_batch()
        self._write_findings(_stacked(self._findings, FINDINGS))
        self._findings = []

    def _write_batch(self) -> None:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="anodyne-", ignore_cleanup_errors=True)
        folder = Path(self._folder.name) / str(len(self._batches))
        folder.mkdir()
        claims, lines = _stacked(self._claims, CLAIMS), _stacked(self._lines, LINES)
        bucket = claims.select("claim_key", bucket=pl.col("patient") % BUCKETS)
        of_line = lines.select("claim_key").join(bucket, on="claim_key", how="left", maintain_order="left")
        _write_buckets(claims, bucket["bucket"], folder, "claims")
        _write_buckets(lines, of_line["bucket"], folder, "lines")
        self._batches.append(Batch(self._added - self._held, folder))
        self._written.append([])
        self._claims, self._lines, self._held = [], [], 0

    def _write_findings(self, findings: pl.DataFrame) -> None:
        edges = [*(batch.first_key for batch in self._batches), self._added]
        key = pl.col("claim_key").fill_null(0)
        for number, (first, after) in enumerate(pairwise(edges)):
            part = findings.filter((key >= first) & (key < after))
            if len(part):
                path = self._batches[number].folder / f"findings-{len(self._written[number])}.arrow"
                part.write_ipc(path)
                self._written[number].append(path)


def _write_buckets(frame: pl.DataFrame, bucket: pl.Series, folder: Path, name: str) -> None:
    """Write the rows of `frame`, a file for each bucket: of a file for all, what is read stays in memory."""
    numbers = bucket.to_numpy()
    order = np.argsort(numbers, kind="stable")
    frame = frame[order]
    starts = np.searchsorted(numbers[order], np.arange(BUCKETS + 1)).tolist()
    for number, (start, end) in enumerate(pairwise(starts)):
        if start < end:
            frame[start:end].write_ipc(folder / f"{name}-{number}.arrow")


def _read(paths: Sequence[Path], schema: Schema) -> pl.DataFrame:
    return _stacked([pl.read_ipc(path) for path in paths], schema)


def _stacked(frames: Sequence[pl.DataFrame], schema: Schema) -> pl.DataFrame:
    some = [frame for frame in frames if len(frame)]
    return pl.concat(some) if some else empty(schema)
