"""Which address is which page."""

from importlib import import_module
from pkgutil import iter_modules

from django.urls import URLPattern, URLResolver, include, path

from anodyne.web import pages
from anodyne.web.api import api

urlpatterns: list[URLPattern | URLResolver] = [
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
