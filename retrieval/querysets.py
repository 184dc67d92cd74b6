"""Which passages, conversations and questions. Access is always the first filter."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import models

from documents.models import DocumentVersion
from hr.access import Scope


class ChunkQuerySet(models.QuerySet[Any]):
    def readable_by(self, scope: Scope) -> "ChunkQuerySet":
        """Passages of versions that may answer this person on the scope's day: the check on the rows."""
        return self.filter(version__in=DocumentVersion.objects.answering(scope))

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
