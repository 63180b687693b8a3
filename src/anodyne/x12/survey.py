"""What a file says that a correction of a claim must not break: payments, prices, counts of segments."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl

from anodyne.x12.columns import decimal
from anodyne.x12.loops import Placed, place
from anodyne.x12.segments import Flags, Rows, Segments, packed

SOUND: Final = frozenset(
    f"X12-{name}"
    for name in (
        *("CODE", "NPI", "TAXONOMY", "TAX-ID", "CONTACT", "STATE", "ZIP", "ADDRESS", "PO-BOX"),
        *("DATE", "TIME", "RANGE", "DATE-FUTURE", "DATE-BIRTH", "DATE-ONSET", "ADMISSION"),
        *("ACCIDENT-DATE", "ACCIDENT-STATE", "SUBSCRIBER", "PATIENT", "CLAIM-REPEAT"),
        *("PROCEDURE", "MODIFIER", "POS", "NDC", "DX", "DX-SYSTEM", "DX-POINTER", "DX-REPEAT"),
    )
)
"""Edits that find a wrong value in its right place: the rest of the claim is as the guide lays it."""

CLAIMS: Final = {
    "byte": pl.Int64,
    "adjudicated": pl.Boolean,
    "priced": pl.Boolean,
    "taxed": pl.Boolean,
    "patient_paid_cents": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class Survey:
    """What stands in the way of corrections."""

    claims: pl.DataFrame = field(repr=False)
    """By the byte of the CLM, columns of CLAIMS; of claims about which there is something to say.

    `adjudicated`: an earlier payer's payments and adjustments add up to the charges; `priced`: a repricer has
    priced it (HCP); `taxed`: a line says what tax or postage is in its charge.
    """
    miscounted: pl.DataFrame = field(repr=False)
    """`first` and `last` segment of each transaction whose trailer is missing or counts wrongly."""


def survey(windows: Iterable[Segments]) -> Survey:
    """What the file of `windows` holds that corrections must not break."""
    claims: list[pl.DataFrame] = []
    transactions = _Transactions()
    for window in windows:
        transactions.count(window)
        found = _claims(place(window))
        if len(found):
            claims.append(found)
    return Survey(pl.concat(claims) if claims else pl.DataFrame(schema=CLAIMS), transactions.miscounted())


def _claims(placed: Placed) -> pl.DataFrame:
    window = placed.window
    claims = placed.rows("CLM", "2300")
    claims = claims[claims >= window.context]
    if not len(claims):
        return pl.DataFrame(schema=CLAIMS)
    amounts = window.qualifier
    paid = placed.rows("AMT", "2320")
    adjudicated = _holding(
        claims,
        paid[amounts[paid] == packed("D")],
        placed.rows("CAS", "2320"),
        placed.rows("SVD", "2430"),
    )
    priced = _holding(claims, placed.rows("HCP", "2300", "2400"))
    taxed = _holding(claims, placed.rows("AMT", "2400"))
    by_patient = placed.rows("AMT", "2300")
    by_patient = by_patient[amounts[by_patient] == packed("F5")]
    value, known = decimal(window.data, *window.element(by_patient, 2), 2)
    sums = np.zeros(len(claims), np.int64)
    np.add.at(sums, np.searchsorted(claims, by_patient) - 1, np.where(known, value, 0))
    some = adjudicated | priced | taxed | (sums != 0)
    columns = (window.byte(window.start[claims]), adjudicated, priced, taxed, sums)
    return pl.DataFrame(
        {name: column[some] for name, column in zip(CLAIMS, columns, strict=True)}, schema=CLAIMS
    )


def _holding(claims: Rows, *found: Rows) -> Flags:
    """Which claims hold one of the rows `found`."""
    held = np.zeros(len(claims), np.bool_)
    for rows in found:
        owner = np.searchsorted(claims, rows) - 1
        held[owner[owner >= 0]] = True
    return held


class _Transactions:
    """The transaction that is open, and those found to be miscounted."""

    def __init__(self) -> None:
        self._open: tuple[int, int] | None = None
        """The number of the ST, and how many empty segments stand before it."""
        self._empty = 0
        self._last = 0
        self._miscounted: list[tuple[int, int]] = []

    def count(self, window: Segments) -> None:
        """The transactions that begin and end in `window`."""
        marks = [packed(name) for name in ("ISA", "GS", "ST", "SE", "GE", "IEA")]
        rows = np.flatnonzero(np.isin(window.id, marks))
        rows = rows[rows >= window.context]
        empty = window.start == window.end
        empty[: window.context] = False
        before = self._empty + np.cumsum(empty)
        for row, number in zip(rows.tolist(), window.segment_number(rows).tolist(), strict=True):
            name = int(window.id[row])
            if name == packed("SE"):
                self._close(number, int(before[row]), window.text(row, 1))
            else:
                self._abandon(number - 1)
            if name == packed("ST"):
                self._open = number, int(before[row])
        self._empty += int(empty.sum())
        self._last = window.number + len(window) - window.context

    def miscounted(self) -> pl.DataFrame:
        """The first and last segment of those miscounted; the file has been counted to its end."""
        self._abandon(self._last)
        return pl.DataFrame(self._miscounted, schema={"first": pl.Int64, "last": pl.Int64}, orient="row")

    def _close(self, number: int, empty: int, said: str) -> None:
        if self._open is None:
            return
        first, empty_before = self._open
        count = number - first + 1
        right = {count, count - (empty - empty_before)}
        if not (said.isascii() and said.isdigit() and int(said) in right):
            self._miscounted.append((first, number))
        self._open = None

    def _abandon(self, last: int) -> None:
        """The open transaction has no trailer."""
        if self._open is not None:
            self._miscounted.append((self._open[0], last))
            self._open = None
