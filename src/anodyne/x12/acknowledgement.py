"""Acknowledgements (999, 997, 277CA): which column is read from where."""

from typing import Final

from anodyne.x12.columns import cents, day, last_day, text, whole
from anodyne.x12.guide import Column, Kind, Source
from anodyne.x12.loops import ENVELOPE, Layout

VERSIONS: Final = {
    ("FA", "999"): ("005010X231", "005010X231A1"),
    ("FA", "997"): ("005010X230", "005010"),
    ("HN", "277"): ("005010X214",),
}
"""By GS01 and ST01, what GS08 says, and ST03 where that is given."""

KIND: Final = Kind(
    group="FA",
    transaction="999",
    versions=VERSIONS["FA", "999"],
    words="acknowledgement",
    wanted="a 999, 997 or 277CA file as the payer or clearinghouse sent it",
    ends=(),
    levels=(),
)
"""For windows, which hold whole transactions: they are small."""

# ------------------------------------------------------------------- 999, 997

SAID: Final = ("IK3", "AK3", "IK4", "AK4", "IK5", "AK5", "AK9")
"""Segments that say something of what was sent; in a 997 their names begin with AK."""
LEVELS: Final = {
    **dict.fromkeys(("IK3", "AK3"), "segment"),
    **dict.fromkeys(("IK4", "AK4"), "element"),
    **dict.fromkeys(("IK5", "AK5"), "transaction"),
    "AK9": "group",
}
"""What each is about."""

FILE_LAYOUT: Final = Layout(
    loops=("", *ENVELOPE, "AK1", "2000", "2100", "2110", "IK5", "AK9"),
    claim="2000",
    segments={
        "AK1": "AK1",
        "AK2": "2000",
        **dict.fromkeys(("IK3", "AK3"), "2100"),
        **dict.fromkeys(("IK4", "AK4"), "2110"),
        **dict.fromkeys(("IK5", "AK5"), "IK5"),
        "AK9": "AK9",
    },
    levels={},
    widens={},
    inside={},
    name="NM1",
    names={"ST": {"": "ST"}},
    ends=(),
)
"""Loops by their number in the guide; the segments that end a transaction and a group have their own name."""

_GROUP_SENT = Source("group_sent", ("AK1",), "AK1")
_SENT = Source("sent", ("2000",), "AK2")

FILE_COLUMNS: Final = (
    Column("control", Source("transaction", ("ST",), "ST"), 2, text),
    Column("kind", Source("transaction", ("ST",), "ST"), 1, text),
    Column("produced_on", Source("group", ("GS",), "GS"), 4, day),
    Column("sender", Source("group", ("GS",), "GS"), 2, text),
    Column("sent_group_kind", _GROUP_SENT, 1, text),
    Column("sent_group_control", _GROUP_SENT, 2, text),
    Column("group_version", _GROUP_SENT, 3, text),
    Column("sent_kind", _SENT, 1, text),
    Column("sent_control", _SENT, 2, text),
    Column("own_version", _SENT, 3, text),
    # Its name is not a reference number but the element it quotes: four characters of it tell it.
    Column("claim_id", Source("segment", ("2100", "2110"), "CTX", ("CLM0",)), 1, text, component=2),
)
"""What a segment that says something takes from the loops it stands in."""


def _segment(name: str) -> tuple[Column, ...]:
    here = Source("segment", ("2100",), name)
    return (
        Column(f"{name} id", here, 1, text),
        Column(f"{name} position", here, 2, whole),
        Column(f"{name} loop", here, 3, text),
        Column(f"{name} error", here, 4, text),
    )


def _said(name: str, *columns: tuple[str, int, int | None]) -> tuple[Column, ...]:
    loop = FILE_LAYOUT.segments[name]
    reads = {"element": whole, "component": whole, "included": whole, "received": whole, "accepted": whole}
    return tuple(
        Column(f"{name} {what}", Source("said", (loop,), name), element, reads.get(what, text), component)
        for what, element, component in columns
    )


def _numbered(first: int) -> tuple[tuple[str, int, None], ...]:
    return tuple((f"error {n}", first + n, None) for n in range(5))


_ELEMENT: Final = (("element", 1, 1), ("component", 1, 2), ("error", 3, None))
_TRANSACTION: Final = (("verdict", 1, None), *_numbered(2))
_GROUP: Final = (
    ("verdict", 1, None),
    ("included", 2, None),
    ("received", 3, None),
    ("accepted", 4, None),
    *_numbered(5),
)

SAID_COLUMNS: Final = (
    *_segment("IK3"),
    *_segment("AK3"),
    *_said("IK4", *_ELEMENT),
    *_said("AK4", *_ELEMENT),
    *_said("IK5", *_TRANSACTION),
    *_said("AK5", *_TRANSACTION),
    *_said("AK9", *_GROUP),
)
"""What it says, by segment; never the copy of what was wrong (IK404), which may be a person's."""

# ---------------------------------------------------------------------- 277CA

CLAIM_LAYOUT: Final = Layout(
    loops=(
        "", *ENVELOPE,
        "2000A", "2100A", "2200A",
        "2000B", "2100B", "2200B",
        "2000C", "2100C", "2200C",
        "2000D", "2100D", "2200D", "2220D",
    ),
    claim="2200D",
    segments={},
    # Some write the numbers of an 837's patient levels in place of PT.
    levels={"20": "2000A", "21": "2000B", "19": "2000C", "PT": "2000D", "22": "2000D", "23": "2000D"},
    widens={},
    inside={
        ("2000A", "TRN"): "2200A",
        ("2000B", "TRN"): "2200B",
        ("2000C", "TRN"): "2200C",
        ("2000D", "TRN"): "2200D",
        ("2000D", "SVC"): "2220D",
        ("2000A", "NM1"): "2100A",
        ("2000B", "NM1"): "2100B",
        ("2000C", "NM1"): "2100C",
        ("2000D", "NM1"): "2100D",
    },
    name="NM1",
    names={"ST": {"": "ST"}},
    ends=(),
)  # fmt: skip
"""Loops by their number in the guide."""

STATUS_LEVELS: Final = {
    "2000A": "source", "2100A": "source", "2200A": "source",
    "2000B": "batch", "2100B": "batch", "2200B": "batch",
    "2000C": "provider", "2100C": "provider", "2200C": "provider",
    "2000D": "claim", "2100D": "claim", "2200D": "claim",
    "2220D": "line",
}  # fmt: skip
"""Whose a status is, by the loop it stands in."""

_TRANSACTION_SET = Source("transaction", ("ST",), "ST")
_BEGUN = Source("transaction", ("ST",), "BHT")
_SOURCE = Source("source", ("2100A",), "NM1")
CLAIM_TRACE: Final = Source("claim", ("2200D",), "TRN")
_STATUS = Source("status", tuple(STATUS_LEVELS), "STC")
_IS_NPI: Final = (8, "XX")
STATUS_PLACES: Final = {1: 1, 10: 2, 11: 3}
"""The elements of an STC that hold a status, and which of the three each is."""


def _date(owner: str, loop: str, qualifier: str) -> Source:
    return Source(owner, (loop,), "DTP", (qualifier,))


def _reference(owner: str, loop: str, qualifier: str) -> Source:
    return Source(owner, (loop,), "REF", (qualifier,))


def _total(name: str, loop: str, segment: str, qualifier: str) -> Column:
    owner = "receiver" if loop == "2200B" else "provider"
    reading = whole if segment == "QTY" else cents
    return Column(f"{owner}_{name}", Source(owner, (loop,), segment, (qualifier,)), 2, reading)


STATUS_COLUMNS: Final = (
    Column("control", _TRANSACTION_SET, 2, text),
    Column("begun_on", _BEGUN, 4, day),
    Column("group_on", Source("group", ("GS",), "GS"), 4, day),
    Column("source_kind", _SOURCE, 1, text),
    Column("source_id", _SOURCE, 9, text),
    Column("source_name", _SOURCE, 3, text, when=(2, "2")),
    Column("received_on", _date("source", "2200A", "050"), 3, day),
    Column("processed_on", _date("source", "2200A", "009"), 3, day),
    Column("batch", Source("receiver", ("2200B",), "TRN"), 2, text),
    Column("billing_npi", Source("provider", ("2100C",), "NM1"), 9, text, when=_IS_NPI),
    Column("member_id", Source("patient", ("2100D",), "NM1"), 9, text),
    Column("claim_id", CLAIM_TRACE, 2, text),
    Column("payer_control", _reference("claim", "2200D", "1K"), 2, text),
    Column("clearinghouse_number", _reference("claim", "2200D", "D9"), 2, text),
    Column("claim_served_on", _date("claim", "2200D", "472"), 3, day),
    Column("claim_served_to", _date("claim", "2200D", "472"), 3, last_day),
    Column("line_served_on", _date("line", "2220D", "472"), 3, day),
    Column("line_served_to", _date("line", "2220D", "472"), 3, last_day),
    Column("line_control", _reference("line", "2220D", "FJ"), 2, text),
    Column("code", Source("line", ("2220D",), "SVC"), 1, text, component=2),
    *(
        Column(f"{name} {place}", _STATUS, element, text, component=component)
        for element, place in STATUS_PLACES.items()
        for component, name in enumerate(("category", "status", "entity"), 1)
    ),
    Column("effective_on", _STATUS, 2, day),
    Column("action", _STATUS, 3, text),
    Column("charge_cents", _STATUS, 4, cents),
    _total("accepted_count", "2200B", "QTY", "90"),
    _total("rejected_count", "2200B", "QTY", "AA"),
    _total("accepted_cents", "2200B", "AMT", "YU"),
    _total("rejected_cents", "2200B", "AMT", "YY"),
    _total("accepted_count", "2200C", "QTY", "QA"),
    _total("rejected_count", "2200C", "QTY", "QC"),
    _total("accepted_cents", "2200C", "AMT", "YU"),
    _total("rejected_cents", "2200C", "AMT", "YY"),
)
"""What a status takes from the loops it stands in; never what is written for people (STC12)."""
