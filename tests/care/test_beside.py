"""What shares a month with what: every pair of programmes, every practitioner of one patient."""

from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path
from types import MappingProxyType

import polars as pl
import pytest

from anodyne.care.beside import BESIDE, beside
from anodyne.model.care import PROGRAMMES
from tests.care.desk import STAFF, A, Answer, B, C, Row, close, enrolled, of, short, spent
from tests.claims import reference

EACH = MappingProxyType(
    {
        "bhi": ("20:00", "99484"),
        "ccm": ("20:00", "99490"),
        "complex_ccm": ("60:00", "99487"),
        "cpm": ("30:00", "G3002"),
        "pcm": ("30:00", "99426"),
        "rpm": ("20:00", "99457"),
        "rtm": ("20:00", "98980"),
        "tcm": ("", "99495"),
    }
)
"""By programme the time of its first block, of staff where that will do, and the code."""
TRANSITION = MappingProxyType({"discharged_on": "-05", "contacted_on": "-06", "visited_on": "-12"})
Earned = tuple[str, str, Mapping[str, str]]
"""A programme, the length of an entry of it, and whose."""
NOT_PAID = {
    ("ccm", "complex_ccm"): "ccm",
    ("ccm", "pcm"): "pcm",
    ("complex_ccm", "pcm"): "pcm",
    ("rpm", "rtm"): "rtm",
}
"""Pairs of which one is not paid, and which."""
PAIRS = [*combinations(sorted(EACH), 2)]


def month_of(
    month: str, patient: str, program: str, hour: int, practitioner: str = A, **said: str
) -> tuple[list[Row], Row]:
    """Entries and enrolment that earn the first code of `program`, each hour another day."""
    length, _ = EACH[program]
    whose = {"mode": "video"} if program == "cpm" else STAFF
    day = f"{month}-{int(patient[1:]):02}"
    told = {"patient": patient, "practitioner": practitioner, "program": program, **whose, **said}
    entry = spent(f"{day} {hour:02}:00", length, **told) if length else None
    days = {name: month + day for name, day in TRANSITION.items()} if program == "tcm" else {}
    roll = enrolled(program, patient=patient, practitioner=practitioner, complexity="moderate", **days)
    return [] if entry is None else [{**entry, "entry_id": f"{patient}-{program}-{practitioner}"}], roll


def together(
    folder: Path, month: str, pairs: Iterable[tuple[str, str]], **said: str
) -> dict[tuple[str, str], dict[str, str]]:
    """By pair of programmes what each comes to where a practitioner earns both for one patient."""
    patients = {f"P{number:02}": pair for number, pair in enumerate(pairs, 1)}
    made = [
        month_of(month, patient, program, 9 + 2 * place, **said)
        for patient, pair in patients.items()
        for place, program in enumerate(pair)
    ]
    answer = close(folder, [row for rows, _ in made for row in rows], [roll for _, roll in made], month)
    return {
        pair: {program: short(of(answer, patient, program)) for program in pair}
        for patient, pair in patients.items()
    }


def test_every_pair_of_programmes_is_paid_or_one_of_it_is_not(tmp_path: Path) -> None:
    assert set(EACH) == {program.value for program in PROGRAMMES}
    found = together(tmp_path, "2026-10", PAIRS)
    assert found == {
        pair: {
            program: f"held {EACH[program][1]} [CM-05]"
            if NOT_PAID.get(pair) == program
            else f"billable {EACH[program][1]}"
            for program in pair
        }
        for pair in PAIRS
    }


def test_the_matrix_knows_every_pair_of_programmes() -> None:
    known = reference().table("care_concurrency").filter(pl.col("until").is_null())
    told = [tuple(sorted(pair)) for pair in known.select("program", "other").iter_rows()]
    assert sorted(told) == PAIRS
    apart = known.filter(pl.col("relation").str.starts_with("apart")).select("program", "other").iter_rows()
    assert {tuple(sorted(pair)) for pair in apart} == set(NOT_PAID)


@pytest.mark.parametrize("month", ["2023-10", "2024-06"])
def test_before_an_edit_was_read_a_person_says_which_of_the_two_is_billed(tmp_path: Path, month: str) -> None:
    found = together(tmp_path, month, NOT_PAID)
    assert found == {
        pair: {program: f"held {EACH[program][1]} [CM-11]" for program in pair} for pair in NOT_PAID
    }


def test_of_two_programmes_of_which_nothing_is_known_a_person_says_too(tmp_path: Path) -> None:
    found = together(tmp_path, "2022-10", [("ccm", "pcm")])
    assert found["ccm", "pcm"] == {"ccm": "held 99490 [CM-11]", "pcm": "held 99426 [CM-11]"}


OWN = {"mode": "video"}


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (("ccm", "30:00", OWN), ("complex_ccm", "60:00", STAFF), ["billable 99491", "held 99487 [CM-05]"]),
        (("ccm", "20:00", STAFF), ("complex_ccm", "60:00", STAFF), ["held 99490 [CM-05]", "billable 99487"]),
        (("ccm", "30:00", OWN), ("pcm", "30:00", OWN), ["billable 99491", "held 99424 [CM-05]"]),
        (("ccm", "20:00", STAFF), ("pcm", "30:00", OWN), ["billable 99490", "held 99424 [CM-05]"]),
        (("complex_ccm", "60:00", STAFF), ("pcm", "30:00", OWN), ["billable 99487", "held 99424 [CM-05]"]),
        (("rpm", "10:00", STAFF), ("rtm", "10:00", STAFF), ["billable 99470", "held 98979 [CM-05]"]),
        (("rpm", "10:00", STAFF), ("rtm", "20:00", STAFF), ["billable 99470", "held 98980 [CM-05]"]),
        (("rpm", "20:00", STAFF), ("rtm", "10:00", STAFF), ["billable 99457", "held 98979 [CM-05]"]),
        (("rpm", "9:59", STAFF), ("rtm", "20:00", STAFF), ["short", "billable 98980"]),
    ],
)
def test_the_code_that_is_earned_decides_which_is_not_paid(
    tmp_path: Path, one: Earned, other: Earned, told: list[str]
) -> None:
    time = [
        spent(f"2026-10-0{day} 09:00", length, entry_id=f"E{day}", program=program, **said)
        for day, (program, length, said) in enumerate((one, other), 6)
    ]
    answer = close(tmp_path, time, [enrolled(program) for program, _, _ in (one, other)])
    assert [short(of(answer, program=program)) for program, _, _ in (one, other)] == told


def test_a_programme_that_is_held_for_itself_leaves_the_other(tmp_path: Path) -> None:
    time = [
        spent("2026-10-06 09:00", "20:00", program="ccm", **STAFF),
        spent("2026-10-07 09:00", "30:00", entry_id="E2", program="pcm", **STAFF),
    ]
    answer = close(tmp_path, time, [enrolled("ccm", conditions="1"), enrolled("pcm")])
    assert short(of(answer, program="ccm")) == "held 99490 [CM-06]"
    assert short(of(answer, program="pcm")) == "billable 99426"


def by_two(folder: Path, program: str, *practitioners: str) -> Answer:
    made = [
        month_of("2026-10", "P01", program, 9 + 2 * place, who) for place, who in enumerate(practitioners)
    ]
    return close(folder, [row for rows, _ in made for row in rows], [roll for _, roll in made])


@pytest.mark.parametrize("program", sorted(EACH))
def test_two_practitioners_of_one_programme(tmp_path: Path, program: str) -> None:
    """One is paid of chronic and transitional care and of monitoring; of the others more may be."""
    answer = by_two(tmp_path, program, A, B)
    asked = program in {"ccm", "complex_ccm", "rpm", "rtm", "tcm"}
    code = EACH[program][1]
    told = f"held {code} [CM-08a]" if asked else f"billable {code}"
    assert [short(of(answer, program=program, practitioner=who)) for who in (A, B)] == [told] * 2


def test_chronic_care_of_one_and_complex_care_of_another_is_one_programme(tmp_path: Path) -> None:
    made = [month_of("2026-10", "P01", "ccm", 9), month_of("2026-10", "P01", "complex_ccm", 11, B)]
    answer = close(tmp_path, [row for rows, _ in made for row in rows], [roll for _, roll in made])
    assert [short(one) for one in answer["results"]] == ["held 99490 [CM-08a]", "held 99487 [CM-08a]"]


def test_both_kinds_of_monitoring_are_not_of_one_patient_whoever_gives_them(tmp_path: Path) -> None:
    made = [month_of("2026-10", "P01", "rpm", 9), month_of("2026-10", "P01", "rtm", 11, B)]
    answer = close(tmp_path, [row for rows, _ in made for row in rows], [roll for _, roll in made])
    assert [short(one) for one in answer["results"]] == ["held 99457 [CM-11]", "held 98980 [CM-11]"]


def test_another_patient_or_programme_of_another_practitioner_is_no_second_biller(tmp_path: Path) -> None:
    (ccm, roll), (other, other_roll) = (
        month_of("2026-10", "P01", "ccm", 9),
        month_of("2026-10", "P02", "ccm", 9, B),
    )
    rpm, rpm_roll = month_of("2026-10", "P01", "rpm", 13, B)
    answer = close(tmp_path, [*ccm, *other, *rpm], [roll, other_roll, rpm_roll])
    assert {one["status"] for one in answer["results"]} == {"billable"}


def test_the_third_practitioner_of_pain_management_is_told_and_not_held(tmp_path: Path) -> None:
    """The third is the one whose units were complete last."""
    answer = by_two(tmp_path, "cpm", C, A, B)
    warned = {
        one["practitioner"]: [warning["rule"] for warning in one["warnings"]] for one in answer["results"]
    }
    assert {one["status"] for one in answer["results"]} == {"billable"}
    assert sorted(rule for rules in warned.values() for rule in rules) == ["CPM-13"]
    later = [
        {**row, "start": row["start"].replace("-01T", "-20T"), "end": row["end"].replace("-01T", "-20T")}
        for row in month_of("2026-10", "P01", "cpm", 9, A)[0]
    ]
    made = [month_of("2026-10", "P01", "cpm", 11 + place, who) for place, who in enumerate((B, C))]
    rolls = [roll for _, roll in (month_of("2026-10", "P01", "cpm", 9, A), *made)]
    answer = close(tmp_path, [*later, *(row for rows, _ in made for row in rows)], rolls)
    third = [one["practitioner"] for one in answer["results"] if one["warnings"]]
    assert third == [A]


def test_of_no_months_nothing_is_said() -> None:
    assert beside(pl.DataFrame(), reference()).schema == pl.Schema(BESIDE)
