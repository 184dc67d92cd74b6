"""What the API takes and says about versions, days and readers. Component names carry the API's version."""

from dataclasses import replace
from typing import Any

from rest_framework import serializers

from documents import rights
from documents.explaining import Explanation, Readers
from documents.models import Document, DocumentVersion
from documents.services import Terms
from documents.strict import StrictSerializer
from documents.windows import Window
from hr.access import Applicability, Audience
from hr.models import Employee
from tenants import context
from tenants.days import validate_day

_MAX_KEYS = 250
_MAX_PEOPLE = 1000


def texts(help_text: str) -> serializers.ListField:
    """A list of short texts that may be left out."""
    child = serializers.CharField(max_length=100)
    return serializers.ListField(child=child, required=False, max_length=_MAX_KEYS, help_text=help_text)


class TermsV1(StrictSerializer):
    """Days and people of a version. What is left out stays as it is."""

    effective_from = serializers.DateField(
        required=False,
        allow_null=True,
        validators=[validate_day],
        help_text="First day in force, in the company's time zone.",
    )
    effective_to = serializers.DateField(
        required=False,
        allow_null=True,
        validators=[validate_day],
        help_text="Last day in force, included. Null: until further notice.",
    )
    applies_countries = texts("ISO 3166-1 codes such as DE. Empty: all.")
    applies_sites = texts("Empty: all.")
    applies_employment_types = texts("Such as full_time. Empty: all.")


class PublishRequestV1(TermsV1):
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)


class ReasonRequestV1(StrictSerializer):
    reason = serializers.CharField(min_length=3, max_length=500, help_text="Kept in the audit log.")


class OptionalReasonRequestV1(StrictSerializer):
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)


class VersionV1(serializers.Serializer):
    id = serializers.UUIDField()
    number = serializers.IntegerField()
    state = serializers.ChoiceField(choices=DocumentVersion.State.values, help_text="How far its ingestion is.")
    publication = serializers.ChoiceField(choices=DocumentVersion.Publication.values)
    is_in_force = serializers.BooleanField(help_text="Published, ready, and today is one of its days.")
    effective_from = serializers.DateField(allow_null=True)
    effective_to = serializers.DateField(allow_null=True, help_text="Included. Null: until further notice.")
    applies_countries = serializers.ListField(child=serializers.CharField())
    applies_sites = serializers.ListField(child=serializers.CharField())
    applies_employment_types = serializers.ListField(child=serializers.CharField())
    note = serializers.CharField(allow_blank=True, help_text="Why it was not published; for HR and the owner.")
    reviewed_at = serializers.DateTimeField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class AudienceV1(StrictSerializer):
    """Who may read a document. All lists empty: everybody in the company."""

    is_confidential = serializers.BooleanField(required=False, help_text="HR and the owner only.")
    subject = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=2**63 - 1,
        help_text="Whose own document it is: an employee.",
    )
    roles = texts("Such as manager. Empty: all.")
    departments = texts("Empty: all.")
    countries = texts("ISO 3166-1 codes such as DE. Empty: all.")
    sites = texts("Empty: all.")
    employment_types = texts("Such as full_time. Empty: all.")
    people = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        required=False,
        max_length=_MAX_PEOPLE,
        help_text="Employees who may read it whatever the lists say.",
    )


class AudienceChangeV1(AudienceV1):
    reason = serializers.CharField(min_length=3, max_length=500, help_text="Kept in the audit log.")


class AccessQueryV1(serializers.Serializer):
    employee = serializers.CharField(
        required=False, max_length=254, help_text="Employee number, e-mail address or id: explain for this person."
    )
    as_of = serializers.DateField(
        required=False, validators=[validate_day], help_text="The day whose policies count. Left out: today."
    )


class VersionStandingV1(serializers.Serializer):
    number = serializers.IntegerField()
    code = serializers.CharField(
        help_text="answers, answers_if, for_others, scheduled, past, draft, in_review, withdrawn or not_ready."
    )
    detail = serializers.CharField()


class ExplanationV1(serializers.Serializer):
    employee = serializers.IntegerField()
    allowed = serializers.BooleanField()
    rule = serializers.CharField(help_text="Stable, such as everybody, confidential or not_in_audience:country.")
    detail = serializers.CharField()
    answers = serializers.BooleanField(help_text="Some version answers for this person on that day.")
    versions = VersionStandingV1(many=True)


class DocumentAccessV1(serializers.Serializer):
    audience = AudienceV1()
    detail = serializers.CharField(help_text="The audience in words.")
    active_people = serializers.IntegerField()
    readers = serializers.IntegerField(help_text="How many of the active people may read it.")
    explanation = ExplanationV1(allow_null=True)


def version_body(version: DocumentVersion, *, for_managers: bool) -> dict[str, Any]:
    """The body of a VersionV1."""
    window = Window(version.effective_from, version.effective_to)
    is_published = version.publication == DocumentVersion.Publication.PUBLISHED
    is_ready = version.state == DocumentVersion.State.READY
    return {
        "id": version.pk,
        "number": version.number,
        "state": version.state,
        "publication": version.publication,
        "is_in_force": is_published and is_ready and window.holds(context.local_today()),
        "effective_from": version.effective_from,
        "effective_to": version.effective_to,
        "applies_countries": [code.upper() for code in version.applies_countries],
        "applies_sites": version.applies_sites,
        "applies_employment_types": version.applies_employment_types,
        "note": version.publication_note if for_managers else "",
        "reviewed_at": version.reviewed_at if for_managers else None,
        "published_at": version.published_at,
        "withdrawn_at": version.withdrawn_at,
    }


def access_body(
    document: Document, *, readers: Readers, employee: Employee | None, explanation: Explanation | None
) -> dict[str, Any]:
    """The body of a DocumentAccessV1."""
    audience = rights.audience_of(document)
    return {
        "audience": {
            "is_confidential": audience.is_confidential,
            "subject": audience.subject_id,
            "roles": sorted(audience.roles),
            "departments": sorted(audience.departments),
            "countries": sorted(code.upper() for code in audience.countries),
            "sites": sorted(audience.sites),
            "employment_types": sorted(audience.employment_types),
            "people": sorted(audience.people),
        },
        "detail": rights.readers_of(audience),
        "active_people": readers.active,
        "readers": len(readers.people),
        "explanation": _explanation_body(employee, explanation) if employee and explanation else None,
    }


def changed_audience(before: Audience, given: dict[str, Any]) -> Audience:
    """The audience with what an AudienceV1 gives; the rest stays."""
    lists = ("roles", "departments", "countries", "sites", "employment_types", "people")
    changes: dict[str, Any] = {name: frozenset(given[name]) for name in lists if name in given}
    changes |= {"subject_id": given["subject"]} if "subject" in given else {}
    changes |= {"is_confidential": given["is_confidential"]} if "is_confidential" in given else {}
    return replace(before, **changes)


def window_of(given: dict[str, Any], *, default: Window) -> Window:
    """The days that a TermsV1 gives; what is left out is as in `default`."""
    return Window(given.get("effective_from", default.first), given.get("effective_to", default.last))


def applicability_of(given: dict[str, Any], *, default: Applicability) -> Applicability:
    """The people that a TermsV1 gives; what is left out is as in `default`."""
    return Applicability(
        countries=frozenset(given.get("applies_countries", default.countries)),
        sites=frozenset(given.get("applies_sites", default.sites)),
        employment_types=frozenset(given.get("applies_employment_types", default.employment_types)),
    )


def terms_of(given: dict[str, Any]) -> Terms:
    """The terms of an upload."""
    return Terms(
        window=window_of(given, default=Window()),
        applicability=applicability_of(given, default=Applicability()),
        publish=given["publish"],
    )


def _explanation_body(employee: Employee, explanation: Explanation) -> dict[str, Any]:
    return {
        "employee": employee.pk,
        "allowed": explanation.decision.allowed,
        "rule": explanation.decision.rule,
        "detail": explanation.sentence,
        "answers": explanation.answers,
        "versions": [{"number": one.number, "code": one.code, "detail": one.sentence} for one in explanation.versions],
    }
