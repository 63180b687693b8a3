"""Whether a file holds professional claims of our version, and what it holds where it does not."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from anodyne.kernel.errors import WrongKind
from anodyne.x12 import professional
from anodyne.x12.columns import text
from anodyne.x12.segments import Flags, Rows, Segments, packed

_KINDS: Final = {
    "HP": "a remittance (835)",
    "835": "a remittance (835)",
    "HB": "an eligibility response (271)",
    "271": "an eligibility response (271)",
    "HS": "an eligibility inquiry (270)",
    "270": "an eligibility inquiry (270)",
    "HN": "a claim status response (277)",
    "277": "a claim status response (277)",
    "HR": "a claim status inquiry (276)",
    "276": "a claim status inquiry (276)",
    "HI": "an authorisation request or response (278)",
    "278": "an authorisation request or response (278)",
    "FA": "an acknowledgement (999 or 997)",
    "999": "an acknowledgement (999)",
    "997": "an acknowledgement (997)",
}
_CLAIM_KINDS: Final = {
    "X223": "an institutional claim (837I)",
    "X224": "a dental claim (837D)",
    "X291": "a predetermination",
    "X298": "post-adjudicated claims data",
}


def check_kind(window: Segments, name: str) -> int:
    """How many transactions start in the window of the file `name`.

    Raises WrongKind at the first group or transaction of another kind.
    """
    groups, transactions = (
        np.flatnonzero(window.id[window.context :] == packed(mark)) + window.context for mark in ("GS", "ST")
    )
    claims = _has(window, groups, 1, (professional.GROUP,)) & _has(window, groups, 8, professional.VERSIONS)
    ours = _has(window, transactions, 1, (professional.TRANSACTION,))
    start, end = window.element(transactions, 3)
    ours &= (start == end) | _has(window, transactions, 3, professional.VERSIONS)
    wrong = np.concatenate((groups[~claims], transactions[~ours]))
    if not len(wrong):
        return len(transactions)
    row = int(wrong.min())
    is_group = row in groups
    kind, version = window.text(row, 1), window.text(row, 8 if is_group else 3)
    raise WrongKind(
        f"this is not a 5010 professional claim file (837P) but {'group' if is_group else 'transaction'} "
        f"{kind or '?'}, version {version or '?'}{_known(kind, version)}",
        where=f"{name}, {window.where(row)}",
        fix=f"Give 837 files of version {', '.join(professional.VERSIONS)}.",
    )


def _has(window: Segments, rows: Rows, element: int, values: Sequence[str]) -> Flags:
    """Where an element has one of `values`."""
    found = text(window, *window.element(rows, element)).to_pylist()
    return np.array([value in values for value in found], np.bool_)


def _known(kind: str, version: str) -> str:
    """What the wrong kind is called, in words, where we know it."""
    if version.startswith("0040"):
        return ": version 4010, out of use since 2012"
    if kind in _KINDS:
        return f": {_KINDS[kind]}"
    return next((f": {words}" for mark, words in _CLAIM_KINDS.items() if mark in version), "")
