"""A report as a workbook: a worklist to sort, assign and annotate, a row for each finding."""

import math
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Final, NamedTuple

import polars as pl
from xlsxwriter import Workbook
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from anodyne.app import words
from anodyne.app.breakdown import breakdown
from anodyne.app.catalogue import catalogue
from anodyne.app.check import Report
from anodyne.cli.page import printable
from anodyne.kernel.errors import BadRequest
from anodyne.model.frames import MODIFIERS
from anodyne.model.outcome import Outcome

ROW_HEIGHT: Final = 15
LEGAL: Final = 5
"""The number by which a workbook names the paper."""
PRINTED_COLUMNS: Final = 17
"""Columns of the worklist that are printed: to what it needs; the rest is for the screen."""
ROWS_OF_A_SHEET: Final = 1_000_000
"""A spreadsheet holds a few more rows than that; what is over goes to a further worklist."""
TEXT_OF_A_CELL: Final = 32_000
_STATES: Final = ("open", "in work", "fixed", "waived", "waiting")
_COLOURS: Final = {
    "reject": "#8c1d18",
    "deny": "#a3271f",
    "audit": "#7a4a00",
    "ask": "#0b5a78",
    "missed": "#1f6b3a",
}


class _Column(NamedTuple):
    """A column of the worklist: its head, where its value comes from, its width and how it is shown."""

    head: str
    source: str | None
    width: int
    shown: str = "text"


_WORKLIST: Final = (
    _Column("Status", "status", 10, "own"),
    _Column("Owner", None, 14, "own"),
    _Column("Due", None, 11, "own_day"),
    _Column("Note", None, 30, "own"),
    _Column("Outcome", "outcome", 9, "outcome"),
    _Column("Rule", "rule", 16),
    _Column("Account (CLM01)", "claim", 18),
    _Column("Line", "line", 6, "centred"),
    _Column("Service date", "day", 12, "day"),
    _Column("Payer", "payer", 26),
    _Column("Rendering NPI", "npi", 14),
    _Column("Code", "code", 14),
    _Column("Charge", "charge", 11, "money"),
    _Column("At risk", "at_risk", 11, "money"),
    _Column("What is wrong", "message", 60, "wrapped"),
    _Column("Fix", "fix", 24, "wrapped"),
    _Column("Needs", "needs", 30, "wrapped"),
    _Column("Authority", "authority", 50, "wrapped"),
    _Column("File", "file", 20),
    _Column("Segment", "segment", 9),
)
_OF_CLAIMS: Final = (_Column("Claims", "claims", 10, "count"), _Column("With findings", "found", 14, "count"))
_OF_RULE: Final = (_Column("Findings", "findings", 10, "count"), _Column("Claims", "claims", 10, "count"))
_MONEY: Final = (
    _Column("At risk", "lost_cents", 14, "cents"),
    _Column("Could be taken back", "audit_cents", 20, "cents"),
)


def write(report: Report, out: BinaryIO) -> None:
    """Write `report` to `out` as an xlsx workbook."""
    book = Workbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    try:
        formats = _formats(book)
        _worklist(book, report, formats)
        told = breakdown(report)
        for name, first, counts, totals in (
            ("By payer", _Column("Payer", "payer", 34), _OF_CLAIMS, told.payers),
            ("By rule", _Column("Rule", "rule", 18), _OF_RULE, told.rules),
            ("By provider", _Column("Rendering NPI", "npi", 18), _OF_CLAIMS, told.providers),
            ("By month", _Column("Month of service", "month", 18, "day"), _OF_CLAIMS, told.months),
        ):
            _totals(book.add_worksheet(name), (first, *counts, *_MONEY), totals, formats)
        _rules(book.add_worksheet("Rules"), told.rules["rule"].sort().to_list(), formats)
        book.close()
    except XlsxWriterException as error:
        raise BadRequest(
            "the workbook cannot be written: its temporary files have no room",
            where=tempfile.gettempdir(),
            fix="Make room there, or name another folder with TMPDIR.",
        ) from error
    finally:
        book.fileclosed = True  # what failed half-way is not tried again when the object goes


def _formats(book: Workbook) -> dict[str, Format]:
    top = {"valign": "top"}
    shown = {
        "text": top,
        "centred": {**top, "align": "center"},
        "wrapped": {**top, "text_wrap": True, "indent": 1},
        "money": {**top, "num_format": "$#,##0.00"},
        "cents": {**top, "num_format": "$#,##0.00"},
        "count": {**top, "num_format": "#,##0"},
        "day": {**top, "num_format": "yyyy-mm-dd", "align": "left"},
        "own": {**top, "text_wrap": True, "bg_color": "#fffbe6"},
        "own_day": {**top, "bg_color": "#fffbe6", "num_format": "yyyy-mm-dd"},
        "head": {"bold": True, "bg_color": "#e9edf0", "text_wrap": True, **top},
        **{outcome: {**top, "bold": True, "font_color": colour} for outcome, colour in _COLOURS.items()},
    }
    return {name: book.add_format(properties) for name, properties in shown.items()}


def _worklist(book: Workbook, report: Report, formats: dict[str, Format]) -> None:
    rows = _findings(report)
    number, more = 1, True
    while more:
        sheet = book.add_worksheet("Worklist" if number == 1 else f"Worklist {number}")
        more = _fill(sheet, rows, formats)
        number += 1


def _fill(sheet: Worksheet, rows: Iterator[dict[str, Any]], formats: dict[str, Format]) -> bool:
    """Write rows until they end or the sheet is full; whether it is full."""
    _heads(sheet, _WORKLIST, formats)
    sheet.freeze_panes(1, 0)
    number = 0
    for number, row in enumerate(rows, start=1):
        _tall_enough(sheet, number, _WORKLIST, row)
        for place, column in enumerate(_WORKLIST):
            kind = row["outcome"] if column.shown == "outcome" else column.shown
            _cell(sheet, number, place, None if column.source is None else row[column.source], formats[kind])
        if number == ROWS_OF_A_SHEET:
            break
    sheet.autofilter(0, 0, max(number, 1), len(_WORKLIST) - 1)
    sheet.data_validation(1, 0, max(number, 1), 0, {"validate": "list", "source": list(_STATES)})
    sheet.print_area(0, 0, max(number, 1), PRINTED_COLUMNS - 1)
    _printable_pages(sheet)
    return number == ROWS_OF_A_SHEET


def _findings(report: Report) -> Iterator[dict[str, Any]]:
    """Every finding as a row of the worklist, the worst outcome and the most money first."""
    rank = pl.col("outcome").replace_strict({o.value: o.rank for o in Outcome}, return_dtype=pl.Int8)
    for chunk in report.chunks():
        claims = chunk.claims.select(
            "claim_key",
            payer=pl.coalesce("payer_name", "payer_id"),
            claim_npi=pl.coalesce("rendering_npi", "billing_npi"),
            claim_charge="charge_cents",
        )
        first = chunk.lines.group_by("claim_key").agg(claim_day=pl.col("served_on").min())
        lines = chunk.lines.select(
            "line_key", "served_on", "rendering_npi", "charge_cents", "code", *MODIFIERS
        )
        rows = (
            chunk.findings.join(claims, on="claim_key", how="left", maintain_order="left")
            .join(first, on="claim_key", how="left", maintain_order="left")
            .join(lines, on="line_key", how="left", maintain_order="left")
            .sort(rank, pl.col("at_risk_cents"), descending=[False, True], maintain_order=True)
            .with_columns(
                day=pl.coalesce("served_on", "claim_day"),
                npi=pl.coalesce("rendering_npi", "claim_npi"),
                charge=pl.coalesce("charge_cents", "claim_charge") / 100,
                at_risk=pl.col("at_risk_cents") / 100,
                status=pl.lit(_STATES[0]),
                needs=pl.col("needs").list.join(" · "),
            )
        )
        for row in rows.iter_rows(named=True):
            if row["fix"] is not None:
                mods = tuple(row[name] for name in MODIFIERS)
                row["fix"] = words.fix(row["fix"], row["line"], row["code"], mods)
            cited = report.cites(row["rule_key"], row["ruling"])[0]
            row["authority"] = f"{cited.source}: {cited.section}"
            row["code"] = "-".join(filter(None, (row["code"], *(row[name] for name in MODIFIERS))))
            yield row


def _totals(
    sheet: Worksheet, columns: Sequence[_Column], totals: pl.DataFrame, formats: dict[str, Format]
) -> None:
    _heads(sheet, columns, formats)
    sheet.freeze_panes(1, 0)
    _printable_pages(sheet)
    for number, row in enumerate(totals.iter_rows(named=True), start=1):
        for place, one in enumerate(columns):
            value = row[str(one.source)]
            _cell(sheet, number, place, value / 100 if one.shown == "cents" else value, formats[one.shown])


def _rules(sheet: Worksheet, named: Sequence[str], formats: dict[str, Format]) -> None:
    columns = (
        _Column("Rule", "rule", 16),
        _Column("Outcome", "outcome", 9),
        _Column("What it says", "title", 60, "wrapped"),
        _Column("Authority", "authority", 70, "wrapped"),
        _Column("Read", "read", 12, "day"),
        _Column("Confidence", "confidence", 11),
    )
    _heads(sheet, columns, formats)
    sheet.freeze_panes(1, 0)
    _printable_pages(sheet)
    rows = (
        (rule, newest, cite) for rule in named for newest in catalogue()[rule][:1] for cite in newest.cites
    )
    for number, (rule, newest, cite) in enumerate(rows, start=1):
        said = (
            rule,
            newest.outcome.value,
            newest.title,
            " ".join(filter(None, (f"{cite.source}: {cite.section}", cite.url))),
            cite.read,
            cite.confidence,
        )
        _tall_enough(sheet, number, columns, dict(zip((c.source for c in columns), said, strict=True)))
        for place, (column, value) in enumerate(zip(columns, said, strict=True)):
            _cell(sheet, number, place, value, formats[column.shown])


def _heads(sheet: Worksheet, columns: Sequence[_Column], formats: dict[str, Format]) -> None:
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.head, formats["head"])


def _printable_pages(sheet: Worksheet) -> None:
    """As wide as one page across, its heads on every page."""
    sheet.set_landscape()
    sheet.set_paper(LEGAL)
    sheet.set_margins(left=0.3, right=0.3, top=0.5, bottom=0.5)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _tall_enough(sheet: Worksheet, number: int, columns: Sequence[_Column], row: Mapping[Any, Any]) -> None:
    """Make a row as tall as its longest folded text: not every program does so by itself."""
    folded = [len(row[c.source] or "") / c.width for c in columns if c.shown == "wrapped"]
    sheet.set_row(number, ROW_HEIGHT * max(1, math.ceil(max(folded) * 1.1)))


def _cell(sheet: Worksheet, row: int, place: int, value: Any, form: Format) -> None:  # noqa: ANN401  text, number, day or nothing
    if value is None:
        sheet.write_blank(row, place, None, form)
    elif isinstance(value, str):
        sheet.write_string(row, place, printable(value)[:TEXT_OF_A_CELL], form)
    elif isinstance(value, int | float):
        sheet.write_number(row, place, value, form)
    else:
        sheet.write_datetime(row, place, value, form)
