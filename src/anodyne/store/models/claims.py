"""Claims with their versions, lines, findings and waivers.

The columns of a version are those of `model.frames.CLAIMS` and of a line those of `LINES`, by the same names,
so that a claim in the database and a claim in a file are judged by the same rules.
"""

from typing import ClassVar

from django.db import models

from anodyne.store.models.payers import Coverage, Payer
from anodyne.store.models.people import BillingProvider, Facility, Patient
from anodyne.store.models.scoped import Scoped, at_least, one_of
from anodyne.store.models.visits import Encounter


class ClaimState(models.TextChoices):
    """How far a claim has come."""

    HELD = "held"
    """It would be rejected or denied as it stands: it does not leave."""
    READY = "ready"
    BATCHED = "batched"
    """In a file that has not left yet."""
    SENT = "sent"
    ACCEPTED = "accepted"
    """The payer has it."""
    REJECTED = "rejected"
    """It never reached adjudication."""
    DENIED = "denied"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    CLOSED = "closed"
    """Nothing is left to do: settled, void or not to be billed."""


class Claim(Scoped):
    """One bill to one payer, through all its versions."""

    claim_id = models.CharField(max_length=38)
    """CLM01."""
    encounter = models.ForeignKey(Encounter, on_delete=models.PROTECT, null=True, related_name="claims")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="claims")
    coverage = models.ForeignKey(Coverage, on_delete=models.PROTECT, null=True, related_name="+")
    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, related_name="claims")
    billing = models.ForeignKey(BillingProvider, on_delete=models.PROTECT, related_name="+")
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, null=True, related_name="+")
    rank = models.CharField(max_length=1, default="P")
    """SBR01: P, S or T."""
    primary = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="secondaries")
    """Of a claim to a later payer: the claim that the payer before it answered."""
    state = models.CharField(max_length=12, choices=ClaimState)
    served_on = models.DateField()
    served_to = models.DateField()
    charge_cents = models.BigIntegerField()
    paid_cents = models.BigIntegerField(default=0)
    patient_cents = models.BigIntegerField(default=0)
    """What the payer left to the patient."""
    at_risk_cents = models.BigIntegerField(default=0)
    worst = models.CharField(max_length=8, blank=True)
    """The worst outcome of its findings that stand; empty where it is clean."""
    payer_control = models.CharField(max_length=50, blank=True)
    """The payer's own number of it, carried by itself into corrections."""
    file_by = models.DateField(null=True)
    """The last day on which it counts as filed in time."""
    follow_up_on = models.DateField(null=True)
    owner = models.ForeignKey("store.User", on_delete=models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=1)
    """Counts changes: who edits an older one is told."""
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """Worklists are read by state, in the order of what they are sorted by."""

        db_table = "claims"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["practice", "claim_id", "rank"], name="claims_id_once"),
            one_of("claims_state", "state", ClaimState),
            models.CheckConstraint(name="claims_rank", condition=models.Q(rank__in=["P", "S", "T"])),
            models.CheckConstraint(
                name="claims_days", condition=models.Q(served_to__gte=models.F("served_on"))
            ),
            at_least("claims_charge", "charge_cents"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["practice", "state", "served_on", "id"], name="claims_by_day"),
            models.Index(fields=["practice", "state", "at_risk_cents", "id"], name="claims_by_risk"),
            models.Index(
                fields=["practice", "state", "charge_cents", "id"],
                include=["payer", "owner"],
                name="claims_by_charge",
            ),
            models.Index(fields=["practice", "state", "file_by", "id"], name="claims_by_deadline"),
            models.Index(
                fields=["practice", "state", "follow_up_on", "id"],
                include=["charge_cents", "owner"],
                condition=models.Q(follow_up_on__isnull=False),
                name="claims_by_follow_up",
            ),
            models.Index(fields=["practice", "payer", "state", "served_on", "id"], name="claims_by_payer"),
            models.Index(fields=["practice", "owner", "state", "served_on", "id"], name="claims_by_owner"),
            models.Index(
                fields=["practice", "owner", "state", "follow_up_on", "id"],
                condition=models.Q(follow_up_on__isnull=False),
                name="claims_by_owner_due",
            ),
            models.Index(fields=["practice", "patient", "served_on"], name="claims_by_patient"),
            models.Index(
                fields=["practice", "payer_control"],
                condition=~models.Q(payer_control=""),
                name="claims_by_payer_control",
            ),
        ]


class ClaimVersion(Scoped):
    """What a claim says.  The open one may be edited; one that was sent is closed and never changes."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(default=1)
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    """When its findings were found; null where it was not judged since it was changed."""
    checked_by = models.JSONField(default=dict)
    """The editions of the tables by which it was judged."""
    frequency = models.CharField(max_length=1, default="1")
    original_ref = models.CharField(max_length=50, null=True)
    facts = models.JSONField(default=dict)
    """The other columns of `frames.CLAIMS` that are told, by name; days in ISO form."""

    class Meta:
        """A claim has one open version at most; no correction leaves without the payer's number."""

        db_table = "claim_versions"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["claim", "number"], name="claim_versions_number_once"),
            models.UniqueConstraint(
                fields=["claim"], condition=models.Q(closed_at=None), name="claim_versions_one_open"
            ),
            models.CheckConstraint(
                name="claim_versions_correct_by_number",
                condition=models.Q(closed_at=None)
                | ~models.Q(frequency__in=["7", "8"])
                | (models.Q(original_ref__isnull=False) & ~models.Q(original_ref="")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["practice", "id"],
                include=["claim"],
                condition=models.Q(closed_at=None),
                name="claim_versions_open",
            ),
        ]


class Line(Scoped):
    """A service line of a version."""

    version = models.ForeignKey(ClaimVersion, on_delete=models.CASCADE, related_name="lines")
    line = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=48)
    mod1 = models.CharField(max_length=2, null=True)
    mod2 = models.CharField(max_length=2, null=True)
    mod3 = models.CharField(max_length=2, null=True)
    mod4 = models.CharField(max_length=2, null=True)
    units = models.FloatField(null=True)
    unit_basis = models.CharField(max_length=2, null=True)
    charge_cents = models.BigIntegerField()
    served_on = models.DateField(null=True)
    served_to = models.DateField(null=True)
    dx_pointers = models.CharField(max_length=11, null=True)
    pos = models.CharField(max_length=2, null=True)
    control_number = models.CharField(max_length=50, null=True)
    """REF*6R: by which the payer's answer names this line."""
    facts = models.JSONField(default=dict)
    """The other columns of `frames.LINES` that are told, by name."""

    class Meta:
        """Numbered within the version."""

        db_table = "lines"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "line"], name="lines_number_once"),
            at_least("lines_charge", "charge_cents"),
        ]


class Edit(Scoped):
    """What somebody changed of an open version, so that it can be read and undone."""

    version = models.ForeignKey(ClaimVersion, on_delete=models.CASCADE, related_name="edits")
    what = models.CharField(max_length=120)
    """In words, without a patient's data."""
    before = models.JSONField()
    """The version and its lines as they stood: `version`, `lines` by number, as `books` writes them."""
    after = models.JSONField()
    by = models.ForeignKey("store.User", on_delete=models.PROTECT, null=True, related_name="+")
    """None where the program did it."""
    undone_at = models.DateTimeField(null=True)

    class Meta:
        """Read with its version, the last first."""

        db_table = "edits"
        indexes: ClassVar = [models.Index(fields=["version", "-id"], name="edits_by_version")]


class Finding(Scoped):
    """What the rules found of a version when it was last judged."""

    version = models.ForeignKey(ClaimVersion, on_delete=models.CASCADE, related_name="findings")
    line = models.ForeignKey(Line, on_delete=models.CASCADE, null=True, related_name="findings")
    rule = models.CharField(max_length=16)
    rule_key = models.CharField(max_length=24)
    """Of the rule's text that was in force."""
    outcome = models.CharField(max_length=8)
    message = models.TextField()
    needs = models.JSONField(default=list)
    codes = models.JSONField(default=list)
    fix = models.JSONField(null=True)
    """As in the command line's contract: null, drop, or what to set."""
    at_risk_cents = models.BigIntegerField(default=0)
    cites = models.JSONField(default=list)
    waiver = models.ForeignKey("store.Waiver", on_delete=models.SET_NULL, null=True, related_name="findings")
    """Why it does not hold the claim."""

    class Meta:
        """Read with its version, or by rule over the practice."""

        db_table = "findings"
        indexes: ClassVar = [
            models.Index(
                fields=["practice", "rule"],
                include=["version", "outcome", "at_risk_cents"],
                condition=models.Q(waiver=None),
                name="findings_by_rule",
            )
        ]


class Waiver(Scoped):
    """That a person lets a claim go in spite of what a rule found: who, why, until when."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="waivers")
    rule = models.CharField(max_length=16)
    line = models.PositiveSmallIntegerField(null=True)
    reason = models.TextField()
    until = models.DateField(null=True)
    """The last day it counts; null without an end."""
    by = models.ForeignKey("store.User", on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        """A waiver has a reason."""

        db_table = "waivers"
        constraints: ClassVar = [
            models.CheckConstraint(name="waivers_reason", condition=~models.Q(reason="")),
            models.UniqueConstraint(
                fields=["claim", "rule", "line"],
                condition=models.Q(withdrawn_at=None),
                nulls_distinct=False,
                name="waivers_once",
            ),
        ]
