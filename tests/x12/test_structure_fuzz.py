"""Whatever is done to a file, its structure is judged or the file refused; nothing else is raised."""

import re
from typing import Final

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anodyne.kernel.errors import AnodyneError
from anodyne.x12.edits import EDITS
from anodyne.x12.structure.found import SCHEMA
from tests.x12.seeds import WHOLE, findings, placed_findings, segments_of, written

SEGMENTS = segments_of(WHOLE)
PLACES = st.integers(1, len(SEGMENTS) - 1)
VALUES = st.one_of(
    st.sampled_from(
        ["", "0", "18", "XX", "20261014", "20261014-20261013", "-1.5", "A" * 90, ":", "::", "^", "9" * 30]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="~\n\r"), max_size=12),
)
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["drop", "repeat", "move", "element", "more", "id", "empty"]), PLACES, PLACES, VALUES
    ),
    min_size=1,
    max_size=6,
)


def changed(changes: list[tuple[str, int, int, str]]) -> bytes:
    segments = list(SEGMENTS)
    for what, place, other, value in changes:
        at = min(place, len(segments) - 1)
        elements = segments[at].split("*")
        if what == "drop":
            del segments[at]
        elif what == "repeat":
            segments.insert(at, segments[at])
        elif what == "move":
            segments.insert(min(other, len(segments)), segments.pop(at))
        elif what == "element":
            elements[other % len(elements)] = value
            segments[at] = "*".join(elements)
        elif what == "more":
            segments[at] += "*" * (other % 40) + value
        elif what == "id":
            segments[at] = "*".join([value, *elements[1:]])
        else:
            segments.insert(at, "")
        if len(segments) < 2:
            return written(segments)
    return written(segments)


FRAMES: Final = re.compile(r"(ISA|GS|ST|SE|GE|IEA|HL|NM1)\*")
"""Segments that say where others stand."""
INNER: Final = [
    (at, place)
    for at, segment in enumerate(SEGMENTS)
    if not FRAMES.match(segment)
    for place in range(1, segment.count("*") + 1)
]
DATED: Final = [
    (at, place) for at, place in INNER if re.fullmatch(r"(19|20)\d{6}", SEGMENTS[at].split("*")[place])
]
DAYS: Final = st.sampled_from(["20261111", "20261015", "20150904", "20270230"])
OTHER: Final = st.one_of(st.sampled_from(["1", "9", "AB", "XX", "82", "431", "472", "-5", ":7"]), VALUES)
VALUES_CHANGED: Final = st.lists(
    st.one_of(st.tuples(st.sampled_from(DATED), DAYS), st.tuples(st.sampled_from(INNER), OTHER)),
    min_size=1,
    max_size=8,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VALUES_CHANGED, st.one_of(st.integers(110, 400), st.integers(400, 4000)))
def test_whatever_is_said_in_a_file_the_same_is_found_however_it_is_cut(
    changes: list[tuple[tuple[int, int], str]], size: int
) -> None:
    segments = [segment.split("*") for segment in SEGMENTS]
    for (at, place), value in changes:
        segments[at][place] = value
    data = written(["*".join(elements) for elements in segments])
    assert placed_findings(data, size) == placed_findings(data)


def judged(data: bytes, size: int) -> pl.DataFrame | None:
    try:
        return findings(data, size)
    except AnodyneError:
        return None


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CHANGES, st.sampled_from([200, 900]))
def test_changed_files_are_judged_alike_whatever_the_windows(
    changes: list[tuple[str, int, int, str]], size: int
) -> None:
    data = changed(changes)
    whole = judged(data, 1 << 20)
    cut = judged(data, size)
    assert (whole is None) == (cut is None)
    if whole is not None and cut is not None:
        assert dict(whole.schema) == dict(pl.DataFrame(schema=SCHEMA).schema)
        assert set(whole["rule"]) <= set(EDITS)
        assert (whole["byte"] >= 0).all()
        assert (whole["byte"] < len(data)).all()
        assert placed_findings(data, size) == placed_findings(data)


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=1, max_size=3), st.integers(106, len(WHOLE) - 1))
def test_changed_bytes_are_judged_or_refused(noise: bytes, at: int) -> None:
    data = WHOLE.encode()
    judged(data[:at] + noise + data[at + len(noise) :], 1 << 20)
    judged(data[:at], 1 << 20)
