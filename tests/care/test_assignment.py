"""The best compliant month: the solver against a look at every assignment, and what is then proposed."""

from collections.abc import Iterator, Mapping
from itertools import combinations, product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anodyne.care.assignment import Choice, Movable, Problem, best, others
from anodyne.care.earning import ANYONE, NO_LIMIT, OWN, Block, Ladder
from tests.care.desk import STAFF, A, Answer, B, Row, close, enrolled, put, spent

MARKS = ("entry_id", "programs", "marked_by", "marked_on")


def earned(problem: Problem, program: str, own: int, everyone: int) -> dict[str, int]:
    """What closing a month finds for these seconds; nothing where a unit edit stands against it."""
    for ladder in problem.ladders.get(program, ()):
        seconds = own if ladder.whose == OWN else everyone
        if seconds < ladder.least:
            continue
        first, further = ladder.first, ladder.next
        if seconds < first.seconds:
            return {ladder.short.code: 1} if ladder.short else {}
        units = min(further.most, (seconds - first.seconds) // further.seconds) if further else 0
        if further and units > further.edit:
            return {}
        return {first.code: 1} | ({further.code: units} if further and units else {})
    return {}


def billed(problem: Problem, programs: Mapping[str, str]) -> Iterator[dict[str, int]]:
    """Every set of codes that may stand together where entries go to `programs`."""
    own = {program: problem.fixed.get((program, OWN), 0) for program in problem.ladders}
    everyone = {program: problem.fixed.get((program, ANYONE), 0) for program in problem.ladders}
    for entry in problem.movable:
        there = programs[entry.entry_id]
        if there in everyone:
            everyone[there] += entry.seconds[there]
            own[there] += entry.seconds[there] if entry.own else 0
    of_program = {program: earned(problem, program, own[program], everyone[program]) for program in own}
    earning = [program for program, codes in of_program.items() if codes]
    for count in range(len(earning) + 1):
        for some in combinations(earning, count):
            names = {*some, *(code for program in some for code in of_program[program])}
            if not any({one, other} <= names for one, other in problem.apart):
                yield {code: units for program in some for code, units in of_program[program].items()}


def every(problem: Problem, settled: Mapping[str, str] | None = None) -> Iterator[tuple[int, dict[str, str]]]:
    """Each assignment with the most cents that it bills."""
    for one in product(*(entry.seconds for entry in problem.movable)):
        programs = {entry.entry_id: there for entry, there in zip(problem.movable, one, strict=True)}
        if settled is None or programs == settled:
            yield (
                max(
                    sum(problem.cents.get(code, 0) * units for code, units in codes.items())
                    for codes in billed(problem, programs)
                ),
                programs,
            )


PROGRAMS = ("p", "q", "r")


@st.composite
def ladders(draw: st.DrawFn, program: str) -> tuple[Ladder, ...]:
    def ladder(whose: str) -> Ladder:
        first = draw(st.integers(2, 9))
        further = draw(st.none() | st.integers(1, 5))
        most, edit = (draw(st.sampled_from([1, 2, 3, NO_LIMIT])) for _ in range(2))
        name = f"{program}-{whose}"
        return Ladder(
            program,
            whose,
            Block(f"{name}-first", first),
            None if further is None else Block(f"{name}-next", further, most, edit),
            Block(f"{name}-short", draw(st.integers(1, first - 1))) if draw(st.booleans()) else None,
        )

    whose = draw(st.sampled_from([(OWN,), (ANYONE,), (OWN, ANYONE)]))
    made = tuple(ladder(one) for one in whose)
    if len(made) == 2:
        made = (Ladder(program, OWN, made[0].first, made[0].next, None), made[1])
    return made


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """A few entries of a few seconds, and ladders of a few seconds a block."""
    known = {program: draw(ladders(program)) for program in PROGRAMS}
    codes = [
        block.code
        for some in known.values()
        for ladder in some
        for block in (ladder.first, ladder.next, ladder.short)
        if block
    ]
    movable = []
    for number in range(draw(st.integers(1, 4))):
        seconds = draw(st.dictionaries(st.sampled_from(PROGRAMS), st.integers(0, 12), min_size=1, max_size=3))
        movable.append(
            Movable(f"E{number}", draw(st.sampled_from(sorted(seconds))), draw(st.booleans()), seconds)
        )
    fixed: dict[tuple[str, str], int] = {}
    for program in PROGRAMS:
        own, staff = draw(st.integers(0, 9)), draw(st.integers(0, 9))
        fixed |= {(program, OWN): own, (program, ANYONE): own + staff}
    cents = draw(st.dictionaries(st.sampled_from(codes), st.integers(1, 20_000)))
    names = st.sampled_from([*(code for code in codes if "next" not in code), *PROGRAMS])
    apart = draw(st.lists(st.tuples(names, names).filter(lambda pair: pair[0] != pair[1]), max_size=3))
    apart = [pair for pair in apart if pair[0].split("-")[0] != pair[1].split("-")[0]]
    return Problem(fixed, movable, known, cents, apart)


@settings(deadline=None, max_examples=100)
@given(problems())
def test_the_best_choice_bills_what_the_best_of_all_assignments_does(problem: Problem) -> None:
    choice = best(problem)
    most = max(cents for cents, _ in every(problem))
    assert choice.cents == most
    assert choice.cents == sum(problem.cents.get(code, 0) * units for code, units in choice.codes.items())
    assert choice.programs.keys() == {entry.entry_id for entry in problem.movable}
    assert all(choice.programs[entry.entry_id] in entry.seconds for entry in problem.movable)
    (again,) = (cents for cents, _ in every(problem, choice.programs))
    assert again == most


@settings(deadline=None, max_examples=40)
@given(problems())
def test_of_choices_that_bill_the_same_the_one_that_moves_least_is_taken(problem: Problem) -> None:
    def moves(programs: Mapping[str, str]) -> int:
        return sum(programs[entry.entry_id] != entry.program for entry in problem.movable)

    choice = best(problem)
    assert moves(choice.programs) == min(
        moves(programs) for cents, programs in every(problem) if cents == choice.cents
    )


@settings(deadline=None, max_examples=40)
@given(problems())
def test_what_excludes_each_other_is_never_billed_together(problem: Problem) -> None:
    for choice in (best(problem), *(other for _, other in others(problem))):
        names = {*choice.codes, *(code.split("-")[0] for code in choice.codes)}
        assert not any({one, other} <= names for one, other in problem.apart)


@settings(deadline=None, max_examples=40)
@given(problems())
def test_as_logged_and_all_to_one_are_what_such_a_log_bills(problem: Problem) -> None:
    told: dict[str, Choice] = dict(others(problem))
    assert told.keys() == {"", *(program for entry in problem.movable for program in entry.seconds)}
    for program, choice in told.items():
        settled = {
            entry.entry_id: program if program in entry.seconds else entry.program
            for entry in problem.movable
        }
        assert choice.programs == settled
        assert choice.cents == max(cents for cents, _ in every(problem, settled))


def proposed(folder: Path, time: list[Row], rolls: list[Row], marks: Mapping[str, str]) -> list[Answer]:
    """What is proposed where a person marked entries as counting to several programmes."""
    rows = [
        dict(zip(MARKS, (entry, programs, "Dr. Made Up", "2026-10-30"), strict=True))
        for entry, programs in marks.items()
    ]
    time = [{**row, "entry_id": f"E{number}"} for number, row in enumerate(time, 1)]
    options = ("--choices", str(put(folder / "choices.csv", rows, MARKS)))
    answer = close(folder, time, rolls, "2026-10", *options)
    assert [answer["results"], answer["conflicts"]] == [
        *(close(folder, time, rolls)[name] for name in ("results", "conflicts"))
    ]
    found: list[Answer] = answer["proposals"]
    return found


VISIT, CALL = spent("2026-10-06 09:00", "25:00"), spent("2026-10-07 09:00", "20:00", program="ccm")
BOTH = [enrolled(), enrolled("ccm")]


def test_what_bills_more_is_proposed_beside_what_is_logged(tmp_path: Path) -> None:
    (one,) = proposed(tmp_path, [VISIT, CALL], BOTH, {"E2": "cpm;ccm"})
    assert (one["patient"], one["practitioner"], one["applied"]) == ("P01", A, False)
    assert one["marked_by"] == ["Dr. Made Up"]
    assert one["why"] == "completes G3002 ×1, G3003 ×1 in place of 99490 ×1"
    logged, chosen = one["logged"], one["best"]
    assert (logged["codes"], logged["moves"]) == ([{"code": "99490", "units": 1}], [])
    assert chosen["codes"] == [{"code": "G3002", "units": 1}, {"code": "G3003", "units": 1}]
    assert chosen["moves"] == [{"entry_id": "E2", "from": "ccm", "to": "cpm"}]
    assert chosen["allowed_cents"] > logged["allowed_cents"] > 0
    alternatives = {other["all_to"]: other["allowed_cents"] for other in one["alternatives"]}
    assert alternatives == {"cpm": chosen["allowed_cents"], "ccm": logged["allowed_cents"]}


@pytest.mark.parametrize(
    "marks", [{}, {"E2": "ccm"}, {"E1": "cpm"}, {"E2": "ccm;bhi"}], ids=["none", "its own", "both", "unknown"]
)
def test_what_nobody_marked_is_not_moved(tmp_path: Path, marks: Mapping[str, str]) -> None:
    """Nor to a programme in which the patient is not enrolled."""
    assert proposed(tmp_path, [VISIT, CALL], BOTH, marks) == []


def test_nothing_is_moved_to_a_programme_that_is_held_for_its_own_gates(tmp_path: Path) -> None:
    rolls = [enrolled(pain_months="3"), enrolled("ccm")]
    assert proposed(tmp_path, [VISIT, CALL], rolls, {"E2": "cpm;ccm"}) == []


def test_staff_is_not_moved_to_where_only_a_practitioners_time_counts(tmp_path: Path) -> None:
    time = [VISIT, spent("2026-10-07 09:00", "20:00", program="ccm", **STAFF)]
    assert proposed(tmp_path, time, BOTH, {"E2": "cpm;ccm"}) == []


def test_time_that_would_not_count_there_is_not_moved_there(tmp_path: Path) -> None:
    """Consent to pain management came after the call."""
    rolls = [enrolled(consent_on="2026-10-20"), enrolled("ccm")]
    time = [spent("2026-10-21 09:00", "25:00"), CALL]
    assert proposed(tmp_path, time, rolls, {"E2": "cpm;ccm"}) == []


def test_programmes_that_exclude_each_other_are_not_both_billed(tmp_path: Path) -> None:
    """One call to each of chronic and principal care would earn two codes of which one is not paid."""
    time = [
        spent("2026-10-06 09:00", "20:00", program="ccm", **STAFF),
        spent("2026-10-07 09:00", "30:00", program="ccm", **STAFF),
    ]
    rolls = [enrolled("ccm"), enrolled("pcm")]
    for one in proposed(tmp_path, time, rolls, {"E1": "ccm;pcm", "E2": "ccm;pcm"}):
        codes = {code["code"] for code in one["best"]["codes"]}
        assert not codes & {"99426", "99427"} or not codes & {"99490", "99439"}


def test_what_closing_would_not_bill_is_not_proposed(tmp_path: Path) -> None:
    """Principal care would pay more than chronic care, and the edit pays chronic care all the same."""
    time = [
        spent("2026-10-06 09:00", "20:00", program="ccm", **STAFF),
        spent("2026-10-07 09:00", "60:00", program="bhi"),
    ]
    rolls = [enrolled("ccm"), enrolled("pcm"), enrolled("bhi")]
    assert proposed(tmp_path, time, rolls, {"E2": "bhi;pcm"}) == []


def test_an_entry_that_takes_a_month_over_its_unit_edit_may_make_room(tmp_path: Path) -> None:
    """A fifth unit of G3003 would hold all of the month; two minutes less, and four are billable."""
    time = [
        spent("2026-10-06 09:00", "104:00"),
        spent("2026-10-07 09:00", "2:00"),
        spent("2026-10-08 09:00", "20:00", program="ccm", **STAFF),
    ]
    (one,) = proposed(tmp_path, time, BOTH, {"E2": "cpm;ccm"})
    assert [code["code"] for code in one["logged"]["codes"]] == ["99490"]
    assert {code["code"]: code["units"] for code in one["best"]["codes"]} == {
        "99490": 1,
        "G3002": 1,
        "G3003": 4,
    }


@pytest.mark.parametrize("logged", ["ccm", "rpm"])
def test_a_code_without_a_price_is_neither_proposed_nor_given_up(tmp_path: Path, logged: str) -> None:
    """99470 is earned at ten minutes of monitoring, and nothing says what it pays."""
    time = [
        spent("2026-10-06 09:00", "10:00", program="ccm", **STAFF),
        spent("2026-10-07 09:00", "12:00", program=logged, **STAFF),
    ]
    rolls = [enrolled("ccm"), enrolled("rpm")]
    assert proposed(tmp_path, time, rolls, {"E2": "ccm;rpm"}) == []


def test_a_code_without_a_price_that_stays_is_in_nobodys_way(tmp_path: Path) -> None:
    monitoring = spent("2026-10-08 09:00", "12:00", program="rpm", **STAFF)
    (one,) = proposed(tmp_path, [VISIT, CALL, monitoring], [*BOTH, enrolled("rpm")], {"E2": "cpm;ccm"})
    assert one["why"] == "completes G3002 ×1, G3003 ×1 in place of 99490 ×1"


def test_each_patient_and_practitioner_is_looked_at_alone(tmp_path: Path) -> None:
    time = [
        *(VISIT, CALL),
        {**VISIT, "patient": "P02", "practitioner": B},
        {**CALL, "patient": "P02", "practitioner": B},
    ]
    rolls = [*BOTH, *({**roll, "patient": "P02", "practitioner": B} for roll in BOTH)]
    found = proposed(tmp_path, time, rolls, {"E2": "cpm;ccm", "E4": "cpm;ccm"})
    assert [(one["patient"], one["practitioner"]) for one in found] == [("P01", A), ("P02", B)]
    assert [move["entry_id"] for one in found for move in one["best"]["moves"]] == ["E2", "E4"]
