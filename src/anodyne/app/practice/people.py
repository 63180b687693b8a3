"""Who works in a practice, as what, and how they come in."""

from dataclasses import dataclass

from django.contrib.auth.base_user import BaseUserManager
from django.db import IntegrityError, transaction

from anodyne.kernel.errors import BadRequest
from anodyne.store.models import Membership, Role, User
from anodyne.store.scope import CurrentPractice, within


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody who was added."""

    membership: Membership
    is_new: bool
    """Whether they have no account elsewhere, so that a link to choose a password may be made for them."""


def practices_of(user: int) -> list[Membership]:
    """Where the user works, by the name of the practice."""
    with within(None, user):
        mine = Membership.objects.select_related("practice").filter(user_id=user, is_active=True)
        return list(mine.order_by("practice__name"))


def members() -> list[Membership]:
    """Everybody of the practice of the transaction, those who were taken off last."""
    here = Membership.objects.filter(practice=CurrentPractice()).select_related("user")
    return list(here.order_by("-is_active", "user__name", "pk"))


def member_of(key: int) -> Membership | None:
    """The membership of this key, where it is one of the practice."""
    here = Membership.objects.filter(practice=CurrentPractice()).select_related("user")
    return here.filter(pk=key).first()


def works_elsewhere(member: Membership) -> bool:
    """Whether the person works in another practice too, so that their account is not this one's alone."""
    with within(member.practice_id, member.user_id):
        return Membership.objects.filter(user_id=member.user_id).exclude(pk=member.pk).exists()


def invite(practice: int, email: str, name: str, role: Role) -> Invited:
    """Add somebody to `practice`, that of the transaction; an account is made where the address has none.

    Raises BadRequest where they are in the practice already.
    """
    address = BaseUserManager.normalize_email(email.strip())
    user = User.objects.filter(email__iexact=address).first()
    is_new = user is None
    if user is None:
        user = User.objects.create_user(address, None, name.strip())
    elif Membership.objects.filter(user=user, practice_id=practice).exists():
        raise BadRequest(
            "this address is on the list already",
            where="People",
            fix="Open it there, and let it work here again if it was taken off.",
        )
    membership = Membership(user=user, practice_id=practice, role=role)
    membership.save()
    return Invited(membership, is_new)


def change(
    member: Membership, *, role: Role, may_post: bool, may_approve_write_offs: bool, active: bool
) -> None:
    """What somebody is from now on; it holds from their next request.

    Raises BadRequest where one person would both post and approve, or no administrator would be left.
    """
    if may_post and may_approve_write_offs:
        raise BadRequest(
            "one person cannot both post payments and approve write-offs",
            where=f"People, {member.user.email}",
            fix="Give one of the two to somebody else: who posts must not write off unseen.",
        )
    chiefs = Membership.objects.select_for_update().filter(role=Role.ADMINISTRATOR, is_active=True)
    others = [key for key in chiefs.order_by("pk").values_list("pk", flat=True) if key != member.pk]
    if not others and not (active and role == Role.ADMINISTRATOR):
        raise BadRequest(
            "the practice would be left without an administrator",
            where=f"People, {member.user.email}",
            fix="Make somebody else an administrator first.",
        )
    member.role, member.is_active = role, active
    member.may_post, member.may_approve_write_offs = may_post, may_approve_write_offs
    try:
        with transaction.atomic():
            member.save()
    except IntegrityError as error:
        raise BadRequest(
            "the database refuses this combination of duties",
            where=f"People, {member.user.email}",
            fix="Posting payments and approving write-offs go to two people.",
        ) from error
