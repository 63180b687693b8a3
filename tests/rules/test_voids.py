"""A void is judged as a void: its lines are no services, and what it voids no longer counts."""

import datetime as dt

from tests.claims import DAY, Claim, Line, told

TRIGGER_POINTS = [Line("20553"), Line("20552")]


def test_the_lines_of_a_void_are_not_judged() -> None:
    assert told(Claim(TRIGGER_POINTS, payer="commercial", frequency="8", original="ICN1")) == set()


def test_a_void_without_the_payers_number_is_refused() -> None:
    assert told(Claim(TRIGGER_POINTS, payer="commercial", frequency="8")) == {("TF-03", "reject", None)}


def test_a_void_in_history_takes_its_claim_away() -> None:
    earlier = Claim([Line("20552")], id="B1")
    void = Claim([Line("20552")], id="B1", frequency="8", original="ICN1")
    today = Claim([Line("20553")], id="B2")
    assert told(today, history=[earlier]) == {("NCCI-04", "audit", 1)}
    assert told(today, history=[earlier, void]) == set()
    assert told(Claim([Line("20552")], id="B2"), history=[Claim([Line("20553")], id="B1")]) != set()
    assert told(Claim([Line("20552")], id="B2"), history=[Claim([Line("20553")], id="B1"), void]) == set()


def test_a_checked_claim_takes_the_place_of_its_earlier_version() -> None:
    assert told(Claim([Line("20552")], id="B1"), history=[Claim([Line("20553")], id="B1")]) == set()


def test_a_replacement_stands_alone_whatever_the_id_of_the_claim_it_replaces() -> None:
    wrong = Claim([Line("20553")], id="B1", payer="commercial")
    right = Claim([Line("20552")], id="B2", payer="commercial", frequency="7", original="ICN1")
    assert told(right, history=[wrong]) == set()
    assert told(wrong, right) == set()


def test_a_replacement_takes_the_place_of_the_claim_with_its_id_only() -> None:
    first = Claim([Line("20552")], id="B1", payer="commercial")
    other = Claim([Line("20553")], id="B9", payer="commercial")
    again = Claim([Line("20552")], id="B1", payer="commercial", frequency="7", original="ICN1")
    assert {rule for rule, _, _ in told(again, history=[first, other])} == {"INJ-01"}


def test_a_replacement_with_another_id_and_first_day_replaces_nothing_here() -> None:
    before = Line("G0008", on=DAY - dt.timedelta(days=1))
    other = Claim([before, Line("20553")], id="B1", payer="commercial")
    right = Claim([Line("20552")], id="B2", payer="commercial", frequency="7", original="ICN1")
    assert {rule for rule, _, _ in told(right, history=[other])} == {"INJ-01"}


def test_a_replacement_in_history_does_not_take_a_checked_claim_away() -> None:
    again = Claim([Line("20552")], id="B1", payer="commercial", frequency="7", original="ICN1")
    today = Claim([Line("20553"), Line("20552")], id="B2", payer="commercial")
    assert {rule for rule, _, _ in told(today, history=[again])} >= {"INJ-01"}
