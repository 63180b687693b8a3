"""What payers decide of a claim: what they allow, deny, cut and leave to the patient, line by line.

This is arithmetic of its own, by the fee schedule and the contracts: nothing that judges remittances is used.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import polars as pl

from anodyne.kernel.errors import BadRequest
from anodyne.reference.fees import national_cents
from anodyne.reference.tables import Reference, in_force
from anodyne.simulator.bills import Bill, charge_cents
from anodyne.simulator.scenario import Payer, Scenario
from anodyne.simulator.visits import Line

_TAXONOMY_PREFIX: Final = 4
FACILITIES: Final = frozenset({"24"})
BOTH: Final = "50"
_WHOLE: Final = 1_000
_TERMS: Final = ("bilateral", "nonphysician", "sequestration")
_DOLLAR: Final = 100

Adjustment = tuple[str, str, int]
"""Group, reason and cents."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a payer does not pay, and by which route that is answered."""

    reason: str
    remarks: tuple[str, ...]
    route: str
    """appeal, corrected, records, or none where nothing is to be asked."""


REFUSALS: Final[Mapping[str, Refusal]] = MappingProxyType(
    {
        "modifier": Refusal("97", (), "corrected"),
        "authorisation": Refusal("197", (), "appeal"),
        "bundling": Refusal("97", ("M15",), ""),
        "diagnosis": Refusal("16", ("M76",), "corrected"),
        "units": Refusal("151", ("N362",), "corrected"),
        "drug": Refusal("4", (), "corrected"),
        "complexity": Refusal("97", ("M15",), ""),
        "new_patient": Refusal("B16", (), "corrected"),
        "duplicate": Refusal("18", (), ""),
        "necessity": Refusal("50", ("N115",), "appeal"),
        "coverage": Refusal("27", (), ""),
        "records": Refusal("252", ("N706",), "records"),
        "unread": Refusal("197", (), "appeal"),
    }
)
"""By what the payer sees: a fault of the claim, or its own reason."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What a payer decided of one line."""

    line: Line
    charge_cents: int
    expected_cents: int
    """What it should have allowed; 0 of a line that should not have been billed."""
    allowed_cents: int
    paid_cents: int
    adjustments: tuple[Adjustment, ...]
    remarks: tuple[str, ...] = ()
    paid_as: str = ""
    """The code that the payer says it took the line for, where that is another."""

    @property
    def patient_cents(self) -> int:
        """What the payer leaves to the patient."""
        return sum(cents for group, _, cents in self.adjustments if group == "PR")

    @property
    def denied_cents(self) -> int:
        """What it refuses, at the charge."""
        return self.charge_cents if self.refused else 0

    @property
    def refused(self) -> bool:
        """Whether nothing of it is allowed."""
        return self.allowed_cents == 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What a payer decided of one claim."""

    lines: tuple[Decided, ...]
    verdict: str
    """paid, denied, partly_denied, or underpaid."""
    cause: str
    """A key of REFUSALS, downcode, one_side, or empty."""

    @property
    def deductible_cents(self) -> int:
        """What it counted to the deductible."""
        return sum(
            cents
            for line in self.lines
            for group, reason, cents in line.adjustments
            if (group, reason) == ("PR", "1")
        )

    def total(self, name: str) -> int:
        """The cents called `name` of all lines."""
        return sum(getattr(line, name) for line in self.lines)


@dataclass(slots=True)
class Shares:
    """What one patient has paid of the deductible, by year."""

    met: dict[int, int] = field(default_factory=dict)

    def take(self, payer: Payer, year: int, cents: int) -> int:
        """How much of `cents` falls under the deductible."""
        before = self.met.get(year, 0)
        taken = min(cents, payer.deductible_cents - before)
        self.met[year] = before + taken
        return taken


@dataclass(frozen=True, slots=True)
class Owed:
    """How what is allowed for a line is divided."""

    allowed_cents: int
    deductible_cents: int
    coinsurance_cents: int
    copay_cents: int
    sequestered_cents: int

    @property
    def paid_cents(self) -> int:
        """What is left for the payer."""
        patient = self.deductible_cents + self.coinsurance_cents + self.copay_cents
        return self.allowed_cents - patient - self.sequestered_cents


class Rates:
    """What one unit of each code is worth, by day and place, to each payer."""

    def __init__(
        self, reference: Reference, world: Scenario, days: Sequence[dt.date], as_of: dt.date
    ) -> None:
        self._world = world
        codes = [code for code, told in world.services.items() if told.price_cents is None]
        asked = (
            pl.DataFrame({"code": codes})
            .join(pl.DataFrame({"served_on": sorted({*days, as_of})}), how="cross")
            .join(pl.DataFrame({"facility": [False, True]}), how="cross")
        )
        priced = national_cents(asked, reference)
        unpriced = priced.filter(pl.col("allowed_cents").is_null())
        if len(unpriced):
            code, day = unpriced.sort("served_on", "code").select("code", "served_on").row(0)
            raise BadRequest(
                f"nothing tells what Medicare allows for {code} on {day}",
                where="as_of",
                fix="Give a day that the fee schedules and conversion factors reach, a year before it too.",
            )
        self._medicare: Mapping[tuple[str, dt.date, bool], int] = {
            (code, day, facility): cents
            for code, day, facility, cents in priced.select(
                "code", "served_on", "facility", "allowed_cents"
            ).iter_rows()
        }
        self._contract = {
            (payer.key, code): _in_dollars(self._basis(code, as_of) * payer.percent // 100)
            for payer in world.payers.values()
            if payer.rate == "allowed"
            for code in world.services
        }
        dated = pl.DataFrame({"term": _TERMS}).join(
            pl.DataFrame({"served_on": sorted({*days, as_of})}), how="cross"
        )
        self._terms: Mapping[tuple[str, dt.date], int] = {
            (term, day): thousandths
            for term, day, thousandths in in_force(dated, reference, "payment_terms")
            .select("term", "served_on", pl.col("thousandths").fill_null(0))
            .iter_rows()
        }
        types = reference.table("practitioner_types").filter("nonphysician")
        extenders = set(types["prefix"])
        self.extenders = frozenset(
            key for key, told in world.providers.items() if told.taxonomy[:_TAXONOMY_PREFIX] in extenders
        )
        """Keys of the providers who are no physicians."""

    def term(self, name: str, day: dt.date) -> int:
        """The thousandths of a term of payment on a day."""
        return self._terms[name, day]

    def contract_cents(self, payer: Payer, code: str) -> int:
        """What a contract with amounts allows for one unit."""
        return self._contract[payer.key, code]

    def _basis(self, code: str, day: dt.date) -> int:
        own = self._world.services[code].price_cents
        return self._medicare[code, day, False] if own is None else own

    def unit_cents(self, payer: Payer, code: str, day: dt.date, *, facility: bool) -> int:
        """What `payer` allows for one unit of a code of the scenario, before modifiers."""
        own = self._world.services[code].price_cents
        if payer.rate == "allowed":
            return self._contract[payer.key, code]
        if own is not None:
            return own
        return times(self._medicare[code, day, facility], payer.percent * 10)

    def is_cut_for_extenders(self, payer: Payer, code: str) -> bool:
        """Whether `payer` allows less of a code for those who are no physicians."""
        return self._world.services[code].price_cents is None and payer.rate != "allowed"

    def allowed_cents(self, bill: Bill, line: Line, *, sides: int = 2) -> int:
        """What the payer should allow for `line`; of a line for both sides, as if for that many."""
        payer, day = bill.patient.payer, bill.visit.day
        both = self.term("bilateral", day) if BOTH in line.modifiers and sides == 2 else _WHOLE
        facility = self._world.sites[bill.visit.site].pos in FACILITIES
        cents = times(self.unit_cents(payer, line.code, day, facility=facility), both) * line.units
        if self.is_cut_for_extenders(payer, line.code) and bill.visit.provider in self.extenders:
            cents = times(cents, self.term("nonphysician", day))
        return min(cents, charge_cents(line, self._world))

    def owed(self, payer: Payer, day: dt.date, allowed: int, copay: int, shares: Shares) -> Owed:
        """How `allowed` is divided: deductible first, then a percentage or `copay`, then sequestration."""
        deductible = shares.take(payer, day.year, allowed) if payer.deductible_cents else 0
        coinsurance = ((allowed - deductible) * payer.coinsurance_percent * 2 + 100) // 200
        fixed = min(copay, allowed)
        payable = allowed - deductible - coinsurance - fixed
        kept = times(payable, self.term("sequestration", day)) if payer.sequestration else 0
        return Owed(allowed, deductible, coinsurance, fixed, kept)


def times(cents: int, thousandths: int) -> int:
    """Half a cent goes up."""
    return (cents * thousandths + _WHOLE // 2) // _WHOLE


def _in_dollars(cents: int) -> int:
    """Whole dollars where it is more than one."""
    return cents if cents < _DOLLAR else cents // _DOLLAR * _DOLLAR


def decide(bill: Bill, cause: str, rates: Rates, world: Scenario, shares: Shares) -> Decision:
    """What the payer decides for `cause`: the fault, a key of REFUSALS, downcode, one_side, or empty."""
    refusal = REFUSALS.get(cause)
    whole = refusal is not None and not bill.wrong_lines
    lines = []
    copay = bill.patient.payer.copay_cents
    for place, line in enumerate(bill.lines):
        right = _right(bill, place) if place in bill.wrong_lines else line
        should = 0 if right is None else rates.allowed_cents(bill, right)
        if refusal is not None and (whole or place in bill.wrong_lines):
            lines.append(_refused(line, should, refusal, world))
            continue
        paid_as = lower(line.code) if cause == "downcode" else ""
        if paid_as:
            allowed = rates.allowed_cents(bill, Line(paid_as, line.modifiers, line.units))
        elif cause == "one_side":
            allowed = rates.allowed_cents(bill, line, sides=1)
        else:
            allowed = should
        owed = rates.owed(bill.patient.payer, bill.visit.day, allowed, copay, shares)
        copay = 0
        lines.append(_paid(line, should, owed, paid_as, world))
    return Decision(tuple(lines), _verdict(lines, cause), cause)


def _right(bill: Bill, place: int) -> Line | None:
    """The line at `place` as it should have been billed; None where it should not."""
    if len(bill.right_lines) == len(bill.lines):
        return bill.right_lines[place]
    return next((one for one in bill.right_lines if one.code == bill.lines[place].code), None)


def _verdict(lines: Sequence[Decided], cause: str) -> str:
    if all(line.refused for line in lines):
        return "denied"
    if any(line.refused for line in lines):
        return "partly_denied"
    return "underpaid" if cause in {"downcode", "one_side"} else "paid"


def lower(code: str) -> str:
    """The code that a payer takes a visit for which it pays for less; empty for other codes."""
    return "99213" if code == "99214" else ""


def _refused(line: Line, should: int, refusal: Refusal, world: Scenario) -> Decided:
    return refused(line, charge_cents(line, world), should, refusal)


def refused(line: Line, charge: int, should: int, refusal: Refusal) -> Decided:
    """A line of which nothing is allowed, though `should` cents were expected."""
    return Decided(line, charge, should, 0, 0, (("CO", refusal.reason, charge),), refusal.remarks)


def _paid(line: Line, should: int, owed: Owed, paid_as: str, world: Scenario) -> Decided:
    return paid(line, charge_cents(line, world), should, owed, paid_as)


def paid(line: Line, charge: int, should: int, owed: Owed, paid_as: str = "") -> Decided:
    """A line that is paid as it is `owed`."""
    adjustments = (
        ("CO", "45", charge - owed.allowed_cents),
        ("CO", "253", owed.sequestered_cents),
        ("PR", "1", owed.deductible_cents),
        ("PR", "2", owed.coinsurance_cents),
        ("PR", "3", owed.copay_cents),
    )
    told = tuple(one for one in adjustments if one[2])
    return Decided(line, charge, should, owed.allowed_cents, owed.paid_cents, told, (), paid_as)
