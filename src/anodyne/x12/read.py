"""Professional claims as frames: one walk over the declared columns for each window."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import numpy as np
import polars as pl

from anodyne.kernel.errors import Place, WrongKind
from anodyne.model.book import Book
from anodyne.model.coordination import ONE_PAYER, Coordination
from anodyne.model.frames import CLAIMS, FINDINGS, LINES, checked, empty
from anodyne.model.outcome import Outcome
from anodyne.x12 import professional
from anodyne.x12.edits import EDITS
from anodyne.x12.guide import Source
from anodyne.x12.kind import check_kind
from anodyne.x12.loops import ENVELOPE, LOOP, LOOPS, Placed, place
from anodyne.x12.owners import ABSENT, Owners, last_before, row_before
from anodyne.x12.read_coordination import Keyed, OtherKeys, read_coordination
from anodyne.x12.segments import Rows, Segments
from anodyne.x12.structure import Structure
from anodyne.x12.windows import WINDOW_BYTES, read_windows, windows

_FOUND_NOTHING: Final = empty(FINDINGS)
FIRST_OTHER: Final = OtherKeys()
_IS_ENVELOPE: Final = np.isin(LOOPS, ENVELOPE)


@dataclass(frozen=True, slots=True)
class Part:
    """What one window of a file holds."""

    claims: pl.DataFrame = field(repr=False)
    lines: pl.DataFrame = field(repr=False)
    findings: pl.DataFrame = field(repr=False)
    """Structural findings, in the columns of `frames.FINDINGS`; none where they were not asked for."""
    coordination: Coordination = field(repr=False)
    """What the claims tell of payers besides the one they go to; nothing where it was not asked for."""
    raw: bytes = field(repr=False)
    """The window's bytes as they stand in the file; all parts' together are the file."""


def read_claims(
    path: Path | str,
    *,
    name: str | None = None,
    judged: bool = True,
    structure: bool = False,
    coordination: bool = False,
    claim_key: int = 0,
    line_key: int = 0,
    other_keys: OtherKeys = FIRST_OTHER,
) -> Iterator[Part]:
    """The claims of an 837P file, window by window, so that memory stays flat.

    With `structure` also what is wrong in the file's form, the last of it in a part of its own at the end;
    with `coordination` also what claims tell of other payers.  Keys count up from `claim_key`, `line_key` and
    `other_keys`.  Frames and errors call the file `name`, or by its path.
    Raises UnreadableFile or one of its kinds (with file, segment and byte) as soon as the file is seen not to
    be whole, readable 5010 professional claims; nothing read before then should be used.
    """
    keys = _Keys(claim_key, line_key, other_keys if coordination else None)
    called = str(path) if name is None else name
    yield from _parts(read_windows(path, name=called), called, judged=judged, structure=structure, keys=keys)


def read_stream(
    stream: BinaryIO,
    *,
    name: str,
    judged: bool = True,
    structure: bool = False,
    coordination: bool = False,
    claim_key: int = 0,
    line_key: int = 0,
    other_keys: OtherKeys = FIRST_OTHER,
    size: int = WINDOW_BYTES,
) -> Iterator[Part]:
    """`read_claims` of an open stream, as standard input."""
    keys = _Keys(claim_key, line_key, other_keys if coordination else None)
    found = windows(stream, name=name, size=size)
    yield from _parts(found, name, judged=judged, structure=structure, keys=keys)


def read_book(path: Path | str) -> Book:
    """All claims and lines of one 837P file."""
    return book_of(list(read_claims(path)))


def book_of(parts: Sequence[Part]) -> Book:
    """The book that `parts` make together."""
    claims = [part.claims for part in parts if len(part.claims)]
    lines = [part.lines for part in parts if len(part.lines)]
    return Book(pl.concat(claims) if claims else empty(CLAIMS), pl.concat(lines) if lines else empty(LINES))


class _Keys(NamedTuple):
    claim_key: int
    line_key: int
    others: OtherKeys | None
    """None where other payers are not read."""


def _parts(
    file_windows: Iterable[Segments], name: str, *, judged: bool, structure: bool, keys: _Keys
) -> Iterator[Part]:
    checks = Structure(name) if structure else None
    claim_key, line_key, other_keys = keys
    transactions = 0
    where: str | Place = name
    # A window's structure is checked while its frames are made: much of both is done outside Python's lock.
    with ThreadPoolExecutor(max_workers=1) as beside:
        for window in file_windows:
            transactions += check_kind(window, name)
            where = window.place(len(window) - 1, name)
            placed = place(window)
            wrong = None if checks is None else beside.submit(checks.check, placed)
            owners = ClaimOwners(placed)
            claims = _claims(owners, name, judged, claim_key)
            lines = _lines(owners, claims, line_key)
            others = ONE_PAYER
            if other_keys is not None:
                others = _others(owners, claims, lines, other_keys)
                other_keys = other_keys.after(others)
            found = _FOUND_NOTHING
            if wrong is not None:
                found = _found(wrong.result(), claims, lines, owners.claims, name)
            claim_key += len(claims)
            line_key += len(lines)
            yield Part(claims, lines, found, others, window.raw)
    if checks is not None:
        rest = _found(checks.finish(), empty(CLAIMS), empty(LINES), np.zeros(0, np.int64), name)
        yield Part(empty(CLAIMS), empty(LINES), rest, ONE_PAYER, b"")
    if not transactions:
        raise WrongKind(
            "the file holds no transaction",
            where=where,
            fix="An 837P file has at least one ST…SE with claims inside: export it again.",
        )


class ClaimOwners(Owners):
    """Which segments belong to which claim, line, patient, subscriber and billing provider of a window."""

    def __init__(self, placed: Placed) -> None:
        window, levels, loop = placed.window, placed.rows("HL"), placed.loop
        claims, lines = placed.rows("CLM"), placed.rows("LX", "2400")
        self.claims = claims[claims >= window.context]
        self.lines = lines[lines >= window.context]
        self._envelope = placed.opens[_IS_ENVELOPE[loop[placed.opens]]]
        above = {
            "provider": levels[loop[levels] == LOOP["2000A"]],
            "subscriber": levels[loop[levels] == LOOP["2000B"]],
            "patient": levels[loop[levels] == LOOP["2000C"]],
        }
        starts = {**above, "claim": self.claims, "line": self.lines}
        super().__init__(placed, starts, self._levels_of_claim(above))
        self.claim_of_line = self._claim_of_line(levels)

    def _claim_of_line(self, levels: Rows) -> Rows:
        """For each line the place of its claim; ABSENT where a level or the envelope came between them."""
        claim = last_before(self.claims, self.lines)
        row = np.where(claim >= 0, np.append(self.claims, -1)[claim], -1)
        between = np.maximum(row_before(levels, self.lines), row_before(self._envelope, self.lines))
        return np.where(row > between, claim, ABSENT)

    def _levels_of_claim(self, levels: Mapping[str, Rows]) -> dict[str, Rows]:
        """For each claim, the place of the levels it stands under, by owner; ABSENT where there is none.

        A level ends where a wider one begins, and with its transaction: a claim directly under its subscriber
        has no patient level, whatever stood under an earlier one.
        """
        floor = row_before(self._envelope, self.claims)
        of_claim = {}
        for owner, starts in levels.items():
            row = row_before(starts, self.claims)
            of_claim[owner] = np.where(row > floor, last_before(starts, self.claims), ABSENT)
            floor = np.maximum(floor, row)
        return of_claim


def _claims(owners: ClaimOwners, name: str, judged: bool, first_key: int) -> pl.DataFrame:
    window, rows = owners.window, owners.claims
    if not len(rows):
        return empty(CLAIMS)
    raw = owners.frame(professional.CLAIM_COLUMNS)
    dependent = owners.rows(Source("patient", ("2000C",), "HL")) >= 0
    keys = np.arange(first_key, first_key + len(rows), dtype=np.uint32)
    frame = raw.with_columns(
        pl.Series("claim_key", keys),
        pl.lit(judged).alias("judged"),
        pl.lit(name).alias("file"),
        pl.Series("segment", window.segment_number(rows), dtype=pl.UInt32),
        pl.Series("byte", window.byte(window.start[rows]), dtype=pl.Int64),
        pl.Series("dependent", dependent),
        state=pl.coalesce("facility_state", "billing_state"),
        zip=pl.coalesce("facility_zip", "billing_zip"),
        property_claim=pl.coalesce("patient_property_claim", "subscriber_property_claim"),
    ).with_columns(
        relationship=pl.when("dependent").then("patient_relationship").otherwise("subscriber_relationship"),
        birth_date=pl.when("dependent").then("patient_birth").otherwise("subscriber_birth"),
        sex=pl.when("dependent").then("patient_sex").otherwise("subscriber_sex"),
    )
    return checked(frame.with_columns(patient=_patient()).select(CLAIMS.keys()), CLAIMS)


def _patient() -> pl.Expr:
    """One number per person: of member id, birth date and a dependent's first name; without id, per claim."""
    dependent = pl.lit("+") + pl.col("patient_first_name").str.to_uppercase().fill_null("")
    person = pl.concat_str(
        pl.col("member_id").str.to_uppercase(),
        pl.col("birth_date").cast(pl.Int32).cast(pl.String).fill_null(""),
        pl.when("dependent").then(dependent).otherwise(pl.lit("")),
        separator="|",
    )
    alone = pl.concat_str(pl.col("file"), pl.col("byte").cast(pl.String), separator="|")
    return pl.coalesce(person, alone).hash(seed=837)


def _lines(owners: ClaimOwners, claims: pl.DataFrame, first_key: int) -> pl.DataFrame:
    window = owners.window
    owned = owners.claim_of_line >= 0
    rows = owners.lines[owned]
    if not len(rows):
        return empty(LINES)
    raw = owners.frame(professional.LINE_COLUMNS)
    if not owned.all():
        raw = raw.filter(pl.Series(owned))
    claim_row = owners.claim_of_line[owned]
    of_claim = claims.select(
        "claim_key", "pos", "rendering_npi", "rendering_taxonomy", "auth_number", "clia"
    )[claim_row]
    own_rendering = pl.col("line_rendering_npi").is_not_null()
    frame = raw.hstack(of_claim).with_columns(
        pl.Series("line_key", np.arange(first_key, first_key + len(rows), dtype=np.uint32)),
        pl.Series("segment", window.segment_number(rows), dtype=pl.UInt32),
        pl.Series("byte", window.byte(window.start[rows]), dtype=pl.Int64),
        pos=pl.coalesce("line_pos", "pos"),
        rendering_taxonomy=pl.when(own_rendering)
        .then("line_rendering_taxonomy")
        .otherwise("rendering_taxonomy"),
        rendering_npi=pl.coalesce("line_rendering_npi", "rendering_npi"),
        auth_number=pl.coalesce("line_auth_number", "auth_number"),
        clia=pl.coalesce("line_clia", "clia"),
    )
    return checked(frame.select(LINES.keys()), LINES)


def _others(owners: ClaimOwners, claims: pl.DataFrame, lines: pl.DataFrame, keys: OtherKeys) -> Coordination:
    owned = owners.lines[owners.claim_of_line >= 0]
    return read_coordination(
        owners.placed,
        Keyed(owners.claims, claims["claim_key"].to_numpy()),
        Keyed(owned, lines["line_key"].to_numpy()),
        keys,
    )


def _found(
    found: pl.DataFrame, claims: pl.DataFrame, lines: pl.DataFrame, rows: Rows, name: str
) -> pl.DataFrame:
    """Structural findings of a window as FINDINGS: each with its claim, line, outcome and what is at risk."""
    if not len(found):
        return _FOUND_NOTHING
    claim_row = pl.DataFrame(
        {"claim_row": rows, "claim_key": claims["claim_key"]}, schema_overrides={"claim_row": pl.Int64}
    )
    of_claim = claims.select("claim_key", claim="claim_id", claim_cents="charge_cents")
    of_line = lines.unique(["claim_key", "line"], keep="first").select(
        "claim_key", "line", "line_key", line_cents="charge_cents"
    )
    placed = (
        found.join(claim_row, on="claim_row", how="left", maintain_order="left")
        .join(of_claim, on="claim_key", how="left", maintain_order="left")
        .join(of_line, on=["claim_key", "line"], how="left", maintain_order="left")
    )
    outcome = pl.col("rule").replace_strict(
        {edit.id: edit.outcome.value for edit in EDITS.values()}, return_dtype=pl.String
    )
    refused = pl.col("outcome") == Outcome.REJECT.value
    return (
        placed.with_columns(
            rule_key=pl.col("rule"),
            outcome=outcome,
            file=pl.lit(name),
            needs=pl.lit([], dtype=pl.List(pl.String)),
            fix=pl.lit(None, pl.String),
            ruling=pl.lit(None, pl.UInt32),
        )
        .with_columns(
            at_risk_cents=pl.when(pl.col("outcome") == Outcome.ASK.value)
            .then(0)
            .when(refused)
            .then("claim_cents")
            .otherwise(pl.coalesce("line_cents", "claim_cents"))
            .fill_null(0)
            .clip(lower_bound=0)
        )
        .select(pl.col(column).cast(kind) for column, kind in FINDINGS.items())
    )
