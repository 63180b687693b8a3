"""The pair for which a line was denied, looked for on its own claim."""

import datetime as dt

import pytest

from anodyne.denials.pairs import pair_indicators
from tests.denials.made import SERVED, Cut, Told, made, reference


def indicator(
    first: str, second: str, *, reason: str = "CO-236", on: dt.date = SERVED
) -> list[tuple[int, int]]:
    """Of the second code, denied, beside the first, paid."""
    told = made(
        Told([Cut({}, paid=1, code=first, served=SERVED), Cut({reason: 500_00}, code=second, served=on)])
    ).remittance
    return pair_indicators(told.lines, told.adjustments, reference()).rows()


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ("20553", "20552", [(1, 0)]),
        ("62323", "64483", [(1, 1)]),
        ("64483", "62323", []),
        ("62323", "J1100", []),
    ],
)
def test_the_denied_code_stands_in_column_two(first: str, second: str, found: list[tuple[int, int]]) -> None:
    assert indicator(first, second) == found


def test_another_day_or_another_reason_is_no_pair() -> None:
    assert indicator("20553", "20552", on=dt.date(2026, 9, 2)) == []
    assert indicator("20553", "20552", reason="CO-50") == []


def test_a_pair_that_cannot_be_lifted_outweighs_one_that_can() -> None:
    lines = [
        Cut({}, paid=1, code="20553"),
        Cut({}, paid=1, code="62323"),
        Cut({"CO-97": 1}, code="20552"),
    ]
    told = made(Told(lines)).remittance
    assert pair_indicators(told.lines, told.adjustments, reference()).rows() == [(2, 0)]
