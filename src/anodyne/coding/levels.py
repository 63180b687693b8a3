"""Levels of the spine: which are first, which are further, and on which side each."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from anodyne.coding.daybook import Daybook
from anodyne.coding.draft import Draft, Service, reason

_LEVEL: Final = re.compile(r"^([CTLS])(\d{1,2})(?:[-/ ]+([CTLS])?(\d{1,2}))?$")


@dataclass(frozen=True, slots=True)
class Level:
    """One level that was treated."""

    name: str
    side: str | None
    entries: tuple[int, ...]
    dx: tuple[str, ...] = ()
    apart: bool | None = None


def canonical(text: str) -> str:
    """A level as the tables write it, whatever the spelling.

    >>> canonical("l4/5"), canonical("C7-T1"), canonical(" s1 "), canonical("elbow")
    ('L4-L5', 'C7-T1', 'S1', 'ELBOW')
    """
    plain = " ".join(text.upper().replace("–", "-").split())
    found = _LEVEL.match(plain)
    if found is None:
        return plain
    upper, top, lower, bottom = found.groups()
    if bottom is None:
        return f"{upper}{int(top)}"
    below = lower or (
        {"C7": "T", "T12": "L", "L5": "S"}.get(f"{upper}{int(top)}", upper) if bottom == "1" else upper
    )
    return f"{upper}{int(top)}-{below}{int(bottom)}"


def together(levels: Iterable[Level]) -> list[Level]:
    """Each level once, in the order in which it was first named; right and left of one are both sides."""
    found: dict[str, Level] = {}
    for level in levels:
        before = found.get(level.name)
        if before is None:
            found[level.name] = level
            continue
        found[level.name] = replace(
            before,
            side=both_of(before.side, level.side),
            entries=tuple(dict.fromkeys((*before.entries, *level.entries))),
            dx=tuple(dict.fromkeys((*before.dx, *level.dx))),
            apart=before.apart or level.apart,
        )
    return list(found.values())


def both_of(one: str | None, other: str | None) -> str | None:
    """The side of what was treated twice: both where the two are right and left, else what is known of it."""
    if one is None or other is None:
        return one or other
    return one if one == other else "both"


def services_of(
    levels: Sequence[Level],
    draft: Draft,
    *,
    family: str,
    what: str,
    variant: str,
    guidance: str,
    rests_on: str,
) -> list[Service]:
    """The services of `levels` of one region: the first, the second, and what the table says of the rest."""
    book = draft.book
    found: list[Service] = []
    for step, parts in _steps(book, levels, (family, what, variant, guidance)):
        chosen = book.choose(family, what, variant, guidance, step=step)
        if chosen is None:
            draft.no_code(parts[0].entries, rests_on)
            continue
        for side, units, entries, dx, apart in _by_side(parts, once=step == "rest"):
            names = ", ".join(level.name for level in parts if step == "rest" or level.side == side)
            found.append(
                Service(
                    chosen.code,
                    entries,
                    (reason(chosen, f"{rests_on}; counted here: {names}"),),
                    side=side,
                    units=units,
                    structure=f"{what} {names}",
                    step=step,
                    group=f"{family} {what} {variant} {guidance}",
                    apart=apart,
                    dx=dx,
                )
            )
    return found


def _steps(
    book: Daybook, levels: Sequence[Level], key: tuple[str, str, str, str]
) -> list[tuple[str, list[Level]]]:
    """`levels` by step: first, next and rest, as far as the table has codes for them."""
    rest = book.choose(*key, step="rest") is not None
    following = book.choose(*key, step="next") is not None
    steps = [("first", [levels[0]])]
    if len(levels) > 1 and rest and following:
        steps.append(("next", [levels[1]]))
        if len(levels) > 2:
            steps.append(("rest", list(levels[2:])))
    elif len(levels) > 1:
        steps.append(("rest" if rest else "next", list(levels[1:])))
    return steps


Grouped = tuple[str | None, int, tuple[int, ...], tuple[str, ...], bool | None]


def _by_side(levels: Sequence[Level], *, once: bool) -> list[Grouped]:
    """By side its units, entries and diagnoses; `once` makes one unit of all, on the sides of all."""
    if once:
        side = levels[0].side
        for level in levels[1:]:
            side = both_of(side, level.side)
        groups = [(side, list(levels), 1)]
    else:
        sides = list(dict.fromkeys(level.side for level in levels))
        groups = [(side, of := [level for level in levels if level.side == side], len(of)) for side in sides]
    return [
        (
            side,
            units,
            tuple(dict.fromkeys(n for level in of for n in level.entries)),
            tuple(dict.fromkeys(dx for level in of for dx in level.dx)),
            True if any(level.apart for level in of) else of[0].apart,
        )
        for side, of, units in groups
    ]
