"""A practice and its first administrator, made by whoever runs the installation."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse

from anodyne.kernel.errors import BadRequest
from anodyne.store.models import Membership, Practice, Role, User

OWNER = "owner"
"""The connection that may make a practice."""


def anybody() -> bool:
    """Whether there is a practice at all."""
    return Practice.objects.using(OWNER).exists()


def found(name: str, *, email: str, person: str) -> str:
    """Make a practice and its administrator; the path of the page where they set their password.

    Somebody who works in another practice already keeps their password, and gets the path of the start.
    Raises BadRequest where there is such a practice, or the address is none.
    """
    try:
        validate_email(email)
    except ValidationError as error:
        raise BadRequest(
            "this is no e-mail address", where="--admin", fix="Write it as you@example.org."
        ) from error
    with transaction.atomic(using=OWNER):
        if Practice.objects.using(OWNER).filter(name=name).exists():
            raise BadRequest(f"there is a practice {name}", where="the practices", fix="Give another name.")
        practice = Practice.objects.using(OWNER).create(name=name)
        known = User.objects.using(OWNER).filter(email__iexact=email).first()
        user = known
        if user is None:
            user = User(email=email, name=person)
            user.set_unusable_password()
            user.save(using=OWNER)
        Membership.objects.using(OWNER).create(user=user, practice=practice, role=Role.ADMINISTRATOR)
    return "/" if known else password_path(user)


def password_path(user: User) -> str:
    """The path of the page on which `user` sets a password; it works once, and for three days."""
    key = default_token_generator.make_token(user)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
