"""Root causes over many files: planted changes are found where they are, and noise is left alone."""

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from anodyne.denials.determine import determine
from anodyne.denials.trends import Trends, trends
from tests.denials.made import AS_OF, Cut, Told, made, reference

FIRST = dt.date(2026, 1, 5)
PAID, LEVEL, PAIR = {"CO-45": 100_00}, {"CO-150": 500_00}, {"CO-97": 500_00}


def week(number: int) -> dt.date:
    return FIRST + dt.timedelta(weeks=number)


def claims(
    hits: Sequence[int],
    of: int | Sequence[int],
    *,
    payer: str = "P1",
    code: str = "64483",
    cause: Mapping[str, int] = LEVEL,
) -> list[Told]:
    """So many claims in each week, the first of them hit."""
    all_of = [of] * len(hits) if isinstance(of, int) else of
    return [
        Told(
            [Cut(cause if place < hit else PAID, code=code, paid=0 if place < hit else 400_00)],
            payer=payer,
            on=week(number),
            id=f"{payer}-{number}-{place}",
        )
        for number, (hit, many) in enumerate(zip(hits, all_of, strict=True))
        for place in range(many)
    ]


def found(told: Sequence[Told], *, level: float = 0.99) -> Trends:
    remittance = made(*told).remittance
    return trends(remittance, determine(remittance, reference(), as_of=AS_OF), reference(), level=level)


def drawn(seed: int, rates: Sequence[float], of: int, payer: str) -> list[Told]:
    rng = np.random.default_rng(seed)
    return claims([int(rng.binomial(of, rate)) for rate in rates], of, payer=payer)


def test_weeks_are_counted_by_payer_and_family() -> None:
    rows = found([
        *claims([1, 0], 3),
        *claims([2], 2, payer="P2"),
        *claims([1], 1, code="99214"),
        *claims([1], 1, code="Z9999"),
    ]).weeks.rows()  # fmt: skip
    assert rows == [
        ("P1", "epidural_transforaminal", week(0), 3, 1, 500_00, 1 / 3),
        ("P1", "epidural_transforaminal", week(1), 3, 0, 0, 0.0),
        ("P1", "office_established", week(0), 1, 1, 500_00, 1.0),
        ("P1", "other", week(0), 1, 1, 500_00, 1.0),
        ("P2", "epidural_transforaminal", week(0), 2, 2, 1000_00, 1.0),
    ]


def test_a_claim_counts_once_in_a_family_however_many_lines_it_has() -> None:
    lines = [Cut(LEVEL), Cut(LEVEL, code="64484"), Cut(PAID, paid=400_00, code="99214")]
    whole = Told([Cut({}, code="64483"), Cut({}, code="99214")], {"CO-29": 1000_00}, on=week(0), id="whole")
    rows = found([Told(lines, on=week(0)), whole]).weeks.drop("rate").rows()
    assert rows == [
        ("15202", "epidural_transforaminal", week(0), 2, 2, 1500_00),
        ("15202", "office_established", week(0), 2, 1, 500_00),
    ]


def test_reversals_and_estimates_are_not_counted() -> None:
    told = [Told([Cut(PAID)], status=status, on=week(0)) for status in ("1", "22", "25")]
    assert found(told).weeks["claims"].to_list() == [1]


def test_a_planted_change_is_found_in_its_week_and_told() -> None:
    (change,) = found(
        [
            *claims([1] * 20 + [8] * 12, 20),
            *claims([2] * 32, 20, payer="P2"),
            *claims([3] * 32, 25, code="20553"),
        ]
    ).changes.to_dicts()
    assert (change["payer"], change["family"]) == ("P1", "epidural_transforaminal")
    assert (change["since"], change["until"], change["cause"]) == (week(20), week(31), "level")
    assert (change["before_rate"], change["after_rate"]) == (0.05, 0.4)
    assert change["excess_cents"] == 96 * 500_00 - 20 * 500_00 * 240 // 400
    assert change["confidence"] > 0.999
    assert change["told"] == (
        "rose from 20 of 400 claims (5.0 %) to 96 of 240 (40.0 %) in the week of 25 May 2026, "
        "most of it level of service; more than 99.9 % sure"
    )


def test_a_fall_is_told_too() -> None:
    (change,) = found(claims([8] * 12 + [1] * 20, 20)).changes.to_dicts()
    assert change["told"].startswith("fell from 96 of 240 claims (40.0 %) to 20 of 400 (5.0 %)")
    assert change["excess_cents"] < 0


def test_the_cause_is_the_one_that_moved() -> None:
    steady = claims([5] * 30, 20, cause=PAIR)
    risen = [
        Told(
            [Cut(LEVEL if place < (0 if number < 15 else 10) else PAID)],
            payer="P1",
            on=week(number),
            id=f"more-{number}-{place}",
        )
        for number in range(30)
        for place in range(20)
    ]
    (change,) = found([*steady, *risen]).changes.to_dicts()
    assert (change["since"], change["cause"]) == (week(15), "level")


def test_two_changes_are_two() -> None:
    changes = found(claims([1] * 15 + [9] * 15 + [2] * 15, 20)).changes.sort("since")
    assert changes["since"].to_list() == [week(15), week(30)]
    assert changes["until"].to_list() == [week(29), week(44)]


@pytest.mark.parametrize(
    ("hits", "of"),
    [
        ([0, 0, 0, 2], 3),
        ([0] * 10 + [1, 1], 2),
        ([0] * 4 + [2] * 4, 4),
        ([0] * 30 + [3], 9),
        ([0] * 30, 20),
        ([20] * 30, 20),
        ([5], 20),
    ],
    ids=["a few", "two claims a week", "a month", "a last week of nine", "never", "always", "one week"],
)
def test_small_counts_raise_no_alarm(hits: list[int], of: int) -> None:
    assert found(claims(hits, of)).changes.is_empty()


def test_claims_that_come_in_batches_raise_no_alarm() -> None:
    batches = [0, 0, 12, 0, 1, 0, 14, 0, 0, 11, 0, 0, 0, 13, 0, 12, 0, 15, 0, 14]
    assert found(claims(batches, 20)).changes.is_empty()


def test_noise_raises_no_alarm() -> None:
    told = [
        claim
        for number in range(24)
        for claim in drawn(number, [0.02 + 0.015 * number] * 40, 12, payer=f"P{number}")
    ]
    assert found(told).changes.is_empty()


def test_changes_in_noise_are_found() -> None:
    rates = [0.1] * 20 + [0.35] * 20
    quiet = [
        claim for number in range(6) for claim in drawn(100 + number, [0.1] * 40, 15, payer=f"Q{number}")
    ]
    told = [claim for number in range(6) for claim in drawn(200 + number, rates, 15, payer=f"P{number}")]
    changes = found([*quiet, *told]).changes
    assert sorted(changes["payer"]) == [f"P{number}" for number in range(6)]
    assert all(abs((since - week(20)).days) <= 14 for since in changes["since"])


def test_the_more_runs_are_looked_at_the_surer_a_change_must_be() -> None:
    change = claims([1] * 10 + [5] * 10, 12)
    alone = found(change).changes["confidence"][0]
    among = [claim for number in range(8) for claim in claims([1] * 20, 12, payer=f"Q{number}")]
    crowded = found([*change, *among]).changes["confidence"][0]
    assert 0.99 < crowded < alone < 1


def test_a_change_is_told_only_where_it_is_as_sure_as_asked() -> None:
    told = claims([2] * 10 + [5] * 10, 12)
    assert found(told, level=0.5).changes.height == 1
    assert found(told, level=0.9999).changes.is_empty()


def test_nothing_in_nothing_out() -> None:
    none = found([])
    assert (none.weeks.height, none.changes.height) == (0, 0)
