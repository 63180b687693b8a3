"""Which fixes are made: alone, in chains, against each other, and where they must not be."""

import json
from collections.abc import Callable, Sequence

import polars as pl
import pytest

from anodyne.app.changes import Change, Hindrances, amended
from anodyne.app.corrections import Left, Plan, plan
from anodyne.kernel.errors import BadRule
from anodyne.model.book import Book
from anodyne.model.frames import FINDINGS
from anodyne.x12.splice import Values
from tests.claims import Claim, Line, book_from

Finding = tuple[str, int, dict[str, object] | None]
"""A rule, the key of a line, and what it offers."""
Rules = Callable[[dict[int, str]], Sequence[Finding]]
"""The findings on the lines of a patient, given by key with their codes."""
DROP: dict[str, object] = {"drop": True}
ANY = ("R1", "R2", "R3", "R4")


def made_set(**values: object) -> dict[str, object]:
    return {"set": values}


def planned(
    book: Book, rules: Rules, hindrances: Hindrances | None = None, wanted: Sequence[str] = ANY
) -> Plan:
    def judge(some: Book) -> pl.DataFrame:
        claims = some.claims.select("claim_key", "claim_id", "patient")
        lines = some.lines.join(claims, on="claim_key", maintain_order="left")
        by_key = {row["line_key"]: row for row in lines.iter_rows(named=True)}
        of_patients: dict[int, dict[int, str]] = {}
        for key, row in by_key.items():
            of_patients.setdefault(row["patient"], {})[key] = row["code"]
        found = [one for codes in of_patients.values() for one in rules(codes)]
        rows = [
            {
                "rule": rule,
                "outcome": "deny",
                "claim_key": by_key[key]["claim_key"],
                "line_key": key,
                "claim": by_key[key]["claim_id"],
                "line": by_key[key]["line"],
                "message": f"{by_key[key]['code']} will not do",
                "fix": offered and json.dumps(offered),
            }
            for rule, key, offered in found
            if key in by_key
        ]
        return pl.DataFrame(rows, schema=dict(FINDINGS))

    return plan(book, judge, wanted, hindrances or Hindrances())


def always(*found: Finding) -> Rules:
    """Rules that find the same whatever the lines; of lines that are gone nothing is told."""
    return lambda _: found


def once(*found: Finding) -> Rules:
    """Rules whose findings go as soon as anything is changed."""
    return in_turn(found)


def in_turn(*answers: Sequence[Finding]) -> Rules:
    """Rules that find another thing each time they are asked, and in the end nothing."""
    left = iter(answers)
    return lambda _: next(left, ())


def of(result: Plan) -> tuple[dict[int, object], dict[int, str]]:
    """By line, the values that change (None where it goes), and why a fix is left."""
    return {c.line_key: c.values for c in result.changes}, {left.line_key: left.why for left in result.left}


def book(*codes: str, patient: int = 1) -> Book:
    return book_from(Claim([Line(code) for code in codes], patient=patient))


def test_each_fix_is_made_on_what_the_one_before_it_left() -> None:
    """B goes for A's sake; C was to go for B's, and stays."""

    def rules(codes: dict[int, str]) -> list[Finding]:
        held = set(codes.values())
        found: list[Finding] = [
            ("R1", key, DROP) for key, code in codes.items() if code == "B" and "A" in held
        ]
        return found + [("R2", key, DROP) for key, code in codes.items() if code == "C" and "B" in held]

    assert of(planned(book("A", "B", "C"), rules)) == ({1: None}, {})


def test_a_fix_that_a_later_one_makes_needless_is_undone() -> None:
    """The same, met in the other order: what was dropped for B's sake comes back once B has gone."""

    def rules(codes: dict[int, str]) -> list[Finding]:
        held = set(codes.values())
        found: list[Finding] = [
            ("R1", key, DROP) for key, code in codes.items() if code == "B" and "A" in held
        ]
        return found + [("R2", key, DROP) for key, code in codes.items() if code == "C" and "B" in held]

    assert of(planned(book("C", "B", "A"), rules)) == ({1: None}, {})


@pytest.mark.parametrize("at_once", [1, 7, 100_000])
def test_many_patients_are_undone_side_by_side_as_each_alone(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """C was dropped for the sake of B, which goes too, and is back; D was dropped for A's, and stays out."""
    monkeypatch.setattr("anodyne.app.corrections.LINES_AT_ONCE", at_once)
    claims = [
        Claim([Line(code) for code in codes], patient=n, id=f"P{n}{place}")
        for n in range(6)
        for place, codes in enumerate([("CD"[n % 2], "X"), ("B", "A")])
    ]

    def rules(codes: dict[int, str]) -> list[Finding]:
        held = set(codes.values())
        gone = {code for code, why in (("B", "A"), ("C", "B"), ("D", "A")) if why in held}
        return [("R1", key, DROP) for key, code in codes.items() if code in gone]

    changes, left = of(planned(book_from(*claims), rules))
    assert left == {}
    assert sorted(changes) == sorted([*(4 * n + 2 for n in range(6)), *(4 * n for n in (1, 3, 5))])


def test_of_equal_lines_all_but_one_go() -> None:
    def rules(codes: dict[int, str]) -> list[Finding]:
        return [("R1", key, DROP) for key in sorted(codes)[1:]]

    assert of(planned(book("A", "A", "A"), rules)) == ({1: None, 2: None}, {})


def test_a_fix_that_brings_a_new_finding_is_taken_back_and_says_which() -> None:
    """B is told to go, but C cannot stand without it."""

    def rules(codes: dict[int, str]) -> list[Finding]:
        found: list[Finding] = [("R1", key, DROP) for key, code in codes.items() if code == "B"]
        if "B" not in codes.values():
            found += [("R2", key, None) for key, code in codes.items() if code == "C"]
        return found

    changes, left = of(planned(book("A", "B", "C"), rules))
    assert changes == {}
    assert left == {1: "R2 on line 3 would follow (C will not do); which is right is for a person"}


def test_a_new_finding_on_another_claim_of_the_patient_counts_too() -> None:
    two = book_from(
        Claim([Line("A"), Line("B")], id="ONE"),
        Claim([Line("C")], id="TWO"),
        Claim([Line("B"), Line("D")], patient=2),
    )

    def rules(codes: dict[int, str]) -> list[Finding]:
        found: list[Finding] = [("R1", key, DROP) for key, code in codes.items() if code == "B"]
        if 1 not in codes:
            found += [("R2", key, None) for key, code in codes.items() if code == "C"]
        return found

    changes, left = of(planned(two, rules))
    assert changes == {3: None}
    assert left[1].startswith("R2 on line 1 of claim TWO would follow")


def test_one_bad_fix_does_not_keep_the_good_ones_of_its_patient_back() -> None:
    two = book_from(Claim([Line("A"), Line("B")], id="ONE"), Claim([Line("C"), Line("D")], id="TWO"))

    def rules(codes: dict[int, str]) -> list[Finding]:
        found: list[Finding] = [("R1", key, DROP) for key, code in codes.items() if code in {"B", "D"}]
        if "B" not in codes.values():
            found += [("R2", key, None) for key, code in codes.items() if code == "C"]
        return found

    changes, left = of(planned(two, rules))
    assert changes == {3: None}
    assert list(left) == [1]


CIRCLE = "its reason may go with another line that is questioned: which of them stays is for a person"


def goes_for(**reasons: str) -> Rules:
    """Rules by which each line goes as long as the line of another code is there."""

    def rules(codes: dict[int, str]) -> list[Finding]:
        held = set(codes.values())
        return [("R1", key, DROP) for key, code in codes.items() if reasons.get(code, "") in held]

    return rules


def test_of_two_lines_that_want_each_other_gone_none_goes() -> None:
    two = book_from(Claim([Line("A"), Line("X")], id="ONE"), Claim([Line("B"), Line("Y")], id="TWO"))
    assert of(planned(two, goes_for(A="B", B="A"))) == ({}, {0: CIRCLE, 2: CIRCLE})


@pytest.mark.parametrize("codes", ["ABCX", "CBAX", "BXCA"])
def test_of_a_circle_none_goes(codes: str) -> None:
    rules = goes_for(A="B", B="C", C="A")
    circle = {codes.index(code): CIRCLE for code in "ABC"}
    assert of(planned(book(*codes), rules)) == ({}, circle)


def test_what_goes_for_another_reason_opens_a_circle() -> None:
    """A goes for D's sake whatever becomes of B; then C has no reason to go, and B has."""
    rules = goes_for(A="D", B="C", C="A")
    assert of(planned(book("A", "B", "C", "D"), rules)) == ({0: None, 1: None}, {})


def test_what_hangs_on_a_circle_is_left_with_it() -> None:
    rules = goes_for(A="B", B="A", C="A")
    assert of(planned(book("A", "B", "C", "X"), rules)) == ({}, dict.fromkeys(range(3), CIRCLE))


def test_a_line_whose_reason_cannot_go_only_for_being_the_last_is_left() -> None:
    two = book_from(Claim([Line("C"), Line("X")], id="ONE"), Claim([Line("B")], id="TWO"), Claim([Line("A")]))
    last = "no line of the claim would be left: whether it goes is for a person"
    assert of(planned(two, goes_for(C="B", B="A"))) == ({}, {0: CIRCLE, 2: last})


def test_a_claim_that_could_lose_every_line_keeps_one_that_another_fix_clears() -> None:
    """B was to go for C's sake, so that nothing would be left; C goes for A's, and B stays, at once."""
    two = book_from(Claim([Line("B"), Line("D")], id="ONE"), Claim([Line("C"), Line("A")], id="TWO"))
    rules = goes_for(B="C", C="A", D="A")
    changes, left = of(planned(two, rules))
    assert (changes, left) == ({1: None, 2: None}, {})


def test_fixes_that_do_not_come_to_rest_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """One round makes fixes, and only another one shows that no more follow."""
    two = book_from(Claim([Line("A"), Line("B")]), Claim([Line("A"), Line("C")], patient=2))
    monkeypatch.setattr("anodyne.app.corrections.ROUNDS", 1)
    why = "the fixes of this patient undo each other: which of them are made is for a person"
    assert of(planned(two, goes_for(B="A"))) == ({}, {1: why})
    monkeypatch.setattr("anodyne.app.corrections.ROUNDS", 2)
    assert of(planned(two, goes_for(B="A"))) == ({1: None}, {})


def test_what_was_taken_back_is_tried_again_once_something_else_has_changed() -> None:
    """Without B, C is wrong as long as D stands; D goes by itself."""

    def rules(codes: dict[int, str]) -> list[Finding]:
        held = set(codes.values())
        found: list[Finding] = [("R1", key, DROP) for key, code in codes.items() if code in {"B", "D"}]
        if "B" not in held and "D" in held:
            found += [("R2", key, None) for key, code in codes.items() if code == "C"]
        return found

    assert of(planned(book("C", "B", "D"), rules)) == ({1: None, 2: None}, {})


def test_a_fix_that_leaves_its_finding_is_taken_back() -> None:
    rules = always(("R1", 0, made_set(units=1)))
    assert of(planned(book("A", "B"), rules)) == ({}, {0: "the finding would remain"})


def test_fixes_that_agree_are_made_once() -> None:
    three = book_from(Claim([Line("A", units=3), Line("B")]))
    result = planned(three, once(("R1", 0, made_set(units=1)), ("R2", 0, made_set(units=1, mod1="50"))))
    assert result.changes == (Change(0, 0, ("R1", "R2"), {"units": 1, "mod1": "50"}),)


@pytest.mark.parametrize(
    ("second", "values"), [(made_set(mod1="50", units=1), {"units": 1, "mod1": "50"}), (DROP, None)]
)
def test_a_fix_that_is_offered_only_after_another_joins_it(
    second: dict[str, object], values: Values | None
) -> None:
    three = book_from(Claim([Line("A", units=3), Line("B")]))
    rules = in_turn([("R1", 0, made_set(units=2)), ("R2", 0, None)], [("R2", 0, second)])
    assert planned(three, rules).changes == (Change(0, 0, ("R1", "R2"), values),)


def test_fixes_that_contradict_each_other_are_not_made() -> None:
    rules = always(("R1", 0, made_set(mod1="50")), ("R2", 0, made_set(mod1="RT")))
    result = planned(book("A", "B"), rules)
    assert result.changes == ()
    assert result.left == (
        Left(
            0,
            0,
            ("R1", "R2"),
            ('{"set": {"mod1": "50"}}', '{"set": {"mod1": "RT"}}'),
            "R1, R2 want different values of mod1: a person chooses",
        ),
    )


def test_a_line_that_goes_needs_no_other_value() -> None:
    rules = always(("R1", 0, made_set(mod1="50")), ("R2", 0, DROP))
    assert of(planned(book("A", "B"), rules)) == ({0: None}, {})


def test_no_claim_loses_its_last_line() -> None:
    def rules(codes: dict[int, str]) -> list[Finding]:
        return [("R1", key, DROP) for key in codes]

    why = "no line of the claim would be left: whether it goes is for a person"
    assert of(planned(book("A"), rules)) == ({}, {0: why})
    assert of(planned(book("A", "B"), rules)) == ({}, {0: why, 1: why})


def test_only_the_fixes_of_wanted_rules_are_made() -> None:
    rules = always(("R1", 0, DROP), ("R2", 1, DROP))
    assert of(planned(book("A", "B", "C"), rules, wanted=["R2"])) == ({1: None}, {})


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"charge_cents": 100_01}, "the bill would rise"),
        ({"charge_cents": -1}, "the bill would rise"),
        ({"units": 2.5}, "the units would rise, or none be left"),
        ({"units": 0}, "the units would rise, or none be left"),
        ({"note": "X"}, "the line has no note to correct"),
        ({"ndc": "X", "mod1": "JZ"}, "the line has no ndc to correct"),
    ],
)
def test_what_raises_a_bill_or_has_no_place_is_left(values: dict[str, object], why: str) -> None:
    rules = always(("R1", 0, made_set(**values)))
    assert of(planned(book_from(Claim([Line("A", units=2), Line("B")])), rules)) == ({}, {0: why})


@pytest.mark.parametrize(
    "values", [{"charge_cents": 100_00, "units": 2}, {"charge_cents": 99_99}, {"units": 1.5}]
)
def test_a_bill_that_stays_or_falls_is_right(values: dict[str, object]) -> None:
    rules = once(("R1", 0, made_set(**values)))
    changes, left = of(planned(book_from(Claim([Line("A", units=2), Line("B")])), rules))
    assert (changes, left) == ({0: values}, {})


def test_a_line_of_less_than_nothing_stays() -> None:
    rules = always(("R1", 0, DROP))
    assert of(planned(book_from(Claim([Line("A", charge=-1_00), Line("B")])), rules)) == (
        {},
        {0: "the bill would rise"},
    )


def test_a_claim_whose_charge_is_not_the_sum_of_its_lines_is_left() -> None:
    given = book("A", "B")
    odd = Book(given.claims.with_columns(charge_cents=pl.col("charge_cents") + 1), given.lines)

    rules = always(("R1", 0, DROP))
    assert of(planned(odd, rules)) == ({}, {0: "the claim's charge is not the sum of its lines"})


@pytest.mark.parametrize(
    ("hindrances", "drop", "money", "words"),
    [
        (Hindrances(of_claims={0: "W"}), "W", "W", "W"),
        (Hindrances(of_lines={0: "W"}), "W", "W", "W"),
        (Hindrances(of_drops={0: "W"}), "W", None, None),
        (Hindrances(of_money={0: "W"}), "W", "W", None),
        (Hindrances(patient_paid_cents={0: 149_99}), "the patient has paid", None, None),
        (Hindrances(patient_paid_cents={0: 150_00}), "the patient has paid", None, None),
        (Hindrances(patient_paid_cents={0: 150_01}), "the patient has paid", "the patient has paid", None),
        (Hindrances(patient_paid_cents={0: 100_00}), None, None, None),
    ],
)
def test_what_stands_in_the_way_of_each_kind_of_fix(
    hindrances: Hindrances, drop: str | None, money: str | None, words: str | None
) -> None:
    for offered, why in ((DROP, drop), (made_set(charge_cents=50_00), money), (made_set(mod1="59"), words)):
        changes, left = of(planned(book("A", "B"), once(("R1", 0, offered)), hindrances))
        assert list(changes) == ([0] if why is None else [])
        assert [text[: len(why or "")] for text in left.values()] == ([] if why is None else [why])


def test_a_rule_that_sets_what_no_file_is_written_with_is_at_fault() -> None:
    with pytest.raises(BadRule, match="R1"):
        planned(book("A"), always(("R1", 0, made_set(served_on="2026-01-01"))))


def test_changes_to_a_book_move_modifiers_up_and_correct_the_charge() -> None:
    given = book_from(Claim([Line("A", ("RT", "59"), charge=10_00), Line("B", ("LT", "RT"), charge=20_00)]))
    after = amended(given, [Change(0, 0, ("R1",), {"mod1": "", "charge_cents": 5_00, "units": 1})])
    assert after.lines.select("mod1", "mod2", "charge_cents", "units").rows() == [
        ("59", None, 5_00, 1.0),
        ("LT", "RT", 20_00, 1.0),
    ]
    assert after.claims["charge_cents"].to_list() == [25_00]
