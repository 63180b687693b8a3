"""What payers paid, posted once, and only where it adds up; what is to be done about it becomes tasks."""

from pathlib import Path

import pytest

from anodyne.app.practice.handing import receive
from anodyne.store.models import Claim, ClaimState, Document, Remittance, RemittedClaim, Task
from anodyne.store.scope import within
from tests.app.practice.test_answers import sent
from tests.outward import AS_OF
from tests.practice import DAY, Small
from tests.x12.remittances import bpr, group, interchange, transaction

pytestmark = pytest.mark.usefixtures("database")
PAYER = "N1*PR*MEDICARE PART B OHIO*XV*15202"


def told(
    name: str, sums: str, *cas: str, status: str = "1", code: str = "20553", member: str = "1EG4TE5MK72"
) -> list[str]:
    charge, paid, _ = sums.split("*")
    return [
        f"CLP*{name}*{status}*{sums}*MB*ICN{name}*11*1",
        f"NM1*QC*1*SAMPLE*ALEX****MI*{member}",
        f"SVC*HC:{code}*{charge}*{paid}**1",
        f"DTM*472*{DAY:%Y%m%d}",
        *cas,
    ]


def era(amount: str, *body: list[str], trace: str = "EFT1", control: str = "0001") -> list[str]:
    head = (bpr(amount, day="20261211"), f"TRN*1*{trace}*1512345678", PAYER, "N1*PE*CLINIC*XX*1234567893")
    return transaction("LX*1", *(segment for claim in body for segment in claim), head=head, control=control)


def heard(one: Small, name: str, *payments: list[str]) -> None:
    receive(one.practice.pk, None, name, interchange(group(*payments)), as_of=AS_OF)


def row(one: Small, claim_id: str) -> Claim:
    with within(one.practice.pk):
        return Claim.objects.get(claim_id=claim_id)


PAID = told("A1", "175*100*25", "CAS*CO*45*50", "CAS*PR*2*25")
DENIED = told("A2", "175*0*0", "CAS*CO*50*175", status="4")


def test_a_claim_is_paid_and_another_denied_with_its_deadline(tmp_path: Path) -> None:
    one, _ = sent(tmp_path, "A1", "A2")
    for _ in range(2):
        heard(one, "1.835", era("100", PAID, DENIED))
    paid, denied = row(one, "A1"), row(one, "A2")
    assert (paid.state, paid.paid_cents, paid.patient_cents, paid.payer_control) == (
        ClaimState.PAID, 10_000, 2_500, "ICNA1"
    )  # fmt: skip
    assert (denied.state, denied.paid_cents) == (ClaimState.DENIED, 0)
    with within(one.practice.pk):
        (task,) = Task.objects.all()
        assert (task.kind, task.claim_id, task.stake_cents > 0) == ("appeal", denied.pk, True)
        assert task.due_on is not None
        assert task.due_on.isoformat() == "2027-04-15"
        assert Remittance.objects.get().amount_cents == 10_000
        assert RemittedClaim.objects.count() == 2
        lines = RemittedClaim.objects.get(claim=paid).lines
        assert lines[0]["adjustments"] == [
            {"group": "CO", "reason": "45", "cents": 5_000}, {"group": "PR", "reason": "2", "cents": 2_500}
        ]  # fmt: skip


def test_the_same_payment_in_other_bytes_counts_once_and_is_told(tmp_path: Path) -> None:
    one, _ = sent(tmp_path, "A1")
    heard(one, "1.835", era("100", PAID))
    heard(one, "2.835", era("100", PAID, control="0007"))
    assert row(one, "A1").paid_cents == 10_000
    with within(one.practice.pk):
        assert Remittance.objects.count() == 1
        assert Document.objects.filter(kind="835").count() == 2
        assert "came again in another file" in Task.objects.get().title


def test_what_does_not_add_up_counts_for_nothing_until_it_comes_right(tmp_path: Path) -> None:
    one, _ = sent(tmp_path, "A1")
    wrong = told("A1", "175*100*25", "CAS*CO*45*40", "CAS*PR*2*25")
    heard(one, "1.835", era("100", wrong))
    assert (row(one, "A1").state, row(one, "A1").paid_cents) == (ClaimState.SENT, 0)
    with within(one.practice.pk):
        assert not Remittance.objects.get().balanced
        assert not RemittedClaim.objects.exists()
        assert "does not add up: not counted" in Task.objects.get().title
    heard(one, "2.835", era("100", PAID))
    assert (row(one, "A1").state, row(one, "A1").paid_cents) == (ClaimState.PAID, 10_000)
    with within(one.practice.pk):
        assert Remittance.objects.get().balanced
        assert Task.objects.get().done_at is not None


def test_one_payment_that_does_not_add_up_does_not_hold_the_other(tmp_path: Path) -> None:
    one, _ = sent(tmp_path, "A1", "A2")
    heard(one, "1.835", era("90", PAID), era("0", DENIED, trace="EFT2", control="0002"))
    assert row(one, "A1").state == ClaimState.SENT
    assert row(one, "A2").state == ClaimState.DENIED


def test_a_reversal_takes_back_and_the_correction_counts(tmp_path: Path) -> None:
    one, _ = sent(tmp_path, "A1")
    heard(one, "1.835", era("100", PAID))
    back = told("A1", "-175*-100*0", "CAS*CO*45*-50", "CAS*PR*2*-25", status="22")
    heard(one, "2.835", era("-100", back, trace="EFT2"))
    claim = row(one, "A1")
    assert (claim.state, claim.paid_cents, claim.patient_cents) == (ClaimState.ACCEPTED, 0, 0)
    heard(one, "3.835", era("120", told("A1", "175*120*30", "CAS*CO*45*25", "CAS*PR*2*30"), trace="EFT3"))
    claim = row(one, "A1")
    assert (claim.state, claim.paid_cents, claim.patient_cents) == (ClaimState.PAID, 12_000, 3_000)


def test_a_stranger_is_kept_and_told_and_changes_nothing(tmp_path: Path) -> None:
    one, _ = sent(tmp_path, "A1")
    heard(one, "1.835", era("100", told("ZZ", "90*100*0", "CAS*CO*45*-10", code="99213", member="NOBODY")))
    assert row(one, "A1").state == ClaimState.SENT
    with within(one.practice.pk):
        assert RemittedClaim.objects.get().claim is None
        assert "1 claims of payment EFT1" in Task.objects.get().title


def test_what_a_person_closed_stays_closed(tmp_path: Path) -> None:
    one, _ = sent(tmp_path, "A1")
    with within(one.practice.pk):
        Claim.objects.update(state=ClaimState.CLOSED)
    heard(one, "1.835", era("100", PAID))
    assert (row(one, "A1").state, row(one, "A1").paid_cents) == (ClaimState.CLOSED, 10_000)


def test_a_remittance_that_cannot_be_read_is_a_task(tmp_path: Path) -> None:
    one, _ = sent(tmp_path, "A1")
    data = interchange(group(era("100", PAID)))
    receive(one.practice.pk, None, "1.835", data[:-40], as_of=AS_OF)
    with within(one.practice.pk):
        assert "1.835 cannot be read" in Task.objects.get().title
        assert not Remittance.objects.exists()


def test_broken_off_between_two_payments_it_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from anodyne.app.practice import remitting  # noqa: PLC0415

    one, _ = sent(tmp_path, "A1", "A2")
    payments = era("100", PAID), era("0", DENIED, trace="EFT2", control="0002")
    post = remitting._post
    calls = []

    def once(*given: object) -> None:
        calls.append(given)
        if len(calls) == 2:
            raise KeyboardInterrupt
        post(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(remitting, "_post", once)
    with pytest.raises(KeyboardInterrupt):
        heard(one, "1.835", *payments)
    assert (row(one, "A1").state, row(one, "A2").state) == (ClaimState.PAID, ClaimState.SENT)
    monkeypatch.undo()
    heard(one, "1.835", *payments)
    assert (row(one, "A1").paid_cents, row(one, "A2").state) == (10_000, ClaimState.DENIED)
    with within(one.practice.pk):
        assert RemittedClaim.objects.count() == 2
