"""Who works here, and where one works."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST

from anodyne.app.practice import people
from anodyne.store.models import Membership, Role, User
from anodyne.web.access import for_roles, member
from anodyne.web.middleware import PRACTICE

_LINK = "password_link"
"""The session's key of a link that is shown once."""


class Invitation(forms.Form):
    """Somebody new."""

    name = forms.CharField(max_length=120, label="Name")
    email = forms.EmailField(max_length=254, label="E-mail address", help_text="With it they sign in.")
    role = forms.ChoiceField(choices=Role.choices, label="Role")


class Duties(forms.Form):
    """What somebody is and may do."""

    role = forms.ChoiceField(choices=Role.choices, label="Role")
    may_post = forms.BooleanField(required=False, label="Posts payments")
    may_approve_write_offs = forms.BooleanField(
        required=False,
        label="Approves write-offs",
        help_text="Never both: who posts money must not be able to write it off unseen.",
    )
    active = forms.BooleanField(
        required=False, label="Works here", help_text="Taken off, they see nothing of the practice at once."
    )


@require_http_methods(["GET", "POST"])
def practices(request: HttpRequest) -> HttpResponse:
    """Where the user works, and the choice of one."""
    mine = people.practices_of(request.user.pk or 0)
    if request.method == "POST":
        chosen = request.POST.get("practice", "")
        if chosen not in {str(row.practice_id) for row in mine}:
            raise Http404
        request.session[PRACTICE] = int(chosen)
        return redirect("/")
    return render(request, "practices.html", {"practices": mine})


@require_http_methods(["GET", "POST"])
@for_roles(Role.ADMINISTRATOR)
def listed(request: HttpRequest) -> HttpResponse:
    """Everybody of the practice; and somebody new."""
    form = Invitation(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        invited = people.invite(member(request).practice_id, told["email"], told["name"], Role(told["role"]))
        if invited.is_new:
            _offer(request, invited.membership.user)
        else:
            messages.success(
                request, "Added: they have an account already, and sign in with the password they know."
            )
        return redirect("people")
    rows = people.members()
    protected = {row.user_id for row in rows if is_mfa_enabled(row.user)}
    context = {
        "members": rows,
        "form": form,
        "protected": protected,
        "link": request.session.pop(_LINK, None),
    }
    return render(request, "people.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@for_roles(Role.ADMINISTRATOR)
def person(request: HttpRequest, key: int) -> HttpResponse:
    """What one person is and may do."""
    row = _found(key)
    now = {
        "role": row.role,
        "may_post": row.may_post,
        "may_approve_write_offs": row.may_approve_write_offs,
        "active": row.is_active,
    }
    form = Duties(request.POST if request.method == "POST" else None, initial=now)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        people.change(row, **{**told, "role": Role(told["role"])})
        messages.success(request, f"{row.user.name} is {row.get_role_display().lower()} from now on.")
        return redirect("people")
    context = {
        "person": row,
        "form": form,
        "works_elsewhere": people.works_elsewhere(row),
        "has_second_factor": is_mfa_enabled(row.user),
    }
    return render(request, "person.html", context, status=422 if form.errors else 200)


@require_POST
@for_roles(Role.ADMINISTRATOR)
def link(request: HttpRequest, key: int) -> HttpResponse:
    """A new link with which somebody chooses a password."""
    row = _found(key)
    if people.works_elsewhere(row):
        raise Http404
    _offer(request, row.user)
    return redirect("people")


@require_POST
@for_roles(Role.ADMINISTRATOR)
def forget(request: HttpRequest, key: int) -> HttpResponse:
    """Remove a second factor that was lost."""
    row = _found(key)
    if people.works_elsewhere(row):
        raise Http404
    Authenticator.objects.filter(user=row.user).delete()
    messages.success(request, f"{row.user.name} sets up a new second factor when they sign in.")
    return redirect("people")


def _found(key: int) -> Membership:
    row = people.member_of(key)
    if row is None:
        raise Http404
    return row


def _offer(request: HttpRequest, user: User) -> None:
    """Keep a link for the next page alone."""
    told = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    address = reverse("account_reset_password_from_key", kwargs=told)
    request.session[_LINK] = {"name": user.name, "address": request.build_absolute_uri(address)}


urlpatterns = [
    path("practices", practices, name="practices"),
    path("people", listed, name="people"),
    path("people/<int:key>", person, name="person"),
    path("people/<int:key>/link", link, name="person_link"),
    path("people/<int:key>/forget", forget, name="person_forget"),
]
