"""From what was done to what is billed, and what is wrong with it on purpose."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from types import MappingProxyType
from typing import Final

from anodyne.simulator.people import Patient
from anodyne.simulator.scenario import Scenario
from anodyne.simulator.visits import Line, Visit

_HEX: Final = "0123456789ABCDEF"
_EPIDURALS: Final = frozenset({"62321", "62323", "64483"})
_INJECTIONS: Final = frozenset({"20611", "62323", "64483", "27096", "64493"})
_HOLDS_FLUOROSCOPY: Final = frozenset({"62323", "64483"})
_OTHER_SIDE: Final = MappingProxyType({"M1711": "M1712", "M1712": "M1711"})


@dataclass(slots=True)
class Bill:
    """What one visit is billed as: one claim, or more where it is sent again otherwise."""

    patient: Patient = field(repr=False)
    visit: Visit
    lines: tuple[Line, ...]
    dx: tuple[str, ...]
    auth: str
    """The number of the payer's authorisation; empty where there is none."""
    fault: str = ""
    """What is wrong with it on purpose, by its name among the shares; empty where nothing is."""
    rule: str = ""
    """The rule that the fault breaks."""
    wrong_lines: frozenset[int] = frozenset()
    """Places of the lines that are wrong, from 0; empty where the whole claim is, or nothing."""
    right_lines: tuple[Line, ...] = ()
    """What should have been billed."""
    right_dx: tuple[str, ...] = ()
    right_auth: str = ""

    @property
    def by_medicare(self) -> bool:
        """Whether it goes to Medicare Part B."""
        return self.patient.payer.filing == "MB"

    def corrected(self) -> "Bill":
        """The same with what was wrong made right."""
        return Bill(
            self.patient, self.visit, self.right_lines, self.right_dx, self.right_auth,
            right_lines=self.right_lines, right_dx=self.right_dx, right_auth=self.right_auth,
        )  # fmt: skip


def bill_of(patient: Patient, visit: Visit) -> Bill:
    """The bill of `visit`, with nothing wrong."""
    auth = auth_number(patient, visit) if visit.auth else ""
    return Bill(
        patient, visit, visit.lines, visit.dx, auth,
        right_lines=visit.lines, right_dx=visit.dx, right_auth=auth,
    )  # fmt: skip


def auth_number(patient: Patient, visit: Visit) -> str:
    """The number of the authorisation of a visit: 14 letters and digits."""
    return f"A{_HEX[visit.number % 16]}{patient.number:08d}{visit.number:04d}"


def spoil(bill: Bill, rng: Random, world: Scenario, *, known_to: Collection[str] = ()) -> Bill:
    """`bill` itself, or with one thing wrong: each kind with its share of those that can have it.

    `known_to` are the providers who billed services for the patient before.
    """
    shares = world.shares["faults"]
    for kind, fault in _FAULTS.items():
        made = fault(bill)
        if kind == _AS_NEW and bill.visit.provider not in known_to:
            continue
        if made is not None and rng.random() < shares[kind]:
            return replace(made, fault=kind)
    return bill


def _modifier(bill: Bill) -> Bill | None:
    """A visit beside an injection, without 25."""
    codes = _codes(bill)
    if not _edits(bill) or bill.visit.kind != "procedure" or not codes & _INJECTIONS:
        return None
    right = (Line("99213", ("25",)), *bill.lines)
    lines = (Line("99213"), *bill.lines)
    return replace(bill, lines=lines, right_lines=right, rule="EM-12", wrong_lines=frozenset({0}))


def _authorisation(bill: Bill) -> Bill | None:
    """What the payer wants authorised, without the number."""
    if not bill.auth or bill.by_medicare:
        return None
    return replace(bill, auth="", rule="PA-10")


def _bundling(bill: Bill) -> Bill | None:
    """Imaging beside a code that holds it."""
    codes = _codes(bill)
    if not _edits(bill) or bill.visit.kind != "procedure":
        return None
    if codes & _HOLDS_FLUOROSCOPY:
        in_facility = bill.visit.site == "asc"
        extra, rule = Line("77003", ("26",) if in_facility else ()), "INJ-07"
    elif "20611" in codes:
        extra, rule = Line("76942"), "INJ-05a"
    else:
        return None
    return replace(bill, lines=(*bill.lines, extra), rule=rule, wrong_lines=frozenset({len(bill.lines)}))


def _diagnosis(bill: Bill) -> Bill | None:
    """A diagnosis that has ended, or that of the other side."""
    first = bill.dx[0]
    if first == "M5416" and bill.visit.kind != "procedure":
        lines = tuple(replace(line, pointers="1:2") for line in bill.lines)
        return replace(bill, dx=("M5416", "M545"), lines=lines, rule="DX-07")
    if first in _OTHER_SIDE and bill.visit.kind == "procedure":
        return replace(bill, dx=(_OTHER_SIDE[first],), rule="DX-09a", wrong_lines=_places(bill, {"20611"}))
    return None


def _units(bill: Bill) -> Bill | None:
    """Trigger points counted by the muscle."""
    wrong = _places(bill, {"20553"})
    if not wrong:
        return None
    lines = tuple(replace(line, units=3) if line.code == "20553" else line for line in bill.lines)
    return replace(bill, lines=lines, rule="INJ-01a", wrong_lines=wrong)


def _drug(bill: Bill) -> Bill | None:
    """A drug of which nothing was thrown away, and the claim does not say so."""
    wrong = _places(bill, {"J1100"})
    if not wrong or not _edits(bill):
        return None
    lines = tuple(replace(line, modifiers=()) if line.code == "J1100" else line for line in bill.lines)
    return replace(bill, lines=lines, rule="INJ-43", wrong_lines=wrong)


def _complexity(bill: Bill) -> Bill | None:
    """Visit complexity beside a visit with 25."""
    if not bill.patient.payer.g2211 or "25" not in bill.lines[0].modifiers:
        return None
    visit, *others = bill.lines
    return replace(bill, lines=(visit, Line("G2211"), *others), rule="EM-09", wrong_lines=frozenset({1}))


def _new_patient(bill: Bill) -> Bill | None:
    """A visit of somebody who was seen before, billed as a new patient's."""
    if bill.visit.kind != "visit":
        return None
    visit, *others = bill.lines
    lines = (replace(visit, code="99203"), *others)
    right = replace(visit, code="99213")
    return replace(bill, lines=lines, right_lines=(right, *others), rule="EM-05", wrong_lines=frozenset({0}))


_AS_NEW: Final = "new_patient"
_FAULTS: Final[Mapping[str, Callable[[Bill], Bill | None]]] = MappingProxyType(
    {
        "modifier": _modifier,
        "authorisation": _authorisation,
        "bundling": _bundling,
        "diagnosis": _diagnosis,
        "units": _units,
        "drug": _drug,
        "complexity": _complexity,
        _AS_NEW: _new_patient,
    }
)


def _edits(bill: Bill) -> bool:
    """Whether the payer takes over Medicare's edits."""
    return bill.patient.payer.filing != "WC"


def _codes(bill: Bill) -> set[str]:
    return {line.code for line in bill.lines}


def _places(bill: Bill, codes: set[str]) -> frozenset[int]:
    return frozenset(place for place, line in enumerate(bill.lines) if line.code in codes)


def charge_cents(line: Line, world: Scenario) -> int:
    """What the practice charges: both sides are charged twice."""
    sides = 2 if "50" in line.modifiers else 1
    return world.services[line.code].charge_cents * line.units * sides


def total_cents(bill: Bill, world: Scenario) -> int:
    """What the practice charges in all."""
    return sum(charge_cents(line, world) for line in bill.lines)


def due_on(bill: Bill) -> dt.date:
    """The last day on which its payer takes it: Medicare a year after the service, else by contract."""
    day, days = bill.visit.day, bill.patient.payer.filing_days
    if days is not None:
        return day + dt.timedelta(days=days)
    leap = day.month == 2 and day.day == 29
    return day.replace(year=day.year + 1, day=28 if leap else day.day)
