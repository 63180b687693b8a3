"""Sums: the claim and its lines, and what other payers paid and adjusted."""

from typing import Final

import numpy as np

from anodyne.kernel.money import dollars
from anodyne.x12.columns import decimal
from anodyne.x12.segments import Flags, Rows, packed
from anodyne.x12.structure.fields import Sheet
from anodyne.x12.structure.found import Found

_ADJUSTMENTS: Final = (3, 6, 9, 12, 15, 18)
"""Where the amounts of a CAS are."""


def check_balance(sheet: Sheet, found: Found) -> None:
    """The claim's charge, and what each other payer paid and adjusted, as sums."""
    claims, lines = sheet.rows("CLM", "2300"), np.flatnonzero(sheet.window.id == packed("SV1"))
    if not len(claims):
        return
    total, total_known = _cents(sheet, claims, 2)
    charge, charge_known = _cents(sheet, lines, 2)
    owner = sheet.claim[lines]
    owner, charge, charge_known = owner[owner >= 0], charge[owner >= 0], charge_known[owner >= 0]
    size = len(claims)
    sums = np.bincount(owner, charge, size).astype(np.int64)
    known = (
        total_known
        & (np.bincount(owner, minlength=size) > 0)
        & (np.bincount(owner, ~charge_known, size) == 0)
    )
    bad = np.flatnonzero(known & (sums != total))
    messages = [
        f"CLM02 is {dollars(a)}; the lines add up to {dollars(b)}"
        for a, b in zip(total[bad].tolist(), sums[bad].tolist(), strict=True)
    ]
    found.add(sheet.placed, "X12-BALANCE", claims[bad], messages, at=sheet.window.element(claims[bad], 2)[0])
    payers = sheet.rows("SBR", "2320")
    if len(payers) or len(sheet.rows("SVD", "2430")):
        _other_payers(sheet, found, claims, payers, total=total, total_known=total_known)


def _other_payers(
    sheet: Sheet, found: Found, claims: Rows, payers: Rows, *, total: Rows, total_known: Flags
) -> None:
    """The two balances of coordination of benefits: each line with its adjudication, and the claim."""
    window = sheet.window
    size = len(payers)
    claim = np.searchsorted(claims, payers) - 1
    names = sheet.rows("NM1", "2330B")
    named = np.zeros(size, np.int64)
    has_name = np.zeros(size, np.bool_)
    owner = np.searchsorted(payers, names) - 1
    named[owner] = sheet.text(names, 9).hash().to_numpy().view(np.int64)
    has_name[owner] = np.less(*window.element(names, 9))
    paid_rows = sheet.rows("AMT", "2320", qualifiers=("D",))
    paid_each, paid_known = _cents(sheet, paid_rows, 2)
    of_paid = np.searchsorted(payers, paid_rows) - 1
    paid = np.bincount(of_paid, paid_each, size).astype(np.int64)
    has_paid = np.bincount(of_paid, minlength=size) > 0
    adjusted, adjusted_known = _adjusted(sheet, sheet.rows("CAS", "2320"), payers)
    sound = (
        (np.bincount(of_paid, ~paid_known, size) == 0) & adjusted_known & total_known[np.maximum(claim, 0)]
    )

    verdicts = _in_claims(sheet, sheet.rows("SVD", "2430"))
    line_paid, line_known = _cents(sheet, verdicts, 2)
    of_payer, linked = _payer_of(sheet, verdicts, claim, named)
    of_claim = sheet.claim[verdicts]
    bad = verdicts[~linked & ~np.isin(of_claim, claim[~has_name])]
    message = "SVD01 names a payer that is none of the claim's other payers (2330B)"
    found.add(sheet.placed, "X12-PAYER-LINK", bad, message, at=window.element(bad, 1)[0])
    per_line = _line_balance(sheet, found, verdicts, line_paid, line_known)

    chosen = of_payer[linked]
    lines_paid = np.bincount(chosen, line_paid[linked], size).astype(np.int64)
    by_line = np.bincount(chosen, minlength=size) > 0
    sound &= np.bincount(chosen, ~line_known[linked], size) == 0
    unlinked = np.isin(claim, of_claim[~linked])
    expected = lines_paid - adjusted
    by_lines = np.flatnonzero(has_paid & sound & by_line & ~unlinked & (paid != expected))
    messages = [
        f"AMT*D is {dollars(a)}; the lines' payments less the claim's adjustments are {dollars(b)}"
        for a, b in zip(paid[by_lines].tolist(), expected[by_lines].tolist(), strict=True)
    ]
    found.add(sheet.placed, "X12-BALANCE-PAYER", payers[by_lines], messages)
    charge = total[claim]
    whole = has_paid & sound & ~by_line & ~unlinked & (claim >= 0) & (paid + adjusted != charge)
    whole &= ~np.isin(claim, per_line)
    alone = np.flatnonzero(whole)
    messages = [
        f"the claim's charge is {dollars(a)}; AMT*D and the adjustments add up to {dollars(b)}"
        for a, b in zip(charge[alone].tolist(), (paid + adjusted)[alone].tolist(), strict=True)
    ]
    found.add(sheet.placed, "X12-BALANCE-PAYER", payers[alone], messages)


def _in_claims(sheet: Sheet, rows: Rows) -> Rows:
    """Those of `rows` that stand in a claim."""
    return rows[sheet.claim[rows] >= 0]


def _payer_of(sheet: Sheet, verdicts: Rows, claim: Rows, named: Rows) -> tuple[Rows, Flags]:
    """The other payer that each line adjudication names, and whether its claim has that payer."""
    key = sheet.text(verdicts, 1).hash().to_numpy().view(np.int64)
    own = sheet.claim[verdicts]
    first = np.searchsorted(claim, own)
    after = np.searchsorted(claim, own, "right")
    found = np.full(len(verdicts), -1, np.int64)
    for step in range(int((after - first).max(initial=0))):
        at = np.minimum(first + step, len(named) - 1)
        match = (first + step < after) & (named[at] == key)
        found = np.where(match & (found < 0), at, found)
    return found, found >= 0


def _adjusted(sheet: Sheet, rows: Rows, owners: Rows) -> tuple[Rows, Flags]:
    """The sum of all adjustments that stand under each owner, and whether all of them are amounts."""
    size = len(owners)
    sums = np.zeros(size, np.int64)
    known = np.ones(size, np.bool_)
    owner = np.searchsorted(owners, rows) - 1
    for place in _ADJUSTMENTS:
        start, end = sheet.window.element(rows, place)
        some = (end > start) & (owner >= 0)
        if not some.any():
            continue
        cents, valid = decimal(sheet.window.data, start[some], end[some], 2)
        sums += np.bincount(owner[some], np.where(valid, cents, 0), size).astype(np.int64)
        known &= np.bincount(owner[some], ~valid, size) == 0
    return sums, known


def _line_balance(sheet: Sheet, found: Found, verdicts: Rows, paid: Rows, paid_known: Flags) -> Rows:
    """Tells line adjudications that do not add up to the line; gives the places of claims that have any."""
    lines = sheet.rows("SV1", "2400")
    if not len(verdicts) or not len(lines):
        return np.zeros(0, np.int64)
    charge, charge_known = _cents(sheet, lines, 2)
    adjusted, adjusted_known = _adjusted(sheet, _in_claims(sheet, sheet.rows("CAS", "2430")), verdicts)
    line = np.searchsorted(lines, verdicts) - 1
    opens = sheet.rows("LX", "2400")
    own = lines[np.maximum(line, 0)] > opens[np.searchsorted(opens, verdicts) - 1]
    sound = paid_known & adjusted_known & (line >= 0) & own & charge_known[np.maximum(line, 0)]
    due = charge[np.maximum(line, 0)]
    bad = np.flatnonzero(sound & (paid + adjusted != due))
    messages = [
        f"SV102 is {dollars(a)}; SVD02 and the line's adjustments add up to {dollars(b)}"
        for a, b in zip(due[bad].tolist(), (paid + adjusted)[bad].tolist(), strict=True)
    ]
    found.add(
        sheet.placed,
        "X12-BALANCE-LINE",
        verdicts[bad],
        messages,
        at=sheet.window.element(verdicts[bad], 2)[0],
    )
    return np.unique(sheet.claim[verdicts])


def _cents(sheet: Sheet, rows: Rows, place: int) -> tuple[Rows, Flags]:
    cents, valid = decimal(sheet.window.data, *sheet.window.element(rows, place), 2)
    return np.where(valid, cents, 0), valid
