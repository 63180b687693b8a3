"""The spool: a check that spills to a folder says what one in memory says, and leaves nothing behind."""

import datetime as dt
import tempfile
from pathlib import Path

import polars as pl
import pytest

from anodyne.app import check as check_module
from anodyne.app.check import Report, check
from anodyne.app.spool import Spool
from anodyne.app.summary import Summary
from anodyne.model.frames import FINDINGS, empty
from tests.claims import AS_OF, Claim, Line, book_from, file_of, reference

EPIDURAL = Line("62323", charge=625_00)
MONTHS = tuple(dt.date(2026, month, 3) for month in (1, 3, 5, 7, 9))
"""The days of five sessions of one patient: the fifth within 12 months is one too many."""


def claims() -> list[Claim]:
    """Thirty claims: five of patient 1, far apart in the file, and others of one patient each."""
    others = [
        Claim([Line("20553"), Line("20552", charge=140_00)], id=f"B{number}", patient=number)
        for number in range(2, 27)
    ]
    for place, day in enumerate(MONTHS):
        others.insert(place * 6, Claim([EPIDURAL], id=f"E{place}", patient=1, on=day))
    return others


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which temporary folders are made."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def spill(monkeypatch: pytest.MonkeyPatch, batch_claims: int) -> None:
    """Let every check write to its folder once it holds so many claims."""
    monkeypatch.setattr(check_module, "Spool", lambda: Spool(batch_claims))


def run(*files: Path) -> Report:
    return check([str(file) for file in files], as_of=AS_OF, reference=reference())


def told(report: Report) -> tuple[pl.DataFrame, Summary]:
    return pl.concat([chunk.findings for chunk in report.chunks()]), report.summary


def numbers(summary: Summary) -> dict[str, object]:
    return {name: getattr(summary, name) for name in Summary.__slots__ if name != "seconds"}


def files_of(folder: Path, *some: list[Claim]) -> list[Path]:
    """A file for each list of claims; what is read from one file is a batch, however small batches may be."""
    paths = [folder / f"{number}.837" for number in range(len(some))]
    for path, its_claims in zip(paths, some, strict=True):
        path.write_bytes(file_of(*its_claims))
    return paths


def test_spilled_and_held_checks_say_the_same(
    tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = claims()
    files = files_of(tmp_path, every[:11], every[11:12], every[12:23], every[23:])
    with run(*files) as report:
        held, held_summary = told(report)
    assert not list(scratch.iterdir())
    spill(monkeypatch, 1)
    with run(*files) as report:
        assert len(list(scratch.iterdir())) == 1
        spilled, spilled_summary = told(report)
    assert held.equals(spilled, null_equal=True)
    assert numbers(held_summary) == numbers(spilled_summary)
    assert set(held["rule"]) >= {"INJ-01"}


def test_a_patient_in_several_batches_is_judged_whole(
    tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spill(monkeypatch, 1)
    each = [[Claim([EPIDURAL], id=f"E{n}", patient=1, on=day)] for n, day in enumerate(MONTHS)]
    with run(*files_of(tmp_path, *each)) as report:
        assert list(scratch.iterdir())
        findings, _ = told(report)
    over = findings.filter(pl.col("message").str.contains("fifth"))
    assert over["claim"].unique().to_list() == ["E4"]


def test_the_folder_goes_when_the_report_is_closed(
    tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spill(monkeypatch, 1)
    with run(*files_of(tmp_path, claims()[:2], claims()[2:4])):
        assert list(scratch.iterdir())
    assert not list(scratch.iterdir())
    report = run(*files_of(tmp_path, claims()[:2], claims()[2:4]))
    assert list(scratch.iterdir())
    report.close()
    report.close()
    assert not list(scratch.iterdir())


def test_the_folder_goes_also_when_its_removal_is_broken_off(
    tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(_: object) -> None:
        assert list(scratch.iterdir())
        raise SystemExit

    spill(monkeypatch, 1)
    report = run(*files_of(tmp_path, claims()[:2], claims()[2:4]))
    with monkeypatch.context() as patch:
        patch.setattr(tempfile.TemporaryDirectory, "cleanup", breaks)
        with pytest.raises(SystemExit):
            report.close()
    assert not list(scratch.iterdir())
    report.close()


def test_the_folder_goes_with_a_report_that_nobody_closed(
    tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spill(monkeypatch, 1)
    report = run(*files_of(tmp_path, claims()[:2], claims()[2:4]))
    assert list(scratch.iterdir())
    with pytest.warns(ResourceWarning):
        del report
    assert not list(scratch.iterdir())


def test_the_folder_goes_when_the_check_fails(
    tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        assert list(scratch.iterdir())
        raise RuntimeError

    spill(monkeypatch, 1)
    monkeypatch.setattr(check_module, "judge_book", fail)
    with pytest.raises(RuntimeError):
        run(*files_of(tmp_path, claims()[:2], claims()[2:4]))
    assert not list(scratch.iterdir())


def test_findings_of_the_envelope_are_told_with_the_first_claims(scratch: Path) -> None:
    one, other = (book_from(Claim([EPIDURAL], id=name, patient=n)) for n, name in enumerate(("A", "B")))
    later = other.claims.with_columns(claim_key=pl.lit(1, pl.UInt32))
    found = pl.DataFrame(
        {"rule": ["X12-1", "X12-2", "X12-3"], "claim_key": [None, 0, 1]},
        schema_overrides={"claim_key": pl.UInt32},
    )
    found = pl.concat([empty(FINDINGS), found], how="diagonal")
    with Spool(1) as spool:
        spool.add(one.claims, one.lines)
        spool.put(found.filter(pl.col("rule") != "X12-3"))
        spool.add(later, other.lines.with_columns(claim_key=pl.lit(1, pl.UInt32)))
        spool.put(found.filter(rule="X12-3"))
        books = list(spool.books())
        spool.put(found.filter(rule="X12-3"))
        assert list(scratch.iterdir())
        assert sum(len(book.claims) for book in books) == 2
        assert [findings["rule"].to_list() for _, _, findings in spool.chunks()] == [
            ["X12-1", "X12-2"],
            ["X12-3", "X12-3"],
        ]


def test_claims_come_back_in_the_order_of_the_file(
    tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spill(monkeypatch, 1)
    every = claims()
    with run(*files_of(tmp_path, every[:9], every[9:20], every[20:])) as report:
        assert list(scratch.iterdir())
        ids = [name for chunk in report.chunks() for name in chunk.claims["claim_id"]]
    assert ids == [claim.id for claim in every]
