"""time.csv: each entry is read as it stands, and each bad cell is told with its place."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anodyne.kernel.errors import BadTable
from anodyne.model import frames
from anodyne.model.care import Element, Mode, Program, Role
from anodyne.sheets.read import read_time
from tests.sheets.made import (
    ENTRY,
    OTHER_NPI,
    Row,
    bad_time,
    entries,
    places,
    put,
    put_frame,
    text_of,
    time_of,
)

UTC = dt.UTC
NEEDED = ("entry_id", "patient", "practitioner", "role", "start", "end", "program", "mode")


def told(folder: Path, column: str, text: str) -> str:
    """What is said of `text` in `column` of the second of three rows, where nothing else is wrong."""
    (cell,) = bad_time(folder, entries({}, {column: text}, {}))
    assert (cell.file, cell.row, cell.column) == ("time.csv", 3, column)
    return f"{cell.message}. {cell.next_step}"


def start_of(folder: Path, start: str) -> tuple[dt.datetime, int]:
    frame = time_of(folder, {"start": start, "end": "2026-10-01T12:00:00-04:00"})
    return frame["start"][0], frame["start_offset_seconds"][0]


def test_an_entry_is_read(tmp_path: Path) -> None:
    frame = time_of(tmp_path, {})
    assert frame.to_dicts() == [
        {
            "entry_key": 0,
            "entry_id": "E1",
            "patient": "P001",
            "practitioner": "1234567893",
            "performer": "MA-7",
            "role": "clinical_staff",
            "start": dt.datetime(2026, 10, 1, 13, 0, tzinfo=UTC),
            "end": dt.datetime(2026, 10, 1, 13, 20, tzinfo=UTC),
            "start_offset_seconds": -14400,
            "end_offset_seconds": -14400,
            "program": "cpm",
            "mode": "audio",
            "pos": "11",
            "elements": ["assessment", "education"],
        }
    ]
    assert frame.schema == pl.Schema(frames.TIME)


def test_entries_keep_their_order_and_are_numbered(tmp_path: Path) -> None:
    frame = time_of(tmp_path, {"entry_id": "Z"}, {"entry_id": "A"}, {"entry_id": "M"})
    assert frame.select("entry_key", "entry_id").rows() == [(0, "Z"), (1, "A"), (2, "M")]


def test_optional_columns_may_be_left_out(tmp_path: Path) -> None:
    frame = read_time(put(tmp_path, text_of(entries({}), NEEDED)))
    assert frame.select("performer", "pos", "elements").rows() == [(None, None, [])]


def test_optional_cells_may_be_empty(tmp_path: Path) -> None:
    frame = time_of(tmp_path, {"performer": "", "pos": " ", "elements": "", "note": ""})
    assert frame.select("performer", "pos", "elements").rows() == [(None, None, [])]


@pytest.mark.parametrize("column", NEEDED)
def test_a_needed_cell_is_not_empty(tmp_path: Path, column: str) -> None:
    assert told(tmp_path, column, "") == "the cell is empty. Fill it in."
    assert told(tmp_path, column, "  ") == "the cell is empty. Fill it in."


@pytest.mark.parametrize("column", NEEDED)
def test_a_needed_column_is_there(tmp_path: Path, column: str) -> None:
    (cell,) = bad_time(tmp_path, text_of(entries({}), [name for name in ENTRY if name != column]))
    assert (cell.row, cell.column, cell.message) == (1, column, "the column is missing")


def test_an_id_stands_once(tmp_path: Path) -> None:
    cells = bad_time(tmp_path, entries({}, {"entry_id": "X"}, {"entry_id": " X "}, {"entry_id": "X"}))
    assert places(cells) == [(4, "entry_id"), (5, "entry_id")]
    assert {cell.message for cell in cells} == {"the same id stands in row 3"}


@pytest.mark.parametrize(
    ("npi", "says"),
    [
        ("123456789", '"123456789" is no NPI: it has 9 digits instead of 10'),
        ("12345678931", '"12345678931" is no NPI: it has 11 digits instead of 10'),
        ("1", '"1" is no NPI: it has 1 digit instead of 10'),
        ("1234567890", '"1234567890" is no NPI: its check digit is wrong'),
        ("3234567893", '"3234567893" is no NPI: it begins with neither 1 nor 2'),
        ("12345-6789", '"12345-6789" is no NPI: it is not made of digits alone'),
        ("١٢٣٤٥٦٧٨٩٣", "is no NPI: it is not made of digits alone"),
        ("Doe, Jane", "the text is no NPI: it is not made of digits alone"),
    ],
)
def test_a_practitioner_is_an_npi(tmp_path: Path, npi: str, says: str) -> None:
    assert says in told(tmp_path, "practitioner", npi)


@pytest.mark.parametrize(
    ("column", "words"), [("role", tuple(Role)), ("program", tuple(Program)), ("mode", tuple(Mode))]
)
def test_every_word_of_a_column_is_read(tmp_path: Path, column: str, words: Sequence[str]) -> None:
    assert time_of(tmp_path, *({column: word} for word in words))[column].to_list() == list(words)


@pytest.mark.parametrize(
    ("column", "text", "says"),
    [
        ("role", "Clinical Staff", '"Clinical Staff" is no role. Is it clinical_staff?'),
        ("program", "CPM", '"CPM" is no program. Is it cpm?'),
        ("program", "zzz", '"zzz" is no program. Use one of cpm, ccm, '),
        ("mode", "telephone", '"telephone" is no mode. Use one of in_person, video, audio, no_patient'),
        ("mode", 60 * "m", f'"{39 * "m"}…" is no mode'),
        ("mode", "vi\x1b[2Jdeo", "the text is no mode. Use one of"),
        ("elements", "assesment", '"assesment" names what is no element. Is it assessment?'),
        ("elements", "education;x", '"education;x" names what is no element. Use one of diagnosis, '),
    ],
)
def test_another_word_is_told(tmp_path: Path, column: str, text: str, says: str) -> None:
    assert told(tmp_path, column, text).startswith(says)


@pytest.mark.parametrize("text", ["education;", ";education", "education;;diagnosis", "education; ", ";"])
def test_elements_have_no_empty_part(tmp_path: Path, text: str) -> None:
    assert "has nothing between two semicolons" in told(tmp_path, "elements", text)


def test_elements_may_have_blanks_around_them(tmp_path: Path) -> None:
    frame = time_of(tmp_path, {"elements": " education ; diagnosis"}, {"elements": ";".join(Element)})
    assert frame["elements"].to_list() == [["education", "diagnosis"], list(Element)]


@pytest.mark.parametrize("text", ["1", "111", "1A", "1.", "٢٢", "11.0"])
def test_a_place_is_two_digits(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, "pos", text).startswith(f'"{text}" is not two digits')


@pytest.mark.parametrize(
    ("text", "offset", "utc"),
    [
        ("2026-10-01T09:00:00-04:00", -4, dt.datetime(2026, 10, 1, 13, tzinfo=UTC)),
        ("2026-10-01T09:00:00Z", 0, dt.datetime(2026, 10, 1, 9, tzinfo=UTC)),
        ("2026-10-01T09:00:00+00:00", 0, dt.datetime(2026, 10, 1, 9, tzinfo=UTC)),
        ("2026-10-01T09:00:00-00:00", 0, dt.datetime(2026, 10, 1, 9, tzinfo=UTC)),
        ("2026-10-01T09:00:00-0400", -4, dt.datetime(2026, 10, 1, 13, tzinfo=UTC)),
        ("2026-10-01T09:00:00-04", -4, dt.datetime(2026, 10, 1, 13, tzinfo=UTC)),
        ("2026-10-01T09:00-04:00", -4, dt.datetime(2026, 10, 1, 13, tzinfo=UTC)),
        ("2026-10-01 09:00:07-04:00", -4, dt.datetime(2026, 10, 1, 13, 0, 7, tzinfo=UTC)),
        ("2026-10-01T09:00:59.000-04:00", -4, dt.datetime(2026, 10, 1, 13, 0, 59, tzinfo=UTC)),
        ("2026-10-02T01:00:00+14:00", 14, dt.datetime(2026, 10, 1, 11, tzinfo=UTC)),
        ("2026-10-01T00:30:00-11:30", -11.5, dt.datetime(2026, 10, 1, 12, tzinfo=UTC)),
    ],
)
def test_a_time_may_be_written_so(tmp_path: Path, text: str, offset: float, utc: dt.datetime) -> None:
    assert start_of(tmp_path, text) == (utc, offset * 3600)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2026-10-01T09:00:00", "lacks its offset from UTC"),
        ("2026-10-01 09:00", "lacks its offset from UTC"),
        ("2026-10-01T09:00:00.5-04:00", "has a fraction of a second"),
        ("2026-02-29T09:00:00-04:00", "is no day of the calendar"),
        ("2026-13-01T09:00:00-04:00", "is no day of the calendar"),
        ("2026-00-10T09:00:00-04:00", "is no day of the calendar"),
        ("1999-12-31T23:59:59-04:00", "is not of the years 2000 to 2100"),
        ("2101-01-01T00:00:00-04:00", "is not of the years 2000 to 2100"),
        ("2026-10-01T24:00:00-04:00", "is at no time of a day"),
        ("2026-10-01T09:60:00-04:00", "is at no time of a day"),
        ("2026-10-01T09:00:60-04:00", "is at no time of a day"),
        ("2026-10-01T09:00:00-14:01", "has an offset that no place has"),
        ("2026-10-01T09:00:00+40:00", "has an offset that no place has"),
        ("2026-10-01T09:00:00-04:60", "has an offset that no place has"),
        ("2026-10-01", "is not a time"),
        ("10/01/2026 9:00 AM", "is not a time"),
        ("2026-10-01T9:00:00-04:00", "is not a time"),
        ("2026-10-01T09:00:00 -04:00", "is not a time"),
        ("2026-10-01T09:00:00.-04:00", "is not a time"),
        ("2026-10-01T09:00:00-4", "is not a time"),
        ("2026-10-01X09:00:00Z", "is not a time"),
        ("2026-10-01T09:00:00z", "is not a time"),
        ("20261001T090000Z", "is not a time"),
        ("46296.375", "is not a time"),
        ("２０２６-10-01T09:00:00Z", "is not a time"),
    ],
)
@pytest.mark.parametrize("column", ["start", "end"])
def test_another_time_is_told(tmp_path: Path, column: str, text: str, says: str) -> None:
    assert told(tmp_path, column, text).startswith(f'"{text}" {says}. ')


def test_words_in_place_of_a_time_are_not_shown(tmp_path: Path) -> None:
    said = told(tmp_path, "start", "when Jane called")
    assert said == "the text is not a time. Write it as 2026-10-01T09:00:00-04:00."


@pytest.mark.parametrize(
    ("start", "end", "says"),
    [
        ("2026-10-01T09:00:00Z", "2026-10-01T09:00:00Z", "the end is not after the start"),
        ("2026-10-01T09:00:00Z", "2026-10-01T08:59:59Z", "the end is not after the start"),
        ("2026-10-01T09:00:00-04:00", "2026-10-01T10:00:00-03:00", "the end is not after the start"),
        ("2026-10-01T09:00:00Z", "2026-10-01T21:00:01Z", "the entry is longer than 12 hours"),
        ("2026-10-01T09:00:00Z", "2026-10-01T17:00:01-04:00", "the entry is longer than 12 hours"),
    ],
)
def test_an_entry_that_lasts_no_time_or_too_long(tmp_path: Path, start: str, end: str, says: str) -> None:
    (cell,) = bad_time(tmp_path, entries({"start": start, "end": end}))
    assert (cell.row, cell.column, cell.message) == (2, "end", says)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-10-01T09:00:00Z", "2026-10-01T09:00:01Z"),
        ("2026-10-01T09:00:00Z", "2026-10-01T21:00:00Z"),
        ("2026-10-01T09:00:00+10:00", "2026-10-01T00:00:01+01:00"),
    ],
)
def test_an_entry_may_last_a_second_and_half_a_day(tmp_path: Path, start: str, end: str) -> None:
    assert len(time_of(tmp_path, {"start": start, "end": end})) == 1


moments = st.builds(
    lambda moment, hours: moment.replace(microsecond=0, tzinfo=dt.timezone(dt.timedelta(hours=hours))),
    st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2100, 12, 31, 11)),  # noqa: DTZ001  the offset is added
    st.sampled_from([*range(-12, 15), -3.5, 5.75, 12.75]),
)


@given(st.lists(st.tuples(moments, st.integers(1, 43_200), st.sampled_from("T ")), min_size=1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_times_agree_with_the_standard_library(
    tmp_path: Path, drawn: list[tuple[dt.datetime, int, str]]
) -> None:
    rows: list[Row] = []
    for start, seconds, between in drawn:
        end = start + dt.timedelta(seconds=seconds)
        rows.append({"start": start.isoformat(between), "end": end.isoformat(between)})
    frame = time_of(tmp_path, *rows)
    for side in ("start", "end"):
        wanted = [dt.datetime.fromisoformat(row[side]) for row in rows]
        assert frame[side].to_list() == wanted
        offsets = [(moment.utcoffset() or dt.timedelta()).total_seconds() for moment in wanted]
        assert frame[f"{side}_offset_seconds"].to_list() == offsets


ALMOST_A_TIME = (
    r"20[0-9]{2}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9](:[0-6][0-9](\.0{1,6})?)?"
    r"(Z|[+-](0[0-9]|1[0-3])(:?[0-5][0-9])?)?"
)


@given(st.from_regex(ALMOST_A_TIME, fullmatch=True))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_time_is_refused_where_the_standard_library_refuses_it(tmp_path: Path, text: str) -> None:
    try:
        wanted = dt.datetime.fromisoformat(text)
    except ValueError:
        wanted = None
    path = put(tmp_path, text_of(entries({"start": text})))
    try:
        read = read_time(path)["start"][0]
    except BadTable as error:
        refused = "start" in {cell.column for cell in error.cells}
        assert refused == (wanted is None or wanted.tzinfo is None)
    else:
        assert read == wanted


@given(st.lists(st.sampled_from(list(range(len(ENTRY)))), unique=True, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_bad_cell_is_told_in_the_order_of_the_file(tmp_path: Path, columns: list[int]) -> None:
    names = [list(ENTRY)[place] for place in columns]
    spoilt = [name for name in names if name not in {"entry_id", "patient", "performer", "note"}]
    rows = entries({}, dict.fromkeys(spoilt, "?"), {}, dict.fromkeys(spoilt, "?"))
    if not spoilt:
        assert len(read_time(put(tmp_path, text_of(rows)))) == 4
        return
    ordered = [name for name in ENTRY if name in spoilt]
    assert places(bad_time(tmp_path, rows)) == [(row, name) for row in (3, 5) for name in ordered]


def test_what_may_be_a_patients_is_never_shown(tmp_path: Path) -> None:
    rows = entries(
        {"patient": "MRN-77", "note": "Jane Doe", "performer": "Bo Roe", "mode": "x", "entry_id": "MRN-77"},
        {"patient": "MRN-77", "note": "Jane Doe", "performer": "Bo Roe", "end": "x", "entry_id": "MRN-77"},
    )
    said = " ".join(f"{cell.message} {cell.next_step}" for cell in bad_time(tmp_path, rows))
    assert not [planted for planted in ("MRN", "Jane", "Roe") if planted in said]


def test_a_parquet_file_of_text_is_read(tmp_path: Path) -> None:
    rows = entries({"elements": ""}, {"pos": ""})
    frame = pl.DataFrame(rows)
    assert read_time(put_frame(tmp_path, frame)).equals(read_time(put(tmp_path, text_of(rows))))


def test_a_parquet_file_of_typed_columns_is_read(tmp_path: Path) -> None:
    zone = "America/New_York"
    starts = [dt.datetime(2026, 10, 31, 9, tzinfo=UTC), dt.datetime(2026, 11, 1, 9, tzinfo=UTC)]
    frame = pl.DataFrame(
        {
            "entry_id": [1, 2],
            "patient": pl.Series(["P1", "P1"], dtype=pl.Categorical),
            "practitioner": [1234567893, int(OTHER_NPI)],
            "role": ["np", "np"],
            "start": pl.Series(starts).dt.convert_time_zone(zone),
            "end": pl.Series(starts).dt.convert_time_zone(zone).dt.offset_by("90s").dt.cast_time_unit("ns"),
            "program": ["cpm", "ccm"],
            "mode": ["video", "audio"],
            "pos": [2, None],
            "elements": [["education", "diagnosis"], None],
            "performer": pl.Series([None, None], dtype=pl.Null),
        }
    )
    read = read_time(put_frame(tmp_path, frame))
    assert read.schema == pl.Schema(frames.TIME)
    assert read["start"].to_list() == starts
    assert (read["end"] - read["start"]).to_list() == [dt.timedelta(seconds=90)] * 2
    assert read["start_offset_seconds"].to_list() == [-4 * 3600, -5 * 3600]
    assert read["entry_id"].to_list() == ["1", "2"]
    assert read["practitioner"].to_list() == ["1234567893", OTHER_NPI]
    assert read["pos"].to_list() == ["02", None]
    assert read["elements"].to_list() == [["education", "diagnosis"], []]
