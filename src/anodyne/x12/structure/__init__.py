"""What the guide does not allow, found in whole windows: each finding with its segment and byte.

`shapes` and `guide` are the professional claim as a table, `notation` turns it into arrays, `fields` lays
a window beside it. Then each subject is one module: `elements`, `nesting`, `placement`, `hierarchy`,
`envelope`, `values`, `days`, `claims`, `balance`.
"""

import polars as pl

from anodyne.x12.loops import Placed
from anodyne.x12.structure.balance import check_balance
from anodyne.x12.structure.claims import ClaimIds, check_originals, check_pointers
from anodyne.x12.structure.days import check_days
from anodyne.x12.structure.elements import check_elements
from anodyne.x12.structure.envelope import Envelope
from anodyne.x12.structure.fields import lay
from anodyne.x12.structure.found import Found
from anodyne.x12.structure.hierarchy import Hierarchy
from anodyne.x12.structure.nesting import check_nesting
from anodyne.x12.structure.placement import check_placement
from anodyne.x12.structure.values import check_values


class Structure:
    """The structural edits of one file, window by window; holds what crosses windows."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._last_open = 0
        self._envelope = Envelope()
        self._hierarchy = Hierarchy()
        self._claim_ids = ClaimIds()

    def check(self, placed: Placed) -> pl.DataFrame:
        """The findings of one window; rows that repeat earlier windows give none."""
        sheet = lay(placed)
        found = Found()
        check_elements(sheet, found)
        self._last_open, gaps = check_nesting(sheet, found, self._last_open)
        check_placement(sheet, found, gaps)
        self._envelope.check(placed, found)
        self._hierarchy.check(sheet, found)
        check_values(sheet, found)
        check_days(sheet, found)
        check_pointers(sheet, found)
        check_originals(sheet, found)
        check_balance(sheet, found)
        self._claim_ids.check(sheet, found)
        return found.frame()

    def finish(self) -> pl.DataFrame:
        """The findings that only the end of the file shows."""
        found = Found()
        self._hierarchy.finish(found)
        return found.frame()
