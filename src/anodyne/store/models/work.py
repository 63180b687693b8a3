"""What people have to do, and what they wrote."""

from typing import ClassVar

from django.db import models

from anodyne.store.models.claims import Claim
from anodyne.store.models.people import Patient
from anodyne.store.models.scoped import Scoped, one_of


class TaskKind(models.TextChoices):
    """What a task is about; each is a clock or a thing to do."""

    FILING = "filing"
    APPEAL = "appeal"
    RECORDS = "records"
    AUTHORISATION = "authorisation"
    REJECTION = "rejection"
    DENIAL = "denial"
    UNDERPAYMENT = "underpayment"
    FOLLOW_UP = "follow_up"
    QUESTION = "question"
    """To a named person: what only they can tell."""
    OTHER = "other"


class Task(Scoped):
    """A thing to do, by whom and when, and the money that depends on it."""

    kind = models.CharField(max_length=16, choices=TaskKind)
    title = models.CharField(max_length=200)
    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, null=True, related_name="tasks")
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, null=True, related_name="tasks")
    owner = models.ForeignKey("store.User", on_delete=models.PROTECT, null=True, related_name="tasks")
    due_on = models.DateField(null=True)
    stake_cents = models.BigIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey("store.User", on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.TextField(blank=True)
    origin = models.CharField(max_length=64, blank=True)
    """What it came from, so that the same cause makes it once; empty where a person made it."""

    class Meta:
        """Today reads the open ones by day."""

        db_table = "tasks"
        constraints: ClassVar = [
            one_of("tasks_kind", "kind", TaskKind),
            models.UniqueConstraint(
                fields=["practice", "origin"], condition=~models.Q(origin=""), name="tasks_origin_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["practice", "due_on", "id"],
                condition=models.Q(done_at=None),
                name="tasks_open_by_day",
            ),
            models.Index(fields=["claim"], name="tasks_by_claim"),
        ]


class Note(Scoped):
    """What somebody wrote of a claim, and it stays as it is."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField()
    by = models.ForeignKey("store.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Read with its claim."""

        db_table = "notes"
        constraints: ClassVar = [models.CheckConstraint(name="notes_text", condition=~models.Q(text=""))]
        indexes: ClassVar = [models.Index(fields=["claim", "created_at"], name="notes_by_claim")]


class SavedFilter(Scoped):
    """A worklist that somebody keeps: what it shows, in which order and columns."""

    user = models.ForeignKey("store.User", on_delete=models.CASCADE, related_name="filters")
    name = models.CharField(max_length=60)
    query = models.JSONField(default=dict)
    shared = models.BooleanField(default=False)

    class Meta:
        """Names are the user's own."""

        db_table = "saved_filters"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["practice", "user", "name"], name="saved_filters_name_once")
        ]
