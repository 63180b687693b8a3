"""Patients: their list, who they are, what covers them and what was authorised."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anodyne.app.practice import registry, registry_coverages, worklists
from anodyne.app.practice.registry_rows import seen
from anodyne.kernel.errors import BadFields, Outdated
from anodyne.store.models import Patient, Role
from anodyne.store.models.scoped import Scoped
from anodyne.web.access import EDITORS, for_roles, member, today
from anodyne.web.registry_forms import (
    Groups,
    TypedForm,
    authorisation_fields,
    coverage_fields,
    patient_fields,
)

LISTS: Final = (
    ("providers", "Providers"),
    ("billing", "Who bills"),
    ("facilities", "Places of service"),
    ("payers", "Payers"),
)
"""The lists beside that of patients: their name in addresses, and their title."""
_LONGEST: Final = 80


class Keeping(Protocol):
    """Keeps what was typed; `key` and `stood` name the row that is changed."""

    def __call__(self, values: Mapping[str, str], *, key: int | None, stood: str) -> Scoped:
        """The row as it is kept."""
        ...


def edited(
    request: HttpRequest,
    fields: Groups,
    row: Scoped | None,
    typed: Mapping[str, str],
    *,
    keeping: Keeping,
    context: Mapping[str, Any],
    done: Callable[[Any], HttpResponse],
    again: Callable[[], Groups] | None = None,
) -> HttpResponse:
    """The page of a form, or what follows once it is kept; nothing that was typed is lost where it is not.

    `again` gives the fields that are asked instead once something was wrong with one that `fields` lacks.
    """
    stood = "" if row is None else seen(row)
    form = TypedForm(fields, request.POST if request.method == "POST" else None, initial=typed)
    status = 200
    if request.method == "POST":
        stood = request.POST.get("stood", "")[:64]
        try:
            values = form.typed()
            if form.is_valid():
                kept = keeping(values, key=None if row is None else row.pk, stood=stood)
                return done(kept)
            status = 422
        except BadFields as error:
            if again is not None and not set(error.fields) <= set(form.fields):
                form = TypedForm(again(), request.POST)
            form.tell(error.fields)
            status = 422
        except Outdated as error:
            form.tell({"": f"{error.what}. {error.fix.removesuffix('.')}"})
            status = 409
    told = {"form": form, "row": row, "stood": stood, "lists": LISTS, "may_change": True, **context}
    return render(request, "registry/edit.html", told, status=status)


@require_http_methods(["GET", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """Patients by name; what is looked for is sent in the body, so that no address names a patient."""
    words = worklists.searched(request.POST.get("q", "")[:_LONGEST]) if request.method == "POST" else ""
    after = request.GET.get("after", "")
    key = int(after) if after.isdecimal() and len(after) < 19 else None
    context = {
        "found": registry.patients(words, after=None if words else key),
        "words": request.POST.get("q", "").strip()[:_LONGEST],
        "is_first": key is None,
        "lists": LISTS,
        "may_change": member(request).role in EDITORS,
    }
    return render(request, "registry/patients.html", context)


@require_http_methods(["GET", "POST"])
@for_roles(*EDITORS)
def new(request: HttpRequest) -> HttpResponse:
    """A patient who is not here yet; what covers them is asked next."""

    def done(kept: Patient) -> HttpResponse:
        messages.success(request, f"Patient {kept.number} is kept. What covers them?")
        return redirect("registry_coverage_new", kept.pk)

    return _patient(request, None, {}, {"title": "New patient"}, done)


@require_http_methods(["GET", "POST"])
@for_roles(*EDITORS)
def change(request: HttpRequest, key: int) -> HttpResponse:
    """Who a patient is."""
    row = _found(key)

    def done(kept: Patient) -> HttpResponse:
        messages.success(request, f"Patient {kept.number} is changed.")
        return redirect("registry_patient", kept.pk)

    return _patient(request, row, registry.patient_typed(row), {"title": "Patient", "patient": row}, done)


def _patient(
    request: HttpRequest,
    row: Patient | None,
    typed: Mapping[str, str],
    context: Mapping[str, Any],
    done: Callable[[Patient], HttpResponse],
) -> HttpResponse:
    def keeping(values: Mapping[str, str], *, key: int | None, stood: str) -> Patient:
        return registry.keep_patient(values, as_of=today(request), key=key, stood=stood)

    fields = patient_fields(twin="twin" in request.POST)
    return edited(
        request,
        fields,
        row,
        typed,
        keeping=keeping,
        context=context,
        done=done,
        again=lambda: patient_fields(twin=True),
    )


@require_safe
def shown(request: HttpRequest, key: int) -> HttpResponse:
    """Everything of a patient."""
    page = registry.patient_page(key, as_of=today(request))
    if page is None:
        raise Http404
    role = member(request).role
    context = {
        "page": page,
        "lists": LISTS,
        "may_change": role in EDITORS,
        "may_enter": role in (*EDITORS, Role.CLINICIAN),
        "today": today(request),
    }
    return render(request, "registry/patient.html", context)


@require_http_methods(["GET", "POST"])
@for_roles(*EDITORS)
def coverage(request: HttpRequest, key: int, coverage: int | None = None) -> HttpResponse:
    """What covers a patient: new, or changed."""
    patient = _found(key)
    row = None if coverage is None else registry_coverages.coverage_of(key, coverage)
    if coverage is not None and row is None:
        raise Http404

    def keeping(values: Mapping[str, str], *, key: int | None, stood: str) -> Scoped:
        return registry_coverages.keep_coverage(patient, values, as_of=today(request), key=key, stood=stood)

    def done(_kept: Scoped) -> HttpResponse:
        messages.success(request, "The coverage is kept.")
        return redirect("registry_patient", patient.pk)

    typed = {"rank": "1", "relationship": "18"} if row is None else registry_coverages.coverage_typed(row)
    title = "New coverage" if row is None else "Coverage"
    fields = coverage_fields(changing=row is not None)
    context = {"title": title, "patient": patient}
    return edited(request, fields, row, typed, keeping=keeping, context=context, done=done)


@require_http_methods(["GET", "POST"])
@for_roles(*EDITORS)
def authorisation(request: HttpRequest, key: int, authorisation: int | None = None) -> HttpResponse:
    """What a payer authorised for a patient: new, or changed."""
    patient = _found(key)
    row = None if authorisation is None else registry_coverages.authorisation_of(key, authorisation)
    if authorisation is not None and row is None:
        raise Http404

    def keeping(values: Mapping[str, str], *, key: int | None, stood: str) -> Scoped:
        return registry_coverages.keep_authorisation(patient, values, key=key, stood=stood)

    def done(_kept: Scoped) -> HttpResponse:
        messages.success(request, "The authorisation is kept.")
        return redirect("registry_patient", patient.pk)

    typed = {} if row is None else registry_coverages.authorisation_typed(row)
    context = {"title": "New authorisation" if row is None else "Authorisation", "patient": patient}
    return edited(request, authorisation_fields(), row, typed, keeping=keeping, context=context, done=done)


@require_POST
@for_roles(*EDITORS)
def remake(request: HttpRequest, key: int, claim: int) -> HttpResponse:
    """Let a claim that has not left say what covers its day."""
    revision = request.POST.get("revision", "")
    asked = int(revision) if revision.isdecimal() and len(revision) < 10 else 0
    made = registry_coverages.remake(claim, asked, patient=key, as_of=today(request))
    messages.success(request, f"{made.claim_id} names {made.payer.name} now, and was judged again.")
    return redirect("registry_patient", key)


def _found(key: int) -> Patient:
    row = registry.patient(key)
    if row is None:
        raise Http404
    return row


_OF: Final = "registry/<int:key>"
urlpatterns = [
    path("registry/", listed, name="registry"),
    path("registry/new/", new, name="registry_new"),
    path(f"{_OF}/", shown, name="registry_patient"),
    path(f"{_OF}/change/", change, name="registry_change"),
    path(f"{_OF}/coverages/new/", coverage, name="registry_coverage_new"),
    path(f"{_OF}/coverages/<int:coverage>/", coverage, name="registry_coverage"),
    path(f"{_OF}/authorisations/new/", authorisation, name="registry_authorisation_new"),
    path(f"{_OF}/authorisations/<int:authorisation>/", authorisation, name="registry_authorisation"),
    path(f"{_OF}/claims/<int:claim>/remake/", remake, name="registry_remake"),
]
