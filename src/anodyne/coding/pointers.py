"""Diagnoses: which a line points to, and whether a coverage list supports them."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from anodyne.coding.built import Reason
from anodyne.coding.daybook import Daybook
from anodyne.coding.draft import Draft, Service
from anodyne.reference.sources import source
from anodyne.reference.tables import matches_in_force

_TABLES: Final = (
    "article_codes",
    "article_diagnoses",
    "article_contractors",
    "contractor_states",
    "state_numbers",
)
_MEDICARE: Final = "MB"


def plain(code: str) -> str:
    """A diagnosis code as claims hold it.

    >>> plain(" m54.16")
    'M5416'
    """
    return code.replace(".", "").strip().upper()


def diagnoses_of(draft: Draft) -> tuple[str, ...]:
    """The diagnoses of the claim: those of the session, then those that only a procedure names."""
    session = draft.session
    told = [*session.diagnoses, *(dx for entry in session.entries for dx in entry.facts.dx or ())]
    return tuple(dict.fromkeys(map(plain, told)))


def pointed(
    service: Service, services: Sequence[Service], claim: tuple[str, ...], draft: Draft
) -> tuple[tuple[int, ...], tuple[Reason, ...]]:
    """The places of the diagnoses of `service` in those of the `claim`, and why these."""
    book = draft.book
    given = tuple(dict.fromkeys(map(plain, service.dx)))
    reasons: list[Reason] = []
    if not given and service.structure == "drug":
        given = _of_session(services)
        if given:
            reasons.append(Reason("the diagnoses of all procedures of the session", _told(given), ()))
    if not given and len(claim) == 1:
        given = claim
        reasons.append(Reason("the only diagnosis of the session", _told(given), ()))
    lists, covered = supported(service.code, book)
    if not given and covered:
        given = tuple(dx for dx in claim if dx in covered)
    if not given:
        for number in service.entries:
            entry = draft.session.entries[number]
            draft.ask(entry, "dx", f"the diagnoses of {service.code}")
        return (), ()
    if covered:
        named = ", ".join(lists)
        cites = (source("coverage-database").cite(f"{service.code}: {named}"),)
        support = [dx for dx in given if dx in covered]
        given = (*support, *(dx for dx in given if dx not in covered))
        if support:
            reasons.append(Reason(f"{', '.join(support)} stands in {named}", _told(given), cites))
        else:
            entry = draft.session.entries[service.entries[0]]
            asks = (
                f"{named} covers {service.code} for none of {', '.join(given)}: is there another diagnosis?"
            )
            draft.ask(entry, "dx", f"whether {service.code} is covered", asks=asks)
    elif not reasons:
        reasons.append(Reason("the diagnoses it was done for", _told(given), ()))
    most = book.number("pointers")
    if len(given) > most:
        reasons.append(book.statement("pointers", _told(given)))
    return tuple(claim.index(dx) + 1 for dx in given[:most]), tuple(reasons)


def _told(given: Sequence[str]) -> str:
    return f"dx: {', '.join(given)}"


def _of_session(services: Sequence[Service]) -> tuple[str, ...]:
    """The diagnoses that all procedures of the session have in common, where they have no others."""
    sets = {tuple(map(plain, service.dx)) for service in services if service.structure != "drug"}
    return next(iter(sets)) if len(sets) == 1 else ()


def supported(code: str, book: Daybook) -> tuple[tuple[str, ...], frozenset[str]]:
    """The articles of the state's contractor that list `code`, and the diagnoses they cover it for."""
    reference, payer = book.reference, book.payer
    nothing: tuple[tuple[str, ...], frozenset[str]] = ((), frozenset())
    if payer.filing != _MEDICARE or payer.state is None or not all(map(reference.editions, _TABLES)):
        return nothing
    found = pl.DataFrame({"code": [code], "served_on": [book.day]})
    for table, by in (
        ("article_codes", "code"),
        ("article_contractors", "article"),
        ("contractor_states", "contractor"),
        ("state_numbers", "state_id"),
    ):
        found = matches_in_force(found, reference, table, by=[by])
    own = found.filter(state=payer.state).select("article", "served_on").unique(maintain_order=True)
    listed = matches_in_force(own, reference, "article_diagnoses", by=["article"])
    return tuple(listed["article"].unique().sort()), frozenset(listed["dx"])
