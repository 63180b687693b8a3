"""What was done, before it is a claim."""

from typing import ClassVar

from django.db import models

from anodyne.store.models.payers import Authorisation, Coverage
from anodyne.store.models.people import Appointment, BillingProvider, Facility, Patient, Provider
from anodyne.store.models.scoped import Scoped, at_least


class Encounter(Scoped):
    """A visit of a patient, with its charges; it becomes one claim."""

    number = models.CharField(max_length=38)
    """The practice's own id, and that of the claim (CLM01)."""
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="encounters")
    coverage = models.ForeignKey(Coverage, on_delete=models.PROTECT, related_name="+")
    billing = models.ForeignKey(BillingProvider, on_delete=models.PROTECT, related_name="+")
    rendering = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    referring = models.ForeignKey(Provider, on_delete=models.PROTECT, null=True, related_name="+")
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="+")
    authorisation = models.ForeignKey(Authorisation, on_delete=models.PROTECT, null=True, related_name="+")
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, null=True, related_name="+")
    served_on = models.DateField()
    diagnoses = models.JSONField(default=list)
    """ICD-10-CM without the dot, the first listed first."""
    source = models.CharField(max_length=12)
    """entry, import or builder."""

    class Meta:
        """One for each id."""

        db_table = "encounters"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["practice", "number"], name="encounters_number_once")
        ]
        indexes: ClassVar = [models.Index(fields=["practice", "served_on"], name="encounters_by_day")]


class Charge(Scoped):
    """One service of an encounter."""

    encounter = models.ForeignKey(Encounter, on_delete=models.CASCADE, related_name="charges")
    line = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=5)
    modifiers = models.JSONField(default=list)
    units = models.DecimalField(max_digits=9, decimal_places=3)
    charge_cents = models.BigIntegerField()
    pointers = models.JSONField(default=list)
    """Which diagnoses it is for, counted from 1."""
    ndc = models.CharField(max_length=11, blank=True)
    ndc_qty = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    ndc_unit = models.CharField(max_length=2, blank=True)
    reason = models.TextField(blank=True)
    """Why this code, where the procedure builder chose it."""

    class Meta:
        """Numbered within the encounter."""

        db_table = "charges"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["encounter", "line"], name="charges_line_once"),
            at_least("charges_cents", "charge_cents"),
            at_least("charges_units", "units"),
        ]
