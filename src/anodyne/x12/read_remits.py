"""Remittances as frames: one walk over the declared columns for each window."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from anodyne.kernel.errors import Place, UnreadableFile, WrongKind
from anodyne.model.frames import (
    ADJUSTMENTS,
    AMOUNTS,
    PAYMENTS,
    PROVIDER_ADJUSTMENTS,
    QUANTITIES,
    REMARKS,
    REMIT_LINES,
    REMITS,
    Schema,
    checked,
    empty,
)
from anodyne.model.remittance import SCHEMAS, Remittance
from anodyne.x12 import remittance
from anodyne.x12.columns import Reading, cents, day, number, text
from anodyne.x12.kind import check_kind
from anodyne.x12.loops import ENVELOPE, Placed, place
from anodyne.x12.owners import ABSENT, Owners, Unread, last_before, note_unread, row_before
from anodyne.x12.segments import Flags, Rows, Segments
from anodyne.x12.spread import REASONS_FROM, Spread, part_starts, reasons, spread
from anodyne.x12.windows import WINDOW_BYTES, read_windows, windows

_ORPHANS: Final = {
    "CLP": "a claim (CLP) stands outside any payment (ST…SE)",
    "SVC": "a service line (SVC) stands outside any claim (CLP)",
    "CAS": "an adjustment (CAS) stands outside any claim (CLP)",
    "PLB": "an adjustment of the provider (PLB) stands outside any payment (ST…SE)",
}


@dataclass(frozen=True, slots=True)
class Damaged:
    """A value that is no amount, number or day where one must be."""

    element: str
    """As the guide names it: SVC05."""
    segment: int
    byte: int


@dataclass(frozen=True, slots=True)
class RemitPart:
    """What one window of a file holds."""

    remittance: Remittance
    """A payment stands in the part where it begins; its claims may follow in later ones."""
    raw: bytes = field(repr=False)
    """The window's bytes as they stand in the file; all parts' together are the file."""
    damaged: tuple[Damaged, ...] = ()
    """Values that are there and are not what they must be: frames hold null in their place."""


class Keys(NamedTuple):
    """From where on keys count up."""

    payment_key: int = 0
    remit_key: int = 0
    remit_line_key: int = 0


FIRST: Final = Keys()


def read_remits(path: Path | str, *, name: str | None = None, keys: Keys = FIRST) -> Iterator[RemitPart]:
    """What an 835 file says, window by window, so that memory stays flat.

    Frames and errors call the file `name`, or by its path.
    Raises UnreadableFile or one of its kinds (with file, segment and byte) as soon as the file is seen not to
    be whole, readable 5010 remittances; nothing read before then should be used.
    """
    called = str(path) if name is None else name
    yield from _parts(read_windows(path, name=called, kind=remittance.KIND), called, keys)


def read_remit_stream(
    stream: BinaryIO, *, name: str, keys: Keys = FIRST, size: int = WINDOW_BYTES
) -> Iterator[RemitPart]:
    """`read_remits` of an open stream, as standard input."""
    yield from _parts(windows(stream, name=name, size=size, kind=remittance.KIND), name, keys)


def read_remittance(path: Path | str) -> Remittance:
    """All that one 835 file says."""
    return remittance_of([part.remittance for part in read_remits(path)])


def remittance_of(parts: Sequence[Remittance]) -> Remittance:
    """The remittance that `parts` make together."""

    def whole(name: str, schema: Schema) -> pl.DataFrame:
        some = [frame for part in parts if len(frame := getattr(part, name))]
        return pl.concat(some) if some else empty(schema)

    return Remittance(**{name: whole(name, schema) for name, schema in SCHEMAS.items()})


def _parts(file_windows: Iterable[Segments], name: str, keys: Keys) -> Iterator[RemitPart]:
    transactions = 0
    where: str | Place = name
    for window in file_windows:
        transactions += check_kind(window, name, remittance.KIND)
        where = window.place(len(window) - 1, name)
        held = _Held(place(window, remittance.LAYOUT), name, keys)
        yield RemitPart(held.remittance(), window.raw, held.damaged())
        keys = Keys(
            keys.payment_key + len(held.payments),
            keys.remit_key + len(held.claims),
            keys.remit_line_key + len(held.lines),
        )
    if not transactions:
        raise WrongKind(
            "the file holds no transaction",
            where=where,
            fix="An 835 file has at least one ST…SE: ask the payer or clearinghouse for it again.",
        )


class _Held:
    """What a window holds: its payments, claims and lines, and whose each segment is."""

    def __init__(self, placed: Placed, name: str, keys: Keys) -> None:
        window = placed.window
        self._placed = placed
        self._window = window
        self._name = name
        self._keys = keys
        self._unread: list[Unread] = []
        self._transactions = placed.rows("ST")
        self.payments = self._own("ST")
        self.claims = self._own("CLP")
        self.lines = self._own("SVC")
        self._refuse_orphans()

    def _own(self, segment: str) -> Rows:
        """The rows of `segment` that are not repeated from before."""
        rows = self._placed.rows(segment)
        return rows[rows >= self._window.context]

    def _refuse_orphans(self) -> None:
        """Raise UnreadableFile at the first segment with money that belongs to nothing."""
        wrong = [
            int(rows[0])
            for segment in _ORPHANS
            if len(rows := self._own(segment)[~self._belongs(segment, self._own(segment))])
        ]
        if not wrong:
            return
        row = min(wrong)
        segment = bytes(self._window.data[self._window.start[row] :][:3]).decode()
        raise UnreadableFile(
            _ORPHANS[segment],
            where=self._window.place(row, self._name),
            fix="The file is damaged: ask the payer or clearinghouse for it again; nothing of it was used.",
        )

    def _belongs(self, segment: str, rows: Rows) -> Flags:
        """Which of `rows` belong to a payment, or to a claim, as `segment` must."""
        if segment in {"SVC", "CAS"}:
            return self._placed.claim[rows] >= 0
        others = tuple(mark for mark in ENVELOPE if mark != "ST")
        return self._open(self._transactions, others, rows) >= 0

    def remittance(self) -> Remittance:
        """All that the window says."""
        remits = self._remits()
        return Remittance(
            payments=self._payments(),
            remits=remits,
            lines=self._lines(remits),
            adjustments=self._adjustments(),
            remarks=self._remarks(),
            amounts=self._totals("AMT", AMOUNTS, cents),
            quantities=self._totals("QTY", QUANTITIES, number),
            provider_adjustments=self._provider_adjustments(),
        )

    def _payments(self) -> pl.DataFrame:
        rows = self.payments
        if not len(rows):
            return empty(PAYMENTS)
        groups = self._placed.rows("GS")
        above = {"group": self._open(groups, ("ISA", "GE", "IEA"), rows)}
        owners = Owners(self._placed, {"payment": rows, "group": groups}, above, self._unread)
        raw = owners.frame(remittance.PAYMENT_COLUMNS).with_columns(
            payment_key=self._counted(self._keys.payment_key, rows),
            payer_id=pl.coalesce("payer_named_id", "payer_other_id"),
            payee_tax_id=pl.coalesce("payee_other_tax_id", "payee_named_tax_id"),
            **self._places(rows),
        )
        return checked(raw.select(PAYMENTS.keys()), PAYMENTS)

    def _remits(self) -> pl.DataFrame:
        rows = self.claims
        if not len(rows):
            return empty(REMITS)
        heads = self._placed.rows("LX")
        above = {"header": self._open(heads, ENVELOPE, rows)}
        owners = Owners(self._placed, {"claim": rows, "header": heads}, above, self._unread)
        raw = owners.frame(remittance.REMIT_COLUMNS).with_columns(
            remit_key=self._counted(self._keys.remit_key, rows),
            payment_key=pl.Series(self._payment_of(rows)),
            member_id=pl.coalesce("patient_member_id", "subscriber_member_id"),
            **self._places(rows),
        )
        return checked(raw.select(REMITS.keys()), REMITS)

    def _lines(self, remits: pl.DataFrame) -> pl.DataFrame:
        rows = self.lines
        if not len(rows):
            return empty(REMIT_LINES)
        claim = self._claim_of(rows)
        place = np.arange(len(rows)) - np.searchsorted(claim, claim) + 1
        own = pl.coalesce("single_day", "first_day")
        raw = Owners(self._placed, {"line": rows}, {}, self._unread).frame(remittance.LINE_COLUMNS)
        of_claim = remits.select("remit_key", "rendering_npi", "statement_from", "statement_to")[claim]
        frame = raw.hstack(of_claim).with_columns(
            remit_line_key=self._counted(self._keys.remit_line_key, rows),
            line=pl.Series(place, dtype=pl.UInt32),
            units=pl.when(pl.col("units_told").is_null()).then(1.0).otherwise("units"),
            served_on=pl.coalesce(own, "last_day", "statement_from"),
            served_to=pl.coalesce("last_day", own, "statement_to", "statement_from"),
            rendering_npi=pl.coalesce("line_rendering_npi", "rendering_npi"),
            **self._places(rows),
        )
        return checked(frame.select(REMIT_LINES.keys()), REMIT_LINES)

    def _adjustments(self) -> pl.DataFrame:
        rows = self._placed.rows("CAS", *remittance.WITHIN)
        found = reasons(self._window, rows)
        columns = {
            "place": pa.array(found.place.astype(np.uint8)),
            "group": text(self._window, *self._window.element(found.rows, 1)),
            "reason": text(self._window, *found.offsets[0]),
            "cents": self._value(cents, found, 1, REASONS_FROM + 1, 3),
            "units": self._value(number, found, 2, REASONS_FROM + 2, 3),
        }
        return self._said(ADJUSTMENTS, found.rows, columns)

    def _remarks(self) -> pl.DataFrame:
        parts = []
        for segment, elements in remittance.REMARKS_AT.items():
            rows = self._placed.rows(segment, *remittance.WITHIN)
            if not len(rows):
                continue
            found = spread(self._window, rows, [(n,) for n in elements], 1)
            is_qualified = segment == "LQ"
            start, end = self._window.element(found.rows, 1)
            columns = {
                "source": pa.repeat(segment, len(found.rows)),
                "qualifier": text(self._window, start if is_qualified else end, end),
                "code": text(self._window, *found.offsets[0]),
            }
            parts.append(self._said(REMARKS, found.rows, columns, of_claim=not is_qualified))
        return pl.concat(parts).sort("segment", maintain_order=True) if parts else empty(REMARKS)

    def _totals(self, segment: str, schema: Schema, read: Reading) -> pl.DataFrame:
        """What each `segment` of a claim or line says: a qualifier and what it qualifies."""
        found = spread(self._window, self._placed.rows(segment, *remittance.WITHIN), [(1, 2)], 2)
        *_, name = schema
        qualifier = text(self._window, *found.offsets[0])
        columns = {"qualifier": qualifier, name: self._value(read, found, 1, 2, 0)}
        return self._said(schema, found.rows, columns)

    def _provider_adjustments(self) -> pl.DataFrame:
        rows = self._own("PLB")
        found = spread(
            self._window,
            rows,
            [(n, n + 1) for n in part_starts(self._window, rows, remittance.TAKES_FROM, 2)],
            2,
        )
        if not len(found.rows):
            return empty(PROVIDER_ADJUSTMENTS)
        start, end = found.offsets[0]
        parts = self._window.components(start, end, (1, 2))
        columns = {
            "payment_key": pa.array(self._payment_of(found.rows)),
            "segment": self._segment(found.rows),
            "place": pa.array(found.place.astype(np.uint8)),
            "provider": text(self._window, *self._window.element(found.rows, 1)),
            "fiscal_year_end": day(self._window, *self._window.element(found.rows, 2)),
            "reason": text(self._window, *parts[1]),
            "reference": text(self._window, *parts[2]),
            "cents": self._value(cents, found, 1, remittance.TAKES_FROM + 1, 2),
        }
        return _frame(columns, PROVIDER_ADJUSTMENTS)

    def _value(self, read: Reading, found: Spread, column: int, first: int, step: int) -> pa.Array:
        """One column of `found`, whose element is `first` in the first part and `step` on in each further."""
        values = read(self._window, *found.offsets[column])
        if values.null_count:
            for part in np.unique(found.place):
                here = found.place == part
                start, end = (side[here] for side in found.offsets[column])
                mask = pa.array(here)
                element = first + step * (int(part) - 1)
                note_unread(self._unread, found.rows[here], (start, end), values.filter(mask), element)
        return values

    def damaged(self) -> tuple[Damaged, ...]:
        """The values of this window that are there and could not be read, in the order of the file."""
        own = sorted({(one.row, one.element) for one in self._unread if one.row >= self._window.context})
        rows = np.array([row for row, _ in own], np.int64)
        numbers, places = self._window.segment_number(rows), self._window.byte(self._window.start[rows])
        return tuple(
            Damaged(f"{self._mark(row)}{element:02d}", int(number_of), int(byte))
            for (row, element), number_of, byte in zip(own, numbers, places, strict=True)
        )

    def _mark(self, row: int) -> str:
        """The id of the segment in `row`."""
        start, end = int(self._window.start[row]), int(self._window.end[row])
        mark = bytes(self._window.data[start:end]).split(bytes([self._window.delimiters.element]), 1)[0]
        return mark.decode("ascii", "replace")

    def _said(
        self, schema: Schema, rows: Rows, columns: Mapping[str, pa.Array], *, of_claim: bool = False
    ) -> pl.DataFrame:
        """A frame of what the segments `rows` say of claims and lines; all of claims where `of_claim`."""
        if not len(rows):
            return empty(schema)
        is_line = self._placed.loop[rows] == remittance.LAYOUT.number[remittance.LINE_LOOP]
        if of_claim:
            is_line[:] = False
        line = self._keys.remit_line_key + last_before(self.lines, rows)
        told = {
            "remit_key": pa.array((self._keys.remit_key + self._claim_of(rows)).astype(np.uint32)),
            "remit_line_key": pa.array(np.where(is_line, line, 0).astype(np.uint32), mask=~is_line),
            "segment": self._segment(rows),
        }
        return _frame({**told, **columns}, schema)

    def _open(self, starts: Rows, ends: Sequence[str], rows: Rows) -> Rows:
        """For each row the place of the last of `starts` before it; ABSENT where any of `ends` is between."""
        between = np.sort(np.concatenate([self._placed.rows(mark) for mark in ends]))
        is_open = row_before(starts, rows) > row_before(between, rows)
        return np.where(is_open, last_before(starts, rows), ABSENT)

    def _claim_of(self, rows: Rows) -> Rows:
        """For each row the place of its claim among the window's; it has one."""
        return np.searchsorted(self.claims, self._placed.claim[rows])

    def _payment_of(self, rows: Rows) -> npt.NDArray[np.uint32]:
        """For each row the key of its payment, which may have begun before the window."""
        before = int(np.searchsorted(self._transactions, self._window.context))
        key = self._keys.payment_key + last_before(self._transactions, rows) - before
        return key.astype(np.uint32)

    def _counted(self, first: int, rows: Rows) -> pl.Series:
        return pl.Series(np.arange(first, first + len(rows), dtype=np.uint32))

    def _places(self, rows: Rows) -> dict[str, pl.Series | pl.Expr]:
        return {
            "file": pl.lit(self._name),
            "segment": pl.Series(self._window.segment_number(rows), dtype=pl.UInt32),
            "byte": pl.Series(self._window.byte(self._window.start[rows]), dtype=pl.Int64),
        }

    def _segment(self, rows: Rows) -> pa.Array:
        return pa.array(self._window.segment_number(rows).astype(np.uint32))


def _frame(columns: Mapping[str, pa.Array], schema: Schema) -> pl.DataFrame:
    """The frame of `columns`, which stand in the order of `schema`."""
    return checked(cast("pl.DataFrame", pl.from_arrow(pa.table(columns))), schema)
