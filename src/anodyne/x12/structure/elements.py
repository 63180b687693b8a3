"""Elements against the guide: there or not, how long, of what type, of which codes, and in which company."""

from typing import Final

import numpy as np

from anodyne.x12.delimiters import CR, LF
from anodyne.x12.segments import Rows
from anodyne.x12.structure.characters import numbers, short_codes
from anodyne.x12.structure.fields import Fields, Sheet
from anodyne.x12.structure.found import Found
from anodyne.x12.structure.notation import KIND, LENGTH, LISTED, NUMBER, Bits, Pairing

_LIST_RULES: Final = {"state": "X12-STATE", "pos": "X12-POS"}
_LONGEST_SHOWN: Final = 3
_LINE_BREAKS: Final = (9, 10, 13)


def check_elements(sheet: Sheet, found: Found) -> None:
    """Everything that the guide says of single segments."""
    _empty_segments(sheet, found)
    lacking = _present_or_not(sheet, found)
    _surplus(sheet, found, lacking)
    for fields in (sheet.elements, sheet.components):
        _lengths(sheet, found, fields)
        _types(sheet, found, fields)
        _codes(sheet, found, fields)
    _pairings(sheet, found)
    _characters(sheet, found)


def name_of(sheet: Sheet, row: int, place: int, part: int = 0) -> str:
    """What to call an element or component in a message: `SV104`, `CLM05-1`."""
    use = sheet.guide.uses[int(sheet.use[row])]
    return f"{use.segment}{place:02d}" + (f"-{part}" if part else "")


def field_names(sheet: Sheet, fields: Fields) -> list[str]:
    """What to call each of `fields`."""
    place, part = sheet.guide.place[fields.spec], sheet.guide.part[fields.spec]
    triples = zip(fields.row.tolist(), place.tolist(), part.tolist(), strict=True)
    return [name_of(sheet, *triple) for triple in triples]


def _empty_segments(sheet: Sheet, found: Found) -> None:
    window = sheet.window
    empty = window.start == window.end
    found.add(
        sheet.placed, "X12-SEG-EMPTY", np.flatnonzero(empty), "an empty segment: two terminators in a row"
    )
    bare = np.flatnonzero((window.count == 0) & (sheet.use > 0))
    names = [f"{sheet.guide.uses[use].segment} has no elements" for use in sheet.use[bare].tolist()]
    found.add(sheet.placed, "X12-SEG-EMPTY", bare, names)


def _present_or_not(sheet: Sheet, found: Found) -> Rows:
    """Required elements that are missing, unused ones that are there; gives the rows that lack something."""
    table, use = sheet.guide, sheet.use
    filled = sheet.window.count > 0
    lacking = table.must[use] & ~sheet.present
    rows = np.flatnonzero((lacking != 0) & filled)
    _by_bit(sheet, found, "X12-ELM-MISSING", rows, lacking[rows], message="{} is missing")
    surplus = table.unused[use] & sheet.present
    extra = np.flatnonzero(surplus)
    _by_bit(sheet, found, "X12-ELM-UNUSED", extra, surplus[extra], message="{} is not used here")
    spec = sheet.elements.spec[sheet.composites]
    in_parts = table.parts_must[spec] & ~sheet.present_components
    bad = np.flatnonzero(in_parts)
    _by_bit_of_parts(sheet, found, "X12-ELM-MISSING", bad, in_parts[bad], message="{} is missing")
    in_parts_surplus = table.parts_unused[spec] & sheet.present_components
    bad_extra = np.flatnonzero(in_parts_surplus)
    _by_bit_of_parts(
        sheet, found, "X12-ELM-UNUSED", bad_extra, in_parts_surplus[bad_extra], message="{} is not used here"
    )
    return rows


def _by_bit(sheet: Sheet, found: Found, rule: str, rows: Rows, bits: Bits, *, message: str) -> None:
    """A finding for each bit that is set."""
    window = sheet.window
    for row, set_ in zip(rows.tolist(), bits.tolist(), strict=True):
        for place in _places(set_):
            one = np.array([row])
            start, _ = window.element(one, place)
            found.add(sheet.placed, rule, one, message.format(name_of(sheet, row, place)), at=start)


def _by_bit_of_parts(
    sheet: Sheet, found: Found, rule: str, numbers_: Rows, bits: Bits, *, message: str
) -> None:
    owners = sheet.composites[numbers_]
    for owner, set_ in zip(owners.tolist(), bits.tolist(), strict=True):
        row = int(sheet.elements.row[owner])
        place = int(sheet.guide.place[sheet.elements.spec[owner]])
        names = [name_of(sheet, row, place, part) for part in _places(set_)]
        for name in names:
            found.add(
                sheet.placed, rule, np.array([row]), message.format(name), at=sheet.elements.start[[owner]]
            )


def _places(bits: int) -> list[int]:
    return [place + 1 for place in range(bits.bit_length()) if bits >> place & 1]


def _surplus(sheet: Sheet, found: Found, lacking: Rows) -> None:
    """Elements beyond the last that the segment can have, and separators after the last that is filled."""
    table, window = sheet.guide, sheet.window
    known = (sheet.use > 0) & (window.count > 0)
    beyond = known & (window.count > table.width[sheet.use])
    last = known & (window.data[window.end - 1] == window.delimiters.element)
    over = np.flatnonzero(beyond & ~last)
    labels = [table.uses[use].segment for use in sheet.use[over].tolist()]
    counts = zip(labels, window.count[over].tolist(), table.width[sheet.use[over]].tolist(), strict=True)
    found.add(
        sheet.placed,
        "X12-ELM-SURPLUS",
        over,
        [f"{label} has {n} elements; it can have {most}" for label, n, most in counts],
    )
    trailing = last.copy()
    trailing[lacking] = False
    ends = np.flatnonzero(trailing)
    names = [table.uses[use].segment for use in sheet.use[ends].tolist()]
    found.add(
        sheet.placed,
        "X12-ELM-TRAILING",
        ends,
        [f"{name} ends with an empty element" for name in names],
        at=window.end[ends],
    )
    _surplus_parts(sheet, found)


def _surplus_parts(sheet: Sheet, found: Found) -> None:
    elements, components = sheet.elements, sheet.components
    simple = elements[sheet.strays]
    message = [f"{name} has components; it is a single value" for name in field_names(sheet, simple)]
    found.add(sheet.placed, "X12-ELM-SURPLUS", simple.row, message, at=simple.start)
    sizes = np.diff(np.append(sheet.first_component, len(components)))
    wide = sizes > sheet.guide.parts[elements.spec[sheet.composites]]
    final = components.length[np.maximum(sheet.first_component + sizes - 1, 0)] if len(sizes) else sizes
    over = elements[sheet.composites[wide & (final > 0)]]
    found.add(
        sheet.placed,
        "X12-ELM-SURPLUS",
        over.row,
        [f"{name} has too many components" for name in field_names(sheet, over)],
        at=over.start,
    )
    ends = elements[sheet.composites[final == 0]]
    message = [f"{name} ends with an empty component" for name in field_names(sheet, ends)]
    found.add(sheet.placed, "X12-ELM-TRAILING", ends.row, message, at=ends.start)


def _lengths(sheet: Sheet, found: Found, fields: Fields) -> None:
    table = sheet.guide
    fields = fields.marked(LENGTH)
    if not len(fields):
        return
    spec, length = fields.spec, fields.length
    wrong = (length < table.shortest[spec]) | (length > table.longest[spec])
    judged_elsewhere = np.isin(table.kind[spec], _KINDS_WITH_OWN_LENGTH) | (table.listed[spec] > 0)
    bad = fields[np.flatnonzero(wrong & ~judged_elsewhere)]
    messages = [
        f"{name} has {length} characters; it can have {shortest}"
        + ("" if shortest == longest else f" to {longest}")
        for name, length, shortest, longest in zip(
            field_names(sheet, bad),
            bad.length.tolist(),
            table.shortest[bad.spec].tolist(),
            table.longest[bad.spec].tolist(),
            strict=True,
        )
    ]
    found.add(sheet.placed, "X12-ELM-LENGTH", bad.row, messages, at=bad.start)


def _types(sheet: Sheet, found: Found, fields: Fields) -> None:
    """Numbers that are none."""
    asked = fields.where(NUMBER)
    whole = _IS_WHOLE[sheet.guide.kind[fields.spec[asked]]]
    number = numbers(sheet.window.data, fields.start[asked], fields.end[asked], whole)
    bad = fields[asked[~number]]
    messages = [f"{name} is not a number" for name in field_names(sheet, bad)]
    found.add(sheet.placed, "X12-ELM-TYPE", bad.row, messages, at=bad.start)


def _codes(sheet: Sheet, found: Found, fields: Fields) -> None:
    """Values outside the guide's closed lists."""
    table = sheet.guide
    asked = fields.where(LISTED)
    keys = short_codes(sheet.window.data, fields.start[asked], fields.end[asked])
    keys |= table.list_key[fields.spec[asked]]
    bad = fields[asked[~table.in_list.has(keys)]]
    if not len(bad):
        return
    names = field_names(sheet, bad)
    values = [
        shown(sheet, start, end) for start, end in zip(bad.start.tolist(), bad.end.tolist(), strict=True)
    ]
    kinds = table.kind[bad.spec]
    for kind, rule in _LIST_RULES.items():
        own = np.flatnonzero(kinds == KIND[kind])
        found.add(
            sheet.placed,
            rule,
            bad.row[own],
            [f"{names[k]} {values[k]} is no {_WORDS[kind]}" for k in own],
            at=bad.start[own],
        )
    rest = np.flatnonzero(~np.isin(kinds, [KIND[kind] for kind in _LIST_RULES]))
    messages = [f"{names[k]} {values[k]} is none of the codes allowed here" for k in rest]
    found.add(sheet.placed, "X12-CODE", bad.row[rest], messages, at=bad.start[rest])


def shown(sheet: Sheet, start: int, end: int) -> str:
    """A value as a message may show it: only what is too short to tell anything of a person."""
    if end - start > _LONGEST_SHOWN:
        return f"({end - start} characters)"
    return bytes(sheet.window.data[start:end]).decode("latin-1")


def _pairings(sheet: Sheet, found: Found) -> None:
    table = sheet.guide
    shape = table.shape[sheet.use]
    for name, rules in table.pairings.items():
        rows = np.flatnonzero(shape == table.shapes.index(name))
        if not len(rows):
            continue
        present = sheet.present[rows]
        for rule in rules:
            bad = rows[_broken(rule, present)]
            found.add(sheet.placed, "X12-ELM-PAIR", bad, [_said(sheet, row, rule) for row in bad.tolist()])


def _broken(rule: Pairing, present: Bits) -> Rows:
    every = sum(1 << (place - 1) for place in rule.places)
    first = 1 << (rule.places[0] - 1)
    held = present & every
    if rule.letter == "P":
        broken = (held != 0) & (held != every)
    elif rule.letter == "C":
        broken = ((held & first) != 0) & (held != every)
    elif rule.letter == "L":
        broken = held == first
    elif rule.letter == "R":
        broken = held == 0
    else:
        broken = (held & (held - 1)) != 0
    return np.flatnonzero(broken)


def _said(sheet: Sheet, row: int, rule: Pairing) -> str:
    names = [name_of(sheet, row, place) for place in rule.places]
    first, rest = names[0], names[1:]
    if rule.letter == "P":
        return f"{' and '.join(names)} are given together or not at all"
    if rule.letter == "C":
        return f"{first} is given without {' and '.join(rest)}"
    if rule.letter == "L":
        return f"{first} is given without {' or '.join(rest)}"
    if rule.letter == "R":
        return f"one of {', '.join(names)} must be given"
    return f"only one of {', '.join(names)} may be given"


def _characters(sheet: Sheet, found: Found) -> None:
    """Control characters inside segments; line breaks and the punctuation itself are none."""
    window = sheet.window
    data = window.data[: int(window.end[-1])] if len(window) else window.data[:0]
    odd = data < 32
    if np.count_nonzero(odd) == np.count_nonzero(data == LF) and not (data == 127).any():
        return
    odd |= data == 127
    odd &= (data != LF) & (data != CR)
    marks = window.delimiters
    places = np.flatnonzero(
        odd & ~np.isin(data, [marks.element, marks.component, marks.repetition, marks.segment])
    )
    row = np.searchsorted(window.start, places, "right") - 1
    inside = (row >= 0) & (places < window.end[np.maximum(row, 0)])
    rows, first = np.unique(row[inside], return_index=True)
    found.add(
        sheet.placed,
        "X12-CHARACTER",
        rows,
        "a control character stands in the data",
        at=places[inside][first],
    )


_WORDS: Final = {"state": "postal code of a state or province", "pos": "place of service in use"}
_IS_WHOLE: Final = np.isin(np.arange(len(KIND)), [KIND["N0"], KIND["pointer"]])
_KINDS_WITH_OWN_LENGTH: Final = [
    KIND[kind]
    for kind in (
        "date",
        "date6",
        "birth",
        "dtp",
        "TM",
        "taxonomy",
        "icd",
        "hcpcs",
        "modifier",
        "zip",
        "money",
    )
]
