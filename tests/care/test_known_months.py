"""Months whose answers an auditor wrote without having seen the program: `known_months.yaml`."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.care.desk import Answer, Row, close, codes, seconds_of

_TEXT: Final = (Path(__file__).parent / "known_months.yaml").read_text(encoding="utf-8")
# It makes nothing but texts, lists and mappings: a length of 29:59 and a place 02 are no numbers.
SHEET: Final[Mapping[str, Any]] = yaml.load(_TEXT, Loader=yaml.BaseLoader)  # noqa: S506  no objects
OF_CASE: Final = {"name", "why", "reading", "month", "zone", "entry", "enrolled", "overlaps", "never_both"}
OF_ENTRY: Final = {"at", "days", "for", "until", "offset", "role", "mode", "pos", "performer", "elements"}
OF_RESULT: Final = {"status", "counted", "codes", "held_by", "warned_by"}
KEY: Final = ("patient", "practitioner", "program")
LEAST: Final = 158
"""As many as the auditor wrote."""

Said = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """One month: rows for the files, and what they should come to."""

    said: Said
    time: Sequence[Row]
    enrolments: Sequence[Row]
    expect: Sequence[Said]

    @property
    def month(self) -> str:
        return str(self.said.get("month", SHEET["month"]))


def base(rows: Mapping[str, Said], name: str) -> dict[str, Any]:
    """The row `name` of those that are given once, with what it takes from another."""
    own = dict(rows[name])
    above = own.pop("as", None)
    return own if above is None else {**base(rows, above), **own}


def day_of(text: str, month: str) -> str:
    """A date, which may be told as months before and a day: `-4/10`."""
    if "/" not in text:
        return text
    back, day = text.split("/")
    months = int(month[:4]) * 12 + int(month[5:]) - 1 + int(back)
    return f"{months // 12:04}-{months % 12 + 1:02}-{day}"


def entries(month: str, items: Sequence[Said]) -> Iterator[Row]:
    number = 0
    for item in items:
        row = {**base(SHEET["entries"], item.get("as", "own")), **item}
        day, clock = row.pop("at").split()
        first = dt.datetime.fromisoformat(f"{day if '-' in day else f'{month}-{day}'}T{clock}")
        length = dt.timedelta(seconds=seconds_of(row.pop("for", "00:00")))
        offset, until = row.pop("offset"), row.pop("until", None)
        row["practitioner"] = SHEET["practitioners"][row["practitioner"]]
        for day_after in range(int(row.pop("days", "1"))):
            number += 1
            start = first + dt.timedelta(days=day_after)
            times = {
                "start": f"{start.isoformat()}{offset}",
                "end": until or f"{(start + length).isoformat()}{offset}",
            }
            yield {"entry_id": f"E{number}", **row, **times}


def enrolment(month: str, item: Said | str) -> Row:
    told = {"as": item} if isinstance(item, str) else item
    row = {**base(SHEET["enrolments"], told["as"]), **told}
    row["practitioner"] = SHEET["practitioners"][row["practitioner"]]
    return {name: day_of(text, month) for name, text in row.items()}


def case_of(said: Said) -> Case:
    """A case with its rows written out, whichever way it is told."""
    month = str(said.get("month", SHEET["month"]))
    if "time" in said:
        assert not said.keys() - OF_CASE - {"time", "expect"}
        items, rolls, results = said["time"], said["enrolled"], said.get("expect", [])
    else:
        items, rolls, results = [], [], []
        patients = said.get("patients", [{key: said[key] for key in said.keys() - OF_CASE}])
        for number, row in enumerate(patients, 1):
            name = {"patient": f"P{number:02}"}
            worked = {"at": "06 09:00", "for": "45:00"} | {key: row[key] for key in row.keys() & OF_ENTRY}
            answer = {"counted": worked["for"]} | {key: row[key] for key in row.keys() & OF_RESULT}
            roll = base(SHEET["enrolments"], said.get("enrolled", "cpm"))
            changed = {key: row[key] for key in row.keys() - OF_ENTRY - OF_RESULT}
            assert not changed.keys() - roll.keys()
            programme = {"program": roll["program"]}
            items.append({"as": said.get("entry", "own"), **name, **programme, **worked})
            rolls.append({"as": said.get("enrolled", "cpm"), **name, **changed})
            results.append({**name, **programme, **answer})
    assert not [key for result in results for key in result.keys() - OF_RESULT - set(KEY)]
    return Case(said, [*entries(month, items)], [enrolment(month, roll) for roll in rolls], results)


CASES: Final = tuple(case_of(said) for said in SHEET["cases"])


def differences(case: Case, answer: Answer) -> Iterator[str]:
    """Each point in which `answer` is not what was expected, in words."""
    if answer["month"] != case.month or answer["errors"]:
        yield f"closed {answer['month']} with errors {answer['errors']}"
    results = {tuple(one[key] for key in KEY): one for one in answer["results"]}
    if len(results) != len(answer["results"]):
        yield "one month stands twice"
    for wanted in case.expect:
        who = (
            wanted.get("patient", "P01"),
            SHEET["practitioners"][wanted.get("practitioner", "A")],
            wanted.get("program", "cpm"),
        )
        if who not in results:
            yield f"{who} has no result"
        else:
            yield from (f"{who}: {what}" for what in _of_result(wanted, results[who]))
    overlaps = Counter({tuple(one["entries"]): one["overlap_seconds"] for one in answer["conflicts"]})
    told = {(one, other): seconds_of(length) for one, other, length in case.said.get("overlaps", [])}
    if overlaps != told or len(overlaps) != len(answer["conflicts"]):
        yield f"overlaps {dict(overlaps)} instead of {told}"
    billable = {
        (one["practitioner"], code)
        for one in answer["results"]
        if (one["patient"], one["status"]) == ("P01", "billable")
        for code in codes(one)
    }
    apart = [text.split() for text in case.said.get("never_both", [])]
    if apart and {(SHEET["practitioners"][who], code) for who, code in apart} <= billable:
        yield f"{apart} are billable together"


def _of_result(wanted: Said, result: Answer) -> Iterator[str]:
    statuses = wanted["status"] if isinstance(wanted["status"], list) else [wanted["status"]]
    if result["status"] not in statuses:
        yield f"{result['status']} instead of {statuses}, held by {result['blockers']}"
    earned = {code: int(units) for code, units in wanted.get("codes", {}).items()}
    if "codes" in wanted and result["status"] in {"billable", "held"} and codes(result) != earned:
        yield f"{codes(result)} instead of {earned}"
    counted = wanted.get("counted", "any")
    if counted != "any" and result["counted_seconds"] != seconds_of(counted):
        yield f"{result['counted_seconds']} seconds instead of {counted}"
    if result["status"] == "held":
        holding = {one["rule"] for one in result["blockers"]}
        for rule in wanted.get("held_by", []):
            if not holding & ({*rule} if isinstance(rule, list) else {rule}):
                yield f"held by {holding} and not by {rule}"
    missing = {*wanted.get("warned_by", [])} - {one["rule"] for one in result["warnings"]}
    if missing:
        yield f"no warning of {missing}"


@pytest.mark.parametrize("turned", [False, True], ids=["as written", "rows reversed"])
@pytest.mark.parametrize("case", CASES, ids=[case.said["name"] for case in CASES])
def test_a_month_comes_to_what_the_auditor_says(tmp_path: Path, case: Case, *, turned: bool) -> None:
    step = -1 if turned else 1
    zone = ["--zone", case.said["zone"]] if "zone" in case.said else []
    answer = close(tmp_path, case.time[::step], case.enrolments[::step], case.month, *zone)
    assert [*differences(case, answer)] == []


def test_the_sheet_is_whole_and_its_names_are_unique() -> None:
    assert len(CASES) >= LEAST
    assert len({case.said["name"] for case in CASES}) == len(CASES)
    assert all(case.expect or "never_both" in case.said for case in CASES)


def test_a_wrong_answer_is_told(tmp_path: Path) -> None:
    (case,) = (one for one in CASES if one.said["name"] == "ov-same-patient-ccm-practitioner")
    answer = close(tmp_path, case.time, case.enrolments, case.month)
    first, second = answer["results"]
    first |= {"status": "short", "counted_seconds": 1799}
    second["codes"] = []
    answer["conflicts"] *= 2
    assert len([*differences(case, answer)]) == 4
    assert len([*differences(case, {**answer, "results": []})]) == 3
