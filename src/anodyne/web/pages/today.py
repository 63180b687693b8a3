"""Today."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path


def today(request: HttpRequest) -> HttpResponse:
    """What costs most soonest."""
    return render(request, "today.html", {})


urlpatterns = [path("", today, name="today")]
