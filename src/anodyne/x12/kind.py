"""Whether a file holds transactions of the kind asked for and our version, and what it holds otherwise."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from anodyne.kernel.errors import WrongKind
from anodyne.x12 import professional
from anodyne.x12.columns import text
from anodyne.x12.guide import Kind
from anodyne.x12.segments import Flags, Rows, Segments, packed

_KINDS: Final = {
    "HC": "claims (837)",
    "837": "claims (837)",
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


def check_kind(window: Segments, name: str, kind: Kind = professional.KIND) -> int:
    """How many transactions start in the window of the file `name`, all of them of `kind`.

    Raises WrongKind at the first group or transaction of another kind.
    """
    groups, transactions = (
        np.flatnonzero(window.id[window.context :] == packed(mark)) + window.context for mark in ("GS", "ST")
    )
    grouped = _has(window, groups, 1, (kind.group,)) & _has(window, groups, 8, kind.versions)
    ours = _has(window, transactions, 1, (kind.transaction,))
    start, end = window.element(transactions, 3)
    ours &= (start == end) | _has(window, transactions, 3, kind.versions)
    wrong = np.concatenate((groups[~grouped], transactions[~ours]))
    if not len(wrong):
        return len(transactions)
    row = int(wrong.min())
    is_group = row in groups
    said, version = window.text(row, 1), window.text(row, 8 if is_group else 3)
    raise WrongKind(
        f"this is not a 5010 {kind.words} but {'group' if is_group else 'transaction'} "
        f"{said or '?'}, version {version or '?'}{_known(said, version, kind)}",
        where=window.place(row, name),
        fix=f"Give {kind.transaction} files of version {', '.join(kind.versions)}.",
    )


def _has(window: Segments, rows: Rows, element: int, values: Sequence[str]) -> Flags:
    """Where an element has one of `values`."""
    found = text(window, *window.element(rows, element)).to_pylist()
    return np.array([value in values for value in found], np.bool_)


def _known(said: str, version: str, kind: Kind) -> str:
    """What the wrong kind is called, in words, where we know it."""
    if version.startswith("0040"):
        return ": version 4010, out of use since 2012"
    for mark, words in _CLAIM_KINDS.items():
        if mark in version:
            return f": {words}"
    return f": {_KINDS[said]}" if said in _KINDS and said not in {kind.group, kind.transaction} else ""
