"""Whom to call: kept in the database, copied to the cache for pages that must not ask it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from django.core.cache import cache
from django.db import transaction

from audit import services as audit
from ragsite.models import OnCallContact
from tenants import context

log = structlog.get_logger(__name__)

_KEY = "contacts-on-error-pages"


@dataclass(frozen=True)
class Contact:
    """A contact as a page shows it."""

    kind: str
    name: str
    reach: str
    hours: str


def everybody() -> tuple[Contact, ...]:
    """All contacts, in the order on-call, database, security. One query."""
    rows = sorted(OnCallContact.objects.all(), key=lambda row: (OnCallContact.Kind.values.index(row.kind), row.name))
    return tuple(_contact(row) for row in rows)


# A web process keeps what it read last: when database and cache are one and away, its error page still names somebody.
_kept: tuple[Contact, ...] = ()


def on_error_pages() -> tuple[Contact, ...]:
    """For the 500 page: from the cache; whatever is broken, what this process read last."""
    global _kept
    try:
        with context.enter_platform():
            found = cache.get(_KEY)
            _kept = tuple(Contact(**values) for values in (found if found is not None else remember()))
    except Exception as error:  # the error page must not break with what it tells of
        log.info("contacts_unknown", error=type(error).__name__)
    return _kept


def last_known() -> tuple[Contact, ...]:
    """For the 503 page: asks neither database nor cache, which may be away."""
    return _kept


def save_contact(*, row: OnCallContact) -> None:
    """Add or change a contact."""
    verb = "contact.change" if row.pk else "contact.add"
    with transaction.atomic():
        row.save()
        audit.record(verb=verb, target=f"contact:{row.pk}", details={"kind": row.kind})
    remember()


def delete_contact(*, row: OnCallContact, reason: str) -> None:
    """Remove a contact."""
    pk = row.pk
    with transaction.atomic():
        row.delete()
        audit.record(verb="contact.delete", target=f"contact:{pk}", reason=reason)
    remember()


def remember() -> list[Mapping[str, Any]]:
    """Copy what error pages show into the cache, after every change and whenever the cache has forgotten it."""
    with context.enter_platform():
        shown = [_values(row) for row in OnCallContact.objects.filter(on_error_pages=True).order_by("kind", "name")]
        cache.set(_KEY, shown, None)
    return shown


def _contact(row: OnCallContact) -> Contact:
    return Contact(**_values(row))


def _values(row: OnCallContact) -> Mapping[str, Any]:
    return {"kind": row.get_kind_display(), "name": row.name, "reach": row.reach, "hours": row.hours}
