"""Months of care as tables: CSV for one, a workbook for several."""

import io
import tempfile
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO, Final

import polars as pl
from xlsxwriter import Workbook
from xlsxwriter.exceptions import XlsxWriterException

from anodyne.app.care_month import Month
from anodyne.kernel.errors import BadRequest

if TYPE_CHECKING:
    from anodyne.app.care_proposals import Proposal

ROWS_OF_A_SHEET: Final = 1_000_000
"""A spreadsheet holds a few more rows than that; what is over goes to a further sheet."""
_COLOURS: Final = {"held": "#a3271f", "billable": "#1f6b3a", "not_enrolled": "#7a4a00", "short": "#0b5a78"}
_AMOUNTS: Final = ("allowed", "patient_share", "next_worth", "gain")
_WIDTH: Final = 110
_WIDE: Final = {
    "held_by": 420,
    "warnings": 420,
    "why": 420,
    "message": 520,
    "note": 240,
    "needs": 300,
    "codes": 180,
    "adjustments": 240,
    "next_step": 420,
    "must_hold": 240,
    "begun": 150,
    "ended": 150,
}
"""Widths of columns of words, in pixels."""


def write_csv(month: Month, out: BinaryIO) -> None:
    """Write one row a patient, practitioner and programme."""
    csv(months(month), out)


def write_xlsx(month: Month, out: BinaryIO) -> None:
    """Write a workbook: months to work through, the entries behind them, and the overlaps."""
    own = {"owner": pl.lit(None, pl.String), "due": pl.lit(None, pl.Date), "note": pl.lit(None, pl.String)}
    parts = _entries(month).iter_slices(ROWS_OF_A_SHEET)
    entries = {
        "Entries" if number == 1 else f"Entries {number}": part for number, part in enumerate(parts, start=1)
    }
    worklist = months(month).with_columns(**own)
    sheets = {"Months": worklist, **entries, "Overlaps": month.conflicts.clone()}
    if month.proposals is not None:
        sheets["Proposals"] = _proposals(month.proposals)
    workbook(sheets, out)


def _proposals(proposals: "Sequence[Proposal]") -> pl.DataFrame:
    """One row an entry that a proposal would count elsewhere."""
    rows = [
        {
            "patient": one.patient,
            "practitioner": one.practitioner,
            "entry_id": entry,
            "from": old,
            "to": new,
            "why": one.why,
            "gain": (one.best.cents - one.logged.cents) / 100,
            "marked_by": ", ".join(one.marked_by),
        }
        for one in proposals
        for entry, old, new in one.best.moves
    ]
    texts = ("patient", "practitioner", "entry_id", "from", "to", "why")
    return pl.DataFrame(
        rows, schema={**dict.fromkeys(texts, pl.String), "gain": pl.Float64, "marked_by": pl.String}
    )


def csv(rows: pl.DataFrame, out: BinaryIO) -> None:
    """Write `rows` as CSV; a text that a spreadsheet would take for a formula is marked as text."""
    marked = rows.with_columns(pl.col(pl.String).str.replace(r"^([=+\-@\t\r])", "'$1"))
    out.write(marked.write_csv().encode())


def workbook(
    sheets: Mapping[str, pl.DataFrame], out: BinaryIO, *, amounts: Collection[str] = _AMOUNTS
) -> None:
    """Write `sheets` as a workbook, each with heads that stay, filters, and money and days shown as such.

    `amounts`: the columns that are money.  Raises BadRequest where there is no room for its temporary files.
    """
    kept = io.BytesIO()
    book = Workbook(kept, {"strings_to_formulas": False, "strings_to_urls": False})
    try:
        for name, rows in sheets.items():
            _sheet(book, name, rows, amounts)
        book.close()
    except XlsxWriterException as error:
        raise BadRequest(
            "the workbook cannot be written: its temporary files have no room",
            where=tempfile.gettempdir(),
            fix="Make room there, or name another folder with TMPDIR.",
        ) from error
    out.write(kept.getvalue())


def _sheet(book: Workbook, name: str, rows: pl.DataFrame, amounts: Collection[str]) -> None:
    styles = [
        {"type": "cell", "criteria": "==", "value": f'"{status}"', "format": {"font_color": colour}}
        for status, colour in _COLOURS.items()
    ]
    widths: Mapping[str | pl.selectors.Selector, int] = {
        column: _WIDE.get(column, _WIDTH) for column in rows.columns
    }
    rows.write_excel(
        book,
        worksheet=name,
        header_format={"bold": True, "bg_color": "#e9edf0", "text_wrap": True, "valign": "top"},
        dtype_formats={pl.Date: "yyyy-mm-dd", pl.Datetime: "yyyy-mm-dd hh:mm:ss"},
        column_formats={column: "$#,##0.00" for column in amounts if column in rows.columns},
        conditional_formats={"status": styles} if "status" in rows.columns else None,
        column_widths=widths,
        freeze_panes=(1, 0),
        autofilter=True,
    )


def months(month: Month) -> pl.DataFrame:
    """One row a patient, practitioner and programme, as a table has it: amounts in dollars."""
    said = pl.format("{} {}: {}", "outcome", "rule", "message")
    told = month.findings.group_by("month_key").agg(
        held_by=said.filter("blocks").str.join("; "),
        warnings=said.filter(~pl.col("blocks")).str.join("; "),
        needs=pl.col("needs").list.explode().drop_nulls().unique(maintain_order=True).str.join("; "),
    )
    one = pl.element().struct
    units = pl.col("codes").list.eval(pl.format("{} x{}", one.field("code"), one.field("units")))
    return month.results.join(told, on="month_key", how="left", maintain_order="left").select(
        "patient",
        "practitioner",
        "program",
        "payer",
        "status",
        "counted_seconds",
        minutes=(pl.col("counted_seconds") / 60).round(2),
        codes=units.list.join("; "),
        allowed=dollars_of("allowed_cents"),
        patient_share=dollars_of("patient_share_cents"),
        met_on="met_on",
        next_code="goal_code",
        next_seconds_short="goal_seconds",
        next_worth=dollars_of("goal_cents"),
        held_by=pl.col("held_by").replace("", None),
        needs=pl.col("needs").replace("", None),
        warnings=pl.col("warnings").replace("", None),
    )


def dollars_of(cents: str) -> pl.Expr:
    """The amount in column `cents` as a decimal number of dollars."""
    return (pl.col(cents).cast(pl.Decimal(18, 2)) / 100).cast(pl.Decimal(18, 2))


def _entries(month: Month) -> pl.DataFrame:
    return month.entries.select(
        "entry_id",
        "patient",
        "practitioner",
        "program",
        "role",
        "performer",
        "mode",
        "pos",
        "begun",
        "ended",
        "counted_seconds",
        "excluded_seconds",
        "why",
    )
