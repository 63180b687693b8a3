"""Codes that count muscles, joints and levels, from a file to a finding."""

import datetime as dt

import polars as pl
import pytest

from anodyne.rules.views.ground import charge_of_one_cents
from tests.claims import Claim, Line, findings, told

RULES = ("INJ-01", "INJ-02", "INJ-04", "INJ-18", "NCCI")


def of_counts(*claims: Claim, history: tuple[Claim, ...] = ()) -> set[tuple[str, str, int | None]]:
    return {found for found in told(*claims, history=history) if found[0].startswith(RULES)}


@pytest.mark.parametrize("payer", ["medicare", "commercial", "workers"])
@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([Line("20553")], set()),
        ([Line("20553"), Line("20552")], {("INJ-01", "deny", 2)}),
        ([Line("20552", ["59"]), Line("20553")], {("INJ-01", "deny", 1)}),
        ([Line("20553", units=3)], {("INJ-01a", "deny", 1)}),
        ([Line("20552"), Line("20552", ["59"])], {("INJ-01b", "deny", 2)}),
        ([Line("20560")], set()),
        ([Line("20561", units=2)], {("INJ-02a", "deny", 1)}),
        ([Line("20560"), Line("20561")], {("INJ-02b", "deny", 1)}),
        ([Line("64484", ["LT"])], {("INJ-18", "deny", 1)}),
        ([Line("64483", ["LT"]), Line("64484", ["LT"])], set()),
        ([Line("64493"), Line("64494"), Line("64495")], set()),
        ([Line("64490"), Line("64494")], set()),
        ([Line("97810"), Line("97814")], set()),
        ([Line("97811")], {("INJ-18", "deny", 1)}),
    ],
)
def test_what_the_code_means_holds_for_every_payer(
    payer: str, lines: list[Line], expected: set[tuple[str, str, int]]
) -> None:
    assert of_counts(Claim(lines, payer=payer)) == expected


@pytest.mark.parametrize(("payer", "outcome"), [("medicare", "deny"), ("blue", "ask")])
def test_clashes_that_a_payer_may_see_otherwise(payer: str, outcome: str) -> None:
    def of(*lines: Line) -> set[tuple[str, str, int | None]]:
        return of_counts(Claim(lines, payer=payer))

    assert of(Line("20560"), Line("97810")) == {("INJ-02", outcome, 2)}
    assert of(Line("20552"), Line("20560")) == {("INJ-02c", outcome, 2)}
    assert of(Line("20552"), Line("20560", ["XS"])) == set()
    assert of(Line("20611"), Line("20610")) == {("INJ-04a", outcome, 2)}
    assert of(Line("20611", ["RT"]), Line("20610", ["LT"])) == set()
    assert of(Line("20610", units=3)) == {("INJ-04", outcome, 1)}
    assert of(Line("20610", units=2)) == set()


def test_units_are_mended_by_dividing_the_charge_where_it_divides() -> None:
    even = findings(Claim([Line("20553", units=3, charge=300_00)])).filter(rule="INJ-01a")
    odd = findings(Claim([Line("20553", units=3, charge=100_00)])).filter(rule="INJ-01a")
    assert even["fix"].to_list() == ['{"set": {"units":1,"charge_cents":10000}}']
    assert odd["fix"].to_list() == [None]


def test_the_first_code_of_the_session_may_be_on_an_earlier_claim() -> None:
    earlier = (Claim([Line("20553")], id="A1"),)
    assert of_counts(Claim([Line("20552")], id="A2"), history=earlier) == {("INJ-01", "deny", 1)}
    assert of_counts(Claim([Line("20553")], id="A2"), history=earlier) == {("INJ-01b", "deny", 1)}
    assert of_counts(Claim([Line("20553")], id="A1"), history=earlier) == set()


def test_the_primary_of_an_add_on_is_looked_for_in_the_same_day_and_patient() -> None:
    first = Claim([Line("64483", ["LT"])], id="A1")
    further = Claim([Line("64484", ["LT"])], id="A2")
    assert of_counts(first, further) == set()
    assert of_counts(further, history=(first,)) == set()
    other = Claim([Line("64483", ["LT"])], id="A1", on=dt.date(2026, 10, 13))
    assert of_counts(further, history=(other,)) == {("INJ-18", "deny", 1)}


def test_messages_name_no_person() -> None:
    found = findings(Claim([Line("20553"), Line("20552"), Line("64484"), Line("77003")]))
    assert not found.filter(pl.col("message").str.contains("DOE|PAT|ROE"))["message"].to_list()


@pytest.mark.parametrize(
    ("charge", "units", "each"),
    [
        (300_00, 3, 100_00),
        (100_00, 3, None),
        (100_01, 2, None),
        (250_00, 2.5, None),
        (100_00, 1, 100_00),
        (100_00, 0, None),
        (100_00, None, None),
        (None, 2, None),
        (0, 2, 0),
    ],
)
def test_the_charge_of_one_loses_no_cent(charge: int | None, units: float | None, each: int | None) -> None:
    row = pl.DataFrame(
        {"charge_cents": [charge], "units": [units]}, schema={"charge_cents": pl.Int64, "units": pl.Float64}
    )
    assert row.select(charge_of_one_cents())["charge_cents"].to_list() == [each]
