"""What changed since a month was closed: every month that differs, and what a person must do about it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anodyne.care.corrections import NOTHING, Correction, Standing, Who, corrections
from anodyne.care.months import Status
from anodyne.model.outcome import Outcome

P01: Who = ("P01", "1234567893", "cpm")
P02: Who = ("P02", "1234567893", "cpm")
P03: Who = ("P03", "1234567893", "cpm")
LATE = "is billable now and was not when the month was closed: the practitioner decides whether to bill it"
GONE = "if it was billed, correct or void the claim and return the payment"


def standing(seconds: int, status: str = "billable", **units: int) -> Standing:
    return Standing(status, seconds, units, {"E1": seconds})


def changed(before: Standing, now: Standing) -> Correction:
    """The one correction of a month that stood as `before` and stands as `now`."""
    (found,) = corrections({P01: before}, {P01: now})
    assert (found.who, found.before, found.now) == (P01, before, now)
    return found


def test_a_month_that_is_what_it_was_needs_nothing() -> None:
    assert corrections({P01: standing(1800, G3002=1)}, {P01: standing(1800, G3002=1)}) == []
    assert corrections({}, {}) == []


@pytest.mark.parametrize(
    ("before", "now", "outcome", "says"),
    [
        (standing(1800, G3002=1), standing(2700, G3002=1, G3003=1), Outcome.MISSED, f"G3003 ×1 {LATE}"),
        (NOTHING, standing(2700, G3002=1, G3003=1), Outcome.MISSED, f"G3002 ×1, G3003 ×1 {LATE}"),
        (
            standing(5400, G3002=1, G3003=4),
            standing(3600, G3002=1, G3003=2),
            Outcome.DENY,
            f"G3003 ×2 was billable when the month was closed and is not now: {GONE}",
        ),
        (
            standing(1800, G3002=1),
            NOTHING,
            Outcome.DENY,
            f"G3002 ×1 was billable when the month was closed and is not now: {GONE}",
        ),
        (
            standing(1800, G3002=1),
            standing(1800, "held", G3002=1),
            Outcome.DENY,
            f"G3002 ×1 was billable when the month was closed and is not now: {GONE}",
        ),
        (
            Standing("billable", 1200, {"99490": 1}, {}),
            Standing("billable", 1800, {"99491": 1}, {}),
            Outcome.DENY,
            "99490 ×1 was billable when the month was closed and is not now, and 99491 ×1 would be earned: "
            + GONE,
        ),
        (standing(1800, "held", G3002=1), standing(1800, G3002=1), Outcome.MISSED, f"G3002 ×1 {LATE}"),
        (standing(900, "short"), standing(1799, "short"), Outcome.AUDIT, "what is billable did not"),
        (standing(1800, G3002=1), standing(1900, G3002=1), Outcome.AUDIT, "time or status changed"),
        (standing(0, "short"), standing(0, "held"), Outcome.AUDIT, "time or status changed"),
    ],
)
def test_what_was_billable_and_is_not_comes_before_what_is_earned_now(
    before: Standing, now: Standing, outcome: Outcome, says: str
) -> None:
    found = changed(before, now)
    assert found.outcome is outcome
    assert says in found.message


def test_entries_that_came_went_and_count_otherwise_are_named() -> None:
    before = Standing("billable", 1800, {"G3002": 1}, {"E1": 1200, "E2": 600, "E3": 0})
    now = Standing("billable", 2000, {"G3002": 1}, {"E1": 1100, "E3": 0, "E9": 600, "E4": 300})
    found = changed(before, now)
    assert (found.added, found.removed, found.changed) == (("E4", "E9"), ("E2",), ("E1",))


def test_time_that_moved_from_entry_to_entry_is_told_too() -> None:
    before = Standing("billable", 1800, {"G3002": 1}, {"E1": 1800, "E2": 0})
    found = changed(before, Standing("billable", 1800, {"G3002": 1}, {"E1": 0, "E2": 1800}))
    assert (found.outcome, found.changed) == (Outcome.AUDIT, ("E1", "E2"))


@pytest.mark.parametrize(
    ("status", "before", "now", "outcome", "says"),
    [
        (
            "billable",
            {"met_on": "2026-10-06"},
            {"met_on": "2026-10-20"},
            Outcome.DENY,
            "met_on 2026-10-06 → ",
        ),
        ("billable", {"pos": "11"}, {"pos": "10"}, Outcome.DENY, "(pos 11 → 10): if it was sent, replace it"),
        ("billable", {"payer": "A", "pos": None}, {"payer": "B", "pos": "11"}, Outcome.DENY, "pos None → 11"),
        ("held", {"pos": "11"}, {"pos": "10"}, Outcome.AUDIT, "what is billable did not"),
    ],
)
def test_what_a_claim_says_besides_its_codes_is_looked_at_too(
    status: str,
    before: dict[str, str | None],
    now: dict[str, str | None],
    outcome: Outcome,
    says: str,
) -> None:
    one, other = (Standing(status, 1800, {"G3002": 1}, {"E1": 1800}, claim) for claim in (before, now))
    found = changed(one, other)
    assert (found.outcome, says in found.message) == (outcome, True)
    assert corrections({P01: one}, {P01: one}) == []


def test_those_that_were_billed_too_much_come_first() -> None:
    before = {P01: standing(100, "short"), P02: standing(1800, G3002=1)}
    now = {P01: standing(200, "short"), P02: standing(2700, G3002=1, G3003=1)}
    found = corrections({**before, P03: standing(1800, G3002=1)}, now)
    assert [(one.who, one.outcome) for one in found] == [
        (P03, Outcome.DENY),
        (P01, Outcome.AUDIT),
        (P02, Outcome.MISSED),
    ]


standings = st.builds(
    Standing,
    st.sampled_from([status.value for status in Status]),
    st.integers(0, 9000),
    st.dictionaries(st.sampled_from(["G3002", "G3003", "99490"]), st.integers(1, 4), max_size=2),
    st.dictionaries(st.sampled_from(["E1", "E2", "E3"]), st.integers(0, 900), max_size=3),
    st.dictionaries(st.sampled_from(["met_on", "pos"]), st.sampled_from([None, "11", "12"])),
)
months = st.dictionaries(st.sampled_from([P01, P02, P03]), standings)


@given(months, months)
def test_every_month_that_differs_is_told_once_and_both_ways_round(
    one: dict[Who, Standing], other: dict[Who, Standing]
) -> None:
    there = {found.who: found for found in corrections(one, other)}
    back = {found.who: found for found in corrections(other, one)}
    differing = {who for who in {*one, *other} if one.get(who, NOTHING) != other.get(who, NOTHING)}
    assert there.keys() == back.keys() == differing
    for who, found in there.items():
        assert (found.added, found.removed) == (back[who].removed, back[who].added)
        assert found.changed == back[who].changed
        if found.outcome is Outcome.MISSED:
            assert back[who].outcome is Outcome.DENY
