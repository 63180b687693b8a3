"""A worklist as a workbook, and what people wrote in it brought back: owners, follow-up days and notes.

Of what comes back only cells that differ from what was exported are taken, and none of a workbook that has a
cell which is wrong.  The same workbook twice has the effect of once.
"""

import datetime as dt
import io
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import xlsxwriter
from django.utils import timezone
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from anodyne.app.practice.editing import LONGEST_NOTE
from anodyne.app.practice.worklists import owners, rows_of
from anodyne.kernel.errors import BadCell, BadTable, UnreadableFile
from anodyne.sheets.columns import FIRST_YEAR, LAST_YEAR
from anodyne.sheets.workbooks import measured
from anodyne.store.models import Claim, Note, User

MOST: Final = 20_000
"""Claims of one workbook."""
SHEET: Final = "Claims"
_HEADS: Final = (
    ("Claim", 16), ("Patient no.", 12), ("Patient", 22), ("Payer", 26), ("State", 11), ("Findings", 22),
    ("Served", 11), ("Billed", 12), ("At risk", 12), ("Paid", 12), ("File by", 11),
    ("Follow up", 11), ("Owner", 26), ("New note", 44),
    ("Key", 8), ("Revision", 8), ("Follow up was", 11), ("Owner was", 26),
)  # fmt: skip
"""Columns and their widths; from `Key` on they are hidden."""
_NAMES: Final = tuple(name for name, _ in _HEADS)
_HIDDEN: Final = _NAMES.index("Key")
_OURS: Final = ("Follow up", "Owner", "New note")
_FILE: Final = "the workbook"
_MOST_COLUMNS: Final = 64
"""So many are looked at: ours, and some that somebody added."""
_BROKEN: Final = (
    InvalidFileException, SyntaxError, LookupError, ValueError, TypeError, AttributeError, OSError, EOFError,
)  # fmt: skip
"""What the library raises where a part of a workbook is not what it should be."""


@dataclass(frozen=True, slots=True)
class Taken:
    """How many cells of a workbook were new."""

    owners: int
    days: int
    notes: int


@dataclass(slots=True)
class _Wishes:
    """What the cells of a workbook ask for, and what is wrong with them."""

    owners: dict[int, int | None] = field(default_factory=dict)
    days: dict[int, dt.date | None] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    wrong: list[BadCell] = field(default_factory=list)

    def refuse(self, row: int, column: str, message: str, next_step: str) -> None:
        """Tell of a cell that cannot be taken."""
        self.wrong.append(BadCell(_FILE, row, column, message, next_step))


def written(keys: Collection[int]) -> bytes:
    """The claims of these keys, in their order, as an XLSX workbook; money is in dollars, as numbers."""
    told = io.BytesIO()
    book = xlsxwriter.Workbook(told, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet(SHEET)
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E3EFF5"})
    mine = book.add_format({"bold": True, "bottom": 1, "bg_color": "#FFF2CC"})
    money = book.add_format({"num_format": "#,##0.00"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    open_text = book.add_format({"bg_color": "#FFFBEF", "text_wrap": True, "valign": "top"})
    open_day = book.add_format({"bg_color": "#FFFBEF", "num_format": "yyyy-mm-dd"})
    for at, (name, width) in enumerate(_HEADS):
        sheet.set_column(at, at, width, None, {"hidden": at >= _HIDDEN})
        sheet.write_string(0, at, name, mine if name in _OURS else head)
    sheet.freeze_panes(1, 1)
    claims = [*keys]
    for at, row in enumerate(_rows(claims), start=1):
        for column, value in enumerate(row):
            name = _NAMES[column]
            if name in {"Billed", "At risk", "Paid"}:
                sheet.write_number(at, column, value / 100, money)
            elif isinstance(value, dt.date):
                sheet.write_datetime(
                    at, column, dt.datetime.combine(value, dt.time()), open_day if name in _OURS else day
                )
            elif isinstance(value, int):
                sheet.write_number(at, column, value)
            elif name in _OURS:
                style = open_day if name == "Follow up" else open_text
                sheet.write_string(at, column, value, style) if value else sheet.write_blank(
                    at, column, None, style
                )
            elif value:
                sheet.write_string(at, column, value)
    sheet.autofilter(0, 0, max(len(claims), 1), _HIDDEN - 1)
    _people(book, sheet, len(claims))
    book.close()
    return told.getvalue()


def apply(content: bytes, *, by: int) -> Taken:
    """Take what was written into an exported workbook; `by` is whose notes they are.

    Raises BadTable with every cell that cannot be taken: a claim that is not the practice's, somebody who
    does not work here, no day, or a cell that somebody changed here since the export.
    """
    rows = [*_read(content)]
    found = _claims(rows)
    names = _people_by_name()
    wishes = _Wishes()
    for at, cells in rows:
        claim = found.get(_key(cells))
        if claim is None or claim.claim_id != str(cells["Claim"] or "").strip():
            wishes.refuse(
                at, "Claim", "this is no claim of the practice", "Leave the first column as it was exported."
            )
            continue
        _wish_owner(wishes, at, cells, claim, names)
        _wish_day(wishes, at, cells, claim)
        note = str(cells["New note"] or "").strip()
        if len(note) > LONGEST_NOTE:
            wishes.refuse(
                at, "New note", f"longer than {LONGEST_NOTE:,} letters", "Write less, or two notes."
            )
        elif note:
            wishes.notes[claim.pk] = note
    if wishes.wrong:
        raise BadTable(wishes.wrong)
    return _done(wishes, found, by)


def _done(wishes: _Wishes, found: Mapping[int, Claim], by: int) -> Taken:
    changed = []
    for key in {*wishes.owners, *wishes.days}:
        claim = found[key]
        claim.owner_id = wishes.owners.get(key, claim.owner_id)
        claim.follow_up_on = wishes.days.get(key, claim.follow_up_on)
        claim.revision += 1
        claim.updated_at = timezone.now()
        changed.append(claim)
    Claim.objects.bulk_update(changed, ["owner", "follow_up_on", "revision", "updated_at"], batch_size=1_000)
    known = set(Note.objects.filter(claim__in=wishes.notes).values_list("claim_id", "text"))
    notes = [
        Note(claim_id=key, text=text, by_id=by)
        for key, text in wishes.notes.items()
        if (key, text) not in known
    ]
    Note.objects.bulk_create(notes)
    return Taken(len(wishes.owners), len(wishes.days), len(notes))


def _wish_owner(
    wishes: _Wishes, at: int, cells: Mapping[str, Any], claim: Claim, names: Mapping[str, int | None]
) -> None:
    told, was = (str(cells[name] or "").strip() for name in ("Owner", "Owner was"))
    if told.lower() == was.lower():
        return
    owner = None
    if told:
        owner = names.get(told.lower())
        if owner is None:
            why = (
                "two people have this name" if told.lower() in names else "nobody who works here is so called"
            )
            wishes.refuse(at, "Owner", why, "Write an e-mail address of the list in that column.")
            return
    if claim.owner_id == owner:
        return
    before = names.get(was.lower()) if was else None
    if claim.revision != _number(cells["Revision"]) and claim.owner_id != before:
        wishes.refuse(at, "Owner", "somebody gave this claim to another since the export", "Export it again.")
        return
    wishes.owners[claim.pk] = owner


def _wish_day(wishes: _Wishes, at: int, cells: Mapping[str, Any], claim: Claim) -> None:
    told, was = _day(cells["Follow up"]), _day(cells["Follow up was"])
    if isinstance(told, str) or (told and not FIRST_YEAR <= told.year <= LAST_YEAR):
        wishes.refuse(at, "Follow up", "this is no day", "Write it as 2026-11-30, or leave it empty.")
        return
    if told in (was, claim.follow_up_on):
        return
    if claim.revision != _number(cells["Revision"]) and claim.follow_up_on != was:
        wishes.refuse(at, "Follow up", "somebody set another day since the export", "Export it again.")
        return
    wishes.days[claim.pk] = told


def _rows(keys: list[int]) -> Iterator[tuple[Any, ...]]:
    for start in range(0, len(keys), 2_000):
        for row in rows_of(keys[start : start + 2_000]):
            claim = row.claim
            owner = claim.owner.email if claim.owner else ""
            patient = f"{claim.patient.last}, {claim.patient.first}".strip(", ")
            due = claim.follow_up_on or ""
            yield (
                claim.claim_id, claim.patient.number, patient, claim.payer.name, claim.get_state_display(),
                ", ".join(row.rules), claim.served_on, claim.charge_cents, claim.at_risk_cents,
                claim.paid_cents, claim.file_by or "", due, owner, "", claim.pk, claim.revision, due, owner,
            )  # fmt: skip


def _people(book: Any, sheet: Any, count: int) -> None:  # noqa: ANN401  the library has no types
    """A list of who may own a claim, to choose from."""
    here = User.objects.filter(pk__in=[key for key, _ in owners()]).order_by("email")
    emails = [*here.values_list("email", flat=True)]
    listed = book.add_worksheet("People")
    listed.hide()
    for at, email in enumerate(emails):
        listed.write_string(at, 0, email)
    owner, due = _NAMES.index("Owner"), _NAMES.index("Follow up")
    last = max(count, 1)
    sheet.data_validation(1, owner, last, owner, {
        "validate": "list", "source": f"=People!$A$1:$A${max(len(emails), 1)}", "ignore_blank": True,
        "error_message": "Somebody who works in the practice, by e-mail address.",
    })  # fmt: skip
    sheet.data_validation(1, due, last, due, {
        "validate": "date", "criteria": ">=", "value": dt.date(2000, 1, 1), "ignore_blank": True,
        "error_message": "A day, as 2026-11-30.",
    })  # fmt: skip


def _read(content: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a workbook, by the number that a spreadsheet gives them."""
    try:
        book = load_workbook(io.BytesIO(measured(content, _FILE)), read_only=True, data_only=True)
        sheet = book[SHEET] if SHEET in book.sheetnames else None
        rows = iter(
            [*sheet.iter_rows(values_only=True, max_col=_MOST_COLUMNS, max_row=MOST + 2)] if sheet else ()
        )
    except UnreadableFile as error:
        raise _no_table(error.what, "Choose the file that was exported from Claims.") from error
    except _BROKEN as error:
        raise _no_table(
            "this is no XLSX workbook", "Choose the file that was exported from Claims."
        ) from error
    if sheet is None:
        raise _no_table(f"it has no sheet “{SHEET}”", "Choose the file that was exported from Claims.")
    heads = [str(cell or "").strip() for cell in next(rows, ())]
    missing = [name for name in ("Claim", *_OURS, *_NAMES[_HIDDEN:]) if name not in heads]
    if missing:
        raise _no_table(
            f"the columns {', '.join(missing)} are missing", "Export the list anew and fill that in."
        )
    for at, row in enumerate(rows, start=2):
        if at > MOST + 1:
            raise _no_table(f"it has more than {MOST:,} rows", "Bring it back in parts.")
        cells = dict(zip(heads, row, strict=False))
        if any(value not in (None, "") for value in cells.values()):
            yield at, {name: cells.get(name) for name in _NAMES}


def _no_table(message: str, next_step: str) -> BadTable:
    return BadTable([BadCell(_FILE, 1, "", message, next_step)])


def _claims(rows: list[tuple[int, dict[str, Any]]]) -> dict[int, Claim]:
    keys = {_key(cells) for _, cells in rows}
    found = Claim.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    return {claim.pk: claim for claim in found}


def _people_by_name() -> dict[str, int | None]:
    """Who works here, by address and by name; None for a name that two have."""
    here: dict[str, int | None] = {}
    for key, name in owners():
        here[name.lower()] = None if name.lower() in here else key
    emails = User.objects.filter(pk__in=dict(owners())).values_list("email", "pk")
    return {**here, **{email.lower(): key for email, key in emails}}


def _key(cells: Mapping[str, Any]) -> int:
    return _number(cells["Key"])


def _number(value: Any) -> int:  # noqa: ANN401  whatever stands in a cell
    try:
        told = int(value)
    except (TypeError, ValueError, OverflowError):
        return 0
    return told if 0 < told < 2**63 else 0


def _day(value: Any) -> dt.date | str | None:  # noqa: ANN401  whatever stands in a cell
    """A day; the text where it is none."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date) or value in (None, ""):
        return value or None
    try:
        return dt.date.fromisoformat(str(value).strip())
    except ValueError:
        return str(value)
