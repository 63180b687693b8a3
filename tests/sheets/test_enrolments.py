"""enrolments.csv: what is not told stays null, and each bad cell is told with its place."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from anodyne.model import frames
from anodyne.model.care import (
    PROGRAMMES,
    Complexity,
    ConsentMode,
    ConsentTopic,
    Mode,
    PainFinding,
    Program,
)
from anodyne.sheets.read import read_enrolments
from tests.sheets.made import (
    ENROLMENT,
    OTHER_NPI,
    bad_enrolments,
    enrolments,
    enrolments_of,
    places,
    put,
    put_frame,
    text_of,
)

NEEDED = ("patient", "practitioner", "program")
DAYS = tuple(name for name, kind in frames.ENROLMENTS.items() if kind == pl.Date)


def told(folder: Path, column: str, text: str) -> str:
    """What is said of `text` in `column` of the second of three rows, where nothing else is wrong."""
    (cell,) = bad_enrolments(folder, enrolments({}, {column: text}, {}))
    assert (cell.file, cell.row, cell.column) == ("enrolments.csv", 3, column)
    return f"{cell.message}. {cell.next_step}"


def test_an_enrolment_is_read(tmp_path: Path) -> None:
    frame = enrolments_of(tmp_path, {})
    assert frame.schema == pl.Schema(frames.ENROLMENTS)
    assert frame.to_dicts() == [
        {
            "enrolment_key": 0,
            "patient": "P001",
            "practitioner": "1234567893",
            "program": "cpm",
            "payer": "MEDICARE_B",
            "state": "OH",
            "consent_on": dt.date(2026, 9, 1),
            "consent_mode": "verbal",
            "consent_revoked_on": dt.date(2026, 12, 1),
            "consent_covers": ["purpose", "frequency", "cost_sharing"],
            "pain_months": 7.5,
            "pain_finding": "established",
            "conditions": 2,
            "initiated_on": dt.date(2026, 9, 1),
            "initiated_minutes": 30.0,
            "initiated_mode": "in_person",
            "initiated_pos": "11",
            "plan_on": dt.date(2026, 9, 2),
            "scale": "PEG",
            "scale_score": "6.3",
            "scale_on": dt.date(2026, 9, 1),
            "prior_months": 0,
            "discharged_on": dt.date(2026, 8, 20),
            "contacted_on": dt.date(2026, 8, 21),
            "visited_on": dt.date(2026, 8, 25),
            "complexity": "moderate",
        }
    ]


def test_what_is_not_told_is_null(tmp_path: Path) -> None:
    rest = [name for name in ENROLMENT if name not in NEEDED]
    left_out = read_enrolments(put(tmp_path, text_of(enrolments({}), NEEDED)))
    empty = enrolments_of(tmp_path, dict.fromkeys(rest, ""))
    assert left_out.equals(empty)
    assert left_out.schema == pl.Schema(frames.ENROLMENTS)
    assert set(left_out.select(rest).row(0)) == {None}


@pytest.mark.parametrize("column", NEEDED)
def test_a_needed_cell_is_not_empty(tmp_path: Path, column: str) -> None:
    assert told(tmp_path, column, " ") == "the cell is empty. Fill it in."


@pytest.mark.parametrize("column", NEEDED)
def test_a_needed_column_is_there(tmp_path: Path, column: str) -> None:
    text = text_of(enrolments({}), [name for name in ENROLMENT if name != column])
    with pytest.raises(Exception, match=f"the column is missing .at enrolments, row 1, column {column}"):
        read_enrolments(put(tmp_path, text), name="enrolments")


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("program", PROGRAMMES),
        ("consent_mode", tuple(ConsentMode)),
        ("pain_finding", tuple(PainFinding)),
        ("initiated_mode", tuple(Mode)),
        ("complexity", tuple(Complexity)),
    ],
)
def test_every_word_of_a_column_is_read(tmp_path: Path, column: str, words: Sequence[str]) -> None:
    assert enrolments_of(tmp_path, *({column: word} for word in words))[column].to_list() == list(words)


@pytest.mark.parametrize("word", [word for word in Program if word not in PROGRAMMES])
def test_nobody_is_enrolled_in_a_visit(tmp_path: Path, word: str) -> None:
    assert told(tmp_path, "program", word).startswith(f'"{word}" is no program to be enrolled in. ')


@pytest.mark.parametrize(
    ("column", "text", "says"),
    [
        ("practitioner", "1234567890", '"1234567890" is no NPI: its check digit is wrong'),
        ("practitioner", "123456789", '"123456789" is no NPI: it has 9 digits instead of 10'),
        ("program", "cmp", '"cmp" is no program to be enrolled in. Use one of cpm, ccm, '),
        ("state", "Ohio", "the text is not two letters. Write Ohio as OH."),
        ("state", "O", '"O" is not two letters'),
        ("state", "39", '"39" is not two letters'),
        ("state", "ÖH", '"ÖH" is not two letters'),
        ("consent_mode", "oral", '"oral" is no way to consent. Use one of verbal, written.'),
        ("consent_mode", "phone", '"phone" is no way to consent. Use one of verbal, written.'),
        ("consent_covers", "cost", '"cost" names what is no topic of a consent.'),
        ("consent_covers", "purpose;", '"purpose;" has nothing between two semicolons, or at an end'),
        ("pain_finding", "confirm", '"confirm" is no finding. Is it confirmed?'),
        ("initiated_mode", "face", '"face" is no mode. Use one of in_person, '),
        ("complexity", "hi", '"hi" is no complexity. Use one of straightforward, low, '),
        ("initiated_pos", "2", '"2" is not two digits'),
        ("pain_months", "-1", '"-1" is not a number of 0 or more'),
        ("pain_months", "7,5", '"7,5" is not a number of 0 or more'),
        ("pain_months", "NaN", "the text is not a number of 0 or more"),
        ("pain_months", "since the fall", "the text is not a number of 0 or more"),
        ("initiated_minutes", "-0.5", '"-0.5" is not a number of 0 or more'),
        ("initiated_minutes", "1e3", '"1e3" is not a number of 0 or more'),
        ("conditions", "-1", '"-1" is not a whole number of 0 or more'),
        ("conditions", "1.5", '"1.5" is not a whole number of 0 or more'),
        ("conditions", "9999999999", '"9999999999" is not a whole number of 0 or more'),
        ("prior_months", "two", "the text is not a whole number of 0 or more"),
        ("prior_months", "٣", '"٣" is not a whole number of 0 or more'),
    ],
)
def test_another_text_is_told(tmp_path: Path, column: str, text: str, says: str) -> None:
    assert told(tmp_path, column, text).startswith(says)


@pytest.mark.parametrize("column", DAYS)
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("10/01/2026", '"10/01/2026" is not a date. Write it as 2026-10-01.'),
        ("2026-10-01T00:00:00Z", '"2026-10-01T00:00:00Z" is not a date'),
        ("20261001", '"20261001" is not a date'),
        ("2026-W40-4", '"2026-W40-4" is not a date'),
        ("2026-02-29", '"2026-02-29" is no day of the calendar'),
        ("1926-10-01", '"1926-10-01" is not of the years 2000 to 2100'),
        ("2101-01-01", '"2101-01-01" is not of the years 2000 to 2100'),
        ("last May", "the text is not a date"),
    ],
)
def test_another_day_is_told(tmp_path: Path, column: str, text: str, says: str) -> None:
    assert told(tmp_path, column, text).startswith(says)


@pytest.mark.parametrize(("text", "number"), [("0", 0.0), ("3", 3.0), ("3.", 3.0), ("7.25", 7.25)])
def test_a_number_may_have_decimals(tmp_path: Path, text: str, number: float) -> None:
    frame = enrolments_of(tmp_path, {"pain_months": text, "initiated_minutes": text})
    assert frame.select("pain_months", "initiated_minutes").row(0) == (number, number)


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("012", 12), ("3.0", 3), ("999999999", 999999999)])
def test_a_whole_number_may_have_no_part(tmp_path: Path, text: str, number: int) -> None:
    frame = enrolments_of(tmp_path, {"conditions": text, "prior_months": text})
    assert frame.select("conditions", "prior_months").row(0) == (number, number)


def test_a_state_is_kept_in_capitals(tmp_path: Path) -> None:
    assert enrolments_of(tmp_path, {"state": "oh"})["state"].to_list() == ["OH"]


def test_topics_of_consent_keep_their_order(tmp_path: Path) -> None:
    covers = [{"consent_covers": " frequency ;purpose"}, {"consent_covers": ";".join(ConsentTopic)}]
    assert enrolments_of(tmp_path, *covers)["consent_covers"].to_list() == [
        ["frequency", "purpose"],
        list(ConsentTopic),
    ]


def test_a_consent_is_not_revoked_before_it_is_given(tmp_path: Path) -> None:
    assert told(tmp_path, "consent_revoked_on", "2026-08-31").startswith(
        "the consent is revoked before it is given"
    )
    same_day, undated = {"consent_revoked_on": "2026-09-01"}, {"consent_on": ""}
    assert len(enrolments_of(tmp_path, same_day, undated)) == 2


def test_a_patient_is_enrolled_once_with_a_practitioner_in_a_program(tmp_path: Path) -> None:
    one = {"patient": "P1"}
    cells = bad_enrolments(
        tmp_path,
        enrolments(
            {}, one, one | {"program": "ccm"}, one | {"practitioner": OTHER_NPI}, one | {"state": "TX"}, one
        ),
    )
    assert places(cells) == [(6, "patient"), (7, "patient")]
    assert {cell.message for cell in cells} == {"the same patient, practitioner and program stand in row 3"}


def test_rows_with_an_empty_cell_are_not_called_the_same(tmp_path: Path) -> None:
    cells = bad_enrolments(tmp_path, enrolments({"patient": ""}, {"patient": ""}))
    assert [cell.message for cell in cells] == ["the cell is empty"] * 2


def test_what_may_be_a_patients_is_never_shown(tmp_path: Path) -> None:
    planted = {"patient": "MRN-77", "scale": "Jane Doe", "scale_score": "Roe", "payer": "MRN-77"}
    wrong = {"conditions": "Jane Doe", "consent_on": "Jane said yes", "practitioner": "Dr Roe"}
    cells = bad_enrolments(tmp_path, enrolments(planted | wrong, planted | wrong, planted, planted))
    said = " ".join(f"{cell.message} {cell.next_step}" for cell in cells)
    assert len(cells) == 7
    assert not [word for word in ("MRN", "Jane", "Roe") if word in said]


def test_a_parquet_file_of_typed_columns_is_read(tmp_path: Path) -> None:
    day = dt.date(2026, 9, 1)
    frame = pl.DataFrame(
        {
            **{name: [text] for name, text in ENROLMENT.items() if name in {*NEEDED, "state", "scale"}},
            **{name: [day] for name in DAYS},
            "consent_covers": [["purpose"]],
            "pain_months": [0.1 + 0.2],
            "initiated_minutes": pl.Series([30], dtype=pl.UInt8),
            "conditions": [2.0],
            "prior_months": pl.Series([3], dtype=pl.Int8),
            "initiated_pos": [11],
            "scale_score": [6],
        }
    )
    read = read_enrolments(put_frame(tmp_path, frame))
    assert read.schema == pl.Schema(frames.ENROLMENTS)
    assert {read[name][0] for name in DAYS} == {day}
    numbers = read.select("pain_months", "initiated_minutes", "conditions", "prior_months")
    assert numbers.row(0) == (0.1 + 0.2, 30.0, 2, 3)
    assert read.select("initiated_pos", "scale_score", "payer").row(0) == ("11", "6", None)
    assert read["consent_covers"].to_list() == [["purpose"]]


def test_an_empty_list_tells_nothing(tmp_path: Path) -> None:
    frame = pl.DataFrame(enrolments({})).with_columns(consent_covers=pl.lit([], pl.List(pl.String)))
    assert read_enrolments(put_frame(tmp_path, frame))["consent_covers"].to_list() == [None]
