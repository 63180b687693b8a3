"""Anatomy in, claim out: the lines of one session, each with its reason."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from anodyne.coding.built import Built, Line
from anodyne.coding.daybook import Daybook
from anodyne.coding.draft import Draft, Service
from anodyne.coding.drugs import drugs
from anodyne.coding.muscles import botulinum, dry_needling, trigger_points
from anodyne.coding.pointers import diagnoses_of, pointed
from anodyne.coding.procedures import FAMILIES
from anodyne.coding.reading import session_of
from anodyne.coding.session import Entry, Session
from anodyne.coding.sides import sided
from anodyne.coding.spine import epidurals, facets, sacroiliac_joints
from anodyne.coding.structures import as_facet, genicular, joints, nerves, programming, stimulators, tendons
from anodyne.coding.together import merged, told_apart, within_limits
from anodyne.reference.policies import Policies
from anodyne.reference.tables import Reference

_BUILDERS: Final[Mapping[str, Callable[[Sequence[Entry], Draft], None]]] = MappingProxyType(
    {
        "epidural": epidurals,
        "facet": facets,
        "sacroiliac": sacroiliac_joints,
        "genicular": genicular,
        "joint": joints,
        "tendon": tendons,
        "trigger_points": trigger_points,
        "dry_needling": dry_needling,
        "nerve": nerves,
        "botulinum": botulinum,
        "stimulator": stimulators,
        "programming": programming,
        "drug": drugs,
    }
)


def build(session: Mapping[str, object] | Session, *, reference: Reference, policies: Policies) -> Built:
    """The lines of `session`, what has to be asked, and what is not billed.

    `session` is a Session, or plain values as `reading.session_of` takes them.  Every code is valid on its
    day by `reference`; what a payer decides is what `policies` say of it, and a question where they say
    nothing.
    A fact that is missing gives the lesser code or none, and a question.  Raises BadFacts.
    """
    told = session if isinstance(session, Session) else session_of(session, reference)
    draft = Draft(told, Daybook(told.day, told.payer, reference, policies))
    entries = [as_facet(entry, draft.book) for entry in told.entries]
    for family, builder in _BUILDERS.items():
        record = FAMILIES[family][1]
        of_family = [entry for entry in entries if isinstance(entry.facts, record)]
        if of_family:
            builder(of_family, draft)
    services = [line for service in merged(draft.services, draft) for line in sided(service, draft)]
    services = told_apart(_in_order(services, draft), draft)
    within_limits(services, draft)
    claim = diagnoses_of(draft)
    return Built(
        told.day,
        told.place,
        told.payer,
        claim,
        tuple(_line(service, services, claim, draft) for service in services),
        tuple(draft.questions),
        tuple(draft.left_out),
    )


def _in_order(services: Sequence[Service], draft: Draft) -> list[Service]:
    """`services` by family as they were told, drugs last; within a family as they were built."""
    entries = draft.session.entries
    first: dict[str, int] = {}
    for entry in entries:
        first.setdefault(entry.family, entry.number)
    return sorted(services, key=lambda one: (one.structure == "drug", first[entries[one.entries[0]].family]))


def _line(service: Service, services: Sequence[Service], claim: tuple[str, ...], draft: Draft) -> Line:
    pointers, why = pointed(service, services, claim, draft)
    return Line(
        service.code,
        service.modifiers,
        service.units,
        pointers,
        (*service.reasons, *why),
        service.entries,
        service.ndc,
        service.ndc_qty,
        service.ndc_unit,
    )
