"""What a rule is: its name, its authority, and a few expressions over the facts of one view."""

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import polars as pl

from anodyne.kernel.cite import Cite, Confidence
from anodyne.kernel.errors import BadRule
from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.reference.sources import source

_ID: Final = re.compile(r"[A-Z][A-Z0-9]*-[A-Z0-9]+[a-z]?")


class View(StrEnum):
    """The frames that rules judge: what one row is."""

    LINE = "line"
    """One service line, with the reference rows in force on its day."""
    PAIR = "pair"
    """Two lines of one patient, day and practitioner that a pair edit names, judged at the one not paid."""
    CLAIM = "claim"
    """One claim."""
    DIAGNOSIS = "diagnosis"
    """One diagnosis of one claim."""
    POINTED = "pointed"
    """One service line and the diagnoses it points to."""
    CARE = "care"
    """One line of monthly care management, with what else the month holds."""
    SESSION = "session"
    """One patient, day, region and kind of spinal procedure, with the sessions before it."""
    COURSE = "course"
    """One patient, day and kind of service that is repeated, with the days before it."""
    PLACE = "place"
    """One line that is a visit or by telehealth, with what its place and modifiers say of it."""
    MODIFIER = "modifier"
    """One line with what its modifiers say, or ought to say where it was given."""
    COVERAGE = "coverage"
    """One line whose code a Medicare contractor covers for some diagnoses only."""
    FOLLOWING = "following"
    """One line that an earlier service of its practitioner reaches: a global period, or a visit before."""
    MONTH = "month"
    """One month of care management of a patient, practitioner and programme, before it is a claim."""


class Payers(StrEnum):
    """Whom a rule is about."""

    EVERYONE = "everyone"
    """What a code itself means, or every payer requires.  Values of a payer's own come from its policy."""
    MEDICARE = "medicare"
    """Medicare Part B."""


@dataclass(frozen=True, slots=True)
class Drop:
    """The fix that leaves the line out."""


@dataclass(frozen=True, slots=True)
class Set:
    """The fix that gives columns of the line other values; none is offered on a row where a value is null."""

    values: Mapping[str, pl.Expr]


Fix = Drop | Set


@dataclass(frozen=True, slots=True)
class Check:
    """The expressions of a rule.

    A row is the rule's business where `subject` is true.  There, `violates` true is a finding, false passes,
    and null cannot be told: an ask that names the facts missing.  `says` is the message of a finding, `asks`
    that of an ask.
    """

    violates: pl.Expr
    says: pl.Expr
    subject: pl.Expr = field(default_factory=lambda: pl.lit(value=True))
    asks: pl.Expr | None = None
    fix: Fix | None = None
    at_risk_cents: pl.Expr = field(default_factory=lambda: pl.col("charge_cents"))
    codes: Sequence[str] = ("code",)
    """The columns whose values the finding is about."""
    needs: str | None = None
    """For a rule that is a question by itself: what is to be found out, and who can say it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One dated rule with its authority."""

    id: str
    view: View
    outcome: Outcome
    in_force: Span
    payers: Payers
    cites: tuple[Cite, ...]
    check: Check
    title: str
    statement: str
    module: str

    @property
    def key(self) -> str:
        """The id with the day the rule came into force: unique where a changed rule follows under one id.

        One fact may judge claims, and months before they are claims: those keys say so.
        """
        return f"{self.id}@{self.in_force.start}{'' if self.of_claims else f'/{self.view}'}"

    @property
    def of_claims(self) -> bool:
        """Whether it judges claims, rather than months of care management."""
        return self.view is not View.MONTH

    def reads(self) -> set[str]:
        """The columns of its view that the rule reads."""
        expressions = [self.check.violates, self.check.says, self.check.subject, self.check.at_risk_cents]
        if self.check.asks is not None:
            expressions.append(self.check.asks)
        if isinstance(self.check.fix, Set):
            expressions.extend(self.check.fix.values.values())
        return {name for e in expressions for name in e.meta.root_names()} | set(self.check.codes)


def cite(source_id: str, section: str, *, confidence: Confidence | None = None) -> Cite:
    """A citation of a listed source, as sure as the source unless said otherwise.

    Raises BadReference where the source is not listed.
    """
    found = source(source_id).cite(section)
    return found if confidence is None else dataclasses.replace(found, confidence=confidence)


def rule(
    *,
    id: str,  # noqa: A002  the word the field uses
    view: View,
    outcome: Outcome,
    in_force: Span,
    cites: Sequence[Cite],
    payers: Payers = Payers.EVERYONE,
) -> Callable[[Callable[[], Check]], Rule]:
    """Make a rule of a function that returns its check.

    The first line of the docstring is the rule's title, the rest its statement.  Raises BadRule where the id
    is malformed, or the docstring or the citations are missing, or where what is no question needs something.
    """

    def made(function: Callable[[], Check]) -> Rule:
        where = f"{function.__module__}.{function.__name__}"
        text = (function.__doc__ or "").strip()
        title, _, rest = text.partition("\n")
        if not title.endswith("."):
            raise BadRule(
                "a rule has no title",
                where=where,
                fix="Give its function a docstring whose first line is a sentence.",
            )
        if not cites:
            raise BadRule(
                "a rule cites no authority", where=where, fix="Add the source and section it rests on."
            )
        if not _ID.fullmatch(id):
            raise BadRule(
                f"a rule has the id {id!r}", where=where, fix="Use the id of the fact, as INJ-01 or INJ-01a."
            )
        check = function()
        if check.needs is not None and outcome is not Outcome.ASK:
            raise BadRule(
                "a rule that is no question says what it needs",
                where=where,
                fix="Leave out `needs`: a fact of the view that may be missing says it there.",
            )
        statement = " ".join(line.strip() for line in rest.strip().splitlines())
        return Rule(
            id,
            view,
            outcome,
            in_force,
            payers,
            tuple(cites),
            check,
            title,
            statement,
            function.__module__,
        )

    return made
