"""A day with thousands of lines costs what its lines cost, not their square."""

from anodyne.rules.rule import View
from anodyne.rules.views import build
from tests.claims import AS_OF, Claim, Line, book_from, reference, told


def test_lines_that_are_alike_make_one_edit_each() -> None:
    crowd = Claim([Line("20553")] * 1_500 + [Line("20552")] * 1_500)
    pairs = build(book_from(crowd), reference(), as_of=AS_OF, wanted={View.PAIR})[View.PAIR]
    assert len(pairs) == 1_500


def test_lines_with_other_modifiers_are_told_apart() -> None:
    both_sides = Claim([Line("20610", ("RT",)), Line("20610", ("LT",)), Line("20552")])
    assert told(both_sides) == set()
    assert ("NCCI-01a", "deny", 2) in told(Claim([Line("20610"), Line("20552"), Line("20610", ("LT",))]))
