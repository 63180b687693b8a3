"""contracts.csv: what a payer should allow, each bad cell told with its place, no two rates on one day."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
import pytest

from anodyne.kernel.errors import BadCell, BadTable
from anodyne.model import frames
from anodyne.sheets.read import read_contracts
from tests.sheets.made import put, put_frame, text_of

RATE = {
    "payer": "60054",
    "code": "99214",
    "modifier": "",
    "pos_class": "",
    "from": "2025-01-01",
    "until": "2026-01-01",
    "allowed": "131.50",
    "percent_of_medicare": "",
}
Row = Mapping[str, str]


def rates(*changes: Row) -> list[Row]:
    """One rate for each of `changes`, of a code of its own unless it is given one."""
    return [{**RATE, "code": f"{99200 + number}", **change} for number, change in enumerate(changes)]


def contracts_of(folder: Path, *changes: Row) -> pl.DataFrame:
    return read_contracts(put(folder, text_of(rates(*changes))))


def bad(folder: Path, *changes: Row) -> Sequence[BadCell]:
    with pytest.raises(BadTable) as raised:
        read_contracts(put(folder, text_of(rates(*changes))), name="contracts.csv")
    return raised.value.cells


def told(folder: Path, **change: str) -> str:
    """What is said of the second of three rows, where nothing else is wrong."""
    (cell,) = bad(folder, {}, change, {})
    assert (cell.file, cell.row) == ("contracts.csv", 3)
    return f"{cell.column}: {cell.message}. {cell.next_step}"


def test_a_rate_is_read(tmp_path: Path) -> None:
    full = {"code": "64483", "modifier": "50", "pos_class": "facility", "until": ""}
    frame = contracts_of(tmp_path, full, {"allowed": "", "percent_of_medicare": "112.5"})
    assert frame.schema == pl.Schema(frames.CONTRACTS)
    assert frame.rows() == [
        (0, "60054", "64483", "50", "facility", dt.date(2025, 1, 1), None, 131_50, None),
        (1, "60054", "99201", None, None, dt.date(2025, 1, 1), dt.date(2026, 1, 1), None, 11250),
    ]


def test_a_payer_is_kept_as_payers_are_compared_and_codes_in_capitals(tmp_path: Path) -> None:
    frame = contracts_of(tmp_path, {"payer": " Cedar   Mutual ppo", "code": "j3301", "modifier": "lt"})
    assert frame.select("payer", "code", "modifier").row(0) == ("CEDAR MUTUAL PPO", "J3301", "LT")


def test_columns_that_may_be_empty_may_be_left_out(tmp_path: Path) -> None:
    text = text_of(rates({}), ["payer", "code", "from", "allowed"])
    assert read_contracts(put(tmp_path, text))["until"].to_list() == [None]


@pytest.mark.parametrize("column", ["payer", "code", "from"])
def test_a_needed_cell_is_not_empty(tmp_path: Path, column: str) -> None:
    assert told(tmp_path, **{column: " "}) == f"{column}: the cell is empty. Fill it in."


@pytest.mark.parametrize(
    ("column", "text", "says"),
    [
        ("code", "9921", '"9921" is no procedure code'),
        ("code", "64483-50", '"64483-50" is no procedure code'),
        ("code", "99214 visit", "the text is no procedure code"),
        ("modifier", "5", '"5" is no modifier'),
        ("modifier", "RT,LT", '"RT,LT" is no modifier'),
        ("pos_class", "office", '"office" is no class of places. Use one of facility, nonfacility.'),
        ("from", "1/1/2025", '"1/1/2025" is not a date'),
        ("until", "2025-02-30", '"2025-02-30" is no day of the calendar'),
        ("until", "2025-01-01", "the rate ends before it begins"),
        ("until", "2024-12-31", "the rate ends before it begins"),
        ("allowed", "$131.50", '"$131.50" is not an amount in dollars and cents'),
        ("allowed", "131,50", '"131,50" is not an amount'),
        ("allowed", "-1", '"-1" is not an amount'),
        ("allowed", "1.005", '"1.005" is not an amount'),
        ("allowed", "as billed", "the text is not an amount"),
    ],
)
def test_a_bad_cell_is_told(tmp_path: Path, column: str, text: str, says: str) -> None:
    assert told(tmp_path, **{column: text}).startswith(f"{column}: {says}")


@pytest.mark.parametrize("text", ["110 %", "0", "0.00", "-5", "1.555"])
def test_a_percentage_is_above_nothing(tmp_path: Path, text: str) -> None:
    said = told(tmp_path, allowed="", percent_of_medicare=text)
    assert said.startswith(f'percent_of_medicare: "{text}" is not a percentage above 0')


@pytest.mark.parametrize(
    ("text", "cents"), [("131", 131_00), ("131.5", 131_50), ("131.500", 131_50), ("0", 0), ("0.07", 7)]
)
def test_an_amount_is_in_dollars_and_cents(tmp_path: Path, text: str, cents: int) -> None:
    assert contracts_of(tmp_path, {"allowed": text})["allowed_cents"].to_list() == [cents]


def test_a_rate_is_either_an_amount_or_a_percentage(tmp_path: Path) -> None:
    assert told(tmp_path, percent_of_medicare="110").startswith(
        "allowed: there are an amount and a percentage"
    )
    assert told(tmp_path, allowed="").startswith("allowed: there is neither an amount nor a percentage")


def test_a_percentage_that_cannot_be_read_is_not_called_missing(tmp_path: Path) -> None:
    assert [cell.column for cell in bad(tmp_path, {"allowed": "", "percent_of_medicare": "?"})] == [
        "percent_of_medicare"
    ]


def test_an_unknown_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match=r"there is no such column \(at .*column rate\)"):
        read_contracts(put(tmp_path, text_of([{**RATE, "rate": "1"}])))


ONE = {"code": "99214"}
YEARS = {"from": "2025-01-01", "until": "2026-01-01"}


@pytest.mark.parametrize(
    "second",
    [
        {"from": "2026-01-01", "until": ""},
        {"from": "2024-01-01", "until": "2025-01-01"},
        {"modifier": "25"},
        {"pos_class": "facility"},
        {"payer": "60055"},
        {"code": "99213"},
    ],
    ids=["the next year", "the year before", "a modifier", "a class of places", "a payer", "a code"],
)
def test_rates_of_other_days_or_keys_stand_side_by_side(tmp_path: Path, second: Row) -> None:
    assert len(contracts_of(tmp_path, ONE | YEARS, {**ONE, **YEARS, **second})) == 2


@pytest.mark.parametrize(
    "second",
    [
        {},
        {"from": "2025-12-31", "until": ""},
        {"from": "2025-03-01", "until": "2025-04-01"},
        {"from": "2024-01-01", "until": "2025-01-02"},
        {"payer": "60054 "},
    ],
    ids=["the same days", "one day", "days within", "one day at the start", "the payer written otherwise"],
)
def test_two_rates_of_one_key_on_one_day_are_refused(tmp_path: Path, second: Row) -> None:
    first, then = ONE | YEARS, {**ONE, **YEARS, **second}
    (cell,) = bad(tmp_path, first, then)
    later = 3 if then["from"] >= first["from"] else 2
    assert (cell.row, cell.column) == (later, "from")
    assert cell.message.endswith(f"the same payer, code, modifier and place in row {5 - later}")


def test_a_rate_without_an_end_overlaps_all_that_follow(tmp_path: Path) -> None:
    spans = [("2025-01-01", ""), ("2025-03-01", "2025-04-01"), ("2025-06-01", "")]
    cells = bad(tmp_path, *(ONE | {"from": first, "until": end} for first, end in spans))
    assert [(cell.row, cell.message[-5:]) for cell in cells] == [(3, "row 2"), (4, "row 2")]


def test_a_parquet_file_of_typed_columns_is_read(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "payer": [60054, 60054],
            "code": [99214, 64483],
            "modifier": [None, 50],
            "from": [dt.date(2025, 1, 1)] * 2,
            "allowed": [131.5, None],
            "percent_of_medicare": [None, 110],
        }
    )
    read = read_contracts(put_frame(tmp_path, frame))
    assert read.select(
        "payer", "code", "modifier", "allowed_cents", "percent_of_medicare_hundredths"
    ).rows() == [
        ("60054", "99214", None, 131_50, None),
        ("60054", "64483", "50", None, 11000),
    ]
