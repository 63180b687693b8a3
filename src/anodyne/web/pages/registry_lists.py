"""Providers with their credentials, who bills, places of service, and payers with their plans."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_safe

from anodyne.app.practice import registry_lists
from anodyne.store.models import Role
from anodyne.store.models.scoped import Scoped
from anodyne.web.access import for_roles, member, today
from anodyne.web.pages.registry import LISTS, edited
from anodyne.web.registry_forms import TypedForm, credential_fields, list_fields, plan_fields

KEEPERS: Final = (Role.MANAGER, Role.ADMINISTRATOR)
"""Who changes these lists; everybody of the practice reads them."""
_TITLES: Final = dict(LISTS)
_ONE: Final = {"providers": "provider", "billing": "billing provider", "facilities": "place of service",
               "payers": "payer"}  # fmt: skip


@require_safe
def rows(request: HttpRequest, kind: str) -> HttpResponse:
    """A list, in its order."""
    context = {
        "kind": kind,
        "title": _titled(kind),
        "one": _ONE[kind],
        "rows": registry_lists.rows(kind),
        "lists": LISTS,
        "may_change": _may(request),
    }
    return render(request, "registry/list.html", context)


@require_http_methods(["GET", "POST"])
def row(request: HttpRequest, kind: str, key: int | None = None) -> HttpResponse:
    """A row of a list: new, changed, or read by who may not."""
    _titled(kind)
    found = None if key is None else registry_lists.row(kind, key)
    if key is not None and found is None:
        raise Http404
    typed = {} if found is None else registry_lists.typed(kind, found)
    context = {
        "title": f"New {_ONE[kind]}" if found is None else _ONE[kind].capitalize(),
        "kind": kind,
        "list_title": _TITLES[kind],
        "wide": kind == "payers",
        **_parts(request, kind, found),
    }
    if not _may(request) and (request.method == "GET" and found is not None):
        told = {"form": TypedForm(list_fields(kind), None, initial=typed), "row": found, "lists": LISTS}
        return render(request, "registry/edit.html", {**told, **context, "may_change": False})
    return _changed(request, kind, found, typed, context)


@for_roles(*KEEPERS)
def _changed(
    request: HttpRequest,
    kind: str,
    found: Scoped | None,
    typed: Mapping[str, str],
    context: Mapping[str, Any],
) -> HttpResponse:
    def keeping(values: Mapping[str, str], *, key: int | None, stood: str) -> Scoped:
        kept: Scoped = registry_lists.keep_row(kind, values, key=key, stood=stood)
        return kept

    def done(kept: Scoped) -> HttpResponse:
        messages.success(request, f"The {_ONE[kind]} is kept.")
        if found is None and kind in ("providers", "payers"):
            return redirect("registry_row", kind, kept.pk)
        return redirect("registry_list", kind)

    return edited(request, list_fields(kind), found, typed, keeping=keeping, context=context, done=done)


def _parts(request: HttpRequest, kind: str, found: Any) -> dict[str, Any]:  # noqa: ANN401  a row of any list
    if found is None or kind not in ("providers", "payers"):
        return {}
    if kind == "payers":
        return {"plans": registry_lists.plans_of(found)}
    day = today(request)
    some = registry_lists.credentials_of(found)
    return {"credentials": [(one, registry_lists.in_force(one, day)) for one in some]}


@require_http_methods(["GET", "POST"])
@for_roles(*KEEPERS)
def credential(request: HttpRequest, key: int, part: int | None = None) -> HttpResponse:
    """A credential of a provider: new, or changed."""
    provider = registry_lists.row("providers", key)
    found = None if part is None or provider is None else registry_lists.credential_of(provider, part)
    if provider is None or (part is not None and found is None):
        raise Http404

    def keeping(values: Mapping[str, str], *, key: int | None, stood: str) -> Scoped:
        return registry_lists.keep_credential(provider, values, key=key, stood=stood)

    def done(_kept: Scoped) -> HttpResponse:
        messages.success(request, "The credential is kept.")
        return redirect("registry_row", "providers", provider.pk)

    typed = {} if found is None else registry_lists.credential_typed(found)
    context = {"title": "Credential", "kind": "providers", "list_title": "Providers", "of": provider}
    return edited(request, credential_fields(), found, typed, keeping=keeping, context=context, done=done)


@require_http_methods(["GET", "POST"])
@for_roles(*KEEPERS)
def plan(request: HttpRequest, key: int, part: int | None = None) -> HttpResponse:
    """A plan of a payer: new, or changed."""
    payer = registry_lists.row("payers", key)
    found = None if part is None or payer is None else registry_lists.plan_of(payer, part)
    if payer is None or (part is not None and found is None):
        raise Http404

    def keeping(values: Mapping[str, str], *, key: int | None, stood: str) -> Scoped:
        return registry_lists.keep_plan(payer, values, key=key, stood=stood)

    def done(_kept: Scoped) -> HttpResponse:
        messages.success(request, "The plan is kept.")
        return redirect("registry_row", "payers", payer.pk)

    typed = {} if found is None else registry_lists.plan_typed(found)
    context = {"title": "Plan", "kind": "payers", "list_title": "Payers", "of": payer}
    return edited(request, plan_fields(), found, typed, keeping=keeping, context=context, done=done)


def _titled(kind: str) -> str:
    if kind not in _TITLES:
        raise Http404
    return _TITLES[kind]


def _may(request: HttpRequest) -> bool:
    return member(request).role in KEEPERS


urlpatterns = [
    path("registry/providers/<int:key>/credentials/new/", credential, name="registry_credential_new"),
    path("registry/providers/<int:key>/credentials/<int:part>/", credential, name="registry_credential"),
    path("registry/payers/<int:key>/plans/new/", plan, name="registry_plan_new"),
    path("registry/payers/<int:key>/plans/<int:part>/", plan, name="registry_plan"),
    path("registry/<slug:kind>/", rows, name="registry_list"),
    path("registry/<slug:kind>/new/", row, name="registry_row_new"),
    path("registry/<slug:kind>/<int:key>/", row, name="registry_row"),
]
