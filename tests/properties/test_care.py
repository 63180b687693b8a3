"""Whatever the log: a minute counts once at most, and nothing but what was worked decides what counts."""

import datetime as dt
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from anodyne.app.care_month import Month, close_frames
from anodyne.care.clock import Clock
from anodyne.care.counting import Counted, count
from anodyne.cli import care_json
from anodyne.model import frames
from anodyne.model.care import PRACTITIONERS, PROGRAMMES, Program, Role
from anodyne.reference.policy_files import shipped
from tests.claims import reference

OCTOBER, NOVEMBER, MARCH = (dt.date(2026, month, 1) for month in (10, 11, 3))
NEW_YORK: Final = ZoneInfo("America/New_York")
CLOCKS: Final = (Clock(), Clock(NEW_YORK), Clock(ZoneInfo("UTC")), Clock(ZoneInfo("Asia/Kolkata")))
ANCHORS: Final = {
    MARCH: (
        dt.datetime(2026, 3, 8, 7, tzinfo=dt.UTC),  # New York's clocks go forward
        dt.datetime(2026, 3, 1, 5, tzinfo=dt.UTC),
        dt.datetime(2026, 4, 1, 4, tzinfo=dt.UTC),
    ),
    OCTOBER: (dt.datetime(2026, 11, 1, 4, tzinfo=dt.UTC), dt.datetime(2026, 10, 15, tzinfo=dt.UTC)),
    NOVEMBER: (
        dt.datetime(2026, 11, 1, 6, tzinfo=dt.UTC),  # they go back
        dt.datetime(2026, 11, 1, 4, tzinfo=dt.UTC),
    ),
}
"""Midnights at a month's end and days of a change of clocks: entries are put around them."""
PATIENTS, NPIS = ("P1", "P2", "P3"), ("1234567893", "1245319599")
PERFORMERS: Final = (None, "S1", "S2", NPIS[0])
"""Nobody told, two of the staff, and a practitioner who does another's work."""
OFFSETS: Final = tuple(int(hours * 3600) for hours in (-4, -5, 0, 5.5, 14, -11.5))
PLACES: Final = ("11", "12", "10", None)
"""None of them has a hospital bed: a day in one takes away other time of that day, by a rule of its own."""
HOUR: Final = 3600


class Entry(NamedTuple):
    """An interval of work, from second to second of UTC."""

    start: int
    end: int
    patient: str = "P1"
    practitioner: str = NPIS[0]
    performer: str | None = None
    role: str = "physician"
    program: str = "cpm"
    offset: int = -4 * HOUR
    pos: str | None = "11"
    name: str = ""


@dataclass(frozen=True)
class Log:
    """Entries, whom they are for, and how the month is told by them."""

    entries: tuple[Entry, ...]
    month: dt.date
    clock: Clock
    gates: Mapping[str, Mapping[str, dt.date | int]]
    """By patient what an enrolment says of consent and visit."""

    def count(self, month: dt.date | None = None) -> Counted:
        return count(
            time_of(self.entries), enrolments_of(self.gates), month or self.month, self.clock, reference()
        )

    def close(self) -> Month:
        return close_frames(
            time_of(self.entries),
            enrolments_of(self.gates),
            self.month,
            clock=self.clock,
            reference=reference(),
            policies=shipped(),
        )


def time_of(entries: Sequence[Entry]) -> pl.DataFrame:
    """`entries` as the frame that a file of time becomes."""
    moments = [
        (dt.datetime.fromtimestamp(e.start, dt.UTC), dt.datetime.fromtimestamp(e.end, dt.UTC))
        for e in entries
    ]
    rows: list[tuple[object, ...]] = [
        (
            *(key, entry.name, entry.patient, entry.practitioner, entry.performer, entry.role, *moment),
            *(entry.offset, entry.offset, entry.program, "video", entry.pos, []),
        )
        for key, (entry, moment) in enumerate(zip(entries, moments, strict=True))
    ]
    return pl.DataFrame(rows, schema=dict(frames.TIME), orient="row")


def enrolments_of(gates: Mapping[str, Mapping[str, dt.date | int]]) -> pl.DataFrame:
    """Everyone enrolled with everyone in everything, later months unless `gates` say otherwise."""
    sound = {
        "payer": "MEDICARE_B",
        "consent_on": dt.date(2025, 10, 1),
        "consent_covers": ["purpose", "frequency", "cost_sharing"],
        "pain_months": 12.0,
        "pain_finding": "confirmed",
        "conditions": 3,
        "initiated_on": dt.date(2025, 10, 1),
        "plan_on": dt.date(2025, 10, 1),
        "prior_months": 3,
    }
    rows = [
        {
            "patient": patient,
            "practitioner": npi,
            "program": program.value,
            **sound,
            **gates.get(patient, {}),
        }
        for patient in PATIENTS
        for npi in NPIS
        for program in PROGRAMMES
    ]
    return pl.DataFrame(rows, schema=dict(frames.ENROLMENTS)).with_columns(
        enrolment_key=pl.int_range(pl.len(), dtype=pl.UInt32)
    )


def named(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(entry._replace(name=f"E{number:02}") for number, entry in enumerate(entries))


@st.composite
def entries_of(draw: st.DrawFn, month: dt.date, longest: int, around: int) -> Entry:
    """An entry of at most `longest` seconds that begins within `around` of one of the month's anchors."""
    anchor = int(draw(st.sampled_from(ANCHORS[month])).timestamp())
    start = anchor + draw(st.integers(-around, around))
    role = draw(st.sampled_from(Role)).value
    return Entry(
        start,
        start + draw(st.integers(1, longest)),
        draw(st.sampled_from(PATIENTS)),
        draw(st.sampled_from(NPIS)),
        draw(st.sampled_from(PERFORMERS)) if role not in PRACTITIONERS else None,
        role,
        draw(st.sampled_from(Program)).value,
        draw(st.sampled_from(OFFSETS)),
        draw(st.sampled_from(PLACES)),
    )


@st.composite
def gates_of(draw: st.DrawFn, month: dt.date) -> dict[str, dt.date | int]:
    """Consent, its revocation and a first visit on days of the month; most often none of them."""
    day = st.integers(0, 30).map(lambda days: month + dt.timedelta(days=days))
    told: dict[str, dt.date | int] = {}
    for name, chance in (("consent_on", 3), ("consent_revoked_on", 4), ("initiated_on", 3)):
        if draw(st.integers(0, chance)) == 0:
            told[name] = draw(day)
    if "initiated_on" in told:
        told["prior_months"] = 0
    return told


@st.composite
def logs(
    draw: st.DrawFn, *, least: int = 1, most: int = 9, longest: int = 4 * HOUR, around: int = 3 * HOUR
) -> Log:
    """A log of one month, of people who overlap more often than they should."""
    month = draw(st.sampled_from((MARCH, OCTOBER, NOVEMBER)))
    some = draw(st.lists(entries_of(month, longest, around), min_size=least, max_size=most))
    gates = {patient: draw(gates_of(month)) for patient in PATIENTS[:2]}
    return Log(named(some), month, draw(st.sampled_from(CLOCKS)), gates)


def persons(entry: Entry) -> set[str]:
    """Whose minutes an entry takes: the performer's, and a practitioner's own."""
    own = {entry.practitioner} if entry.role in PRACTITIONERS else set()
    return own | ({entry.performer} if entry.performer else set())


def conflict(one: Entry, other: Entry) -> bool:
    """Whether a second that both hold would count twice, as the contract of the files has it."""
    claimed = "none" not in {one.program, other.program}
    if one.patient == other.patient:
        return claimed
    return bool(persons(one) & persons(other))


def shared(one: Entry, other: Entry) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def window(log: Log, entry: Entry, month: dt.date | None = None) -> tuple[int, int]:
    """From which second to which the month is, where `entry` was written."""
    first = month or log.month
    after = dt.date(first.year, first.month + 1, 1)
    zone = log.clock.zone or dt.timezone(dt.timedelta(seconds=entry.offset))
    begins, ends = (int(dt.datetime.combine(day, dt.time(), zone).timestamp()) for day in (first, after))
    return begins, ends


def union(intervals: Iterable[tuple[int, int]]) -> int:
    """How many seconds lie in any of `intervals`."""
    total, reached = 0, -(1 << 60)
    for start, end in sorted(intervals):
        total += max(0, end - max(start, reached))
        reached = max(reached, end)
    return total


def counted(of: Counted) -> dict[str, int]:
    """The seconds of each entry that count."""
    seconds = of.pieces.group_by("entry_id").agg(pl.col("counted_seconds").sum())
    return dict(seconds.iter_rows())


def told(month: Month) -> bytes:
    out = io.BytesIO()
    care_json.write(month, out)
    return out.getvalue()


def standing(month: Month) -> dict[tuple[str, ...], tuple[int, str, str]]:
    """What each month comes to."""
    columns = ("patient", "practitioner", "program", "counted_seconds", "codes", "status")
    return {
        (patient, npi, program): (seconds, str(codes), status)
        for patient, npi, program, seconds, codes, status in month.results.select(columns).iter_rows()
    }


@settings(deadline=None, max_examples=80)
@given(logs())
def test_nobody_gets_more_than_the_clock_shows(log: Log) -> None:
    """Of neighbouring months together: what one leaves, the other must not take twice."""
    before = dt.date(log.month.year, log.month.month - 1, 1)
    after = dt.date(log.month.year, log.month.month + 1, 1)
    seconds: dict[str, int] = defaultdict(int)
    for month in (before, log.month, after):
        for name, some in counted(log.count(month)).items():
            seconds[name] += some
    whose: tuple[Callable[[Entry], set[str]], ...] = (lambda entry: {entry.patient}, persons)
    for of in whose:
        for one in {name for entry in log.entries for name in of(entry)}:
            mine = [entry for entry in log.entries if one in of(entry) and entry.program != "none"]
            got = sum(seconds[entry.name] for entry in mine)
            assert got <= union((entry.start, entry.end) for entry in mine)


@settings(deadline=None, max_examples=25)
@given(logs(), st.data())
def test_the_order_of_rows_changes_nothing(log: Log, data: st.DataObject) -> None:
    turned = data.draw(st.permutations(log.entries))
    assert told(log.close()) == told(replace(log, entries=tuple(turned)).close())


@settings(deadline=None, max_examples=80)
@given(logs(least=2))
def test_another_entry_takes_no_more_than_the_seconds_that_it_shares(log: Log) -> None:
    """The last entry is the one that is added.

    A month that is then billed as the practitioner's own time leaves staff's out: that is what it earns, not
    what is disputed, and `tests/care` has it.
    """
    *some, added = log.entries
    before = counted(replace(log, entries=tuple(some)).count())
    after = counted(log.count())
    for entry in some:
        if entry.name in before:
            lost = shared(entry, added) if conflict(entry, added) else 0
            assert before[entry.name] - lost <= after[entry.name] <= before[entry.name]


@settings(deadline=None, max_examples=25)
@given(logs(least=2, most=6))
def test_another_entry_leaves_the_months_of_those_with_whom_it_shares_nothing(log: Log) -> None:
    *some, added = log.entries
    touched = {entry.patient for entry in some if shared(entry, added)} | {added.patient}
    before, after = standing(replace(log, entries=tuple(some)).close()), standing(log.close())
    assert {who: what for who, what in before.items() if who[0] not in touched} == {
        who: what for who, what in after.items() if who[0] not in touched
    }


@settings(deadline=None, max_examples=30)
@given(logs(most=6), st.data())
def test_an_entry_in_two_parts_is_the_same_time(log: Log, data: st.DataObject) -> None:
    """To be read from the other side: to merge two that touch changes nothing either."""
    whole = data.draw(st.sampled_from(log.entries))
    assume(whole.end - whole.start > 1)
    cut = data.draw(st.integers(whole.start + 1, whole.end - 1))
    parts = whole._replace(end=cut), whole._replace(start=cut, name=f"{whole.name}b")
    split = replace(log, entries=(*(entry for entry in log.entries if entry != whole), *parts))
    assert standing(split.close()) == standing(log.close())


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 12 * HOUR),
    st.floats(0, 1),
    st.sampled_from(CLOCKS),
    st.sampled_from(OFFSETS),
    st.sampled_from(((OCTOBER, NOVEMBER), (dt.date(2026, 2, 1), MARCH))),
)
def test_two_months_hold_all_of_an_entry_over_their_midnight(
    length: int, before: float, clock: Clock, offset: int, months: tuple[dt.date, dt.date]
) -> None:
    zone = clock.zone or dt.timezone(dt.timedelta(seconds=offset))
    midnight = int(dt.datetime.combine(months[1], dt.time(), zone).timestamp())
    start = midnight - int(length * before)
    log = Log(named([Entry(start, start + length, offset=offset)]), months[0], clock, {})
    first, second = (sum(counted(log.count(month)).values()) for month in months)
    assert (first, second) == (midnight - start, start + length - midnight)


@settings(deadline=None, max_examples=80)
@given(logs(longest=40, around=60))
def test_counting_second_by_second_comes_to_the_same(log: Log) -> None:
    gates = {patient: log.gates.get(patient, {}) for patient in PATIENTS}
    for entry in log.entries:
        begins, ends = window(log, entry)
        zone = log.clock.zone or dt.timezone(dt.timedelta(seconds=entry.offset))
        gate = gates[entry.patient]
        kept = entry.role in PRACTITIONERS or entry.program != "cpm"
        opens, closes = (gate.get(name) for name in ("consent_on", "consent_revoked_on"))
        visit = gate.get("initiated_on") if entry.program in {"cpm", "ccm", "complex_ccm", "pcm"} else None
        month_ends = dt.date(log.month.year, log.month.month + 1, 1)
        by_hand = 0
        for second in range(max(entry.start, begins), min(entry.end, ends)):
            day = dt.datetime.fromtimestamp(second, zone).date()
            others = (other for other in log.entries if other != entry and other.start <= second < other.end)
            late = any(isinstance(on, dt.date) and day < on < month_ends for on in (opens, visit))
            revoked = isinstance(closes, dt.date) and day >= closes
            by_hand += kept and not (late or revoked or any(conflict(entry, other) for other in others))
        found = counted(log.count()).get(entry.name, 0)
        assert found == (by_hand if entry.program in PROGRAMMES else 0), entry


@settings(deadline=None, max_examples=60)
@given(logs(longest=2 * HOUR, around=HOUR))
def test_each_overlap_is_told_once_whole_and_from_either_side(log: Log) -> None:
    """Of two entries what lies in the month of either; seconds of another month are told there."""
    expected = {}
    for number, one in enumerate(log.entries):
        for other in log.entries[number + 1 :]:
            begins, ends = zip(window(log, one), window(log, other), strict=True)
            start = max(one.start, other.start, min(begins))
            length = min(one.end, other.end, max(ends)) - start
            if length > 0 and conflict(one, other):
                expected[frozenset((one.name, other.name))] = length
    rows = [*log.count().conflicts.select("one", "other", "overlap_seconds").iter_rows()]
    assert {frozenset((one, other)): length for one, other, length in rows} == expected
    assert len(rows) == len(expected)
    turned = replace(log, entries=tuple(reversed(log.entries))).count().conflicts
    assert [*turned.select("one", "other", "overlap_seconds").iter_rows()] == rows
