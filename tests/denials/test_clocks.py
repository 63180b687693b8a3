"""Deadlines: five levels, receipt presumed, weekends, holidays, years, and what contracts say."""

import datetime as dt
from typing import Any

import pytest

from anodyne.model.denials import Route
from tests.denials.made import Told, cut, one

D = dt.date


@pytest.mark.parametrize(
    ("noticed", "deadline", "moved"),
    [
        (D(2026, 10, 2), D(2027, 2, 4), ""),
        (D(2026, 6, 1), D(2026, 10, 5), ", moved on from Sunday"),
        (D(2026, 6, 2), D(2026, 10, 5), ""),
        (D(2026, 6, 6), D(2026, 10, 9), ""),
        (D(2026, 6, 7), D(2026, 10, 13), ", moved on from Saturday"),
        (D(2026, 6, 9), D(2026, 10, 13), ", moved on from Monday"),
        (D(2026, 8, 22), D(2026, 12, 28), ", moved on from Friday"),
        (D(2026, 8, 29), D(2027, 1, 4), ", moved on from Friday"),
        (D(2023, 10, 27), D(2024, 2, 29), ""),
    ],
    ids=[
        "a working day",
        "a Sunday",
        "the Monday itself",
        "the Friday before Columbus Day",
        "the Saturday before Columbus Day",
        "Columbus Day",
        "Christmas on a Friday",
        "New Year, in the next year",
        "the last of February in a leap year",
    ],
)
def test_a_redetermination_has_120_days_from_presumed_receipt(
    noticed: dt.date, deadline: dt.date, moved: str
) -> None:
    row = one(cut("CO-50", on=noticed))
    assert row["deadline"] == deadline
    told = f"{noticed:%-d %b %Y}"
    assert row["clock"] == f"120 days from the remittance of {told}, taken as received 5 days later{moved}"


def test_the_earlier_of_the_two_days_of_a_remittance_counts() -> None:
    assert one(cut("CO-50", on=D(2026, 10, 2)))["noticed_on"] == D(2026, 10, 2)


@pytest.mark.parametrize(
    ("decided", "level", "title", "deadline", "minimum"),
    [
        (0, 1, "redetermination by the contractor", D(2027, 2, 4), None),
        (1, 2, "reconsideration by an independent contractor", D(2027, 3, 6), None),
        (2, 3, "hearing before a judge", D(2026, 11, 6), 200_00),
        (3, 4, "review by the Appeals Council", D(2026, 11, 6), None),
        (4, 5, "federal court", D(2026, 11, 6), 1_960_00),
    ],
)
def test_each_level_counts_from_the_decision_before_it(
    decided: int, level: int, title: str, deadline: dt.date, minimum: int | None
) -> None:
    facts = {"decided_level": decided, "decided_on": D(2026, 9, 2)}
    row = one(cut("CO-193", facts=facts, charge=5_000_00))
    assert (row["level"], row["level_title"], row["deadline"]) == (level, title, deadline)
    assert (row["minimum_cents"], row["sure"]) == (minimum, True)


def test_a_level_above_the_first_needs_the_day_of_the_decision() -> None:
    row = one(cut("CO-193", facts={"decided_level": 1}))
    assert (row["level"], row["deadline"]) == (2, None)
    assert row["needs"] == ["biller: the day of the decision before it"]


def test_a_decision_upheld_at_no_known_level_asks_which() -> None:
    row = one(cut("CO-193"))
    assert (row["action"], row["level"], row["deadline"]) == ("appeal", None, None)
    assert row["needs"] == ["biller: which level of appeal has decided already, and on what day?"]


def test_after_the_court_there_is_nobody() -> None:
    row = one(cut("CO-193", facts={"decided_level": 5, "decided_on": D(2026, 9, 2)}))
    assert (row["deadline"], row["needs"]) == (None, ["no further level: the court was the last"])


@pytest.mark.parametrize(
    ("year", "judge", "court"),
    [
        (2021, None, None),
        (2022, 180_00, 1_760_00),
        (2023, 180_00, 1_850_00),
        (2024, 180_00, 1_840_00),
        (2025, 190_00, 1_900_00),
        (2026, 200_00, 1_960_00),
        (2027, None, None),
    ],
)
def test_the_amount_in_controversy_is_that_of_the_year_of_asking(
    year: int, judge: int | None, court: int | None
) -> None:
    for decided, minimum in ((2, judge), (4, court)):
        claim = cut(
            "CO-193",
            facts={"decided_level": decided, "decided_on": D(year, 1, 2)},
            on=D(2020, 3, 2),
            charge=9_000_00,
        )
        row = one(claim, as_of=D(year, 1, 15))
        assert row["minimum_cents"] == minimum
        asked = f"source: the amount in controversy of {year}"
        assert (asked in row["needs"]) is (minimum is None)


@pytest.mark.parametrize(("cents", "needs"), [(199_99, True), (200_00, False), (200_01, False)])
def test_an_amount_below_it_needs_other_claims(cents: int, needs: bool) -> None:
    row = one(cut("CO-193", facts={"decided_level": 2, "decided_on": D(2026, 9, 2)}, charge=cents))
    told = "biller: other claims to appeal together with, for the level wants $200"
    assert (told in row["needs"]) is needs


@pytest.mark.parametrize(
    ("asked", "route", "deadline"),
    [
        (D(2026, 9, 20), Route.RECORDS, D(2026, 11, 4)),
        (D(2026, 8, 18), Route.RECORDS, D(2026, 10, 2)),
        (D(2026, 8, 17), Route.LATE_RECORDS, D(2027, 1, 30)),
        (None, Route.LATE_RECORDS, D(2027, 1, 30)),
    ],
    ids=["45 days go on", "the last day is that of the remittance", "they were over", "no day is known"],
)
def test_records_have_45_days_from_the_request_and_then_the_reviewers_grace(
    asked: dt.date | None, route: Route, deadline: dt.date
) -> None:
    row = one(cut("CO-252", facts={"records_asked_on": asked}))
    assert (row["route"], row["deadline"], row["sure"]) == (route, deadline, asked is not None)
    assert row["clock"].endswith("discretion") is (route is Route.LATE_RECORDS)


@pytest.mark.parametrize(
    ("served", "deadline"),
    [
        (D(2026, 9, 1), D(2027, 9, 1)),
        (D(2024, 2, 29), D(2025, 2, 28)),
        (D(2025, 11, 27), D(2026, 11, 27)),
        (D(2025, 11, 28), D(2026, 11, 30)),
    ],
    ids=["a year on", "29 February", "a Friday", "a Saturday"],
)
def test_a_new_claim_has_a_year_from_the_service(served: dt.date, deadline: dt.date) -> None:
    row = one(cut("CO-16", "MA130", "M77", served=served))
    assert (row["route"], row["deadline"]) == (Route.NEW_CLAIM, deadline)


def test_a_reopening_has_a_year_from_the_remittance_and_no_days_for_the_mail() -> None:
    row = one(cut("CO-4", on=D(2026, 1, 30)))
    assert (row["route"], row["deadline"]) == (Route.REOPEN, D(2027, 1, 30))
    assert row["clock"] == "12 months from the remittance of 30 Jan 2026"


@pytest.mark.parametrize("filing", ["16", "CI", "BL", "MC", None])
def test_of_other_payers_only_the_contract_can_say(filing: str | None) -> None:
    row = one(cut("CO-50", filing=filing))
    assert (row["level"], row["level_title"], row["deadline"], row["clock"]) == (1, None, None, None)
    assert row["needs"] == ["contract: how many days there are to appeal"]


@pytest.mark.parametrize(
    ("claim", "limit", "deadline"),
    [
        (cut("CO-50", filing="CI"), {"route": "appeal", "days": 180}, D(2027, 3, 31)),
        (cut("CO-4", filing="CI"), {"route": "corrected", "days": 90}, D(2026, 12, 31)),
        (cut("CO-147", filing="CI"), {"route": "dispute", "days": 30}, D(2026, 11, 1)),
        (cut("CO-16", "MA130", filing="CI"), {"route": "appeal", "days": 30}, None),
        (cut("CO-4", "MA130", filing="CI"), {"route": "new_claim", "days": 90}, D(2026, 11, 30)),
        (
            cut("CO-252", filing="CI", facts={"records_asked_on": D(2026, 9, 20)}),
            {"route": "records", "days": 30},
            D(2026, 10, 20),
        ),
        (cut("CO-50", filing="CI"), {"route": "corrected", "days": 90}, None),
    ],
)
def test_what_a_contract_says_is_counted(
    claim: Told, limit: dict[str, Any], deadline: dt.date | None
) -> None:
    row = one(claim, limits=[{"payer": "15202", **limit}])
    assert row["deadline"] == deadline
    if deadline:
        assert row["clock"].endswith(", by the contract")


def test_a_contract_is_not_asked_where_the_law_speaks() -> None:
    row = one(cut("CO-50"), limits=[{"payer": "15202", "route": "appeal", "days": 10}])
    assert row["deadline"] == D(2027, 2, 4)


def test_what_a_contract_says_of_appeals_is_of_the_first_level() -> None:
    claim = cut("CO-193", filing="CI", facts={"decided_level": 1, "decided_on": D(2026, 9, 2)})
    row = one(claim, limits=[{"payer": "15202", "route": "appeal", "days": 60}])
    assert (row["level"], row["deadline"]) == (2, None)


def test_where_nobody_knows_what_to_do_the_time_for_an_appeal_runs() -> None:
    row = one(cut("CO-999"))
    assert (row["action"], row["route"], row["deadline"]) == ("read_remarks", "appeal", D(2027, 2, 4))
    unread = one(cut("CO-999", "MA130"))
    assert (unread["appealable"], unread["route"], unread["deadline"]) == ("no", None, None)
