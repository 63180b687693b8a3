"""What was fixed, claim by claim, and what was left: for people as text, for programs as JSON."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

from anodyne.app import words
from anodyne.app.fix import TOLD, Fixed, FixedClaim, FixedLine, LeftLine
from anodyne.app.words import counted
from anodyne.cli.page import Page, entry, folded, printable, shortened
from anodyne.kernel.money import dollars
from anodyne.model.frames import MODIFIERS

RULES_AT: Final = 2
WORDS_AT: Final = 12


def write(fixed: Fixed, out: BinaryIO, page: Page) -> None:
    """Write what was fixed to `out` as UTF-8 text, every row within the width of `page`."""
    out.writelines(text.encode(errors="replace") for text in _told(fixed, page))


def as_json(fixed: Fixed) -> Iterator[str]:
    """What was fixed as a JSON object, in parts; lines are numbered as in the file given."""
    head = {
        "file": fixed.name,
        "claims": len(fixed.claims),
        "lines": _lines(fixed),
        "removed_cents": fixed.removed_cents,
    }
    yield f'{_json(head)[:-1]},"applied":['
    yield from _listed(_applied(claim, line) for claim in fixed.claims for line in claim.lines)
    yield '],"left":['
    yield from _listed(map(_left_out, fixed.left))
    yield "]}"


def _told(fixed: Fixed, page: Page) -> Iterator[str]:
    name = printable(fixed.name)
    if fixed.claims:
        what = f"{counted(_lines(fixed), 'line')} on {counted(len(fixed.claims), 'claim')}"
        less = f"{dollars(fixed.removed_cents)} less billed"
        yield f"{entry('Fixed:', f'{what}, {less} · corrected copy {name}', 7, page)}\n"
    else:
        yield entry("Fixed:", f"nothing · the copy {name} is the file as given", 7, page)
    for claim in fixed.claims:
        yield _claim(claim, page)
        for line in claim.lines:
            yield _line(line, page)
    if fixed.left:
        yield f"\n{entry('Not fixed:', counted(len(fixed.left), 'line'), 11, page)}"
    claim_id = None
    for left in fixed.left:
        if left.claim != claim_id:
            claim_id = left.claim
            yield f"{page.ink('strong', shortened(printable(claim_id or 'no claim id'), page.width))}\n"
        yield _left(left, page)
    yield f"\n{page.ink('faint', 'What remains:')}\n"


def _claim(claim: FixedClaim, page: Page) -> str:
    charges = dollars(claim.before_cents)
    less = claim.before_cents - claim.after_cents
    if less:
        charges += f" → {dollars(claim.after_cents)} billed, {dollars(less)} less"
    name = shortened(printable(claim.claim or "no claim id"), page.width - len(charges) - 3)
    gap = " " * (page.width - len(name) - len(charges))
    return f"{page.ink('strong', name)}{gap}{charges}\n"


def _line(line: FixedLine, page: Page) -> str:
    after = "left out" if line.after is None else _changed(line.before, line.after)
    text = f"{_as_billed(line.before)} → {after}"
    return _row(line.line, text, ", ".join(line.rules), page)


def _left(left: LeftLine, page: Page) -> str:
    fixes = [words.fix(fix, left.line, left.code, left.modifiers) for fix in left.fixes]
    day = f"{left.served_on}: " if left.served_on else ""
    row = _row(left.line, day + " or ".join(fixes), ", ".join(left.rules), page)
    room = page.width - WORDS_AT
    why = "".join(f"{'':{WORDS_AT}}{page.ink('faint', part)}\n" for part in folded(left.why, room, room))
    return row + why


def _row(number: int | None, text: str, rules: str, page: Page) -> str:
    """A line's number, what becomes of it, and at the right the rules that say so."""
    start = f"{'':{RULES_AT}}line {'?' if number is None else number}"
    first, *more = folded(printable(text), page.width - WORDS_AT - len(rules) - 2, page.width - WORDS_AT)
    gap = " " * (page.width - WORDS_AT - len(first) - len(rules))
    rows = [f"{start:<{WORDS_AT}}{page.ink('fix', first)}{gap}{rules}"]
    rows += (f"{'':{WORDS_AT}}{page.ink('fix', part)}" for part in more)
    return "\n".join(rows) + "\n"


def _as_billed(line: Mapping[str, Any]) -> str:
    """A line as a biller knows it: code with modifiers, units, charge."""
    return ", ".join((_code(line), _value("units", line["units"]), dollars(line["charge_cents"])))


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What of a line is another now."""
    parts = []
    if _code(before) != _code(after):
        parts.append(_code(after))
    others = (name for name in after if name != "code" and name not in MODIFIERS)
    parts += (_value(name, after[name]) for name in others if before[name] != after[name])
    return ", ".join(parts)


def _code(line: Mapping[str, Any]) -> str:
    return "-".join(str(line[name]) for name in ("code", *MODIFIERS) if line[name] is not None) or "no code"


def _value(name: str, value: object) -> str:
    if name == "charge_cents" and isinstance(value, int):
        return dollars(value)
    return words.value_of(name, value)


def _lines(fixed: Fixed) -> int:
    return sum(len(claim.lines) for claim in fixed.claims)


def _applied(claim: FixedClaim, line: FixedLine) -> Mapping[str, Any]:
    return {
        "claim": claim.claim,
        "segment": claim.segment,
        "line": line.line,
        "rules": line.rules,
        "before": _filled(line.before),
        "after": None if line.after is None else _filled(line.after),
        "claim_before_cents": claim.before_cents,
        "claim_after_cents": claim.after_cents,
    }


def _filled(line: Mapping[str, Any]) -> Mapping[str, Any]:
    """The columns of a line; of those always told, the ones that are filled."""
    return {name: value for name, value in line.items() if value is not None or name not in TOLD}


def _left_out(left: LeftLine) -> Mapping[str, Any]:
    return {
        "claim": left.claim,
        "line": left.line,
        "served_on": left.served_on and left.served_on.isoformat(),
        "rules": left.rules,
        "fixes": [json.loads(fix) for fix in left.fixes],
        "why": left.why,
    }


def _listed(rows: Iterator[Mapping[str, Any]]) -> Iterator[str]:
    before = "\n"
    for row in rows:
        yield before + _json(row)
        before = ",\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
