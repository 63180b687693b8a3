"""Nothing is lost, nothing is invented, and nothing but an AnodyneError is raised, whatever the bytes."""

import contextlib
import io
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anodyne.kernel.errors import AnodyneError
from anodyne.x12.read import Part, read_stream
from anodyne.x12.segments import Segments
from anodyne.x12.windows import windows
from anodyne.x12.write import write
from tests.x12.interchanges import NAME, PROVIDER, Dress, claim, dependent, file_of, isa, line, subscriber

ELEMENTS, COMPONENTS, REPETITIONS = "*|^\x1d+", ":><\x1f&", "}{\x1e\\"
TERMINATORS = ["~", "!", "'", "\x1c", "\n", "\r", "\r\n"]
LETTERS = "ABCXYZ0129 .-/,É"

dresses = st.builds(
    Dress,
    element=st.sampled_from(ELEMENTS),
    component=st.sampled_from(COMPONENTS),
    repetition=st.sampled_from(REPETITIONS),
    terminator=st.sampled_from(TERMINATORS),
    after=st.sampled_from(["", "\n", "\r\n", "\r", "\n\n", " \n"]),
)
values = st.text(LETTERS, max_size=14)
segments = st.builds(
    lambda name, parts: "*".join([name, *parts]),
    st.sampled_from(
        [
            "NM1",
            "REF",
            "HL",
            "CLM",
            "LX",
            "SV1",
            "HI",
            "DTP",
            "SBR",
            "N4",
            "NTE",
            "HL*2*1*22",
            "ST",
            "SE",
            "ZZ9",
        ]
    ),
    st.lists(st.one_of(values, st.builds(":".join, st.lists(values, min_size=2, max_size=4))), max_size=8),
)


@st.composite
def interchanges(draw: st.DrawFn) -> bytes:
    """One or more whole interchanges, each in a dress of its own, with any segments inside."""
    pieces = [draw(st.sampled_from([b"", b"\xef\xbb\xbf", b"\r\n "]))]
    for number in range(draw(st.integers(1, 3))):
        dress = draw(dresses)
        body = draw(st.lists(segments, max_size=25))
        whole = isa(number, dress) + "".join(map(dress.put_on, [*body, f"IEA*1*{number:09d}"]))
        pieces.append(whole.encode(draw(st.sampled_from(["latin-1", "utf-8"]))))
    pieces.append(draw(st.sampled_from([b"", b"\n", b"\x1a", b"  \r\n\r\n"])))
    return b"".join(pieces)


@settings(deadline=None)
@given(interchanges(), st.integers(1, 3_000))
def test_what_was_read_is_written_back(data: bytes, size: int) -> None:
    assert write(windows(io.BytesIO(data), name=NAME, size=size)) == data


@settings(deadline=None)
@given(interchanges(), st.integers(1, 3_000), st.integers(9, 120))
def test_a_wrapped_file_is_written_back(data: bytes, size: int, width: int) -> None:
    wrapped = b"\n".join(data[i : i + width] for i in range(0, len(data), width))
    pieces: list[bytes] = []
    with contextlib.suppress(AnodyneError):
        pieces.extend(window.raw for window in windows(io.BytesIO(wrapped), name=NAME, size=size))
        assert b"".join(pieces) == wrapped
    assert wrapped.startswith(b"".join(pieces))


@settings(deadline=None)
@given(st.lists(segments, max_size=40), dresses, st.integers(1, 2_000), st.sampled_from([None, 80, 33]))
def test_elements_joined_again_are_the_segments(
    body: list[str], dress: Dress, size: int, width: int | None
) -> None:
    data = (isa(1, dress) + "".join(map(dress.put_on, [*body, "IEA*1*000000001"]))).encode("latin-1")
    if width is not None and dress.terminator not in "\r\n":
        data = b"\n".join(data[i : i + width] for i in range(0, len(data), width))
    assert [
        segment for window in windows(io.BytesIO(data), name=NAME, size=size) for segment in rejoined(window)
    ] == plain(data, dress)


def rejoined(window: Segments) -> list[bytes]:
    """The segments of a window after its context, put together from their ids and elements."""
    separator = bytes([window.delimiters.element])
    found = []
    for row in range(window.context, len(window)):
        first = bytes(window.data[window.start[row] : window.end[row]]).split(separator)[0]
        elements = [
            window.text(row, place).encode("latin-1") for place in range(1, int(window.count[row]) + 1)
        ]
        found.append(separator.join([first, *elements]))
    return found


def plain(data: bytes, dress: Dress) -> list[bytes]:
    """The segments by splitting alone, blanks before them and line breaks inside them taken out."""
    if dress.terminator in "\r\n":
        return [stripped for segment in re.split(rb"[\r\n]+", data) if (stripped := segment.lstrip(b" "))]
    found = data.replace(b"\r", b"").replace(b"\n", b"").split(dress.terminator.encode())
    return [segment.lstrip(b" ") for segment in found[:-1]]


# Whatever the bytes

VALID = file_of(
    *PROVIDER,
    *subscriber(own=False),
    *dependent(),
    *claim("A1", "REF*G1*AUTH1"),
    *line(1, "REF*6R*L1"),
    *line(2, "LIN**N4*00009028003", "CTP****1*ML"),
    *subscriber("M2", level=4),
    *claim("A2"),
    "SBR*S*01*******CI",
    "NM1*IL*1*X*Y****MI*O1",
    "NM1*PR*2*OTHER*****PI*O2",
    *line(1, "SVD*O2*1*HC:62323**1"),
)


def read_or_refuse(data: bytes, size: int = 1 << 20) -> None:
    """Read `data` with its structural findings; what is refused has a place, and no byte changes."""
    parts: list[Part] = []
    try:
        parts.extend(read_stream(io.BytesIO(data), name=NAME, structure=True, size=size))
    except AnodyneError as error:
        assert re.fullmatch(rf"{NAME}, segment \d+, byte \d+", error.where)  # noqa: PT017
        return
    assert b"".join(part.raw for part in parts) == data


@settings(deadline=None)
@given(
    st.one_of(
        st.binary(max_size=400),
        st.binary(max_size=200).map(lambda rest: b"ISA*" + rest),
        st.binary(max_size=600).map(lambda rest: VALID[:200] + rest),
    )
)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    read_or_refuse(data)


@settings(deadline=None)
@given(interchanges(), st.integers(100, 3_000))
def test_any_segments_are_read_or_refused(data: bytes, size: int) -> None:
    read_or_refuse(data, size)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A valid file after a few accidents."""
    data = bytearray(VALID)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.one_of(st.integers(1, 8), st.integers(1, 200)))
        match draw(st.sampled_from(["delete", "repeat", "flip", "insert", "cut", "segment", "move"])):
            case "delete":
                del data[at : at + length]
            case "repeat":
                data[at:at] = data[at : at + length]
            case "flip" if at < len(data):
                data[at] ^= draw(st.integers(1, 255))
            case "insert":
                data[at:at] = draw(
                    st.sampled_from(
                        [
                            b"*",
                            b":",
                            b"~",
                            b"~~",
                            b"\n",
                            b"\x00",
                            b"\xff",
                            b"HL*",
                            b"ISA*",
                            b"IEA*1*000000001~",
                            b"CLM*",
                        ]
                    )
                )
            case "cut" if draw(st.booleans()):
                del data[at:]
            case "segment":
                lines = bytes(data).split(b"~")
                del lines[draw(st.integers(0, len(lines) - 1))]
                data = bytearray(b"~".join(lines))
            case "move":
                lines = bytes(data).split(b"~")
                lines.insert(
                    draw(st.integers(0, len(lines))), lines.pop(draw(st.integers(0, len(lines) - 1)))
                )
                data = bytearray(b"~".join(lines))
    return bytes(data)


@settings(deadline=None, max_examples=150)
@given(damaged(), st.sampled_from([300, 1_000, 1 << 20]))
def test_a_damaged_file_is_read_or_refused(data: bytes, size: int) -> None:
    read_or_refuse(data, size)


@settings(deadline=None, max_examples=60)
@given(damaged())
def test_a_damaged_file_gives_the_same_in_windows_of_any_size(data: bytes) -> None:
    told = []
    for size in (256, 900, 1 << 20):
        try:
            parts = list(read_stream(io.BytesIO(data), name=NAME, size=size))
        except AnodyneError:
            told.append("refused")
            continue
        rows = [
            [row for part in parts for row in part.claims.rows()],
            [row for part in parts for row in part.lines.rows()],
        ]
        told.append(repr(rows))
    assert len(set(told)) == 1


WHOLE = (Path(__file__).parent.parent / "x12" / "whole.txt").read_bytes()
ROWS = WHOLE.splitlines(keepends=True)
IDS = sorted({row.partition(b"*")[0].decode() for row in ROWS if b"*" in row})


@pytest.mark.parametrize("name", IDS)
def test_a_file_without_any_segment_of_one_kind_is_read_or_refused(name: str) -> None:
    left = [row for row in ROWS if row.partition(b"*")[0].decode() != name]
    for size in (300, 1 << 20):
        read_or_refuse(b"".join(left), size)


def test_a_file_without_any_one_segment_is_read_or_refused() -> None:
    for gone in range(len(ROWS)):
        read_or_refuse(b"".join(row for at, row in enumerate(ROWS) if at != gone))
