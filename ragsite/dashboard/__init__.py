"""The consoles' first page: counts only, nothing that anybody asked or wrote. Each figure leads to what it counts."""

from typing import Any

from django.http import HttpRequest

from ragsite.dashboard import company, platform
from tenants import context


def fill(request: HttpRequest, values: dict[str, Any]) -> dict[str, Any]:
    """unfold's DASHBOARD_CALLBACK: add what templates/admin/index.html shows. At most 12 queries in all."""
    shown = company.overview(request) if context.has_tenant() else platform.overview()
    return {**values, "overview": shown}
