"""What left, what was heard of it, and the files of both."""

from typing import ClassVar

from django.db import models

from anodyne.store.models.claims import Claim, ClaimVersion
from anodyne.store.models.payers import Clearinghouse
from anodyne.store.models.scoped import Scoped, one_of


class Document(Scoped):
    """A file: what was imported, sent, received or attached.  The same bytes of a kind are kept once."""

    kind = models.CharField(max_length=16)
    """837P, 835, 999, 277CA, paper, table or attachment."""
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    content = models.BinaryField()
    came = models.JSONField(default=dict)
    """What came of taking it in: counts, and what was left for a person."""
    patient = models.ForeignKey(
        "store.Patient", on_delete=models.PROTECT, null=True, related_name="documents"
    )
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, null=True, related_name="documents")
    by = models.ForeignKey("store.User", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        """What goes in twice has the effect of once."""

        db_table = "documents"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["practice", "kind", "sha256", "claim"], nulls_distinct=False, name="documents_once"
            )
        ]


class SubmissionState(models.TextChoices):
    """How far a file has come on its way out."""

    MADE = "made"
    RELEASED = "released"
    """It may leave; the job hands it over."""
    HANDED_OVER = "handed_over"
    RECEIVED = "received"
    """Its 999 accepted it, wholly or in part."""
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Submission(Scoped):
    """A file of claims, or a pile of paper forms, on its way to one clearinghouse or payer."""

    clearinghouse = models.ForeignKey(Clearinghouse, on_delete=models.PROTECT, null=True, related_name="+")
    """None for paper."""
    control_number = models.PositiveIntegerField(null=True)
    """ISA13."""
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=SubmissionState, default=SubmissionState.MADE)
    made_by = models.ForeignKey("store.User", on_delete=models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)
    """Why it could not be handed over when it was last tried."""

    class Meta:
        """A control number is used once."""

        db_table = "submissions"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["practice", "control_number"], name="submissions_control_once"),
            one_of("submissions_state", "state", SubmissionState),
        ]


class SubmissionClaim(Scoped):
    """That a version of a claim is in a file; a version is sent once."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="claims")
    version = models.ForeignKey(ClaimVersion, on_delete=models.PROTECT, related_name="submissions")
    withdrawn = models.BooleanField(default=False)

    class Meta:
        """The guard against sending twice."""

        db_table = "submission_claims"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version"], condition=models.Q(withdrawn=False), name="submission_claims_once"
            )
        ]


class Acknowledgement(Scoped):
    """A 999, 997 or 277CA that was read."""

    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8)
    answers = models.PositiveIntegerField(default=0)
    unmatched = models.PositiveIntegerField(default=0)

    class Meta:
        """One for each file."""

        db_table = "acknowledgements"


class Answer(Scoped):
    """What an acknowledgement says of one claim."""

    acknowledgement = models.ForeignKey(Acknowledgement, on_delete=models.CASCADE, related_name="said")
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, null=True, related_name="answers")
    version = models.ForeignKey(ClaimVersion, on_delete=models.PROTECT, null=True, related_name="answers")
    claim_number = models.CharField(max_length=38, blank=True)
    """As the payer names it: CLP01, or the trace of a 277CA."""
    verdict = models.CharField(max_length=12)
    by = models.CharField(max_length=16)
    """payer, clearinghouse or receiver."""
    category = models.CharField(max_length=3, blank=True)
    status = models.CharField(max_length=5, blank=True)
    says = models.TextField(blank=True)
    """In our own words."""
    payer_control = models.CharField(max_length=50, blank=True)
    told_on = models.DateField(null=True)
    segment = models.PositiveIntegerField(null=True)

    class Meta:
        """Read with its claim."""

        db_table = "answers"
        indexes: ClassVar = [models.Index(fields=["claim", "told_on"], name="answers_by_claim")]
