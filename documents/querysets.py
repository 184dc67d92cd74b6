"""Which documents and versions. Access is always the first filter."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery

from hr.access import Scope
from hr.models import Employee

# How long a row handed to the queue may stay unfinished before it is handed over again: a message is lost rarely, but a
# long backlog is common, and each repetition lengthens it. The sweeper clears `sent_at` of what it takes back.
RESEND_AFTER = timedelta(seconds=90)


def readable(scope: Scope, prefix: str = "") -> Q:
    """The SQL translation of `hr.access.decide`. `prefix` leads to the document, for example `document__`."""

    def q(**conditions: Any) -> Q:
        return Q(**{f"{prefix}{name}": value for name, value in conditions.items()})

    not_deleted = q(deleted_at__isnull=True)
    if scope.role == Employee.Role.HR:
        return not_deleted
    own_or_company = q(subject__isnull=True) | q(subject=scope.employee_id)
    if scope.role == Employee.Role.CEO:
        return not_deleted & own_or_company
    own = {
        "audience_roles": scope.role,
        "audience_departments": scope.department,
        "audience_countries": scope.country,
        "audience_sites": scope.site,
        "audience_employment_types": scope.employment_type,
    }
    fits = Q()
    for name, value in own.items():
        # An empty attribute is in no list: `own` holds keys, and a list never holds an empty one.
        fits &= q(**{name: []}) | (q(**{f"{name}__contains": [value]}) if value else Q(pk__in=[]))
    unrestricted = Q()
    for name in own:
        unrestricted &= q(**{name: []})
    only_named = ~q(audience_people=[]) & unrestricted
    in_audience = q(audience_people__contains=[scope.employee_id]) | (fits & ~only_named)
    return (
        not_deleted
        & q(is_confidential=False)
        & (q(subject=scope.employee_id) | (q(subject__isnull=True) & in_audience))
    )


class DocumentQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> "DocumentQuerySet":
        """Not deleted, and readable by this person (hr.access.decide). Says nothing about days."""
        return self.filter(readable(scope))

    def serving(self) -> "DocumentQuerySet":
        """A version of theirs stands for them: published and ready, whatever its days."""
        return self.filter(deleted_at__isnull=True, serving_version__isnull=False)

    def answering_for(self, scope: Scope) -> "DocumentQuerySet":
        """Documents with a version that answers for this person on their day, whose id is annotated as `own_version`.

        Where several may apply because the person's record does not say, the newest of them.
        """
        versions = self.model._meta.get_field("versions").related_model._default_manager
        own = versions.answering(scope).filter(document=OuterRef("pk")).order_by("-number")
        return self.visible_to(scope).annotate(own_version=Subquery(own.values("pk")[:1])).exclude(own_version=None)

    def with_stale_standing_version(self, today: date) -> "DocumentQuerySet":
        """A version of theirs is in force today, but the one that stands for them is not."""
        versions = self.model._meta.get_field("versions").related_model._default_manager
        in_force = versions.in_force_on(today).filter(document=OuterRef("pk"))
        standing = in_force.filter(pk=OuterRef("serving_version"))
        return self.filter(Exists(in_force), ~Exists(standing), deleted_at__isnull=True)

    def serving_versions(self, version_ids: Collection[UUID]) -> "DocumentQuerySet":
        """Documents whose serving version is one of these."""
        return self.filter(serving_version__in=list(version_ids))


class DocumentVersionQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> "DocumentVersionQuerySet":
        """Versions of readable documents. Says nothing about publication and days."""
        return self.filter(readable(scope, "document__"))

    def newest(self) -> "DocumentVersionQuerySet":
        """The newest version of each document, whatever its state. One pass, however many documents."""
        later = self.model.objects.filter(document=OuterRef("document"), number__gt=OuterRef("number"))
        return self.filter(~Exists(later))

    def published(self) -> "DocumentVersionQuerySet":
        """Ready and published; withdrawn ones are not."""
        return self.filter(state="ready", publication="published")

    def indexed(self) -> "DocumentVersionQuerySet":
        """Their passages are in the index: ready and not withdrawn, so past, present, scheduled and drafts."""
        return self.filter(state="ready", document__deleted_at__isnull=True).exclude(publication="withdrawn")

    def in_force_on(self, day: date) -> "DocumentVersionQuerySet":
        """Published, and `day` (in the company's time zone) is one of their days. Both ends are included."""
        started = self.published().filter(effective_from__lte=day)
        return started.filter(Q(effective_to__isnull=True) | Q(effective_to__gte=day))

    def applying_to(self, scope: Scope) -> "DocumentVersionQuerySet":
        """Those that may apply to this person; see hr.access.applies."""
        own = {
            "applies_countries": scope.policy_country,
            "applies_sites": scope.policy_site,
            "applies_employment_types": scope.policy_employment_type,
        }
        applying = self
        for name, value in own.items():
            if value:
                applying = applying.filter(Q(**{name: []}) | Q(**{f"{name}__contains": [value]}))
        return applying

    def answering(self, scope: Scope) -> "DocumentVersionQuerySet":
        """What answers for this person may come from: readable, in force on their day, and for them."""
        return self.visible_to(scope).in_force_on(scope.as_of).applying_to(scope)

    def open_to(self, scope: Scope, *, today: date) -> "DocumentVersionQuerySet":
        """Versions whose text and file this person may open today.

        HR and the owner: all that were read. Others: what applies to them and is or was in force by then, so that an
        old answer can be read again, also when it was replaced on its first day; never a draft, a scheduled version,
        or one taken back. The one rule of pages, passages, originals and the API.
        """
        ready: DocumentVersionQuerySet = self.visible_to(scope).filter(state="ready")
        if scope.reads_confidential:
            return ready
        was_in_force = Q(publication="published") | Q(publication="withdrawn", ended_by__isnull=False)
        return ready.filter(was_in_force, effective_from__lte=today).applying_to(scope)

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
