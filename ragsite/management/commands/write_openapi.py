"""manage.py write_openapi: docs/openapi-v1.yaml and docs/openapi-platform-v1.yaml, after a wanted change of the API."""

from typing import Any

from django.core.management.base import BaseCommand

from ragsite.api.docs import rendered
from ragsite.env import REPO_ROOT

FILES = {"openapi-v1.yaml": False, "openapi-platform-v1.yaml": True}


class Command(BaseCommand):
    help = "Write the descriptions of both APIs that are kept in docs/; tests compare them."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for name, of_platform in FILES.items():
            (REPO_ROOT / "docs" / name).write_bytes(rendered("yaml", of_platform=of_platform))
            self.stdout.write(f"docs/{name}")
