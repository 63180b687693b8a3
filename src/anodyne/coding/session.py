"""One session: what was done to one patient on one day, where, and who pays."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from anodyne.coding.procedures import Procedure


class Biller(StrEnum):
    """Whose claim it is."""

    PRACTITIONER = "practitioner"
    SURGERY_CENTRE = "surgery_centre"
    """The facility's own claim."""


@dataclass(frozen=True, slots=True)
class Payer:
    """What a claim says of its payer; policies are matched by it.  All empty: nothing is known of it."""

    payer_id: str | None = None
    payer_name: str | None = None
    filing: str | None = None
    """As SBR09: MB is Medicare Part B."""
    state: str | None = None
    """Where the service was given, as OH."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One procedure of a session."""

    number: int
    """Its place in the session, from 0."""
    family: str
    facts: Procedure


@dataclass(frozen=True, slots=True)
class Session:
    """Everything that is told of one session; nothing of the patient."""

    day: dt.date
    place: str
    """Place of service, two digits."""
    entries: tuple[Entry, ...]
    payer: Payer = Payer()
    biller: Biller = Biller.PRACTITIONER
    diagnoses: tuple[str, ...] = ()
    """ICD-10-CM codes of the claim in their order, without dots."""
