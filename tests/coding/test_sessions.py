"""The sheet of sessions: what is told, and the lines that come of it."""

from collections import Counter
from typing import Any

import pytest

from tests.coding.made import built_of, cases, written


@pytest.mark.parametrize("case", cases(), ids=[case["name"] for case in cases()])
def test_a_session_gives_its_lines(case: dict[str, Any]) -> None:
    built = built_of(case)
    assert [written(line) for line in built.lines] == case["lines"]
    assert {question.fact for question in built.questions} == set(case.get("asks", ()))
    assert sorted(left.code or "-" for left in built.left_out) == sorted(case.get("left", ()))
    if "points" in case:
        assert [list(line.dx_pointers) for line in built.lines] == case["points"]
    if "quantity" in case:
        assert f"{built.lines[0].ndc_qty:g} {built.lines[0].ndc_unit}" == case["quantity"]


def test_each_case_has_a_name_of_its_own_and_the_fact_it_is_of() -> None:
    names = Counter(case["name"] for case in cases())
    assert [name for name, count in names.items() if count > 1] == []
    assert [case["name"] for case in cases() if not case["of"]] == []
    assert len(cases()) >= 120


@pytest.mark.parametrize("case", cases(), ids=[case["name"] for case in cases()])
def test_every_line_and_everything_left_out_says_why(case: dict[str, Any]) -> None:
    built = built_of(case)
    for line in built.lines:
        assert line.reasons[0].cites, line
        assert all(reason.says and reason.rests_on for reason in line.reasons), line
        assert line.procedures
    for left in built.left_out:
        assert left.why.says, left
    for question in built.questions:
        assert question.asks, question
        assert question.who, question
        assert question.changes, question
