"""One search over claims, patients and payers' numbers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path


def find(request: HttpRequest) -> HttpResponse:
    """What fits the words; they are sent in the body, so that no address names a patient."""
    return render(request, "find.html", {})


urlpatterns = [path("find", find, name="find")]
