"""The practice's claims are judged as those of files, and what was found decides whether they may leave."""

import datetime as dt
import time

import pytest
from django.utils import timezone

from anodyne.app.practice.checking import recheck
from anodyne.store.models import Claim, ClaimState, Finding, Line, Payer, Waiver
from anodyne.store.scope import within
from tests.practice import DAY, Small, make_practice

pytestmark = pytest.mark.usefixtures("database")
TODAY = dt.date(2026, 11, 29)


def add_line(claim: Claim, code: str, cents: int = 14_000) -> None:
    """A further line on the open version of `claim`."""
    version = claim.versions.get(closed_at=None)
    version.lines.create(
        line=version.lines.count() + 1, code=code, units=1, unit_basis="UN", charge_cents=cents,
        served_on=DAY, served_to=DAY, dx_pointers="1",
    )  # fmt: skip
    version.facts["charge_cents"] += cents
    version.save()
    claim.charge_cents += cents
    claim.save()


def both(one: Small) -> Claim:
    """A claim whose second line, 20552, is part of its first, 20553."""
    claim = one.claim()
    add_line(claim, "20552")
    recheck([claim.pk], as_of=TODAY)
    claim.refresh_from_db()
    return claim


def test_a_clean_claim_is_ready() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        claim = one.claim(state=ClaimState.HELD)
        recheck([claim.pk], as_of=TODAY)
        claim.refresh_from_db()
        assert not Finding.objects.exclude(outcome__in=["ask", "audit"]).exists()
        assert claim.state == ClaimState.READY
        assert claim.file_by == dt.date(2027, 11, 17)
        version = claim.versions.get()
        assert version.checked_at is not None
        assert "ptp" in version.checked_by


def test_a_claim_that_would_be_denied_is_held_with_authority_and_fix() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        claim = both(one)
        found = Finding.objects.get(rule="INJ-01")
        assert (claim.state, claim.worst, claim.at_risk_cents) == ("held", "deny", 14_000)
        assert found.line is not None
        assert (found.outcome, found.line.line, found.fix) == ("deny", 2, {"drop": True})
        assert found.cites
        assert found.cites[0]["source"]


def test_judged_again_nothing_is_doubled() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        claim = both(one)
        before = Finding.objects.count()
        recheck([claim.pk, claim.pk], as_of=TODAY)
        assert Finding.objects.count() == before


def test_a_waiver_lets_the_claim_go_and_the_finding_stays_with_it() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        claim = both(one)
        Waiver.objects.create(
            claim=claim, rule="INJ-01", line=2, reason="payer says both", by=one.user, until=TODAY
        )
        Waiver.objects.create(claim=claim, rule="INJ-01", line=1, reason="of another line", by=one.user)
        for day, state in ((TODAY, "ready"), (TODAY + dt.timedelta(1), "held")):
            recheck([claim.pk], as_of=day)
            claim.refresh_from_db()
            assert claim.state == state
            assert (Finding.objects.get(rule="INJ-01").waiver is not None) == (state == "ready")


def test_other_claims_of_the_patient_count() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        first, second = one.claim("A1", state=ClaimState.SENT), one.claim("A2")
        first.versions.update(closed_at=timezone.now())
        recheck([second.pk], as_of=TODAY)
        duplicate = Finding.objects.filter(version__claim=second).values_list("rule", flat=True)
        assert duplicate
        assert not Finding.objects.filter(version__claim=first).exists()


def test_a_claim_that_has_left_stays_as_it_is() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        claim = one.claim(state=ClaimState.SENT)
        claim.versions.update(closed_at=timezone.now())
        recheck([claim.pk], as_of=TODAY)
        claim.refresh_from_db()
        assert (claim.state, claim.file_by) == ("sent", None)
        assert not Finding.objects.exists()


def test_a_correction_is_not_held_against_what_it_corrects() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        claim = one.claim(state=ClaimState.HELD)
        sent = claim.versions.get()
        sent.closed_at = timezone.now()
        sent.save()
        again = claim.versions.create(number=2, frequency="7", original_ref="ICN1", facts=sent.facts)
        values = {f.name: getattr(sent.lines.get(), f.name) for f in Line._meta.fields}
        for name in ("id", "practice", "version", "created_at"):
            del values[name]
        again.lines.create(**values)
        recheck([claim.pk], as_of=TODAY)
        assert not again.findings.filter(outcome="deny").exists()


def test_what_the_practice_wrote_of_a_payer_counts() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        Payer.objects.update(
            filing="CI",
            payer_id="77777",
            name="MADE UP HEALTH",
            policy="""
id = "made-up"
title = "Made Up Health"
[match]
payer_id = ["77777"]
[[source]]
id = "made-up-manual"
title = "Made Up Health, provider manual"
url = "https://payer.example/manual"
read = 2026-01-05
[[value]]
name = "filing_days"
is = 90
from = 2020-01-01
cite = "made-up-manual"
section = "claims within 90 days"
""",
        )
        claim = one.claim()
        version = claim.versions.get()
        version.facts |= {"filing": "CI", "payer_id": "77777", "payer_name": "MADE UP HEALTH"}
        version.save()
        recheck([claim.pk], as_of=TODAY)
        claim.refresh_from_db()
        assert claim.file_by == DAY + dt.timedelta(90)


def test_one_claim_is_judged_again_at_once() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        claim = both(one)
        times = []
        for _ in range(5):
            began = time.perf_counter()
            recheck([claim.pk], as_of=TODAY)
            times.append(time.perf_counter() - began)
        assert min(times) < 1, times
