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
_FORM: Final = "bilateral_form"
_MOST_MODIFIERS: Final = 4
_MEDICARE: Final = "MB"


def merged(services: Sequence[Service], draft: Draft) -> list[Service]:
    """`services`, in which each code is there once for what can be one line."""
    found: list[Service] = []
    for service in _one_trigger_point_code(services, draft):
        if service.ndc is not None or service.structure == "drug":
            found.append(service)
            continue
        place = next((n for n, other in enumerate(found) if _alike(other, service)), None)
        if place is None:
            found.append(service)
        else:
            found[place : place + 1] = _joined(found[place], service, draft)
    return found


def _one_trigger_point_code(services: Sequence[Service], draft: Draft) -> list[Service]:
    """`services` with one code of trigger points: that of the muscles named, where there is one."""
    points = [one for one in services if draft.book.group(one.code) == "trigger_point"]
    if len(points) < 2:
        return list(services)
    kept = max(points, key=lambda one: one.structure == "trigger_points")
    for service in points:
        if service is not kept:
            draft.leave(service.code, service.entries, draft.book.statement("muscles", service.structure))
    return [one for one in services if one is kept or one not in points]


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
    edits = _Edits(found, draft)
    kept: list[Service] = []
    for place, service in enumerate(found):
        judged = service
        for paid, indicator in edits.above(place):
            if not edits.stays(paid):
                continue
            if _separable(found[paid], service, indicator):
                judged = _beside(found[paid], judged, indicator, draft)
            else:
                _leave_inside(found[paid], service, indicator, draft)
        if edits.stays(place):
            kept.append(judged)
        elif edits.stays_by_itself(place):
            says = f"{service.code} goes with a code that is not billed"
            draft.leave(service.code, service.entries, Reason(says, "both on one day", ()))
    return kept


class _Edits:
    """The national edits among the services of a session, and which of these stay."""

    def __init__(self, services: Sequence[Service], draft: Draft) -> None:
        self.services = services
        self.draft = draft
        self._above: dict[int, list[tuple[int, int]]] = {}
        self._stays: dict[int, bool] = {}

    def above(self, place: int) -> list[tuple[int, int]]:
        """The places of the services over the one at `place`, each with its indicator."""
        if place not in self._above:
            service = self.services[place]
            pairs = [(n, _edit(paid, service, self.draft)) for n, paid in enumerate(self.services)]
            self._above[place] = [(n, indicator) for n, indicator in pairs if indicator is not None]
        return self._above[place]

    def stays_by_itself(self, place: int) -> bool:
        """Whether no service that stays holds the one at `place`."""
        service = self.services[place]
        return all(
            _separable(self.services[paid], service, indicator) or not self.stays(paid)
            for paid, indicator in self.above(place)
        )

    def stays(self, place: int) -> bool:
        """Whether the service at `place` is billed: nothing holds it, and what it goes with is billed."""
        if place not in self._stays:
            self._stays[place] = True
            firsts = self._firsts(place)
            own = self.stays_by_itself(place)
            self._stays[place] = own and (not firsts or any(self.stays(first) for first in firsts))
        return self._stays[place]

    def _firsts(self, place: int) -> list[int]:
        """The services that the one at `place` goes with: any one of them is enough."""
        service = self.services[place]
        if service.step == "first":
            return []
        return [
            n
            for n, other in enumerate(self.services)
            if other.step == "first"
            and (
                bool(set(other.entries) & set(service.entries))
                if service.guidance
                else other.group == service.group
            )
        ]


def _edit(paid: Service, unpaid: Service, draft: Draft) -> int | None:
    """The indicator of the edit that holds `unpaid` inside `paid`; None where the payer has none."""
    book = draft.book
    if paid.code == unpaid.code or book.payer_says(_EDITS) is False or _pays_imaging(paid, unpaid, draft):
        return None
    return book.indicator(paid.code, unpaid.code)


def _separable(paid: Service, unpaid: Service, indicator: int) -> bool:
    """Whether the facts tell the two apart, and a modifier may say so."""
    return indicator == 1 and ({paid.side, unpaid.side} == _TWO_SIDES or True in {paid.apart, unpaid.apart})


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


def _cites(paid: Service, unpaid: Service, indicator: int, draft: Draft) -> tuple[Cite, ...]:
    pair = f"{paid.code} over {unpaid.code}, indicator {indicator}"
    return (*draft.book.edition_cite("ptp", pair), *draft.book.payer_cites(_EDITS))


def _beside(paid: Service, unpaid: Service, indicator: int, draft: Draft) -> Service:
    """`unpaid` as it is billed beside `paid`, from which it is told apart."""
    cites = _cites(paid, unpaid, indicator, draft)
    if {paid.side, unpaid.side} == _TWO_SIDES:
        return unpaid.because(Reason(f"on the other side than {paid.code}", f"side: {unpaid.side}", cites))
    return _with_bypass(unpaid, "another site: yes", draft, cites=cites)


def _leave_inside(paid: Service, unpaid: Service, indicator: int, draft: Draft) -> None:
    """Leave out `unpaid`, and ask what could tell it apart."""
    unknown = draft.book.payer_says(_EDITS) is None
    if unknown:
        draft.ask_payer(_EDITS, f"{unpaid.code} beside {paid.code}")
    if indicator == 1 and None in {paid.apart, unpaid.apart}:
        entry = draft.session.entries[unpaid.entries[0]]
        asks = f"does the record show {unpaid.code} at another site, injury or session than {paid.code}?"
        draft.ask(entry, "apart", f"{unpaid.code} beside {paid.code}", asks=asks)
    says = f"{unpaid.code} is paid inside {paid.code}"
    if indicator == 0:
        says += ", and no modifier tells them apart"
    if unknown:
        says += ", where the payer applies the national edits"
    cites = _cites(paid, unpaid, indicator, draft)
    draft.leave(unpaid.code, unpaid.entries, Reason(says, "both on one day", cites))


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


def within_limits(services: Sequence[Service], draft: Draft) -> None:
    """Ask where the units of a code are above the limit of the day that the payer applies."""
    book = draft.book
    if not book.payer_says(_LIMITS):
        return
    one_line = book.payer_says(_FORM) not in {"two_lines", "two_lines_50"}
    for code in dict.fromkeys(service.code for service in services):
        of_code = [service for service in services if service.code == code]
        by_side = [_units(of_code, side) for side in {service.side for service in of_code}]
        total = sum(by_side) if one_line else max(by_side)
        limit = book.most_units(code)
        if limit is None or total <= limit:
            continue
        asks = (
            f"{total} units of {code} are above Medicare's limit of {limit} a day: does the record show each?"
        )
        draft.ask_coder(of_code[0].entries[0], asks, f"whether {code} is paid", "units")


def _units(services: Sequence[Service], side: str | None) -> int:
    return sum(service.units for service in services if service.side == side)
