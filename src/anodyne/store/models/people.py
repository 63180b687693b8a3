"""Patients, who treats them, where and when."""

from typing import ClassVar

from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField
from django.db import models
from django.db.models.functions import Upper

from anodyne.store.models.scoped import Scoped


class Located(models.Model):
    """An address in the United States; a ZIP is digits alone."""

    street = models.CharField(max_length=55, blank=True)
    street_more = models.CharField(max_length=55, blank=True)
    city = models.CharField(max_length=30, blank=True)
    state = models.CharField(max_length=2, blank=True)
    zip = models.CharField(max_length=9, blank=True)

    class Meta:
        """No table of its own."""

        abstract = True


class Patient(Scoped, Located):
    """A person who is treated."""

    number = models.CharField(max_length=38)
    """The practice's own patient id."""
    last = models.CharField(max_length=60)
    first = models.CharField(max_length=35, blank=True)
    middle = models.CharField(max_length=25, blank=True)
    suffix = models.CharField(max_length=10, blank=True)
    birth_date = models.DateField()
    sex = models.CharField(max_length=1)
    phone = models.CharField(max_length=10, blank=True)
    medical_record = models.CharField(max_length=50, blank=True)
    last_upper = models.GeneratedField(
        expression=Upper("last"),
        output_field=models.CharField(max_length=60, db_collation="C"),
        db_persist=True,
    )
    """As it is looked for: row-level security lets an index be used for a plain comparison alone."""
    first_upper = models.GeneratedField(
        expression=Upper("first"),
        output_field=models.CharField(max_length=35, db_collation="C"),
        db_persist=True,
    )

    class Meta:
        """Found by number, or by name and birth date."""

        db_table = "patients"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["practice", "number"], name="patients_number_once"),
            models.CheckConstraint(name="patients_sex", condition=models.Q(sex__in=["F", "M", "U"])),
        ]
        indexes: ClassVar = [
            models.Index(fields=["practice", "last", "first"], name="patients_by_name"),
            models.Index(fields=["practice", "last_upper", "first_upper"], name="patients_looked_for"),
        ]


class BillingProvider(Scoped, Located):
    """Who bills: an organisation, or a person on their own."""

    npi = models.CharField(max_length=10)
    name = models.CharField(max_length=60)
    """Of an organisation, or a person's last name."""
    first = models.CharField(max_length=35, blank=True)
    """Of a person; empty for an organisation."""
    tax_id = models.CharField(max_length=9)
    tax_id_kind = models.CharField(max_length=2, default="EI")
    taxonomy = models.CharField(max_length=10, blank=True)
    phone = models.CharField(max_length=10, blank=True)

    class Meta:
        """One for each NPI."""

        db_table = "billing_providers"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["practice", "npi"], name="billing_providers_npi_once")
        ]


class Provider(Scoped):
    """Who renders, refers or supervises."""

    npi = models.CharField(max_length=10)
    last = models.CharField(max_length=60)
    first = models.CharField(max_length=35, blank=True)
    taxonomy = models.CharField(max_length=10, blank=True)
    user = models.ForeignKey("store.User", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        """One for each NPI."""

        db_table = "providers"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["practice", "npi"], name="providers_npi_once")
        ]


class Credential(Scoped):
    """What a provider is, or may do with a payer, from when until when."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="credentials")
    kind = models.CharField(max_length=40)
    """MD, NP, PA, DEA, or enrolment with a payer."""
    payer = models.ForeignKey("store.Payer", on_delete=models.CASCADE, null=True, related_name="+")
    number = models.CharField(max_length=50, blank=True)
    period = DateRangeField()

    class Meta:
        """Of one kind a provider has one at a time, with each payer."""

        db_table = "credentials"
        constraints: ClassVar = [
            models.CheckConstraint(name="credentials_days", condition=models.Q(period__isempty=False))
        ]


class Facility(Scoped, Located):
    """A place of service."""

    name = models.CharField(max_length=60)
    npi = models.CharField(max_length=10, blank=True)
    pos = models.CharField(max_length=2)

    class Meta:
        """Names are the practice's own."""

        db_table = "facilities"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["practice", "name"], name="facilities_name_once")
        ]


class Appointment(Scoped):
    """When a patient comes, and for what."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="appointments")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=38)
    """The schedule's own id."""
    when = DateTimeRangeField()
    reason = models.CharField(max_length=120, blank=True)
    codes = models.JSONField(default=list)
    """What is planned."""
    state = models.CharField(max_length=12, default="planned")

    class Meta:
        """One row for each id of the schedule."""

        db_table = "appointments"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["practice", "number"], name="appointments_number_once")
        ]
        indexes: ClassVar = [models.Index(fields=["practice", "when"], name="appointments_by_day")]
