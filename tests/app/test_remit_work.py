"""What is to be done about a small made-up month: what is worked, what is held, what it answers."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from anodyne.app.remit_work import Worked, work_files
from anodyne.kernel.errors import BadRequest, UnreadableFile
from tests.denials.acknowledged import Status, claim_file
from tests.faces.small_month import AS_OF, Month, sent, written


@pytest.fixture
def month(tmp_path: Path) -> Month:
    return written(tmp_path)


def worked(month: Month, *more: str, as_of: dt.date = AS_OF) -> Worked:
    return work_files([month.remits, *more], claims=[month.claims], contracts=month.contracts, as_of=as_of)


def test_every_remitted_claim_finds_the_one_that_was_sent(month: Month) -> None:
    found = worked(month)
    ours = found.claims.select("claim_key", sent="claim_id")
    told = found.matches.claims.join(found.remittance.remits, on="remit_key").join(ours, on="claim_key")
    assert dict(told.select("claim_id", "sent").iter_rows()) == {one: one for one in ("P1", "P2", "P3", "P4")}
    assert set(told["certainty"]) == {"certain"}


def test_a_stranger_is_quarantined_and_not_guessed(month: Month) -> None:
    found = worked(month)
    ids = found.quarantine.join(found.remittance.remits, on="remit_key")["claim_id"]
    assert ids.to_list() == ["STRANGER"]


def test_a_payment_that_does_not_add_up_is_held_and_none_of_its_claims_is_worked(month: Month) -> None:
    found = worked(month)
    assert found.held["trace"].to_list() == ["EFT2"]
    assert "P5" not in found.remittance.remits["claim_id"]
    assert "P5" not in found.work["claim_id"]


def test_a_quiet_underpayment_and_a_restated_code_are_told_once_each(month: Month) -> None:
    found = worked(month)
    rows = found.downcodes.join(found.remittance.remits.select("remit_key", "claim_id"), on="remit_key")
    told = rows.select("claim_id", "kind", "difference_cents", "sure").rows()
    assert told == [("P2", "priced_down", 3800, True), ("P3", "restated", 3800, True)]


def test_what_was_paid_as_agreed_asks_for_nothing(month: Month) -> None:
    found = worked(month)
    assert "P1" not in found.work["claim_id"]
    expected = found.expected.join(found.remittance.remits, on="remit_key").filter(claim_id="P1")
    assert expected["expected_cents"].to_list() == [13000]


def test_a_denial_has_its_action_deadline_and_the_contracts_amount_at_stake(month: Month) -> None:
    row = worked(month).work.filter(claim_id="P4").row(0, named=True)
    assert (row["what"], row["action"], row["program"]) == ("denied", "appeal", "medicare")
    assert row["deadline"] == dt.date(2026, 4, 15)
    assert row["days_left"] == (row["deadline"] - AS_OF).days


def test_a_short_line_is_not_disputed_by_a_price_its_payer_is_not_held_to(month: Month) -> None:
    """Medicare's prices are national where the locality is not told: a cent less is no underpayment."""
    found = work_files([month.remits], claims=[month.claims], as_of=AS_OF)
    assert "dispute_underpayment" not in found.work["action"]


def test_a_file_given_twice_counts_once(month: Month, tmp_path: Path) -> None:
    again = tmp_path / "again.835"
    again.write_bytes(Path(month.remits).read_bytes())
    once, twice = worked(month), worked(month, str(again))
    assert twice.repeated == (str(again),)
    assert twice.work.equals(once.work)


def test_a_payment_told_again_in_other_bytes_counts_once(month: Month, tmp_path: Path) -> None:
    again = tmp_path / "again.835"
    again.write_bytes(Path(month.remits).read_bytes().replace(b"~", b"~\n"))
    once, twice = worked(month), worked(month, str(again))
    assert twice.work["claim_id"].to_list() == once.work["claim_id"].to_list()
    assert len(twice.downcodes) == len(once.downcodes)


def test_without_claims_nothing_is_called_a_stranger(month: Month) -> None:
    found = work_files([month.remits], contracts=month.contracts, as_of=AS_OF)
    assert found.quarantine.is_empty()
    assert "P4" in found.work["claim_id"]


def test_medicare_is_known_by_the_claim_where_the_remittance_does_not_say(month: Month) -> None:
    quiet = Path(month.remits)
    quiet.write_bytes(quiet.read_bytes().replace(b"*MB*", b"**"))
    kinds = worked(month).expected["kind"].drop_nulls()
    assert "medicare" in kinds


def test_acknowledgements_without_claims_are_refused(month: Month) -> None:
    with pytest.raises(BadRequest, match="acknowledgements"):
        work_files([month.remits], acknowledgements=[month.claims], as_of=AS_OF)


def test_standard_input_is_named_once() -> None:
    with pytest.raises(BadRequest, match="twice"):
        work_files(["-"], claims=["-"], as_of=AS_OF)


def test_what_cannot_be_read(month: Month, tmp_path: Path) -> None:
    found = worked(month, str(tmp_path / "none.835"))
    assert [error.file for error in found.read.errors] == [str(tmp_path / "none.835")]
    assert len(found.work)
    with pytest.raises(UnreadableFile):
        work_files([month.remits], claims=[str(tmp_path / "none.837")], as_of=AS_OF)


def test_keys_stay_those_of_what_was_read(month: Month) -> None:
    found = worked(month)
    whole = found.read.remittance.remits.select("remit_key", "claim_id")
    kept = found.remittance.remits.select("remit_key", "claim_id")
    assert kept.join(whole, on=["remit_key", "claim_id"]).height == kept.height
    assert (
        found.work.filter(pl.col("remit_key").is_in(kept["remit_key"].implode())).height == found.work.height
    )


def test_a_payers_receipt_proves_filing_in_time(month: Month, tmp_path: Path) -> None:
    late = Path(month.remits)
    late.write_bytes(late.read_bytes().replace(b"CO*50*625", b"CO*29*625").replace(b"LQ*HE*N115~", b""))
    accepted = tmp_path / "accepted.277"
    accepted.write_bytes(
        claim_file(
            Status("P4", served="20251112", member="M00000004", charge="625", on="20251116"),
            on="20251116",
            received="20251115",
        )
    )
    without = worked(month).work.filter(claim_id="P4").row(0, named=True)
    proven = work_files(
        [month.remits], claims=[month.claims], acknowledgements=[str(accepted)], as_of=AS_OF
    ).work.filter(claim_id="P4")
    assert any("in time" in need for need in without["needs"])
    assert not any("in time" in need for need in proven["needs"].item())


def test_a_receipt_later_than_a_year_proves_nothing(month: Month, tmp_path: Path) -> None:
    late = Path(month.remits)
    late.write_bytes(late.read_bytes().replace(b"CO*50*625", b"CO*29*625").replace(b"LQ*HE*N115~", b""))
    accepted = tmp_path / "accepted.277"
    accepted.write_bytes(claim_file(Status("P4", served="20251112", member="M00000004", charge="625")))
    found = work_files(
        [month.remits], claims=[month.claims], acknowledgements=[str(accepted)], as_of=AS_OF
    ).work.filter(claim_id="P4")
    assert any("in time" in need for need in found["needs"].item())


def test_a_submission_that_was_rejected_and_sent_again_does_not_count(month: Month, tmp_path: Path) -> None:
    """The same claim in two files is a tie, until an acknowledgement says that one was rejected."""
    again, refused = tmp_path / "again.837", tmp_path / "refused.277"
    again.write_bytes(sent("20251120"))
    said = {"served": "20251112", "on": "20251115"}
    refused.write_bytes(
        claim_file(
            *(
                Status(f"P{n}", ["A3:21:85"], "U", member=f"M0000000{n}", charge="200", **said)
                for n in (1, 2)
            ),
            on="20251115",
            received="20251114",
        )
    )
    both = [month.claims, str(again)]
    tied = work_files([month.remits], claims=both, as_of=AS_OF)
    told = work_files([month.remits], claims=both, acknowledgements=[str(refused)], as_of=AS_OF)
    ids = [
        set(one.quarantine.join(one.remittance.remits, on="remit_key")["claim_id"]) for one in (tied, told)
    ]
    assert ids == [{"P1", "P2", "P3", "P4", "STRANGER"}, {"P3", "P4", "STRANGER"}]
