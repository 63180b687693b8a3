"""Books: however what was read is divided, what comes of it is the same."""

import datetime as dt
import io
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
import pytest

from anodyne.app import remit_books, remit_read, remit_work, shelf
from anodyne.app.remit_check import check_files
from anodyne.app.remit_read import read_files
from anodyne.app.remit_work import Worked, work_files
from anodyne.cli import remit_check, remit_work_json, remit_work_text
from anodyne.cli.page import Page
from anodyne.model.remittance import SCHEMAS, Remittance
from anodyne.x12.read_remits import RemitPart
from tests.app.remit_weeks import weeks_at
from tests.denials import paid
from tests.denials.months import planted, rates
from tests.faces.small_month import written
from tests.x12.remittances import bpr, group, interchange, transaction

EXAMPLES = Path(__file__).parents[2] / "examples"
AS_OF = dt.date(2026, 1, 5)


def divide(monkeypatch: pytest.MonkeyPatch, claims: int) -> None:
    """Let books and parts be of so many claims, and write all of it at once."""
    monkeypatch.setattr(remit_books, "BOOK_CLAIMS", claims)
    monkeypatch.setattr(remit_read, "PART_CLAIMS", claims)
    monkeypatch.setattr(shelf, "CELLS", 0)


def payment(control: str, trace: str, amount: str, *body: str, day: str = "20251211") -> list[str]:
    head = (
        bpr(amount, day=day), f"TRN*1*{trace}*1512345678", "N1*PR*CEDAR MUTUAL PPO*XV*CDR01",
        "N1*PE*CLINIC*XX*1",
    )  # fmt: skip
    taken = [one for one in body if one.startswith("PLB")]
    return transaction("LX*1", *(one for one in body if one not in taken), *taken, head=head, control=control)


def claim(name: str, sums: str, status: str = "1", member: str = "M1", reason: str = "CO*45*70") -> list[str]:
    return [
        f"CLP*{name}*{status}*{sums}*CI*ICN{name}*11*1",
        *([f"NM1*QC*1******MI*{member}"] if member else []),
        "DTM*232*20251112",
        f"SVC*HC:99214*{sums.rpartition('*')[0]}**1",
        "DTM*472*20251112",
        f"CAS*{reason}",
    ]


TANGLED = interchange(
    group(
        payment("0001", "EFT1", "390", *claim("A1", "200*130*0"), *claim("A2", "200*130*0", member="M2"),
                *claim("A3", "200*130*0", member="")),
        payment("0002", "EFT2", "-80", *claim("A1", "-200*-130*0", status="22", reason="CO*45*-70"),
                *claim("A1", "200*92*0", reason="CO*45*108"),
                "PLB*1*20251231*WO:ICNA2*12", "PLB*1*20251231*FB:NOBODYS*30", day="20251212"),
        payment("0003", "EFT1", "390", *claim("A1", "200*130*0"), *claim("A2", "200*130*0", member="M2"),
                *claim("A3", "200*130*0", member="")),
        payment("0004", "EFT4", "130", *claim("A2", "200*130*0", member="M2"), day="20251213"),
        payment("0005", "EFT4", "130", *claim("B9", "200*130*0", member="M9"), day="20251213"),
        payment("0006", "EFT6", "1", *claim("C1", "200*130*0", member="M9")),
    )
)  # fmt: skip
"""A copy, two versions, a reversal and its correction, what was taken back, and what does not add up."""


def outputs(remits: Sequence[str], claims: Sequence[str], contracts: str | None) -> tuple[bytes, ...]:
    told = [io.BytesIO() for _ in range(4)]
    with work_files(remits, claims=claims, contracts=contracts, as_of=AS_OF) as found:
        remit_work_json.write(found, told[0])
        remit_work_text.write(found, told[1], Page(100))
    checked = check_files(remits)
    remit_check.write_json(checked, told[2])
    remit_check.write_text(checked, told[3], Page(100))
    return tuple(one.getvalue() for one in told)


@pytest.fixture(params=["a small month", "the example", "weeks", "tangled"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[list[str], list[str], str]:
    month = written(tmp_path)
    match request.param:
        case "a small month":
            return [month.remits], [month.claims], month.contracts
        case "the example":
            return [str(EXAMPLES / "remit.835")], [str(EXAMPLES / "day.837")], str(EXAMPLES / "contracts.csv")
        case "weeks":
            weeks = [weeks_at(tmp_path / f"{one}.835", [1, 2, 0], 3, payer=one) for one in ("P1", "P2")]
            return [*weeks, month.remits], [month.claims], month.contracts
        case _:
            (tmp_path / "tangled.835").write_bytes(TANGLED)
            return [str(tmp_path / "tangled.835"), month.remits], [month.claims], month.contracts


@pytest.mark.parametrize("claims", [1, 2, 5])
def test_many_books_say_what_one_says(
    files: tuple[list[str], list[str], str], claims: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = outputs(*files)
    divide(monkeypatch, claims)
    assert outputs(*files) == one


def parts_of(said: Remittance, claims: int) -> Iterator[RemitPart]:
    """`said` in parts of so many claims, of which each is a payment."""
    for first in range(0, len(said.remits), claims):
        here = pl.col("remit_key").is_between(first, first + claims - 1)
        payments = pl.col("payment_key").is_between(first, first + claims - 1)
        own = {"payments": payments, "provider_adjustments": payments}
        yield RemitPart(
            Remittance(**{name: getattr(said, name).filter(own.get(name, here)) for name in SCHEMAS}), b""
        )


@pytest.mark.parametrize("seed", [3, 11])
def test_what_payers_reduce_and_lower_is_told_of_all_books_together(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, _ = paid.remittance(*planted(seed, 150)[0])
    monkeypatch.setattr(remit_work, "read_contracts", lambda *_, **__: paid.contracts(*rates()))
    monkeypatch.setattr(remit_read, "_parts", lambda *_: parts_of(said, 20))

    def worked() -> Worked:
        return work_files(["made.835"], contracts="rates", as_of=AS_OF)

    one = worked()
    divide(monkeypatch, 20)
    many = worked()
    assert len(one.downcodes) > 10
    assert len(one.work) > 10
    for name in ("downcodes", "work", "determinations", "expected"):
        assert getattr(many, name).equals(getattr(one, name)), name
    assert many.matches.claims.equals(one.matches.claims)


def test_a_file_cut_off_leaves_nothing_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    divide(monkeypatch, 1)
    (tmp_path / "cut.835").write_bytes(TANGLED[:-40])
    (tmp_path / "whole.835").write_bytes(TANGLED)
    with read_files([str(tmp_path / name) for name in ("cut.835", "whole.835")]) as found:
        assert len(found.errors) == 1
        assert found.remittance.remits["remit_key"].to_list() == list(range(11))
        assert found.said.claims == 11


def test_nothing_stays_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    month = written(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    divide(monkeypatch, 1)
    with work_files([month.remits], claims=[month.claims], as_of=AS_OF):
        assert [folder.stat().st_mode & 0o077 for folder in scratch.iterdir()] == [0]
    assert not list(scratch.iterdir())
    check_files([month.remits])
    assert not list(scratch.iterdir())

    def broken(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("anodyne.app.remit_work.checked", broken)
    with pytest.raises(KeyboardInterrupt):
        work_files([month.remits], claims=[month.claims], as_of=AS_OF)
    assert not list(scratch.iterdir())
