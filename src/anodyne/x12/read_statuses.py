"""What acknowledgements (999, 997, 277CA) say of what was sent, as frames."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import numpy as np
import polars as pl

from anodyne.kernel.errors import Place, WrongKind
from anodyne.model.frames import ACKNOWLEDGEMENTS, CLAIM_STATUSES, checked, empty
from anodyne.x12 import acknowledgement
from anodyne.x12.loops import ENVELOPE, Layout, place
from anodyne.x12.owners import ABSENT, Owners, last_before, row_before
from anodyne.x12.segments import Rows, Segments, packed
from anodyne.x12.windows import read_windows, windows

WHOLE_BYTES: Final = 1 << 26
"""Files up to this size, as most are, are read whole: a transaction is never cut."""

_FIX: Final = "Give 999, 997 or 277CA files of version 005010X231A1, 005010X230 or 005010X214."
_OTHERS: Final = {
    "X212": "a claim status response (277), which answers an inquiry",
    "X213": "a request for more information (277)",
    "X228": "a list of pended claims (277)",
    "X364": "an acknowledgement of reported data (277)",
    "HP": "a remittance (835): anodyne remit read takes it",
    "835": "a remittance (835): anodyne remit read takes it",
    "HC": "claims (837): give them with --claims",
    "837": "claims (837): give them with --claims",
}


class StatusKeys(NamedTuple):
    """From where on keys count up."""

    acknowledgement_key: int = 0
    status_key: int = 0


FIRST: Final = StatusKeys()


@dataclass(frozen=True, slots=True)
class StatusPart:
    """What one window of a file holds."""

    acknowledgements: pl.DataFrame = field(repr=False)
    """Columns of `frames.ACKNOWLEDGEMENTS`: what a 999 or 997 says."""
    statuses: pl.DataFrame = field(repr=False)
    """Columns of `frames.CLAIM_STATUSES`: what a 277CA says."""
    raw: bytes = field(repr=False)
    """The window's bytes as they stand in the file; all parts' together are the file."""


def read_statuses(
    path: Path | str, *, name: str | None = None, keys: StatusKeys = FIRST
) -> Iterator[StatusPart]:
    """What an acknowledgement file says, a window of whole transactions at a time.

    Frames and errors call the file `name`, or by its path.
    Raises UnreadableFile or one of its kinds (with file, segment and byte) as soon as the file is seen not to
    be whole, readable 5010 acknowledgements; nothing read before then should be used.
    """
    called = str(path) if name is None else name
    yield from _parts(
        read_windows(path, name=called, size=WHOLE_BYTES, kind=acknowledgement.KIND), called, keys
    )


def read_status_stream(
    stream: BinaryIO, *, name: str, keys: StatusKeys = FIRST, size: int = WHOLE_BYTES
) -> Iterator[StatusPart]:
    """`read_statuses` of an open stream, as standard input."""
    yield from _parts(windows(stream, name=name, size=size, kind=acknowledgement.KIND), name, keys)


def _parts(file_windows: Iterable[Segments], name: str, keys: StatusKeys) -> Iterator[StatusPart]:
    transactions = 0
    alone = False
    where: str | Place = name
    for window in file_windows:
        transactions += _check_kinds(window, name)
        alone |= bool((window.id == packed("TA1")).any())
        where = window.place(len(window) - 1, name)
        told = _acknowledgements(window, name, keys.acknowledgement_key)
        statuses = _statuses(window, name, keys.status_key)
        yield StatusPart(told, statuses, window.raw)
        keys = StatusKeys(keys.acknowledgement_key + len(told), keys.status_key + len(statuses))
    if not transactions:
        raise WrongKind(
            "the file holds a TA1, which says of an envelope alone that it came"
            if alone
            else "the file holds no transaction",
            where=where,
            fix="An acknowledgement has at least one ST…SE: ask the payer or clearinghouse for it again.",
        )


def _check_kinds(window: Segments, name: str) -> int:
    """How many transactions start in the window; raises WrongKind at the first that is no acknowledgement."""
    rows = np.flatnonzero(np.isin(window.id, [packed("GS"), packed("ST")]))
    group, transactions = "", 0
    for row in rows.tolist():
        kind = window.text(row, 1)
        is_group = bool(window.id[row] == packed("GS"))
        if is_group:
            group, version = kind, window.text(row, 8)
            right = {v for (of, _), some in acknowledgement.VERSIONS.items() if of == kind for v in some}
        else:
            transactions += int(row >= window.context)
            right = set(acknowledgement.VERSIONS.get((group, kind), ()))
            version = window.text(row, 3) or next(iter(right), "")
        if version not in right:
            raise WrongKind(
                f"this is no 5010 acknowledgement but {'group' if is_group else 'transaction'} "
                f"{kind or '?'}, version {version or '?'}{_known(kind, version)}",
                where=window.place(row, name),
                fix=_FIX,
            )
    return transactions


def _known(kind: str, version: str) -> str:
    """What the wrong kind is called, in words, where we know it."""
    if version.startswith("0040"):
        return ": version 4010, out of use since 2012"
    return next((f": {words}" for mark, words in _OTHERS.items() if mark == kind or mark in version), "")


class _Placed:
    """A window with its loops, and for some of its rows the loops that each stands in."""

    def __init__(self, window: Segments, layout: Layout) -> None:
        self._placed = place(window, layout)
        self._window = window
        self._starts: dict[str, Rows] = {}
        self._above: dict[str, Rows] = {}

    def rows(self, *segments: str) -> Rows:
        """The rows of `segments`, in order."""
        return np.sort(np.concatenate([self._placed.rows(segment) for segment in segments]))

    def opening(self, *loops: str) -> Rows:
        """The rows that open one of `loops`."""
        opens = self._placed.opens
        numbers = [self._placed.layout.number[loop] for loop in loops]
        return opens[np.isin(self._placed.loop[opens], numbers)]

    def loops(self, rows: Rows) -> list[str]:
        """The loop of each of `rows`."""
        return [self._placed.layout.loops[number] for number in self._placed.loop[rows].tolist()]

    def own(self, *segments: str) -> Rows:
        """The rows of `segments` that are not repeated from before."""
        rows = self.rows(*segments)
        return rows[rows >= self._window.context]

    def owners(self, rows: Rows, itself: str, above: Mapping[str, tuple[Rows, Rows]]) -> Owners:
        """What `rows`, whose owner is called `itself`, take from what stands `above` them.

        An owner is the last of its starts before a row, unless one of its ends came between.
        """
        starts, owner_of = {itself: rows}, {}
        for owner, (begun, ended) in above.items():
            stands = row_before(begun, rows) > row_before(ended, rows)
            starts[owner] = begun
            owner_of[owner] = np.where(stands, last_before(begun, rows), ABSENT)
        return Owners(self._placed, starts, owner_of)


def _acknowledgements(window: Segments, name: str, first_key: int) -> pl.DataFrame:
    placed = _Placed(window, acknowledgement.FILE_LAYOUT)
    rows = placed.own(*acknowledgement.SAID)
    if not len(rows):
        return empty(ACKNOWLEDGEMENTS)
    envelope = placed.rows(*ENVELOPE)
    group_ends = placed.rows("ISA", "IEA", "GE")
    transaction_ends = placed.rows("ISA", "IEA", "GS", "GE", "SE")
    sent_ends = np.sort(np.concatenate((envelope, placed.rows("AK1", "AK9"))))
    segment_ends = np.sort(np.concatenate((sent_ends, placed.rows("AK2", "IK5", "AK5"))))
    owners = placed.owners(
        rows,
        "said",
        {
            "group": (placed.rows("GS"), group_ends),
            "transaction": (placed.rows("ST"), transaction_ends),
            "group_sent": (placed.rows("AK1"), envelope),
            "sent": (placed.rows("AK2"), sent_ends),
            "segment": (placed.rows("IK3", "AK3"), segment_ends),
        },
    )
    raw = owners.frame((*acknowledgement.FILE_COLUMNS, *acknowledgement.SAID_COLUMNS))
    names = {packed(segment): level for segment, level in acknowledgement.LEVELS.items()}
    level = [names[number] for number in window.id[rows].tolist()]
    in_segment = pl.col("level") == "segment"
    error = pl.concat_list(
        pl.when(in_segment).then(pl.coalesce("IK3 error", "AK3 error")),
        pl.coalesce("IK4 error", "AK4 error"),
        *(pl.coalesce(*(f"{s} error {n}" for s in ("IK5", "AK5", "AK9"))) for n in range(5)),
    )
    frame = raw.with_columns(
        pl.Series("acknowledgement_key", np.arange(first_key, first_key + len(rows)), dtype=pl.UInt32),
        pl.Series("segment", window.segment_number(rows), dtype=pl.UInt32),
        pl.Series("byte", window.byte(window.start[rows]), dtype=pl.Int64),
        pl.Series("level", level),
        file=pl.lit(name),
        sent_version=pl.coalesce("own_version", "group_version"),
    ).with_columns(
        sent_segment_id=pl.coalesce("IK3 id", "AK3 id"),
        sent_position=pl.coalesce("IK3 position", "AK3 position"),
        sent_loop=pl.coalesce("IK3 loop", "AK3 loop"),
        sent_element=pl.coalesce("IK4 element", "AK4 element"),
        sent_component=pl.coalesce("IK4 component", "AK4 component"),
        verdict=pl.coalesce("IK5 verdict", "AK5 verdict", "AK9 verdict"),
        errors=error.list.drop_nulls(),
        included="AK9 included",
        received="AK9 received",
        accepted="AK9 accepted",
    )
    typed = frame.select(pl.col(column).cast(kind) for column, kind in ACKNOWLEDGEMENTS.items())
    return checked(typed, ACKNOWLEDGEMENTS)


def _statuses(window: Segments, name: str, first_key: int) -> pl.DataFrame:
    placed = _Placed(window, acknowledgement.CLAIM_LAYOUT)
    rows = placed.own("STC")
    levels = [acknowledgement.STATUS_LEVELS.get(loop) for loop in placed.loops(rows)]
    known = np.array([level is not None for level in levels], np.bool_)
    rows, level = rows[known], [name for name in levels if name is not None]
    if not len(rows):
        return empty(CLAIM_STATUSES)
    owners = _status_owners(placed, rows)
    raw = owners.frame(acknowledgement.STATUS_COLUMNS)
    claim = owners.rows(acknowledgement.CLAIM_TRACE)
    number = np.where(claim >= 0, window.segment_number(np.maximum(claim, 0)), 0)
    of_line, of_batch = pl.col("level") == "line", pl.col("level") == "batch"
    own_day = of_line & pl.col("line_served_on").is_not_null()
    told = raw.with_columns(
        pl.Series("segment", window.segment_number(rows), dtype=pl.UInt32),
        pl.Series("byte", window.byte(window.start[rows]), dtype=pl.Int64),
        pl.Series("level", level),
        pl.Series("claim_segment", number, dtype=pl.UInt32).replace(0, None),
        file=pl.lit(name),
        produced_on=pl.coalesce("begun_on", "group_on"),
    ).with_columns(
        served_on=pl.when(own_day).then("line_served_on").otherwise("claim_served_on"),
        served_to=pl.when(own_day).then("line_served_to").otherwise("claim_served_to"),
        **{
            total: pl.when(of_batch)
            .then(f"receiver_{total}")
            .when(pl.col("level") == "provider")
            .then(f"provider_{total}")
            for total in ("accepted_count", "rejected_count", "accepted_cents", "rejected_cents")
        },
    )
    each = [
        told.with_columns(
            category=f"category {n}", status=f"status {n}", entity=f"entity {n}", place=pl.lit(n, pl.UInt8)
        )
        for n in acknowledgement.STATUS_PLACES.values()
    ]
    said = pl.any_horizontal(pl.col("category", "status").is_not_null()) | (pl.col("place") == 1)
    frame = pl.concat(each).filter(said).sort("segment", "place").with_row_index("number")
    key = (pl.col("number") + first_key).alias("status_key")
    return checked(
        frame.with_columns(key).select(pl.col(n).cast(kind) for n, kind in CLAIM_STATUSES.items()),
        CLAIM_STATUSES,
    )


def _status_owners(placed: _Placed, rows: Rows) -> Owners:
    """What the statuses `rows` take from their claim or line, and the levels above it."""
    envelope = placed.rows(*ENVELOPE)
    levels = {name: placed.opening(name) for name in ("2000A", "2000B", "2000C", "2000D")}
    ends: dict[str, Rows] = {}
    wider = envelope
    for name, begun in levels.items():
        ends[name] = wider
        wider = np.sort(np.concatenate((wider, begun)))
    claims = placed.opening("2200D")
    within = np.sort(np.concatenate((wider, claims)))
    return placed.owners(
        rows,
        "status",
        {
            "group": (placed.rows("GS"), placed.rows("ISA", "IEA", "GE")),
            "transaction": (placed.rows("ST"), placed.rows("ISA", "IEA", "GS", "GE", "SE")),
            "source": (levels["2000A"], ends["2000A"]),
            "receiver": (levels["2000B"], ends["2000B"]),
            "provider": (levels["2000C"], ends["2000C"]),
            "patient": (levels["2000D"], ends["2000D"]),
            "claim": (claims, wider),
            "line": (placed.opening("2220D"), within),
        },
    )
