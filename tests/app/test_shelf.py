"""The shelf: what is taken is what was put, in memory or written, and nothing stays behind."""

import gc
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from anodyne.app.shelf import Shelf

ROWS = pl.DataFrame({"key": range(6), "text": list("abcdef")})


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which temporary folders are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture(params=[0, 1_000], ids=["written", "in memory"])
def shelf(request: pytest.FixtureRequest, scratch: Path) -> Iterator[Shelf]:
    assert scratch.is_dir()
    with Shelf(request.param) as one:
        yield one


def test_what_is_put_is_taken_in_its_order(shelf: Shelf) -> None:
    shelf.put("rows", 1, ROWS[:2])
    shelf.put("rows", 2, ROWS[4:])
    shelf.put("rows", 1, ROWS[2:4])
    assert shelf.take("rows", 1).equals(ROWS[:4])
    assert shelf.take("rows", 2, ["text"]).equals(ROWS[4:].select("text"))
    assert shelf.take("rows", 3).equals(ROWS.clear())
    assert shelf.take("rows", 3, ["key"]).equals(ROWS.clear().select("key"))


def test_rows_are_spread_to_their_piles(shelf: Shelf) -> None:
    shelf.spread("rows", ROWS, np.array([2, 0, 2, 0, 0, 7]))
    assert [shelf.take("rows", pile)["text"].to_list() for pile in (0, 1, 2, 7)] == [
        ["b", "d", "e"],
        [],
        ["a", "c"],
        ["f"],
    ]
    shelf.spread("rows", ROWS.clear(), np.zeros(0, np.int64))
    shelf.spread("rows", ROWS[:1], np.array([1]))
    assert shelf.take("rows", 1)["text"].to_list() == ["a"]


def test_a_pile_is_cleared_alone(shelf: Shelf) -> None:
    shelf.put("rows", 0, ROWS)
    shelf.put("rows", 1, ROWS)
    shelf.clear("rows", 0)
    assert (len(shelf.take("rows", 0)), len(shelf.take("rows", 1))) == (0, 6)


def test_its_folder_is_private_and_goes_when_it_is_closed_or_forgotten(scratch: Path) -> None:
    closed, forgotten, few = Shelf(0), Shelf(0), Shelf(1_000)
    for shelf in (closed, forgotten, few):
        shelf.put("rows", 0, ROWS)
    assert [folder.stat().st_mode & 0o077 for folder in scratch.iterdir()] == [0, 0]
    closed.close()
    assert len(list(scratch.iterdir())) == 1
    del shelf, forgotten
    gc.collect()
    few.close()
    assert not list(scratch.iterdir())
