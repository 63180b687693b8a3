"""Anatomy in, claim out: what was done is told, and the page shows what the claim will say."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST

from anodyne.app.practice import lookups, procedures
from anodyne.app.practice.typed import LETTERS
from anodyne.coding.procedures import FAMILIES
from anodyne.coding.session import Biller
from anodyne.kernel.errors import BadFields
from anodyne.model.frames import DIAGNOSES
from anodyne.store.models import Role
from anodyne.web.access import for_roles, member, today

_ENTERING: Final = (Role.BILLER, Role.CODER, Role.CLINICIAN, Role.MANAGER, Role.ADMINISTRATOR)
_LONGEST: Final = 300
"""Of what is looked for, and of a fact."""
_SHOWN_DIAGNOSES: Final = 4
_BILLERS: Final = {Biller.PRACTITIONER: "the practitioner's", Biller.SURGERY_CENTRE: "the surgical centre's"}
_FIRST_COVERAGE: Final = "The first that covers the day"
_NOT_TOLD: Final = ("", "—")


class SessionForm(forms.Form):
    """What is asked beside the procedures; `app.practice.procedures` judges what is typed."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values, label_suffix="")
        patient, served_on = values.get("patient", ""), values.get("served_on", "")
        self._add("patient", "Patient", _combobox("patient", "charge_look", "patient", 40, pick=True))
        self._choose(
            "coverage", "Insured under", lookups.coverages(patient, served_on), _FIRST_COVERAGE,
            **{
                "hx-post": reverse("charge_coverages"), "hx-params": "patient,served_on",
                "hx-trigger": "change from:#id_patient, change from:#id_served_on", "hx-swap": "innerHTML",
                "hx-target": "this",
            },
        )  # fmt: skip
        self._add("served_on", "Day", forms.TextInput(_quiet(10, placeholder="mm/dd/yyyy")))
        self._choose("facility", "Place", lookups.places())
        self._choose("rendering", "Done by", lookups.rendering())
        self._choose("billing", "Billed by", lookups.billers())
        billers = [lookups.Choice(value.value, words) for value, words in _BILLERS.items()]
        self._choose("biller", "Whose claim", billers, None)
        self._add("auth_number", "Authorisation", forms.TextInput(_quiet(16, maxlength="50")))
        filled = sum(bool(values.get(name, "").strip()) for name in DIAGNOSES)
        self._dx = DIAGNOSES[: max(_SHOWN_DIAGNOSES, min(filled + 2, len(DIAGNOSES)))]
        for name, letter in zip(self._dx, LETTERS, strict=False):
            self._add(name, letter, _combobox(name, "charge_look", "diagnosis", 9))

    def _add(self, name: str, label: str, widget: forms.Widget) -> None:
        self.fields[name] = forms.CharField(required=False, label=label, widget=widget)

    def _choose(
        self,
        name: str,
        label: str,
        some: Iterable[lookups.Choice],
        nothing: str | None = "Choose",
        **attrs: str,
    ) -> None:
        told = [(one.value, one.words) for one in some]
        only = nothing is None or (len(told) == 1 and name != "coverage")
        self._add(name, label, forms.Select(attrs, choices=told if only else [("", nothing), *told]))

    def visit(self) -> list[forms.BoundField]:
        """Who, when, where and by whom."""
        names = (
            "patient",
            "served_on",
            "facility",
            "rendering",
            "billing",
            "coverage",
            "biller",
            "auth_number",
        )
        return [self[name] for name in names]

    def diagnoses(self) -> list[forms.BoundField]:
        """The diagnoses of the claim."""
        return [self[name] for name in self._dx]


class ProcedureForm(forms.Form):
    """One procedure, with the fields that its family describes."""

    def __init__(self, family: Mapping[str, Any], number: int, values: Mapping[str, str]) -> None:
        super().__init__(values, label_suffix="", prefix=f"p{number}")
        self.number = number
        self.family: str = family["family"]
        self.label: str = family["label"]
        self.says: str = family["says"]
        self.when: dict[str, str] = {}
        for told in sorted(family["fields"], key=_order):
            name = told["name"]
            label = _label(told)
            self.fields[name] = forms.CharField(required=False, label=label, widget=self._widget(told))
            if told["when"]:
                self.when[name] = json.dumps(told["when"])

    def shown(self) -> list[dict[str, Any]]:
        """Its fields in order, each with the values of other fields with which it matters."""
        return [{"field": self[name], "when": self.when.get(name, "")} for name in self.fields]

    def first(self) -> str:
        """The name of its first field."""
        return self.add_prefix(next(iter(self.fields)))

    def _widget(self, told: Mapping[str, Any]) -> forms.Widget:
        match told["kind"]:
            case "choice":
                options = [(one["value"], one["label"]) for one in told["options"]]
                return forms.Select(choices=[_NOT_TOLD, *options])
            case "yes_no":
                return forms.Select(choices=[_NOT_TOLD, ("yes", "yes"), ("no", "no")])
            case "several" | "names" if told["name"] != "dx":
                address = reverse("procedure_look", args=[self.family, told["name"]])
                return _looking(self.add_prefix(told["name"]), address, 34)
            case "count" | "amount":
                return forms.TextInput(_quiet(7, inputmode="decimal", maxlength="12"))
        return forms.TextInput(_quiet(14, maxlength="60"))


_LAST: Final = ("imaging", "images_kept", "imaging_report", "dx", "apart")
"""Facts that many families share: they stand after those of its own."""


def _order(told: Mapping[str, Any]) -> int:
    return _LAST.index(told["name"]) + 1 if told["name"] in _LAST else 0


def _label(told: Mapping[str, Any]) -> str:
    label = str(told["label"])
    label = f"{label} (letters)" if told["name"] == "dx" else label
    return f"{label[:1].upper()}{label[1:]}"


def _quiet(size: int, **attrs: str) -> dict[str, str]:
    return {"size": str(size), "autocomplete": "off", "spellcheck": "false", **attrs}


def _combobox(name: str, view: str, look: str, size: int, *, pick: bool = False) -> forms.TextInput:
    """A field with a list of what may be meant, filled as one types."""
    return _looking(name, reverse(view, args=[look]), size, pick=pick)


def _looking(name: str, address: str, size: int, *, pick: bool = False) -> forms.TextInput:
    return forms.TextInput(
        {
            **_quiet(size), "role": "combobox", "aria-autocomplete": "list", "aria-expanded": "false",
            "aria-controls": f"list_{name}", "hx-post": address, "hx-trigger": "input changed delay:120ms",
            "hx-target": f"[id='list_{name}']", "hx-params": f"{name},served_on", "hx-swap": "innerHTML",
            **({"data-pick": "one"} if pick else {}),
        }
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@for_roles(*_ENTERING)
def page(request: HttpRequest) -> HttpResponse:
    """A session: told, added to, kept; what is not kept is nowhere but on the page."""
    if request.method == "GET":
        return _begun(request)
    values = _values(request)
    if "add" in request.POST:
        return _added(request, values, request.POST["add"])
    if "take_out" in request.POST:
        gone = f"p{request.POST['take_out']}-"
        left = {name: value for name, value in values.items() if not name.startswith(gone)}
        return _page(request, left, begin_at="dx1")
    if "as_last" in request.POST:
        here = procedures.said(values, as_of=today(request))
        return _page(request, {**values, **procedures.as_last(here)}, begin_at="keep")
    try:
        if "ask" in request.POST:
            asked = procedures.ask(values, as_of=today(request))
            messages.success(request, f"{_counted(asked)} asked; the session is not kept.")
            return _page(request, values, begin_at="keep")
        kept = procedures.keep(values, as_of=today(request))
    except BadFields as error:
        return _page(request, values, wrong=error.fields, status=422)
    claim = kept.claim
    said = f", {_counted(kept.asked)} asked" if kept.asked else ""
    messages.success(request, f"{claim.claim_id} is kept and {claim.get_state_display().lower()}{said}.")
    address = f"{reverse('procedures')}?after={claim.pk}"
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def _counted(questions: int) -> str:
    return f"{questions} question{'' if questions == 1 else 's'}"


def _begun(request: HttpRequest) -> HttpResponse:
    """A session that is not told yet: of the schedule, or after the one that was kept last."""
    after = procedures.of_claim(int(key)) if _is_key(key := request.GET.get("after", "")) else None
    visit = request.GET.get("visit", "")
    values = {"served_on": f"{today(request):%m/%d/%Y}", **(after[1] if after else {})}
    planned = procedures.of_appointment(int(visit), _zone(request)) if _is_key(visit) else {}
    return _page(
        request,
        {**values, **planned},
        after=None if after is None else after[0],
        begin_at="dx1" if planned else "patient",
    )


def _added(request: HttpRequest, values: dict[str, str], family: str) -> HttpResponse:
    told = procedures.told_in(values)
    known = {one["family"]: one for one in procedures.families_in_use()}
    if family not in known or len(told) >= procedures.MOST_PROCEDURES:
        return _page(request, values, status=422)
    number = max((number for number, _ in told), default=-1) + 1
    usual = {f"p{number}-{name}": value for name, value in procedures.usual_of(known[family]).items()}
    values |= {f"p{number}-family": family, **usual}
    return _page(request, values, begin_in=number)


@require_POST
@for_roles(*_ENTERING)
def said(request: HttpRequest) -> HttpResponse:
    """What the claim would say of what is told so far."""
    values = _values(request)
    return render(request, "procedures/said.html", _said(request, values) | {"keeps_typing": True})


@require_POST
@for_roles(*_ENTERING)
def look(request: HttpRequest, family: str, fact: str) -> HttpResponse:
    """What a list of muscles or levels may go on with."""
    text = next((str(value) for name, value in request.POST.items() if name != "served_on"), "")
    if family not in FAMILIES:
        raise Http404
    found = procedures.names_of(family, fact, text[:_LONGEST])
    return render(request, "procedures/options.html", {"choices": found})


def _values(request: HttpRequest) -> dict[str, str]:
    return {name: str(value)[:_LONGEST].replace("\0", "") for name, value in request.POST.items()}


def _said(request: HttpRequest, values: Mapping[str, str]) -> dict[str, Any]:
    here = procedures.said(values, as_of=today(request))
    lines = [
        {
            "row": line,
            "findings": [one for one in here.findings or () if one.line == line.number],
            "last": "" if line.last is None else procedures.charge_words(line.last),
        }
        for line in here.lines
    ]
    return {
        "said": here,
        "lines": lines,
        "of_claim": [one for one in here.findings or () if one.line is None],
        "people": procedures.people(),
        "is_begun": bool(procedures.told_in(values)),
    }


def _page(
    request: HttpRequest,
    values: Mapping[str, str],
    *,
    wrong: Mapping[str, str] | None = None,
    begin_at: str = "",
    begin_in: int | None = None,
    after: Any = None,  # noqa: ANN401  a Claim
    status: int = 200,
) -> HttpResponse:
    families = procedures.families_in_use()
    form = SessionForm(values)
    forms_of = list(_procedures(families, values))
    context = _said(request, values)
    charges = [line["row"].name for line in context["lines"]]
    loose = _tell(form, forms_of, wrong or {}, charges)
    if begin_in is not None:
        begin_at = next(one.first() for one in forms_of if one.number == begin_in)
    _begin(form, forms_of, next(iter(wrong or {}), begin_at))
    context |= {
        "form": form,
        "procedures": forms_of,
        "families": _with_keys(families),
        "appointment": values.get("appointment", ""),
        "due": procedures.due(today(request), _zone(request)),
        "after": after,
        "wrong": wrong or {},
        "loose": loose,
        "begin_at": next(iter(wrong or {}), begin_at),
    }
    whole = request.headers.get("HX-Request") != "true" or request.headers.get("HX-Boosted") == "true"
    template = "procedures/page.html" if whole else "procedures/session_part.html"
    return render(request, template, context, status=status)


def _procedures(families: Sequence[Mapping[str, Any]], values: Mapping[str, str]) -> Iterator[ProcedureForm]:
    of = {one["family"]: one for one in families}
    for number, facts in procedures.told_in(values):
        yield ProcedureForm(of[facts["family"]], number, values)


def _with_keys(families: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The families, the first nine with a digit to press."""
    return [
        {"family": one["family"], "label": one["label"], "says": one["says"], "key": str(n) if n < 10 else ""}
        for n, one in enumerate(families, 1)
    ]


def _tell(
    form: SessionForm, of: Sequence[ProcedureForm], wrong: Mapping[str, str], charges: Sequence[str]
) -> list[str]:
    """Put what is wrong beside its field; what has none is given back."""
    loose = []
    for name, message in wrong.items():
        said_of = f"{message[:1].upper()}{message[1:].removesuffix('.')}."
        number, _, fact = name.removeprefix("p").partition("-")
        one = next((each for each in of if str(each.number) == number and fact in each.fields), None)
        if name in form.fields:
            form.add_error(name, said_of)
        elif one is not None:
            one.add_error(fact, said_of)
        elif name not in charges:
            loose.append(said_of)
    return loose


def _begin(form: SessionForm, of: Sequence[ProcedureForm], name: str) -> None:
    """Let the page begin in that field."""
    if name in form.fields:
        form.fields[name].widget.attrs["autofocus"] = True
    for one in of:
        for fact, shown in one.fields.items():
            if one.add_prefix(fact) == name:
                shown.widget.attrs["autofocus"] = True


def _zone(request: HttpRequest) -> ZoneInfo:
    return ZoneInfo(member(request).practice.time_zone)


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


urlpatterns = [
    path("procedures/", page, name="procedures"),
    path("procedures/said/", said, name="procedures_said"),
    path("procedures/look/<slug:family>/<slug:fact>/", look, name="procedure_look"),
]
