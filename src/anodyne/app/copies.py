"""Copies of patients' claims side by side in one book: many trials in one judgement."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from anodyne.app.changes import Change
from anodyne.model.book import Book
from anodyne.model.frames import CLAIMS, LINES


class Copies:
    """Copies of patients' claims in one book, each of a patient of its own, with keys of its own."""

    def __init__(self, given: Book, patients: Sequence[int]) -> None:
        self._patients = pl.DataFrame(
            {"copy": range(len(patients)), "patient": patients},
            schema={"copy": pl.UInt64, "patient": pl.UInt64},
        )
        claims = self.of_each(given.claims).sort("copy", "claim_key").with_row_index("own_claim")
        self._claims = claims.select("copy", "claim_key", "own_claim")
        lines = given.lines.join(self._claims, on="claim_key").sort("copy", "line_key")
        self._lines = lines.select("copy", "line_key").with_row_index("own_line")
        self.book = Book(
            claims.with_columns(claim_key="own_claim", patient="copy").select(CLAIMS.keys()),
            lines.with_columns(claim_key="own_claim", line_key=self._lines["own_line"]).select(LINES.keys()),
        )
        self._own_claim = _by_key(self._claims, "claim_key", "own_claim")
        self._own_line = _by_key(self._lines, "line_key", "own_line")

    def of_each(self, rows: pl.DataFrame) -> pl.DataFrame:
        """`rows`, which have a `patient`, once for each copy of the patient, with its number in `copy`."""
        return rows.join(self._patients, on="patient")

    def of(self, copy: int, change: Change) -> Change:
        """`change` as it is on a copy."""
        return replace(
            change,
            claim_key=self._own_claim[copy, change.claim_key],
            line_key=self._own_line[copy, change.line_key],
        )

    def named(self, findings: pl.DataFrame) -> pl.DataFrame:
        """`findings` on the book with the keys that rows had, and their `copy`."""
        return (
            findings.rename({"claim_key": "own_claim", "line_key": "own_line"})
            .join(self._claims, on="own_claim", how="left")
            .join(self._lines.drop("copy"), on="own_line", how="left")
        )


def _by_key(rows: pl.DataFrame, key: str, own: str) -> dict[tuple[int, int], int]:
    return {(copy, one): number for copy, one, number in rows.select("copy", key, own).iter_rows()}
