"""The keys of one's programs: made, shown once, ended."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from anodyne.app.practice import tokens
from anodyne.kernel.errors import BadFields
from anodyne.web.access import member

_MADE = "token"
"""The session's key of a token that is shown once."""


class TokenForm(forms.Form):
    """A token to be made."""

    name = forms.CharField(max_length=60, label="What will use it")
    scopes = forms.MultipleChoiceField(
        choices=[
            (tokens.Scope.READ, "read claims and judge files"),
            (tokens.Scope.WRITE, "change claims"),
            (tokens.Scope.IMPORT, "bring in files"),
            (tokens.Scope.WORK, "write notes and tasks"),
        ],
        widget=forms.CheckboxSelectMultiple,
        label="What it may do",
    )
    days = forms.IntegerField(min_value=1, max_value=tokens.MOST_DAYS, initial=90, label="For how many days")


@require_http_methods(["GET", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """The tokens that speak in one's name, and a new one."""
    who = member(request)
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            request.session[_MADE] = tokens.make(who, **form.cleaned_data)
        except BadFields as error:
            for name, why in error.fields.items():
                form.add_error(name, why)
        else:
            return redirect("tokens")
    context = {"tokens": tokens.tokens_of(who.user), "form": form, "made": request.session.pop(_MADE, None)}
    return render(request, "tokens.html", context, status=422 if form.errors else 200)


@require_POST
def ended(request: HttpRequest, token: int) -> HttpResponse:
    """A token ended."""
    tokens.revoke(token, member(request).user)
    messages.success(request, "The token is ended.")
    return redirect("tokens")


urlpatterns = [
    path("tokens/", listed, name="tokens"),
    path("tokens/<int:token>/end/", ended, name="token_end"),
]
