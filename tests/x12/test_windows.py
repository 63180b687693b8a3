"""Files in unusual dress, files that are not whole, and windows of every size."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anodyne.kernel.errors import AnodyneError, NotX12, Truncated, UnreadableFile, WrongKind
from anodyne.x12.read import read_book, read_claims, read_stream
from anodyne.x12.windows import WINDOW_BYTES, windows
from anodyne.x12.write import write
from tests.x12.interchanges import (
    NAME,
    PROVIDER,
    Dress,
    claim,
    dependent,
    file_of,
    group,
    interchange,
    line,
    read,
    simple,
    subscriber,
    told,
    transaction,
)

SIZES = (300, 2_000, WINDOW_BYTES)
BODY = [
    *PROVIDER,
    *subscriber(own=False),
    *dependent(),
    *claim("A1"),
    *line(1),
    *line(2),
    *subscriber("M2", level=4),
    *claim("A2"),
    *line(1),
]
UNBROKEN = file_of(*BODY, dress=Dress(after=""))


def wrapped(data: bytes, width: int, line_break: bytes = b"\n") -> bytes:
    return b"".join(data[i : i + width] + line_break for i in range(0, len(data), width))


def read_in_order(data: bytes, size: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    book = read(data, size)
    return book.claims, book.lines


def check_places(data: bytes, size: int = WINDOW_BYTES) -> None:
    """Each claim and line points at its own first bytes, whatever line breaks stand between them."""
    claims, lines = read_in_order(data, size)
    for mark, frame in ((b"CLM", claims), (b"LX", lines)):
        for byte in frame["byte"]:
            assert re.sub(rb"[\r\n]", b"", data[byte : byte + 8]).startswith(mark)


def told_of(data: bytes, size: int = WINDOW_BYTES) -> tuple[pl.DataFrame, pl.DataFrame]:
    claims, lines = read_in_order(data, size)
    return claims.drop("byte"), lines.drop("byte")


# Dress

DRESSES: dict[str, bytes] = {
    "no line breaks": UNBROKEN,
    "lines": file_of(*BODY),
    "lines of another system": file_of(*BODY, dress=Dress(after="\r\n")),
    "old lines": file_of(*BODY, dress=Dress(after="\r")),
    "bars and carets": file_of(*BODY, dress=Dress("|", "^", "}", "~", "")),
    "carets": file_of(*BODY, dress=Dress("^", ">", "{", "'", "\n")),
    "control characters": file_of(*BODY, dress=Dress("\x1d", "\x1f", "\x1e", "\x1c", "")),
    "line feeds end segments": file_of(*BODY, dress=Dress(terminator="\n", after="")),
    "carriage returns end segments": file_of(*BODY, dress=Dress(terminator="\r", after="")),
    "both end segments": file_of(*BODY, dress=Dress(terminator="\r\n", after="")),
    "returns doubled": file_of(*BODY, dress=Dress(terminator="\r\r\n", after="")),
    "blank lines between lines": file_of(*BODY, dress=Dress(terminator="\n", after="\n \r\n")),
    "blank lines between old lines": file_of(*BODY, dress=Dress(terminator="\r", after="\r")),
    "byte-order mark": b"\xef\xbb\xbf" + UNBROKEN,
    "byte-order mark and blanks": b"\n \xef\xbb\xbf \r\n" + UNBROKEN,
    "blank lines around": b"\r\n\n  " + UNBROKEN + b"\n\n\r\n  ",
    "an old end of file": UNBROKEN + b"\r\n\x1a",
    "an old end of file, filled up": UNBROKEN + b"\x1a" * 90,
    "blanks after terminators": file_of(*BODY, dress=Dress(after="  \t\n")),
    "records of eighty": b"".join(s.ljust(160) for s in UNBROKEN.replace(b"~", b"~\x00").split(b"\x00")),
    "no last terminator": UNBROKEN[:-1],
    "no last terminator, blanks": UNBROKEN[:-1] + b" \r\n",
    "no last line break": file_of(*BODY, dress=Dress(terminator="\n", after=""))[:-1],
    "no last line break of two": file_of(*BODY, dress=Dress(terminator="\r\n", after=""))[:-2],
    "trimmed header": UNBROKEN.replace(b" " * 10, b"").replace(b"SENDER         ", b"SENDER"),
    **{f"wrapped at {n}": wrapped(UNBROKEN, n) for n in (80, 79, 104, 105, 106, 107, 11)},
    "wrapped at 80 by two": wrapped(UNBROKEN, 80, b"\r\n"),
    "wrapped at 80, with a mark": b"\xef\xbb\xbf" + wrapped(UNBROKEN, 80),
    "wrapped at 80, no last terminator": wrapped(UNBROKEN[:-1], 80),
}  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dress", DRESSES)
def test_a_file_says_the_same_in_any_dress(dress: str, size: int) -> None:
    claims, lines = told_of(UNBROKEN)
    dressed_claims, dressed_lines = told_of(DRESSES[dress], size)
    assert dressed_claims.equals(claims)
    assert dressed_lines.equals(lines)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dress", DRESSES)
def test_every_claim_and_line_knows_its_byte_in_any_dress(dress: str, size: int) -> None:
    check_places(DRESSES[dress], size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dress", DRESSES)
def test_no_byte_is_lost_in_any_dress(dress: str, size: int) -> None:
    data = DRESSES[dress]
    assert write(windows(io.BytesIO(data), name=NAME, size=size)) == data


def test_a_line_break_exactly_before_a_terminator_is_no_part_of_the_element() -> None:
    first = UNBROKEN.index(b"~CLM")
    data = UNBROKEN[:first] + b"\n" + UNBROKEN[first:]
    assert told_of(data)[0].equals(told_of(UNBROKEN)[0])
    check_places(data)


def test_a_file_wrapped_where_its_terminators_stand_is_wrapped_nowhere() -> None:
    assert read(DRESSES["lines"]).claims["byte"].to_list() == [
        DRESSES["lines"].index(b"CLM*A1"),
        DRESSES["lines"].index(b"CLM*A2"),
    ]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
@pytest.mark.parametrize("name", ["CAFÉ", "MUTUELLE GÉNÉRALE DE SANTÉ"])
@pytest.mark.parametrize("size", SIZES)
def test_names_beyond_ascii(name: str, encoding: str, size: int) -> None:
    data = UNBROKEN.replace(b"OHIO PART B", name.encode(encoding))
    assert told(read(data, size).claims, "payer_name") == [name, name]
    assert write(windows(io.BytesIO(data), name=NAME, size=size)) == data


def test_a_value_is_read_by_its_own_bytes_when_encodings_are_mixed() -> None:
    data = file_of(
        *PROVIDER,
        *subscriber(), *claim("A1", "NTE*ADD*GÉNÉRAL"), *line(),
        *subscriber("M2"), *claim("A2", "NTE*ADD*BREF"), *line(),
    ).replace(b"BREF", "ÉTÉ".encode())  # fmt: skip
    for size in SIZES:
        assert told(read(data, size).claims, "note") == ["GÉNÉRAL", "ÉTÉ"]


def test_a_character_at_the_edge_of_what_was_read_is_whole() -> None:
    data = UNBROKEN.replace(b"OHIO PART B", "ÉÉÉÉÉÉÉÉÉÉÉ".encode())
    for size in range(300, 420):
        assert told(read(data, size).claims, "payer_name") == ["ÉÉÉÉÉÉÉÉÉÉÉ"] * 2


def test_a_delimiter_that_is_half_a_character() -> None:
    data = file_of(*BODY, dress=Dress("\xd7", ":", "^", "~", "")).replace(b"OHIO PART B", b"\xa7HI")
    assert told(read(data).claims, "payer_name", "claim_id") == [("§HI", "A1"), ("§HI", "A2")]


# Several interchanges


def test_interchanges_after_one_another_with_blanks_and_marks_between() -> None:
    parts = [
        interchange(group(transaction(*PROVIDER, *subscriber(f"M{n}"), *claim(f"A{n}"), *line())), number=n)
        for n in range(1, 4)
    ]
    data = b"\xef\xbb\xbf" + parts[0] + b"\r\n\r\n\xef\xbb\xbf" + parts[1] + b"\x1a" + parts[2] + b"\x1a\n"
    for size in SIZES:
        assert told(read(data, size).claims, "claim_id") == ["A1", "A2", "A3"]
        assert write(windows(io.BytesIO(data), name=NAME, size=size)) == data
        check_places(data, size)


def test_segments_are_counted_through_all_interchanges() -> None:
    data = file_of(*BODY) + file_of(*BODY, dress=Dress("|", "<", "}", "!", "\n"))
    count = len(file_of(*BODY).splitlines())
    segments = read(data).claims["segment"].to_list()
    assert segments[2:] == [segment + count for segment in segments[:2]]
    assert all(read(data, size).claims["segment"].to_list() == segments for size in SIZES)


def test_an_interchange_with_the_next_ones_terminator_in_its_data() -> None:
    first = file_of(*BODY, dress=Dress("|", "<", "}", "~", "\n")).replace(b"OHIO PART B", b"OHIO!PART!B")
    data = first + file_of(*BODY, dress=Dress("*", ":", "^", "!", "\n")).replace(
        b"OHIO PART B", b"OHIO~PART~B"
    )
    for size in SIZES:
        assert told(read(data, size).claims, "payer_name") == ["OHIO!PART!B"] * 2 + ["OHIO~PART~B"] * 2


# Windows


def many(claims: int) -> bytes:
    body: list[str] = list(PROVIDER)
    for n in range(claims):
        level = 3 * n + 2
        body += subscriber(f"M{n}", level=level, own=n % 3 != 0)
        if n % 3 == 0:
            body += dependent(level=level + 1, above=level)
        for part in "AB"[: 1 + n % 2]:
            body += [
                *claim(f"{n}{part}", f"REF*G1*AUTH{n}"),
                *(segment for k in range(1, 2 + n % 4) for segment in line(k, f"REF*6R*{n}-{k}")),
            ]
        if n % 5 == 4:
            body += PROVIDER
    return file_of(*body)


MANY = many(14)
FILES = {
    "many claims": MANY,
    "many interchanges": b"".join(file_of(*BODY) for _ in range(4)),
    "many transactions": interchange(
        group(*(transaction(*BODY) for _ in range(3))), group(*(transaction(*BODY) for _ in range(3)))
    ),
    "many dresses": b"".join(
        DRESSES[name] for name in ("lines", "bars and carets", "carets", "line feeds end segments")
    ),
    "wrapped": wrapped(MANY.replace(b"\n", b""), 80, b"\r\n"),
    "without levels": file_of(*(s for n in range(8) for s in [*claim(f"A{n}"), *line()])),
    "unknown levels": file_of(
        *PROVIDER,
        *subscriber(),
        "HL*8*1*99*0",
        "NM1*IL*1*X*Y****MI*OTHER",
        *(s for n in range(8) for s in [*claim(f"A{n}"), *line()]),
    ),
    "without provider levels": file_of(
        *(s for n in range(8) for s in [*subscriber(f"M{n}"), *claim(f"A{n}"), *line()])
    ),
    "without trailers": MANY.replace(b"SE*", b"XX*").replace(b"GE*", b"XX*"),
    "without headers": MANY.replace(b"\nGS*", b"\nXX*"),
    "lines after levels": file_of(
        *PROVIDER, *(s for n in range(8) for s in [*claim(f"A{n}"), *subscriber(f"M{n}"), *line()])
    ),
    "claims after the end": file_of(
        *BODY, "SE*1*0001", *(s for n in range(8) for s in [*claim(f"A{n}"), *line()])
    ),
    "empty segments": MANY.replace(b"~\nHL", b"~~\n~HL"),
}


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=6, deadline=None)
@given(size=st.integers(200, 6_000))
def test_what_is_read_does_not_depend_on_the_window(name: str, size: int) -> None:
    data = FILES[name]
    claims, lines = read_in_order(data, WINDOW_BYTES)
    cut_claims, cut_lines = read_in_order(data, size)
    assert cut_claims.equals(claims)
    assert cut_lines.equals(lines)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", FILES)
def test_keys_follow_one_another_through_windows(name: str, size: int) -> None:
    claims, lines = read_in_order(FILES[name], size)
    assert claims["claim_key"].to_list() == list(range(len(claims)))
    assert lines["line_key"].to_list() == list(range(len(lines)))
    assert lines["claim_key"].is_sorted()


@pytest.mark.parametrize("name", FILES)
def test_places_hold_in_every_window(name: str) -> None:
    check_places(FILES[name], 700)


def test_small_windows_are_many() -> None:
    parts = list(read_stream(io.BytesIO(MANY), name=NAME, size=700))
    assert len(parts) > 8
    assert b"".join(part.raw for part in parts) == MANY
    assert max(len(part.raw) for part in parts) < 3_000


def test_a_claim_larger_than_the_window_is_read_whole() -> None:
    data = simple([*claim(), *(segment for n in range(1, 200) for segment in line(n))])
    assert read(data, 256).lines["line"].to_list() == list(range(1, 200))


class Dripping(io.RawIOBase):
    """A stream that gives a few bytes at a time, as a pipe may."""

    def __init__(self, data: bytes) -> None:
        self._rest = data

    def read(self, size: int = -1) -> bytes:
        taken = self._rest[: min(size, 37)]
        self._rest = self._rest[len(taken) :]
        return taken


@pytest.mark.parametrize("size", [700, WINDOW_BYTES])
def test_a_stream_may_give_its_bytes_in_small_parts(size: int) -> None:
    parts = list(read_stream(Dripping(MANY), name=NAME, size=size))  # type: ignore[arg-type]
    assert b"".join(part.raw for part in parts) == MANY
    assert sum(len(part.claims) for part in parts) == len(read(MANY).claims)


# What is not a whole file


def refusal(data: bytes, size: int = WINDOW_BYTES) -> AnodyneError:
    with pytest.raises(AnodyneError) as caught:
        read(data, size)
    assert re.match(rf"{NAME}, segment \d+, byte \d+$", caught.value.where)
    assert caught.value.fix
    return caught.value


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (b"", UnreadableFile, "the file is empty"),
        (b" \r\n\r\n\x1a", NotX12, "nothing but blanks"),
        (b"\xef\xbb\xbf", NotX12, "nothing but blanks"),
        (bytes(range(256)) * 40, NotX12, "no X12 interchange starts here"),
        (b"\x00" * 5_000, NotX12, "a binary file"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", NotX12, "a PDF"),
        (b"PK\x03\x04\x14\x00", NotX12, "a zip archive or spreadsheet"),
        (b"\x1f\x8b\x08\x00", NotX12, "a gzip archive"),
        (UNBROKEN.decode().encode("utf-16"), NotX12, "UTF-16"),
        (UNBROKEN.decode().encode("utf-16-be"), NotX12, "binary"),
        (b"MSH|^~\\&|LAB|X\r", NotX12, "an HL7 v2 message"),
        (b"ST*837*0001*005010X222A1~", NotX12, "X12 without its envelope"),
        (UNBROKEN[106:], NotX12, "X12 without its interchange header"),
        (UNBROKEN[:60], Truncated, "header (ISA) is not complete"),
        (UNBROKEN[:106], Truncated, "no IEA"),
        (UNBROKEN[: UNBROKEN.index(b"IEA")], Truncated, "no IEA"),
        (UNBROKEN[: UNBROKEN.index(b"IEA") + 8], Truncated, "in the middle of a segment"),
        (UNBROKEN[:-4], Truncated, "in the middle of a segment"),
        (UNBROKEN[: UNBROKEN.index(b"NM1*82") + 10], Truncated, "in the middle of a segment"),
        (UNBROKEN.replace(b"~", b"!").replace(b":!GS", b":~GS"), Truncated, "in the middle of a segment"),
        (UNBROKEN + b"hello", NotX12, "no X12 interchange starts here"),
        (UNBROKEN + b"ST*837*0002~SE*1*0002~", NotX12, "X12 without its envelope"),
        (UNBROKEN + UNBROKEN[:70], Truncated, "header (ISA) is not complete"),
        (UNBROKEN + UNBROKEN[:900], Truncated, "in the middle of a segment"),
    ],
)
@pytest.mark.parametrize("size", SIZES)
def test_what_is_no_whole_file_is_refused_with_place_and_next_step(
    data: bytes, kind: type[AnodyneError], words: str, size: int
) -> None:
    error = refusal(data, size)
    assert type(error) is kind
    assert words in error.what


@pytest.mark.parametrize("size", SIZES)
def test_a_cut_is_found_where_it_is(size: int) -> None:
    at = MANY.rindex(b"SV1") + 5
    start = MANY.rindex(b"SV1")
    segment = MANY[:start].count(b"~") + 1
    assert refusal(MANY[:at], size).where == f"{NAME}, segment {segment}, byte {start}"


@pytest.mark.parametrize("size", SIZES)
def test_a_missing_trailer_is_found_at_the_end(size: int) -> None:
    data = MANY[: MANY.index(b"IEA")]
    assert refusal(data, size).where == f"{NAME}, segment {data.count(b'~')}, byte {len(data)}"


@pytest.mark.parametrize("size", SIZES)
def test_what_follows_the_last_interchange_is_found_where_it_is(size: int) -> None:
    assert (
        refusal(MANY + b"\r\nbye", size).where
        == f"{NAME}, segment {MANY.count(b'~') + 1}, byte {len(MANY) + 2}"
    )


def test_a_cut_in_a_wrapped_file_is_found_where_it_is() -> None:
    data = wrapped(UNBROKEN, 80)[:1050]
    whole = data.replace(b"\n", b"")
    start = whole.rindex(b"~") + 1
    assert refusal(data).where == f"{NAME}, segment {whole.count(b'~') + 1}, byte {start + start // 80}"


def test_a_segment_without_end_is_given_up_before_the_file_is_in_memory() -> None:
    class Endless(io.RawIOBase):
        taken = 0

        def read(self, size: int = -1) -> bytes:
            self.taken += size
            return b"A" * size if self.taken > size else UNBROKEN[:400].ljust(size, b"A")

    stream = Endless()
    with pytest.raises(NotX12, match="no segment ends within 1,048,576 bytes"):
        list(windows(stream, name=NAME, size=1 << 16))  # type: ignore[arg-type]
    assert stream.taken < 1 << 23


def test_a_large_file_of_another_kind_is_refused_at_its_first_window() -> None:
    remittance = interchange(
        [segment.replace("*HC*", "*HP*") for segment in group(transaction(*["REF*EA*X"] * 5_000))]
    )
    stream = io.BytesIO(remittance)
    with pytest.raises(WrongKind):
        list(read_stream(stream, name=NAME, size=1_000))
    assert stream.tell() < 5_000


@pytest.mark.parametrize("reading", [read_book, lambda path: list(read_claims(path))])
def test_a_path_that_cannot_be_opened(reading: Callable[[Path], object], tmp_path: Path) -> None:
    for path in (tmp_path / "absent.837", tmp_path):
        with pytest.raises(UnreadableFile, match="cannot be read") as caught:
            reading(path)
        assert caught.value.where == str(path)
