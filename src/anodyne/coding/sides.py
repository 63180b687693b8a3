"""Sides: from services to lines, in the form that the payer wants."""

from dataclasses import replace
from typing import Final

from anodyne.coding.built import Reason
from anodyne.coding.draft import Draft, Service
from anodyne.coding.facts import facts_of
from anodyne.coding.session import Entry

_MODIFIER: Final = {"right": "RT", "left": "LT"}
_INDICATOR: Final = "fee_schedule"
_FORM: Final = "bilateral_form"
_SIDED: Final = 1
"""The bilateral indicator of codes that are billed for one side, and for both in a form of their own."""


def sided(service: Service, draft: Draft) -> list[Service]:
    """`service` with the modifiers of its side, as one line or as one for each side."""
    book, code = draft.book, service.code
    indicator = book.bilateral(code)
    if (
        service.guidance
        or service.ndc
        or not any(_has_side(draft.session.entries[number]) for number in service.entries)
    ):
        return [service]
    if draft.of_facility and (indicator == _SIDED or _is_sacroiliac(service, draft)):
        if service.side != "both":
            return _known_side(service, draft)
        why = book.statement("facility_sides", "side: both")
        return [_one_side(service, side, draft).because(why) for side in ("left", "right")]
    if service.own_sides and service.side == "both":
        return [service]
    if indicator == _SIDED:
        return _both(service, draft) if service.side == "both" else _known_side(service, draft)
    if indicator is None:
        return _unknown(service, draft)
    if indicator == 0 and book.most_units(code) != 1 and not service.own_sides:
        if service.side is None:
            return _known_side(service, draft)
        sides = ("right", "left") if service.side == "both" else (service.side,)
        return [_one_side(service, side, draft) for side in sides]
    if service.side is None:
        return [service]
    says = f"{code} has no sides: Medicare's bilateral indicator is {indicator}"
    cites = book.edition_cite(_INDICATOR, f"{code}: bilateral indicator {indicator}")
    return [replace(service, side=None).because(Reason(says, f"side: {service.side}", cites))]


def _has_side(entry: Entry) -> bool:
    """Whether a side may be told of `entry`."""
    return "side" in facts_of(type(entry.facts))


def _is_sacroiliac(service: Service, draft: Draft) -> bool:
    """Whether it is the facility's code of the sacroiliac joint, of which the fee schedule tells no sides."""
    return all(draft.session.entries[number].family == "sacroiliac" for number in service.entries)


def _known_side(service: Service, draft: Draft) -> list[Service]:
    if service.side is not None:
        return [_one_side(service, service.side, draft)]
    _ask_side(service, draft)
    return [service]


def _ask_side(service: Service, draft: Draft) -> None:
    for number in service.entries:
        entry = draft.session.entries[number]
        if _has_side(entry):
            draft.ask(entry, "side", f"LT or RT on {service.code}, or both sides")


def _one_side(service: Service, side: str, draft: Draft) -> Service:
    modifier = _MODIFIER[side]
    indicator = draft.book.bilateral(service.code)
    section = f"{service.code}: bilateral indicator {indicator}"
    cites = () if indicator is None else draft.book.edition_cite(_INDICATOR, section)
    return _with(
        service.because(Reason(f"{modifier}: the {side} side", f"side: {side}", cites)), side, (modifier,)
    )


def _with(service: Service, side: str, modifiers: tuple[str, ...]) -> Service:
    return replace(service, side=side, modifiers=(*modifiers, *service.modifiers))


def _both(service: Service, draft: Draft) -> list[Service]:
    book, code = draft.book, service.code
    form = book.payer_says(_FORM)
    cites = (*book.payer_cites(_FORM), *book.edition_cite(_INDICATOR, f"{code}: bilateral indicator 1"))
    if form == "two_lines":
        why = Reason("this payer wants a line for each side", "side: both", cites)
        return [_one_side(service, side, draft).because(why) for side in ("right", "left")]
    if form == "two_lines_50":
        why = Reason("this payer wants two lines, the second with 50", "side: both", cites)
        plain = service.because(why)
        return [plain, _with(plain, "both", ("50",))]
    says = "50: both sides are one line, and one unit of each structure"
    if form is None:
        says += "; how this payer wants both sides is not known"
        draft.ask_payer(_FORM, f"the form of both sides of {code}")
    return [_with(service.because(Reason(says, "side: both", cites)), "both", ("50",))]


def _unknown(service: Service, draft: Draft) -> list[Service]:
    """No fee schedule of the day holds the code: one side is said, and for both somebody is asked."""
    if service.side in _MODIFIER:
        return [_one_side(service, str(service.side), draft)]
    if service.side == "both":
        asks = f"how is {service.code} billed for both sides? No fee schedule of that day holds it"
        draft.ask_coder(service.entries[0], asks, "the second side", "side")
    else:
        _ask_side(service, draft)
    return [service]
