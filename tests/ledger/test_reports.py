"""Reports: what stands where, how old it is, and how it came there."""

import datetime as dt

import polars as pl
import pytest

from anodyne.ledger.reports import Since, ageing, history, standing, trial_balance
from anodyne.ledger.transfers import settled
from tests.ledger.made import PAID, SERVED, Claim, Line, Payment, Plb, nothing, posted

PART = Claim([Line(500_00, 300_00, [("CO-45", 100_00), ("PR-1", 60_00), ("CO-50", 40_00)])])
SECOND = Claim(
    [Line(500_00, 50_00, [("OA-23", 400_00), ("PR-2", 10_00), ("CO-50", 40_00)])], status="2", control="S1"
)
ROWS = settled(
    posted(
        Payment([PART, Claim([Line(90_00, 0, [("CO-16", 90_00)])], id="C2", control="ICN2")]),
        Payment([SECOND], [Plb("AH", 1_00)], trace="T2", payer="P2", on=PAID + dt.timedelta(days=20)),
    )
)


def test_a_trial_balance_has_each_account_once_and_two_equal_sides() -> None:
    assert trial_balance(ROWS, PAID).rows() == [
        ("charges", 0, 590_00),
        ("cash", 300_00, 0),
        ("contractual", 100_00, 0),
        ("patient", 60_00, 0),
        ("denied", 130_00, 0),
    ]
    assert trial_balance(ROWS).select("debit_cents", "credit_cents").sum().row(0) == (590_00, 590_00)
    assert trial_balance(ROWS, PAID - dt.timedelta(days=1)).is_empty()
    assert trial_balance(nothing()).is_empty()


def test_what_a_claim_stands_at_changes_from_day_to_day() -> None:
    def stands(day: dt.date) -> dict[str, int]:
        row = standing(ROWS, day).filter(claim="C1").row(0, named=True)
        return {name: cents for name, cents in row.items() if isinstance(cents, int) and cents}

    assert stands(PAID + dt.timedelta(days=19)) == {
        "charge_cents": 500_00,
        "charged_cents": 500_00,
        "cash": 300_00,
        "contractual": 100_00,
        "patient": 60_00,
        "denied": 40_00,
    }
    assert stands(PAID + dt.timedelta(days=20)) == {
        "charge_cents": 500_00,
        "charged_cents": 500_00,
        "cash": 350_00,
        "contractual": 100_00,
        "patient": 10_00,
        "denied": 40_00,
    }


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (0, "0-30"),
        (30, "0-30"),
        (31, "31-60"),
        (60, "31-60"),
        (61, "61-90"),
        (90, "61-90"),
        (91, "91-120"),
        (120, "91-120"),
        (121, "over 120"),
        (900, "over 120"),
    ],
)
def test_ages_count_from_the_day_of_service(days: int, bucket: str) -> None:
    rows = settled(posted(Payment([PART], on=SERVED)))
    assert ageing(rows, SERVED + dt.timedelta(days=days)).rows() == [
        ("patient", "patient", bucket, 60_00, 1),
        ("payer", "denied", bucket, 40_00, 1),
    ]


def test_ages_count_from_the_day_on_which_cents_last_came_in() -> None:
    found = ageing(ROWS, PAID + dt.timedelta(days=35), since=Since.POSTED)
    assert found.rows() == [
        ("patient", "patient", "0-30", 10_00, 1),
        ("payer", "denied", "0-30", 40_00, 1),
        ("payer", "denied", "31-60", 90_00, 1),
    ]


def test_an_age_without_a_day_is_unknown() -> None:
    rows = settled(posted(Payment([Claim(PART.lines, served=None)])))
    no_day = rows.with_columns(served_on=pl.lit(None, pl.Date))
    assert ageing(no_day, PAID)["bucket"].to_list() == ["unknown", "unknown"]


def test_the_history_of_a_claim_runs_on() -> None:
    told = history(ROWS, "C1")
    assert told["claim"].unique().to_list() == ["C1"]
    days = told.group_by("day", maintain_order=True).last()
    assert days.select("day", "payer_open_cents", "patient_open_cents").rows() == [
        (PAID, 40_00, 60_00),
        (PAID + dt.timedelta(days=20), 40_00, 10_00),
    ]
    assert set(told.filter(kind="transfer")["why"]) == {
        "the claim is told of again, and its charge counts once"
    }
    assert len(history(ROWS)) > len(told)
