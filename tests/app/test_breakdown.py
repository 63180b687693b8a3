"""The money of a check, seen from four sides."""

import datetime as dt
from pathlib import Path

import pytest

from anodyne.app.breakdown import Breakdown, breakdown
from anodyne.app.check import check
from tests.claims import AS_OF, Claim, Line, file_of, npi

NOVEMBER, OCTOBER = dt.date(2026, 11, 10), dt.date(2026, 10, 6)
PAIR = [Line("62323", charge=62_500), Line("77003", charge=14_000)]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Breakdown:
    path = tmp_path_factory.mktemp("money") / "day.837"
    path.write_bytes(
        file_of(
            Claim(PAIR, id="A", patient=1, on=NOVEMBER),
            Claim(PAIR, id="B", patient=2, on=OCTOBER, rendering=npi(77)),
            Claim(PAIR, id="C", patient=3, on=NOVEMBER, payer="commercial"),
            Claim([Line("99213")], id="D", patient=4, on=NOVEMBER),
        )
    )
    with check([str(path)], as_of=AS_OF, select=["INJ-07"]) as report:
        return breakdown(report)


def test_by_payer(told: Breakdown) -> None:
    assert told.payers.rows() == [
        ("MEDICARE PART B OHIO", 3, 2, 28_000, 0),
        ("CEDAR MUTUAL PPO", 1, 1, 14_000, 0),
    ]


def test_by_rule(told: Breakdown) -> None:
    assert told.rules.rows() == [("INJ-07", "deny", 3, 3, 3, 42_000, 0)]


def test_by_provider(told: Breakdown) -> None:
    assert told.providers.rows() == [(npi(52), 3, 2, 28_000, 0), (npi(77), 1, 1, 14_000, 0)]


def test_by_month_in_the_order_of_time(told: Breakdown) -> None:
    assert told.months.rows() == [
        (dt.date(2026, 10, 1), 1, 1, 14_000, 0),
        (dt.date(2026, 11, 1), 3, 2, 28_000, 0),
    ]


def test_each_cent_of_a_claim_counts_once_but_under_each_of_its_rules(tmp_path: Path) -> None:
    path = tmp_path / "two.837"
    twice = [Line("20553", charge=10_000, units=3), Line("20552", charge=5_000)]
    path.write_bytes(file_of(Claim(twice)))
    with check([str(path)], as_of=AS_OF, select=["INJ-01"]) as report:
        told = breakdown(report)
        assert told.payers["lost_cents"].sum() == report.summary.at_risk_cents
        assert len(told.rules) > 1
        assert told.rules["lost_cents"].sum() >= report.summary.at_risk_cents


def test_nothing_found_is_no_money(tmp_path: Path) -> None:
    path = tmp_path / "clean.837"
    path.write_bytes(file_of(Claim([Line("99213")])))
    with check([str(path)], as_of=AS_OF) as report:
        told = breakdown(report)
    assert told.rules.is_empty()
    assert told.payers.rows() == [("MEDICARE PART B OHIO", 1, 0, 0, 0)]
