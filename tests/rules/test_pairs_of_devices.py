"""Stimulators, pumps, vertebrae, discs, toxin, needling: pairs and units that general rules tell well."""

import datetime as dt

import pytest

from tests.claims import Claim, Line, told

NEVER, UNLESS_APART = "NCCI-01", "NCCI-01a"
PAIRS = """
63650 63661 0
63663 63650 0
63650 63655 1
63685 63688 1
63650 95970 1
63650 95972 1
63655 95972 1
63685 95971 1
63650 62323 0
63650 76000 1
95972 95971 0
95971 95970 0
62370 62369 0
62369 62368 0
62370 62367 0
62369 95990 0
62370 95991 0
95991 95990 0
95990 62367 0
95991 62368 0
62362 62365 0
22513 22514 0
22514 22511 1
64628 64493 0
62287 62290 0
64615 64405 1
64615 64400 1
64615 64450 1
64615 20552 1
64615 20553 1
64615 64612 0
64615 64616 0
27279 27278 1
97813 97810 0
"""
ABSENT = """
63650 63685
62370 99213
95972 99213
62290 72295
80307 G0480
62323 99152
"""


def pairs_told(lines: list[Line]) -> set[tuple[str, str, int | None]]:
    found = told(Claim(lines, dx=("G43709",), pos="22"))
    return {one for one in found if one[0].startswith(("NCCI", "INJ-02", "INJ-08"))}


def lines_of(*codes: str, apart: str = "") -> list[Line]:
    imaging = {"76000", "77003", "72295"}
    return [
        Line(code, [*(["26"] if code in imaging else []), *([apart] if apart and place else [])])
        for place, code in enumerate(codes)
    ]


@pytest.mark.parametrize("row", PAIRS.split("\n")[1:-1])
def test_a_pair_is_told_at_the_line_not_paid_in_either_order(row: str) -> None:
    paid, unpaid, indicator = row.split()
    rule = NEVER if indicator == "0" else UNLESS_APART
    assert pairs_told(lines_of(paid, unpaid)) == {(rule, "deny", 2)}
    assert pairs_told(lines_of(unpaid, paid)) == {(rule, "deny", 1)}
    bypassed = {(rule, "deny", 2)} if indicator == "0" else set()
    assert pairs_told(lines_of(paid, unpaid, apart="XS")) == bypassed


@pytest.mark.parametrize("row", ABSENT.split("\n")[1:-1])
def test_pairs_that_people_expect_and_the_table_does_not_have(row: str) -> None:
    assert not pairs_told(lines_of(*row.split()))


@pytest.mark.parametrize(
    ("paid", "unpaid", "rule", "lifted"),
    [
        ("20552", "20560", "INJ-02c", True),
        ("20553", "20561", "INJ-02c", True),
        ("20561", "20560", "INJ-02b", False),
        ("20560", "97810", "INJ-02", False),
        ("63650", "77003", "INJ-08", False),
        ("62290", "77003", "INJ-08", False),
    ],
)
def test_pairs_with_a_rule_of_their_own(paid: str, unpaid: str, rule: str, lifted: bool) -> None:
    assert pairs_told(lines_of(paid, unpaid)) == {(rule, "deny", 2)}
    assert pairs_told(lines_of(unpaid, paid)) == {(rule, "deny", 1)}
    assert pairs_told(lines_of(paid, unpaid, apart="59")) == (set() if lifted else {(rule, "deny", 2)})


@pytest.mark.parametrize(
    ("code", "most"),
    [
        ("63650", 2), ("64555", 2), ("64596", 1), ("62370", 1), ("95972", 1), ("64615", 1), ("62290", 5),
        ("62291", 4), ("80307", 1), ("G0480", 1), ("J3301", 16), ("J3300", 40), ("J1100", 120), ("J0702", 18),
        ("J1885", 8), ("J7321", 2), ("J7325", 96), ("J0585", 600),
    ],
)  # fmt: skip
def test_units_of_a_day(code: str, most: int) -> None:
    assert not pairs_told([Line(code, units=most)])
    assert pairs_told([Line(code, units=most + 1)]) == {("NCCI-05", "deny", 1)}


def test_further_levels_and_further_minutes_follow_their_first() -> None:
    for first, further in (("97810", "97814"), ("97813", "97811"), ("22510", "22512"), ("22514", "22515")):
        assert not {one for one in told(Claim([Line(first), Line(further)])) if one[0] == "INJ-18"}
        assert ("INJ-18", "deny", 1) in told(Claim([Line(further)]))


def test_codes_of_2024_do_not_reach_back() -> None:
    for code in ("27278", "64596", "64598"):
        assert ("CODE-02", "deny", 1) in told(Claim([Line(code)], on=dt.date(2023, 12, 31)))
        assert not {one for one in told(Claim([Line(code)], on=dt.date(2024, 1, 1))) if one[0] == "CODE-02"}


def test_a_permanent_lead_within_ten_days_of_its_trial_says_58() -> None:
    trial = Claim([Line("63650", units=2)], on=dt.date(2026, 10, 7), id="OLD")
    found = told(Claim([Line("63650", units=2), Line("63685")], pos="24"), history=[trial])
    assert {("EM-14d", "deny", 1), ("EM-14d", "deny", 2)} <= found
    staged = Claim([Line("63650", ("58",), units=2), Line("63685", ("58",))], pos="24")
    assert not {one for one in told(staged, history=[trial]) if one[0] == "EM-14d"}
