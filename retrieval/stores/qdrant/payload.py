"""What a point carries to be filtered by, and the translation of a scope into a filter over it."""

from __future__ import annotations

from datetime import date
from typing import Any

from qdrant_client import models

from hr.access import Scope
from hr.models import Employee
from retrieval.stores.filters import PointFilter
from retrieval.stores.protocol import VectorPoint, check_scope
from tenants import context

# Stands in a list of keys for "not restricted"; a key is never empty. So a list is asked by one condition: does it hold
# this or the asker's own. A list without any value fits nobody.
_ALL = ""
# No row has these ids: row ids begin at 1, and 0 is a synthetic profile's.
_NO_SUBJECT = -1
# Days are proleptic ordinals (1 is 1 January of year 1): no first day is after all days, no last day too.
_NEVER = 10_000_000

_KEYWORDS = (
    "version_id",
    "document_id",
    "audience_roles",
    "audience_departments",
    "audience_countries",
    "audience_sites",
    "audience_employment_types",
    "applies_countries",
    "applies_sites",
    "applies_employment_types",
)
_INTEGERS = ("subject_id", "audience_people", "effective_from", "effective_to")


def indexes() -> dict[str, Any]:
    """Payload field -> how it is indexed."""
    keyword = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD)
    return {
        "tenant_id": models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True),
        **dict.fromkeys(_KEYWORDS, keyword),
        **dict.fromkeys(_INTEGERS, models.PayloadSchemaType.INTEGER),
        "is_confidential": models.PayloadSchemaType.BOOL,
        "is_published": models.PayloadSchemaType.BOOL,
    }


def of_point(point: VectorPoint) -> dict[str, Any]:
    """The whole payload: whose it is, and its filter."""
    return {
        "tenant_id": context.tenant_id(),
        "document_id": str(point.document_id),
        "version_id": str(point.version_id),
        **of_filter(point.filter),
    }


def of_filter(filter_: PointFilter) -> dict[str, Any]:
    """The fields that are rewritten when rights or days change."""
    audience, applicability = filter_.audience, filter_.applicability
    attributes = {
        "audience_roles": audience.roles,
        "audience_departments": audience.departments,
        "audience_countries": audience.countries,
        "audience_sites": audience.sites,
        "audience_employment_types": audience.employment_types,
    }
    only_named = bool(audience.people) and not any(attributes.values())
    return {
        **{name: [] if only_named else sorted(keys) or [_ALL] for name, keys in attributes.items()},
        "audience_people": sorted(audience.people),
        "subject_id": _NO_SUBJECT if audience.subject_id is None else audience.subject_id,
        "is_confidential": audience.is_confidential,
        "applies_countries": sorted(applicability.countries) or [_ALL],
        "applies_sites": sorted(applicability.sites) or [_ALL],
        "applies_employment_types": sorted(applicability.employment_types) or [_ALL],
        "is_published": filter_.is_published,
        "effective_from": _day(filter_.effective_from),
        "effective_to": _day(filter_.effective_to),
        "filter_digest": filter_.digest,
    }


def equals(field: str, value: Any) -> models.FieldCondition:
    return models.FieldCondition(key=field, match=models.MatchValue(value=value))


def own(*conditions: models.Condition) -> models.Filter:
    """The current tenant's points, narrowed. No call leaves this out."""
    return models.Filter(must=[equals("tenant_id", context.tenant_id()), *conditions])


def answering(scope: Scope, *conditions: models.Condition) -> models.Filter:
    """The Qdrant translation of `hr.access.decide` and `applies`, on the scope's day.

    :raises WrongTenantScope: when the scope is another tenant's.
    """
    check_scope(scope)
    day = scope.as_of.toordinal()
    in_force: list[models.Condition] = [
        equals("is_published", True),
        models.FieldCondition(key="effective_from", range=models.Range(lte=day)),
        models.FieldCondition(key="effective_to", range=models.Range(gte=day)),
    ]
    return own(*in_force, *_applying(scope), *_readable(scope), *conditions)


def _applying(scope: Scope) -> list[models.Condition]:
    attributes = {
        "applies_countries": scope.policy_country,
        "applies_sites": scope.policy_site,
        "applies_employment_types": scope.policy_employment_type,
    }
    return [_any(name, _ALL, value) for name, value in attributes.items() if value]


def _readable(scope: Scope) -> list[models.Condition]:
    if scope.role == Employee.Role.HR:
        return []
    if scope.role == Employee.Role.CEO:
        return [_any("subject_id", _NO_SUBJECT, scope.employee_id)]
    attributes = {
        "audience_roles": scope.role,
        "audience_departments": scope.department,
        "audience_countries": scope.country,
        "audience_sites": scope.site,
        "audience_employment_types": scope.employment_type,
    }
    fits = models.Filter(must=[_any(name, *{_ALL, value}) for name, value in attributes.items()])
    named = equals("audience_people", scope.employee_id)
    company = models.Filter(must=[equals("subject_id", _NO_SUBJECT), models.Filter(should=[named, fits])])
    personal = equals("subject_id", scope.employee_id)
    return [equals("is_confidential", False), models.Filter(should=[personal, company])]


def _any(field: str, *values: Any) -> models.FieldCondition:
    return models.FieldCondition(key=field, match=models.MatchAny(any=list(values)))


def _day(day: date | None) -> int:
    return _NEVER if day is None else day.toordinal()
