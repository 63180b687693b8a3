"""The spine: epidurals, facet joints, sacroiliac joints."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from anodyne.coding.daybook import ANY
from anodyne.coding.draft import Draft, Service, policy_reason, reason, told
from anodyne.coding.imaging import IMAGING, beside_epidural, documented, guided, inside, without_imaging, xray
from anodyne.coding.levels import Level, services_of, together
from anodyne.coding.procedures import Epidural, Facet, SacroiliacJoint
from anodyne.coding.session import Entry

_LAST_THORACIC: Final = "T12-L1"
_FIRST_LUMBAR: Final = "L1-L2"
_FACET: Final = ("facet_lcd", "kx_facet")
_EPIDURAL: Final = ("epidural_lcd", "kx_epidural")
_SACROILIAC: Final = ("sacroiliac_lcd", "kx_sacroiliac")


def epidurals(entries: Sequence[Entry], draft: Draft) -> None:
    """Add the epidurals of a session."""
    foramina: list[tuple[Entry, Epidural]] = []
    for entry in entries:
        facts = entry.facts
        if not isinstance(facts, Epidural):
            continue
        if facts.approach is None:
            draft.ask(entry, "approach", "every code of the epidural")
        elif facts.approach == "transforaminal":
            foramina.append((entry, facts))
        else:
            _midline(entry, facts, draft)
    _foramina(foramina, draft)


def _midline(entry: Entry, facts: Epidural, draft: Draft) -> None:
    book = draft.book
    region = _region_of_needle(entry, facts, draft)
    if facts.catheter is None:
        draft.ask(entry, "catheter", "the code of an injection, or that of a catheter")
    if region is None or facts.catheter is None:
        return
    imaged = xray(entry, draft, "the code with imaging, which is paid more")
    what = "catheter" if facts.catheter else "single"
    chosen = book.choose("epidural", what, region, "imaged" if imaged else "none")
    rests_on = told(facts, "approach", "region", "level", "catheter", *IMAGING)
    if chosen is None:
        draft.no_code((entry.number,), rests_on)
        return
    reasons = [reason(chosen, rests_on)]
    if facts.imaging not in {None, "none"} and not imaged:
        reasons.append(without_imaging(entry, draft))
    if facts.side is not None:
        reasons.append(book.statement("midline", told(facts, "side")))
    service = Service(
        chosen.code, (entry.number,), tuple(reasons), apart=facts.apart, dx=facts.dx or (), structure=region
    )
    draft.add(service)
    if imaged:
        beside_epidural(entry, draft)
    elif documented(entry, draft, "the code with imaging") == "ultrasound":
        guided(entry, service, draft)


def _region_of_needle(entry: Entry, facts: Epidural, draft: Draft) -> str | None:
    """The region by which the code is chosen; None where it is not told, or told in two ways."""
    book = draft.book
    if facts.approach == "caudal":
        found = book.level("region", "sacral")
        return found[0] if found else None
    by_name, by_level = book.level("region", facts.region), book.level("interlaminar", facts.level)
    if by_name and by_level and by_name[0] != by_level[0]:
        draft.ask(
            entry,
            "region",
            "every code of the epidural",
            asks=f"level {facts.level} is not {facts.region}: at which level did the needle go in?",
        )
        return None
    known = by_level or by_name
    if known is None:
        draft.ask(entry, "region", "every code of the epidural")
    return known[0] if known else None


def _foramina(entries: Sequence[tuple[Entry, Epidural]], draft: Draft) -> None:
    levels: list[Level] = []
    for entry, facts in entries:
        if not facts.foramina:
            draft.ask(entry, "foramina", "every code of the epidural")
            continue
        imaged = xray(entry, draft, "every code: a foraminal epidural is only coded with imaging")
        if imaged is False:
            draft.leave(None, (entry.number,), without_imaging(entry, draft))
        if imaged:
            levels += [
                Level(name, facts.side, (entry.number,), facts.dx or (), facts.apart)
                for name in facts.foramina
            ]
    purposes = {facts.purpose for _, facts in entries}
    for region, group in _by_region(together(levels), "foramen", draft).items():
        rests_on = "; ".join(
            told(facts, "approach", "foramina", "side", *IMAGING)
            for entry, facts in entries
            if any(entry.number in level.entries for level in group)
        )
        services = services_of(
            group,
            draft,
            family="epidural",
            what="transforaminal",
            variant=region,
            guidance="imaged",
            rests_on=rests_on,
        )
        of = [entry for entry, _ in entries if any(entry.number in level.entries for level in group)]
        for service in _with_kx(services, draft, of, _EPIDURAL, purposes=purposes):
            draft.add(service)
        if services:
            beside_epidural(of[0], draft)


def facets(entries: Sequence[Entry], draft: Draft) -> None:
    """Add the facet procedures of a session: those of one kind count their levels together."""
    groups: dict[tuple[str, str], list[tuple[Entry, Facet]]] = {}
    for entry in entries:
        facts = entry.facts
        if not isinstance(facts, Facet):
            continue
        if facts.kind is None:
            draft.ask(entry, "kind", "every code of the facet joints")
        elif facts.kind == "pulsed":
            draft.pulsed(entry, "kind")
        elif (guidance := _facet_guidance(entry, facts, draft)) is not None:
            groups.setdefault((facts.kind, guidance), []).append((entry, facts))
    for (kind, guidance), group in groups.items():
        _facet_group(kind, guidance, group, draft)


def _facet_guidance(entry: Entry, facts: Facet, draft: Draft) -> str | None:
    found = documented(entry, draft, "every code: facet procedures are only coded with imaging")
    if found is None:
        return None
    if found == "ultrasound" and facts.kind == "block":
        return "ultrasound"
    if found not in {"fluoroscopy", "ct"}:
        draft.leave(None, (entry.number,), without_imaging(entry, draft))
        return None
    return "imaged"


def _facet_group(kind: str, guidance: str, group: Sequence[tuple[Entry, Facet]], draft: Draft) -> None:
    levels = together(
        Level(name, facts.side, (entry.number,), facts.dx or (), facts.apart)
        for entry, facts in group
        for name in _joints(entry, facts, draft)
    )
    rests_on = "; ".join(told(facts, "kind", "joints", "nerves", "side", *IMAGING) for _, facts in group)
    services: list[Service] = []
    for region, of_region in _by_region(levels, "facet", draft).items():
        if services and _thoracolumbar(levels, draft):
            services += _second_lumbar(kind, guidance, of_region[0], services[0], draft)
        else:
            services += services_of(
                of_region,
                draft,
                family="facet",
                what=kind,
                variant=region,
                guidance=guidance,
                rests_on=rests_on,
            )
    if not services:
        return
    entries = [entry for entry, _ in group]
    if kind == "block":
        purposes = {facts.purpose for _, facts in group}
        services = _with_kx(services, draft, entries, _FACET, purposes=purposes)
    joints = draft.book.statement("joints", ", ".join(level.name for level in levels))
    if any(entry.family == "nerve" for entry in entries):
        why = draft.book.statement("third_occipital", "nerve: third occipital")
        services = [service.because(why) for service in services]
    for service in services:
        if service.step == "rest":
            _third_level(service, draft)
        else:
            draft.add(service.because(joints) if len(levels) > 1 else service)
    inside(entries[0], draft)


def _joints(entry: Entry, facts: Facet, draft: Draft) -> tuple[str, ...]:
    """The joints told, or those of which all nerves are."""
    if facts.joints and not facts.nerves:
        return facts.joints
    if not facts.nerves:
        draft.ask(entry, "joints", "every code of the facet joints")
        return ()
    named = set(facts.nerves)
    joints = {joint: nerves for joint, nerves in draft.book.nerves().items() if nerves <= named}
    spare = named - {nerve for nerves in joints.values() for nerve in nerves}
    if spare or not joints:
        asks = (
            f"which joint is meant by {', '.join(sorted(spare or named))}? A joint counts with all its nerves"
        )
        draft.ask(entry, "joints", "a further level, or every code", asks=asks)
    if facts.joints and set(facts.joints) != set(joints):
        asks = f"the branches named serve {', '.join(joints) or 'no whole joint'}: which joints were treated?"
        draft.ask(entry, "joints", "every code of the facet joints", asks=asks)
        return ()
    return tuple(joints)


def _thoracolumbar(levels: Sequence[Level], draft: Draft) -> bool:
    return {level.name for level in levels} == {_LAST_THORACIC, _FIRST_LUMBAR} and draft.book.holds(
        "thoracolumbar"
    )


def _second_lumbar(kind: str, guidance: str, level: Level, thoracic: Service, draft: Draft) -> list[Service]:
    """L1-L2 as the second level after T12-L1."""
    book = draft.book
    lumbar = book.level("facet", level.name)
    chosen = book.choose("facet", kind, lumbar[0] if lumbar else "", guidance, step="next")
    if chosen is None:
        return []
    why = (reason(chosen, thoracic.reasons[0].rests_on), book.statement("thoracolumbar", level.name))
    if book.lists_add_on(chosen.code, thoracic.code) is False:
        asks = f"the national list has {chosen.code} not beside {thoracic.code}: does the payer take it so?"
        draft.ask_coder(level.entries[0], asks, f"whether {chosen.code} is paid")
    return [
        Service(
            chosen.code,
            level.entries,
            why,
            side=level.side,
            structure=f"{kind} {level.name}",
            step="next",
            group=thoracic.group,
            apart=level.apart,
            dx=level.dx,
        )
    ]


def _third_level(service: Service, draft: Draft) -> None:
    """Bill a third facet level, or not, as the payer's policy says."""
    book, value = draft.book, "facet_third_level"
    said = book.payer_says(value)
    if said in {"covered", "on_appeal"}:
        word = "covered" if said == "covered" else "denied at first and decided on appeal"
        draft.add(service.because(policy_reason(book, value, f"a third level is {word}", service.structure)))
        return
    says = "this payer does not cover a third level" if said else "whether the payer covers it is not known"
    draft.leave(service.code, service.entries, policy_reason(book, value, says, service.structure))
    if said is None:
        draft.ask_payer(value, f"{service.code} for the third level")


def sacroiliac_joints(entries: Sequence[Entry], draft: Draft) -> None:
    """Add the sacroiliac procedures of a session."""
    for entry in entries:
        facts = entry.facts
        if not isinstance(facts, SacroiliacJoint):
            continue
        if facts.kind is None:
            draft.ask(entry, "kind", "every code of the sacroiliac joint")
        elif facts.kind == "pulsed":
            draft.pulsed(entry, "kind")
        else:
            _sacroiliac(entry, facts, facts.kind, draft)


def _sacroiliac(entry: Entry, facts: SacroiliacJoint, kind: str, draft: Draft) -> None:
    book = draft.book
    imaged = xray(entry, draft, "every code: it depends on the imaging")
    if imaged is None:
        return
    biller = draft.session.biller if kind == "joint" else ANY
    chosen = book.choose("sacroiliac", kind, biller, "imaged" if imaged else "none")
    rests_on = told(facts, "kind", "side", *IMAGING)
    if chosen is None:
        draft.leave(None, (entry.number,), without_imaging(entry, draft))
        return
    service = Service(
        chosen.code,
        (entry.number,),
        (reason(chosen, rests_on),),
        side=facts.side,
        structure="sacroiliac joint",
        apart=facts.apart,
        dx=facts.dx or (),
    )
    if not imaged:
        draft.add(service.because(without_imaging(entry, draft)))
        return
    diagnostic = [] if kind == "nerve_ablation" else [service]
    for each in _with_kx(diagnostic, draft, [entry], _SACROILIAC, purposes={facts.purpose}) or [service]:
        draft.add(each)
    inside(entry, draft)


def _by_region(levels: Sequence[Level], family: str, draft: Draft) -> dict[str, list[Level]]:
    """`levels` by region, that nearer the head first."""
    placed = [(known, level) for level in levels if (known := draft.book.level(family, level.name))]
    regions: dict[str, list[Level]] = {}
    for (region, _), level in sorted(placed, key=lambda one: one[0][0]):
        regions.setdefault(region, []).append(level)
    return regions


def _with_kx(
    services: list[Service],
    draft: Draft,
    entries: Sequence[Entry],
    policy: tuple[str, str],
    *,
    purposes: set[str | None],
) -> list[Service]:
    """`services` with KX where they are diagnostic and the payer's policy wants it said.

    `policy`: the payer's value that binds it, and the statement of why.
    """
    book, (value, statement) = draft.book, policy
    if not services:
        return services
    bound = book.payer_says(value)
    if bound is False or purposes == {"therapeutic"}:
        return services
    if None in purposes or len(purposes) > 1:
        if bound:
            for entry in entries:
                draft.ask(entry, "purpose", f"KX on {services[0].code}")
        return services
    if bound is None:
        draft.ask_payer(value, f"KX on {services[0].code}")
        return services
    why = book.statement(statement, told(entries[0].facts, "purpose"), book.payer_cites(value))
    return [_kx(service).because(why) for service in services]


def _kx(service: Service) -> Service:
    return replace(service, modifiers=(*service.modifiers, "KX"))
