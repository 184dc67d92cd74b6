from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = "Audit"

    def ready(self) -> None:
        # Django's own signal: after every migration of every schema, so that no migration has to think of it.
        post_migrate.connect(_take_over, sender=self, dispatch_uid="audit.take_over")
        checks.register(_check_owner, checks.Tags.database)


def _take_over(**kwargs: Any) -> None:
    from django.db import connection

    from audit import ownership

    ownership.take_over(schema=connection.schema_name)  # type: ignore[attr-defined]


def _check_owner(*, databases: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """`manage.py check --database default`; Django asks it before migrating, too, when there may be no table yet."""
    from django.db import DatabaseError

    from audit import ownership

    if not databases:
        return []
    try:
        ownership.check()
    except ownership.NotProtected as error:
        return [checks.Warning(str(error), hint="docs/operations.md, “The audit log's owner”", id="audit.W001")]
    except DatabaseError:
        return []
    return []
