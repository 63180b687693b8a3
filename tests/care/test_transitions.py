"""Transitional care: what a discharge, the first contact and the visit after it earn, by workdays."""

import datetime as dt
from pathlib import Path

import pytest

from tests.care.desk import Answer, close, codes, enrolled, of, short, spent


def transition(folder: Path, month: str, *told: tuple[str, str, str, str]) -> list[Answer]:
    """The results of patients with discharge, first contact, visit and complexity."""
    names = ("discharged_on", "contacted_on", "visited_on", "complexity")
    rolls = [
        enrolled("tcm", patient=f"P{number:02}", **dict(zip(names, one, strict=True)))
        for number, one in enumerate(told)
    ]
    answer = close(folder, [], rolls, month)
    return [of(answer, f"P{number:02}", "tcm") for number in range(len(told))]


@pytest.mark.parametrize(
    ("discharged", "due"),
    [
        ("2026-10-05", "2026-10-07"),  # a Monday
        ("2026-10-07", "2026-10-09"),
        ("2026-10-08", "2026-10-13"),  # the weekend, and Columbus Day
        ("2026-10-09", "2026-10-14"),
        ("2026-10-10", "2026-10-14"),  # a Saturday
        ("2026-10-11", "2026-10-14"),
        ("2026-10-12", "2026-10-14"),  # on the holiday itself
        ("2026-10-15", "2026-10-19"),
        ("2026-10-16", "2026-10-20"),  # a Friday
        ("2026-10-17", "2026-10-20"),
        ("2026-10-18", "2026-10-20"),
        ("2026-11-24", "2026-11-27"),  # over Thanksgiving; the day after it is a workday
        ("2026-11-25", "2026-11-30"),
        ("2026-07-01", "2026-07-06"),  # Independence Day, a Saturday, is kept on the Friday
        ("2026-12-31", "2027-01-05"),  # New Year
        ("2025-12-24", "2025-12-29"),
        ("2024-02-28", "2024-03-01"),
    ],
)
def test_contact_is_due_by_the_end_of_the_second_workday(tmp_path: Path, discharged: str, due: str) -> None:
    last = dt.date.fromisoformat(due)
    late = str(last + dt.timedelta(days=1))
    in_time, too_late = transition(
        tmp_path, due[:7], (discharged, due, due, "moderate"), (discharged, late, due, "moderate")
    )
    assert short(in_time) == "billable 99495"
    assert short(too_late) == "held [CM-TCM]"
    said = f"the first contact after discharge was due by {last.day} {last:%b %Y}"
    assert [one["message"] for one in too_late["blockers"]] == [said]


@pytest.mark.parametrize(
    ("visited", "complexity", "told"),
    [
        ("2026-10-05", "high", "billable 99496"),
        ("2026-10-12", "high", "billable 99496"),
        ("2026-10-13", "high", "billable 99495"),
        ("2026-10-19", "high", "billable 99495"),
        ("2026-10-20", "high", "held [CM-TCM]"),
        ("2026-10-12", "moderate", "billable 99495"),
        ("2026-10-19", "moderate", "billable 99495"),
        ("2026-10-20", "moderate", "held [CM-TCM]"),
        ("2026-10-12", "low", "held [CM-TCM]"),
        ("2026-10-12", "straightforward", "held [CM-TCM]"),
        ("2026-10-12", "", "held [CM-TCM]"),
        ("", "high", "held [CM-TCM]"),
        ("2026-10-04", "high", "held [CM-TCM]"),
    ],
)
def test_the_days_to_the_visit_and_its_complexity_decide(
    tmp_path: Path, visited: str, complexity: str, told: str
) -> None:
    (result,) = transition(tmp_path, "2026-10", ("2026-10-05", "2026-10-07", visited, complexity))
    assert short(result) == told
    if told.startswith("billable"):
        assert result["met_on"] == visited


@pytest.mark.parametrize("missing", [0, 1, 2, 3])
def test_a_fact_that_is_missing_is_asked_for(tmp_path: Path, missing: int) -> None:
    told = ["2026-10-05", "2026-10-07", "2026-10-12", "moderate"]
    told[missing] = ""
    (result,) = transition(tmp_path, "2026-10", (told[0], told[1], told[2], told[3]))
    (blocker,) = result["blockers"]
    assert (blocker["outcome"], bool(blocker["needs"])) == ("ask", True)
    assert blocker["message"].startswith("transitional care: when were discharge, first contact and visit")


def test_it_is_billed_in_the_month_of_the_visit(tmp_path: Path) -> None:
    told = ("2026-10-27", "2026-10-29", "2026-11-05", "moderate")
    months = ("2026-10", "2026-11", "2026-12")
    assert [short(one) for month in months for one in transition(tmp_path, month, told)] == [
        "short",
        "billable 99495",
        "short",
    ]


@pytest.mark.parametrize(
    ("contacted", "visited", "says"),
    [
        ("2026-10-04", "2026-10-12", "the first contact is before the discharge"),
        ("2026-10-05", "2026-10-04", "the visit is before the discharge"),
        ("2026-10-08", "2026-10-20", "the first contact after discharge was due by 7 Oct 2026"),
        ("2026-10-06", "2026-10-20", "the visit was 15 days after discharge; 14 is the most"),
    ],
)
def test_why_nothing_is_earned_is_told(tmp_path: Path, contacted: str, visited: str, says: str) -> None:
    (result,) = transition(tmp_path, "2026-10", ("2026-10-05", contacted, visited, "high"))
    assert short(result) == "held [CM-TCM]"
    assert [one["message"] for one in result["blockers"]] == [says]


def test_contact_may_be_on_the_day_of_discharge(tmp_path: Path) -> None:
    (result,) = transition(tmp_path, "2026-10", ("2026-10-05", "2026-10-05", "2026-10-12", "high"))
    assert short(result) == "billable 99496"


def test_minutes_earn_nothing_of_it(tmp_path: Path) -> None:
    time = [spent("2026-10-06 09:00", "300:00", program="tcm")]
    answer = close(tmp_path, time, [enrolled("tcm")])
    assert codes(of(answer, program="tcm")) == {}
    assert of(answer, program="tcm")["status"] == "held"
