"""A workbook of claims, there and back: only what was changed is taken, once, or nothing."""

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Iterator

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from anodyne.app.practice import worklist_file, worklists
from anodyne.app.practice.worklist_file import Taken
from anodyne.kernel.errors import BadTable
from anodyne.sheets import workbooks
from anodyne.store.models import Claim, Note
from anodyne.store.scope import within
from tests.practice import DAY, Small, make_practice, make_user

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def one(database: object) -> Iterator[Small]:
    del database
    small = make_practice()
    with within(small.practice.pk, small.user.pk):
        yield small


def filled_in(content: bytes, change: Callable[[Worksheet, dict[str, int]], None]) -> bytes:
    book = load_workbook(io.BytesIO(content))
    sheet = book["Claims"]
    change(sheet, {str(cell.value): cell.column for cell in sheet[1]})
    told = io.BytesIO()
    book.save(told)
    return told.getvalue()


def setting(row: int, column: str, value: object) -> Callable[[Worksheet, dict[str, int]], None]:
    def change(sheet: Worksheet, at: dict[str, int]) -> None:
        sheet.cell(row, at[column]).value = value

    return change


def test_money_is_a_number_and_the_head_stays(one: Small) -> None:
    claim = one.claim("=1+1", file_by=DAY)
    sheet = load_workbook(io.BytesIO(worklist_file.written([claim.pk])))["Claims"]
    told = {str(head.value): cell for head, cell in zip(sheet[1], sheet[2], strict=True)}
    assert told["Billed"].value == 175
    assert told["Claim"].data_type == "s"
    assert told["Claim"].value == "=1+1"
    assert told["File by"].value == dt.datetime.combine(DAY, dt.time())
    assert sheet.freeze_panes == "B2"
    assert sheet.column_dimensions["O"].hidden


def test_what_comes_back_as_it_left_changes_nothing(one: Small) -> None:
    claim = one.claim("A1", owner=one.user, follow_up_on=DAY)
    assert worklist_file.apply(worklist_file.written([claim.pk]), by=one.user.pk) == Taken(0, 0, 0)
    claim.refresh_from_db()
    assert claim.revision == 1


def test_owner_day_and_note_are_taken_once(one: Small) -> None:
    claim, other = one.claim("A1", owner=one.user), one.claim("A2", follow_up_on=DAY)
    second = make_user(one.practice, "Sam Second")

    def change(sheet: Worksheet, at: dict[str, int]) -> None:
        sheet.cell(2, at["Owner"]).value = "sam second"
        sheet.cell(2, at["Follow up"]).value = "2026-12-01"
        sheet.cell(2, at["New note"]).value = " called, they look "
        sheet.cell(3, at["Follow up"]).value = None

    book = filled_in(worklist_file.written([claim.pk, other.pk]), change)
    assert worklist_file.apply(book, by=one.user.pk) == Taken(1, 2, 1)
    claim.refresh_from_db()
    other.refresh_from_db()
    assert (claim.owner_id, claim.follow_up_on, claim.revision) == (second.pk, dt.date(2026, 12, 1), 2)
    assert other.follow_up_on is None
    assert [(note.text, note.by_id) for note in Note.objects.all()] == [("called, they look", one.user.pk)]
    assert worklist_file.apply(book, by=one.user.pk) == Taken(0, 0, 0)


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("Owner", "nobody@example.test", "nobody who works here"),
        ("Follow up", "soon", "no day"),
        ("Follow up", "2026-13-01", "no day"),
        ("Follow up", 12, "no day"),
        ("Claim", "B9", "no claim of the practice"),
        ("Key", "x", "no claim of the practice"),
        ("Key", -1, "no claim of the practice"),
        ("New note", "x" * 4_001, "longer than"),
    ],
)
def test_a_cell_that_cannot_be_taken_is_told_by_row_and_column(
    one: Small, column: str, value: object, says: str
) -> None:
    claims = [one.claim(f"A{at}").pk for at in range(3)]
    bad = filled_in(worklist_file.written(claims), setting(3, column, value))
    bad = filled_in(bad, setting(2, "New note", "fine"))
    with pytest.raises(BadTable) as error:
        worklist_file.apply(bad, by=one.user.pk)
    (cell,) = error.value.cells
    assert (cell.row, cell.column) == (3, "Claim" if column == "Key" else column)
    assert says in cell.message
    assert str(value) not in cell.message
    assert not Note.objects.exists()


def test_what_somebody_changed_here_since_is_not_written_over(one: Small) -> None:
    claim = one.claim("A1")
    second = make_user(one.practice, "Sam Second")
    exported = worklist_file.written([claim.pk])
    worklists.assign([claim.pk], second.pk)
    worklists.follow_up([claim.pk], DAY)
    for column, value in (("Owner", one.user.email), ("Follow up", "2026-12-24")):
        with pytest.raises(BadTable, match="since the export"):
            worklist_file.apply(filled_in(exported, setting(2, column, value)), by=one.user.pk)
    same = filled_in(exported, setting(2, "Owner", second.email))
    assert worklist_file.apply(same, by=one.user.pk) == Taken(0, 0, 0)


def test_another_change_of_the_claim_does_not_stand_in_the_way(one: Small) -> None:
    claim = one.claim("A1")
    exported = worklist_file.written([claim.pk])
    worklists.follow_up([claim.pk], DAY)
    mine = filled_in(exported, setting(2, "Owner", one.user.email))
    assert worklist_file.apply(mine, by=one.user.pk) == Taken(1, 0, 0)


def test_claims_of_another_practice_are_not_taken(one: Small) -> None:
    theirs = make_practice("Theirs")
    with within(theirs.practice.pk, theirs.user.pk):
        exported = worklist_file.written([theirs.claim("A1").pk])
    with pytest.raises(BadTable, match="no claim of the practice"):
        worklist_file.apply(filled_in(exported, setting(2, "New note", "hello")), by=one.user.pk)
    with within(theirs.practice.pk):
        assert not Note.objects.exists()
        assert Claim.objects.count() == 1


@pytest.mark.parametrize("content", [b"", b"PK", b"not a workbook", b"PK\x03\x04" + b"x" * 100])
def test_what_is_no_workbook_is_told(one: Small, content: bytes) -> None:
    with pytest.raises(BadTable, match="not a workbook that can be read"):
        worklist_file.apply(content, by=one.user.pk)


def test_a_workbook_that_unpacks_to_too_much_is_refused(one: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_BYTES", 100)
    with pytest.raises(BadTable, match="far larger than its table can be"):
        worklist_file.apply(worklist_file.written([one.claim("A1").pk]), by=one.user.pk)


def test_a_zip_that_is_no_workbook_is_told(one: Small) -> None:
    told = io.BytesIO()
    with zipfile.ZipFile(told, "w") as packed:
        packed.writestr("a.txt", "hello")
    with pytest.raises(BadTable, match="no XLSX workbook"):
        worklist_file.apply(told.getvalue(), by=one.user.pk)


def test_columns_that_are_gone_are_named(one: Small) -> None:
    claim = one.claim("A1")

    def change(sheet: Worksheet, at: dict[str, int]) -> None:
        sheet.delete_cols(at["Key"])

    with pytest.raises(BadTable, match="Key"):
        worklist_file.apply(filled_in(worklist_file.written([claim.pk]), change), by=one.user.pk)
