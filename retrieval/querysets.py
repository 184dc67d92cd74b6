"""Which passages, conversations and questions. Access is always the first filter."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import F

from hr.access import Scope


class ChunkQuerySet(models.QuerySet[Any]):
    def readable_by(self, scope: Scope) -> "ChunkQuerySet":
        """Passages of serving versions of documents that this person may read: the check on the rows."""
        readable = self.filter(
            version__document__deleted_at__isnull=True, version__document__serving_version=F("version_id")
        )
        return readable if scope.reads_confidential else readable.filter(version__document__is_confidential=False)

    def with_ids(self, ids: Iterable[UUID]) -> "ChunkQuerySet":
        return self.filter(pk__in=list(ids))


class ConversationQuerySet(models.QuerySet[Any]):
    def owned_by(self, scope: Scope) -> "ConversationQuerySet":
        """A conversation belongs to one person; no role reads another's."""
        return self.filter(employee_id=scope.employee_id)


class QueryQuerySet(models.QuerySet[Any]):
    def owned_by(self, scope: Scope) -> "QueryQuerySet":
        """A question belongs to one person; no role reads another's."""
        return self.filter(employee_id=scope.employee_id)
