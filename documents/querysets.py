"""Which documents and versions. Access is always the first filter."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q

from hr.access import Scope

# How long a row handed to the queue may stay unfinished before it is handed over again: a message is lost rarely, but a
# long backlog is common, and each repetition lengthens it. The sweeper clears `sent_at` of what it takes back.
RESEND_AFTER = timedelta(seconds=90)


class DocumentQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> "DocumentQuerySet":
        """The SQL translation of a scope: not deleted, and confidential ones only for those who may read them."""
        visible = self.filter(deleted_at__isnull=True)
        return visible if scope.reads_confidential else visible.filter(is_confidential=False)

    def serving(self) -> "DocumentQuerySet":
        """Answers may come from them: a version is ready and in place."""
        return self.filter(deleted_at__isnull=True, serving_version__isnull=False)

    def serving_versions(self, version_ids: Collection[UUID]) -> "DocumentQuerySet":
        """Documents whose serving version is one of these."""
        return self.filter(serving_version__in=list(version_ids))


class DocumentVersionQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> "DocumentVersionQuerySet":
        """Versions of visible documents."""
        visible = self.filter(document__deleted_at__isnull=True)
        return visible if scope.reads_confidential else visible.filter(document__is_confidential=False)

    def with_expired_lease(self, now: datetime) -> "DocumentVersionQuerySet":
        """Claimed by a worker that has not been heard of since."""
        return self.filter(state__in=self.model.WORKING, lease_until__lt=now)

    def unfinished(self) -> "DocumentVersionQuerySet":
        """Not in a final state."""
        return self.exclude(state__in=self.model.FINAL)


class OutboxQuerySet(models.QuerySet[Any]):
    def due(self, now: datetime) -> "OutboxQuerySet":
        """Never sent, or sent so long ago that the message must have been lost."""
        return self.filter(Q(sent_at__isnull=True) | Q(sent_at__lt=now - RESEND_AFTER))
