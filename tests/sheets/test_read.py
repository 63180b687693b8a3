"""A table as a file: CSV as programs write it, Parquet, and what is neither."""

import csv
import datetime as dt
import io
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anodyne.kernel.errors import AnodyneError, BadTable, UnreadableFile
from anodyne.model import frames
from anodyne.sheets import files, records
from anodyne.sheets.read import read_enrolments, read_time
from tests.sheets.made import (
    ENROLMENT,
    ENTRY,
    NPI,
    bad_time,
    enrolments,
    entries,
    places,
    put,
    put_frame,
    text_of,
)

HEADER = ",".join(ENTRY)
SLOW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def line(number: int, **changes: str) -> str:
    """One entry as a line of CSV, its cells as they stand in it."""
    return ",".join(({**ENTRY, "entry_id": f"E{number}"} | changes).values())


def table(*lines: str, end: str = "\r\n") -> str:
    return "".join(f"{one}{end}" for one in (HEADER, *lines))


def refused(path: Path | str, *, name: str | None = None) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as raised:
        read_time(path, name=name)
    return raised.value


# --- CSV ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("beginning", ["", "\N{ZERO WIDTH NO-BREAK SPACE}"])
def test_any_line_end_and_a_byte_order_mark_are_read(tmp_path: Path, end: str, beginning: str) -> None:
    text = beginning + table(line(1), line(2), end=end)
    assert read_time(put(tmp_path, text))["entry_id"].to_list() == ["E1", "E2"]
    assert read_time(put(tmp_path, text.removesuffix(end)))["entry_id"].to_list() == ["E1", "E2"]


def test_columns_may_come_in_any_order(tmp_path: Path) -> None:
    rows = entries({}, {"mode": "video"})
    backwards = read_time(put(tmp_path, text_of(rows, list(reversed(ENTRY)))))
    assert backwards.equals(read_time(put(tmp_path, text_of(rows))))


def test_names_of_columns_may_be_quoted_and_have_blanks(tmp_path: Path) -> None:
    header = ",".join(f'" {name}"' for name in ENTRY)
    assert len(read_time(put(tmp_path, f"{header}\n{line(1)}"))) == 1


def test_a_quoted_cell_holds_commas_quotes_and_line_breaks(tmp_path: Path) -> None:
    text = table(
        line(1, entry_id='"a,b"', note='"x\r\ny, ""z"""'),
        line(2, entry_id='"c\nd"'),
        line(3, entry_id='"say ""e"""', performer='""'),
    )
    frame = read_time(put(tmp_path, text))
    assert frame["entry_id"].to_list() == ["a,b", "c\nd", 'say "e"']
    assert frame["performer"].to_list() == ["MA-7", "MA-7", None]


def test_rows_are_counted_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    text = table(line(1, note='"three\nlines\nlong"'), line(2, mode="x"), line(3), line(4, mode="y"))
    assert places(bad_time(tmp_path, text)) == [(3, "mode"), (5, "mode")]


def test_cells_lose_the_blanks_around_them(tmp_path: Path) -> None:
    text = table(line(1, role=" np", mode="video\t", patient='" P 1 "', performer="\N{NO-BREAK SPACE}"))
    frame = read_time(put(tmp_path, text))
    assert frame.select("role", "mode", "patient", "performer").row(0) == ("np", "video", "P 1", None)


@pytest.mark.parametrize("end", ["\n", "\n\n\n", f"\n{',' * 11}\n", f"\n{',' * 300}\n , ,\n", '\n"",""\r\n'])
def test_blank_lines_at_the_end_are_left_out(tmp_path: Path, end: str) -> None:
    assert len(read_time(put(tmp_path, f"{HEADER}\n{line(1)}{end}"))) == 1


@pytest.mark.parametrize("blank", ["", " ", "," * 11, '""' + "," * 11])
def test_a_blank_line_between_rows_is_told(tmp_path: Path, blank: str) -> None:
    (cell,) = bad_time(tmp_path, table(line(1), blank, line(3)))
    assert (cell.row, cell.column, cell.message) == (3, "", "the row is blank")


@pytest.mark.parametrize(
    ("row", "says", "step"),
    [
        (line(2) + ",x", "the row has 13 cells instead of 12", "Put quotes around"),
        (line(2, note="a, b, c"), "the row has 14 cells instead of 12", "Put quotes around"),
        ("E2,P1", "the row has 2 cells instead of 12", "Add the missing commas"),
        ("E2", "the row has 1 cell instead of 12", "Add the missing commas"),
    ],
)
def test_a_row_of_another_length_is_told_and_the_others_are_checked(
    tmp_path: Path, row: str, says: str, step: str
) -> None:
    whole, other = bad_time(tmp_path, table(line(1), row, line(3, mode="x")))
    assert (whole.row, whole.column, whole.message) == (3, "", says)
    assert whole.next_step.startswith(step)
    assert (other.row, other.column) == (4, "mode")


@pytest.mark.parametrize(
    ("changes", "column", "says"),
    [
        ({"note": '"never closed'}, "note", "a quoted cell is never closed"),
        ({"patient": '"never closed'}, "patient", "a quoted cell is never closed"),
        ({"patient": 'P"1'}, "patient", "a quote stands inside a cell"),
        ({"patient": ' "P1"'}, "patient", "a quote stands inside a cell"),
        ({"patient": '"P"1'}, "patient", "a quote stands inside a cell"),
        ({"performer": '"P1"\rx'}, "performer", "a quote stands inside a cell"),
    ],
)
def test_a_quote_out_of_place_is_told_and_the_rows_before_are_checked(
    tmp_path: Path, changes: dict[str, str], column: str, says: str
) -> None:
    before, quote = bad_time(tmp_path, table(line(1, mode="x"), line(2, **changes), line(3, mode="y")))
    assert (before.row, before.column) == (2, "mode")
    assert (quote.row, quote.column) == (3, column)
    assert quote.message.startswith(says)


def test_a_quote_that_closes_rows_later_is_told_where_it_opens(tmp_path: Path) -> None:
    text = table(line(1), line(2, note='"open'), line(3), line(4, note='"shut"'))
    assert places(bad_time(tmp_path, text)) == [(3, "note")]


def test_what_is_not_utf8_is_told_by_cell(tmp_path: Path) -> None:
    text = table(line(1), line(2, patient="Renée", note="à côté", mode="vidéo"), line(3, role="x"))
    cells = bad_time(tmp_path, text.encode("latin-1"))
    assert places(cells) == [(3, "patient"), (3, "mode"), (3, "note"), (4, "role")]
    assert [cell.message for cell in cells[:3]] == ["the text is not UTF-8"] * 3
    assert cells[0].next_step == "Save it as CSV UTF-8, with commas."


def test_a_byte_of_value_zero_is_told_by_cell(tmp_path: Path) -> None:
    text = table(line(1, note='"a, b\0"', role="n\0p"), line(2), line(3) + ",\0")
    cells = bad_time(tmp_path, text)
    assert places(cells) == [(2, "role"), (2, "note"), (4, "")]
    assert cells[0].message == cells[1].message == "the text holds a byte of value zero"


def test_text_of_every_language_is_text(tmp_path: Path) -> None:
    text = table(line(1, patient="Renée-長-😀"))
    assert read_time(put(tmp_path, text))["patient"].to_list() == ["Renée-長-😀"]


cells_drawn = st.text(
    st.one_of(st.sampled_from(',"\r\n; é長'), st.characters(exclude_categories=["Cs", "Cc"])), max_size=8
)


@given(
    st.lists(st.tuples(cells_drawn, cells_drawn, cells_drawn), max_size=12),
    st.booleans(),
    st.sampled_from(["\r\n", "\n"]),
    st.integers(1, 40),
)
@SLOW
def test_what_is_written_is_read(
    tmp_path: Path, drawn: list[tuple[str, str, str]], quoted: bool, end: str, window: int
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL, lineterminator=end)
    writer.writerow(ENTRY)
    rows = [
        {**ENTRY, "entry_id": f"{number}x{one}x", "patient": f"x{two}x", "note": three}
        for number, (one, two, three) in enumerate(drawn)
    ]
    if end == "\n":  # a writer with this line end leaves a lone return without quotes
        rows = [{name: cell.replace("\r", "\n") for name, cell in row.items()} for row in rows]
    writer.writerows(row.values() for row in rows)
    path = put(tmp_path, text.getvalue())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "WINDOW_BYTES", window)
        patch.setattr(files, "PART_BYTES", 10 * window)
        frame = read_time(path)
    assert frame["entry_id"].to_list() == [row["entry_id"] for row in rows]
    assert frame["patient"].to_list() == [row["patient"] for row in rows]
    assert frame["elements"].to_list() == [["assessment", "education"]] * len(rows)


@given(st.binary(max_size=200), st.integers(1, 40))
@SLOW
def test_whatever_follows_a_header_is_read_or_told(tmp_path: Path, drawn: bytes, window: int) -> None:
    path = put(tmp_path, HEADER.encode() + b"\n" + drawn)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "WINDOW_BYTES", window)
        try:
            assert read_time(path).is_empty()
        except BadTable as error:
            assert all(cell.row > 1 for cell in error.cells)  # noqa: PT017  a file may also be read


@given(st.text(alphabet='a,"\n\r', max_size=40), st.integers(1, 40))
@SLOW
def test_records_are_told_apart_as_the_standard_library_does(text: str, window: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "WINDOW_BYTES", window)
        found = records.find_records(text.encode())
    if found.fault is None and text:
        lines = io.StringIO(f"{text}\n".replace("\r\n", "\n").replace("\r", "a"), newline="")
        wanted = [max(len(record), 1) for record in csv.reader(lines, strict=True)]
        assert found.cells.tolist() == (wanted[:-1] if text.endswith("\n") else wanted)


# --- columns ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("practioner", "Is it practitioner?"),
        ("Role", "Is it role?"),
        ("minutes", "Leave it out; the columns are entry_id, patient, "),
    ],
)
def test_an_unknown_column_is_refused_by_name(tmp_path: Path, name: str, step: str) -> None:
    (cell,) = bad_time(tmp_path, f"{HEADER},{name}\n{line(1)},x\n")
    assert (cell.row, cell.column, cell.message) == (1, name, "there is no such column")
    assert cell.next_step.startswith(step)


def test_a_column_twice_is_refused(tmp_path: Path) -> None:
    (cell,) = bad_time(tmp_path, f"{HEADER},mode\n{line(1)},audio\n")
    assert (cell.row, cell.column, cell.message) == (1, "mode", "the column stands twice")


def test_a_column_without_a_name_is_refused(tmp_path: Path) -> None:
    (cell,) = bad_time(tmp_path, f"{HEADER},\n{line(1)},\n")
    assert (cell.row, cell.column, cell.message) == (1, "", "the column in place 13 has no name")


def test_all_that_is_wrong_with_a_header_is_told(tmp_path: Path) -> None:
    cells = bad_time(tmp_path, "entry_id,patient,npi,entry_id\nx")
    assert [(cell.column, cell.message) for cell in cells][:3] == [
        ("npi", "there is no such column"),
        ("entry_id", "the column stands twice"),
        ("practitioner", "the column is missing"),
    ]
    assert [cell.column for cell in cells][3:] == ["role", "start", "end", "program", "mode"]


@pytest.mark.parametrize("first", [line(1), f"\n{HEADER}", " ", '""'])
def test_a_file_without_a_header_is_told_without_its_cells(tmp_path: Path, first: str) -> None:
    (cell,) = bad_time(tmp_path, f"{first}\n{line(2)}\n")
    assert (cell.row, cell.column, cell.message) == (1, "", "it names no column of the table")
    assert cell.next_step.startswith("Begin with a header: entry_id, patient, ")


@pytest.mark.parametrize(("mark", "word"), [(";", "semicolons"), ("\t", "tabs")])
def test_cells_between_other_marks_are_told(tmp_path: Path, mark: str, word: str) -> None:
    (cell,) = bad_time(tmp_path, table(line(1)).replace(",", mark))
    assert cell.message == f"its cells stand between {word}"


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (b"entry_id,\xe9\n", "the text is not UTF-8"),
        (HEADER.encode("utf-16-le"), "the text is not UTF-8"),
        (b'entry_id,"patient\n', "a quoted cell is never closed"),
        (b'entry_id,pa"tient\n', "a quote stands inside a cell"),
    ],
)
def test_a_header_that_is_no_text_is_told(tmp_path: Path, header: bytes, says: str) -> None:
    (cell,) = bad_time(tmp_path, header)
    assert (cell.row, cell.column) == (1, "")
    assert cell.message.startswith(says)


# --- the file -----------------------------------------------------------------------------------------------


def test_rows_that_are_not_those_counted_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = pl.read_csv
    monkeypatch.setattr(pl, "read_csv", lambda part, **how: real(part, **how).head(1))
    assert refused(put(tmp_path, table(line(1), line(2)))).what == "its rows cannot be told apart"


def test_a_header_alone_is_an_empty_frame(tmp_path: Path) -> None:
    for end in ("", "\n", "\r\n\r\n"):
        assert read_time(put(tmp_path, HEADER + end)).equals(frames.empty(frames.TIME))
    header = ",".join(ENROLMENT)
    assert read_enrolments(put(tmp_path, header)).equals(frames.empty(frames.ENROLMENTS))


@pytest.mark.parametrize("content", [b"", b"\n", b" \r\n\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    error = refused(put(tmp_path, content), name="time.csv")
    assert str(error) == "ANO-101 the file is empty (at time.csv). Export it again."


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04 a workbook", "this is a workbook or a zip, not CSV"),
        (HEADER.encode("utf-16"), "this is UTF-16, not UTF-8"),
        (b"\xfe\xff" + HEADER.encode("utf-16-be"), "this is UTF-16, not UTF-8"),
        (b"PAR1 and no more", "not a Parquet file that can be read"),
    ],
)
def test_what_is_neither_csv_nor_parquet_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    assert refused(put(tmp_path, content)).what == says


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    error = refused(tmp_path / "none.csv")
    assert "the file cannot be read: No such file" in str(error)
    assert error.where == str(tmp_path / "none.csv")
    assert refused(tmp_path).what.startswith("the file cannot be read")


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(table(line(1)).encode())))
    assert read_time("-")["entry_id"].to_list() == ["E1"]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(table(line(1, mode="x")).encode())))
    assert refused("-").where == "-, row 2, column mode"
    monkeypatch.setattr(sys, "stdin", None)
    assert refused("-").what == "standard input is closed"


def test_the_error_names_the_first_bad_cell_and_how_many_more(tmp_path: Path) -> None:
    wrong = {"mode": "x", "pos": "1"}
    path = put(tmp_path, text_of(entries({}, {"role": "boss"}, wrong)))
    error = refused(path, name="time.csv")
    assert isinstance(error, BadTable)
    assert error.code == "ANO-105"
    assert places(error.cells) == [(3, "role"), (4, "mode"), (4, "pos")]
    assert str(error).startswith('ANO-105 "boss" is no role (at time.csv, row 3, column role). Use one of ')
    assert str(error).endswith(" 2 more are wrong, and nothing of the file is used.")
    assert str(refused(put(tmp_path, text_of(entries(wrong))))).endswith(
        " 1 more is wrong, and nothing of the file is used."
    )
    alone = refused(put(tmp_path, text_of(entries({"mode": "x"}))), name="time.csv")
    assert str(alone).endswith(" Nothing of the file is used.")


def test_a_file_is_called_by_its_path_unless_it_has_a_name(tmp_path: Path) -> None:
    path = put(tmp_path, text_of(entries({"mode": "x"})))
    assert refused(path).where == f"{path}, row 2, column mode"
    assert refused(str(path), name="ours").where == "ours, row 2, column mode"


# --- Parquet ------------------------------------------------------------------------------------------------


def bad_frame(folder: Path, frame: pl.DataFrame) -> BadTable:
    error = refused(put_frame(folder, frame), name="time.parquet")
    assert isinstance(error, BadTable)
    return error


def test_bad_cells_of_a_parquet_file_have_a_place(tmp_path: Path) -> None:
    rows = entries({}, {"mode": "x"}, dict.fromkeys([*ENTRY, "entry_id"], ""), {"patient": "P\0"})
    error = bad_frame(tmp_path, pl.DataFrame(rows))
    assert [(cell.row, cell.column, cell.message) for cell in error.cells] == [
        (3, "mode", '"x" is no mode'),
        (4, "", "the row is blank"),
        (5, "patient", "the text holds a byte of value zero"),
    ]


def test_a_parquet_file_is_read_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PART_ROWS", 2)
    rows = entries({}, {"mode": "video"}, {}, {"elements": ""}, {"pos": ""})
    whole = read_time(put(tmp_path, text_of(rows)))
    assert read_time(put_frame(tmp_path, pl.DataFrame(rows))).equals(whole)
    rows = entries({}, {}, {}, {"mode": "x"}, {"note": "\0"})
    assert places(bad_frame(tmp_path, pl.DataFrame(rows)).cells) == [(5, "mode"), (6, "note")]


def test_columns_of_a_parquet_file_are_those_of_the_table(tmp_path: Path) -> None:
    frame = pl.DataFrame(entries({})).drop("mode").with_columns(rôle=pl.lit("np"))
    assert [(cell.row, cell.column, cell.message) for cell in bad_frame(tmp_path, frame).cells] == [
        (1, "rôle", "there is no such column"),
        (1, "mode", "the column is missing"),
    ]
    assert bad_frame(tmp_path, pl.DataFrame({"x": [1]})).what == "it names no column of the table"
    assert bad_frame(tmp_path, pl.DataFrame()).what == "it names no column of the table"


@pytest.mark.parametrize(
    ("column", "value", "step"),
    [
        ("start", dt.datetime(2026, 10, 1, 9), "Give it times with a zone."),  # noqa: DTZ001  what is told
        ("end", dt.date(2026, 10, 1), "Give it times with a zone."),
        ("patient", 1.5, "Give it text or whole numbers."),
        ("practitioner", 1234567893.0, "Give it text or whole numbers."),
        ("mode", 1, "Give it text."),
        ("pos", 11.0, "Give it text or whole numbers."),
        ("elements", [1], "Give it a list of texts."),
    ],
)
def test_a_column_of_another_type_is_told(tmp_path: Path, column: str, value: object, step: str) -> None:
    frame = pl.DataFrame(entries({})).with_columns(pl.Series(column, [value]))
    (cell,) = bad_frame(tmp_path, frame).cells
    assert (cell.row, cell.column, cell.next_step) == (1, column, step)
    assert cell.message.startswith("the column holds ")


@pytest.mark.parametrize(
    ("column", "value", "step"),
    [
        ("consent_on", dt.datetime(2026, 10, 1, tzinfo=dt.UTC), "Give it dates."),
        ("pain_months", True, "Give it numbers."),
        ("conditions", dt.date(2026, 10, 1), "Give it whole numbers."),
        ("state", 39, "Give it text."),
    ],
)
def test_a_column_of_enrolments_of_another_type_is_told(
    tmp_path: Path, column: str, value: object, step: str
) -> None:
    frame = pl.DataFrame(enrolments({})).with_columns(pl.Series(column, [value]))
    with pytest.raises(BadTable) as raised:
        read_enrolments(put_frame(tmp_path, frame))
    (cell,) = raised.value.cells
    assert (cell.row, cell.column, cell.next_step) == (1, column, step)


def test_typed_values_are_checked_as_text_is(tmp_path: Path) -> None:
    day = dt.datetime(2026, 10, 1, 9, tzinfo=dt.UTC)
    frame = pl.DataFrame(entries({}, {})).with_columns(
        pl.Series("start", [day, day.replace(microsecond=5)]),
        pl.Series("end", [day.replace(year=1999), day.replace(hour=10)]),
        pl.Series("practitioner", [int(NPI), 12]),
        pl.Series("elements", [["education", None], ["education;"]]),
    )
    error = bad_frame(tmp_path, frame)
    assert places(error.cells) == [
        (2, "end"),
        (2, "elements"),
        (3, "practitioner"),
        (3, "start"),
        (3, "elements"),
    ]


@given(st.data())
@SLOW
def test_a_damaged_parquet_file_is_refused_or_read(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(put_frame(tmp_path, pl.DataFrame(entries({}, {}))).read_bytes())
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(4, len(content) - 1)) :]
    else:
        content[data.draw(st.integers(4, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        read_time(put(tmp_path, bytes(content)))
    except AnodyneError as error:
        assert error.code in {"ANO-101", "ANO-105"}  # noqa: PT017  a file may also be read
