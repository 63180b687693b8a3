"""Who is likely to qualify for chronic pain management: as text, as JSON, and as tables to work through."""

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any, BinaryIO, Final

import polars as pl
from xlsxwriter import Workbook

from anodyne.app.care_find import Found
from anodyne.app.words import counted, day
from anodyne.care.finder import Standing
from anodyne.cli.care_tables import csv
from anodyne.cli.page import UNPRINTABLE, Page, entry, folded, printable, shortened

SCHEMA: Final = "anodyne.care-find/1"
ROWS: Final = 50
"""How many patients of a kind are told before the rest is only counted."""
NEEDS: Final = 5
"""How many different things that several rows need are told at the end."""
ROWS_OF_A_SHEET: Final = 1_000_000

_NARROW: Final = 88
"""On a page narrower than this practitioner and payer stand in a row of their own."""
_ID: Final = 16
_NPI: Final = 12
_PAYER: Final = 12
"""The least room for a payer's name."""
_NUMBERS: Final = (11, 5, 6, 11)
"""Widths of the columns for first day, days, visits and last visit."""
_INDENT: Final = 3
_NEEDS_AT: Final = 10
_NOTE_AT: Final = 12
_LEFT: Final[Mapping[str, str]] = MappingProxyType(
    {
        Standing.SHORT_PAIN: "with pain coded over 3 months or less",
        Standing.FEW_VISITS: "with fewer than 2 visits",
        Standing.BILLED: "with G3002 billed already",
        Standing.ENROLLED: "enrolled",
        Standing.REJECTED: "whose pain was found not to be chronic",
        Standing.UNPAID: "whose payer does not pay it",
    }
)
"""Why patients with pain are not listed, in words."""
_STEP: Final = (
    "at a visit in person of 30 minutes or more establish that the pain has lasted longer than 3 months, say "
    "what the care is, how often and what it costs the patient, record consent, then enrol. `anodyne rule "
    "CPM-06` says more."
)
_SAYS: Final = "These are claims: they show what was coded, not what a chart says or a patient wants."


def write(found: Found, form: str, out: BinaryIO, page: Page) -> None:
    """Write `found` to `out` as text on `page`, or as `json`, `csv` or `xlsx`."""
    match form:
        case "json":
            out.writelines(_document(found))
        case "csv":
            csv(_table(found.rows), out)
        case "xlsx":
            _workbook(found, out)
        case _:
            out.writelines(text.encode(errors="replace") for text in _told(found, page))


def _told(found: Found, page: Page) -> Iterator[str]:
    look = found.look
    title = f"Chronic pain management (G3002): likely to qualify, not enrolled, as of {day(look.as_of)}"
    yield from (f"{page.ink('strong', row)}\n" for row in folded(title, page.width, page.width))
    claims = sum(file.claims for file in found.files)
    told = f"{counted(found.patients, 'patient')} · {counted(claims, 'claim')}"
    if look.begins is not None and found.ends is not None:
        told += f", served {day(look.begins)} to {day(found.ends)}"
    yield entry("", f"{told} · visits counted from {day(look.since)}", 0, page)
    likely = pl.col("likely").fill_null(value=False)
    table = _Columns(found.rows, page)
    for heading, rows in (
        ("Likely", found.rows.filter(likely)),
        ("Likely, once what is missing is known", found.rows.filter(~likely)),
    ):
        if len(rows):
            yield f"\n{page.ink('strong', heading)}\n{page.ink('faint', table.heads())}\n"
            for row in rows.head(ROWS).iter_rows(named=True):
                yield from _row(row, table, page)
            if len(rows) > ROWS:
                more = f"… and {len(rows) - ROWS:,} more: --format xlsx has all"
                yield f"{page.ink('faint', more)}\n"
    yield "\n"
    yield from _summary(found, page)


class _Columns:
    """The columns of the table, as wide as ids need; practitioner and payer where there is room for them."""

    def __init__(self, rows: pl.DataFrame, page: Page) -> None:
        self.wide = page.width >= _NARROW
        numbers = sum(_NUMBERS) + 2 * len(_NUMBERS)
        room = page.width - numbers - (_NPI + _PAYER + 4 if self.wide else 0)
        longest = max((len(_called(row)) for row in rows.iter_rows(named=True)), default=0)
        self._id = min(max(longest, _ID), room)
        self._payer = page.width - numbers - _NPI - self._id - 4

    def heads(self) -> str:
        """What stands above them."""
        return self.row(("patient", "practitioner", "payer"), ("pain since", "days", "visits", "last visit"))

    def row(self, who: tuple[str, str, str], told: tuple[str, str, str, str]) -> str:
        """The patient, practitioner and payer, and what was counted."""
        patient, npi, payer = who
        numbers = "".join(f"  {text:>{width}}" for text, width in zip(told, _NUMBERS, strict=True))
        first = f"{shortened(patient, self._id):<{self._id}}"
        if not self.wide:
            return first + numbers
        return f"{first}  {npi:<{_NPI}}  {shortened(payer, self._payer):<{self._payer}}{numbers}"


def _row(row: Mapping[str, Any], table: _Columns, page: Page) -> Iterator[str]:
    """One patient: who and how long, what was coded and else to know, what is missing."""
    npi = row["practitioner"] or "no NPI"
    payer = printable(row["payer_name"] or row["payer_id"] or "payer not named")
    last = "none" if row["visited_on"] is None else day(row["visited_on"])
    told = (day(row["pain_from"]), f"{row['pain_span_days']:,}", f"{row['visits']:,}", last)
    yield f"{table.row((_called(row), npi, payer), told)}\n"
    codes = ", ".join(printable(_dotted(code)) for code in row["pain_codes"])
    beside = f"{npi} · {payer} · {codes}" if not table.wide else codes
    for text in (beside, *row["notes"]):
        yield entry("", printable(text), _INDENT, page)
    for text in row["needs"]:
        missing = entry(f"{'':{_INDENT}}needs", printable(text), _NEEDS_AT, page)
        yield missing.replace("needs", page.ink("needs", "needs"), 1)


def _called(row: Mapping[str, Any]) -> str:
    """The patient by the practice's own number; where no claim has it, by the latest claim."""
    if row["medical_record"] is not None:
        return printable(row["medical_record"])
    return f"claim {printable(row['claim_id'] or 'without an id')}"


def _dotted(code: str) -> str:
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code


def _summary(found: Found, page: Page) -> Iterator[str]:
    rows, look = found.rows, found.look
    likely = int(rows["likely"].fill_null(value=False).sum())
    pain = sum(found.standings.values())
    said = [f"{likely:,} likely"]
    if len(rows) > likely:
        said.append(f"{len(rows) - likely:,} to ask about")
    said.append(f"{counted(pain, 'patient')} with pain coded since {day(look.since)}")
    yield entry("", " · ".join(said) if pain else "No patient with pain is among them.", 0, page)
    left = [f"{found.standings[name]:,} {why}" for name, why in _LEFT.items() if found.standings.get(name)]
    if left:
        yield entry("Not listed:", ", ".join(left), _NOTE_AT, page)
    if look.begins is not None and not look.whole:
        early = f"the claims begin on {day(look.begins)}; older ones too may show longer pain and more visits"
        yield entry("History:", early, _NOTE_AT, page)
    if found.enrolments is None:
        untold = "not told; --enrolments leaves out those who are enrolled and not billed yet"
        yield entry("Enrolled:", untold, _NOTE_AT, page)
    if found.repeated:
        again = ", ".join(printable(path) for path in found.repeated)
        yield entry("Read once:", f"given more than once, {again}", _NOTE_AT, page)
    yield from _missing(rows, page)
    if len(rows):
        yield entry("Next:", _STEP, _NOTE_AT, page)
        yield entry("", _SAYS, _NOTE_AT, page)


def _missing(rows: pl.DataFrame, page: Page) -> Iterator[str]:
    """What several rows need, and how many do."""
    needed = rows.select(pl.col("needs").list.explode(keep_nulls=False, empty_as_null=False)).to_series()
    most = needed.value_counts().filter(pl.col("count") > 1).sort("count", "needs", descending=[True, False])
    name = "Needed:"
    for need, number in most.head(NEEDS).iter_rows():
        yield entry(name, f"{printable(need)} ({counted(number, 'row')})", _NOTE_AT, page)
        name = ""


def _document(found: Found) -> Iterator[bytes]:
    """One object; patients one on a line."""
    look = found.look
    about = {
        "schema": SCHEMA,
        "as_of": look.as_of.isoformat(),
        "months": look.months,
        "visits_from": look.since.isoformat(),
    }
    yield json.dumps(about)[:-1].encode()
    yield b',\n "patients": ['
    if len(found.rows):
        lines = found.rows.select(pl.struct(pl.all()).struct.json_encode()).to_series()
        yield b"\n  "
        yield lines.str.join(",\n  ").item(0).encode()
    yield b"]"
    likely = int(found.rows["likely"].fill_null(value=False).sum())
    summary = {
        "patients": found.patients,
        "with_pain": sum(found.standings.values()),
        "likely": likely,
        "to_ask": len(found.rows) - likely,
        "not_listed": {name: found.standings.get(name, 0) for name in _LEFT},
    }
    history = {
        "begins": look.begins and look.begins.isoformat(),
        "ends": found.ends and found.ends.isoformat(),
        "whole": look.whole,
        "files": [asdict(file) for file in found.files],
        "repeated": list(found.repeated),
    }
    enrolments = None if found.enrolments is None else asdict(found.enrolments)
    for name, value in (("summary", summary), ("history", history), ("enrolments", enrolments)):
        yield f',\n "{name}": {json.dumps(value, ensure_ascii=False)}'.encode(errors="replace")
    yield b"}\n"


def _table(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows as a person reads them in columns: texts in place of lists, nothing that cannot be printed."""
    code = pl.element()
    dotted = (
        pl.when(code.str.len_chars() > 3).then(code.str.head(3) + "." + code.str.slice(3)).otherwise(code)
    )
    yes = pl.when("likely").then(pl.lit("likely")).otherwise(pl.lit("ask"))
    table = rows.select(
        "medical_record",
        "claim_id",
        "practitioner",
        yes.alias("likely"),
        pl.col("needs").list.join("; "),
        "payer_id",
        "payer_name",
        "filing",
        "visits",
        "visited_on",
        "in_person_on",
        "pain_from",
        "pain_to",
        "pain_span_days",
        "pain_days",
        pl.col("pain_codes").list.eval(dotted).list.join(" "),
        "billed_on",
        pl.col("others_billed").list.join(" "),
        pl.col("care_codes").list.join(" "),
        "enrolled",
        pl.col("reasons").list.join("; "),
        pl.col("notes").list.join("; "),
    )
    text = pl.col(pl.String).str.replace_all(UNPRINTABLE, "?")
    return table.with_columns(pl.when(text != "").then(text))


_COLOURS: Final = {"likely": "#1f6b3a", "ask": "#0b5a78"}
_WIDE: Final = {
    "payer_name": 190,
    "pain_codes": 190,
    "needs": 380,
    "reasons": 520,
    "notes": 420,
    "note": 240,
}


def _workbook(found: Found, out: BinaryIO) -> None:
    """A worklist to sort, assign and annotate."""
    kept = io.BytesIO()
    book = Workbook(kept, {"strings_to_formulas": False, "strings_to_urls": False})
    own = [pl.lit("open").alias("status")]
    own += [pl.lit(None, kind).alias(name) for name, kind in (("owner", pl.String), ("due", pl.Date))]
    table = _table(found.rows).select(*own, pl.lit("").alias("note"), pl.all())
    styles = [
        {
            "type": "cell",
            "criteria": "==",
            "value": f'"{word}"',
            "format": {"font_color": colour, "bold": True},
        }
        for word, colour in _COLOURS.items()
    ]
    for number, start in enumerate(range(0, max(len(table), 1), ROWS_OF_A_SHEET), start=1):
        table.slice(start, ROWS_OF_A_SHEET).write_excel(
            book,
            worksheet="Patients" if number == 1 else f"Patients {number}",
            header_format={"bold": True, "bg_color": "#e9edf0", "text_wrap": True, "valign": "top"},
            dtype_formats={pl.Date: "yyyy-mm-dd"},
            conditional_formats={"likely": styles},
            column_widths={name: _WIDE.get(name, 100) for name in table.columns},
            freeze_panes=(1, 0),
            autofilter=True,
        )
    book.close()
    out.write(kept.getvalue())
