"""Today: what costs most soonest, and where the work lies."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from anodyne.app.practice.today import HORIZON, Clock, day_of, word_of
from anodyne.web.access import member, today
from anodyne.web.pages.claims import claim_address


@require_safe
def opened(request: HttpRequest) -> HttpResponse:
    """The page that opens first."""
    mine = request.GET.get("mine") == "on"
    day = today(request)
    told = day_of(member(request).user_id, day, mine_alone=mine)
    context: dict[str, Any] = {
        "day": day,
        "mine": mine,
        "told": told,
        "clocks": [
            {
                "clock": clock,
                "word": word_of(clock.kind),
                "address": _address(clock),
                "left": _left(clock.days),
                "urgency": "late" if clock.days < 0 else "soon" if clock.days <= 7 else "",
            }
            for clock in told.clocks
        ],
        "rest": told.clocks_in_all - len(told.clocks),
        "horizon": HORIZON.days,
    }
    return render(request, "today.html", context)


def _address(clock: Clock) -> str:
    if clock.claim is not None:
        return claim_address(clock.claim)
    return "" if clock.patient is None else reverse("registry_patient", args=[clock.patient])


def _left(days: int) -> str:
    if days < 0:
        return f"{-days} day{'' if days == -1 else 's'} late"
    return {0: "today", 1: "tomorrow"}.get(days, f"{days} days")


urlpatterns = [path("", opened, name="today")]
