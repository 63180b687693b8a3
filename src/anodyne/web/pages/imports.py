"""Files come in: claims made elsewhere, and tables of another system."""

import codecs
import datetime as dt
from typing import TYPE_CHECKING, Final

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from anodyne.app.practice import intake
from anodyne.app.practice.importing import import_claims
from anodyne.app.practice.intake import CameIn
from anodyne.app.practice.tables_in import columns, import_table
from anodyne.kernel.errors import BadTable, UnreadableFile
from anodyne.store.models import Role
from anodyne.web.access import for_roles, member, today

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

_TAKING: Final = (Role.BILLER, Role.CODER, Role.MANAGER, Role.ADMINISTRATOR)
_INTERCHANGE: Final = b"ISA"
_SHOWN: Final = 500
"""Cells, and things for a person, that a page lists at most."""
_HERE, _ELSEWHERE = "here", "elsewhere"


class UploadForm(forms.Form):
    """A file to take in."""

    file = forms.FileField(
        label="File",
        allow_empty_file=True,
        help_text="A claim file (837P), or a table of patients, charges or appointments as CSV or XLSX. "
        "Which it is, it tells itself.",
    )
    claims = forms.ChoiceField(
        label="Claims of a claim file",
        choices=[(_HERE, "are to be sent from here"), (_ELSEWHERE, "were sent elsewhere already")],
        initial=_HERE,
        required=False,
    )
    sent_on = forms.DateField(
        label="Sent on",
        required=False,
        widget=forms.DateInput({"type": "date"}),
        help_text="Of claims that were sent elsewhere.",
    )

    def clean_file(self) -> "UploadedFile[bytes]":
        """The file, where it is not too large."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        most = settings.IMPORT_MOST_BYTES
        if (file.size or 0) > most:
            raise forms.ValidationError(
                f"The file is larger than the {most // (1 << 20)} MB that are taken at once: "
                "give it in smaller parts.",
                code="too_large",
            )
        return file

    def sent_at(self) -> dt.datetime | None:
        """When the claims were sent elsewhere, by the practice's clock; None where they were not."""
        if self.cleaned_data.get("claims") != _ELSEWHERE:
            return None
        day = self.cleaned_data.get("sent_on") or timezone.localdate()
        return timezone.make_aware(dt.datetime.combine(day, dt.time(12)))


@require_http_methods(["GET", "POST"])
@for_roles(*_TAKING)
def taking(request: HttpRequest) -> HttpResponse:
    """The files that came in last; and a further one."""
    sent = request.method == "POST"
    form = UploadForm(request.POST, request.FILES) if sent else UploadForm()
    if sent and form.is_valid():
        file: UploadedFile[bytes] = form.cleaned_data["file"]
        name = intake.shown_name(file.name or "")
        try:
            came = _take(request, file.read(), name, form.sent_at())
        except UnreadableFile as error:
            cells = error.cells[:_SHOWN] if isinstance(error, BadTable) else ()
            context = {
                "name": name,
                "error": error,
                "cells": cells,
                "count": len(getattr(error, "cells", ())),
            }
            return render(request, "imports/refused.html", context, status=422)
        if came.again:
            messages.warning(request, "This file was taken in before: nothing was done again.")
        else:
            messages.success(request, f"{name} is taken in.")
        return redirect("import", came.document)
    context = {"form": form, "documents": intake.last_taken_in(), "tables": columns()}
    return render(request, "imports/list.html", context, status=422 if form.errors else 200)


def _take(request: HttpRequest, data: bytes, name: str, sent_at: dt.datetime | None) -> CameIn:
    """Take a file in as what its own first bytes say it is."""
    user, day = member(request).user, today(request)
    if data.removeprefix(codecs.BOM_UTF8).lstrip().startswith(_INTERCHANGE):
        return import_claims(data, name, user=user, as_of=day, sent_at=sent_at)
    return import_table(data, name, user=user, as_of=day)


@require_GET
@for_roles(*_TAKING)
def one(request: HttpRequest, key: int) -> HttpResponse:
    """What came of one file: what came in, what was known, what waits for a person."""
    found = intake.taken_in(key)
    if found is None:
        raise Http404
    came, document = found
    context = {
        "document": document,
        "came": came,
        "counts": [(words, came.counts[name]) for name, words in _WORDS.items() if came.counts.get(name)],
        "cents": came.counts.get("charge_cents"),
        "left": [told for told in came.told if not told.taken][:_SHOWN],
        "left_count": sum(not told.taken for told in came.told),
        "noted": [told for told in came.told if told.taken][:_SHOWN],
        "noted_count": sum(told.taken for told in came.told),
    }
    return render(request, "imports/one.html", context)


_WORDS: Final = {
    "claims": "claims came in",
    "lines": "lines",
    "encounters": "encounters",
    "appointments": "appointments are new",
    "patients": "patients are new",
    "changed": "changed",
    "coverages": "coverages are new",
    "payers": "payers are new",
    "billing providers": "billing providers are new",
    "practitioners": "practitioners are new",
    "places": "places of service are new",
    "known": "were here already",
}
"""By what was counted, how it is told; in this order."""

urlpatterns = [
    path("imports/", taking, name="imports"),
    path("imports/<int:key>/", one, name="import"),
]
