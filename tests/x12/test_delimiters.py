"""How an interchange is punctuated, from headers as people send them."""

import pytest

from anodyne.kernel.errors import NotX12, Truncated
from anodyne.x12.delimiters import Delimiters, find_delimiters
from tests.x12.interchanges import Dress, isa

GS = "GS*HC*SENDER*RECEIVER*20261121*1200*1*X*005010X222A1~"


def found(header: str) -> Delimiters:
    return find_delimiters(header.encode("latin-1"), 0, where="here")


def as_told(dress: Dress) -> Delimiters:
    return Delimiters(*map(ord, (dress.element, dress.component, dress.repetition, dress.terminator)))


@pytest.mark.parametrize(
    "dress",
    [
        Dress(),
        Dress(after=""),
        Dress("|", "^", "}", "~", "\r\n"),
        Dress("^", ">", "{", "'", ""),
        Dress("\x1d", "\x1f", "\x1e", "\x1c", ""),
        Dress("*", ":", "^", "\n", ""),
        Dress("*", ":", "^", "\r", ""),
        Dress("*", "\\", "^", "?", "\n"),
    ],
    ids=repr,
)
def test_delimiters_are_read_from_the_header(dress: Dress) -> None:
    assert found(isa(dress=dress) + dress.put_on(GS[:-1])) == as_told(dress)


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("width", [80, 72, 83, 104, 105, 106])
def test_a_header_may_be_wrapped_at_any_column(width: int, break_: str) -> None:
    whole = isa(dress=Dress(after="")) + GS
    wrapped = break_.join(whole[i : i + width] for i in range(0, len(whole), width))
    assert found(wrapped) == as_told(Dress())


def test_a_line_break_that_ends_the_header_is_the_terminator() -> None:
    assert found(isa(dress=Dress(terminator="\r\n", after="")) + GS).segment == ord("\n")
    assert found(isa(dress=Dress(terminator="\r", after="")) + GS).segment == ord("\r")


def test_a_header_whose_fields_were_trimmed() -> None:
    header = "ISA*00**00**ZZ*SENDER*ZZ*RECEIVER*261121*1200*^*00501*000000001*0*T*:~" + GS
    assert found(header) == as_told(Dress())


def test_a_header_may_start_anywhere() -> None:
    data = b"  " + isa().encode()
    assert find_delimiters(data, 2, where="here") == as_told(Dress())


@pytest.mark.parametrize("length", [3, 4, 50, 103, 104, 105])
def test_a_header_cut_short(length: int) -> None:
    with pytest.raises(Truncated, match="not complete"):
        found(isa(dress=Dress(after=""))[:length])


def test_a_header_of_just_enough_bytes() -> None:
    assert found(isa()[:106]) == as_told(Dress())


@pytest.mark.parametrize(
    "header",
    [
        isa(dress=Dress(after="")).replace("*T*:", "*T*"),
        isa().replace("*", "A"),
        isa().replace("*", " "),
        isa().replace("*", "\n"),
        isa().replace("*T*:~", "*T*~~"),
        isa().replace("*T*:~", "*T**~"),
        isa().replace("*T*:~", "*T*: "),
        isa().replace("*0*T*:~\n", "*T*:~") + GS,
    ],
)
def test_a_header_that_does_not_say_how_it_is_punctuated(header: str) -> None:
    with pytest.raises((NotX12, Truncated)):
        found(header + GS)


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"", "nothing but blanks"),
        (b"  \r\n ", "nothing but blanks"),
        (b"%PDF-1.7", "a PDF"),
        (b"PK\x03\x04rest", "a zip archive"),
        (b"\x1f\x8b\x08", "a gzip archive"),
        ("ISA*00".encode("utf-16"), "UTF-16"),
        ("ISA*00".encode("utf-16-le"), "binary"),
        (b"MSH|^~\\&|A", "an HL7 v2 message"),
        (b"<?xml version='1.0'?>", "XML or HTML"),
        (b'{"claims": []}', "JSON"),
        (b"GS*HC*A", "X12 without its interchange header"),
        (b"ST*837*0001~", "X12 without its envelope"),
        (b"\x7fELF\x00\x00", "a binary file"),
    ],
)
def test_what_is_no_interchange_is_called_by_its_name(head: bytes, words: str) -> None:
    with pytest.raises(NotX12, match=words) as caught:
        find_delimiters(head, 0, where="here")
    assert caught.value.where == "here"
    assert caught.value.fix


@pytest.mark.parametrize("head", [b"STATEMENT OF ACCOUNT", b"isa*00*", b"hello"])
def test_any_other_text_is_refused_without_a_guess(head: bytes) -> None:
    with pytest.raises(NotX12, match=r"no X12 interchange starts here \(at here\)"):
        find_delimiters(head, 0, where="here")
