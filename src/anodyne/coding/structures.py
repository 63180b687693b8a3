"""Joints, tendons, nerves, stimulators: what is chosen by the structure that was treated."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from anodyne.coding.daybook import ANY, Chosen, Daybook
from anodyne.coding.draft import Draft, Service, reason, told
from anodyne.coding.imaging import IMAGING, documented, guided, without_imaging
from anodyne.coding.levels import Level, services_of
from anodyne.coding.procedures import (
    Facet,
    Genicular,
    Joint,
    NerveBlock,
    Programming,
    Stimulator,
    TendonSheath,
)
from anodyne.coding.session import Entry

_BOTH_SIDES_OWN: Final = frozenset({"abdominal_plane", "thoracic_plane"})
_THIRD_OCCIPITAL: Final = "C2-C3"
_FACET_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {"injection": "block", "destruction": "ablation", "pulsed": "pulsed"}
)


def joints(entries: Sequence[Entry], draft: Draft) -> None:
    """Add the joints of a session: by size, and with ultrasound where its image was kept."""
    for entry in entries:
        facts = entry.facts
        if not isinstance(facts, Joint):
            continue
        found = draft.book.structure("joint", facts.joint)
        if found is None:
            draft.ask(entry, "joint", "every code of the joint")
            continue
        _joint(entry, facts, found, draft)


def _joint(entry: Entry, facts: Joint, found: tuple[str, str], draft: Draft) -> None:
    book, (size, label) = draft.book, found
    changes = "the code with ultrasound, which is paid more, or a line for the guidance"
    kind = documented(entry, draft, changes)
    chosen = book.choose("joint", size, ANY, "ultrasound" if kind == "ultrasound" else "none")
    rests_on = told(facts, "joint", "count", "side", *IMAGING)
    if chosen is None:
        draft.no_code((entry.number,), rests_on)
        return
    if facts.count is None:
        draft.ask(entry, "count", f"units of {chosen.code}")
    reasons = [reason(chosen, rests_on), book.statement("joint_units", told(facts, "count"))]
    if facts.imaging == "ultrasound" and kind != "ultrasound":
        reasons.append(without_imaging(entry, draft))
    service = Service(
        chosen.code,
        (entry.number,),
        tuple(reasons),
        side=facts.side,
        units=facts.count or 1,
        structure=label,
        apart=facts.apart,
        dx=facts.dx or (),
    )
    draft.add(service)
    if facts.imaging in {"fluoroscopy", "ct"}:
        guided(entry, service, draft)


def tendons(entries: Sequence[Entry], draft: Draft) -> None:
    """Add the tendons, ligaments, tunnels and ganglia of a session."""
    for entry in entries:
        facts = entry.facts
        if not isinstance(facts, TendonSheath):
            continue
        found = draft.book.structure("tendon", facts.structure)
        if found is None:
            draft.ask(entry, "structure", "every code of the injection")
            continue
        chosen = draft.book.choose("tendon", found[0])
        rests_on = told(facts, "structure", "count", "side")
        _counted(
            entry,
            draft,
            chosen,
            rests_on,
            side=facts.side,
            count=facts.count,
            name="count",
            structure=found[1],
        )


def nerves(entries: Sequence[Entry], draft: Draft) -> None:
    """Add the nerves, ganglia and planes of a session."""
    for entry in entries:
        facts = entry.facts
        if not isinstance(facts, NerveBlock):
            continue
        found = draft.book.structure("nerve", facts.nerve)
        if found is None:
            draft.ask(entry, "nerve", "every code of the block")
        elif facts.technique is None:
            draft.ask(entry, "technique", "every code of the block")
        elif facts.technique == "pulsed":
            draft.pulsed(entry, "nerve", "technique")
        else:
            _nerve(entry, facts, found[0], facts.technique, draft)


def as_facet(entry: Entry, book: Daybook) -> Entry:
    """`entry`, as the facet procedure that a block of the third occipital nerve is to the codes."""
    facts = entry.facts
    if not isinstance(facts, NerveBlock) or facts.technique is None:
        return entry
    kind = _FACET_KINDS.get(facts.technique)
    found = book.structure("nerve", facts.nerve)
    if kind is None or found is None or found[0] != "facet":
        return entry
    told_so = Facet(
        kind=kind,
        joints=(_THIRD_OCCIPITAL,),
        side=facts.side,
        purpose=facts.purpose,
        imaging=facts.imaging,
        images_kept=facts.images_kept,
        imaging_report=facts.imaging_report,
        dx=facts.dx,
        apart=facts.apart,
    )
    return replace(entry, facts=told_so)


def _nerve(entry: Entry, facts: NerveBlock, what: str, technique: str, draft: Draft) -> None:
    book = draft.book
    rests_on = told(facts, "nerve", "technique", "levels", "side")
    if what in _BOTH_SIDES_OWN:
        variant = f"{technique}_both" if facts.side == "both" else technique
        chosen = book.choose("nerve", what, variant)
        if facts.side is None and chosen is not None:
            draft.ask(entry, "side", "the code for both sides")
        _counted(
            entry,
            draft,
            chosen,
            rests_on,
            side=facts.side,
            count=1,
            name="levels",
            own_sides=True,
            structure=what,
        )
        return
    first = book.choose("nerve", what, technique)
    if first is None:
        draft.no_code((entry.number,), rests_on)
        return
    further = [book.choose("nerve", what, technique, step=step) for step in ("next", "rest")]
    if not any(further):
        _counted(
            entry,
            draft,
            first,
            rests_on,
            side=facts.side,
            count=facts.levels,
            name="levels",
            structure=facts.nerve or what,
        )
        return
    if facts.levels is None:
        draft.ask(entry, "levels", "the code for further levels")
    levels = [
        Level(f"level {place}", facts.side, (entry.number,), facts.dx or (), facts.apart)
        for place in range(1, (facts.levels or 1) + 1)
    ]
    services = services_of(
        levels, draft, family="nerve", what=what, variant=technique, guidance=ANY, rests_on=rests_on
    )
    for service in services:
        draft.add(service)
    guided(entry, services[0], draft)


def _counted(
    entry: Entry,
    draft: Draft,
    chosen: Chosen | None,
    rests_on: str,
    *,
    side: str | None,
    count: int | None,
    name: str,
    own_sides: bool = False,
    structure: str = "",
) -> None:
    """Add a service with a unit for each of `count`, as far as the day of the code may hold more than one."""
    book = draft.book
    if chosen is None:
        draft.no_code((entry.number,), rests_on)
        return
    many = book.most_units(chosen.code) != 1
    if count is None and many:
        draft.ask(entry, name, f"units of {chosen.code}")
    statement = "two_sides_in_code" if own_sides else "structure_units"
    service = Service(
        chosen.code,
        (entry.number,),
        (reason(chosen, rests_on), book.statement(statement, rests_on)),
        side=side,
        units=(count or 1) if many else 1,
        structure=structure,
        own_sides=own_sides,
        apart=entry.facts.apart,
        dx=entry.facts.dx or (),
    )
    draft.add(service)
    guided(entry, service, draft)


def genicular(entries: Sequence[Entry], draft: Draft) -> None:
    """Add the genicular procedures of a session: a knee is one service, reduced with few branches."""
    book = draft.book
    for entry in entries:
        facts = entry.facts
        if not isinstance(facts, Genicular):
            continue
        rests_on = told(facts, "kind", "branches", "side")
        if facts.kind is None:
            draft.ask(entry, "kind", "every code of the knee")
        elif facts.kind == "pulsed":
            draft.pulsed(entry, "kind", "branches", "side")
        elif (chosen := book.choose("genicular", facts.kind)) is None:
            draft.no_code((entry.number,), rests_on)
        else:
            reasons, modifiers = [reason(chosen, rests_on)], []
            if facts.branches is None:
                draft.ask(entry, "branches", f"52 on {chosen.code}, which reduces it")
            if (facts.branches or 0) < book.number("genicular_branches"):
                modifiers.append("52")
                reasons.append(book.statement("genicular_branches", told(facts, "branches")))
            draft.add(
                Service(
                    chosen.code,
                    (entry.number,),
                    tuple(reasons),
                    side=facts.side,
                    modifiers=tuple(modifiers),
                    structure="knee",
                    apart=facts.apart,
                    dx=facts.dx or (),
                )
            )


def stimulators(entries: Sequence[Entry], draft: Draft) -> None:
    """Add the leads and generators of a session."""
    for entry in entries:
        facts = entry.facts
        if not isinstance(facts, Stimulator):
            continue
        if facts.part is None:
            draft.ask(entry, "part", "every code of the stimulator")
            continue
        chosen = draft.book.choose("stimulator", facts.part)
        rests_on = told(facts, "part", "leads")
        if chosen is None:
            draft.no_code((entry.number,), rests_on)
            continue
        reasons = [reason(chosen, rests_on)]
        units = 1
        if facts.part == "lead":
            reasons.append(draft.book.statement("leads", told(facts, "leads")))
            units = facts.leads or 1
            if facts.leads is None:
                draft.ask(entry, "leads", f"units of {chosen.code}")
        draft.add(
            Service(
                chosen.code,
                (entry.number,),
                tuple(reasons),
                units=units,
                structure=facts.part,
                apart=facts.apart,
                dx=facts.dx or (),
            )
        )


def programming(entries: Sequence[Entry], draft: Draft) -> None:
    """Add the programming of a session, by the settings changed."""
    book = draft.book
    for entry in entries:
        facts = entry.facts
        if not isinstance(facts, Programming):
            continue
        if facts.settings_changed is None:
            draft.ask(entry, "settings_changed", "the code for settings changed")
        chosen = book.choose("programming", count=facts.settings_changed or 0)
        rests_on = told(facts, "settings_changed")
        if chosen is None:
            draft.no_code((entry.number,), rests_on)
            continue
        draft.add(
            Service(
                chosen.code,
                (entry.number,),
                (reason(chosen, rests_on), book.statement("settings", rests_on)),
                structure="programming",
                apart=facts.apart,
                dx=facts.dx or (),
            )
        )
