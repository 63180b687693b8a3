"""Diagnoses that lines point to, claims that name an earlier one, and claim ids used twice."""

from typing import Final

import numpy as np
import numpy.typing as npt

from anodyne.x12 import columns
from anodyne.x12.segments import Rows, packed
from anodyne.x12.structure.characters import words
from anodyne.x12.structure.elements import field_names
from anodyne.x12.structure.fields import ENVELOPE, Sheet
from anodyne.x12.structure.found import Found

_ORIGINAL: Final = packed("1")
_MOST_DIAGNOSES: Final = 12


def check_pointers(sheet: Sheet, found: Found) -> None:
    """Diagnosis pointers to nothing or twice to the same, and diagnoses given twice."""
    claims = sheet.rows("CLM", "2300")
    diagnoses = sheet.rows("HI", "2300", qualifiers=("ABK", "BK"))
    _diagnoses_twice(sheet, found)
    pointers = sheet.of_kind("pointer")
    if not len(pointers) or not len(diagnoses):
        return
    value = _small_number(sheet, pointers.start, pointers.end)
    owner = np.searchsorted(diagnoses, pointers.row) - 1
    claim = sheet.claim[pointers.row]
    known = (value >= 0) & (owner >= 0) & (claim >= 0)
    known &= diagnoses[np.maximum(owner, 0)] > claims[np.maximum(claim, 0)] if len(claims) else False
    held = sheet.present[diagnoses[np.maximum(owner, 0)]]
    pointed = (value >= 1) & (value <= _MOST_DIAGNOSES) & ((held >> np.clip(value - 1, 0, 62)) & 1 == 1)
    bad = pointers[np.flatnonzero(known & ~pointed)]
    wrong = value[known & ~pointed].tolist()
    messages = [
        f"{name} points to diagnosis {n}, which is not there"
        for name, n in zip(field_names(sheet, bad), wrong, strict=True)
    ]
    found.add(sheet.placed, "X12-DX-POINTER", bad.row, messages, at=bad.start)
    pair = pointers.row * 100 + np.clip(value, 0, 99)
    order = np.argsort(pair, kind="stable")
    again = order[1:][(pair[order[1:]] == pair[order[:-1]]) & (value[order[1:]] > 0)]
    twice = pointers[np.sort(again)]
    found.add(
        sheet.placed, "X12-DX-REPEAT", twice.row, "a line points to the same diagnosis twice", at=twice.start
    )


def check_originals(sheet: Sheet, found: Found) -> None:
    """Original claims that name the payer's number of an earlier one."""
    claims, window = sheet.rows("CLM", "2300"), sheet.window
    rows = sheet.rows("REF", "2300", qualifiers=("F8",))
    rows = rows[sheet.claim[rows] >= 0]
    if not len(rows):
        return
    frequency = window.packed_at(*window.component(*window.element(claims, 5), 3))
    bad = rows[frequency[sheet.claim[rows]] == _ORIGINAL]
    message = "REF*F8 names an earlier claim, but CLM05-3 is 1: 7 replaces that claim, 8 voids it"
    found.add(sheet.placed, "X12-ORIGINAL-REF", bad, message)


def _small_number(sheet: Sheet, start: Rows, end: Rows) -> Rows:
    """A whole number of one or two digits; -1 where it is none."""
    value, valid = columns.decimal(sheet.window.data, start, end, 0)
    return np.where(valid, value, -1)


def _diagnoses_twice(sheet: Sheet, found: Found) -> None:
    fields = sheet.of_kind("icd")
    if not len(fields):
        return
    value = words(sheet.window.data, fields.start, fields.length)
    order = np.lexsort((fields.start, value, fields.row))
    same = (value[order[1:]] == value[order[:-1]]) & (fields.row[order[1:]] == fields.row[order[:-1]])
    again = fields[np.sort(order[1:][same & (fields.length[order[1:]] <= 8)])]
    data = sheet.window.data
    codes = [
        [bytes(data[a:b]).decode("latin-1")]
        for a, b in zip(again.start.tolist(), again.end.tolist(), strict=True)
    ]
    messages = [f"diagnosis {code[0]} is given twice" for code in codes]
    found.add(sheet.placed, "X12-DX-REPEAT", again.row, messages, at=again.start, codes=codes)


class ClaimIds:
    """The ids of the original claims seen so far, as numbers, in sorted runs that double in size.

    A claim to a secondary payer may bear the id of the one to the primary: the rank of the payer (SBR01)
    belongs to the id.
    """

    def __init__(self) -> None:
        self._runs: list[tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]] = []

    def check(self, sheet: Sheet, found: Found) -> None:
        """Claims of a window whose id was used before, by the billing provider and to a payer of its rank."""
        window = sheet.window
        rows = sheet.rows("CLM", "2300")
        frequency = window.packed_at(*window.component(*window.element(rows, 5), 3))
        rows = rows[frequency == _ORIGINAL]
        start, end = window.element(rows, 1)
        rows, start, end = rows[end > start], start[end > start], end[end > start]
        if not len(rows):
            return
        number = sheet.text(rows, 1).hash().to_numpy()
        billing = sheet.rows("NM1", "2010AA")
        subscribers = sheet.rows("SBR", "2000B")
        for above, place, weight, level in ((billing, 9, 3, "2000A"), (subscribers, 1, 5, "2000B")):
            if len(above):
                said = sheet.text(above, place).hash().to_numpy()
                owner = sheet.last(above, rows, (*ENVELOPE, level))
                own = said[np.maximum(owner, 0)] * np.uint64(weight)
                number = number ^ np.where(owner >= 0, own, np.uint64(0))
        segments = window.segment_number(rows).astype(np.uint32)
        before = np.zeros(len(rows), np.uint32)
        for seen, places in self._runs:
            at = np.minimum(np.searchsorted(seen, number), len(seen) - 1)
            before = np.where((before == 0) & (seen[at] == number), places[at], before)
        order = np.argsort(number, kind="stable")
        ordered = number[order]
        first = np.searchsorted(ordered, ordered)
        repeated = np.flatnonzero(first != np.arange(len(ordered)))
        at = order[repeated]
        before[at] = np.where(before[at] > 0, before[at], segments[order[first[repeated]]])
        bad = np.flatnonzero(before)
        messages = [f"the claim id was used before, at segment {place}" for place in before[bad].tolist()]
        found.add(sheet.placed, "X12-CLAIM-REPEAT", rows[bad], messages, at=start[bad])
        self._remember(ordered, segments[order])

    def _remember(self, numbers: npt.NDArray[np.uint64], segments: npt.NDArray[np.uint32]) -> None:
        while self._runs and len(self._runs[-1][0]) <= len(numbers):
            more, places = self._runs.pop()
            numbers, segments = np.concatenate((more, numbers)), np.concatenate((places, segments))
            order = np.argsort(numbers, kind="stable")
            numbers, segments = numbers[order], segments[order]
        self._runs.append((numbers, segments))
