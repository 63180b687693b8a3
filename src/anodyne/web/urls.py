"""Which address is which page."""

from importlib import import_module
from pkgutil import iter_modules

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from anodyne.web import pages
from anodyne.web.api import api


def _nowhere(request: HttpRequest) -> HttpResponse:
    """What the library offers and a practice does not: an address is changed by an administrator."""
    raise Http404(request.path)


urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/email/", _nowhere),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", api.urls),
]
for _found in iter_modules(pages.__path__):
    urlpatterns += import_module(f"{pages.__name__}.{_found.name}").urlpatterns

handler400 = "anodyne.web.faults.bad_request"
handler403 = "anodyne.web.faults.forbidden"
handler404 = "anodyne.web.faults.not_found"
handler429 = "anodyne.web.faults.too_many"
handler500 = "anodyne.web.faults.failed"
