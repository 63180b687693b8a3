"""The tables that a practice writes down: their columns, and what must hold between cells and rows."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

import polars as pl

from anodyne.model import frames
from anodyne.model.care import (
    PROGRAMMES,
    Complexity,
    ConsentMode,
    ConsentTopic,
    Element,
    Mode,
    PainFinding,
    Program,
    Role,
)
from anodyne.sheets.columns import (
    DAY,
    NPI,
    NUMBER,
    PLACE,
    SCORE,
    STATE,
    TEXT,
    TIME,
    WHOLE,
    Kind,
    Wrong,
    one_of,
    some_of,
)

LONGEST_ENTRY: Final = dt.timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    kind: Kind
    needed: bool = False
    """The column must be there, and no cell of it empty."""
    kept: bool = True
    """It becomes part of the frame; another is not looked at."""


@dataclass(frozen=True, slots=True)
class Check:
    """What must not be between the cells of one row; null passes."""

    column: str
    """The column that a message names."""
    breaks: pl.Expr
    wrong: Wrong


@dataclass(frozen=True, slots=True)
class Unique:
    """Columns that together are the same in no two rows; one that is empty passes."""

    columns: tuple[str, ...]
    """A message names the first."""
    message: str
    """Before the row of the first."""
    next_step: str


@dataclass(frozen=True, slots=True)
class Apart:
    """Columns that together are the same in no two rows on one day; an empty cell is a value like another.

    The days are those from `from` up to but not including `until`; no `until` means no end.
    """

    columns: tuple[str, ...]
    message: str
    """Before the row of the one that began earlier; it is told of the column `from`."""
    next_step: str


@dataclass(frozen=True, slots=True)
class Table:
    """What a file may hold, and the frame that it becomes."""

    name: str
    key: str
    """The column of the frame that numbers its rows from 0."""
    schema: frames.Schema
    columns: tuple[Column, ...]
    unique: Unique | None
    checks: tuple[Check, ...]
    apart: Apart | None = None


TIME_TABLE: Final = Table(
    "time",
    "entry_key",
    frames.TIME,
    (
        Column("entry_id", TEXT, needed=True),
        Column("patient", TEXT, needed=True),
        Column("practitioner", NPI, needed=True),
        Column("performer", TEXT),
        Column("role", one_of("role", tuple(Role)), needed=True),
        Column("start", TIME, needed=True),
        Column("end", TIME, needed=True),
        Column("program", one_of("program", tuple(Program)), needed=True),
        Column("mode", one_of("mode", tuple(Mode)), needed=True),
        Column("pos", PLACE),
        Column("elements", some_of("element", tuple(Element), told=True)),
        Column("note", TEXT, kept=False),
    ),
    Unique(("entry_id",), "the same id stands in row", "Give each entry an id of its own."),
    (
        Check(
            "end",
            pl.col("end") <= pl.col("start"),
            Wrong("the end is not after the start", "Look at both times, and their offsets."),
        ),
        Check(
            "end",
            pl.col("end") - pl.col("start") > LONGEST_ENTRY,
            Wrong("the entry is longer than 12 hours", "Look at both days, or enter each sitting by itself."),
        ),
    ),
)

ENROLMENTS_TABLE: Final = Table(
    "enrolments",
    "enrolment_key",
    frames.ENROLMENTS,
    (
        Column("patient", TEXT, needed=True),
        Column("practitioner", NPI, needed=True),
        Column("program", one_of("program to be enrolled in", PROGRAMMES), needed=True),
        Column("payer", TEXT),
        Column("state", STATE),
        Column("consent_on", DAY),
        Column("consent_mode", one_of("way to consent", tuple(ConsentMode))),
        Column("consent_revoked_on", DAY),
        Column("consent_covers", some_of("topic of a consent", tuple(ConsentTopic), told=False)),
        Column("pain_months", NUMBER),
        Column("pain_finding", one_of("finding", tuple(PainFinding))),
        Column("conditions", WHOLE),
        Column("initiated_on", DAY),
        Column("initiated_minutes", NUMBER),
        Column("initiated_mode", one_of("mode", tuple(Mode))),
        Column("initiated_pos", PLACE),
        Column("plan_on", DAY),
        Column("scale", TEXT),
        Column("scale_score", SCORE),
        Column("scale_on", DAY),
        Column("prior_months", WHOLE),
        Column("discharged_on", DAY),
        Column("contacted_on", DAY),
        Column("visited_on", DAY),
        Column("complexity", one_of("complexity", tuple(Complexity))),
    ),
    Unique(
        ("patient", "practitioner", "program"),
        "the same patient, practitioner and program stand in row",
        "Keep one of the rows.",
    ),
    (
        Check(
            "consent_revoked_on",
            pl.col("consent_revoked_on") < pl.col("consent_on"),
            Wrong("the consent is revoked before it is given", "Look at consent_on and consent_revoked_on."),
        ),
    ),
)

CHOICES_TABLE: Final = Table(
    "choices",
    "choice_key",
    frames.CHOICES,
    (
        Column("entry_id", TEXT, needed=True),
        Column("programs", some_of("program", PROGRAMMES, told=True), needed=True),
        Column("marked_by", TEXT, needed=True),
        Column("marked_on", DAY, needed=True),
    ),
    Unique(("entry_id",), "the same entry stands in row", "Name all its programmes in one row."),
    (),
)
