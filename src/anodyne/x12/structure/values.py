"""Values that have a form of their own: NPI, dates, addresses, taxonomy, codes of care, amounts."""

from collections.abc import Callable
from typing import Final

import numpy as np

from anodyne.kernel.npi import DIGITS, DOUBLED, PREFIX_SUM
from anodyne.x12 import columns
from anodyne.x12.loops import LOOP
from anodyne.x12.segments import Flags, Rows, packed
from anodyne.x12.structure.characters import codes, finer_than_cents, has_point, has_some, numbers
from anodyne.x12.structure.elements import field_names
from anodyne.x12.structure.fields import Fields, Sheet
from anodyne.x12.structure.found import Found

_LONGEST_CODE: Final = 8
"""Codes that are longer are cut in findings: they may be something else than codes."""
_NPI: Final = packed("XX")
_DOUBLED: Final = np.array(DOUBLED)
_HOME: Final = (0, packed("US"), packed("USA"))
_PO_BOX: Final = r"(?i)\bP\.?\s*O\.?\s*BOX\b|\bPOST\s+OFFICE\s+BOX\b|\bLOCK\s*BOX\b"
_NINE_DIGITS: Final = ("2010AA", "2310C", "2420C")
_ICD_10: Final = (packed("ABK"), packed("ABF"))
_HCPCS: Final = packed("HC")
_LAST_OF_CPT: Final = np.isin(np.arange(256), [ord(mark) for mark in "AFTUM"])
_FIRST_OF_HCPCS: Final = np.isin(np.arange(256), [ord(mark) for mark in "ABCDEFGHIJKLMNOPQRSTUV"])
_PHONES: Final = (packed("TE"), packed("FX"))


def check_values(sheet: Sheet, found: Found) -> None:
    """Every value that is not what it should be by its own form."""
    _npis(sheet, found)
    _moments(sheet, found)
    _addresses(sheet, found)
    _tax_ids(sheet, found)
    _shape(
        sheet,
        found,
        "taxonomy",
        "X12-TAXONOMY",
        _is_taxonomy,
        words="is no taxonomy code (ten letters and digits, the last an X)",
    )
    _contacts(sheet, found)
    _procedures(sheet, found)
    _shape(
        sheet,
        found,
        "modifier",
        "X12-MODIFIER",
        _is_modifier,
        words="is no modifier (two capital letters or digits)",
    )
    _diagnoses(sheet, found)
    _drugs(sheet, found)
    _amounts(sheet, found)


def _shape(
    sheet: Sheet, found: Found, kind: str, rule: str, fits: Callable[[Sheet, Fields], Flags], *, words: str
) -> None:
    fields = sheet.of_kind(kind)
    if len(fields):
        _tell(sheet, found, rule, fields[np.flatnonzero(~fits(sheet, fields))], words)


def _tell(
    sheet: Sheet, found: Found, rule: str, bad: Fields, words: str, *, with_codes: bool = False
) -> None:
    messages = [f"{name} {words}" for name in field_names(sheet, bad)]
    values = None
    if with_codes:
        data = sheet.window.data
        shown = np.minimum(bad.end, bad.start + _LONGEST_CODE)
        values = [
            [bytes(data[a:b]).decode("latin-1")]
            for a, b in zip(bad.start.tolist(), shown.tolist(), strict=True)
        ]
    found.add(sheet.placed, rule, bad.row, messages, at=bad.start, codes=values)


def _npis(sheet: Sheet, found: Found) -> None:
    window = sheet.window
    names = np.flatnonzero((window.id == packed("NM1")) & (sheet.use > 0))
    names = names[sheet.value(names, 8) == _NPI]
    start, end = window.element(names, 9)
    there = end > start
    names, start, end = names[there], start[there], end[there]
    bad = np.flatnonzero(~_is_npi(sheet, start, end))
    found.add(
        sheet.placed,
        "X12-NPI",
        names[bad],
        "NM109 is no valid NPI (ten digits, the last a check digit)",
        at=start[bad],
    )


def _is_npi(sheet: Sheet, start: Rows, end: Rows) -> Flags:
    data = sheet.window.data
    tens = np.ndarray((len(data) - DIGITS + 1,), f"V{DIGITS}", data, 0, (1,))[start]
    digits = tens.view(np.uint8).reshape(-1, DIGITS).T - np.uint8(ord("0"))
    ok: Flags = (end - start == DIGITS) & (digits <= 9).all(axis=0)
    digits = np.where(ok, digits, 0)
    total = PREFIX_SUM + digits[1::2].sum(axis=0) + _DOUBLED[digits[0::2]].sum(axis=0)
    ok &= (total % 10 == 0) & ((digits[0] == 1) | (digits[0] == 2))
    return ok


def _moments(sheet: Sheet, found: Found) -> None:
    """Dates outside DTP and times; those in DTP are with the days of the claim."""
    data = sheet.window.data
    for kind in ("date", "birth"):
        dates = sheet.of_kind(kind)
        if len(dates):
            ok = (dates.length == 8) & columns.days_since_epoch(data, dates.start)[1]
            _tell(
                sheet, found, "X12-DATE", dates[np.flatnonzero(~ok)], "is no day of the calendar as CCYYMMDD"
            )
    short = sheet.of_kind("date6")
    if len(short):
        text = ["20" + bytes(data[a : a + 6]).decode("latin-1") for a in short.start.tolist()]
        joined = np.frombuffer("".join(text).encode("latin-1") + bytes(8), np.uint8)
        ok = (short.length == 6) & columns.days_since_epoch(joined, np.arange(len(text)) * 8)[1]
        _tell(sheet, found, "X12-DATE", short[np.flatnonzero(~ok)], "is no day of the calendar as YYMMDD")
    times = sheet.of_kind("TM")
    if len(times):
        digits, _, _ = codes(data, times.start, times.end)
        clock = np.stack([data[times.start + k] for k in range(4)]).astype(np.int64) - ord("0")
        ok = (digits == times.length) & np.isin(times.length, (4, 6, 7, 8))
        ok &= (clock[0] * 10 + clock[1] < 24) & (clock[2] < 6)
        _tell(sheet, found, "X12-TIME", times[np.flatnonzero(~ok)], "is no time of day as HHMM")


def _addresses(sheet: Sheet, found: Found) -> None:
    window = sheet.window
    rows = np.flatnonzero((window.id == packed("N4")) & (sheet.use > 0))
    country = sheet.value(rows, 4)
    state_at, zip_at = window.element(rows, 2), window.element(rows, 3)
    canadian = np.isin(sheet.value(rows, 2), _CANADIAN)
    home = np.isin(country, _HOME) & ~canadian
    rows, state_at, zip_at = rows[home], _only(state_at, home), _only(zip_at, home)
    for what, place, (start, end) in (("state", 2, state_at), ("ZIP code", 3, zip_at)):
        bad = np.flatnonzero(start == end)
        message = f"N4{place:02d} (the {what}) is missing in an address in the United States"
        found.add(sheet.placed, "X12-ADDRESS", rows[bad], message, at=start[bad])
    start, end = zip_at
    length = end - start
    digits, _, _ = codes(window.data, start, end)
    full = np.isin(sheet.placed.loop[rows], [LOOP[name] for name in _NINE_DIGITS])
    ok = (digits == length) & ((length == 9) | ((length == 5) & ~full))
    wrong = ~ok & (length > 0)
    for which, size in ((full, "nine digits"), (~full, "five or nine digits")):
        bad = np.flatnonzero(wrong & which)
        found.add(sheet.placed, "X12-ZIP", rows[bad], f"N403 is no ZIP code of {size}", at=start[bad])
    streets = sheet.rows("N3", "2010AA")
    for place in (1, 2):
        given = streets[np.less(*window.element(streets, place))]
        if len(given):
            boxes = given[sheet.text(given, place).str.contains(_PO_BOX).to_numpy()]
            message = f"N3{place:02d} is a post-office box; the billing provider needs a street address"
            found.add(
                sheet.placed,
                "X12-PO-BOX",
                boxes,
                message,
                at=window.element(boxes, place)[0],
            )


def _only(span: tuple[Rows, Rows], kept: Flags) -> tuple[Rows, Rows]:
    return span[0][kept], span[1][kept]


def _tax_ids(sheet: Sheet, found: Found) -> None:
    rows = sheet.rows("REF", "2010AA", qualifiers=("EI",))
    start, end = sheet.window.element(rows, 2)
    digits, _, _ = codes(sheet.window.data, start, end)
    bad = np.flatnonzero(((digits != 9) | (end - start != 9)) & (end > start))
    found.add(
        sheet.placed,
        "X12-TAX-ID",
        rows[bad],
        "REF02 is no tax identification number of nine digits",
        at=start[bad],
    )


def _is_taxonomy(sheet: Sheet, fields: Fields) -> Flags:
    digits, capitals, others = codes(sheet.window.data, fields.start, fields.end)
    last = sheet.window.data[fields.end - 1]
    fits: Flags = (digits + capitals == 10) & (others == 0) & (last == ord("X"))
    return fits


def _contacts(sheet: Sheet, found: Found) -> None:
    fields = sheet.of_kind("contact")
    if not len(fields):
        return
    window = sheet.window
    channel = np.zeros(len(fields), np.uint32)
    for place in (4, 6, 8):
        own = np.flatnonzero(sheet.guide.place[fields.spec] == place)
        channel[own] = sheet.value(fields.row[own], place - 1)
    fields = fields[np.flatnonzero(np.isin(channel, _PHONES))]
    digits, _, _ = codes(window.data, fields.start, fields.end)
    bad = fields[np.flatnonzero((digits != 10) | (fields.length != 10))]
    _tell(sheet, found, "X12-CONTACT", bad, "is no telephone number of ten digits")


def _procedures(sheet: Sheet, found: Found) -> None:
    fields = sheet.of_kind("hcpcs")
    if not len(fields):
        return
    data = sheet.window.data
    system = sheet.window.packed_at(sheet.element_start(fields), fields.start - 1)
    fields = fields[np.flatnonzero(system == _HCPCS)]
    digits, capitals, _ = codes(data, fields.start, fields.end)
    four = (digits == 4) & (capitals == 1)
    ok = (digits == 5) | (four & (_FIRST_OF_HCPCS[data[fields.start]] | _LAST_OF_CPT[data[fields.end - 1]]))
    bad = fields[np.flatnonzero(~ok | (fields.length != 5))]
    _tell(
        sheet,
        found,
        "X12-PROCEDURE",
        bad,
        "is no procedure code (five characters, as in CPT or HCPCS)",
        with_codes=True,
    )


def _is_modifier(sheet: Sheet, fields: Fields) -> Flags:
    digits, capitals, _ = codes(sheet.window.data, fields.start, fields.end)
    fits: Flags = (digits + capitals == 2) & (fields.length == 2)
    return fits


def _diagnoses(sheet: Sheet, found: Found) -> None:
    fields = sheet.of_kind("icd")
    if not len(fields):
        return
    data = sheet.window.data
    system = sheet.window.packed_at(sheet.element_start(fields), fields.start - 1)
    fields = fields[np.flatnonzero(np.isin(system, _ICD_10))]
    digits, capitals, others = codes(data, fields.start, fields.end)
    head, second = data[fields.start], data[fields.start + 1]
    ok = (head >= ord("A")) & (head <= ord("Z")) & (second >= ord("0")) & (second <= ord("9"))
    ok &= (others == 0) & (digits + capitals >= 3) & (digits + capitals <= 7)
    bad = fields[np.flatnonzero(~ok)]
    _tell(
        sheet,
        found,
        "X12-DX",
        bad,
        "is no ICD-10-CM code (three to seven letters and digits, no point)",
        with_codes=True,
    )


def _drugs(sheet: Sheet, found: Found) -> None:
    rows = sheet.rows("LIN", "2410")
    rows = rows[sheet.value(rows, 2) == packed("N4")]
    start, end = sheet.window.element(rows, 3)
    digits, _, _ = codes(sheet.window.data, start, end)
    bad = np.flatnonzero(((digits != 11) | (end - start != 11)) & (end > start))
    found.add(
        sheet.placed, "X12-NDC", rows[bad], "LIN03 is no national drug code of eleven digits", at=start[bad]
    )


def _amounts(sheet: Sheet, found: Found) -> None:
    data = sheet.window.data
    fields = sheet.of_kind("money")
    if len(fields):
        parted = fields[np.flatnonzero(has_point(data, fields.start, fields.end))]
        fine = numbers(data, parted.start, parted.end) & finer_than_cents(data, parted.start, parted.end)
        _tell(sheet, found, "X12-AMOUNT", parted[np.flatnonzero(fine)], "has more than two decimals")
        below = fields[np.flatnonzero(data[fields.start] == ord("-"))]
        charge = np.isin(
            sheet.use[below.row],
            [*sheet.guide.numbers("CLM", ("2300",)), *sheet.guide.numbers("SV1", ("2400",))],
        )
        negative = charge & numbers(data, below.start, below.end)
        _tell(sheet, found, "X12-AMOUNT", below[np.flatnonzero(negative)], "is negative")
    units = sheet.of_kind("quantity")
    if len(units):
        none = ~has_some(data, units.start, units.end) | (data[units.start] == ord("-"))
        units = units[np.flatnonzero(none)]
        none = numbers(data, units.start, units.end)
        _tell(sheet, found, "X12-UNITS", units[np.flatnonzero(none)], "is not more than zero")


_CANADIAN: Final = [
    packed(code)
    for code in ["AB", "BC", "MB", "NB", "NF", "NL", "NS", "NT", "NU", "ON", "PE", "PQ", "QC", "SK", "YT"]
]
