"""manage.py reindex --tenant acme"""

from typing import Any

from django.core.management.base import CommandError

from retrieval.services import rebuilding
from tenants.management.base import TenantCommand
from tenants.models import Tenant


class Command(TenantCommand):
    help = (
        "Rebuild the search index beside the live one, verify it and switch. "
        "Needed after CHUNK_SIZE, CHUNK_OVERLAP or the model changed."
    )

    def handle_tenant(self, tenant: Tenant, **options: Any) -> None:
        try:
            generation = rebuilding.rebuild(progress=self._progress)
        except rebuilding.RebuildIncomplete as error:
            raise CommandError(f"{tenant.schema_name}: not switched, {error}") from error
        self.stdout.write(f"{tenant.schema_name}: generation {generation.number} is live ({generation.embed_model})")

    def _progress(self, done: int, total: int) -> None:
        if done % 20 == 0 or done == total:
            self.stdout.write(f"  {done} of {total} documents")
