"""What claims tell of their other payers, as frames."""

from dataclasses import dataclass
from typing import Final, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from anodyne.model.coordination import ONE_PAYER, Coordination
from anodyne.model.frames import ADJUDICATIONS, OTHER_ADJUSTMENTS, OTHER_PAYERS, checked
from anodyne.x12 import professional
from anodyne.x12.columns import cents, number, text
from anodyne.x12.loops import LOOP, Placed
from anodyne.x12.owners import Owners, last_before
from anodyne.x12.segments import Rows
from anodyne.x12.spread import reasons

_OF_CLAIM: Final = "2320"
_OF_LINE: Final = "2430"


class OtherKeys(NamedTuple):
    """From where on keys count up."""

    other_payer_key: int = 0
    adjudication_key: int = 0

    def after(self, read: Coordination) -> "OtherKeys":
        """Those that follow the keys of what was `read`."""
        return OtherKeys(
            self.other_payer_key + len(read.payers), self.adjudication_key + len(read.adjudications)
        )


@dataclass(frozen=True, slots=True)
class Keyed:
    """The rows of a window at which claims or lines begin, in order, each with its key."""

    rows: Rows
    keys: npt.NDArray[np.uint32]


def read_coordination(placed: Placed, claims: Keyed, lines: Keyed, keys: OtherKeys) -> Coordination:
    """What the `claims` of a window and their `lines` tell of other payers."""
    payers, verdicts = placed.rows("SBR", _OF_CLAIM), placed.rows("SVD", _OF_LINE)
    if not len(payers) and not len(verdicts):
        return ONE_PAYER
    claim = last_before(claims.rows, payers)
    line = last_before(lines.rows, verdicts)
    held = (line >= 0) & (placed.claim[verdicts] == placed.claim[np.append(lines.rows, -1)[line]])
    payers_of = _Owned(payers, claim >= 0, keys.other_payer_key)
    verdicts_of = _Owned(verdicts, held, keys.adjudication_key)
    starts = {"other_payer": payers, "adjudication": verdicts}
    own = {
        "payers": ("other_payer_key", payers_of, "claim_key", claims.keys, claim),
        "adjudications": ("adjudication_key", verdicts_of, "line_key", lines.keys, line),
    }
    columns = {
        "payers": (professional.OTHER_PAYER_COLUMNS, OTHER_PAYERS),
        "adjudications": (professional.ADJUDICATION_COLUMNS, ADJUDICATIONS),
    }
    owners = Owners(placed, starts, {})
    frames = {}
    for name, (key, owned, above, above_keys, owner) in own.items():
        wanted, schema = columns[name]
        frame = owners.frame(wanted).with_columns(
            pl.Series(key, owned.key, dtype=pl.UInt32),
            pl.Series(above, np.append(above_keys, 0)[owner], dtype=pl.UInt32),
            pl.Series("segment", placed.window.segment_number(owned.rows), dtype=pl.UInt32),
            pl.Series("byte", placed.window.byte(placed.window.start[owned.rows]), dtype=pl.Int64),
        )
        frames[name] = checked(frame.filter(pl.Series(owned.held)).select(schema.keys()), schema)
    return Coordination(**frames, adjustments=_adjustments(placed, payers_of, verdicts_of))


class _Owned:
    """Segments of which some belong to a claim or line, and the keys of these."""

    def __init__(self, rows: Rows, held: npt.NDArray[np.bool_], first_key: int) -> None:
        self.rows, self.held = rows, held
        self.key = first_key + np.maximum(np.cumsum(held) - 1, 0)

    def of(self, rows: Rows) -> tuple[Rows, npt.NDArray[np.bool_]]:
        """For each of `rows` the key of the last of these before it, and whether that is held."""
        last = last_before(self.rows, rows)
        return np.append(self.key, 0)[last], (last >= 0) & np.append(self.held, False)[last]


def _adjustments(placed: Placed, payers: _Owned, verdicts: _Owned) -> pl.DataFrame:
    window = placed.window
    found = reasons(window, placed.rows("CAS", _OF_CLAIM, _OF_LINE))
    is_line = placed.loop[found.rows] == LOOP[_OF_LINE]
    payer_key, of_payer = payers.of(found.rows)
    verdict_key, of_verdict = verdicts.of(found.rows)
    columns = {
        "other_payer_key": pa.array(payer_key.astype(np.uint32), mask=is_line),
        "adjudication_key": pa.array(verdict_key.astype(np.uint32), mask=~is_line),
        "segment": pa.array(window.segment_number(found.rows).astype(np.uint32)),
        "place": pa.array(found.place.astype(np.uint8)),
        "group": text(window, *window.element(found.rows, 1)),
        "reason": text(window, *found.offsets[0]),
        "cents": cents(window, *found.offsets[1]),
        "units": number(window, *found.offsets[2]),
    }
    frame = cast("pl.DataFrame", pl.from_arrow(pa.table(columns)))
    return checked(frame.filter(pl.Series(np.where(is_line, of_verdict, of_payer))), OTHER_ADJUSTMENTS)
