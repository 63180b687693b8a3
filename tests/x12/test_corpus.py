"""Real files that others made: each is read, or refused with a place and a next step."""

import io
import re
from pathlib import Path

import pytest

from anodyne.kernel.errors import AnodyneError
from anodyne.model.coordination import coordination_of
from anodyne.x12.professional import VERSIONS
from anodyne.x12.read import book_of, read_stream
from anodyne.x12.windows import windows
from anodyne.x12.write import write

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "x12"
FILES = sorted(path for path in CORPUS.glob("*/*") if path.is_file()) if CORPUS.is_dir() else []

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILES, reason=f"the corpus of real files is not beside the project: {CORPUS}"),
]


def segments(data: bytes) -> list[list[str]]:
    """The segments of a file with one set of delimiters, split plainly; none where ISA is not the first."""
    text = data.removeprefix(b"\xef\xbb\xbf").decode("latin-1").strip(" \r\n\t\x1a")
    separator = re.escape(text[3:4])
    header = re.match(rf"ISA(?:{separator}[^{separator}]*){{15}}{separator}.(\r?\n|.)", text, re.DOTALL)
    if not header:
        return []
    return [segment.strip().split(text[3]) for segment in text.split(header[1]) if segment.strip()]


def is_ours(found: list[list[str]]) -> bool:
    """Whether the interchange is closed, and each group and transaction a 5010 professional claim's."""
    groups = [elements for elements in found if elements[0] == "GS"]
    transactions = [elements for elements in found if elements[0] == "ST"]
    return (
        bool(transactions)
        and found[-1][0] == "IEA"
        and all(elements[1] == "HC" and elements[-1] in VERSIONS for elements in groups)
        and all(
            elements[1] == "837" and (len(elements) < 4 or elements[3] in ("", *VERSIONS))
            for elements in transactions
        )
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_file_is_read_or_refused(path: Path) -> None:
    data = path.read_bytes()
    found = segments(data)
    try:
        parts = list(read_stream(io.BytesIO(data), name=path.name))
    except AnodyneError as error:
        assert re.fullmatch(rf"{re.escape(path.name)}, segment \d+, byte \d+", error.where)  # noqa: PT017
        assert not is_ours(found)
        return
    assert is_ours(found)
    book = book_of(parts)
    claims = [place for place, elements in enumerate(found) if elements[0] == "CLM"]
    lines = [
        place for place, elements in enumerate(found) if elements[0] == "LX" and claims and place > claims[0]
    ]
    assert (len(book.claims), len(book.lines)) == (len(claims), len(lines))
    assert write(windows(io.BytesIO(data), name=path.name)) == data


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.parent.name == "837P"], ids=lambda path: path.name
)
@pytest.mark.parametrize("size", [256, 3_000])
def test_a_real_file_says_the_same_in_windows_of_any_size(path: Path, size: int) -> None:
    data = path.read_bytes()
    try:
        whole = book_of(list(read_stream(io.BytesIO(data), name=path.name)))
    except AnodyneError as error:
        with pytest.raises(type(error)) as caught:
            list(read_stream(io.BytesIO(data), name=path.name, size=size))
        assert str(caught.value) == str(error)  # noqa: PT017
        return
    cut = book_of(list(read_stream(io.BytesIO(data), name=path.name, size=size)))
    assert cut.claims.equals(whole.claims)
    assert cut.lines.equals(whole.lines)
    assert write(windows(io.BytesIO(data), name=path.name, size=size)) == data


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_other_payer_and_what_it_said_is_read(path: Path) -> None:
    data = path.read_bytes()
    try:
        parts = list(read_stream(io.BytesIO(data), name=path.name, coordination=True))
    except AnodyneError:
        return
    told = coordination_of(part.coordination for part in parts)
    found = segments(data)
    ids = [elements[0] for elements in found]
    claims = [k for k, mark in enumerate(ids) if mark in ("HL", "CLM")]
    in_claim = [ids[max((k for k in claims if k < n), default=0)] == "CLM" for n in range(len(ids))]
    reasons = [any(one[n : n + 3]) for one in found if one[0] == "CAS" for n in range(2, len(one), 3)]
    payers = sum(mark == "SBR" and inside for mark, inside in zip(ids, in_claim, strict=True))
    frames = (told.payers, told.adjudications, told.adjustments)
    assert tuple(map(len, frames)) == (payers, ids.count("SVD"), sum(reasons))
