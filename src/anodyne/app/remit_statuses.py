"""Where each claim that was sent stands: acknowledgement files in, standings and the proof of filing out."""

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from anodyne.app.home import data_home
from anodyne.app.reading import STANDARD_INPUT, each_once, parts, shown
from anodyne.denials.answers import Submitted, answers
from anodyne.denials.standings import standings
from anodyne.kernel.errors import BadRequest
from anodyne.model.frames import ACKNOWLEDGEMENTS, CLAIM_STATUSES, CLAIMS, LINES, Schema, empty
from anodyne.reference.tables import Reference, load
from anodyne.x12.read_statuses import StatusKeys, StatusPart, read_status_stream, read_statuses
from anodyne.x12.sent import Sent, read_sent, together


@dataclass(frozen=True, slots=True)
class StatusFile:
    """A file that was read: its digest is what a proof names it by."""

    path: str
    sha256: str
    number: int
    """How many claims it sent, or how many things it says."""


@dataclass(frozen=True, slots=True)
class StatusReport:
    """What acknowledgements say of the claims that were sent."""

    sent: tuple[StatusFile, ...]
    read: tuple[StatusFile, ...]
    standings: pl.DataFrame = field(repr=False)
    """Columns of `frames.STANDINGS`, one row for each claim, in the order of the files."""
    answers: pl.DataFrame = field(repr=False)
    """Columns of `frames.ANSWERS`."""
    strays: pl.DataFrame = field(repr=False)
    """Columns of `frames.STRAYS`: what is of no claim that is known, with the reason."""
    acknowledgements: pl.DataFrame = field(repr=False)
    """Columns of `frames.ACKNOWLEDGEMENTS`, as read."""
    statuses: pl.DataFrame = field(repr=False)
    """Columns of `frames.CLAIM_STATUSES`, as read."""
    repeated: tuple[str, ...] = ()
    """Files whose bytes had been given before, and which were not read again."""


def remit_statuses(
    paths: Sequence[str], *, claims: Sequence[str], reference: Reference | None = None
) -> StatusReport:
    """Where the claims of the 837P files `claims` stand by the 999, 997 and 277CA files at `paths`.

    One of `paths` may be `-`, standard input.  A file given twice counts once.
    Raises UnreadableFile or one of its kinds, and then nothing is told; BadRequest where nothing is given.
    """
    for what, given in (("acknowledgement", paths), ("file of claims that was sent", claims)):
        if not given:
            raise BadRequest(f"no {what} is given", where="remit status", fix="Name at least one.")
    if STANDARD_INPUT in claims:
        raise BadRequest(
            "the claims that were sent are read twice, which standard input cannot be",
            where=STANDARD_INPUT,
            fix="Name a file.",
        )
    once, repeated = each_once(paths, claims)
    sent_files, submitted = _submitted([path for path, is_answer in once if not is_answer])
    read_files, acknowledgements, statuses = _read([path for path, is_answer in once if is_answer])
    reference = load(data_home()) if reference is None else reference
    found = answers(submitted, acknowledgements, statuses, reference)
    return StatusReport(
        sent_files,
        read_files,
        standings(submitted, found.answers),
        found.answers,
        found.strays,
        acknowledgements,
        statuses,
        tuple(repeated),
    )


def _submitted(paths: Sequence[str]) -> tuple[tuple[StatusFile, ...], Submitted]:
    files, claims, lines = [], [], []
    sent: list[Sent] = []
    claim_key = line_key = sent_key = 0
    for path in paths:
        name = shown(path)
        digest = hashlib.sha256()
        before = claim_key
        for part in parts(path, False, name=name, judged=True, claim_key=claim_key, line_key=line_key):
            digest.update(part.raw)
            claims.append(part.claims)
            lines.append(part.lines)
            claim_key += len(part.claims)
            line_key += len(part.lines)
        sent.append(read_sent(path, name=name, sent_key=sent_key))
        sent_key += len(sent[-1].transactions)
        files.append(StatusFile(name, digest.hexdigest(), claim_key - before))
    all_sent = together(sent)
    submitted = Submitted(
        _stacked(claims, CLAIMS), _stacked(lines, LINES), all_sent.transactions, all_sent.claims
    )
    return tuple(files), submitted


def _read(paths: Sequence[str]) -> tuple[tuple[StatusFile, ...], pl.DataFrame, pl.DataFrame]:
    files, acknowledgements, statuses = [], [], []
    keys = StatusKeys()
    for path in paths:
        name = shown(path)
        digest = hashlib.sha256()
        number = 0
        for part in _status_parts(path, name, keys):
            digest.update(part.raw)
            acknowledgements.append(part.acknowledgements)
            statuses.append(part.statuses)
            said = len(part.acknowledgements), len(part.statuses)
            keys = StatusKeys(keys.acknowledgement_key + said[0], keys.status_key + said[1])
            number += sum(said)
        files.append(StatusFile(name, digest.hexdigest(), number))
    return tuple(files), _stacked(acknowledgements, ACKNOWLEDGEMENTS), _stacked(statuses, CLAIM_STATUSES)


def _status_parts(path: str, name: str, keys: StatusKeys) -> Sequence[StatusPart]:
    if path != STANDARD_INPUT:
        return list(read_statuses(Path(path), name=name, keys=keys))
    return list(read_status_stream(sys.stdin.buffer, name=name, keys=keys))


def _stacked(frames: Sequence[pl.DataFrame], schema: Schema) -> pl.DataFrame:
    some = [frame for frame in frames if len(frame)]
    return pl.concat(some) if some else empty(schema)
