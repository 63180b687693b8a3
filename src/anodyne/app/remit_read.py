"""Remittances read: what payers said and paid, whether it adds up, and which files could not be read."""

import hashlib
import io
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import polars as pl

from anodyne.app.reading import STANDARD_INPUT, each_once, shown
from anodyne.kernel.errors import UnreadableFile
from anodyne.ledger.balance import balanced, identities
from anodyne.model.remittance import Remittance
from anodyne.x12.read_remits import (
    FIRST,
    Damaged,
    Keys,
    RemitPart,
    read_remit_stream,
    read_remits,
    remittance_of,
)

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class RemitFile:
    """A file that was read."""

    path: str
    sha256: str
    payments: int
    claims: int
    lines: int


@dataclass(frozen=True, slots=True)
class NotRead:
    """A file of which nothing is used, and what to do about it."""

    code: str
    """As `kernel.errors` lists them."""
    file: str
    segment: int | None
    """None where the file as a whole is meant."""
    byte: int | None
    message: str
    next_step: str

    @property
    def where(self) -> str:
        """The place, as a message names it."""
        return self.file if self.segment is None else f"{self.file}, segment {self.segment}, byte {self.byte}"


@dataclass(frozen=True, slots=True)
class RemitsRead:
    """What the files said together."""

    files: tuple[RemitFile, ...]
    remittance: Remittance = field(repr=False)
    identities: pl.DataFrame = field(repr=False)
    """In the columns of `ledger.balance.IDENTITIES`."""
    balanced: pl.DataFrame = field(repr=False)
    """By payment_key, whether all that must add up does (`balanced`)."""
    errors: tuple[NotRead, ...]
    repeated: tuple[str, ...]
    """Files whose bytes were given before: they count once."""
    damaged: tuple[NotRead, ...] = ()
    """Values of files that were read that are no amount, number or day where one must be: as not told."""


def read_files(paths: Sequence[str], *, progress: Progress | None = None) -> RemitsRead:
    """All that the 835 files at `paths` say; `-` is standard input.

    A file that cannot be read is told of and does not hide the others.  `progress` is told of the bytes read.
    """
    once, repeated = each_once(paths, ())
    named = [(shown(path), partial(_parts, path, shown(path))) for path, _ in once]
    return _read(named, repeated, progress)


def read_kept(name: str, content: bytes) -> RemitsRead:
    """What one 835 file says that is held in memory and called `name`; as `read_files`."""

    def parts(keys: Keys) -> Iterator[RemitPart]:
        return read_remit_stream(io.BytesIO(content), name=name, keys=keys)

    return _read([(name, parts)], (), None)


def _read(
    sources: Iterable[tuple[str, Callable[[Keys], Iterator[RemitPart]]]],
    repeated: Sequence[str],
    progress: Progress | None,
) -> RemitsRead:
    files: list[RemitFile] = []
    said: list[Remittance] = []
    errors: list[NotRead] = []
    damaged: list[NotRead] = []
    keys = FIRST
    done = 0
    for name, parts in sources:
        digest = hashlib.sha256()
        own: list[Remittance] = []
        lost: list[NotRead] = []
        try:
            for part in parts(keys):
                digest.update(part.raw)
                done += len(part.raw)
                if progress is not None:
                    progress(done)
                own.append(part.remittance)
                lost += [_lost(one, name) for one in part.damaged]
        except UnreadableFile as error:
            errors.append(_not_read(error, name))
            continue
        payments, claims, lines = (
            sum(len(getattr(one, frame)) for one in own) for frame in ("payments", "remits", "lines")
        )
        files.append(RemitFile(name, digest.hexdigest(), payments, claims, lines))
        said += own
        damaged += lost
        keys = Keys(keys.payment_key + payments, keys.remit_key + claims, keys.remit_line_key + lines)
    whole = remittance_of(said)
    found = identities(
        whole.payments, whole.remits, whole.lines, whole.adjustments, whole.provider_adjustments
    )
    return RemitsRead(
        tuple(files), whole, found, _balanced(found), tuple(errors), tuple(repeated), tuple(damaged)
    )


def _balanced(found: pl.DataFrame) -> pl.DataFrame:
    """By payment whether it adds up; where no claim is told, whether it is of nothing."""
    alone = found.filter(pl.col("remit_key").is_null()).select("payment_key", "holds")
    return (
        balanced(found)
        .join(alone, on="payment_key", how="left", maintain_order="left")
        .select("payment_key", balanced=pl.coalesce("balanced", "holds"))
    )


def _parts(path: str, name: str, keys: Keys) -> Iterator[RemitPart]:
    if path != STANDARD_INPUT:
        return read_remits(path, name=name, keys=keys)
    if sys.stdin is None:
        raise UnreadableFile("standard input is closed", where=path, fix="Give it a file, or name one.")
    return read_remit_stream(sys.stdin.buffer, name=name, keys=keys)


def _lost(value: Damaged, name: str) -> NotRead:
    return NotRead(
        UnreadableFile.code,
        name,
        value.segment,
        value.byte,
        f"{value.element} is no amount, number or day",
        "It is taken as not told: ask the payer what it should be.",
    )


def _not_read(error: UnreadableFile, name: str) -> NotRead:
    place = error.place
    segment, byte = (None, None) if place is None else (place.segment, place.byte)
    return NotRead(error.code, name, segment, byte, error.what, error.fix)
