"""The order of work, each factor told in words."""

import datetime as dt
from typing import Any

import pytest

from anodyne.denials.determine import determine
from anodyne.denials.order import ordered
from tests.denials.made import Told, cut, made, reference


def worked(*claims: Told, as_of: dt.date) -> list[dict[str, Any]]:
    told = made(*claims)
    found = determine(
        told.remittance,
        reference(),
        as_of=as_of,
        line_facts=told.line_facts,
        claim_facts=told.claim_facts,
    )
    return ordered(found, reference(), as_of=as_of).to_dicts()


LAST = dt.date(2027, 2, 4)


@pytest.mark.parametrize(
    ("left", "tenths"),
    [(-1, 0), (0, 40), (7, 40), (8, 30), (14, 30), (15, 20), (30, 20), (31, 15), (60, 15), (61, 10)],
)
def test_urgency_grows_as_days_run_out(left: int, tenths: int) -> None:
    (row,) = worked(cut("CO-50"), as_of=LAST - dt.timedelta(days=left))
    assert (row["days_left"], row["urgency_tenths"]) == (left, tenths)
    assert row["score_cents"] == 500_00 * 45 * tenths // 1000


def test_the_score_is_told_in_words() -> None:
    (row,) = worked(cut("CO-50", charge=1_234_56), as_of=LAST - dt.timedelta(days=12))
    assert row["told"] == (
        "$1,234.56 at stake × 45 % (this project's default for: medical necessity) × 3.0 (12 days are left) "
        "= $1,666.66"
    )
    (row,) = worked(cut("CO-50", charge=1_234_567_89), as_of=LAST - dt.timedelta(days=1))
    assert row["told"].startswith("$1,234,567.89 at stake")
    assert "(1 day is left)" in row["told"]
    (row,) = worked(cut("CO-50", filing="CI", charge=100_00), as_of=LAST)
    assert row["told"].endswith("× 1.0 (no deadline is known) = $45.00")
    (row,) = worked(cut("CO-50"), as_of=LAST + dt.timedelta(days=1))
    assert row["told"].endswith("× 0.0 (its day was 4 Feb 2027) = $0.00")


def test_what_has_nothing_to_win_scores_nothing() -> None:
    (row,) = worked(cut("CO-54", charge=100_00), as_of=LAST)
    assert (row["score_cents"], row["told"]) == (
        0,
        "$100.00 at stake, nothing to win: write it off with approval",
    )


def test_the_most_worth_doing_comes_first() -> None:
    rows = worked(
        cut("CO-54", charge=9_000_00, id="nothing to win"),
        cut("CO-50", charge=200_00, id="little"),
        cut("CO-50", charge=900_00, id="much"),
        cut("CO-16", "N290", "MA130", charge=900_00, id="much and likely"),
        cut("CO-50", charge=300_00, id="little and soon", on=dt.date(2026, 6, 20)),
        cut("CO-50", charge=9_000_00, id="too late", on=dt.date(2026, 1, 2)),
        as_of=dt.date(2026, 10, 20),
    )
    assert [row["claim_id"] for row in rows] == [
        "much and likely",
        "little and soon",
        "much",
        "little",
        "too late",
        "nothing to win",
    ]
    assert [row["rank"] for row in rows] == [1, 2, 3, 4, 5, 6]


def test_of_equals_the_earlier_deadline_comes_first() -> None:
    rows = worked(
        cut("CO-50", id="later", on=dt.date(2026, 10, 3)),
        cut("CO-50", id="sooner", on=dt.date(2026, 10, 2)),
        cut("CO-50", id="unknown", filing="CI"),
        as_of=dt.date(2026, 10, 20),
    )
    assert [row["claim_id"] for row in rows] == ["sooner", "later", "unknown"]


def test_defaults_say_that_they_are_this_projects_own() -> None:
    for table in ("denial_chances", "denial_urgency"):
        assert set(reference().table(table)["cite"]) == {"anodyne-practice-defaults"}
