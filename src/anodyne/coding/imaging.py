"""Imaging: what was kept of it decides whether it counts, and where it is a line of its own."""

from typing import Final

from anodyne.coding.built import Reason
from anodyne.coding.daybook import ANY
from anodyne.coding.draft import Draft, Service, policy_reason, reason, told
from anodyne.coding.procedures import Epidural, Facet, Imaged, SacroiliacJoint
from anodyne.coding.session import Entry

IMAGING: Final = ("imaging", "images_kept", "imaging_report")
XRAY: Final = ("fluoroscopy", "ct")
_NEEDLESS: Final = "trigger_point_lcd"
UNDOCUMENTED: Final = "undocumented"


def documented(entry: Entry, draft: Draft, changes: str) -> str | None:
    """The imaging of `entry` that the record shows: none, fluoroscopy, ct, ultrasound or undocumented.

    None where somebody has to be asked: the questions are then in `draft`, with what the answer `changes`.
    """
    facts = entry.facts
    if not isinstance(facts, Imaged):
        return "none"
    if facts.imaging in {None, "none"}:
        if facts.imaging is None:
            draft.ask(entry, "imaging", changes)
        return facts.imaging
    kept = (facts.images_kept, facts.imaging_report)
    if False in kept:
        return UNDOCUMENTED
    for name, value in zip(IMAGING[1:], kept, strict=True):
        if value is None:
            draft.ask(entry, name, changes)
    return None if None in kept else facts.imaging


def xray(entry: Entry, draft: Draft, changes: str) -> bool | None:
    """Whether the record shows fluoroscopy or CT; None where somebody has to be asked."""
    found = documented(entry, draft, changes)
    return None if found is None else found in XRAY


def without_imaging(entry: Entry, draft: Draft) -> Reason:
    """Why the code without imaging is the one, or why there is none."""
    facts = entry.facts
    name = "imaging_required"
    if isinstance(facts, Imaged) and facts.imaging not in {None, "none"}:
        name = "images" if False in {facts.images_kept, facts.imaging_report} else "xray_meant"
    return draft.book.statement(name, told(entry.facts, *IMAGING))


def guided(entry: Entry, service: Service, draft: Draft) -> None:
    """Add the line of the imaging that guided `service`, where the record shows it and it is paid apart."""
    facts = entry.facts
    if not isinstance(facts, Imaged) or facts.imaging == "none":
        return
    book, rests_on = draft.book, told(facts, *IMAGING)
    if book.imaging_of(service.code) in {"inside", "us_inside"}:
        if facts.imaging is not None:
            inside(entry, draft)
        return
    kind = documented(entry, draft, "a line for the guidance")
    if kind == UNDOCUMENTED:
        draft.leave(None, (entry.number,), book.statement("images", rests_on))
    elif kind is not None and draft.of_facility:
        draft.leave(None, (entry.number,), book.statement("facility_guidance", rests_on))
    elif kind == "ultrasound":
        _ultrasound(entry, service, draft, rests_on)
    elif kind == "fluoroscopy":
        _fluoroscopy(entry, service, draft, rests_on)
    elif kind == "ct":
        chosen = book.choose("guidance", "needle", ANY, kind)
        asks = f"is the CT guidance reported apart, as {chosen.code if chosen else 'what'}?"
        draft.ask_coder(entry.number, asks, "a line for the guidance")


def _ultrasound(entry: Entry, service: Service, draft: Draft, rests_on: str) -> None:
    book = draft.book
    chosen = book.choose("guidance", "needle", ANY, "ultrasound")
    if chosen is None:
        draft.no_code((entry.number,), rests_on)
        return
    if book.imaging_of(service.code) == "none_twin" or book.indicator(service.code, chosen.code) is not None:
        pair = f"{service.code} over {chosen.code}"
        why = Reason(
            f"{chosen.code} is not paid beside {service.code}", rests_on, book.edition_cite("ptp", pair)
        )
        draft.leave(chosen.code, (entry.number,), why)
    elif entry.family == "trigger_points" and (needless := book.payer_says(_NEEDLESS)) is not False:
        if needless is None:
            draft.ask_payer(_NEEDLESS, f"{chosen.code} for the guidance of trigger points")
        says = "Medicare's policies find no need of imaging for trigger points"
        draft.leave(chosen.code, (entry.number,), policy_reason(book, _NEEDLESS, says, rests_on))
    else:
        _add(entry, draft, chosen.code, reason(chosen, rests_on))


def _fluoroscopy(entry: Entry, service: Service, draft: Draft, rests_on: str) -> None:
    book = draft.book
    for what in ("spine", "needle"):
        chosen = book.choose("guidance", what, ANY, "fluoroscopy")
        if chosen is None:
            continue
        cite = book.guides(chosen.code, service.code)
        if cite is not None:
            _add(
                entry,
                draft,
                chosen.code,
                Reason(
                    f"{chosen.code}: {chosen.label}, paid beside {service.code}",
                    rests_on,
                    (chosen.cite, cite),
                ),
            )
            return
        if not book.guidance_known(chosen.code):
            asks = (
                f"is {chosen.code} paid beside {service.code} on that day? The list of the day is not known"
            )
            draft.ask_coder(entry.number, asks, "a line for the guidance")
            return
    says = f"fluoroscopic guidance is not paid beside {service.code}"
    draft.leave(None, (entry.number,), Reason(says, rests_on, book.edition_cite("add_on", service.code)))


def _kinds(entry: Entry) -> tuple[str, str]:
    """The kinds of guidance that may belong to `entry`, the nearest first."""
    return (
        ("spine", "needle")
        if isinstance(entry.facts, Epidural | Facet | SacroiliacJoint)
        else ("needle", "spine")
    )


def inside(entry: Entry, draft: Draft) -> None:
    """Say that the imaging of `entry` is in its code, and not billed beside it."""
    facts = entry.facts
    if isinstance(facts, Imaged):
        kinds = (draft.book.choose("guidance", what, ANY, facts.imaging or "none") for what in _kinds(entry))
        guidance = next(filter(None, kinds), None)
        why = draft.book.statement("imaging_inside", told(facts, *IMAGING))
        draft.leave(guidance.code if guidance else None, (entry.number,), why)


def beside_epidural(entry: Entry, draft: Draft) -> None:
    """Add the guidance of an epidural that holds it, for a payer whose policy pays it beside."""
    book, facts, value = draft.book, entry.facts, "imaging_with_epidural"
    chosen = book.choose("guidance", "spine", ANY, "fluoroscopy")
    paid = book.payer_says(value) and isinstance(facts, Imaged) and facts.imaging == "fluoroscopy"
    if chosen is None or not paid:
        inside(entry, draft)
        return
    says = f"{chosen.code}: this payer pays it beside the epidural"
    _add(entry, draft, chosen.code, policy_reason(book, value, says, told(facts, *IMAGING)))


def _add(entry: Entry, draft: Draft, code: str, why: Reason) -> None:
    """Add the guidance `code`, with 26 in a facility."""
    book = draft.book
    reasons, modifiers = [why], []
    facility = book.is_facility(draft.session.place)
    if facility is None:
        draft.ask_coder(entry.number, f"is place {draft.session.place} a facility?", f"26 on {code}", "place")
    if facility is not False:
        wanted = book.payer_says("professional_component")
        if wanted is None:
            draft.ask_payer("professional_component", f"26 on {code}")
        if wanted is not False:
            modifiers.append("26")
            rests = f"place: {draft.session.place}"
            reasons.append(
                book.statement("professional_part", rests, book.payer_cites("professional_component"))
            )
    draft.add(
        Service(
            code,
            (entry.number,),
            tuple(reasons),
            modifiers=tuple(modifiers),
            step="next",
            guidance=True,
            apart=entry.facts.apart,
            dx=entry.facts.dx or (),
        )
    )
