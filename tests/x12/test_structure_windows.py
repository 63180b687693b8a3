"""Structural findings do not depend on how a file is cut, nor on how it is punctuated."""

from pathlib import Path

import pytest

from anodyne.kernel.errors import AnodyneError
from tests.x12.seeds import (
    DEFECTS,
    WHOLE,
    findings,
    placed_findings,
    recounted,
    seeded,
    segments_of,
    told,
    written,
)

SIZES = (160, 900)
LONGEST = 100_000
CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "x12" / "837P"


def with_claims(count: int) -> list[str]:
    """A whole file whose last patient has `count` claims more, each of them new."""
    segments = segments_of(WHOLE)
    first = next(k for k, segment in enumerate(segments) if segment.startswith("CLM*C1003"))
    last = next(k for k, segment in enumerate(segments) if segment.startswith("SE*"))
    claim = segments[first:last]
    more = [segment.replace("C1003", f"D{n:05d}") for n in range(count) for segment in claim]
    return recounted([*segments[:last], *more, *segments[last:]])


@pytest.mark.parametrize("size", SIZES)
def test_the_same_is_found_whatever_the_windows(size: int) -> None:
    for defect in DEFECTS:
        data = seeded(defect)
        assert placed_findings(data, size) == placed_findings(data, 1 << 20), defect["name"]


@pytest.mark.parametrize("size", SIZES)
def test_what_crosses_windows_is_counted(size: int) -> None:
    assert told(written(with_claims(98)), size) == []
    assert told(written(with_claims(99)), size) == ["X12-LOOP-REPEAT 70"]


@pytest.mark.parametrize("size", SIZES)
def test_a_level_that_leads_nowhere_is_found_where_it_is(size: int) -> None:
    segments = segments_of(WHOLE)
    cut = segments[:75] + segments[129:]
    assert told(written(recounted(cut)), size) == ["X12-HL-BARREN 70"]


@pytest.mark.parametrize("size", SIZES)
def test_a_transaction_without_levels_is_found_at_its_end(size: int) -> None:
    segments = segments_of(WHOLE)
    assert told(written(recounted(segments[:7] + segments[129:])), size) == ["X12-LOOP-MISSING 8"]


@pytest.mark.parametrize("size", SIZES)
def test_control_numbers_and_claim_ids_are_used_once_in_a_file(size: int) -> None:
    twice = WHOLE.encode() * 2
    wanted = [
        "X12-CLAIM-REPEAT 161",
        "X12-CLAIM-REPEAT 208",
        "X12-CLAIM-REPEAT 256",
        "X12-CONTROL-REPEAT 133",
    ]
    assert told(twice, size) == wanted
    again = segments_of(WHOLE)
    again[130] = "GE*2*905"
    again[130:130] = again[2:130]
    found = told(written(again), size)
    assert "X12-CONTROL-REPEAT 131" in found
    assert not any(finding.startswith("X12-COUNT") for finding in found)


def dressed(element: str, component: str, repetition: str, segment: str, after: str) -> bytes:
    marks = str.maketrans({"*": element, ":": component, "^": repetition})
    return "".join(f"{text.translate(marks)}{segment}{after}" for text in segments_of(WHOLE)).encode()


@pytest.mark.parametrize(
    ("element", "component", "repetition", "segment", "after"),
    [
        ("|", ">", "!", "~", ""),
        ("*", ":", "^", "\n", ""),
        ("*", ":", "^", "\r\n", ""),
        ("\x1d", "\x1f", "\x1e", "\x1c", ""),
        ("*", ":", "^", "~", "\r\n"),
        ("*", ":", "U", "~", "\n"),
    ],
)
def test_any_punctuation_is_read_the_same(
    element: str, component: str, repetition: str, segment: str, after: str
) -> None:
    assert told(dressed(element, component, repetition, segment, after)) == []


def test_wrapped_lines_and_byte_order_marks_are_no_defects() -> None:
    plain = WHOLE.replace("\n", "")
    wrapped = "\n".join(plain[k : k + 80] for k in range(0, len(plain), 80))
    assert told(wrapped.encode()) == []
    assert told(b"\xef\xbb\xbf" + WHOLE.encode()) == []
    assert told(WHOLE.replace("ABBOTT", "N\u00d1EZ").encode("latin-1")) == []


def test_findings_know_their_claim_and_line() -> None:
    by_name = {defect["name"]: defect for defect in DEFECTS}
    row = findings(seeded(by_name["pointer thirteen"])).row(0, named=True)
    assert (row["claim_row"], row["line"]) == (28, 3)
    row = findings(seeded(by_name["no birth date of the dependent"])).row(0, named=True)
    assert (row["claim_row"], row["line"]) == (-1, None)
    row = findings(seeded(by_name["procedure of four digits"])).row(0, named=True)
    assert row["codes"] == ["9921"]
    data = seeded(by_name["procedure of four digits"])
    assert data[row["byte"] :].startswith(b"9921*")


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real files is not beside the project")
def test_real_files_are_judged_without_failing_and_alike_whatever_the_windows() -> None:
    for path in sorted(CORPUS.iterdir()):
        if path.stat().st_size > LONGEST:
            continue
        data = path.read_bytes()
        try:
            whole = placed_findings(data, 1 << 20)
        except AnodyneError:
            continue
        assert placed_findings(data, 900) == whole, path.name


MADE_UP = {
    "X12-NPI": "published examples carry numbers without a check digit",
    "X12-TAXONOMY": "they carry a taxonomy code of an edition long gone",
    "X12-TAX-ID": "they carry ten digits or letters in place of nine digits",
    "X12-ZIP": "they were written with five digits for the billing provider",
    "X12-PO-BOX": "they bill from a post-office box, which a later edition of the guide forbade",
}


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real files is not beside the project")
def test_published_examples_have_only_the_findings_that_are_explained() -> None:
    paths = [path for path in CORPUS.iterdir() if "X222A1" in path.name and "__pass__" in path.name]
    assert len(paths) >= 7
    for path in paths:
        assert set(findings(path.read_bytes())["rule"]) <= set(MADE_UP), path.name
