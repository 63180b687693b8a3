"""Practices, the people who work in them, and what each may do."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from anodyne.store.models.scoped import Scoped, one_of


class Users(BaseUserManager["User"]):
    """Makes users."""

    def create_user(self, email: str, password: str | None = None, name: str = "") -> "User":
        """A user who signs in with `email`; without a password they cannot until they set one."""
        user = self.model(email=self.normalize_email(email), name=name)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in; what they may do is told by their memberships of practices."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Users] = Users()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        """Addresses are compared without case."""

        db_table = "users"
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="users_email_once")]

    def __str__(self) -> str:
        return self.name


class Practice(models.Model):
    """A practice: the owner of every other row.  A billing company has many."""

    name = models.CharField(max_length=60, unique=True)
    time_zone = models.CharField(max_length=64, default="America/New_York")
    submitter_name = models.CharField(max_length=60, blank=True)
    submitter_id = models.CharField(max_length=80, blank=True)
    contact_name = models.CharField(max_length=60, blank=True)
    contact_phone = models.CharField(max_length=10, blank=True)
    second_factor_required = models.BooleanField(default=True)
    """Whether who sees patients must sign in with a second factor."""
    session_minutes = models.PositiveSmallIntegerField(default=30)
    """After so long without a request a session ends."""
    last_control_number = models.PositiveIntegerField(default=0)
    """Of the last interchange that was made (ISA13)."""
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """A control number has nine digits."""

        db_table = "practices"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="practices_control", condition=models.Q(last_control_number__lte=999_999_999)
            )
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What somebody is in a practice."""

    BILLER = "biller"
    CODER = "coder"
    CLINICIAN = "clinician"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


class Membership(models.Model):
    """That a user works in a practice, as what.  Posting and approving write-offs are never one person's."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role)
    may_post = models.BooleanField(default=False)
    may_approve_write_offs = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One membership for each user and practice."""

        db_table = "memberships"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "practice"], name="memberships_once"),
            one_of("memberships_role", "role", Role),
            models.CheckConstraint(
                name="memberships_duties_apart",
                condition=~models.Q(may_post=True, may_approve_write_offs=True),
            ),
        ]


class Token(Scoped):
    """A key with which a program calls the API in a user's name; only its digest is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        """Names are the user's own."""

        db_table = "tokens"
