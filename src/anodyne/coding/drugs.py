"""Drugs: units by the amount given, and what was thrown away."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from anodyne.coding.built import Reason
from anodyne.coding.daybook import DrugRow, NdcRow
from anodyne.coding.draft import Draft, Service, told
from anodyne.coding.procedures import Drug
from anodyne.coding.session import Entry

_FACILITY: Final = frozenset({"outpatient_hospital", "inpatient", "emergency", "surgery_centre"})
_NO_WASTE_TOLD: Final = frozenset({"health_centre", "rural_clinic"})
_EXACT: Final = 6
"""Digits to which a number of units is compared: amounts are told with fewer."""
_WASTE: Final = "drug_waste_modifiers"


@dataclass(frozen=True, slots=True)
class _Given:
    """A drug and how it counts."""

    entry: Entry
    facts: Drug
    code: str
    row: DrugRow
    ndc: NdcRow | None
    rests_on: str

    def units(self, amount: float) -> float:
        return round(amount / self.row.per_amount, _EXACT)


def drugs(entries: Sequence[Entry], draft: Draft) -> None:
    """Add the drugs of a session."""
    for entry in entries:
        facts = entry.facts
        if isinstance(facts, Drug):
            _drug(entry, facts, draft)


def _drug(entry: Entry, facts: Drug, draft: Draft) -> None:
    book, number = draft.book, (entry.number,)
    rests_on = told(facts, "code", "ndc", "amount", "unit", "wasted", "container")
    ndc = book.ndc(facts.ndc) if facts.ndc else None
    code = facts.code or (ndc.code if ndc else None)
    if code is None:
        draft.ask(entry, "code", "every line of the drug")
        return
    if not book.valid(code):
        successors = book.successors(code)
        says = f"{code} is not valid on {book.day}" + (
            f"; its place is taken by {successors}" if successors else ""
        )
        draft.leave(code, number, Reason(says, rests_on, ()))
        draft.ask_coder(entry.number, f"{says}: which code is it?", "the line of the drug")
        return
    row = book.drug(code)
    if row is None:
        draft.ask_coder(
            entry.number, f"what does one unit of {code} hold? It is not in the table", "the line of the drug"
        )
        return
    if not row.payable:
        draft.leave(code, number, book.statement("anaesthetic", rests_on, (row.cite,)))
        return
    if not draft.of_facility and book.setting(draft.session.place) in _FACILITY:
        draft.leave(code, number, book.statement("drug_of_facility", f"place: {draft.session.place}"))
        return
    if ndc is not None and ndc.code != code:
        asks = f"the NDC is that of {ndc.code}, and not of {code}: which was given?"
        draft.ask(entry, "ndc", "the code of the drug", asks=asks)
        return
    if facts.amount is None or facts.amount <= 0:
        draft.ask(entry, "amount", "every line of the drug")
        return
    if draft.of_facility:
        asks = f"is {code} paid apart to a surgical centre, or with the procedure?"
        draft.ask_coder(entry.number, asks, f"whether {code} is paid")
    _units(_Given(entry, facts, code, row, ndc, rests_on), facts.amount, draft)


def _units(given: _Given, amount: float, draft: Draft) -> None:
    if given.facts.unit is None:
        asks = f"are the amounts in {given.row.per_unit}, or in which unit?"
        draft.ask(given.entry, "unit", "every line of the drug", asks=asks)
        return
    amounts = [_own_unit(given, value) for value in (amount, given.facts.wasted)]
    if amounts[0] is None or (given.facts.wasted is not None and amounts[1] is None):
        asks = f"how much was given in {given.row.per_unit}, the unit of {given.code}?"
        draft.ask(given.entry, "unit", "every line of the drug", asks=asks)
        return
    book = draft.book
    exact = given.units(amounts[0])
    units = math.ceil(exact)
    why = Reason(
        f"{amounts[0]:g} {given.row.per_unit} are {units} units of {given.code}, each "
        f"{given.row.per_amount:g} {given.row.per_unit}",
        given.rests_on,
        (given.row.cite,),
    )
    reasons = [why]
    if units != exact:
        reasons.append(book.statement("drug_units", f"{exact:g} units"))
    container = _container(given, draft)
    waste = None if amounts[1] is None else given.units(amounts[1])
    modifiers, thrown, more = _waste(given, draft, container=container, exact=exact, units=units, waste=waste)
    qty, unit = _quantity(given, amounts[0], draft)
    draft.add(
        Service(
            given.code,
            (given.entry.number,),
            (*reasons, *more),
            units=units,
            modifiers=modifiers,
            structure="drug",
            dx=given.facts.dx or (),
            ndc=given.facts.ndc,
            ndc_qty=qty,
            ndc_unit=unit,
        )
    )
    if thrown:
        waste_qty = _quantity(given, amounts[1] or 0, draft)[0]
        rests = told(given.facts, "wasted", "container")
        draft.add(
            Service(
                given.code,
                (given.entry.number,),
                (
                    Reason(f"{thrown} units were thrown away", given.rests_on, (given.row.cite,)),
                    book.statement("waste_told", rests, book.payer_cites(_WASTE)),
                ),
                units=thrown,
                modifiers=("JW",),
                structure="drug",
                dx=given.facts.dx or (),
                waste=True,
                ndc=given.facts.ndc,
                ndc_qty=waste_qty,
                ndc_unit=unit,
            )
        )


def _container(given: _Given, draft: Draft) -> str | None:
    """Single or multi, as told, by the NDC, or as the drug is only sold; None where that is not known."""
    known = {given.facts.container, given.ndc.container if given.ndc else None, given.row.container}
    found = known & {"single", "multi"}
    if len(found) == 1:
        return found.pop()
    if found:
        asks = f"{given.code} is told to be from a container that does not go with it: which was it?"
        draft.ask(given.entry, "container", f"JW or JZ on {given.code}", asks=asks)
    return None


def _own_unit(given: _Given, amount: float | None) -> float | None:
    """`amount` in the unit in which the code counts; None where that cannot be told."""
    unit = given.facts.unit
    if amount is None or unit == given.row.per_unit:
        return amount
    if {unit, given.row.per_unit} == {"mg", "mcg"}:
        return amount / 1_000 if unit == "mcg" else amount * 1_000
    if unit == "ml" and given.ndc is not None and given.ndc.per_ml is not None:
        return amount * given.ndc.per_ml
    return None


def _waste(
    given: _Given, draft: Draft, *, container: str | None, exact: float, units: int, waste: float | None
) -> tuple[tuple[str, ...], int, list[Reason]]:
    """The modifiers of the amount given, the units thrown away that are billed, and why."""
    book, entry = draft.book, given.entry
    rests_on = told(given.facts, "wasted", "container")
    wanted = book.payer_says(_WASTE)
    if wanted is False or book.setting(draft.session.place) in _NO_WASTE_TOLD:
        return (), 0, []
    if container == "multi":
        if waste:
            draft.leave(given.code, (entry.number,), book.statement("waste_multiple", rests_on))
        return (), 0, []
    if wanted is None and container == "single":
        draft.ask_payer(_WASTE, f"JW or JZ on {given.code}")
        return (), 0, []
    if wanted is None:
        return (), 0, []
    if container is None:
        if given.facts.container is None:
            draft.ask(entry, "container", f"JW or JZ on {given.code}")
        return (), 0, []
    cites = book.payer_cites(_WASTE)
    if waste is None:
        draft.ask(entry, "wasted", f"JW or JZ on {given.code}")
        return (), 0, []
    left = math.floor(round(exact + waste - units, _EXACT))
    if left >= 1:
        return (), left, []
    why = [book.statement("waste_told", rests_on, cites)]
    if waste > 0:
        why.insert(0, book.statement("waste_inside", rests_on))
    return ("JZ",), 0, why


def _quantity(given: _Given, amount: float, draft: Draft) -> tuple[float | None, str | None]:
    """The quantity beside the national drug code: millilitres, or containers of what is no liquid."""
    if given.facts.ndc is None:
        return None, None
    if given.ndc is not None and given.ndc.per_ml:
        return round(amount / given.ndc.per_ml, 3), "ML"
    if given.ndc is not None and given.ndc.per_vial:
        return round(amount / given.ndc.per_vial, 3), "UN"
    if given.row.per_unit == "mg":
        return amount, "ME"
    draft.ask(
        given.entry,
        "ndc",
        "the quantity beside the NDC",
        asks=f"what does a container of NDC {given.facts.ndc} hold?",
    )
    return None, None
