"""Muscles: counted by name, each once, whatever the side and the number of needles."""

from collections.abc import Iterable, Sequence
from typing import Final

from anodyne.coding.daybook import Daybook
from anodyne.coding.draft import Draft, Service, reason, told
from anodyne.coding.imaging import guided
from anodyne.coding.procedures import Botulinum, DryNeedling, TriggerPoints
from anodyne.coding.session import Entry

_RIGHT: Final = frozenset({"right", "r", "rt"})
_LEFT: Final = frozenset({"left", "l", "lt"})
_BOTH: Final = frozenset({"both", "bilateral", "bilaterally", "bilat"})
_SIDE_WORDS: Final = _RIGHT | _LEFT | _BOTH | {"muscle", "muscles", "the"}


def counted(names: Iterable[str]) -> list[str]:
    """Each muscle once, without the words of its side.

    >>> counted(["left trapezius", "Trapezius (right)", "levator scapulae"])
    ['trapezius', 'levator scapulae']
    """
    return list(dict.fromkeys(name for text in names if (name := _plain(text))))


def _plain(text: str) -> str:
    return " ".join(word for word in _words(text) if word not in _SIDE_WORDS)


def _words(text: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in text.casefold()).split()


def _by_side(names: Iterable[str]) -> int:
    """How many muscles there are where each side counts by itself."""
    sides: dict[str, set[str]] = {}
    for text in names:
        words = set(_words(text))
        both = words & _BOTH
        right, left = both or words & _RIGHT, both or words & _LEFT
        sides.setdefault(_plain(text), set()).update(["right"] * bool(right), ["left"] * bool(left))
    return sum(max(1, len(found)) for found in sides.values())


def trigger_points(entries: Sequence[Entry], draft: Draft) -> None:
    """Add the trigger point injections of a session: one code, one unit."""
    _by_muscles(entries, draft, "trigger_points")


def dry_needling(entries: Sequence[Entry], draft: Draft) -> None:
    """Add the dry needling of a session: one code, one unit."""
    _by_muscles(entries, draft, "dry_needling")


def _by_muscles(entries: Sequence[Entry], draft: Draft, family: str) -> None:
    told_of: list[Entry] = []
    names: list[str] = []
    for entry in entries:
        facts = entry.facts
        if not isinstance(facts, TriggerPoints | DryNeedling):
            continue
        if facts.muscles:
            names += facts.muscles
            told_of.append(entry)
        elif facts.muscle_count is not None:
            draft.ask(entry, "muscles", _more(family, draft.book))
            told_of.append(entry)
        else:
            draft.ask(entry, "muscles", "every code")
    if not told_of:
        return
    book, muscles = draft.book, counted(names)
    chosen = book.choose(family, count=max(1, len(muscles)))
    rests_on = f"muscles: {', '.join(muscles) or 'not named'}"
    numbers = tuple(entry.number for entry in told_of)
    if chosen is None:
        draft.no_code(numbers, rests_on)
        return
    _ask_of_names(told_of[0], draft, names, muscles, (family, chosen.code))
    service = Service(
        chosen.code,
        numbers,
        (reason(chosen, rests_on), book.statement("muscles", rests_on)),
        structure=family,
        apart=True if any(entry.facts.apart for entry in told_of) else told_of[0].facts.apart,
        dx=tuple(dict.fromkeys(dx for entry in told_of for dx in entry.facts.dx or ())),
    )
    draft.add(service)
    guided(told_of[0], service, draft)


def _more(family: str, book: Daybook) -> str:
    higher = book.choose(family, count=3)
    return f"{higher.code}, where three or more are named" if higher else "the code"


def _ask_of_names(
    entry: Entry, draft: Draft, names: Sequence[str], muscles: Sequence[str], chosen: tuple[str, str]
) -> None:
    """Ask where a name is that of a group, or where both sides of one muscle would make another code."""
    book, (family, code) = draft.book, chosen
    groups = [name for name in muscles if book.structure("muscle_group", name.replace(" ", "_"))]
    if groups:
        asks = f"which muscles of these groups: {', '.join(groups)}? A group counts as one"
        draft.ask(entry, "muscles", _more(family, book), asks=asks)
    by_side = book.choose(family, count=max(1, _by_side(names)))
    if by_side is not None and by_side.code != code:
        asks = f"{len(muscles)} muscles by name, some on both sides: does the payer count each side?"
        draft.ask_coder(entry.number, asks, by_side.code, "muscles")


def botulinum(entries: Sequence[Entry], draft: Draft) -> None:
    """Add the botulinum injections of a session: limbs and trunk by their muscles."""
    limbs: dict[str, list[Entry]] = {}
    for entry in entries:
        facts = entry.facts
        if not isinstance(facts, Botulinum):
            continue
        if facts.target is None:
            draft.ask(entry, "target", "every code of the injection")
        elif facts.target == "limb":
            if facts.limb is None:
                draft.ask(entry, "limb", "every code of the limb")
            else:
                limbs.setdefault(facts.limb, []).append(entry)
        else:
            _one_target(entry, facts, facts.target, draft)
    _limbs(limbs, draft)


def _one_target(entry: Entry, facts: Botulinum, target: str, draft: Draft) -> None:
    book = draft.book
    muscles = counted(facts.muscles or ())
    if target == "trunk" and not muscles:
        draft.ask(entry, "muscles", "the code for more muscles")
    chosen = book.choose("botulinum", target, count=max(1, len(muscles)))
    rests_on = told(facts, "target", "muscles", "side")
    if chosen is None:
        draft.no_code((entry.number,), rests_on)
        return
    reasons = [reason(chosen, rests_on)]
    if target == "migraine":
        reasons.append(book.statement("migraine", rests_on))
    side = facts.side if target in {"face", "neck", "larynx"} else None
    draft.add(
        Service(
            chosen.code,
            (entry.number,),
            tuple(reasons),
            side=side,
            structure=target,
            own_sides=target in {"migraine", "trunk"},
            apart=facts.apart,
            dx=facts.dx or (),
        )
    )


def _limbs(limbs: dict[str, list[Entry]], draft: Draft) -> None:
    """The limb with the most muscles is first; equal ones in the order told."""
    book = draft.book
    by_limb: list[tuple[int, str, list[Entry]]] = []
    for limb, entries in limbs.items():
        names = [
            name
            for entry in entries
            if isinstance(entry.facts, Botulinum)
            for name in entry.facts.muscles or ()
        ]
        if not names:
            draft.ask(entries[0], "muscles", "the code for more muscles")
        by_limb.append((len(counted(names)), limb, entries))
    by_limb.sort(key=lambda one: -one[0])
    found: dict[tuple[str, str], Service] = {}
    for place, (count, limb, entries) in enumerate(by_limb):
        step = "next" if place else "first"
        chosen = book.choose("botulinum", "limb", step=step, count=max(1, count))
        rests_on = f"{limb.replace('_', ' ')}: {count or 'no'} muscles named"
        numbers = tuple(entry.number for entry in entries)
        if chosen is None:
            draft.no_code(numbers, rests_on)
            continue
        dx = tuple(dict.fromkeys(dx for entry in entries for dx in entry.facts.dx or ()))
        why = (reason(chosen, rests_on), book.statement("limbs", rests_on))
        before = found.get((chosen.code, step))
        if before is None:
            found[chosen.code, step] = Service(
                chosen.code,
                numbers,
                why,
                structure="limbs",
                own_sides=True,
                group="limbs",
                step=step,
                apart=entries[0].facts.apart,
                dx=dx,
            )
        else:
            found[chosen.code, step] = Service(
                chosen.code,
                (*before.entries, *numbers),
                (*before.reasons, why[0]),
                units=before.units + 1,
                structure="limbs",
                own_sides=True,
                group="limbs",
                step=step,
                apart=before.apart,
                dx=tuple(dict.fromkeys((*before.dx, *dx))),
            )
    for service in found.values():
        draft.add(service)
