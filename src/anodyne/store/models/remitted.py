"""What payers said they paid, as far as a claim's page and its clocks need it."""

from typing import ClassVar

from django.db import models

from anodyne.store.models.claims import Claim
from anodyne.store.models.payers import Payer
from anodyne.store.models.scoped import Scoped
from anodyne.store.models.sending import Document


class Remittance(Scoped):
    """A payment, or a notice that there is none."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, null=True, related_name="+")
    payer_name = models.CharField(max_length=60)
    trace = models.CharField(max_length=50)
    """TRN02: the number of the check or transfer."""
    paid_on = models.DateField(null=True)
    amount_cents = models.BigIntegerField()
    balanced = models.BooleanField()
    """Whether it adds up: of one that does not, nothing counts."""

    class Meta:
        """A payment counts once."""

        db_table = "remittances"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["practice", "trace", "paid_on", "amount_cents"],
                nulls_distinct=False,
                name="remittances_once",
            )
        ]


class RemittedClaim(Scoped):
    """What a payment says of one claim."""

    remittance = models.ForeignKey(Remittance, on_delete=models.CASCADE, related_name="claims")
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, null=True, related_name="remitted")
    claim_number = models.CharField(max_length=38)
    """As the payer names it: CLP01, or the trace of a 277CA."""
    status = models.CharField(max_length=2)
    """CLP02."""
    charge_cents = models.BigIntegerField()
    paid_cents = models.BigIntegerField()
    patient_cents = models.BigIntegerField(default=0)
    payer_control = models.CharField(max_length=50, blank=True)
    lines = models.JSONField(default=list)
    """Of each service: code, charge_cents, paid_cents and its adjustments (group, reason, cents)."""

    class Meta:
        """Read with its claim."""

        db_table = "remitted_claims"
        indexes: ClassVar = [models.Index(fields=["claim"], name="remitted_claims_by_claim")]
