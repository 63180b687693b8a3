"""What a made-up clearinghouse answers: read back as anybody's answers are read."""

import datetime as dt
import io
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from anodyne.app.remit_statuses import remit_statuses
from anodyne.app.remit_work import work_files
from anodyne.kernel.errors import UnreadableFile
from anodyne.simulator.answering import adjudicated, answered
from anodyne.simulator.files import Composer
from anodyne.simulator.simulate import Simulated, simulate
from anodyne.x12.read_statuses import read_status_stream
from tests.claims import reference

AS_OF = dt.date(2026, 11, 21)
ON, PAID_ON = dt.date(2026, 11, 23), dt.date(2026, 11, 26)


@dataclass(frozen=True)
class Sent:
    made: Simulated
    data: bytes


@pytest.fixture(scope="module")
def sent() -> Sent:
    """Claims of a year that a payer gets first, in one file."""
    made = simulate(11, 40, AS_OF, reference=reference())
    keys = [
        key
        for key, frequency in enumerate(made.claims["frequency"])
        if frequency == "1" and _known(made, key)
    ]
    return Sent(made, Composer(made).file(keys, AS_OF, 900_000_001))


def _known(made: Simulated, key: int) -> bool:
    return not made.claims["member_id"][key].endswith("00")


def said(data: bytes) -> pl.DataFrame:
    told = answered(data, name="day.837", on=ON).statuses
    assert told is not None
    parts = list(read_status_stream(io.BytesIO(told), name="day.277"))
    return pl.concat([part.statuses for part in parts]).filter(pl.col("level") == "claim")


def claims_of(data: bytes) -> int:
    return data.count(b"\nCLM*")


def test_every_claim_is_accepted_with_a_number_of_its_own(sent: Sent, tmp_path: Path) -> None:
    answers = answered(sent.data, name="day.837", on=ON)
    assert answers.statuses is not None
    for name, data in (("1.837", sent.data), ("1.999", answers.acknowledgement), ("1.277", answers.statuses)):
        (tmp_path / name).write_bytes(data)
    report = remit_statuses(
        [str(tmp_path / "1.999"), str(tmp_path / "1.277")],
        claims=[str(tmp_path / "1.837")],
        reference=reference(),
    )
    assert report.strays.is_empty(), report.strays
    standings = report.standings
    assert len(standings) == claims_of(sent.data)
    assert set(standings["standing"]) == {"accepted"}
    assert standings["payer_control"].n_unique() == len(standings)


def test_the_same_file_and_day_give_the_same_bytes(sent: Sent) -> None:
    one, other = (answered(sent.data, name=name, on=ON) for name in ("a.837", "b.837"))
    assert one == other
    paid = [adjudicated(sent.data, name="a", on=PAID_ON, reference=reference()) for _ in range(2)]
    assert paid[0] == paid[1]


def mended(data: bytes, old: bytes, new: bytes) -> bytes:
    assert data.count(old) >= 1, old
    return data.replace(old, new, 1)


def test_a_member_id_that_ends_in_00_is_refused_and_every_other_is_not(sent: Sent) -> None:
    members = sent.made.claims["member_id"]
    member = members[0].encode()
    theirs = said(sent.data).filter(pl.col("member_id") == members[0]).height
    assert theirs
    for ending, refused in ((b"00", theirs), (b"01", 0), (b"10", 0)):
        told = said(mended(sent.data, b"*MI*" + member, b"*MI*" + member[:-2] + ending))
        back = told.filter(pl.col("action") == "U")
        assert len(back) == refused
        assert back.filter(pl.col("category") != "A7").is_empty()
        assert back["payer_control"].drop_nulls().is_empty()


@pytest.mark.parametrize(
    ("frequency", "number", "refused"),
    [(b"7", b"", 1), (b"8", b"", 1), (b"7", b"REF*F8*X1~\n", 0), (b"1", b"", 0)],
)
def test_a_correction_without_the_payers_number_is_refused(
    sent: Sent, frequency: bytes, number: bytes, refused: int
) -> None:
    head, mark, rest = sent.data.partition(b":B:1*")
    before, hi, after = rest.partition(b"HI*")
    assert mark
    assert hi
    data = head + b":B:" + frequency + b"*" + before + number + hi + after
    if number:
        start = data.rindex(b"\nSE*")
        count = data[start:].split(b"*")[1]
        data = data[:start] + data[start:].replace(count, str(int(count) + 1).encode(), 1)
    back = said(data).filter(pl.col("action") == "U")
    assert len(back) == refused
    assert set(back["status"]) <= {"464"}


def test_a_transaction_with_a_wrong_count_is_refused_and_nothing_is_said_of_its_claims(sent: Sent) -> None:
    start = sent.data.rindex(b"\nSE*")
    wrong = sent.data[:start] + sent.data[start:].replace(b"SE*", b"SE*9", 1)
    answers = answered(wrong, name="day.837", on=ON)
    assert b"IK5*R*" in answers.acknowledgement
    assert b"AK9*R*1*1*0" in answers.acknowledgement
    assert answers.statuses is None
    assert adjudicated(wrong, name="day.837", on=PAID_ON, reference=reference()) is None


@pytest.mark.parametrize("data", [b"", b"hello", b"ISA*00*"])
def test_what_is_no_file_of_claims_is_told(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        answered(data, name="day.837", on=ON)


def test_payments_balance_and_pay_most_claims_by_contract(sent: Sent, tmp_path: Path) -> None:
    data = adjudicated(sent.data, name="day.837", on=PAID_ON, reference=reference())
    assert data is not None
    (tmp_path / "1.835").write_bytes(data)
    (tmp_path / "1.837").write_bytes(sent.data)
    sent.made.contracts.write_csv(tmp_path / "contracts.csv")
    worked = work_files(
        [str(tmp_path / "1.835")],
        claims=[str(tmp_path / "1.837")],
        contracts=str(tmp_path / "contracts.csv"),
        as_of=PAID_ON,
        reference=reference(),
    )
    assert data.count(b"\nCLP*") == claims_of(sent.data)
    assert worked.checked.all_hold
    assert worked.matches.quarantine.is_empty()
    short = set(worked.downcodes.join(worked.remittance.remits, on="remit_key")["claim_id"])
    denied = data.count(b"\nCAS*CO*50*")
    remits = worked.remittance.remits.select("remit_key", "claim_id", "status")
    full = worked.expected.join(remits, on="remit_key").filter(
        ~pl.col("claim_id").is_in(list(short)) & (pl.col("status") != "4")
    )
    assert full.filter(pl.col("expected_cents") != pl.col("allowed_cents")).is_empty()
    assert 0 < denied + len(short) < claims_of(sent.data) // 4


def test_a_code_and_a_payer_that_the_scenario_does_not_know_are_paid_a_share_of_the_charge(
    sent: Sent,
) -> None:
    payer = sent.made.world.payers["medicare"]
    strange = sent.data.replace(f"*PI*{payer.id}~".encode(), b"*PI*99999~")
    assert strange != sent.data
    data = adjudicated(strange, name="day.837", on=PAID_ON, reference=reference())
    assert data is not None
    assert b"N1*PR*" in data
    assert b"*XV*99999" in data
