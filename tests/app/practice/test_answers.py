"""What acknowledgements do to claims: each file once, and each answer to the version it is of."""

import datetime as dt
from pathlib import Path

import pytest

from anodyne.app.practice import editing
from anodyne.app.practice.answers import match_answer, proof_of_filing, unmatched
from anodyne.app.practice.handing import hand_over, pick_up, receive
from anodyne.app.practice.sending import batch, release
from anodyne.kernel.errors import BadRequest
from anodyne.store.models import Acknowledgement, Answer, Claim, ClaimState, Document, Submission, Task
from anodyne.store.scope import within
from tests.denials.acknowledged import Status, claim_file, file_file
from tests.outward import AS_OF, MADE_AT, make_sending
from tests.practice import DAY, Small

pytestmark = pytest.mark.usefixtures("database")
BATCH = "0000000010001"
MEMBER = "1EG4TE5MK72"
SERVED = f"{DAY:%Y%m%d}"


def said(claim: str, *codes: str, action: str = "WQ", control: str = "", on: str = "20261123") -> Status:
    return Status(
        claim, codes or ("A2:20",), action, charge="175", on=on, member=MEMBER, served=SERVED, control=control
    )


def sent(root: Path, *ids: str) -> tuple[Small, int]:
    """A practice whose claims of these ids were handed over, and its clearinghouse."""
    one, house, _ = make_sending(root, *ids)
    with within(one.practice.pk, one.user.pk):
        (made,) = batch(as_of=AS_OF, made_at=MADE_AT, user=one.user.pk).submissions
        release(made.pk, as_of=AS_OF)
    hand_over(one.practice.pk, one.user.pk, made.pk)
    return one, house.pk


def heard(one: Small, name: str, data: bytes) -> None:
    receive(one.practice.pk, None, name, data, as_of=AS_OF)


def states(one: Small) -> dict[str, str]:
    with within(one.practice.pk):
        return dict(Claim.objects.order_by("claim_id").values_list("claim_id", "state"))


def test_a_999_that_accepts_says_that_the_file_was_received(tmp_path: Path) -> None:
    one, _ = sent(tmp_path, "A1", "A2")
    heard(one, "1.999", file_file("AK2*837*0001*005010X222A1", "IK5*A", "AK9*A*1*1*1"))
    assert states(one) == {"A1": ClaimState.SENT, "A2": ClaimState.SENT}
    with within(one.practice.pk):
        assert Submission.objects.get().state == "received"
        assert Acknowledgement.objects.get().unmatched == 0
        assert set(Answer.objects.values_list("verdict", flat=True)) == {"received"}


def test_a_999_that_refuses_the_file_rejects_its_claims(tmp_path: Path) -> None:
    one, _ = sent(tmp_path, "A1", "A2")
    heard(one, "1.999", file_file("AK2*837*0001*005010X222A1", "IK5*R*5", "AK9*R*1*1*0"))
    assert states(one) == {"A1": ClaimState.REJECTED, "A2": ClaimState.REJECTED}
    with within(one.practice.pk):
        assert Submission.objects.get().state == "refused"
        assert Task.objects.filter(kind="rejection").count() == 2


def test_a_277ca_accepts_one_and_rejects_another_with_its_words(tmp_path: Path) -> None:
    one, _ = sent(tmp_path, "A1", "A2")
    data = claim_file(
        said("A1", control="ICN55"), said("A2", "A3:21:85", action="U"), batch=BATCH
    )  # fmt: skip
    for _ in range(2):
        heard(one, "1.277", data)
    assert states(one) == {"A1": ClaimState.ACCEPTED, "A2": ClaimState.REJECTED}
    with within(one.practice.pk):
        assert Claim.objects.get(claim_id="A1").payer_control == "ICN55"
        task = Task.objects.get(kind="rejection")
        assert task.claim is not None
        assert (task.claim.claim_id, task.stake_cents) == ("A2", 17_500)
        assert "Rejected by MADE UP PLAN: rejected as it cannot be processed" in task.title
        versions = Claim.objects.get(claim_id="A2").versions.order_by("number")
        assert [(row.number, row.closed_at is None, row.checked_at is None) for row in versions] == [
            (1, False, False), (2, True, True)
        ]  # fmt: skip
        assert [line.code for line in versions[1].lines.all()] == ["20553"]
        answer = Answer.objects.get(claim__claim_id="A2", category="A3")
        assert (answer.status, answer.by, answer.version_id) == ("21", "payer", versions[0].pk)
        assert Acknowledgement.objects.count() == 1
        assert Document.objects.filter(kind="277CA").count() == 1


@pytest.mark.parametrize("mends", [True, False])
def test_a_rejected_claim_is_mended_and_goes_again_in_its_new_version(tmp_path: Path, mends: bool) -> None:
    one, _ = sent(tmp_path, "A1")
    heard(one, "1.277", claim_file(said("A1", "A3:21", action="U"), batch=BATCH))
    with within(one.practice.pk, one.user.pk):
        claim = Claim.objects.get()
        assert batch(as_of=AS_OF, made_at=MADE_AT, user=one.user.pk).submissions == ()
        if mends:
            values = {"note": "AS ASKED"}
            editing.edit_claim(claim.pk, claim.revision, values, user=one.user, as_of=AS_OF)
        else:
            editing.send_anew(claim.pk, claim.revision, as_of=AS_OF)
        (made,) = batch(as_of=AS_OF, made_at=MADE_AT, user=one.user.pk).submissions
        version = made.claims.get().version
        assert (version.number, version.frequency, version.original_ref) == (2, "1", None)
        release(made.pk, as_of=AS_OF)
    hand_over(one.practice.pk, one.user.pk, made.pk)
    heard(one, "2.277", claim_file(said("A1", on="20261125"), batch="0000000020001", on="20261125"))
    assert states(one) == {"A1": ClaimState.ACCEPTED}
    heard(one, "3.277", claim_file(said("A1", "A3:21", action="U"), batch=BATCH, totals=["QTY*AA*1"]))
    assert states(one) == {"A1": ClaimState.ACCEPTED}


def test_a_clearinghouse_that_passes_on_does_not_accept(tmp_path: Path) -> None:
    one, _ = sent(tmp_path, "A1")
    heard(one, "1.277", claim_file(said("A1", "A1:19"), source="AY", batch=BATCH))
    assert states(one) == {"A1": ClaimState.SENT}


def test_a_rejection_stands_against_an_earlier_acceptance_and_not_a_later_one(tmp_path: Path) -> None:
    one, _ = sent(tmp_path, "A1")
    heard(one, "1.277", claim_file(said("A1", "A3:21", action="U", on="20261124"), batch=BATCH))
    heard(one, "2.277", claim_file(said("A1", on="20261123"), batch=BATCH))
    assert states(one) == {"A1": ClaimState.REJECTED}
    heard(one, "3.277", claim_file(said("A1", on="20261126"), batch=BATCH, on="20261126"))
    assert states(one) == {"A1": ClaimState.ACCEPTED}
    with within(one.practice.pk):
        assert Task.objects.get(kind="rejection").done_at is not None


def test_what_is_of_no_claim_stays_for_a_person_who_says_whose_it_is(tmp_path: Path) -> None:
    one, _ = sent(tmp_path, "A1")
    heard(one, "1.277", claim_file(said("ZZ9", "A3:21", action="U"), batch=BATCH))
    assert states(one) == {"A1": ClaimState.SENT}
    with within(one.practice.pk, one.user.pk):
        (stray,) = unmatched()
        assert stray.claim_number == "ZZ9"
        assert Task.objects.get().title == "1 answers of 1.277 are of no claim that is known"
        with pytest.raises(BadRequest, match="no claim of this id was sent"):
            match_answer(stray.pk, "NONE", as_of=AS_OF)
        match_answer(stray.pk, " A1 ", as_of=AS_OF)
        assert unmatched() == []
        with pytest.raises(BadRequest):
            match_answer(stray.pk + 999, "A1", as_of=AS_OF)
    assert states(one) == {"A1": ClaimState.REJECTED}


def test_what_is_answered_has_left_even_if_we_were_stopped_before_we_wrote_it_down(tmp_path: Path) -> None:
    one, _, _ = make_sending(tmp_path, "A1")
    with within(one.practice.pk, one.user.pk):
        (made,) = batch(as_of=AS_OF, made_at=MADE_AT, user=one.user.pk).submissions
        release(made.pk, as_of=AS_OF)
    heard(one, "1.277", claim_file(said("A1"), batch=BATCH))
    assert states(one) == {"A1": ClaimState.ACCEPTED}
    with within(one.practice.pk):
        assert Submission.objects.get().handed_over_at is not None


def test_the_proof_of_filing_is_the_earliest_receipt(tmp_path: Path) -> None:
    one, _ = sent(tmp_path, "A1")
    with within(one.practice.pk):
        key = Claim.objects.get().pk
        assert proof_of_filing(key) is None
    heard(one, "1.277", claim_file(said("A1"), batch=BATCH))
    with within(one.practice.pk):
        proof = proof_of_filing(key)
        assert proof is not None
        assert (proof.words, proof.on, proof.document) == (
            "accepted by the payer", dt.date(2026, 11, 22), "1.277"
        )  # fmt: skip


def test_answers_of_another_practice_do_nothing_here(tmp_path: Path) -> None:
    one, _ = sent(tmp_path / "a", "A1")
    from tests.practice import make_practice  # noqa: PLC0415

    other = make_practice("Theirs")
    receive(other.practice.pk, None, "1.277", claim_file(said("A1"), batch=BATCH), as_of=AS_OF)
    assert states(one) == {"A1": ClaimState.SENT}
    with within(other.practice.pk):
        assert len(unmatched()) == 2


def test_files_are_picked_up_and_worked_once(tmp_path: Path) -> None:
    one, house = sent(tmp_path, "A1", "A2")
    (tmp_path / "inbound" / "1.999").write_bytes(
        file_file("AK2*837*0001*005010X222A1", "IK5*A", "AK9*A*1*1*1")
    )
    (tmp_path / "inbound" / "2.277").write_bytes(
        claim_file(said("A1"), said("A2", "A3:21", action="U"), batch=BATCH)
    )
    assert len(pick_up(one.practice.pk, None, house, as_of=AS_OF).new) == 2
    assert pick_up(one.practice.pk, None, house, as_of=AS_OF).new == ()
    assert states(one) == {"A1": ClaimState.ACCEPTED, "A2": ClaimState.REJECTED}
