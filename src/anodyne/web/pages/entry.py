"""A charge entered by hand, in the order of the claim form, and what the rules say of it at once."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST

from anodyne.app.practice import entry, lookups
from anodyne.app.practice.typed import LETTERS, day
from anodyne.kernel.errors import BadFields, Outdated
from anodyne.model.frames import DIAGNOSES
from anodyne.sheets.practice import NDC_UNITS
from anodyne.store.models import Claim, Role
from anodyne.web.access import for_roles, today, whole

SHOWN: Final = 6
"""Lines at first, and so many more each time they are asked for."""
_ENTERING: Final = (Role.BILLER, Role.CODER, Role.CLINICIAN, Role.MANAGER, Role.ADMINISTRATOR)
_KEPT: Final = ("served_on", "facility", "rendering", "billing")
"""What the next charge begins with."""
_LONGEST: Final = 100
"""Of what is looked for."""


class ChargeForm(forms.Form):
    """What is asked of a charge; `app.practice.entry` judges what is typed."""

    def __init__(self, values: Mapping[str, Any] | None, *, initial: Mapping[str, Any], lines: int) -> None:
        super().__init__(values, initial=dict(initial), label_suffix="")
        self._lines = lines
        told = initial if values is None else values
        for name, (label, widget) in _FIELDS.items():
            self._add(name, label, widget(name))
        patient, served_on = told.get("patient", ""), told.get("served_on", "")
        self._choose(
            "coverage", lookups.coverages(patient, served_on), "The first that covers the day",
            **{
                "hx-post": reverse("charge_coverages"), "hx-params": "patient,served_on",
                "hx-trigger": "change from:#id_patient, change from:#id_served_on",
            },
        )  # fmt: skip
        self._choose("facility", lookups.places())
        self._choose("rendering", lookups.rendering())
        self._choose("billing", lookups.billers())
        for line in range(1, lines + 1):
            for name, (label, widget) in _LINE_FIELDS.items():
                self._add(f"line{line}-{name}", f"{label}, line {line}", widget(f"line{line}-{name}"))

    def _add(self, name: str, label: str, widget: forms.Widget) -> None:
        kind = forms.BooleanField if isinstance(widget, forms.CheckboxInput) else forms.CharField
        self.fields[name] = kind(required=False, label=label, widget=widget)

    def _choose(
        self, name: str, some: Iterable[lookups.Choice], nothing: str = "Choose", **attrs: str
    ) -> None:
        told = [(one.value, one.words) for one in some]
        only_one = len(told) == 1 and name != "coverage"
        self.fields[name].widget = forms.Select(attrs, choices=told if only_one else [("", nothing), *told])

    def field_groups(self) -> dict[str, list[forms.BoundField]]:
        """The fields beside the lines, by where they stand on the form."""
        return {group: [self[name] for name in names] for group, names in _GROUPS.items()}

    def lines(self) -> list[dict[str, Any]]:
        """The fields of each line, in order."""
        return [
            {"number": line, "cells": [self[f"line{line}-{name}"] for name in _LINE_FIELDS]}
            for line in range(1, self._lines + 1)
        ]

    def last_lines(self) -> str:
        """The first field of the lines that were added last."""
        return f"line{max(1, self._lines - SHOWN + 1)}-code"

    def line_heads(self) -> list[str]:
        """What stands over the lines."""
        return [label for label, _ in _LINE_FIELDS.values()]

    def values(self) -> dict[str, str]:
        """What was typed."""
        self.is_valid()
        return {
            name: ("on" if value else "") if isinstance(value, bool) else str(value)
            for name, value in self.cleaned_data.items()
        }

    def tell(self, wrong: Mapping[str, str]) -> None:
        """Show what is wrong beside each field; the page begins in the first."""
        for name, message in wrong.items():
            self.add_error(name if name in self.fields else None, f"{message[:1].upper()}{message[1:]}.")
        self.begin_at(next((name for name in wrong if name in self.fields), None))

    def begin_at(self, name: str | None) -> None:
        """Let the page begin in that field."""
        if name in self.fields:
            self.fields[name].widget.attrs["autofocus"] = True


Widget = Callable[[str], forms.Widget]


def _text(size: int, **attrs: str) -> Widget:
    told = {"size": str(size), "autocomplete": "off", "spellcheck": "false", **attrs}
    return lambda _name: forms.TextInput(told)


def _day(_name: str) -> forms.Widget:
    return forms.TextInput({"size": "10", "autocomplete": "off", "placeholder": "mm/dd/yyyy"})


def _box(_name: str) -> forms.Widget:
    return forms.CheckboxInput()


def _select(_name: str) -> forms.Widget:
    return forms.Select()


def _unit(_name: str) -> forms.Widget:
    return forms.Select(choices=[("", ""), *((unit, unit) for unit in NDC_UNITS)])


def _combobox(look: str, size: int, **attrs: str) -> Widget:
    """A field with a list of what may be meant, filled as one types."""

    def widget(name: str) -> forms.Widget:
        return forms.TextInput(
            {
                "size": str(size), "autocomplete": "off", "spellcheck": "false", "role": "combobox",
                "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": f"list_{name}",
                "hx-post": reverse("charge_look", args=[look]), "hx-trigger": "input changed delay:120ms",
                "hx-target": f"[id='list_{name}']", "hx-params": f"{name},served_on", **attrs,
            }
        )  # fmt: skip

    return widget


_FIELDS: Final[Mapping[str, tuple[str, Widget]]] = {
    "patient": ("Patient", _combobox("patient", 44, **{"data-pick": "one"})),
    "coverage": ("Insured under", _select),
    "employment": ("Employment", _box),
    "auto": ("Auto accident", _box),
    "cause_state": ("in state", _text(2, maxlength="2")),
    "other_accident": ("Other accident", _box),
    "onset_on": ("Onset of the illness", _day),
    "accident_on": ("Day of the accident", _day),
    "referring": ("Referred by", _combobox("referring", 34, **{"data-pick": "one"})),
    "admitted_on": ("In hospital from", _day),
    "discharged_on": ("until", _day),
    "note": ("Note to the payer", _text(50, maxlength="80")),
    **{name: (letter, _combobox("diagnosis", 9)) for name, letter in zip(DIAGNOSES, LETTERS, strict=True)},
    "auth_number": ("Authorisation", _text(20, maxlength="50")),
    "referral_number": ("Referral number", _text(20, maxlength="50")),
    "served_on": ("Day of the visit", _day),
    "facility": ("Place of service", _select),
    "rendering": ("Done by", _select),
    "billing": ("Billed by", _select),
}
_LINE_FIELDS: Final[Mapping[str, tuple[str, Widget]]] = {
    "code": ("Code", _combobox("code", 8)),
    "modifiers": ("Modifiers", _text(11, maxlength="11")),
    "pointers": ("Diagnoses", _text(6, maxlength="11")),
    "charge": ("Charge $", _text(9, inputmode="decimal", maxlength="14")),
    "units": ("Units", _text(5, inputmode="decimal", maxlength="8")),
    "ndc": ("NDC", _text(14, inputmode="numeric", maxlength="13")),
    "ndc_qty": ("NDC quantity", _text(7, inputmode="decimal", maxlength="8")),
    "ndc_unit": ("NDC unit", _unit),
}
_GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "insured": ("patient", "coverage"),
    "causes": ("employment", "auto", "cause_state", "other_accident"),
    "dates": ("onset_on", "accident_on", "referring", "admitted_on", "discharged_on", "note"),
    "diagnoses": DIAGNOSES,
    "numbers": ("auth_number", "referral_number"),
    "visit": ("served_on", "facility"),
    "people": ("rendering", "billing"),
}


@require_http_methods(["GET", "POST"])
@for_roles(*_ENTERING)
def new(request: HttpRequest) -> HttpResponse:
    """A charge that is not there yet; the next one begins with the day, place and people of the last."""
    form = _form(request, _like(request))
    if request.method == "GET" or "more" in request.POST:
        form.begin_at(form.last_lines() if "more" in request.POST else "patient")
        return _page(request, form)
    try:
        claim = entry.enter(form.values(), as_of=today(request))
    except BadFields as error:
        form.tell(error.fields)
        return _page(request, form, status=422)
    messages.success(request, f"{claim.claim_id} is kept.")
    return redirect("charge", claim.pk)


@require_http_methods(["GET", "POST"])
@for_roles(*_ENTERING)
def one(request: HttpRequest, key: int) -> HttpResponse:
    """A charge that was entered: what was found of it, and its fields, to be changed until it leaves."""
    claim = entry.entered(key)
    if claim is None or claim.encounter_id is None:
        raise Http404
    why_not = entry.why_not_amended(claim)
    form = None if why_not is not None else _form(request, entry.as_typed(claim))
    if request.method == "GET" or form is None or "more" in request.POST:
        if form is not None and "more" in request.POST:
            form.begin_at(form.last_lines())
        return _page(request, form, claim, why_not=why_not)
    try:
        revision = whole(request.POST.get("revision", "")) or 0
        entry.amend(key, revision, form.values(), as_of=today(request))
    except BadFields as error:
        form.tell(error.fields)
        return _page(request, form, claim, status=422)
    except Outdated as error:
        form.tell({"": f"{error.what}. {error.fix.removesuffix('.')}"})
        return _page(request, form, claim, status=409)
    messages.success(request, f"{claim.claim_id} is changed.")
    return redirect("charge", key)


def _page(
    request: HttpRequest,
    form: ChargeForm | None,
    claim: Claim | None = None,
    *,
    why_not: str | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "claim": claim,
        "why_not": why_not,
        "findings": [] if claim is None else entry.findings_of(claim),
    }
    return render(request, "entry/charge.html", context, status=status)


def _form(request: HttpRequest, initial: Mapping[str, str]) -> ChargeForm:
    sent = request.POST if request.method == "POST" else None
    shown = sent.get("lines", "") if sent else ""
    lines = int(shown) if shown.isdecimal() and len(shown) < 3 else SHOWN
    told = max((int(name[4:].partition("-")[0]) for name in initial if name.startswith("line")), default=0)
    if sent and "more" in sent:
        lines += SHOWN
    return ChargeForm(sent, initial=initial, lines=max(SHOWN, min(max(lines, told), entry.MOST_LINES)))


def _like(request: HttpRequest) -> dict[str, str]:
    """What a new charge begins with: its patient, or what the one had that was entered before it."""
    patient = whole(request.GET.get("for", ""))
    if patient is not None:
        return entry.of_patient(patient)
    key = whole(request.GET.get("like", ""))
    claim = None if key is None else entry.entered(key)
    if claim is None or entry.why_not_amended(claim) is not None:
        return {}
    typed = entry.as_typed(claim)
    return {name: typed[name] for name in _KEPT}


@require_POST
@for_roles(*_ENTERING)
def look(request: HttpRequest, what: str) -> HttpResponse:
    """What may be meant by what stands in a field; it is sent in the body: no address names a patient."""
    if what not in _LOOKS:
        raise Http404
    text = next((value for name, value in request.POST.items() if name != "served_on"), "")
    try:
        on = day(request.POST.get("served_on", "").strip())
    except ValueError:
        on = today(request)
    found = _LOOKS[what](str(text)[:_LONGEST], on)
    return render(request, "entry/options.html", {"choices": found})


_LOOKS: Final[Mapping[str, Callable[..., list[lookups.Choice]]]] = {
    "patient": lambda text, _on: lookups.patients(text),
    "referring": lambda text, _on: lookups.providers(text),
    "diagnosis": lookups.diagnoses,
    "code": lookups.codes,
}


@require_POST
@for_roles(*_ENTERING)
def coverages(request: HttpRequest) -> HttpResponse:
    """What covers the patient on the day, to choose from."""
    found = lookups.coverages(request.POST.get("patient", "")[:_LONGEST], request.POST.get("served_on", ""))
    return render(request, "entry/coverages.html", {"choices": found})


urlpatterns = [
    path("charges/", new, name="new_charge"),
    path("charges/<int:key>/", one, name="charge"),
    path("charges/look/<slug:what>/", look, name="charge_look"),
    path("charges/coverages/", coverages, name="charge_coverages"),
]
