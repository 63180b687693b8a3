"""What leaves: whole, once, as the database holds it, and only what nothing stands against."""

import datetime as dt
import os
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from anodyne.app.practice import sending
from anodyne.app.practice.checking import recheck
from anodyne.app.practice.editing import correct
from anodyne.app.practice.fitness import Fitness
from anodyne.app.practice.outbox import file_of, look, piles
from anodyne.app.practice.sending import NotSent, batch, mailed, release, withdraw
from anodyne.kernel.errors import BadRequest
from anodyne.store.models import (
    Claim,
    ClaimState,
    ClaimVersion,
    Document,
    Finding,
    Line,
    Note,
    Practice,
    Submission,
    SubmissionClaim,
    Waiver,
)
from anodyne.store.scope import within
from anodyne.x12.compose import compose
from tests.outward import AS_OF, MADE_AT, make_house, make_ready, make_sending
from tests.practice import DAY, Small, make_practice

pytestmark = pytest.mark.usefixtures("database")


def made(one: Small, *claims: Claim, **more: Any) -> sending.Batch:
    return batch(
        [claim.pk for claim in claims] or None, as_of=AS_OF, made_at=MADE_AT, user=one.user.pk, **more
    )


def refused(one: Small, *claims: Claim, **more: Any) -> str:
    with pytest.raises(NotSent) as error:
        made(one, *claims, **more)
    return str(error.value)


def second_line(claim: Claim, code: str = "20552") -> None:
    """A second line, judged with the first."""
    version = claim.versions.get(closed_at=None)
    Line.objects.create(
        version=version, line=2, code=code, units=1, unit_basis="UN", charge_cents=14_000, served_on=DAY,
        served_to=DAY, dx_pointers="1", facts={"code_system": "HC"},
    )  # fmt: skip
    version.facts["charge_cents"] = claim.charge_cents = 31_500
    version.save()
    claim.save()
    recheck([claim.pk], as_of=AS_OF)
    claim.refresh_from_db()


def test_a_batch_closes_what_it_holds() -> None:
    one, house, claims = make_sending(None, "A1", "A2")
    with within(one.practice.pk, one.user.pk):
        (pile,) = piles()
        assert (pile.clearinghouse, pile.claims, pile.charge_cents) == (house, 2, 35_000)
        (submission,) = made(one).submissions
        assert (submission.control_number, submission.state) == (1, "made")
        assert set(Claim.objects.values_list("state", flat=True)) == {ClaimState.BATCHED}
        assert not ClaimVersion.objects.filter(closed_at=None).exists()
        assert piles() == ()
        looked = look(submission.pk)
        assert [row["claim_id"] for row in looked.claims] == ["A1", "A2"]
        assert looked.charge_cents == 35_000
        assert "CLM*A1*175*" in looked.text
    assert claims


def test_the_same_content_number_and_time_are_the_same_bytes() -> None:
    texts = []
    for name, ids in (("Ours", ("A2", "A1")), ("Theirs", ("A1", "A2"))):
        one = make_practice(name)
        make_house(one)
        with within(one.practice.pk, one.user.pk):
            make_ready(one, *ids)
            texts.append(look(made(one).submissions[0].pk).text)
    assert texts[0].replace("OURS", "THEIRS") == texts[1]


def test_numbers_go_on_and_each_clearinghouse_has_a_file() -> None:
    one, _, _ = make_sending(None, "A1")
    with within(one.practice.pk, one.user.pk):
        first = made(one).submissions
        other = one.payer.__class__.objects.create(name="CEDAR MUTUAL", payer_id="CDR01", filing="CI")
        make_house(one, name="Second House", receiver_id="SECOND01")
        other.clearinghouse_id = first[0].clearinghouse_id
        other.save()
        a, b = make_ready(one, "B1", "B2")
        facts = {"payer_id": "CDR01", "payer_name": "CEDAR MUTUAL", "filing": "CI"}
        version = b.versions.get()
        version.facts |= facts
        version.save()
        Claim.objects.filter(pk=b.pk).update(payer=other)
        recheck([b.pk], as_of=AS_OF)
        batch_of_two = made(one, a, b).submissions
        assert [row.control_number for row in (*first, *batch_of_two)] == [1, 2, 3]
        assert {row.clearinghouse_id for row in batch_of_two} == {
            one.payer.clearinghouse_id, other.clearinghouse_id
        }  # fmt: skip


def test_a_claim_with_a_denial_leaves_only_when_it_is_waived() -> None:
    one, _, (claim,) = make_sending(None, "A1")
    with within(one.practice.pk, one.user.pk):
        second_line(claim)
        assert claim.state == ClaimState.HELD
        assert "it is held" in refused(one, claim)
        found = Finding.objects.get(version__claim=claim, outcome="deny")
        waiver = Waiver.objects.create(
            claim=claim, rule=found.rule, line=found.line.line if found.line else None,
            reason="the payer pays both", until=AS_OF, by=one.user,
        )  # fmt: skip
        recheck([claim.pk], as_of=AS_OF)
        with pytest.raises(NotSent, match=found.rule):
            batch([claim.pk], as_of=AS_OF + dt.timedelta(days=1), made_at=MADE_AT)
        (submission,) = made(one, claim).submissions
        Waiver.objects.filter(pk=waiver.pk).update(until=AS_OF - dt.timedelta(days=1))
        with pytest.raises(NotSent, match=found.rule):
            release(submission.pk, as_of=AS_OF)
        Waiver.objects.filter(pk=waiver.pk).update(until=None)
        assert release(submission.pk, as_of=AS_OF).state == "released"


def test_a_claim_that_was_not_checked_since_it_changed_stays() -> None:
    one, _, (claim,) = make_sending(None, "A1")
    with within(one.practice.pk, one.user.pk):
        ClaimVersion.objects.filter(claim=claim).update(checked_at=None)
        assert "changed since it was checked" in refused(one, claim)
        everything = made(one)
        assert everything.submissions == ()
        assert [left.claim_id for left in everything.left] == ["A1"]


def test_what_the_rules_find_only_in_the_file_keeps_all_of_it() -> None:
    one, _, (good, bad) = make_sending(None, "A1", "A2")
    with within(one.practice.pk, one.user.pk):
        second_line(bad)
        Finding.objects.all().delete()
        Claim.objects.update(state=ClaimState.READY)
        text = refused(one, good, bad)
        assert "claim A2: " in text
        assert "claim A1" not in text
        assert not Submission.objects.exists()
        assert not Document.objects.exists()
        assert Practice.objects.get(pk=one.practice.pk).last_control_number == 0
        assert set(Claim.objects.values_list("state", flat=True)) == {ClaimState.READY}
        assert made(one, good).submissions[0].control_number == 1


def test_a_file_that_differs_from_the_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    one, _, (claim,) = make_sending(None, "A1")

    def wrong(*args: Any, **kwargs: Any) -> bytes:
        return compose(*args, **kwargs).replace(b"SV1*HC:20553*175*", b"SV1*HC:20552*175*")

    monkeypatch.setattr(sending, "compose", wrong)
    with within(one.practice.pk, one.user.pk):
        assert "its lines in the file differ from the database" in refused(one, claim)


def test_what_cannot_be_written_is_told_with_its_claim() -> None:
    one, _, (claim,) = make_sending(None, "A1")
    with within(one.practice.pk, one.user.pk):
        one.billing.street = ""
        one.billing.save()
        with pytest.raises(BadRequest, match="claim A1"):
            made(one, claim)
        assert Practice.objects.get(pk=one.practice.pk).last_control_number == 0


def test_a_payer_without_a_way_is_told() -> None:
    one, _, (claim,) = make_sending(None, "A1")
    with within(one.practice.pk, one.user.pk):
        one.payer.clearinghouse = None
        one.payer.save()
        assert "has no clearinghouse" in refused(one, claim)
        (pile,) = piles()
        assert pile.clearinghouse is None


def test_a_forged_claim_is_refused() -> None:
    one, _, _ = make_sending(None, "A1")
    other = make_practice("Theirs")
    with within(other.practice.pk):
        theirs = other.claim("X1")
    with within(one.practice.pk, one.user.pk), pytest.raises(BadRequest, match="are not there"):
        made(one, theirs)


# ---------------------------------------------------------------------------- the same twice


def test_the_same_service_is_not_sent_twice_unless_somebody_says_why() -> None:
    one, _, (first,) = make_sending(None, "A1")
    with within(one.practice.pk, one.user.pk):
        made(one)
        (again,) = make_ready(one, "A9")
        Claim.objects.filter(pk=again.pk).update(patient=first.patient, state=ClaimState.READY)
        ClaimVersion.objects.filter(claim=again).update(checked_at=MADE_AT)
        Finding.objects.all().delete()
        assert "sent before, with claim A1" in refused(one, again)
        everything = made(one)
        assert [left.repeats for left in everything.left] == [True]


def test_a_reason_lets_the_same_service_go_again_and_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    one, _, (first,) = make_sending(None, "A1")
    monkeypatch.setattr(sending, "refusals", lambda *_, **__: [])
    with within(one.practice.pk, one.user.pk):
        made(one)
        (again,) = make_ready(one, "A9")
        Claim.objects.filter(pk=again.pk).update(patient=first.patient, state=ClaimState.READY)
        Finding.objects.all().delete()
        (submission,) = made(one, again, again={again.pk: "the payer lost the first"}).submissions
        assert submission.control_number == 2
        assert Note.objects.get().text == "Sent again: the payer lost the first"


@pytest.mark.parametrize("state", [ClaimState.REJECTED])
def test_what_was_rejected_may_go_again(state: str) -> None:
    one, _, (first,) = make_sending(None, "A1")
    with within(one.practice.pk, one.user.pk):
        made(one)
        Claim.objects.filter(pk=first.pk).update(state=state)
        (again,) = make_ready(one, "A9")
        Claim.objects.filter(pk=again.pk).update(patient=first.patient)
        recheck([again.pk], as_of=AS_OF)
        fit = Fitness([Claim.objects.get(pk=again.pk)], AS_OF, {}, named=True)
        assert not fit.known


def test_two_claims_of_one_service_in_one_batch_are_told() -> None:
    one, _, (a, b) = make_sending(None, "A1", "A2")
    with within(one.practice.pk, one.user.pk):
        Claim.objects.filter(pk=b.pk).update(patient=a.patient)
        text = refused(one, a, b)
        assert "claim A2: the same service was sent before, with claim A1" in text


# ---------------------------------------------------------------------------- corrections


@pytest.mark.parametrize("frequency", ["7", "8"])
def test_a_correction_carries_the_payers_number_by_itself(frequency: str) -> None:
    one = make_practice()
    one.payer.filing, one.payer.payer_id, one.payer.name = "CI", "CDR01", "CEDAR MUTUAL"
    make_house(one)
    with within(one.practice.pk, one.user.pk):
        (claim,) = make_ready(one, "A1")
        made(one)
        Claim.objects.filter(pk=claim.pk).update(state=ClaimState.READY)
        claim.refresh_from_db()
        old = claim.versions.get()
        version = ClaimVersion.objects.create(
            claim=claim, number=2, frequency=frequency, facts=old.facts, checked_at=MADE_AT
        )
        Line.objects.create(
            version=version, line=1, code="20553", units=1, unit_basis="UN", charge_cents=17_500,
            served_on=DAY, served_to=DAY, dx_pointers="1", facts={"code_system": "HC"},
        )  # fmt: skip
        assert "the payer's own number" in refused(one, claim)
        Claim.objects.filter(pk=claim.pk).update(payer_control="ICN7788")
        (submission,) = made(one, claim).submissions
        text = look(submission.pk).text
        assert f"CLM*A1*175***11:B:{frequency}*" in text
        assert "REF*F8*ICN7788~" in text


# ---------------------------------------------------------------------------- back again, and paper


def test_what_is_taken_back_is_ready_again_in_a_new_version() -> None:
    one, _, (claim,) = make_sending(None, "A1")
    with within(one.practice.pk, one.user.pk):
        (submission,) = made(one).submissions
        withdraw(submission.pk)
        claim.refresh_from_db()
        assert claim.state == ClaimState.READY
        assert [row.number for row in claim.versions.order_by("number")] == [1, 2]
        assert SubmissionClaim.objects.get().withdrawn
        with pytest.raises(BadRequest, match="cannot be taken back"):
            withdraw(submission.pk)
        (second,) = made(one).submissions
        assert second.control_number == 2
        release(second.pk, as_of=AS_OF)
        withdraw(second.pk)


def test_what_may_have_left_is_not_taken_back() -> None:
    one, _, _ = make_sending(None, "A1")
    with within(one.practice.pk, one.user.pk):
        (submission,) = made(one).submissions
        release(submission.pk, as_of=AS_OF)
        Submission.objects.update(problem="Being handed over.")
        with pytest.raises(BadRequest, match="handing it over has begun"):
            withdraw(submission.pk)


def test_paper_is_a_form_and_is_sent_when_somebody_mailed_it() -> None:
    one, _, (claim,) = make_sending(None, "A1")
    with within(one.practice.pk, one.user.pk):
        one.payer.on_paper, one.payer.clearinghouse = True, None
        one.payer.street, one.payer.city, one.payer.state, one.payer.zip = "9 ROAD", "AKRON", "OH", "44301"
        one.payer.save()
        (submission,) = made(one).submissions
        name, data, kind = file_of(submission.pk)
        assert (kind, data[:5], name[-4:]) == ("application/pdf", b"%PDF-", ".pdf")
        assert submission.control_number is None
        with pytest.raises(BadRequest):
            release(submission.pk, as_of=AS_OF)
        mailed(submission.pk)
        claim.refresh_from_db()
        assert claim.state == ClaimState.SENT
        assert claim.sent_at is not None


# ---------------------------------------------------------------------------- two at once


def test_two_people_who_batch_at_once_get_each_claim_once() -> None:
    one, _, _ = make_sending(None, *(f"A{n}" for n in range(8)))
    found: list[sending.Batch] = []
    gate = threading.Barrier(2)

    def work() -> None:
        try:
            gate.wait()
            with within(one.practice.pk, one.user.pk):
                found.append(made(one))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with within(one.practice.pk, one.user.pk):
        assert len(found) == 2
        assert Submission.objects.count() == 1
        assert SubmissionClaim.objects.count() == 8


def test_folders_of_a_test_are_its_own(tmp_path: Path) -> None:
    one, house, _ = make_sending(tmp_path, "A1")
    assert Path(house.address) == tmp_path
    assert one.payer.clearinghouse == house


PEERS = os.environ.get("ANODYNE_PEERS", str(Path("benchmarks/.peers/bin/python")))
"""The interpreter of the environment in which the benchmark's peers are installed."""
VALIDATE = """
import io, sys
from pyx12.params import params
from pyx12.x12n_document import x12n_document
answer = io.StringIO()
sys.exit(0 if x12n_document(params(), sys.argv[1], answer, None) else answer.getvalue())
"""


@pytest.mark.skipif(not Path(PEERS).exists(), reason="the peers of the benchmark are not installed")
def test_a_validating_peer_accepts_an_original_and_its_replacement(tmp_path: Path) -> None:
    one = make_practice()
    one.payer.filing, one.payer.payer_id, one.payer.name = "CI", "CDR01", "CEDAR MUTUAL"
    make_house(one)
    with within(one.practice.pk, one.user.pk):
        one.payer.save()
        claim, *_ = make_ready(one, "A1", "A2")
        files = [made(one).submissions[0]]
        Claim.objects.filter(pk=claim.pk).update(state=ClaimState.ACCEPTED, payer_control="ICN7788")
        claim.refresh_from_db()
        correct(claim.pk, claim.revision, as_of=AS_OF)
        files += made(one, claim).submissions
        for submission in files:
            name, data, _ = file_of(submission.pk)
            (tmp_path / name).write_bytes(data)
            done = subprocess.run(
                [PEERS, "-c", VALIDATE, str(tmp_path / name)], capture_output=True, check=False, timeout=120
            )
            assert done.returncode == 0, done.stderr.decode()
        assert b"REF*F8*ICN7788~" in data
