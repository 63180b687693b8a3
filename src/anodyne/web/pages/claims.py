"""The claims worklist: what is asked for, the page of it, and what is done with the rows that are chosen."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest as Malformed
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from anodyne.app.practice import sending, worklist_file, worklists
from anodyne.app.practice.worklists import Changed, Wanted
from anodyne.kernel.errors import BadTable
from anodyne.store.models import ClaimState, TaskKind
from anodyne.web.access import EDITORS, for_roles, member, today, whole

COLUMNS: Final[Mapping[str, str]] = {
    "patient": "Patient",
    "payer": "Payer",
    "state": "State",
    "rules": "Findings",
    "served": "Served",
    "charge": "Billed",
    "risk": "At risk",
    "paid": "Paid",
    "deadline": "File by",
    "follow_up": "Follow up",
    "owner": "Owner",
    "number": "Payer's number",
    "sent": "Sent",
    "changed": "Changed",
}
"""What a list can show beside the claim's id."""
SHOWN: Final = (
    "patient",
    "payer",
    "state",
    "rules",
    "served",
    "charge",
    "risk",
    "deadline",
    "follow_up",
    "owner",
)
SORTED_BY: Final = {
    "served": "day",
    "charge": "charge",
    "risk": "risk",
    "deadline": "deadline",
    "follow_up": "follow_up",
}
"""By column, the order it is a head of."""
ORDERS: Final = (
    ("day", "day of service"), ("risk", "money at risk"), ("charge", "amount billed"),
    ("deadline", "filing deadline"), ("follow_up", "follow-up day"),
)  # fmt: skip
MOST_UNDONE: Final = 500
"""So many changes are kept to be taken back."""
LARGEST: Final = 20 * 1024 * 1024
_UNDO: Final = "undo_claims"
_SOON: Final = dt.timedelta(days=14)
_OUTCOMES: Final = (("", "any"), ("reject", "reject"), ("deny", "deny"), ("audit", "audit"), ("ask", "ask"),
                    ("missed", "missed"), ("clean", "clean"))  # fmt: skip
_WITHIN: Final = (
    ("", "any"),
    ("0", "today or late"),
    ("7", "in 7 days"),
    ("14", "in 14 days"),
    ("30", "in 30 days"),
)


class Dollars(forms.DecimalField):
    """An amount in dollars, as whole cents."""

    def clean(self, value: Any) -> int | None:  # noqa: ANN401  Django's own
        """The cents, or nothing."""
        told = super().clean(str(value or "").replace("$", "").replace(",", "").strip())
        return None if told is None else int(told * 100)


class Keys(forms.CharField):
    """Keys between commas."""

    def clean(self, value: Any) -> tuple[int, ...]:  # noqa: ANN401  Django's own
        """The keys."""
        told = super().clean(value)
        if len(told) > 4_000 or not all(key.isdecimal() and len(key) < 19 for key in told.split(",") if key):
            raise ValidationError("These are no keys.")
        return tuple(int(key) for key in told.split(",") if key)


class Asked(forms.Form):
    """What stands in the address of a list; never a name, only keys."""

    state = forms.MultipleChoiceField(choices=ClaimState.choices, required=False)
    payer = forms.ChoiceField(required=False, label="Payer")
    owner = forms.ChoiceField(required=False, label="Owner")
    outcome = forms.ChoiceField(choices=_OUTCOMES, required=False, label="Worst finding")
    rule = forms.RegexField(r"^[A-Za-z0-9-]{1,16}$", required=False, label="Rule")
    served_from = forms.DateField(required=False, label="Served from")
    served_to = forms.DateField(required=False, label="to")
    least = Dollars(required=False, min_value=0, max_digits=12, decimal_places=2, label="Billed from")
    most = Dollars(required=False, min_value=0, max_digits=12, decimal_places=2, label="to")
    due = forms.ChoiceField(choices=_WITHIN, required=False, label="Follow-up due")
    file = forms.ChoiceField(choices=_WITHIN, required=False, label="File by")
    through = forms.RegexField(r"^([0-9]{1,18}|paper)$", required=False)
    patient = Keys(required=False)
    claim = Keys(required=False)
    sort = forms.ChoiceField(choices=ORDERS, required=False, label="Sorted by")
    up = forms.BooleanField(required=False)
    columns = forms.MultipleChoiceField(choices=[*COLUMNS.items()], required=False)

    def __init__(self, told: QueryDict) -> None:
        super().__init__(told, auto_id="f_%s")
        self.fields["payer"].choices = [("", "any"), *worklists.payers()]  # type: ignore[attr-defined]
        self.fields["owner"].choices = [  # type: ignore[attr-defined]
            ("", "anybody"), ("me", "me"), (worklists.NOBODY, "nobody"), *worklists.owners(),
        ]  # fmt: skip
        for name in ("served_from", "served_to"):
            self.fields[name].widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        for name in ("least", "most"):
            self.fields[name].widget = forms.TextInput(attrs={"size": 8, "inputmode": "decimal"})
        self.fields["rule"].widget.attrs.update(size=9, autocapitalize="characters")

    def wanted(self, user: int, day: dt.date) -> Wanted:
        """The same as the worklists ask for it, on a day; `me` is `user`."""
        told = self.cleaned_data
        owner = {"": None, "me": user, worklists.NOBODY: worklists.NOBODY}
        sort = told["sort"] or "day"
        return Wanted(
            states=tuple(told["state"]),
            payer=int(told["payer"]) if told["payer"] else None,
            owner=owner[told["owner"]] if told["owner"] in owner else int(told["owner"]),
            rule=told["rule"].upper(),
            outcome=told["outcome"],
            served_from=told["served_from"],
            served_to=told["served_to"],
            least_cents=told["least"],
            most_cents=told["most"],
            follow_up_to=day + dt.timedelta(int(told["due"])) if told["due"] else None,
            file_to=day + dt.timedelta(int(told["file"])) if told["file"] else None,
            clearinghouse=_through(told["through"]),
            patients=told["patient"],
            claims=told["claim"],
            sort=sort,
            descending=(sort not in {"deadline", "follow_up"}) != told["up"],
        )


class Chosen(forms.Form):
    """What is done with the rows that are chosen."""

    do = forms.ChoiceField(
        choices=[(name, name) for name in ("assign", "follow_up", "task", "recheck", "batch")]
    )
    every = forms.BooleanField(required=False)
    owner = forms.CharField(required=False, max_length=19)
    day = forms.DateField(required=False)
    kind = forms.ChoiceField(choices=TaskKind.choices, required=False)
    title = forms.CharField(required=False, max_length=200)
    due_on = forms.DateField(required=False)


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """A page of claims."""
    form = Asked(request.GET)
    if not form.is_valid():
        return render(request, "claims/unread.html", {"form": form}, status=400)
    day = today(request)
    wanted = form.wanted(member(request).user_id, day)
    page = worklists.page(wanted, after=request.GET.get("after"), before=request.GET.get("before"))
    query = request.GET.copy()
    for name in ("after", "before"):
        query.pop(name, None)
    counted = worklists.counts(wanted)
    undo = request.session.get(_UNDO)
    context = {
        "form": form,
        "asked": form.cleaned_data,
        "rows": [_row(row, day) for row in page.rows],
        "columns": _heads(form, query),
        "all_columns": [(name, word, name in _shown(form)) for name, word in COLUMNS.items()],
        "tabs": _tabs(counted.by_state, wanted, query),
        "counted": _bounded(counted.wanted),
        "next": _address(query, after=page.after) if page.after else None,
        "previous": _address(query, before=page.before) if page.before else None,
        "query": query.urlencode(),
        "kept": _hidden(query),
        "narrow": bool(wanted.patients or wanted.claims),
        "wide": _address(_without(query, "patient", "claim")),
        "filters": worklists.saved(member(request).user_id),
        "owners": worklists.owners(),
        "kinds": TaskKind.choices,
        "undo": undo,
        "left_out": dict(ORDERS)[wanted.sort] if wanted.sort in {"deadline", "follow_up"} else "",
        "may_change": member(request).role in EDITORS,
        "page_size": worklists.PAGE,
        "more_filters": any(form.cleaned_data[name] not in (None, "") for name in
                            ("rule", "outcome", "served_from", "served_to", "least", "most", "file")),
    }  # fmt: skip
    return render(request, "claims/list.html", context)


@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Narrow the list to what a text finds; the address gets keys, not the text."""
    query = _without(QueryDict(request.POST.get("query", ""), mutable=True), "patient", "claim")
    found = worklists.looked_for(request.POST.get("text", "")[:80])
    if found is None:
        messages.warning(request, "No claim, payer's number or patient fits that. The list is as it was.")
    else:
        query["patient"] = ",".join(map(str, found.patients))
        query["claim"] = ",".join(map(str, found.claims))
    return redirect(_address(query))


@require_POST
@for_roles(*EDITORS)
def bulk(request: HttpRequest) -> HttpResponse:
    """Do something with the rows that are chosen, or with all that the list asks for."""
    query = QueryDict(request.POST.get("query", ""))
    asked, form = Asked(query), Chosen(request.POST)
    if not form.is_valid() or not asked.is_valid():
        raise Malformed
    told = form.cleaned_data
    if told["every"]:
        keys = worklists.keys_of(asked.wanted(member(request).user_id, today(request)))
    else:
        keys = tuple(key for key in map(whole, request.POST.getlist("key")) if key is not None)
    back = redirect(_address(query))
    if not keys:
        messages.warning(request, "No claim is chosen: mark rows with x, or with the boxes.")
        return back
    if told["do"] == "batch":
        return _batch(request, keys)
    if told["do"] == "recheck":
        done = worklists.check_again(keys, as_of=today(request))
        messages.success(request, f"{_claims(done)} checked again.")
        return back
    changed, says = _do(request, told, keys)
    if changed is not None:
        messages.success(request, f"{_claims(changed.claims)} {says}.")
        _remember(request, changed, says)
    return back


@require_POST
@for_roles(*EDITORS)
def undo(request: HttpRequest) -> HttpResponse:
    """Take back what was done last."""
    kept = request.session.pop(_UNDO, None)
    if kept is None:
        messages.warning(request, "There is nothing to undo.")
    else:
        is_day = kept["what"] == "follow_up_on"
        before = tuple(
            (key, revision, dt.date.fromisoformat(was) if is_day and was else was)
            for key, revision, was in kept["before"]
        )
        done = worklists.take_back(Changed(len(before), kept["what"], before))
        rest = len(before) - done
        messages.success(request, f"Undone for {_claims(done)}." + (
            f" {_claims(rest)} changed since and stay{'s' if rest == 1 else ''} as they are." if rest else ""
        ))  # fmt: skip
    return redirect(_address(QueryDict(request.POST.get("query", ""))))


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the list under a name."""
    query = QueryDict(request.POST.get("query", ""))
    name = request.POST.get("name", "").strip()[:60]
    form = Asked(query)
    if not name or not form.is_valid():
        messages.error(request, "A list is kept under a name: give it one.")
    else:
        kept = {key: query.getlist(key) for key in query if key in form.fields}
        worklists.keep(member(request).user_id, name, kept, shared="shared" in request.POST)
        messages.success(request, f"“{name}” is kept.")
    return redirect(_address(query))


@require_safe
def kept(request: HttpRequest, key: int) -> HttpResponse:
    """A list that was kept."""
    found = next((row for row in worklists.saved(member(request).user_id) if row.pk == key), None)
    if found is None:
        raise Http404
    return redirect(f"{reverse('claims')}?{urlencode(found.query, doseq=True)}")


@require_POST
def drop(request: HttpRequest, key: int) -> HttpResponse:
    """Forget a list that was kept."""
    if not worklists.drop(member(request).user_id, key):
        raise Http404
    messages.success(request, "The list is forgotten.")
    return redirect("claims")


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The list as a workbook."""
    form = Asked(request.GET)
    if not form.is_valid():
        raise Malformed
    day = today(request)
    keys = worklists.keys_of(form.wanted(member(request).user_id, day), worklist_file.MOST)
    return HttpResponse(
        worklist_file.written(keys),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Content-Disposition": f'attachment; filename="claims-{day.isoformat()}.xlsx"'},
    )


@require_POST
@for_roles(*EDITORS)
def bring_back(request: HttpRequest) -> HttpResponse:
    """Notes, owners and follow-up days of a workbook that was exported and filled in."""
    upload = request.FILES.get("workbook")
    back = redirect(_address(QueryDict(request.POST.get("query", ""))))
    if upload is None or upload.size is None or upload.size > LARGEST:
        messages.error(request, "Choose a workbook that was exported here, of at most 20 MB.")
        return back
    try:
        done = worklist_file.apply(upload.read(), by=member(request).user_id)
    except BadTable as error:
        return render(request, "claims/bad_workbook.html", {"cells": error.cells}, status=422)
    messages.success(
        request,
        f"Taken from the workbook: {done.owners} owners, {done.days} follow-up days, {done.notes} notes."
        if done.owners + done.days + done.notes
        else "Nothing in the workbook differs from what is here already.",
    )
    return back


def claim_address(key: int) -> str:
    """Where the page of a claim is."""
    return reverse("claim", args=[key])


def _do(request: HttpRequest, told: Mapping[str, Any], keys: tuple[int, ...]) -> tuple[Changed | None, str]:
    """The action, and what to say of it."""
    owner = _owner(request, told["owner"])
    if told["do"] == "assign":
        name = dict(worklists.owners()).get(owner or 0, "nobody")
        return worklists.assign(keys, owner), f"given to {name}"
    if told["do"] == "follow_up":
        says = f"to be looked at on {told['day']:%-d %b %Y}" if told["day"] else "without a follow-up day"
        return worklists.follow_up(keys, told["day"]), says
    if not told["title"]:
        messages.error(request, "A task says what is to be done: give it words.")
        return None, ""
    kind = TaskKind(told["kind"] or TaskKind.OTHER)
    changed = worklists.add_tasks(keys, kind=kind, title=told["title"], due_on=told["due_on"], owner=owner)
    return changed, "have a new task" if changed.claims != 1 else "has a new task"


def _owner(request: HttpRequest, told: str) -> int | None:
    if told == "me":
        return member(request).user_id
    return whole(told)


def _remember(request: HttpRequest, changed: Changed, says: str) -> None:
    """Keep what can be taken back, where it is not too much."""
    request.session.pop(_UNDO, None)
    if 0 < changed.claims <= MOST_UNDONE:
        before = [
            [key, revision, was.isoformat() if isinstance(was, dt.date) else was]
            for key, revision, was in changed.before
        ]
        told = f"{_claims(changed.claims)} {says}"
        request.session[_UNDO] = {"what": changed.what, "before": before, "says": told}
    elif changed.claims:
        messages.info(request, f"More than {MOST_UNDONE} at once: this is not undone with one key.")


def _batch(request: HttpRequest, keys: tuple[int, ...]) -> HttpResponse:
    """Make files of the claims: they leave when somebody releases them."""
    mine = member(request)
    try:
        made = sending.batch(keys, as_of=today(request), made_at=timezone.now(), user=mine.user_id)
    except sending.NotSent as error:
        left = [(one, claim_address(one.claim) if one.claim else "") for one in error.left]
        return render(request, "claims/not_sent.html", {"left": left}, status=422)
    files = len(made.submissions)
    messages.success(
        request, f"{_claims(len(keys))} in {files} file{'' if files == 1 else 's'}: look, and release."
    )
    return redirect("submission", made.submissions[0].pk) if files == 1 else redirect("sending")


def _row(row: worklists.Row, day: dt.date) -> dict[str, Any]:
    claim = row.claim
    urgent = claim.state in {"held", "ready", "batched", "sent", "rejected"}
    return {
        "claim": claim,
        "rules": row.rules[:3],
        "more_rules": len(row.rules) - 3,
        "address": claim_address(claim.pk),
        "file_class": _urgency(claim.file_by, day) if urgent else "",
        "due_class": _urgency(claim.follow_up_on, day),
    }


def _urgency(due: dt.date | None, day: dt.date) -> str:
    if due is None or due > day + _SOON:
        return ""
    return "late" if due < day else "soon"


def _shown(form: Asked) -> tuple[str, ...]:
    told = form.cleaned_data["columns"]
    return tuple(name for name in COLUMNS if name in (told or SHOWN))


def _heads(form: Asked, query: QueryDict) -> list[dict[str, Any]]:
    """The heads of the columns, those that sort with where they lead."""
    now, up = form.cleaned_data["sort"] or "day", form.cleaned_data["up"]
    heads = []
    for name in _shown(form):
        sort = SORTED_BY.get(name)
        here = sort == now
        turned = _without(query, "up", "sort")
        if sort:
            turned["sort"] = sort
            if here and not up:
                turned["up"] = "on"
        rising = (now in {"deadline", "follow_up"}) != up
        heads.append({
            "name": name,
            "word": COLUMNS[name],
            "address": _address(turned) if sort else "",
            "order": ("ascending" if rising else "descending") if here else "",
            "number": name in {"charge", "risk", "paid"},
        })  # fmt: skip
    return heads


def _tabs(by_state: Mapping[str, int], wanted: Wanted, query: QueryDict) -> list[dict[str, Any]]:
    every = min(sum(by_state.values()), worklists.MOST_COUNTED + 1)
    tabs = [{"word": "All", "count": _bounded(every), "here": not wanted.states, "state": "",
             "address": _address(_without(query, "state"))}]  # fmt: skip
    for state in ClaimState:
        of_state = _without(query, "state")
        of_state["state"] = state.value
        tabs.append({"word": state.label, "count": _bounded(by_state[state]), "state": state.value,
                     "here": state.value in wanted.states, "address": _address(of_state)})  # fmt: skip
    return tabs


def _bounded(count: int) -> str:
    return f"{worklists.MOST_COUNTED:,}+" if count > worklists.MOST_COUNTED else f"{count:,}"


def _without(query: QueryDict, *names: str) -> QueryDict:
    rest = query.copy()
    for name in names:
        rest.pop(name, None)
    return rest


def _address(query: QueryDict, **more: str | None) -> str:
    told = query.copy()
    for name in ("after", "before"):
        told.pop(name, None)
    for name, value in more.items():
        told[name] = value or ""
    text = told.urlencode()
    return f"{reverse('claims')}?{text}" if text else reverse("claims")


def _hidden(query: QueryDict) -> Iterable[tuple[str, str]]:
    """What a form of the list does not show itself, to be kept."""
    return [
        (name, value) for name in ("state", "patient", "claim", "through") for value in query.getlist(name)
    ]


def _through(told: str) -> int | str | None:
    return told if told == worklists.PAPER else int(told) if told else None


def _claims(count: int) -> str:
    return f"{count:,} claim{'' if count == 1 else 's'}"


urlpatterns = [
    path("claims/", listed, name="claims"),
    path("claims/look", look, name="claims_look"),
    path("claims/bulk", bulk, name="claims_bulk"),
    path("claims/undo", undo, name="claims_undo"),
    path("claims/keep", keep, name="claims_keep"),
    path("claims/kept/<int:key>", kept, name="claims_kept"),
    path("claims/kept/<int:key>/drop", drop, name="claims_drop"),
    path("claims/export", export, name="claims_export"),
    path("claims/import", bring_back, name="claims_import"),
]
