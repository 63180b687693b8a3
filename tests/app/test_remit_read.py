"""Several files of remittances read together: each once, and none hides another."""

import io
from pathlib import Path

import polars as pl
import pytest

from anodyne.app.remit_read import NotRead, read_files
from tests.x12.interchanges import told
from tests.x12.remittances import PAYEE, bpr, claim, file_of, group, interchange, line, transaction

DAY = file_of("LX*1", *claim("A1"), *line("CAS*CO*45*15", "CAS*PR*2*5"))
TWO = interchange(
    group(
        transaction("LX*1", *claim("B1"), *line("CAS*CO*45*15", "CAS*PR*2*4"), control="0001"),
        transaction(f"PLB*{PAYEE}*20261231*L6*-80", control="0002"),
    )
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "day.835").write_bytes(DAY)
    (tmp_path / "two.835").write_bytes(TWO)
    (tmp_path / "again.835").write_bytes(DAY)
    (tmp_path / "cut.835").write_bytes(TWO[:-40])
    (tmp_path / "empty.835").write_bytes(b"")
    (tmp_path / "old.835").write_bytes(DAY.replace(b"005010X221A1", b"004010X091A1"))
    return tmp_path


def paths(folder: Path, *names: str) -> list[str]:
    return [str(folder / name) for name in names]


def test_files_are_read_together_with_keys_of_their_own(folder: Path) -> None:
    found = read_files(paths(folder, "day.835", "two.835"))
    assert [(file.path, file.payments, file.claims, file.lines) for file in found.files] == [
        (str(folder / "day.835"), 1, 1, 1),
        (str(folder / "two.835"), 2, 1, 1),
    ]
    assert told(found.remittance.payments, "payment_key", "control") == [
        (0, "0001"),
        (1, "0001"),
        (2, "0002"),
    ]
    assert told(found.remittance.remits, "remit_key", "payment_key", "claim_id") == [
        (0, 0, "A1"),
        (1, 1, "B1"),
    ]
    assert told(found.remittance.lines, "remit_line_key", "remit_key") == [(0, 0), (1, 1)]
    assert found.errors == ()


def test_each_payment_is_told_to_add_up_or_not(folder: Path) -> None:
    found = read_files(paths(folder, "day.835", "two.835"))
    assert told(found.balanced, "payment_key", "balanced") == [(0, True), (1, False), (2, True)]
    broken = found.identities.filter(~pl.col("holds"), pl.col("must"))
    assert told(broken, "payment_key", "remit_line_key", "left_cents", "right_cents") == [
        (1, None, 8100, 8000),
        (1, 1, 8100, 8000),
    ]


def test_a_payment_with_nothing_to_compare_it_with_is_not_called_balanced(tmp_path: Path) -> None:
    path = tmp_path / "dollars.835"
    path.write_bytes(interchange(group(transaction(head=(bpr("945"),)))))
    assert told(read_files([str(path)]).balanced, "balanced") == [False]


def test_a_file_given_twice_counts_once(folder: Path) -> None:
    found = read_files(paths(folder, "day.835", "again.835", "day.835"))
    assert len(found.remittance.payments) == 1
    assert found.repeated == (str(folder / "again.835"), str(folder / "day.835"))


def test_one_unreadable_file_does_not_hide_the_others(folder: Path) -> None:
    names = ["cut.835", "day.835", "empty.835", "old.835", "nowhere.835", "two.835"]
    found = read_files(paths(folder, *names))
    assert [file.path for file in found.files] == paths(folder, "day.835", "two.835")
    assert told(found.remittance.remits, "remit_key", "payment_key") == [(0, 0), (1, 1)]
    cut, empty, old, nowhere = found.errors
    assert (cut.file, cut.code, cut.byte) == (str(folder / "cut.835"), "ANO-104", TWO[:-40].rindex(b"\n") + 1)
    assert (empty.segment, empty.byte, empty.message) == (1, 0, "the file is empty")
    assert (old.segment, old.byte) == (2, DAY.index(b"GS*"))
    assert "version 4010" in old.message
    assert (nowhere.segment, nowhere.byte, nowhere.where) == (None, None, str(folder / "nowhere.835"))
    assert all(error.next_step for error in found.errors)


def test_no_file_that_can_be_read_gives_empty_frames(folder: Path) -> None:
    found = read_files(paths(folder, "empty.835"))
    assert [type(error) for error in found.errors] == [NotRead]
    assert (len(found.remittance.payments), len(found.identities), len(found.balanced)) == (0, 0, 0)


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    class Input:
        buffer = io.BytesIO(DAY)

    monkeypatch.setattr("sys.stdin", Input())
    assert read_files(["-"]).files[0].claims == 1
    monkeypatch.setattr("sys.stdin", None)
    assert read_files(["-"]).errors[0].message == "standard input is closed"


def test_progress_is_told_of_every_byte(folder: Path) -> None:
    done: list[int] = []
    read_files(paths(folder, "day.835", "two.835"), progress=done.append)
    assert done == [len(DAY), len(DAY) + len(TWO)]


def test_what_was_read_is_not_shown(folder: Path) -> None:
    with pl.Config(tbl_cols=-1, tbl_rows=-1):
        assert not [
            word
            for word in ("DOE", "PAT", "M1", "ICNA1")
            if word in repr(read_files(paths(folder, "day.835")))
        ]
