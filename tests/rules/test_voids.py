"""A void is judged as a void: its lines are no services, and what it voids no longer counts."""

from tests.claims import Claim, Line, told

TRIGGER_POINTS = [Line("20553"), Line("20552")]


def test_the_lines_of_a_void_are_not_judged() -> None:
    assert told(Claim(TRIGGER_POINTS, payer="commercial", frequency="8", original="ICN1")) == set()


def test_a_void_without_the_payers_number_is_refused() -> None:
    assert told(Claim(TRIGGER_POINTS, payer="commercial", frequency="8")) == {("TF-03", "reject", None)}


def test_a_void_in_history_takes_its_claim_away() -> None:
    earlier = Claim([Line("20552")], id="B1")
    void = Claim([Line("20552")], id="B1", frequency="8", original="ICN1")
    today = Claim([Line("20553")], id="B2")
    assert told(today, history=[earlier]) == set()
    assert told(Claim([Line("20552")], id="B2"), history=[Claim([Line("20553")], id="B1")]) != set()
    assert told(Claim([Line("20552")], id="B2"), history=[Claim([Line("20553")], id="B1"), void]) == set()


def test_a_checked_claim_takes_the_place_of_its_earlier_version() -> None:
    assert told(Claim([Line("20552")], id="B1"), history=[Claim([Line("20553")], id="B1")]) == set()
