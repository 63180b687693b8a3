"""Sums: the claim and its lines, and what other payers paid and adjusted."""

from typing import Final

import numpy as np

from anodyne.kernel.money import dollars
from anodyne.x12.columns import decimal
from anodyne.x12.segments import Flags, Rows, packed
from anodyne.x12.structure.fields import ENVELOPE, Sheet
from anodyne.x12.structure.found import Found

_ADJUSTMENTS: Final = (3, 6, 9, 12, 15, 18)
"""Where the amounts of a CAS are."""
_UNKNOWN: Final = packed("U")
"""A rank that several payers may have."""


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
    _line_balance(sheet, found, verdicts, line_paid, line_known)
    _ranks(sheet, found, claims, payers)

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
    _undated(sheet, found, payers[has_paid & ~by_line & ~unlinked], payers)
    told = np.isin(np.arange(size), by_lines)
    _undecided(
        sheet, found, payers, claim, of_payer, verdicts, by_line & has_paid & sound & ~unlinked & ~told
    )
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


def _line_balance(sheet: Sheet, found: Found, verdicts: Rows, paid: Rows, paid_known: Flags) -> None:
    """Tells line adjudications that do not add up to the line.

    What one payer decided of the parts into which it split a line is added up.
    """
    lines = sheet.rows("SV1", "2400")
    if not len(verdicts) or not len(lines):
        return
    charge, charge_known = _cents(sheet, lines, 2)
    adjusted, adjusted_known = _adjusted(sheet, _in_claims(sheet, sheet.rows("CAS", "2430")), verdicts)
    line = np.searchsorted(lines, verdicts) - 1
    opens = sheet.rows("LX", "2400")
    own = lines[np.maximum(line, 0)] > opens[np.searchsorted(opens, verdicts) - 1]
    sound = paid_known & adjusted_known & (line >= 0) & own & charge_known[np.maximum(line, 0)]
    payer = sheet.text(verdicts, 1).hash().to_numpy().view(np.int64)
    _, first, whole = np.unique(np.stack((line, payer)), axis=1, return_index=True, return_inverse=True)
    whole = whole.reshape(-1)
    told = np.bincount(whole, paid + adjusted).astype(np.int64)
    due = charge[np.maximum(line[first], 0)]
    wrong = np.flatnonzero((np.bincount(whole, ~sound) == 0) & (told != due))
    wrong = wrong[np.argsort(first[wrong])]
    messages = [
        f"SV102 is {dollars(a)}; SVD02 and the line's adjustments add up to {dollars(b)}"
        for a, b in zip(due[wrong].tolist(), told[wrong].tolist(), strict=True)
    ]
    bad = verdicts[first[wrong]]
    found.add(sheet.placed, "X12-BALANCE-LINE", bad, messages, at=sheet.window.element(bad, 2)[0])


def _undecided(  # noqa: PLR0917 -- columns of one window
    sheet: Sheet, found: Found, payers: Rows, claim: Rows, of_payer: Rows, verdicts: Rows, judged: Flags
) -> None:
    """Tells payers, of those to be `judged`, who decided some lines of the claim and not others."""
    lines = sheet.rows("SV1", "2400")
    if not len(lines):
        return
    charge, known = _cents(sheet, lines, 2)
    charged = known & (charge != 0) & (sheet.claim[lines] >= 0)
    wanted = np.bincount(sheet.claim[lines[charged]], minlength=len(sheet.rows("CLM", "2300")))
    line = np.searchsorted(lines, verdicts) - 1
    counts = (of_payer >= 0) & (line >= 0) & charged[np.maximum(line, 0)]
    pairs = np.unique(np.stack((of_payer[counts], line[counts])), axis=1)
    decided = np.bincount(pairs[0], minlength=len(payers))
    bad = np.flatnonzero(judged & (claim >= 0) & (decided < wanted[np.maximum(claim, 0)]))
    messages = [
        f"the payer decided of {some} of the claim's {every} lines (2430), and nothing of the rest"
        for some, every in zip(decided[bad].tolist(), wanted[claim[bad]].tolist(), strict=True)
    ]
    found.add(sheet.placed, "X12-BALANCE-PAYER", payers[bad], messages)


def _undated(sheet: Sheet, found: Found, paid: Rows, payers: Rows) -> None:
    """Tells other payers, of those that `paid` and decided of no line, whose decision has no day."""
    dates = sheet.rows("DTP", "2330B", qualifiers=("573",))
    dated = payers[np.searchsorted(payers, dates) - 1]
    message = "DTP*573 (the day of the payer's decision) is missing, at the payer (2330B) and at lines (2430)"
    found.add(sheet.placed, "X12-PAYER-DATE", paid[~np.isin(paid, dated)], message)


def _ranks(sheet: Sheet, found: Found, claims: Rows, payers: Rows) -> None:
    """Tells other payers whose rank is that of another payer of the claim."""
    subscribers = sheet.rows("SBR", "2000B")
    own = sheet.last(subscribers, claims, (*ENVELOPE, "2000A", "2000B"))
    first = np.append(sheet.value(subscribers, 1), 0)[own]
    claim = np.searchsorted(claims, payers) - 1
    inside = claim >= 0
    payers, claim = payers[inside], claim[inside]
    rows = np.concatenate((claims, payers))
    of_claim = np.concatenate((np.arange(len(claims)), claim))
    rank = np.concatenate((first, sheet.value(payers, 1)))
    order = np.lexsort((rows, rank, of_claim))
    same = (rank[order[1:]] == rank[order[:-1]]) & (of_claim[order[1:]] == of_claim[order[:-1]])
    again = order[1:][same]
    bad = np.sort(rows[again[~np.isin(rank[again], (0, _UNKNOWN))]])
    message = "SBR01 is the rank of another payer of the claim too"
    found.add(sheet.placed, "X12-PAYER-RANK", bad, message, at=sheet.window.element(bad, 1)[0])


def _cents(sheet: Sheet, rows: Rows, place: int) -> tuple[Rows, Flags]:
    cents, valid = decimal(sheet.window.data, *sheet.window.element(rows, place), 2)
    return np.where(valid, cents, 0), valid
