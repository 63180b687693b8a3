"""Urine drug tests from claim to finding: certificates, windows, validity."""

import datetime as dt
from typing import Any

import pytest

from tests.claims import DAY, Claim, Line, findings, policies_of, told

CLIA = ("REF*X4*36D9999901",)
LONG_TERM = ("Z79891", "G894")


def lab(*lines: Line, **said: Any) -> Claim:
    return Claim(lines, **{"dx": LONG_TERM, "extra": CLIA, **said})


def mine(found: set[tuple[str, str, int | None]]) -> set[tuple[str, str, int | None]]:
    return {one for one in found if one[0].startswith(("INJ-44", "LCD-U"))}


def sent(code: str, *days: dt.date, dx: tuple[str, ...] = LONG_TERM) -> list[Claim]:
    return [lab(Line(code), dx=dx, on=day, id=f"OLD{code}{n}") for n, day in enumerate(days)]


def before(*days: int) -> list[dt.date]:
    return [DAY - dt.timedelta(n) for n in days]


def test_a_test_names_its_laboratory() -> None:
    both = (Line("80307"), Line("G0480"))
    assert not mine(told(lab(*both)))
    assert mine(told(lab(*both, extra=()))) == {("INJ-44", "reject", 1)}
    assert mine(told(lab(*both, extra=("REF*X4*36D99901",)))) == {("INJ-44a", "reject", 1)}
    assert not mine(told(lab(*both, extra=(), payer="commercial")))


def test_qw_is_for_the_test_read_by_eye() -> None:
    assert mine(told(lab(Line("80305")))) == {("INJ-44b", "ask", 1)}
    assert not mine(told(lab(Line("80305", ("QW",)))))
    assert not mine(told(lab(Line("80305"), pos="81")))
    assert mine(told(lab(Line("80307", ("QW",))))) == {("INJ-44c", "deny", 1)}
    assert not mine(told(lab(Line("80307", ("QW",)), payer="commercial")))


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ((), set()),
        ((60,), set()),
        ((179, 178), {("LCD-U1a", "ask", 1)}),
        ((180, 60), set()),
        ((60, 30), {("LCD-U1a", "ask", 1)}),
        ((89, 60, 30), {("LCD-U1", "deny", 1)}),
        ((90, 60, 30), {("LCD-U1a", "ask", 1)}),
        ((91, 60, 30), {("LCD-U1a", "ask", 1)}),
    ],
)
def test_windows_of_risk(days: tuple[int, ...], expected: set[tuple[str, str, int | None]]) -> None:
    assert mine(told(lab(Line("80307")), history=sent("80307", *before(*days)))) == expected
    assert mine(told(lab(Line("G0481")), history=sent("G0480", *before(*days)))) == expected


def test_the_message_names_earlier_tests_and_the_next_day() -> None:
    found = findings(lab(Line("80307")), history=sent("80305", *before(70, 42, 14))).filter(rule="LCD-U1")
    assert found["message"].to_list() == [
        (
            "4 presumptive drug tests in 90 days, 3 are covered at the highest risk; "
            "earlier 5 Aug, 2 Sep, 30 Sep; next eligible 3 Nov 2026"
        )
    ]


def test_the_next_day_is_within_the_limit() -> None:
    history = sent("80307", *before(70, 42, 14))
    assert not mine(told(lab(Line("80307"), on=dt.date(2026, 11, 3)), history=history)) & {
        ("LCD-U1", "deny", 1)
    }
    assert ("LCD-U1", "deny", 1) in told(lab(Line("80307"), on=dt.date(2026, 11, 2)), history=history)


def test_the_two_kinds_count_apart_and_one_day_once() -> None:
    mixed = sent("80307", *before(60)) + sent("G0480", *before(60, 30))
    assert not mine(told(lab(Line("80307")), history=mixed))
    twice = sent("80307", *before(60, 60))
    assert not mine(told(lab(Line("80307")), history=twice))


def test_substance_use_is_asked_about() -> None:
    opioid = ("F1120",)
    history = sent("80307", *before(21, 14, 7), dx=opioid)
    assert mine(told(lab(Line("80307"), dx=opioid), history=history)) == {("LCD-U1b", "ask", 1)}
    assert not mine(told(lab(Line("80307"), dx=opioid), history=history[:2]))
    smoker = lab(Line("80307"), dx=("F17210",))
    assert mine(told(smoker, history=history)) == {("LCD-U1", "deny", 1)}


def test_payers_and_contractors() -> None:
    history = sent("80307", *before(60, 40, 20))
    assert not mine(told(lab(Line("80307"), payer="commercial"), history=history))
    assert not mine(told(lab(Line("80307"), state="TX"), history=history))
    limits = {
        "drug_test_high_tests": 1,
        "drug_test_high_days": 30,
        "drug_test_moderate_tests": 1,
        "drug_test_moderate_days": 60,
    }
    policies = policies_of("commercial", **limits)
    found = told(lab(Line("80307"), payer="commercial"), history=history, policies=policies)
    assert mine(found) == {("LCD-U1", "deny", 1)}


def test_the_specimen_is_part_of_the_test() -> None:
    assert mine(told(lab(Line("80307"), Line("82570")))) == {("LCD-U1c", "deny", 2)}
    assert not mine(told(lab(Line("80307"), Line("82570", ("XU",)))))
    assert not mine(told(lab(Line("82570"), extra=())))


@pytest.mark.parametrize(
    ("first", "second", "rule"),
    [
        ("80307", "80305", "NCCI-01"),
        ("80307", "80306", "NCCI-01"),
        ("80306", "80305", "NCCI-01"),
        ("G0483", "G0480", "NCCI-01"),
        ("G0480", "G0659", "NCCI-01"),
    ],
)
def test_one_code_of_each_kind_a_day(first: str, second: str, rule: str) -> None:
    for lines in ((first, second), (second, first)):
        for mods in ((), ("59",)):
            made = [Line(code, (*mods, "QW") if code == "80305" else mods) for code in lines]
            found = told(lab(*made))
            assert (rule, "deny", lines.index(second) + 1) in found


def test_two_practitioners_of_a_day() -> None:
    office = lab(Line("80305", ("QW",)))
    laboratory = lab(Line("80307"), id="B", billing=72, billing_taxonomy="291U00000X", pos="81")
    definitive = lab(Line("G0480"), id="B", billing=72, billing_taxonomy="291U00000X", pos="81")
    assert mine(told(laboratory, history=[office])) == {("INJ-44d", "deny", 1)}
    assert not mine(told(definitive, history=[office]))
    assert not mine(told(lab(Line("80307"), id="B", billing=72, patient=2), history=[office]))


def test_one_presumptive_and_one_definitive_stand_together() -> None:
    found = told(lab(Line("80307"), Line("G0480")))
    assert not {one for one in found if one[0].startswith(("NCCI", "INJ", "LCD"))}
