"""Diagnoses, from the bytes of a claim to the finding."""

import datetime as dt
from collections.abc import Sequence

import polars as pl
import pytest

from tests.claims import DAY, PAYERS, Claim, Line, findings, told

ONE_DAY = dt.timedelta(days=1)
VISIT = [Line("99213")]

TOGETHER = """
M5416, M47816, M5450, M5459 M7918, G894 M961, G8929 M5416, M5412 G5601, M48062 M5416, M5116 M47816
M25561 M25562, M170, M1711 M25562, M797 M5450, G90521, G5771, M5481 M5459, M7501 M25511
S335XXA W1830XA, S335XXD, G8921 S335XXS, E1142 G8929, Z5181 Z79891, Z79891 G894, F1120 Z5181
G893 C7951, C7951 G893, G43709, G43719 M5481, M461, M533 G8929, M8008XA G8911, B0229, G609 M5416
M62830 M5450, M5414 M50121, M546 M5126, M5416 M4722, I10 E1142 G894, Z4542 G894
"""
"""Diagnoses of one claim about which there is nothing to say."""

PAIRS = """
DX-04: G8929 G894, G8929 G90521, G8928 G893, G90521 G5771
DX-09b: M1711 M1712, G5601 G5602
DX-10: M5416 M5116, M5412 M50121, M5416 M4726, M542 M5030, M5431 M5116, M5441 M51362, M5450 M5126
DX-10: M5450 M5441, M5450 S39012A, M7918 M797, M5431 G5701, M5431 M5442
DX-13: R52 G894, R52 M25561
DX-13a: M7918 M62830, F1120 F1190
"""
"""Two diagnoses that exclude each other, by the rule that says so."""

BY_SERVICE = """
DX-02: G3002 M5416 G8929, G3003 M961 G894
DX-03: 22514 G8929 M8008XA, 22612 G894 M48061
DX-03a: 63650 M961 G894
DX-06a: 64680 C259 G893, 62362 C7951 G893
nothing: G3002 G8929 M5416, G3002 M5416, G3002 G90521 F4542, 99213 M5416 G8929, 64483 M5416 G8929
nothing: 22514 M8008XA G8929, 22514 M8008XA, 63650 G894 M961, 63650 M961, 63650 G90521 G894
nothing: 95972 M961 G894, 63661 M961 G894, 64680 G893 C259, 64680 C259, 99213 C259 G893
nothing: 64483 M5416 G893 C7951
"""
"""A code and its diagnoses in order, by the rule that speaks of them."""


def rows(table: str) -> list[tuple[str, str]]:
    """Each case of `table` with its rule."""
    split = (row.split(": ") for row in table.strip().splitlines())
    return [(rule, case) for rule, cases in split for case in cases.split(", ")]


def diagnoses(claim: Claim, history: Sequence[Claim] = ()) -> set[tuple[str, str, int | None]]:
    return {finding for finding in told(claim, history=history) if finding[0].startswith("DX-")}


def ids(*dx: str, lines: Sequence[Line] = VISIT, on: dt.date = DAY) -> set[str]:
    """The rules on diagnoses that speak of a claim whose lines point to all of its diagnoses."""
    pointers = ":".join(str(place) for place in range(1, len(dx) + 1))
    pointing = [Line(line.code, line.mods, units=line.units, dx=pointers) for line in lines]
    return {rule for rule, _, _ in diagnoses(Claim(pointing, dx=dx, on=on))}


def test_ended_codes_are_found_by_the_day_of_service_for_every_payer() -> None:
    lines = [Line("99213")]
    assert diagnoses(Claim(lines, dx=("M545",))) == {("DX-07", "deny", None)}
    assert diagnoses(Claim(lines, dx=("M5416", "M5136"), payer="commercial")) == {("DX-08", "deny", None)}
    assert diagnoses(Claim(lines, dx=("M5136",), on=dt.date(2024, 9, 30))) == set()
    assert diagnoses(Claim(lines, dx=("M5136",), on=dt.date(2024, 10, 1))) == {("DX-08", "deny", None)}
    assert diagnoses(Claim(lines, dx=("M51360",))) == set()
    assert diagnoses(Claim(lines, dx=("M51360",), on=dt.date(2024, 9, 30))) == {("DX-15a", "deny", None)}
    assert diagnoses(Claim(lines, dx=("R102",))) == {("DX-15", "deny", None)}


def test_a_dot_or_small_letters_do_not_hide_a_code() -> None:
    assert diagnoses(Claim([Line("99213")], dx=("m54.5",))) == {("DX-07", "deny", None)}


def test_a_claim_that_spans_the_change_is_judged_by_the_lines_that_point_to_the_code() -> None:
    before, after = dt.date(2024, 9, 30), dt.date(2024, 10, 1)
    lines = [Line("99213", on=before, dx="1"), Line("99213", on=after, dx="2")]
    assert diagnoses(Claim(lines, on=before, dx=("M5136", "M51360"))) == set()
    assert diagnoses(Claim(lines, on=before, dx=("M51360", "M5136"))) == {
        ("DX-08", "deny", None),
        ("DX-15a", "deny", None),
    }


def test_the_charge_at_risk_is_that_of_the_lines_pointing_to_the_code() -> None:
    lines = [
        Line("99213", charge=100_00, dx="1"),
        Line("20553", charge=70_00, dx="1:2"),
        Line("J3301", charge=5_00),
    ]
    found = findings(Claim(lines, dx=("M5416", "M545")))
    assert found.filter(rule="DX-07").select("at_risk_cents", "codes").row(0) == (70_00, ["M545"])


def test_pain_unspecified_never_stands_beside_described_pain() -> None:
    lines = [Line("99213")]
    assert diagnoses(Claim(lines, dx=("G894", "R52"))) == {("DX-13", "deny", None)}
    assert diagnoses(Claim(lines, dx=("R52", "M5450"))) == {("DX-13", "deny", None)}
    assert diagnoses(Claim(lines, dx=("R52",))) == set()
    assert diagnoses(Claim(lines, dx=("G894", "M5416"))) == set()


def test_a_side_left_out_is_told_once_a_claim() -> None:
    lines = [Line("20526", ("RT",), dx="1"), Line("99213", ("25",), dx="1")]
    assert len(findings(Claim(lines, dx=("G5600", "G5600"))).filter(rule="DX-09")) == 1
    assert diagnoses(Claim(lines, dx=("G5601",))) == set()


@pytest.mark.parametrize("dx", TOGETHER.strip().replace("\n", ", ").split(", "))
def test_diagnoses_that_may_stand_together_are_left_alone(dx: str) -> None:
    assert ids(*dx.split()) == set()


@pytest.mark.parametrize(
    ("code", "rule", "says"),
    [
        (
            "M2556",
            "DX-15b",
            "M25.56 on line 1 is incomplete; the one the note supports: M25.561, M25.562, M25.569",
        ),
        (
            "G892",
            "DX-15b",
            "G89.2 on line 1 is incomplete; the one the note supports: G89.21, G89.22, G89.28, G89.29",
        ),
        ("M541", "DX-15b", None),
        ("M54", "DX-15b", None),
        ("M5487", "DX-15c", None),
        ("M5475", "DX-15c", None),
        ("S335", "DX-12", "S33.5 on line 1 lacks its seventh character: S33.5XXA, S33.5XXD, S33.5XXS"),
        ("S335XX", "DX-12", None),
        ("M8008", "DX-12", None),
        ("S335XXB", "DX-12a", None),
        ("M5416A", "DX-12a", "M54.16A on line 1 ends in a character that the code does not take: M54.16"),
        ("S335A", "DX-12b", "S33.5A on line 1 lacks the X before its seventh character: S33.5XXA"),
        ("M8008A", "DX-12b", None),
        ("G63", "DX-02a", None),
        ("W1830XA", "DX-02a", None),
        ("S335XXS", "DX-02a", None),
        ("M4800", "DX-09", None),
    ],
)
def test_one_thing_is_said_of_a_code(code: str, rule: str, says: str | None) -> None:
    found = findings(Claim(VISIT, dx=(code,))).filter(pl.col("rule").str.starts_with("DX-"))
    assert found["rule"].to_list() == [rule]
    assert not found["message"].str.ends_with(": ").any()
    assert says is None or found["message"].to_list() == [says]


@pytest.mark.parametrize("payer", PAYERS)
def test_an_invalid_code_is_invalid_for_every_payer(payer: str) -> None:
    assert diagnoses(Claim(VISIT, dx=("M2556",), payer=payer)) == {("DX-15b", "deny", None)}


@pytest.mark.parametrize("code", ["Z", "M54É6", "M54 16", "12345678901", "M5416XXXX"])
def test_odd_codes_are_judged_and_never_a_failure(code: str) -> None:
    assert ids(code) <= {"DX-12a", "DX-15b", "DX-15c"}


def test_before_the_oldest_edition_no_code_is_judged() -> None:
    first = dt.date(2020, 10, 1)
    assert ids("M2556", on=first) == {"DX-15b"}
    assert ids("M2556", on=first - ONE_DAY) == set()
    assert ids("M5487", on=first - ONE_DAY) == set()


def test_a_code_made_in_years_whose_edition_is_not_loaded_is_not_questioned() -> None:
    assert ids("M5459", on=dt.date(2023, 5, 1)) == set()
    assert ids("M51360", on=dt.date(2023, 5, 1)) == {"DX-15a"}


def test_a_code_outside_the_excerpt_is_not_judged() -> None:
    assert ids("C5099", "Q99", "T401X") == set()


def test_a_claim_before_and_after_a_change_is_judged_on_both_days() -> None:
    before, after = dt.date(2024, 9, 30), dt.date(2024, 10, 1)
    lines = [Line("99213", on=before), Line("99213", on=after)]
    assert diagnoses(Claim(lines, on=before, dx=("M51360",))) == {("DX-15a", "deny", None)}
    assert diagnoses(Claim(lines, on=before, dx=("M5136",))) == {("DX-08", "deny", None)}


@pytest.mark.parametrize(("rule", "pair"), rows(PAIRS))
def test_a_pair_is_found_in_either_order_and_each_alone_is_left_alone(rule: str, pair: str) -> None:
    one, other = pair.split()
    for dx in ((one, other), (other, one)):
        assert ids(*dx) - {"DX-06"} == {rule}
    assert ids(one) | ids(other) <= {"DX-06"}


def test_a_described_pain_that_the_note_does_not_name_may_stand_beside_pain_unspecified() -> None:
    assert ids("R52", "M7918") == set()


def test_the_exclusion_of_the_expanded_disc_codes_begins_with_them() -> None:
    assert ids("M5450", "M51360", on=dt.date(2024, 10, 1)) == {"DX-10"}


def test_a_question_on_a_note_names_who_can_answer() -> None:
    found = findings(Claim(VISIT, dx=("M7918", "M62830"))).filter(rule="DX-13a")
    assert found["outcome"].to_list() == ["ask"]
    assert found["needs"].to_list() == [["the clinician: are the two conditions related?"]]


def test_a_finding_names_the_lines_that_point_to_its_diagnosis() -> None:
    lines = [Line("99213", ("25",), dx="1:2"), Line("20610", ("RT",), dx="2"), Line("J3301", dx="1")]
    found = findings(Claim(lines, dx=("M1711", "M2556"))).filter(rule="DX-15b")
    assert found["message"][0].startswith("M25.56 on lines 1, 2 is incomplete")
    nobody = findings(Claim(lines, dx=("M1711", "M25561", "M2556"))).filter(rule="DX-15b")
    assert nobody["message"][0].startswith("M25.56 is incomplete")


def test_codes_that_never_stand_first_may_stand_second() -> None:
    for code in ("G63", "W1830XA", "S335XXS"):
        assert ids(code, "M5416") == {"DX-02a"}
        assert ids("M5416", code) == set()


def test_monitoring_and_tumour_pain_want_their_other_half() -> None:
    assert ids("Z5181", "M5416") == {"DX-11"}
    assert ids("M5416", "Z5181", "Z79891") == set()
    assert ids("G893", "M5416") == {"DX-06"}
    assert ids("G893", "D481") == set()
    assert ids("G893", "D500") == ids("G893", "Z8503") - {"DX-06"} | {"DX-06"}


class TestTheSideOfALine:
    @staticmethod
    def told(
        mods: Sequence[str], *dx: str, code: str = "20610", payer: str = "medicare"
    ) -> set[tuple[str, str, int | None]]:
        pointers = ":".join(str(place) for place in range(1, len(dx) + 1))
        return diagnoses(Claim([Line(code, mods, dx=pointers)], dx=dx, payer=payer))

    @pytest.mark.parametrize("payer", PAYERS)
    def test_the_other_side_is_denied_by_every_payer(self, payer: str) -> None:
        assert self.told(("LT",), "M25561", payer=payer) == {("DX-09a", "deny", 1)}

    @pytest.mark.parametrize(
        ("mods", "dx"),
        [
            (("RT",), ("M25561",)), (("LT",), ("M25561", "M25562")), (("RT",), ("M170",)),
            (("LT",), ("M5416", "M25561")), ((), ("M25561",)), (("50",), ("M170",)), (("50",), ("M47816",)),
            (("50",), ("M25561", "M25562")), (("RT",), ("M5416",)), (("F6",), ("M79644",)),
            (("LT", "59"), ("M1712",)), (("50",), ("M5416", "M25561")),
        ],
    )  # fmt: skip
    def test_a_side_that_fits_is_left_alone(self, mods: Sequence[str], dx: Sequence[str]) -> None:
        assert self.told(mods, *dx) == set()

    @pytest.mark.parametrize(
        ("mods", "dx", "rule"),
        [
            (("LT",), ("M25561", "M5416"), ("DX-09a", "deny", 1)),
            (("RT",), ("M7502",), ("DX-09a", "deny", 1)),
            (("59", "LT"), ("S43401A",), None),
            (("F6",), ("M79645",), ("DX-09a", "deny", 1)),
            (("50",), ("M1711",), ("DX-09c", "audit", 1)),
            (("RT", "LT"), ("M1712",), ("DX-09c", "audit", 1)),
        ],
    )
    def test_a_side_that_does_not_fit_is_told(
        self, mods: Sequence[str], dx: Sequence[str], rule: tuple[str, str, int | None] | None
    ) -> None:
        assert self.told(mods, *dx) == ({rule} if rule else set())

    def test_each_line_is_held_to_its_own_diagnoses(self) -> None:
        lines = [
            Line("20610", ("RT",), dx="1"),
            Line("20610", ("LT",), dx="1"),
            Line("20605", ("LT",), dx="2"),
        ]
        assert diagnoses(Claim(lines, dx=("M1711", "M25522"))) == {("DX-09a", "deny", 2)}


class TestPainAndItsCause:
    @pytest.mark.parametrize(("rule", "case"), rows(BY_SERVICE))
    def test_pain_stands_where_the_service_puts_it(self, rule: str, case: str) -> None:
        code, *dx = case.split()
        assert ids(*dx, lines=[Line(code)]) == {rule} - {"nothing"}

    def test_a_claim_that_treats_the_cause_too_may_name_it_first(self) -> None:
        assert ids("M48061", "G894", lines=[Line("63650"), Line("22867")]) == set()


class TestVisitAfterVisit:
    @staticmethod
    def visits(*days: dt.date, dx: str = "M5450", code: str = "99213", patient: int = 1) -> list[Claim]:
        return [
            Claim([Line(code)], dx=(dx,), on=day, id=f"H{n}{patient}", patient=patient)
            for n, day in enumerate(days)
        ]

    MONTHLY = tuple(dt.date(2026, month, 6) for month in (5, 6, 7, 8, 9))

    def test_the_sixth_visit_under_one_unspecified_diagnosis_is_told(self) -> None:
        now = Claim(VISIT, dx=("M5450",))
        assert diagnoses(now, self.visits(*self.MONTHLY)) == {("DX-09d", "audit", None)}
        assert diagnoses(now, self.visits(*self.MONTHLY[1:])) == set()

    def test_what_is_no_visit_of_its_own_does_not_count(self) -> None:
        now = Claim(VISIT, dx=("M5450",))
        four = self.visits(*self.MONTHLY[1:])
        for other in (
            self.visits(self.MONTHLY[1]),
            self.visits(self.MONTHLY[0], dx="M5459"),
            self.visits(self.MONTHLY[0], code="64483"),
            self.visits(self.MONTHLY[0], patient=2),
        ):
            assert diagnoses(now, [*four, *(Claim(**{**vars(c), "id": "X"}) for c in other)]) == set()

    def test_a_year_reaches_back_to_the_day_itself_no_longer_counted(self) -> None:
        four = self.visits(*self.MONTHLY[1:])
        now = Claim(VISIT, dx=("M5450",))
        for days_ago, rules in ((364, {"DX-09d"}), (365, set()), (366, set())):
            first = Claim(VISIT, dx=("M5450",), on=DAY - days_ago * ONE_DAY, id="F")
            assert {rule for rule, _, _ in diagnoses(now, [first, *four])} == rules

    def test_over_a_leap_day_the_year_has_366_days(self) -> None:
        on = dt.date(2028, 10, 14)
        four = self.visits(*(dt.date(2028, month, 6) for month in (6, 7, 8, 9)))
        now = Claim(VISIT, dx=("M5450",), on=on)
        for days_ago, rules in ((365, {"DX-09d"}), (366, set())):
            first = Claim(VISIT, dx=("M5450",), on=on - days_ago * ONE_DAY, id="F")
            assert {rule for rule, _, _ in diagnoses(now, [first, *four])} == rules

    def test_a_side_left_out_has_a_rule_of_its_own(self) -> None:
        now = Claim(VISIT, dx=("M25569",))
        history = self.visits(*self.MONTHLY, dx="M25569")
        assert {rule for rule, _, _ in diagnoses(now, history)} == {"DX-09"}

    def test_it_must_head_the_visit(self) -> None:
        now = Claim([Line("99213", dx="2:1")], dx=("M5450", "G8929"))
        assert diagnoses(now, self.visits(*self.MONTHLY)) == set()
