"""What holds claims does not show them: a name, id or birth date never stands in a `repr`, as in a log."""

import io
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from anodyne.app.check import check
from anodyne.x12.loops import place
from anodyne.x12.read import book_of, read_stream
from anodyne.x12.windows import windows
from tests.claims import AS_OF, Claim, Line, file_of, reference

PLANTED = ("DOE", "PAT", "M00000007", "19570101", "1957-01-01", "1957, 1, 1", "1 ELM ST")
RAW = file_of(Claim([Line("20553"), Line("20552")], patient=7))


@pytest.fixture(autouse=True)
def _frames_show_everything() -> Iterator[None]:
    with pl.Config(tbl_cols=-1, tbl_rows=-1, tbl_width_chars=10_000):
        yield


def holders() -> list[object]:
    """One of each kind of thing that holds what was read."""
    (window,) = windows(io.BytesIO(RAW), name="day.837")
    (part, *_) = parts = list(read_stream(io.BytesIO(RAW), name="day.837", structure=True))
    return [window, place(window), part, book_of(parts)]


@pytest.mark.parametrize("held", holders(), ids=lambda held: type(held).__name__)
def test_what_was_read_is_not_shown(held: object) -> None:
    assert not [planted for planted in PLANTED if planted in repr(held)]


def test_a_chunk_of_a_report_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "day.837"
    path.write_bytes(RAW)
    with check([str(path)], as_of=AS_OF, reference=reference()) as report:
        for chunk in report.chunks():
            assert "1957-01-01" in repr(chunk.claims)
            assert not [planted for planted in PLANTED if planted in repr(chunk)]


def test_all_that_is_planted_stands_in_the_file() -> None:
    assert not [planted for planted in PLANTED[:4] if planted.encode() not in RAW]
