"""The API described for programs (OpenAPI 3) and for people (a page that loads nothing from elsewhere)."""

import functools
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.request import Request

_PLATFORM_INFO = {
    "title": "HR assistant platform API",
    "description": "For operators: companies, kill switch, keys, tokens. On the platform's host only.",
}


@functools.cache
def rendered(media: str, *, of_platform: bool = False) -> bytes:
    """The whole description; it only changes with the code, and making it takes a quarter of a second."""
    renderer = OpenApiJsonRenderer() if media == "json" else OpenApiYamlRenderer()
    urlconf = settings.PUBLIC_SCHEMA_URLCONF if of_platform else settings.ROOT_URLCONF
    document = SchemaGenerator(urlconf=urlconf).get_schema(request=None, public=True)
    if of_platform:
        document["info"] |= _PLATFORM_INFO
    body: bytes = renderer.render(document, renderer_context={})
    return body


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3 as YAML, or as JSON with `?format=json` or an Accept header that names JSON. Open to everybody."""
    return _answer(request, of_platform=False)


@require_safe
def platform_schema(request: HttpRequest) -> HttpResponse:
    """The same for the API of the platform's host."""
    return _answer(request, of_platform=True)


def _answer(request: HttpRequest, *, of_platform: bool) -> HttpResponse:
    json = request.GET.get("format") == "json" or "json" in request.headers.get("Accept", "")
    content_type = "application/vnd.oai.openapi+json" if json else "application/vnd.oai.openapi"
    body = rendered("json" if json else "yaml", of_platform=of_platform)
    return HttpResponse(body, content_type=f"{content_type}; charset=utf-8")


class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI from our own static files, under the strict content security policy: no inline script or style."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    throttle_classes: list[Any] = []
    template_name = "api/docs.html"

    def _get_schema_url(self, request: Request) -> str:
        return f"{reverse('api-schema')}?format=json"
