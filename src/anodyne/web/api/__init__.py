"""The JSON API: the use cases of the pages, for programs, under /api/v1/ with its OpenAPI description."""

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from anodyne.kernel.errors import AnodyneError, BadFields, Outdated
from anodyne.web.api import claims, files
from anodyne.web.api.access import Bearer, Forbidden

api = NinjaAPI(
    title="Anodyne",
    version="1",
    description="Claims of one practice: read, judge, mend and bring in. A token speaks for one person.",
    auth=Bearer(),
    urls_namespace="api",
    docs_url=None,
    openapi_url="openapi.json",
)
api.add_router("", claims.router)
api.add_router("", files.router)


@api.exception_handler(AnodyneError)
def refused(request: HttpRequest, error: AnodyneError) -> HttpResponse:
    """What could not be done: 409 where somebody else was first, else 422."""
    told = {"code": error.code, "what": error.what, "where": error.where, "fix": error.fix}
    if isinstance(error, BadFields):
        told["fields"] = error.fields  # type: ignore[assignment]
    return api.create_response(request, told, status=409 if isinstance(error, Outdated) else 422)


@api.exception_handler(Forbidden)
def forbidden(request: HttpRequest, error: Forbidden) -> HttpResponse:
    """The token may not do this."""
    return api.create_response(request, {"code": "forbidden", "what": str(error)}, status=403)
