"""Who takes part in professional claims, by name: what the frames that rules read leave out.

For a practice that takes in claims made elsewhere.  None of these frames becomes part of a book, and no
record here shows what is in it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import polars as pl

from anodyne.model.frames import Schema, checked, empty
from anodyne.x12.columns import Reading, day, text
from anodyne.x12.guide import Column, Source
from anodyne.x12.kind import check_kind
from anodyne.x12.loops import place
from anodyne.x12.owners import Owners, last_before
from anodyne.x12.read import ClaimOwners
from anodyne.x12.segments import Segments
from anodyne.x12.windows import WINDOW_BYTES, read_windows, windows

_PERSON: Final = ("last", "first", "middle", "suffix")
_ADDRESS: Final = ("street", "street_more", "city", "state", "zip")


def _named(prefix: str, *fields: str) -> Schema:
    return {f"{prefix}_{name}": pl.String for name in fields}


PARTIES: Final[Schema] = {
    "claim_key": pl.UInt32,  # one row is one CLM: the key of the same claim in `frames.CLAIMS`
    "dependent": pl.Boolean,  # whether the patient is somebody else than the subscriber
    **_named("patient", *_PERSON, *_ADDRESS),  # 2010CA of a dependent, else 2010BA
    **_named("subscriber", "kind", *_PERSON, *_ADDRESS),  # 2010BA; kind is NM102, 2 for an employer
    "subscriber_birth_date": pl.Date,
    "subscriber_sex": pl.String,
    **_named("billing", "kind", "npi", *_PERSON, *_ADDRESS),  # 2010AA; `last` is an organisation's name too
    "billing_tax_id": pl.String,  # REF*EI, else REF*SY
    "billing_tax_id_kind": pl.String,
    "billing_phone": pl.String,  # PER, the first number of kind TE
    **_named("pay_to", *_ADDRESS),  # 2010AB
    **_named("facility", "name", "npi", *_ADDRESS),  # 2310C
    **_named("payer", "name", "id", *_ADDRESS),  # 2010BB
}
PRACTITIONERS: Final[Schema] = {
    "claim_key": pl.UInt32,  # one row is one practitioner of one claim, or of a line of it
    "role": pl.String,  # rendering, referring, primary_care, supervising or ordering
    "npi": pl.String,  # null where there is none
    "kind": pl.String,  # NM102: 1 a person, 2 an organisation
    **dict.fromkeys(_PERSON, pl.String),
    "taxonomy": pl.String,
}

_ROLES: Final = {
    "82": "rendering",
    "DN": "referring",
    "P3": "primary_care",
    "DQ": "supervising",
    "DK": "ordering",
}
_ROLE_LOOPS: Final = ("2310A", "2310B", "2310D", "2420A", "2420D", "2420E", "2420F")
_IS_NPI: Final = (8, "XX")


@dataclass(frozen=True, slots=True)
class Who:
    """Who takes part in the claims of one window of a file."""

    parties: pl.DataFrame = field(repr=False)
    """Columns of PARTIES, one row a claim, in order."""
    practitioners: pl.DataFrame = field(repr=False)
    """Columns of PRACTITIONERS, in the order of the file."""


def read_parties(path: Path | str, *, name: str | None = None, claim_key: int = 0) -> Iterator[Who]:
    """Everybody in an 837P file, window by window, so that memory stays flat.

    Keys count up from `claim_key` and are those that `read.read_claims` gives the same claims.  Raises as it
    does, but for a file without a transaction, which gives nothing.
    """
    called = str(path) if name is None else name
    yield from _who(read_windows(path, name=called), called, claim_key)


def read_parties_stream(
    stream: BinaryIO, *, name: str, claim_key: int = 0, size: int = WINDOW_BYTES
) -> Iterator[Who]:
    """`read_parties` of an open stream."""
    yield from _who(windows(stream, name=name, size=size), name, claim_key)


def _who(file_windows: Iterable[Segments], name: str, claim_key: int) -> Iterator[Who]:
    for window in file_windows:
        check_kind(window, name)
        owners = ClaimOwners(place(window))
        yield Who(_parties(owners, claim_key), _practitioners(owners, claim_key))
        claim_key += len(owners.claims)


def _parties(owners: ClaimOwners, first_key: int) -> pl.DataFrame:
    if not len(owners.claims):
        return empty(PARTIES)
    keys = np.arange(first_key, first_key + len(owners.claims), dtype=np.uint32)
    dependent = owners.rows(Source("patient", ("2000C",), "HL")) >= 0
    frame = owners.frame(_PARTY_COLUMNS).with_columns(
        pl.Series("claim_key", keys), pl.Series("dependent", dependent)
    )
    patient = {
        f"patient_{name}": pl.when("dependent").then(f"dependent_{name}").otherwise(f"subscriber_{name}")
        for name in (*_PERSON, *_ADDRESS)
    }
    own_number = pl.col("billing_ein").is_not_null()
    told = frame.with_columns(
        **patient,
        billing_tax_id=pl.coalesce("billing_ein", "billing_ssn"),
        billing_tax_id_kind=pl.when(own_number)
        .then(pl.lit("EI"))
        .when(pl.col("billing_ssn").is_not_null())
        .then(pl.lit("SY")),
        billing_phone=pl.coalesce("phone_1", "phone_2", "phone_3"),
    )
    return checked(told.select(pl.col(name).cast(kind) for name, kind in PARTIES.items()), PARTIES)


def _practitioners(owners: ClaimOwners, first_key: int) -> pl.DataFrame:
    placed = owners.placed
    rows = placed.rows("NM1", *_ROLE_LOOPS)
    claim = last_before(owners.claims, rows)
    held = (claim >= 0) & (placed.claim[rows] == np.append(owners.claims, -1)[claim])
    if not held.any():
        return empty(PRACTITIONERS)
    frame = Owners(placed, {"practitioner": rows}, {}).frame(_PRACTITIONER_COLUMNS)
    told = frame.with_columns(
        pl.Series("claim_key", first_key + np.maximum(claim, 0), dtype=pl.UInt32),
        role=pl.col("entity").replace_strict(_ROLES, default=None, return_dtype=pl.String),
    ).filter(pl.Series(held))
    return checked(
        told.select(pl.col(name).cast(kind) for name, kind in PRACTITIONERS.items()), PRACTITIONERS
    )


def _person(prefix: str, source: Source) -> Iterator[Column]:
    """A name, and whether a person or an organisation has it."""
    elements = {"kind": 2, "last": 3, "first": 4, "middle": 5, "suffix": 7}
    return (Column(f"{prefix}{name}", source, element, text) for name, element in elements.items())


def _address(prefix: str, owner: str, loop: str) -> Iterator[Column]:
    street, town = Source(owner, (loop,), "N3"), Source(owner, (loop,), "N4")
    places = ((street, 1), (street, 2), (town, 1), (town, 2), (town, 3))
    return (
        Column(f"{prefix}_{name}", source, element, text)
        for name, (source, element) in zip(_ADDRESS, places, strict=True)
    )


def _of(name: str, loop: str, segment: str, element: int, *, read: Reading = text) -> Column:
    return Column(name, Source("subscriber", (loop,), segment), element, read)


_SUBSCRIBER: Final = Source("subscriber", ("2010BA",), "NM1")
_DEPENDENT: Final = Source("patient", ("2010CA",), "NM1")
_BILLING: Final = Source("provider", ("2010AA",), "NM1")
_CALL: Final = Source("provider", ("2010AA",), "PER")
_FACILITY: Final = Source("claim", ("2310C",), "NM1")
_PRACTITIONER: Final = Source("practitioner", _ROLE_LOOPS, "NM1")
_PARTY_COLUMNS: Final = (
    *_person("dependent_", _DEPENDENT),
    *_address("dependent", "patient", "2010CA"),
    *_person("subscriber_", _SUBSCRIBER),
    *_address("subscriber", "subscriber", "2010BA"),
    _of("subscriber_birth_date", "2010BA", "DMG", 2, read=day),
    _of("subscriber_sex", "2010BA", "DMG", 3),
    *_person("billing_", _BILLING),
    Column("billing_npi", _BILLING, 9, text, when=_IS_NPI),
    *_address("billing", "provider", "2010AA"),
    Column("billing_ein", Source("provider", ("2010AA",), "REF", ("EI",)), 2, text),
    Column("billing_ssn", Source("provider", ("2010AA",), "REF", ("SY",)), 2, text),
    *(Column(f"phone_{n}", _CALL, 2 * n + 2, text, when=(2 * n + 1, "TE")) for n in (1, 2, 3)),
    *_address("pay_to", "provider", "2010AB"),
    Column("facility_name", _FACILITY, 3, text),
    Column("facility_npi", _FACILITY, 9, text, when=_IS_NPI),
    *_address("facility", "claim", "2310C"),
    _of("payer_name", "2010BB", "NM1", 3),
    _of("payer_id", "2010BB", "NM1", 9),
    *_address("payer", "subscriber", "2010BB"),
)
_PRACTITIONER_COLUMNS: Final = (
    Column("entity", _PRACTITIONER, 1, text),
    *_person("", _PRACTITIONER),
    Column("npi", _PRACTITIONER, 9, text, when=_IS_NPI),
    Column("taxonomy", Source("practitioner", _ROLE_LOOPS, "PRV"), 3, text),
)
