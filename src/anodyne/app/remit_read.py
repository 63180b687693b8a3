"""Remittances read: what payers said and paid, whether it adds up, and which files could not be read."""

import hashlib
import io
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Final, Self

import numpy as np
import polars as pl

from anodyne.app.reading import STANDARD_INPUT, each_once, shown
from anodyne.app.shelf import Piles, Shelf
from anodyne.kernel.errors import UnreadableFile
from anodyne.ledger.balance import IDENTITIES, of_claims, of_payments
from anodyne.model.frames import empty
from anodyne.model.remittance import SCHEMAS, Remittance
from anodyne.x12.read_remits import FIRST, Damaged, Keys, RemitPart, read_remit_stream, read_remits

Progress = Callable[[int], None]
PART_CLAIMS: Final = 12_500
"""About how many claims are held in memory at once, where there are more."""
OF_CLAIMS: Final = tuple(name for name in SCHEMAS if name not in {"payments", "provider_adjustments"})
_COUNTED: Final = ("payment_key", "name", "must")


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
    """What the files said together.

    Claims and what is said of them lie on a shelf, in parts: consecutive claims, each whole.
    """

    files: tuple[RemitFile, ...]
    payments: pl.DataFrame = field(repr=False)
    provider_adjustments: pl.DataFrame = field(repr=False)
    counts: pl.DataFrame = field(repr=False)
    """One row an identity of a payment: `payment_key`, `name`, `must`, how often it `holds` and `fails`."""
    identities: pl.DataFrame = field(repr=False)
    """Those of payments, and those of claims and lines that do not hold: the columns of
    `ledger.balance.IDENTITIES`, and where each is (`claim`, `line`, `segment`)."""
    balanced: pl.DataFrame = field(repr=False)
    """By payment_key, whether all that must add up does (`balanced`)."""
    errors: tuple[NotRead, ...]
    repeated: tuple[str, ...]
    """Files whose bytes were given before: they count once."""
    damaged: tuple[NotRead, ...]
    """Values of files that were read that are no amount, number or day where one must be: as not told."""
    said: "Said" = field(repr=False)
    """The claims, and what was said of them."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove what lies on the shelf: of claims nothing more can be told."""
        self.said.shelf.close()

    @property
    def remittance(self) -> Remittance:
        """All that was said, in memory."""
        return self.of_claims(range(self.said.piles))

    def parts(self) -> Iterator[Remittance]:
        """What was said, some claims at a time, with all payments, in the order of the files."""
        return (self.of_claims(piles) for piles in self.said.parts())

    def of_claims(self, piles: Iterable[int]) -> Remittance:
        """What was said of the claims in `piles`, with all payments."""
        return Remittance(
            payments=self.payments,
            provider_adjustments=self.provider_adjustments,
            **{name: self.said.frame(name, piles) for name in OF_CLAIMS},
        )


class Said:
    """What the files said, in their order: piles on a shelf, each of whole claims of one file.

    What lies there written is compact; what is in memory may hold on to the window from which it was read.
    """

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._first: list[Keys] = []
        self._claims: list[int] = []
        for name, schema in SCHEMAS.items():
            shelf.put(_laid(name), 0, empty(schema))

    @property
    def piles(self) -> int:
        """How many there are."""
        return len(self._first)

    @property
    def claims(self) -> int:
        """How many there are on all."""
        return sum(self._claims)

    def lay(self, said: Remittance, keys: Keys, *, apart: bool) -> None:
        """Lay down what was said next, with `keys` from there on: `apart` from what was before."""
        if apart or self._claims[-1] >= PART_CLAIMS:
            self._first.append(keys)
            self._claims.append(0)
        for name in SCHEMAS:
            self.shelf.put(_laid(name), self.piles - 1, getattr(said, name))
        self._claims[-1] += len(said.remits)

    def forget(self, piles: int) -> None:
        """Take away what was laid on further `piles` than so many."""
        for number in range(piles, self.piles):
            for name in SCHEMAS:
                self.shelf.clear(_laid(name), number)
        del self._first[piles:], self._claims[piles:]

    def frame(
        self, name: str, piles: Iterable[int] | None = None, columns: list[str] | None = None
    ) -> pl.DataFrame:
        """The frame `name` of a Remittance, of these `piles` or all, in the order of the files."""
        numbers = range(self.piles) if piles is None else piles
        frames = [self.shelf.take(_laid(name), number, columns) for number in numbers]
        return pl.concat(frames or [self.shelf.take(_laid(name), 0, columns)])

    def parts(self) -> list[range]:
        """The piles, those of small files together."""
        parts: list[range] = []
        room = 0
        for number, claims in enumerate(self._claims):
            if not parts or room < claims:
                parts.append(range(number, number))
                room = PART_CLAIMS
            parts[-1] = range(parts[-1].start, number + 1)
            room -= claims
        return parts or [range(0)]

    def part_of(self, rows: pl.DataFrame, key: str = "remit_key") -> Piles:
        """Of which of the `parts` each of `rows` is, by its `remit_key` or `remit_line_key`."""
        first = [getattr(self._first[part.start], key) for part in self.parts()[1:]]
        return np.searchsorted(np.array(first, np.int64), rows[key].to_numpy(), "right")


def read_files(
    paths: Sequence[str], *, progress: Progress | None = None, shelf: Shelf | None = None
) -> RemitsRead:
    """All that the 835 files at `paths` say; `-` is standard input.

    A file that cannot be read is told of and does not hide the others.  `progress` is told of the bytes read.
    Claims are laid on the `shelf`, which is closed by whose it is.
    """
    once, repeated = each_once(paths, ())
    named = [(shown(path), partial(_parts, path, shown(path))) for path, _ in once]
    return _read(named, repeated, progress, Shelf() if shelf is None else shelf)


def read_kept(name: str, content: bytes, *, shelf: Shelf) -> RemitsRead:
    """What one 835 file says that is held in memory and called `name`; as `read_files`."""

    def parts(keys: Keys) -> Iterator[RemitPart]:
        return read_remit_stream(io.BytesIO(content), name=name, keys=keys)

    return _read([(name, parts)], (), None, shelf)


def _read(
    sources: Iterable[tuple[str, Callable[[Keys], Iterator[RemitPart]]]],
    repeated: Sequence[str],
    progress: Progress | None,
    shelf: Shelf,
) -> RemitsRead:
    files: list[RemitFile] = []
    errors: list[NotRead] = []
    damaged: list[NotRead] = []
    said = Said(shelf)
    keys = FIRST
    done = 0
    for name, parts in sources:
        digest = hashlib.sha256()
        lost: list[NotRead] = []
        piles, now = said.piles, keys
        try:
            for part in parts(keys):
                digest.update(part.raw)
                done += len(part.raw)
                if progress is not None:
                    progress(done)
                said.lay(part.remittance, now, apart=said.piles == piles)
                now = _after(now, part.remittance)
                lost += [_lost(one, name) for one in part.damaged]
        except UnreadableFile as error:
            said.forget(piles)
            errors.append(_not_read(error, name))
            continue
        numbers = (after - before for before, after in zip(keys, now, strict=True))
        files.append(RemitFile(name, digest.hexdigest(), *numbers))
        damaged += lost
        keys = now
    payments, taken = said.frame("payments"), said.frame("provider_adjustments")
    counts, found = _identities(payments, taken, said)
    return RemitsRead(
        files=tuple(files),
        payments=payments,
        provider_adjustments=taken,
        counts=counts,
        identities=found,
        balanced=_balanced(counts, found),
        errors=tuple(errors),
        repeated=tuple(repeated),
        damaged=tuple(damaged),
        said=said,
    )


def _laid(name: str) -> str:
    return f"said {name}"


def _after(keys: Keys, said: Remittance) -> Keys:
    return Keys(
        keys.payment_key + len(said.payments),
        keys.remit_key + len(said.remits),
        keys.remit_line_key + len(said.lines),
    )


def _identities(
    payments: pl.DataFrame, provider_adjustments: pl.DataFrame, said: Said
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """How often each identity of each payment holds; those of payments, and of the others which do not."""
    paid = said.frame("remits", columns=["payment_key", "paid_cents"])
    of_payment = of_payments(payments, paid, provider_adjustments).join(
        payments.select("payment_key", "segment"), on="payment_key", how="left", maintain_order="left"
    )
    counts, found = [_counted(of_payment)], [of_payment]
    for piles in said.parts():
        remits, lines, adjustments = (said.frame(name, piles) for name in ("remits", "lines", "adjustments"))
        told = of_claims(remits, lines, adjustments)
        counts.append(_counted(told))
        broken = told.filter(~pl.col("holds"))
        for more, key in (
            (remits.select("remit_key", claim="claim_id", of_claim="segment"), "remit_key"),
            (lines.select("remit_line_key", "line", of_line="segment"), "remit_line_key"),
        ):
            broken = broken.join(more, on=key, how="left", maintain_order="left")
        found.append(
            broken.with_columns(segment=pl.coalesce("of_line", "of_claim")).drop("of_line", "of_claim")
        )
    sums = (
        pl.concat(counts)
        .group_by(_COUNTED, maintain_order=True)
        .agg(pl.col("holds", "fails").sum())
        .sort("payment_key", maintain_order=True)
    )
    together = pl.concat(found, how="diagonal").sort("payment_key", maintain_order=True)
    return sums, together.select(*IDENTITIES, "claim", "line", "segment")


def _counted(found: pl.DataFrame) -> pl.DataFrame:
    sums = {"holds": pl.col("holds").sum(), "fails": (~pl.col("holds")).sum()}
    return found.group_by(_COUNTED, maintain_order=True).agg(**sums)


def _balanced(counts: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """By payment whether it adds up; where no claim is told, whether it is of nothing."""
    alone = found.filter(pl.col("remit_key").is_null()).select("payment_key", "holds")
    sound = counts.group_by("payment_key", maintain_order=True).agg(
        balanced=pl.when(pl.col("must").any()).then((pl.col("fails").filter("must") == 0).all())
    )
    return sound.join(alone, on="payment_key", how="left", maintain_order="left").select(
        "payment_key", balanced=pl.coalesce("balanced", "holds")
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
