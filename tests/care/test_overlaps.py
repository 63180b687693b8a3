"""Intervals that overlap: each pair once, each second of each once, and what a reader is told of them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anodyne.care.overlaps import Overlaps, Pieces, Rivals, disputed, overlapping
from tests.care.desk import STAFF, A, Answer, B, Row, close, enrolled, of, spent

Interval = tuple[int, int]


def found(intervals: Sequence[Interval], *groups: Sequence[int]) -> Overlaps:
    starts = np.array([start for start, _ in intervals], np.int64)
    ends = np.array([end for _, end in intervals], np.int64)
    return overlapping(starts, ends, [np.array(group, np.int64) for group in groups])


def pairs(overlaps: Overlaps) -> list[tuple[int, int, int, int]]:
    columns = (overlaps.one, overlaps.other, overlaps.start, overlaps.end)
    return [*zip(*(column.tolist() for column in columns), strict=True)]


intervals = st.lists(
    st.tuples(st.integers(-20, 20), st.integers(1, 15)).map(lambda at: (at[0], at[0] + at[1])), max_size=12
)


@pytest.mark.parametrize(
    ("some", "told"),
    [
        ([(0, 10), (10, 20)], []),
        ([(0, 10), (9, 20)], [(0, 1, 9, 10)]),
        ([(0, 30), (10, 20)], [(0, 1, 10, 20)]),
        ([(0, 10), (0, 10)], [(0, 1, 0, 10)]),
        ([(5, 9), (0, 7), (6, 20)], [(0, 1, 5, 7), (0, 2, 6, 9), (1, 2, 6, 7)]),
        ([(0, 10)], []),
        ([], []),
    ],
    ids=["touching", "a second", "inside", "the same", "three", "one", "none"],
)
def test_intervals_that_share_a_second_are_a_pair(
    some: list[Interval], told: list[tuple[int, int, int, int]]
) -> None:
    assert pairs(found(some, [7] * len(some))) == told


def test_only_those_of_one_group_are_a_pair_and_below_0_is_none() -> None:
    some = [(0, 10)] * 5
    assert [pair[:2] for pair in pairs(found(some, [0, 1, 0, -1, -1]))] == [(0, 2)]
    assert pairs(found(some)) == []


def test_a_pair_that_shares_two_groups_is_told_once() -> None:
    told = pairs(found([(0, 10), (5, 15)], [3, 3], [0, 0], [0, 1]))
    assert told == [(0, 1, 5, 10)]


@settings(deadline=None)
@given(intervals, st.data())
def test_pairs_are_those_that_looking_at_each_finds(some: list[Interval], data: st.DataObject) -> None:
    one_each = st.lists(st.integers(-1, 2), min_size=len(some), max_size=len(some))
    groups = data.draw(st.lists(one_each, min_size=1, max_size=3))
    by_hand = [
        (one, other, max(some[one][0], some[other][0]), min(some[one][1], some[other][1]))
        for one in range(len(some))
        for other in range(one + 1, len(some))
        if any(group[one] == group[other] >= 0 for group in groups)
        and max(some[one][0], some[other][0]) < min(some[one][1], some[other][1])
    ]
    assert pairs(found(some, *groups)) == by_hand


def told_of(parts: Pieces) -> list[tuple[int, int]]:
    """Each part as its seconds, with whose they are."""
    columns = (parts.whose, parts.start, parts.end)
    return [
        (whose, second)
        for whose, start, end in zip(*(column.tolist() for column in columns), strict=True)
        for second in range(start, end)
    ]


@settings(deadline=None)
@given(intervals, st.data())
def test_each_disputed_second_of_an_interval_is_in_one_part(
    some: list[Interval], data: st.DataObject
) -> None:
    """Rivals share a group and, where claimants are told, are not of one claimant."""
    each = st.lists(st.integers(-1, 2), min_size=len(some), max_size=len(some))
    rivals = [(data.draw(each), data.draw(st.none() | each)) for _ in range(data.draw(st.integers(1, 2)))]

    def disputes(one: int, other: int) -> bool:
        return any(
            group[one] == group[other] >= 0 and (claimant is None or claimant[one] != claimant[other])
            for group, claimant in rivals
        )

    by_hand = {
        (one, second)
        for one, (start, end) in enumerate(some)
        for second in range(start, end)
        if any(
            at != one and begins <= second < ends and disputes(one, at)
            for at, (begins, ends) in enumerate(some)
        )
    }
    starts, ends = (np.array([at[place] for at in some], np.int64) for place in (0, 1))
    parts = disputed(
        starts,
        ends,
        [
            Rivals(np.array(group, np.int64), None if claimant is None else np.array(claimant, np.int64))
            for group, claimant in rivals
        ],
    )
    seconds = told_of(parts)
    assert len(seconds) == len({*seconds})
    assert {*seconds} == by_hand
    begins = data.draw(st.integers(-25, 25))
    ceases = begins + data.draw(st.integers(0, 30))
    window = np.full(len(some), begins), np.full(len(some), ceases)
    assert parts.within(*window).tolist() == [
        sum(whose == one and begins <= second < ceases for whose, second in by_hand)
        for one in range(len(some))
    ]


def test_of_nothing_nothing_is_disputed() -> None:
    nothing = np.zeros(0, np.int64)
    assert told_of(disputed(nothing, nothing, [Rivals(nothing), Rivals(nothing, nothing)])) == []
    assert told_of(disputed(nothing, nothing, [])) == []


def test_parts_of_many_who_never_meet_stay_apart() -> None:
    """Places and seconds become one number inside: a million people of a whole month fit."""
    last = 1_000_000
    starts = np.array([0, 0, 2_678_000, 2_678_000], np.int64)
    group = np.array([0, 0, last, last], np.int64)
    overlaps = overlapping(starts, starts + 600, [group])
    assert pairs(overlaps) == [(0, 1, 0, 600), (2, 3, 2_678_000, 2_678_600)]
    parts = disputed(starts, starts + 600, [Rivals(group), Rivals(group, np.arange(4))])
    assert parts.within(starts, starts + 600).tolist() == [600] * 4


def test_of_many_pairs_so_many_of_each_are_told_and_the_rest_is_counted() -> None:
    everyone = [np.zeros(10, np.int64)]
    starts = np.zeros(10, np.int64)
    some = overlapping(starts, starts + 60, everyone, most=3)
    assert (len(some.one), some.left_out) == (6 * 3 + 3 + 2 + 1, 45 - 24)
    every = overlapping(starts, starts + 60, everyone)
    assert (len(every.one), every.left_out) == (45, 0)
    assert {*pairs(some)} <= {*pairs(every)}


def closed(folder: Path, *time: Row, month: str = "2026-10") -> Answer:
    """A month in which P01 and P02 are enrolled in pain and chronic care with both practitioners."""
    rolls = [
        enrolled(program, patient=patient, practitioner=who)
        for program in ("cpm", "ccm")
        for patient in ("P01", "P02")
        for who in (A, B)
    ]
    return close(
        folder, [{**row, "entry_id": f"E{number}"} for number, row in enumerate(time, 1)], rolls, month
    )


def test_both_entries_of_an_overlap_are_told_with_what_they_share(tmp_path: Path) -> None:
    answer = closed(
        tmp_path,
        spent("2026-10-06 09:00", "30:00"),
        spent("2026-10-06 09:20", "40:00", program="em"),
        spent("2026-10-06 09:57:30", "20:31", patient="P02"),
        spent("2026-10-06 10:18", "0:30", patient="P02"),
    )
    assert answer["conflicts"] == [
        {
            "rule": "CPM-11",
            "entries": ["E1", "E2"],
            "overlap_seconds": 600,
            "message": "E1 (cpm) and E2 (em) share 10 min of one patient: counted for neither until it is "
            "resolved",
        },
        {
            "rule": "CPM-11",
            "entries": ["E2", "E3"],
            "overlap_seconds": 150,
            "message": "E2 (em) and E3 (cpm) share 2 min 30 s of one person for two patients: counted for "
            "neither until it is resolved",
        },
        {
            "rule": "CPM-11",
            "entries": ["E3", "E4"],
            "overlap_seconds": 1,
            "message": "E3 (cpm) and E4 (cpm) share 1 s of one patient: counted for neither until it is "
            "resolved",
        },
    ]
    (entry,) = of(answer)["entries"]
    assert (entry["counted_seconds"], entry["excluded_seconds"]) == (1200, 600)
    assert entry["why"] == "overlaps E2: the minutes shared count for neither"
    third, fourth = of(answer, "P02")["entries"]
    assert third["why"] == "overlaps E2, E4: the minutes shared count for neither"
    assert (third["counted_seconds"], fourth["counted_seconds"]) == (1231 - 151, 29)


def test_of_many_that_overlap_an_entry_the_first_few_are_named_at_it(tmp_path: Path) -> None:
    visits = [spent(f"2026-10-06 09:0{minute}", "1:00", program="em") for minute in range(1, 8)]
    answer = closed(tmp_path, spent("2026-10-06 09:00", "30:00"), *visits)
    assert len(answer["conflicts"]) == 7
    (entry,) = of(answer)["entries"]
    named = "E2, E3, E4, E5, E6 and others"
    assert (entry["counted_seconds"], entry["why"]) == (
        23 * 60,
        f"overlaps {named}: the minutes shared count for neither",
    )


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_that_begin_together_the_lesser_id_stands_first(tmp_path: Path, *, turned: bool) -> None:
    time = [{**spent("2026-10-06 09:00", "30:00"), "entry_id": name} for name in ("E1", "E2", "E10")]
    answer = close(tmp_path, time[:: -1 if turned else 1], [enrolled()])
    assert [one["entries"] for one in answer["conflicts"]] == [["E1", "E10"], ["E1", "E2"], ["E10", "E2"]]


def test_a_practitioner_who_does_the_work_of_another_is_one_person(tmp_path: Path) -> None:
    """The performer is told by NPI: the nurse practitioner cannot be with two patients at once."""
    helping = {"practitioner": A, "role": "clinical_staff", "program": "ccm", "patient": "P02"}
    answer = closed(
        tmp_path,
        spent("2026-10-06 09:00", "30:00", practitioner=B, role="np"),
        spent("2026-10-06 09:00", "20:00", performer=B, **helping),
    )
    assert [one["entries"] for one in answer["conflicts"]] == [["E1", "E2"]]
    assert of(answer, practitioner=B)["counted_seconds"] == 600
    assert of(answer, "P02", "ccm")["counted_seconds"] == 0


def test_two_practitioners_and_two_of_the_staff_may_work_at_once(tmp_path: Path) -> None:
    answer = closed(
        tmp_path,
        spent("2026-10-06 09:00", "30:00"),
        spent("2026-10-06 09:00", "30:00", practitioner=B, patient="P02"),
        spent("2026-10-06 10:00", "30:00", program="ccm", **STAFF),
        spent("2026-10-06 10:00", "30:00", program="ccm", patient="P02", **{**STAFF, "performer": "S2"}),
        spent("2026-10-06 11:00", "30:00", program="ccm", **{**STAFF, "performer": ""}),
        spent("2026-10-06 11:00", "30:00", program="ccm", patient="P02", **{**STAFF, "performer": ""}),
    )
    assert answer["conflicts"] == []


def test_seconds_that_two_offsets_put_into_two_months_count_in_neither(tmp_path: Path) -> None:
    """23:00 to 23:30 of October by one clock are 03:00 to 03:30 of November by the other."""
    time = (
        spent("2026-10-31 23:00", "30:00", offset="-04:00"),
        spent("2026-11-01 03:10", "50:00", offset="+00:00"),
    )
    october, november = closed(tmp_path, *time), closed(tmp_path, *time, month="2026-11")
    for answer in (october, november):
        assert [(one["entries"], one["overlap_seconds"]) for one in answer["conflicts"]] == [
            (["E1", "E2"], 1200)
        ]
    (first,), (second,) = of(october)["entries"], of(november)["entries"]
    assert (first["entry_id"], first["counted_seconds"], first["excluded_seconds"]) == ("E1", 600, 1200)
    assert (second["entry_id"], second["counted_seconds"], second["excluded_seconds"]) == ("E2", 1800, 1200)


def test_time_claimed_for_nothing_takes_a_persons_minutes_and_no_patients(tmp_path: Path) -> None:
    answer = closed(
        tmp_path,
        spent("2026-10-06 09:00", "30:00"),
        spent("2026-10-06 09:00", "10:00", program="none"),
        spent("2026-10-06 09:20", "20:00", program="none", patient="P02"),
    )
    assert [one["entries"] for one in answer["conflicts"]] == [["E1", "E3"]]
    assert of(answer)["counted_seconds"] == 1200
