"""Who pays: payers, their plans, the coverage of each patient, what was authorised, and the way to them."""

from typing import ClassVar

from django.contrib.postgres.fields import DateRangeField
from django.db import models

from anodyne.store.models.people import Located, Patient
from anodyne.store.models.scoped import Scoped, at_least, never_together


class Clearinghouse(Scoped):
    """Where files are handed over and answers are picked up: a directory or an SFTP server."""

    name = models.CharField(max_length=60)
    receiver_name = models.CharField(max_length=60)
    receiver_id = models.CharField(max_length=80)
    sender_qualifier = models.CharField(max_length=2, default="ZZ")
    receiver_qualifier = models.CharField(max_length=2, default="ZZ")
    carrier = models.CharField(max_length=12)
    """directory or sftp."""
    address = models.CharField(max_length=255)
    """The directory, or the host and port of the server."""
    outbox = models.CharField(max_length=255, default="outbound")
    inbox = models.CharField(max_length=255, default="inbound")
    user_name = models.CharField(max_length=80, blank=True)
    secret_name = models.CharField(max_length=80, blank=True)
    """Under which the password or key is kept outside of the database."""
    host_key = models.TextField(blank=True)
    is_test = models.BooleanField(default=True)
    """Whether files are marked as tests (ISA15)."""

    class Meta:
        """Names are the practice's own."""

        db_table = "clearinghouses"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["practice", "name"], name="clearinghouses_name_once"),
            models.CheckConstraint(
                name="clearinghouses_carrier", condition=models.Q(carrier__in=["directory", "sftp"])
            ),
        ]


class Payer(Scoped, Located):
    """Who pays claims."""

    name = models.CharField(max_length=60)
    payer_id = models.CharField(max_length=80)
    filing = models.CharField(max_length=2)
    """SBR09: MB is Medicare Part B."""
    clearinghouse = models.ForeignKey(
        Clearinghouse, on_delete=models.PROTECT, null=True, related_name="payers"
    )
    on_paper = models.BooleanField(default=False)
    policy = models.TextField(blank=True)
    """What it wants, as a policy file says it (docs/policies.md)."""
    answer_days = models.PositiveSmallIntegerField(null=True)
    """In which an answer is expected."""

    class Meta:
        """One for each payer id."""

        db_table = "payers"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["practice", "payer_id"], name="payers_id_once")
        ]


class Plan(Scoped):
    """A product of a payer."""

    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, related_name="plans")
    name = models.CharField(max_length=60)
    group_number = models.CharField(max_length=50, blank=True)

    class Meta:
        """Names are the payer's own."""

        db_table = "plans"
        constraints: ClassVar = [models.UniqueConstraint(fields=["payer", "name"], name="plans_name_once")]


class Coverage(Scoped):
    """That a payer covers a patient, in which rank, from when until when."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="coverages")
    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, related_name="+")
    rank = models.PositiveSmallIntegerField(default=1)
    """1 pays first."""
    member_id = models.CharField(max_length=80)
    group_number = models.CharField(max_length=50, blank=True)
    relationship = models.CharField(max_length=2, default="18")
    """Of the patient to the subscriber: 18 is the same person."""
    subscriber_last = models.CharField(max_length=60, blank=True)
    subscriber_first = models.CharField(max_length=35, blank=True)
    subscriber_birth_date = models.DateField(null=True)
    subscriber_sex = models.CharField(max_length=1, blank=True)
    period = DateRangeField()

    class Meta:
        """A patient has one coverage of a rank at a time."""

        db_table = "coverages"
        constraints: ClassVar = [
            models.CheckConstraint(name="coverages_rank", condition=models.Q(rank__in=[1, 2, 3])),
            models.CheckConstraint(name="coverages_days", condition=models.Q(period__isempty=False)),
            never_together("coverages_rank_once", "patient", "rank"),
        ]


class Authorisation(Scoped):
    """What a payer approved before it was done."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="authorisations")
    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=50)
    codes = models.JSONField(default=list)
    units = models.PositiveIntegerField(null=True)
    units_used = models.PositiveIntegerField(default=0)
    pos = models.CharField(max_length=2, blank=True)
    period = DateRangeField()

    class Meta:
        """Numbers are the payer's own."""

        db_table = "authorisations"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["payer", "number"], name="authorisations_number_once"),
            at_least("authorisations_used", "units_used"),
        ]
