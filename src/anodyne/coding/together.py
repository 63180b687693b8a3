"""What is billed together: one code once, pairs of codes by the national edits, limits of the day."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from anodyne.coding.built import Reason
from anodyne.coding.draft import Draft, Service
from anodyne.coding.levels import both_of
from anodyne.kernel.cite import Cite

_TWO_SIDES: Final = {"right", "left"}
_EDITS: Final = "ncci_edits"
_LIMITS: Final = "mue_edits"
_MOST_MODIFIERS: Final = 4
_MEDICARE: Final = "MB"


def merged(services: Sequence[Service], draft: Draft) -> list[Service]:
    """`services`, in which each code is there once for what can be one line."""
    found: list[Service] = []
    for service in services:
        if service.ndc is not None or service.structure == "drug":
            found.append(service)
            continue
        place = next((n for n, other in enumerate(found) if _alike(other, service)), None)
        if place is None:
            found.append(service)
        else:
            found[place : place + 1] = _joined(found[place], service, draft)
    return found


def _alike(one: Service, other: Service) -> bool:
    """Whether two services may be one line: one code, and one structure or one that counts by units."""
    return one.code == other.code and one.step == other.step and one.structure != "drug"


def _joined(one: Service, other: Service, draft: Draft) -> list[Service]:
    book, entries = draft.book, tuple(dict.fromkeys((*one.entries, *other.entries)))
    both = replace(
        one,
        entries=entries,
        reasons=tuple(dict.fromkeys((*one.reasons, *other.reasons))),
        dx=tuple(dict.fromkeys((*one.dx, *other.dx))),
        apart=one.apart or other.apart,
    )
    limit = book.most_units(one.code)
    if one.guidance:
        draft.leave(other.code, other.entries, _limit_reason(other, limit, draft))
        return [both]
    if one.structure == other.structure and {one.side, other.side} == _TWO_SIDES and one.units == other.units:
        return [replace(both, side="both")]
    if one.structure == other.structure and one.side == other.side and one.step == "first":
        asks = f"{one.code} of one structure and side is told twice: was it done twice?"
        draft.ask_coder(other.entries[0], asks, f"units of {one.code}")
        return [both]
    if limit == 1 and one.step == "first":
        if one.structure != other.structure and both_of(one.side, other.side) != one.side:
            return [replace(both, side=both_of(one.side, other.side))]
        draft.leave(other.code, other.entries, _limit_reason(other, limit, draft))
        return [both]
    if one.side == other.side and not _by_joint(one, draft):
        return [replace(both, units=one.units + other.units, structure=f"{one.structure}, {other.structure}")]
    return [one, other]


def _by_joint(service: Service, draft: Draft) -> bool:
    """Whether each structure of the service is a line of its own."""
    return all(draft.session.entries[number].family == "joint" for number in service.entries)


def _limit_reason(service: Service, limit: int | None, draft: Draft) -> Reason:
    says = f"{service.code} is there already; a day holds one of it"
    return Reason(
        says, service.structure or "guidance", draft.book.edition_cite("mue", f"{service.code}: {limit}")
    )


def told_apart(services: Sequence[Service], draft: Draft) -> list[Service]:
    """`services` without those that the payer pays inside another, and with what tells the rest apart."""
    found = _again(services, draft)
    gone: set[int] = set()
    for unpaid in range(len(found)):
        for paid in range(len(found)):
            if paid == unpaid or {paid, unpaid} & gone or found[paid].code == found[unpaid].code:
                continue
            judged = _pair(found[paid], found[unpaid], draft)
            if judged is None:
                gone |= _falling(found, unpaid, draft)
            else:
                found[unpaid] = judged
    return [service for n, service in enumerate(found) if n not in gone]


def _again(services: Sequence[Service], draft: Draft) -> list[Service]:
    """`services`, the second line of one code, step and side told apart by its structure."""
    found: list[Service] = []
    for service in services:
        again = _by_joint(service, draft) and any(
            other.code == service.code
            and other.structure != service.structure
            and _overlap(other.side, service.side)
            for other in found
        )
        why = f"another structure: {service.structure}"
        found.append(_with_bypass(service, why, draft) if again else service)
    return found


def _overlap(one: str | None, other: str | None) -> bool:
    """Whether two sides may be the same one, for all that is told."""
    return {one, other} != _TWO_SIDES


def _pair(paid: Service, unpaid: Service, draft: Draft) -> Service | None:
    """`unpaid` as it may be billed beside `paid`; None where it may not."""
    book = draft.book
    indicator = book.indicator(paid.code, unpaid.code)
    applied = book.payer_says(_EDITS)
    if indicator is None or applied is False or _pays_imaging(paid, unpaid, draft):
        return unpaid
    pair = f"{paid.code} over {unpaid.code}, indicator {indicator}"
    cites = (*book.edition_cite("ptp", pair), *book.payer_cites(_EDITS))
    if indicator == 1:
        if {paid.side, unpaid.side} == _TWO_SIDES:
            return unpaid.because(
                Reason(f"on the other side than {paid.code}", f"side: {unpaid.side}", cites)
            )
        if True in {paid.apart, unpaid.apart}:
            return _with_bypass(unpaid, "another site: yes", draft, cites=cites)
    if applied is None:
        draft.ask_payer(_EDITS, f"{unpaid.code} beside {paid.code}")
    if indicator == 1 and None in {paid.apart, unpaid.apart}:
        entry = draft.session.entries[unpaid.entries[0]]
        asks = f"does the record show {unpaid.code} at another site, injury or session than {paid.code}?"
        draft.ask(entry, "apart", f"{unpaid.code} beside {paid.code}", asks=asks)
    says = f"{unpaid.code} is paid inside {paid.code}" + (
        "" if indicator else ", and no modifier tells them apart"
    )
    if applied is None:
        says += ", where the payer applies the national edits"
    draft.leave(unpaid.code, unpaid.entries, Reason(says, "both on one day", cites))
    return None


def _pays_imaging(paid: Service, unpaid: Service, draft: Draft) -> bool:
    """Whether the payer's policy pays the imaging beside its own epidural."""
    own = unpaid.guidance and bool(set(paid.entries) & set(unpaid.entries))
    return own and bool(draft.book.payer_says("imaging_with_epidural"))


def _with_bypass(service: Service, rests_on: str, draft: Draft, cites: Sequence[Cite] = ()) -> Service:
    """`service` with XS for Medicare, and 59 for any other payer."""
    modifier = "XS" if draft.session.payer.filing == _MEDICARE else "59"
    if {"XS", "59"} & set(service.modifiers) or len(service.modifiers) == _MOST_MODIFIERS:
        return service
    first = tuple(m for m in service.modifiers if m in {"26", "50", "52"})
    rest = tuple(m for m in service.modifiers if m not in first)
    why = draft.book.statement("bypass", rests_on, cites)
    return replace(service, modifiers=(*first, modifier, *rest)).because(why)


def _falling(services: Sequence[Service], gone: int, draft: Draft) -> set[int]:
    """The place of a service that is left out, and of those that go with it."""
    lost = services[gone]
    if lost.step != "first":
        return {gone}
    with_it = {
        n
        for n, other in enumerate(services)
        if n != gone and other.step != "first" and set(other.entries) & set(lost.entries)
    }
    for n in with_it:
        says = f"{services[n].code} goes with {lost.code}, which is not billed"
        draft.leave(services[n].code, services[n].entries, Reason(says, "both on one day", ()))
    return {gone, *with_it}


def within_limits(services: Sequence[Service], draft: Draft) -> None:
    """Ask where the units of a code are above the limit of the day that the payer applies."""
    book = draft.book
    if not book.payer_says(_LIMITS):
        return
    totals: dict[str, int] = {}
    for service in services:
        totals[service.code] = totals.get(service.code, 0) + service.units
    for code, total in totals.items():
        limit = book.most_units(code)
        if limit is None or total <= limit:
            continue
        number = next(service.entries[0] for service in services if service.code == code)
        asks = (
            f"{total} units of {code} are above Medicare's limit of {limit} a day: does the record show each?"
        )
        draft.ask_coder(number, asks, f"whether {code} is paid", "units")
