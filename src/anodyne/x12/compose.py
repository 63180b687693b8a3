"""A whole 837P file from frames, by the tables that read it.

`model.parties` is who takes part, `compose_names` how they are named, `compose_parties` the envelope,
`compose_places` where values stand, `compose_draft` how they become segments, `compose_hierarchy` what stands
under what, `compose_others` what is told of other payers.  Here is the file around it, and that none leaves
in which our own structural edits would find anything.
"""

import io
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final

import polars as pl

from anodyne.kernel.errors import BadRequest
from anodyne.model.coordination import ONE_PAYER, Coordination
from anodyne.model.frames import CLAIMS, LINES, checked
from anodyne.model.parties import Parties
from anodyne.x12 import professional
from anodyne.x12.compose_draft import Loop, Pen, Refused, Row, Segment, clean
from anodyne.x12.compose_hierarchy import VERSION, Claim, Hierarchy
from anodyne.x12.compose_others import Told
from anodyne.x12.compose_parties import Interchange
from anodyne.x12.compose_places import name_of, use_of
from anodyne.x12.delimiters import CR, LF, Delimiters
from anodyne.x12.edits import EDITS
from anodyne.x12.read import read_stream

_NAME: Final = "the composed file"
_ENVELOPE: Final = "the interchange"
_LAST_CONTROL: Final = 999_999_999
_LONGEST_ID: Final = 15
_NO_MARKS: Final = b"\t \x00\x1a"


def compose(
    claims: pl.DataFrame,
    lines: pl.DataFrame,
    parties: Parties,
    interchange: Interchange,
    coordination: Coordination = ONE_PAYER,
) -> bytes:
    """The 837P file (005010X222A1) of `claims` and `lines`; the same for the same arguments.

    Claims stand in the order of their frame, gathered under billing provider, subscriber and, where that is
    another, patient; lines in the order of `line`.  Other payers of a claim, what they decided of a line, and
    adjustments (gathered by group) stand in the order of the frames of `coordination`.

    What is null in a line's `pos`, `rendering_npi`, `rendering_taxonomy`, `auth_number` or `clia` is as the
    claim has it.  `state` and `zip` are written with the address of the place, from which
    they must not differ.  Text is put in capitals.  `judged` and where rows were read do not matter.

    Raises BadRequest that lists all that cannot be written, by claim id, line and column; or, if that is
    nothing, all that the structural edits find.  Among it: a claim to a later payer without the earlier ones,
    a replacement or void (7, 8) without `original_ref`, an original (1) with it, and what an other payer paid
    and adjusted where it does not add up to the claim or line.
    """
    refused = Refused()
    pen = Pen(interchange.delimiters, refused)
    others = _Others(coordination, checked(claims, CLAIMS), checked(lines, LINES))
    told = _claims(claims, lines, others, pen, refused)
    _check_envelope(interchange, pen, refused)
    segments = list(_segments(told, parties, interchange, pen, refused))
    _raise(refused)
    after = "\n" if interchange.line_breaks and not interchange.delimiters.by_line else ""
    texts = [segment.text + chr(interchange.delimiters.segment) + after for segment in segments]
    data = "".join(texts).encode("ascii")
    _judge(data, texts, segments, pen, refused)
    _raise(refused)
    return data


class _Others:
    """What is told of other payers, by the claim and line it is about; ValueError where keys do not hold."""

    def __init__(self, told: Coordination, claims: pl.DataFrame, lines: pl.DataFrame) -> None:
        self.payers = _by(told, "payers", ("other_payer_key", "claim_key"), claims)
        self.adjudications = _by(told, "adjudications", ("adjudication_key", "line_key"), lines)
        both = told.adjustments.select(
            pl.sum_horizontal(pl.col("other_payer_key", "adjudication_key").is_not_null())
        )
        if not (both.to_series() == 1).all():
            raise ValueError("an adjustment is not of one other payer or of one adjudication")


def _by(told: Coordination, name: str, keys: tuple[str, str], above: pl.DataFrame) -> dict[int, list[Told]]:
    """The rows of one frame of `told` with their adjustments, by the key of what they are about."""
    key, owner = keys
    frame: pl.DataFrame = getattr(told, name)
    own = told.adjustments.filter(pl.col(key).is_not_null())
    if (
        not frame[key].is_unique().all()
        or not frame[owner].is_in(above[owner].implode()).all()
        or not own[key].is_in(frame[key].implode()).all()
    ):
        raise ValueError(f"{name} have one {key}, or they or their adjustments that of none above them")
    adjustments: dict[int, list[Row]] = {}
    for row in own.iter_rows(named=True):
        adjustments.setdefault(row[key], []).append(row)
    found: dict[int, list[Told]] = {}
    for row in frame.iter_rows(named=True):
        found.setdefault(row[owner], []).append(Told(row, adjustments.get(row[key], [])))
    return found


def _claims(
    claims: pl.DataFrame, lines: pl.DataFrame, others: _Others, pen: Pen, refused: Refused
) -> list[Claim]:
    """The claims with their lines in order; ValueError where keys do not hold together."""
    by_key: dict[int, list[Row]] = {key: [] for key in claims["claim_key"]}
    if len(by_key) < len(claims) or not lines["claim_key"].is_in(claims["claim_key"].implode()).all():
        raise ValueError("two claims have one key, or a line has that of none")
    for line in lines.iter_rows(named=True):
        by_key[line["claim_key"]].append(line)
    if not by_key:
        refused.add("the file", "it", "would hold no claim")
    told = []
    for number, row in enumerate(claims.iter_rows(named=True), 1):
        name = row["claim_id"]
        owner = f"claim {name}" if name and not pen.fault(name) else f"the claim of row {number}"
        own = _numbered(by_key[row["claim_key"]], owner, refused)
        told.append(Claim(row, owner, own, others.payers.get(row["claim_key"], ()), others.adjudications))
    return told


def _numbered(lines: list[Row], owner: str, refused: Refused) -> list[Row]:
    """The lines of one claim in order, counted from 1: as they are numbered, if they are."""
    if not lines:
        refused.add(owner, "it", "has no line")
    numbers = [line["line"] or 0 for line in lines]
    if any(numbers):
        lines = sorted(lines, key=lambda line: line["line"] or 0)
        if sorted(numbers) != list(range(1, len(lines) + 1)):
            refused.add(owner, "line", "does not count the lines from 1")
    return [{**line, "line": place} for place, line in enumerate(lines, 1)]


def _check_envelope(interchange: Interchange, pen: Pen, refused: Refused) -> None:
    if not 1 <= interchange.control_number <= _LAST_CONTROL:
        refused.add(_ENVELOPE, "control_number", f"is not from 1 to {_LAST_CONTROL:,}")
    if not _punctuate(interchange.delimiters):
        refused.add(_ENVELOPE, "delimiters", "are not four different marks, none a letter, digit or blank")
    for what, value in (("sender", interchange.sender), ("receiver", interchange.receiver)):
        fault = pen.fault(value)
        if fault or not 1 <= len(clean(value)) <= _LONGEST_ID:
            refused.add(_ENVELOPE, what, fault or f"has not 1 to {_LONGEST_ID} characters")


def _punctuate(marks: Delimiters) -> bool:
    inner = (marks.element, marks.component, marks.repetition)
    every = {*inner, marks.segment}
    fit = all(mark < 0x80 and mark not in _NO_MARKS and not chr(mark).isalnum() for mark in every)
    return fit and len(every) == len(inner) + 1 and every.isdisjoint({CR, LF} - {marks.segment})


def _segments(
    claims: Sequence[Claim], parties: Parties, interchange: Interchange, pen: Pen, refused: Refused
) -> Iterator[Segment]:
    """All segments of the file, the envelope among them."""
    control = interchange.control_number
    yield _header(interchange, pen)
    yield from pen.segments(_group(interchange))
    transactions = 0
    for transaction in Hierarchy(parties, interchange, refused).transactions(claims):
        transactions += 1
        written = list(pen.segments(transaction))
        yield from written
        yield _trailer("SE", len(written) + 1, f"{transactions:04}", pen)
    yield _trailer("GE", transactions, f"{control}", pen)
    yield _trailer("IEA", 1, f"{control:09}", pen)


def _header(interchange: Interchange, pen: Pen) -> Segment:
    """The ISA, the one segment whose elements are filled up with blanks."""
    elements = (
        *("ISA", "00", " " * 10, "00", " " * 10),
        *(interchange.sender_qualifier, f"{clean(interchange.sender):{_LONGEST_ID}}"),
        *(interchange.receiver_qualifier, f"{clean(interchange.receiver):{_LONGEST_ID}}"),
        *(f"{interchange.made_at:%y%m%d}", f"{interchange.made_at:%H%M}"),
        *(chr(interchange.delimiters.repetition), "00501", f"{interchange.control_number:09}", "0"),
        *(interchange.usage, pen.component),
    )
    return Segment(pen.element.join(elements), use_of("ISA", "ISA", ""), _ENVELOPE)


def _group(interchange: Interchange) -> Loop:
    group = Loop("GS", _ENVELOPE)
    codes = (interchange.sender_code or interchange.sender, interchange.receiver_code or interchange.receiver)
    made = {4: f"{interchange.made_at:%Y%m%d}", 5: f"{interchange.made_at:%H%M}"}
    control = str(interchange.control_number)
    group.put("GS", {1: professional.GROUP, 2: codes[0], 3: codes[1], **made, 6: control, 7: "X", 8: VERSION})
    return group


def _trailer(name: str, counted: int, control: str, pen: Pen) -> Segment:
    return Segment(pen.element.join((name, str(counted), control)), use_of(name, name, ""), _ENVELOPE)


def _judge(
    data: bytes, texts: Sequence[str], segments: Sequence[Segment], pen: Pen, refused: Refused
) -> None:
    """Tells what the structural edits find in the file, by what stands at its place."""
    found = pl.concat(part.findings for part in read_stream(io.BytesIO(data), name=_NAME, structure=True))
    if not len(found):
        return
    starts = list(accumulate(map(len, texts), initial=0))
    for rule, number, byte in found.select("rule", "segment", "byte").iter_rows():
        segment = segments[number - 1]
        before = segment.text[: byte - starts[number - 1]]
        component = before.rpartition(pen.element)[2].count(pen.component) + 1
        what = name_of(segment.use, (before.count(pen.element), component))
        refused.add(segment.owner, what, f"({rule}: {EDITS[rule].title.removesuffix('.')})")


def _raise(refused: Refused) -> None:
    if refused.reasons:
        raise BadRequest(
            f"no file is written; {'; '.join(refused.reasons)}",
            where="the claims and parties given",
            fix="Give what is missing and mend the rest.",
        )
