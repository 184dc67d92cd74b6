"""The SQL translation of who may be answered from which version, for statements that are written by hand.

The rule is `hr.access.decide` and `applies`; `documents.querysets.DocumentVersionQuerySet.answering` says the same to
Django. A test holds all of them, and Qdrant's filter, against each other on random people, documents and days.

The truth tables are asked inside the search: a right, or a policy's first or last day, counts from the moment its
transaction commits, and nothing beside the vectors has to be brought in line.
"""

from typing import Any

from hr.access import Scope
from hr.models import Employee
from retrieval.stores import tables
from retrieval.stores.protocol import check_scope

# Attribute of the document -> of the asker. An empty list restricts nothing.
_AUDIENCE = {
    "audience_roles": "role",
    "audience_departments": "department",
    "audience_countries": "country",
    "audience_sites": "site",
    "audience_employment_types": "employment_type",
}
# Attribute of the version -> of the asker. An asker who lacks one is not excluded by it.
_APPLICABILITY = {
    "applies_countries": "policy_country",
    "applies_sites": "policy_site",
    "applies_employment_types": "policy_employment_type",
}


def condition(scope: Scope, *, document: str = "d", version: str = "v") -> tuple[str, dict[str, Any]]:
    """A condition on the aliases of `documents` and `document_versions`, and its named parameters.

    :raises WrongTenantScope: when the scope is another tenant's.
    """
    check_scope(scope)
    in_force = (
        f"{version}.state = 'ready' AND {version}.publication = 'published' AND {version}.effective_from <= %(as_of)s"
        f" AND ({version}.effective_to IS NULL OR {version}.effective_to >= %(as_of)s)"
    )
    parameters: dict[str, Any] = {"as_of": scope.as_of}
    applies = []
    for name, attribute in _APPLICABILITY.items():
        if own := getattr(scope, attribute):
            parameters[attribute] = own
            applies.append(f"({version}.{name} = '{{}}' OR %({attribute})s = ANY({version}.{name}))")
    readable, more = _readable(scope, document)
    # PostgreSQL knows nothing of such lists, guesses that next to no row passes, and chooses a plan for one row. Of a
    # CASE it says half of them, and leaves it alone.
    listed = f"CASE WHEN {' AND '.join([*applies, readable])} THEN true ELSE false END"
    return f"{in_force} AND {listed}", {**parameters, **more}


def versions(scope: Scope) -> tuple[str, dict[str, Any]]:
    """A SELECT of the ids of all versions that may answer, and its named parameters.

    Use it as `WITH answering AS MATERIALIZED (...)`, and ask with `holds`.
    """
    sql, parameters = condition(scope)
    return (
        f"SELECT v.id FROM {tables.own('document_versions')} v"
        f" JOIN {tables.own('documents')} d ON d.id = v.document_id WHERE {sql}",
        parameters,
    )


def holds(alias: str) -> str:
    """The condition that a row's version is among `answering`, and its tenant the asker's.

    IS TRUE makes it a filter on each row that an index brings. Without, PostgreSQL may join instead, and then reads all
    vectors of the versions and sorts them, where the index has them nearest first.
    """
    return f"{alias}.tenant_id = %(tenant_id)s AND ({alias}.version_id IN (SELECT id FROM answering)) IS TRUE"


def _readable(scope: Scope, document: str) -> tuple[str, dict[str, Any]]:
    not_deleted = f"{document}.deleted_at IS NULL"
    if scope.role == Employee.Role.HR:
        return not_deleted, {}
    parameters: dict[str, Any] = {"employee_id": scope.employee_id}
    own = f"{document}.subject_id = %(employee_id)s"
    if scope.role == Employee.Role.CEO:
        return f"{not_deleted} AND ({document}.subject_id IS NULL OR {own})", parameters
    fits = []
    for name, attribute in _AUDIENCE.items():
        if value := getattr(scope, attribute):
            parameters[attribute] = value
            fits.append(f"({document}.{name} = '{{}}' OR %({attribute})s = ANY({document}.{name}))")
        else:
            fits.append(f"{document}.{name} = '{{}}'")
    unrestricted = " AND ".join(f"{document}.{name} = '{{}}'" for name in _AUDIENCE)
    named = f"%(employee_id)s = ANY({document}.audience_people)"
    only_named = f"({document}.audience_people <> '{{}}' AND {unrestricted})"
    in_audience = f"({named} OR ({' AND '.join(fits)} AND NOT {only_named}))"
    return (
        f"{not_deleted} AND NOT {document}.is_confidential"
        f" AND ({own} OR ({document}.subject_id IS NULL AND {in_audience}))",
        parameters,
    )
