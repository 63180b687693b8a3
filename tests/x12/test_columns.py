"""Offsets to typed columns, against what Python itself makes of the same text."""

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anodyne.x12 import columns
from anodyne.x12.columns import Reading
from anodyne.x12.delimiters import Delimiters
from anodyne.x12.segments import Segments, index, packed

DELIMITERS = Delimiters(*map(ord, "*:^~"))


def segments(data: bytes, delimiters: Delimiters = DELIMITERS) -> Segments:
    """A window of the whole of `data`."""
    found = index(np.frombuffer(data, np.uint8), delimiters, b"")
    return Segments(
        delimiters, found.data, found.start, found.end, 0, 0, 0, found.places, 0, data, _is_utf8(data)
    )


def read(
    reading: Reading, values: Sequence[str], encoding: str = "utf-8", component: str = ":"
) -> list[object]:
    """The values as one column, each the first element of a segment of its own."""
    marks = Delimiters(ord("*"), ord(component), ord("^"), ord("~"))
    window = segments("".join(f"REF*{value}~" for value in values).encode(encoding), marks)
    column = reading(window, *window.element(np.arange(len(window)), 1))
    column.validate(full=True)
    return list(column.to_pylist())


PRINTABLE = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_characters="*:^~\x7f"), max_size=30
)
NUMERIC = st.one_of(
    st.from_regex(r"-?[0-9]{0,9}(\.[0-9]{0,4})?", fullmatch=True),
    st.text("0123456789.-+e ", max_size=22),
    st.decimals(allow_nan=False, allow_infinity=False, places=2).map(str),
)


def as_decimal(text: str, places: int) -> Decimal | None:
    """What `text` is as a number of at most `places` decimals; X12 writes no exponent and no plus."""
    if not re.fullmatch(r"-?[0-9]*\.?[0-9]*", text) or len(text.removeprefix("-")) > 18:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value == value.quantize(Decimal(1).scaleb(-places)) else None


@settings(deadline=None)
@given(st.lists(NUMERIC, min_size=1, max_size=40))
def test_amounts_are_what_python_reads(values: list[str]) -> None:
    expected = [None if (value := as_decimal(text, 2)) is None else int(value * 100) for text in values]
    fits = [cents if cents is None or abs(cents) < 2**63 else None for cents in expected]
    assert read(columns.cents, values) == fits


@settings(deadline=None)
@given(st.lists(NUMERIC, min_size=1, max_size=40))
def test_numbers_are_what_python_reads(values: list[str]) -> None:
    """To the last digit below 2**53 thousandths; above, as near as a float can tell."""
    for text, number in zip(values, read(columns.number, values), strict=True):
        expected = as_decimal(text, 3)
        if expected is None or abs(expected) >= 2**63 // 1000:
            assert number is None
        elif abs(expected) < 2**53 // 1000:
            assert number == float(expected)
        else:
            assert number == pytest.approx(float(expected), rel=1e-15)


@settings(deadline=None)
@given(st.lists(NUMERIC, min_size=1, max_size=40))
def test_whole_numbers_are_what_python_reads(values: list[str]) -> None:
    expected = [
        None if (value := as_decimal(text, 0)) is None or not 0 <= value < 2**32 else int(value)
        for text in values
    ]
    assert read(columns.whole, values) == expected


@pytest.mark.parametrize(
    ("written", "cents"),
    [
        ("92233720368547758.", 9_223_372_036_854_775_800),
        ("92233720368547758.1", None),
        ("92233720368547759", None),
        ("922337203685477580", None),
        ("-92233720368547758", -9_223_372_036_854_775_800),
        ("999999999999999999", None),
        ("0000000000000000.5", 50),
        ("00000000000000000.5", None),
        ("1.000000000000000", 1_00),
        ("1.000000000000001", None),
    ],
)
def test_amounts_at_the_edge_of_what_fits(written: str, cents: int | None) -> None:
    assert read(columns.cents, [written]) == [cents]


DAYS = st.one_of(
    st.dates(dt.date(1, 1, 1)).map(lambda day: day.strftime("%Y%m%d").zfill(8)),
    st.text("0123456789", min_size=8, max_size=8),
    st.from_regex(r"(19|20)[0-9]{2}(0[0-9]|1[0-9])[0-3][0-9]", fullmatch=True),
    st.text("0123456789 /-A", max_size=9),
)


def as_day(text: str) -> dt.date | None:
    if not re.fullmatch("[0-9]{8}", text):
        return None
    try:
        day = dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
    return day if day.year >= 1800 else None


@settings(deadline=None)
@given(st.lists(DAYS, min_size=1, max_size=40))
def test_days_are_what_python_reads(values: list[str]) -> None:
    assert read(columns.day, values) == read(columns.last_day, values) == [as_day(text) for text in values]


@settings(deadline=None)
@given(st.lists(st.tuples(DAYS, DAYS), min_size=1, max_size=40))
def test_a_range_has_a_first_and_a_last_day(values: list[tuple[str, str]]) -> None:
    ranges = [f"{first}-{last}" for first, last in values if len(first) == len(last) == 8]
    if ranges:
        assert read(columns.day, ranges) == [as_day(text[:8]) for text in ranges]
        assert read(columns.last_day, ranges) == [as_day(text[9:]) for text in ranges]


def test_every_day_of_two_hundred_years() -> None:
    first = dt.date(1899, 12, 31)
    every = [first + dt.timedelta(n) for n in range(73_100)]
    assert read(columns.day, [day.strftime("%Y%m%d") for day in every]) == every


def test_days_since_the_epoch() -> None:
    assert [columns.epoch_day(dt.date(1970, 1, day)) for day in (1, 2)] == [0, 1]
    assert columns.epoch_day(dt.date(1969, 12, 31)) == -1


@settings(deadline=None)
@given(st.lists(PRINTABLE, min_size=1, max_size=30), st.sampled_from(["utf-8", "latin-1"]))
def test_text_is_what_python_decodes(values: list[str], encoding: str) -> None:
    if encoding == "latin-1":
        values = [value.encode("latin-1", "ignore").decode("latin-1") for value in values]
    raw = [value.encode(encoding) for value in values]
    expected = [
        None if not value else value.decode("utf-8") if _is_utf8(value) else value.decode("latin-1")
        for value in raw
    ]
    assert read(columns.text, values, encoding) == expected


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize("length", [0, 1, 3, 4, 5, 7, 8, 9, 11, 12, 13, 14, 64])
def test_text_of_every_length(length: int) -> None:
    value = "ABCDEFGHIJKLMNOP" * 4
    assert read(columns.text, [value[:length], "", "Z"]) == [value[:length] or None, None, "Z"]


@pytest.mark.parametrize("component", [":", ">", "\\", "|"])
def test_a_composite_is_joined_by_colons(component: str) -> None:
    assert read(columns.joined, [component.join("123"), "4", ""], component=component) == ["1:2:3", "4", None]


@pytest.mark.parametrize(
    "reading",
    [
        columns.text,
        columns.joined,
        columns.day,
        columns.last_day,
        columns.cents,
        columns.number,
        columns.whole,
    ],
)
def test_what_is_absent_has_the_type_of_what_is_there(reading: Reading) -> None:
    window = segments(b"REF*1~")
    there = reading(window, *window.element(np.array([0]), 1))
    assert columns.nothing(reading, 2).type == there.type
    assert columns.nothing(reading, 2).to_pylist() == [None, None]


def test_a_column_of_no_rows() -> None:
    window = segments(b"REF*1~")
    nobody = np.zeros(0, np.int64)
    assert columns.cents(window, nobody, nobody).to_pylist() == []
    assert columns.text(window, nobody, nobody).type == pa.string_view()


# The window they read from


def elements(window: Segments, row: int) -> list[str]:
    return [window.text(row, place) for place in range(1, int(window.count[row]) + 1)]


def test_elements_of_a_segment() -> None:
    window = segments(b"NM1*IL**A:B*~REF~~HL*1~")
    assert [elements(window, row) for row in range(4)] == [["IL", "", "A:B", ""], [], [], ["1"]]
    assert window.id.tolist() == [packed("NM1"), packed("REF"), 0, packed("HL")]
    assert window.text(0, 9) == ""


def test_the_qualifier_is_the_first_component_of_the_first_element() -> None:
    window = segments(b"HI*ABK:M54~DTP*472~CLM*LONGER~REF~REF*~HI*:X~")
    assert window.qualifier.tolist() == [packed("ABK"), packed("472"), packed("LONG"), 0, 0, 0]


def test_components_of_an_element() -> None:
    window = segments(b"SV1*HC:99213::25~SV1*HC~SV1~")
    start, end = window.element(np.arange(3), 1)
    found = window.components(start, end, [1, 2, 3, 4, 5])
    text = [
        [bytes(window.data[a:b]).decode() for a, b in zip(*found[place], strict=True)]
        for place in (1, 2, 3, 4, 5)
    ]
    assert text == [["HC", "HC", ""], ["99213", "", ""], ["", "", ""], ["25", "", ""], ["", "", ""]]
    assert [edge.tolist() for edge in window.component(start, end, 2)] == [edge.tolist() for edge in found[2]]


def test_short_text_is_known_by_its_number() -> None:
    window = segments(b"REF*XX~REF*LONGER~REF~")
    assert window.packed_at(*window.element(np.arange(3), 1)).tolist() == [packed("XX"), 0, 0]


@pytest.mark.parametrize("segment_id", ["", "A", "ABCD", "A1", "N3", "LX", "CLM"])
def test_only_ids_of_two_or_three_characters_are_known(segment_id: str) -> None:
    known = packed(segment_id) if len(segment_id) in (2, 3) else 0
    assert segments(f"{segment_id}*1~".encode()).id.tolist() == [known]
