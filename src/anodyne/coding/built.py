"""What comes out: lines with their reasons, questions, and what is not billed."""

import datetime as dt
from dataclasses import dataclass

from anodyne.coding.session import Payer
from anodyne.kernel.cite import Cite


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is as it is, in our own words."""

    says: str
    rests_on: str
    """The facts that it rests on, as they were told."""
    cites: tuple[Cite, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One service line."""

    code: str
    modifiers: tuple[str, ...]
    units: int
    dx_pointers: tuple[int, ...]
    """Places of its diagnoses in those of the claim, from 1, the reason for it first."""
    reasons: tuple[Reason, ...]
    procedures: tuple[int, ...]
    """Places of the procedures it comes of in the session, from 0."""
    ndc: str | None = None
    ndc_qty: float | None = None
    ndc_unit: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A fact that is missing, who can give it, and what hangs on it."""

    asks: str
    who: str
    fact: str
    """The name of the field, or of the payer's value, that would answer it."""
    procedure: int | None
    """Place of the procedure in the session, from 0; None for the session or its payer."""
    changes: str
    """What the answer may change."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that was done, or might be thought of, and is not billed."""

    code: str | None
    why: Reason
    procedures: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Built:
    """A session as codes.  It is ready where there are no questions."""

    day: dt.date
    place: str
    payer: Payer
    diagnoses: tuple[str, ...]
    lines: tuple[Line, ...]
    questions: tuple[Question, ...]
    left_out: tuple[LeftOut, ...]
