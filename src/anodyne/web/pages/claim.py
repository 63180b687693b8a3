"""One claim: as the form shows it, what was found of it, and everything that was done with it."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any, Final, TypedDict

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from anodyne.app.practice import editing
from anodyne.app.practice.answers import proof_of_filing
from anodyne.app.practice.checking import recheck
from anodyne.app.practice.claim_page import LETTERS, ClaimPage, as_if, claim_page
from anodyne.app.practice.coordinating import make_secondary
from anodyne.kernel.errors import BadFields, Outdated
from anodyne.model.frames import DIAGNOSES
from anodyne.store.models import Role, TaskKind, User
from anodyne.web.access import for_roles, member, today, whole

_EDITORS: Final = (Role.BILLER, Role.CODER, Role.MANAGER, Role.ADMINISTRATOR)
"""Who changes claims; a clinician reads them, writes notes and answers tasks."""
_DAY: Final = "%m/%d/%Y"
"""As the form writes days; other ways are understood."""
NEW_LINE: Final = 0
"""The number by which the form of a line that is not there yet goes."""


class LineForm(forms.Form):
    """A service line, in the order of the form: 24A to 24J, then the drug."""

    served_on = forms.DateField(label="From", widget=forms.DateInput(format=_DAY))
    served_to = forms.DateField(label="To", required=False, widget=forms.DateInput(format=_DAY))
    pos = forms.CharField(label="Place", required=False, max_length=2)
    code = forms.CharField(
        label="Code", max_length=5, widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"})
    )
    mod1 = forms.CharField(label="Mod 1", required=False, max_length=2)
    mod2 = forms.CharField(label="Mod 2", required=False, max_length=2)
    mod3 = forms.CharField(label="Mod 3", required=False, max_length=2)
    mod4 = forms.CharField(label="Mod 4", required=False, max_length=2)
    pointers = forms.RegexField(
        r"^[A-La-l ,]{0,8}$", label="Diagnoses", required=False, error_messages={"invalid": "letters, as AB"}
    )
    charge = forms.DecimalField(label="Charge", min_value=0, max_digits=10, decimal_places=2)
    units = forms.DecimalField(label="Units", min_value=Decimal("0.001"), max_digits=8, decimal_places=3)
    rendering_npi = forms.RegexField(r"^(\d{10})?$", label="Rendering NPI", required=False)
    ndc = forms.RegexField(r"^(\d{11})?$", label="NDC", required=False)
    ndc_qty = forms.DecimalField(label="NDC quantity", required=False, max_digits=11, decimal_places=3)
    ndc_unit = forms.ChoiceField(
        label="NDC unit",
        required=False,
        choices=[(unit, unit) for unit in ("", "ML", "UN", "GR", "ME", "F2")],
    )

    def values(self) -> dict[str, Any]:
        """What was entered, as a line holds it."""
        told = dict(self.cleaned_data)
        letters = [letter for letter in told.pop("pointers").upper() if letter in LETTERS]
        told["dx_pointers"] = ":".join(str(LETTERS.index(letter) + 1) for letter in letters)
        told["charge_cents"] = int(told.pop("charge") * 100)
        told["units"] = float(told["units"])
        quantity = told["ndc_qty"]
        told["ndc_qty"] = None if quantity is None else float(quantity)
        told["served_to"] = told["served_to"] or told["served_on"]
        return told


class FactsForm(forms.Form):
    """What the claim says beside its lines."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  as Django's own
        super().__init__(*args, **kwargs)
        for name, letter in zip(DIAGNOSES, LETTERS, strict=True):
            self.fields[name] = forms.CharField(label=letter, required=False, max_length=8)
        for name, label in {
            "auth_number": "Authorisation (23)",
            "referral_number": "Referral",
            "referring_npi": "Referring NPI (17b)",
            "rendering_npi": "Rendering NPI (24J)",
            "note": "Note (19)",
        }.items():
            self.fields[name] = forms.CharField(label=label, required=False, max_length=80)
        for name, label in {"onset_on": "Onset (14)", "accident_on": "Accident (14)"}.items():
            self.fields[name] = forms.DateField(
                label=label, required=False, widget=forms.DateInput(format=_DAY)
            )


class WaiverForm(forms.Form):
    """Why the claim may go all the same."""

    reason = forms.CharField(label="Why it may go all the same", max_length=500, required=False)
    until = forms.DateField(label="Until", required=False)


@require_GET
def shown(request: HttpRequest, claim: int) -> HttpResponse:
    """The claim; with `?edit=2` line 2 is open to be edited, with 0 a new one, with `claim` its facts."""
    return _page(request, claim, edit=request.GET.get("edit", ""))


def _page(
    request: HttpRequest,
    claim: int,
    *,
    edit: str = "",
    form: forms.Form | None = None,
    status: int = 200,
    changed: bool = False,
) -> HttpResponse:
    told = claim_page(claim)
    if form is None and told.is_open:
        if edit == "claim":
            dotted = {name: code for name, _, code in told.diagnoses}
            form = FactsForm(initial={**told.facts, **dotted})
        else:
            form = _line_form(told, whole(edit))
    context = {
        "page": told,
        "edit": edit if form is not None else "",
        "form": form,
        "changed": changed,
        "may_edit": told.is_open and member(request).role in _EDITORS,
        "may_send": member(request).role in _EDITORS,
        "kinds": TaskKind.choices,
        "today": today(request),
        "new_line": str(NEW_LINE),
    }
    in_whole = request.headers.get("HX-Request") != "true" or request.headers.get("HX-Boosted") == "true"
    return render(request, "claim/page.html" if in_whole else "claim/body.html", context, status=status)


def _line_form(told: ClaimPage, number: int | None) -> LineForm | None:
    row = next((line.row for line in told.lines if line.row.line == number), None)
    if row is None:
        if number != NEW_LINE:
            return None
        last = told.lines[-1].row if told.lines else None
        day = {"served_on": last.served_on, "pos": last.pos} if last else {}
        return LineForm(initial={**day, "units": 1, "pointers": "A"})
    letters = next(line.pointers for line in told.lines if line.row is row)
    of_line = {
        name: getattr(row, name)
        for name in ("served_on", "served_to", "pos", "code", "mod1", "mod2", "mod3", "mod4")
    }
    return LineForm(
        initial={**row.facts, **of_line, "pointers": letters, "units": f"{row.units or 0:g}",
                 "charge": f"{row.charge_cents / 100:.2f}"}
    )  # fmt: skip


def _done(
    request: HttpRequest, claim: int, change: Callable[[], object], said: str, *, edit: str = "",
    form: forms.Form | None = None,
) -> HttpResponse:  # fmt: skip
    """Make one change, and show the claim as it then is; what is refused is told in place."""
    try:
        change()
    except BadFields as error:
        if form is None:
            messages.error(request, "; ".join(f"{name}: {why}" for name, why in error.fields.items()))
        else:
            for name, why in error.fields.items():
                form.add_error(name if name in form.fields else None, why)
        return _page(request, claim, edit=edit, form=form, status=422)
    except Outdated as error:
        messages.error(request, f"{error.what}. {error.fix}")
        return _page(request, claim, status=409)
    if said:
        messages.success(request, said)
    if request.headers.get("HX-Request") == "true":
        return _page(request, claim, changed=True)
    return redirect("claim", claim)


def _revision(request: HttpRequest) -> int:
    return whole(request.POST.get("revision", "")) or 0


class _Who(TypedDict):
    user: User
    as_of: dt.date


def _who(request: HttpRequest) -> _Who:
    return {"user": member(request).user, "as_of": today(request)}


@require_POST
@for_roles(*_EDITORS)
def line(request: HttpRequest, claim: int, number: int) -> HttpResponse:
    """Keep what was entered of a line, or of a new one; with `try`, only tell what would be found."""
    form = LineForm(request.POST)
    trying = "try" in request.POST
    if not form.is_valid():
        if trying:
            return render(request, "claim/would.html", {"found": None})
        return _page(request, claim, edit=str(number), form=form, status=422)
    told = _who(request)
    if number == NEW_LINE:
        change = partial(editing.add_line, claim, _revision(request), form.values(), **told)
    else:
        change = partial(editing.edit_line, claim, _revision(request), number, form.values(), **told)
    if trying:
        try:
            found = as_if(claim, change)
        except (BadFields, Outdated):
            return render(request, "claim/would.html", {"found": None})
        return render(request, "claim/would.html", {"found": found})
    return _done(request, claim, change, "The line is kept.", edit=str(number), form=form)


@require_POST
@for_roles(*_EDITORS)
def drop(request: HttpRequest, claim: int, number: int) -> HttpResponse:
    """Leave a line out."""
    told = _who(request)
    change = partial(editing.drop_line, claim, _revision(request), number, **told)
    return _done(request, claim, change, f"Line {number} is left out; u undoes it.")


@require_POST
@for_roles(*_EDITORS)
def facts(request: HttpRequest, claim: int) -> HttpResponse:
    """Keep what was entered of the claim beside its lines."""
    form = FactsForm(request.POST)
    if not form.is_valid():
        return _page(request, claim, edit="claim", form=form, status=422)
    told = _who(request)
    change = partial(editing.edit_claim, claim, _revision(request), form.cleaned_data, **told)
    return _done(request, claim, change, "The claim is kept.", edit="claim", form=form)


@require_POST
@for_roles(*_EDITORS)
def fix(request: HttpRequest, claim: int, finding: int) -> HttpResponse:
    """Accept a fix."""
    told = _who(request)
    change = partial(editing.accept_fix, claim, _revision(request), finding, **told)
    return _done(request, claim, change, "The fix is made; u undoes it.")


@require_POST
@for_roles(*_EDITORS)
def waive(request: HttpRequest, claim: int, finding: int) -> HttpResponse:
    """Let the claim go in spite of a finding."""
    form = WaiverForm(request.POST)
    if not form.is_valid():
        messages.error(request, "The day is none; write it as 2026-12-31.")
        return _page(request, claim, status=422)
    change = partial(
        editing.waive, claim, _revision(request), finding, **form.cleaned_data, **_who(request)
    )  # fmt: skip
    return _done(request, claim, change, "Waived, with your name and reason.")


@require_POST
@for_roles(*_EDITORS)
def unwaive(request: HttpRequest, claim: int, waiver: int) -> HttpResponse:
    """Let a finding hold the claim again."""
    change = partial(editing.withdraw_waiver, claim, _revision(request), waiver, as_of=today(request))
    return _done(request, claim, change, "The waiver is withdrawn.")


_ACTS: Final[dict[str, tuple[Callable[..., object], str]]] = {
    "undo": (editing.undo, "Undone."),
    "correct": (editing.correct, "A replacement is open, with the payer's number."),
    "void": (editing.void, "A void is open, with the payer's number."),
    "anew": (editing.send_anew, "A copy is open; what was rejected stays as it was sent."),
}


@require_POST
@for_roles(*_EDITORS)
def act(request: HttpRequest, claim: int, name: str) -> HttpResponse:
    """Undo the last change, or open the next version."""
    change, said = _ACTS[name]
    return _done(request, claim, partial(change, claim, _revision(request), as_of=today(request)), said)


@require_POST
def judge(request: HttpRequest, claim: int) -> HttpResponse:
    """Judge the claim again."""
    return _done(request, claim, partial(recheck, [claim], as_of=today(request)), "Judged again.")


@require_POST
@for_roles(*_EDITORS)
def bill_next(request: HttpRequest, claim: int) -> HttpResponse:
    """Make the claim to the next payer, with what this one decided."""
    made = make_secondary(claim, as_of=today(request))
    messages.success(
        request, f"The claim to {made.payer.name} is made, with what the payer before it decided."
    )
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("claim", args=[made.pk])})
    return redirect("claim", made.pk)


@require_GET
def proof(request: HttpRequest, claim: int) -> HttpResponse:
    """What shows that the claim was filed in time."""
    return render(request, "claim/proof.html", {"proof": proof_of_filing(claim)})


@require_POST
def note(request: HttpRequest, claim: int) -> HttpResponse:
    """Write a note."""
    change = partial(editing.add_note, claim, request.POST.get("text", ""), user=member(request).user)
    return _done(request, claim, change, "The note is kept.")


class TaskForm(forms.Form):
    """A thing to do."""

    kind = forms.ChoiceField(choices=TaskKind.choices)
    title = forms.CharField(max_length=200)
    owner = forms.IntegerField(required=False)
    due_on = forms.DateField(required=False)


@require_POST
def task(request: HttpRequest, claim: int) -> HttpResponse:
    """Give somebody something to do."""
    form = TaskForm(request.POST)
    if not form.is_valid():
        messages.error(request, "A task has a title, a kind, and a day written as 2026-12-31.")
        return _page(request, claim, status=422)
    return _done(request, claim, partial(editing.add_task, claim, **form.cleaned_data), "The task is kept.")


@require_POST
def done(request: HttpRequest, claim: int, task: int) -> HttpResponse:
    """Tell that a task is done."""
    outcome = request.POST.get("outcome", "")
    change = partial(editing.finish_task, claim, task, outcome=outcome, user=member(request).user)
    return _done(request, claim, change, "Done.")


urlpatterns = [
    path("claims/<int:claim>/", shown, name="claim"),
    path("claims/<int:claim>/line/<int:number>/", line, name="claim_line"),
    path("claims/<int:claim>/line/<int:number>/drop/", drop, name="claim_drop"),
    path("claims/<int:claim>/facts/", facts, name="claim_facts"),
    path("claims/<int:claim>/fix/<int:finding>/", fix, name="claim_fix"),
    path("claims/<int:claim>/waive/<int:finding>/", waive, name="claim_waive"),
    path("claims/<int:claim>/unwaive/<int:waiver>/", unwaive, name="claim_unwaive"),
    *(path(f"claims/<int:claim>/{name}/", act, {"name": name}, name=f"claim_{name}") for name in _ACTS),
    path("claims/<int:claim>/next/", bill_next, name="claim_next"),
    path("claims/<int:claim>/proof/", proof, name="claim_proof"),
    path("claims/<int:claim>/judge/", judge, name="claim_judge"),
    path("claims/<int:claim>/note/", note, name="claim_note"),
    path("claims/<int:claim>/task/", task, name="claim_task"),
    path("claims/<int:claim>/task/<int:task>/done/", done, name="claim_task_done"),
]
