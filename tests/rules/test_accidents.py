"""Injuries at work and on the road, from the bytes of a claim to the finding."""

import datetime as dt

import pytest

from tests.claims import Claim, Line, findings, told

Told = set[tuple[str, str, int | None]]


def injuries(claim: Claim) -> Told:
    return {finding for finding in told(claim) if finding[0].startswith("WC-")}


@pytest.mark.parametrize("payer", ["workers", "motor", "liability"])
def test_a_whole_bill_for_an_injury_is_left_alone(payer: str) -> None:
    assert told(Claim([Line("99213")], payer=payer)) == set()


@pytest.mark.parametrize("payer", ["workers", "motor", "liability"])
def test_what_an_insurer_may_refuse_is_asked_where_its_policy_is_not_known(payer: str) -> None:
    def without(*missing: str) -> Told:
        given = [part for part in ("cause", "date", "number") if part not in missing]
        return injuries(Claim([Line("99213")], payer=payer, injury=given))

    assert without("number") == {("WC-02", "ask", None)}
    assert without("cause") == {("WC-02b", "ask", None)}
    assert without("cause", "date") == {("WC-02a", "ask", None), ("WC-02b", "ask", None)}


def test_the_day_of_an_accident_is_left_to_the_structural_edits() -> None:
    assert injuries(Claim([Line("99213")], payer="motor", injury=("cause", "number"))) == set()
    assert injuries(Claim([Line("99213")], payer="workers", injury=("cause", "number"))) == {
        ("WC-02a", "ask", None)
    }


def test_the_onset_of_a_disease_of_the_work_is_its_day() -> None:
    onset = Claim([Line("99213")], payer="workers", injury=("cause", "number"), extra=["DTP*431*D8*20260401"])
    assert injuries(onset) == set()


def test_the_cause_is_the_one_that_the_insurer_answers_for() -> None:
    assert injuries(Claim([Line("99213")], payer="workers", cause="AA:::OH")) == {("WC-02b", "ask", None)}
    assert injuries(Claim([Line("99213")], payer="motor", cause="EM")) == {("WC-02b", "ask", None)}
    assert injuries(Claim([Line("99213")], payer="workers", cause="AA:EM::OH")) == set()
    assert injuries(Claim([Line("99213")], payer="liability", cause="AA:::OH")) == set()


@pytest.mark.parametrize("payer", ["medicare", "commercial", "blue"])
def test_a_health_plan_billed_first_for_an_injury_at_work(payer: str) -> None:
    first = Claim([Line("99213")], payer=payer, cause="EM", extra=["DTP*439*D8*20260401"])
    assert injuries(first) == {("WC-07", "ask", None)}
    assert findings(first).filter(rule="WC-07")["codes"].to_list() == [["EM"]]
    second = Claim([Line("99213")], payer=payer, cause="EM", rank="S", extra=["DTP*439*D8*20260401"])
    assert injuries(second) == set()


def test_a_motor_accident_concerns_medicare() -> None:
    accident = {"cause": "AA:::OH", "extra": ["DTP*439*D8*20260401"]}
    assert injuries(Claim([Line("99213")], **accident)) == {("WC-07", "ask", None)}  # type: ignore[arg-type]
    assert injuries(Claim([Line("99213")], payer="commercial", **accident)) == set()  # type: ignore[arg-type]
    assert injuries(Claim([Line("99213")], cause="OA", extra=["DTP*439*D8*20260401"])) == set()


@pytest.mark.parametrize(
    ("on", "expected"),
    [(dt.date(2022, 6, 30), set()), (dt.date(2022, 7, 1), {("WC-04", "deny", None)})],
)
def test_new_york_wants_the_narrative(on: dt.date, expected: Told) -> None:
    assert injuries(Claim([Line("99213")], payer="workers", state="NY", on=on)) == expected
    with_report = Claim(
        [Line("99213")], payer="workers", state="NY", on=on, extra=["PWK*OZ*FX***AC*20260001"]
    )
    assert injuries(with_report) == set()
    assert injuries(Claim([Line("99213")], payer="workers", state="NJ", on=on)) == set()
    assert injuries(Claim([Line("99213")], payer="motor", state="NY", on=on)) == set()


@pytest.mark.parametrize("code", ["99080", "99075"])
def test_reports_that_medicare_never_pays_are_not_questioned_in_workers_compensation(code: str) -> None:
    assert told(Claim([Line(code)])) == {("NCCI-05", "deny", 1)}
    assert told(Claim([Line(code)], payer="workers")) == set()


def test_medicares_own_rules_are_not_those_of_workers_compensation() -> None:
    month = Claim([Line("G3002")], payer="workers", pos="10")
    assert {rule for rule, outcome, _ in told(month) if outcome == "deny"} == set()
