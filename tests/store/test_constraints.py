"""What must hold of rows holds in the database, whatever writes them."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from anodyne.store.models import (
    Claim,
    ClaimVersion,
    Coverage,
    Document,
    Line,
    Membership,
    Remittance,
    Submission,
    SubmissionClaim,
    Waiver,
)
from anodyne.store.scope import within
from tests.database import Database
from tests.practice import Small, make_practice

NEW_YEAR = dt.date(2026, 1, 1)


@pytest.fixture
def one(database: Database) -> Iterator[Small]:  # noqa: ARG001  the database is empty
    small = make_practice()
    with within(small.practice.pk, small.user.pk):
        yield small


@contextmanager
def refused(name: str) -> Iterator[None]:
    """That the constraint `name` refuses what is tried."""
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        yield


def cover(one: Small, rank: int, first: dt.date | None, after: dt.date | None) -> Coverage:
    return Coverage.objects.create(
        patient=one.patient, payer=one.payer, member_id="M", rank=rank, period=DateRange(first, after)
    )


def test_a_claim_has_one_open_version(one: Small) -> None:
    claim = one.claim()
    with refused("claim_versions_one_open"):
        ClaimVersion.objects.create(claim=claim, number=2)
    claim.versions.update(closed_at=timezone.now())
    ClaimVersion.objects.create(claim=claim, number=2)


def test_a_closed_version_never_changes_nor_do_its_lines(one: Small) -> None:
    version = one.claim().versions.get()
    line = version.lines.get()
    version.closed_at = timezone.now()
    version.save()
    with refused("never change"):
        ClaimVersion.objects.filter(pk=version.pk).update(frequency="7", original_ref="X")
    with refused("never change"):
        ClaimVersion.objects.filter(pk=version.pk).update(closed_at=None)
    changes: list[Callable[[], object]] = [
        lambda: Line.objects.filter(pk=line.pk).update(units=2),
        lambda: Line.objects.create(version=version, line=2, code="20552", charge_cents=1),
        line.delete,
    ]
    for change in changes:
        with refused("never change"):
            change()


@pytest.mark.parametrize("frequency", ["7", "8"])
@pytest.mark.parametrize("reference", [None, ""])
def test_no_correction_leaves_without_the_payers_number(
    one: Small, frequency: str, reference: str | None
) -> None:
    claim = one.claim()
    claim.versions.update(frequency=frequency, original_ref=reference)
    with refused("claim_versions_correct_by_number"):
        claim.versions.update(closed_at=timezone.now())
    claim.versions.update(original_ref="ICN1", closed_at=timezone.now())


def test_coverages_of_a_rank_never_overlap(one: Small) -> None:
    cover(one, 2, NEW_YEAR, dt.date(2026, 7, 1))
    cover(one, 2, dt.date(2026, 7, 1), None)
    cover(one, 3, NEW_YEAR, None)
    with refused("coverages_rank_once"):
        cover(one, 2, dt.date(2026, 6, 30), dt.date(2026, 7, 1))
    with refused("coverages_rank"):
        cover(one, 4, NEW_YEAR, None)
    with refused("coverages_days"):
        cover(one, 2, NEW_YEAR, NEW_YEAR)


def test_money_is_never_negative_where_it_cannot_be(one: Small) -> None:
    claim = one.claim()
    with refused("claims_charge"):
        Claim.objects.update(charge_cents=-1)
    with refused("lines_charge"):
        Line.objects.filter(version__claim=claim).update(charge_cents=-1)


def test_a_claim_id_is_used_once_for_each_payer_in_turn(one: Small) -> None:
    first = one.claim("A1")
    one.claim("A1", rank="S", primary=first)
    with refused("claims_id_once"):
        one.claim("A1")


def test_a_claim_ends_no_earlier_than_it_begins(one: Small) -> None:
    with refused("claims_days"):
        one.claim(served_to=dt.date(2026, 11, 16))
    with refused("claims_state"):
        one.claim(state="lost")


def test_a_version_is_sent_once(one: Small) -> None:
    version = one.claim().versions.get()
    document = Document.objects.create(kind="837P", name="a", sha256="0", size=1, content=b"x")
    first, second = (Submission.objects.create(document=document, control_number=n) for n in (1, 2))
    sent = SubmissionClaim.objects.create(submission=first, version=version)
    with refused("submission_claims_once"):
        SubmissionClaim.objects.create(submission=second, version=version)
    sent.withdrawn = True
    sent.save()
    SubmissionClaim.objects.create(submission=second, version=version)
    with refused("submissions_control_once"):
        Submission.objects.create(document=document, control_number=2)


@pytest.mark.usefixtures("one")
def test_the_same_file_is_kept_once() -> None:
    for kind in ("837P", "835"):
        Document.objects.create(kind=kind, name="a", sha256="0", size=1, content=b"x")
    with refused("documents_once"):
        Document.objects.create(kind="837P", name="b", sha256="0", size=1, content=b"x")


@pytest.mark.usefixtures("one")
def test_a_payment_counts_once() -> None:
    document = Document.objects.create(kind="835", name="a", sha256="0", size=1, content=b"x")
    told: dict[str, Any] = {"document": document, "payer_name": "P", "trace": "T", "balanced": True}
    Remittance.objects.create(**told, amount_cents=1)
    Remittance.objects.create(**told, amount_cents=2)
    with refused("remittances_once"):
        Remittance.objects.create(**told, amount_cents=1)


def test_a_waiver_has_a_reason_and_there_is_one_at_a_time(one: Small) -> None:
    claim = one.claim()
    with refused("waivers_reason"):
        Waiver.objects.create(claim=claim, rule="INJ-01", reason="", by=one.user)
    first = Waiver.objects.create(
        claim=claim, rule="INJ-01", reason="payer said so on the phone", by=one.user
    )
    with refused("waivers_once"):
        Waiver.objects.create(claim=claim, rule="INJ-01", reason="again", by=one.user)
    first.withdrawn_at = timezone.now()
    first.save()
    Waiver.objects.create(claim=claim, rule="INJ-01", reason="again", by=one.user)


@pytest.mark.usefixtures("one")
def test_who_posts_never_approves_write_offs() -> None:
    with refused("memberships_duties_apart"):
        Membership.objects.update(may_post=True, may_approve_write_offs=True)
    Membership.objects.update(may_post=True)
