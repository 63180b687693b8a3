"""Claims to the next payer, made of what the one before decided, and told with it to the cent."""

import datetime as dt
from pathlib import Path

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from anodyne.app.practice.checking import recheck
from anodyne.app.practice.coordinating import make_secondary
from anodyne.app.practice.outbox import look
from anodyne.app.practice.sending import batch
from anodyne.kernel.errors import BadRequest
from anodyne.store.models import Claim, ClaimState, Coverage, Payer, Waiver
from anodyne.store.scope import within
from tests.app.practice.test_answers import sent
from tests.app.practice.test_remitting import PAID, era, heard, told
from tests.outward import AS_OF, MADE_AT
from tests.practice import Small

pytestmark = pytest.mark.usefixtures("database")


def second_coverage(one: Small, relationship: str = "18") -> None:
    with within(one.practice.pk, one.user.pk):
        claim = Claim.objects.get(claim_id="A1", rank="P")
        payer = Payer.objects.create(
            name="CEDAR MUTUAL", payer_id="CDR01", filing="CI", clearinghouse=one.payer.clearinghouse
        )
        Coverage.objects.create(
            patient=claim.patient, payer=payer, rank=2, member_id="CM55", relationship=relationship,
            subscriber_last="SAMPLE", subscriber_first="PAT", subscriber_birth_date=dt.date(1949, 1, 1),
            subscriber_sex="M", period=DateRange(dt.date(2020, 1, 1), None),
        )  # fmt: skip


@pytest.mark.parametrize("relationship", ["18", "01"])
def test_the_next_payer_is_told_what_the_first_decided(tmp_path: Path, relationship: str) -> None:
    one, _ = sent(tmp_path, "A1")
    second_coverage(one, relationship)
    heard(one, "1.835", era("100", PAID))
    with within(one.practice.pk, one.user.pk):
        first = Claim.objects.get()
        made = make_secondary(first.pk, as_of=AS_OF)
        assert (made.rank, made.primary_id, made.charge_cents) == ("S", first.pk, 17_500)
        for finding in made.versions.get().findings.filter(outcome__in=("reject", "deny")):
            line = None if finding.line is None else finding.line.line
            Waiver.objects.create(claim=made, rule=finding.rule, line=line, reason="as it is", by=one.user)
        recheck([made.pk], as_of=AS_OF)
        made.refresh_from_db()
        assert made.state == ClaimState.READY
        (submission,) = batch([made.pk], as_of=AS_OF, made_at=MADE_AT, user=one.user.pk).submissions
        text = look(submission.pk).text
        assert f"SBR*S*{relationship if relationship == '18' else ''}" in text
        for segment in ("SVD*15202*100*HC:20553**1~", "CAS*CO*45*50~", "CAS*PR*2*25~", "AMT*D*100~"):
            assert segment in text
        with pytest.raises(BadRequest, match="is there already"):
            make_secondary(first.pk, as_of=AS_OF)


def test_there_is_none_without_an_answer_or_a_coverage(tmp_path: Path) -> None:
    one, _ = sent(tmp_path, "A1")
    with within(one.practice.pk, one.user.pk):
        key = Claim.objects.get().pk
        with pytest.raises(BadRequest, match="no payer has decided it yet"):
            make_secondary(key, as_of=AS_OF)
    heard(one, "1.835", era("100", PAID))
    with within(one.practice.pk, one.user.pk):
        with pytest.raises(BadRequest, match="no coverage after this one"):
            make_secondary(key, as_of=AS_OF)
        with pytest.raises(BadRequest, match="no such claim"):
            make_secondary(key + 99, as_of=AS_OF)


def test_what_the_payer_sent_on_by_itself_is_not_sent_twice(tmp_path: Path) -> None:
    one, _ = sent(tmp_path, "A1")
    second_coverage(one)
    heard(one, "1.835", era("100", told("A1", "175*100*25", "CAS*CO*45*50", "CAS*PR*2*25", status="19")))
    with within(one.practice.pk, one.user.pk), pytest.raises(BadRequest, match="sent it on"):
        make_secondary(Claim.objects.get().pk, as_of=AS_OF)
