"""Incidents, contacts, service status and saved filters of the consoles."""

from typing import Any

from ragsite.incidents import services as incidents
from ragsite.tests.matrix.audited import Nothing, leaves
from ragsite.tests.matrix.rows import CONFIRMED, Row
from ragsite.tests.matrix.world import World
from tenants import context

_CLOSED = {
    **CONFIRMED,
    "impact": "12 people",
    "root_cause": "A shared account",
    "action_items": "Security; end shared accounts; 2026-12-01",
}
_OPENED = {"title": "Another", "kind": "outage", "severity": "high"}
_CONTACT = {"kind": "security", "name": "Another", "reach": "+00 2"}
_FILTER = {"page": "tenants_tenant", "name": "Suspended", "query": "state__exact=suspended"}
_PEOPLE_FILTER = {"page": "hr_employee", "name": "HR", "query": "role__exact=hr"}


def _open_incident(world: World) -> dict[str, Any]:
    with context.enter_platform():
        incident = incidents.open_incident(title="x", kind="leak", severity="high", summary="", companies=[world.acme])
        step = incident.steps.order_by("ordinal").first()
    assert step is not None
    return {"incident": incident.pk, "step": step.pk}


_FACTS = Nothing("facts about the installation, nobody's data")
_INCIDENT = "admin/ragsite/incident/<path:object_id>/"
_CONTACTS = "admin/ragsite/oncallcontact/<path:object_id>/"

PLATFORM = (
    Row("admin/status/", get="login 200", post="login 405", audit={"GET": _FACTS}),
    Row(
        "admin/filters/",
        get="login 405",
        post="login moved",
        body=_FILTER,
        audit={"POST": "console.save_filter filter:*"},
    ),
    Row(
        "admin/filters/<int:filter_id>/delete/",
        get="login 405 | 405",
        post="login moved | 404",
        audit={"POST": "console.delete_filter filter:{filter}"},
    ),
    Row("admin/ragsite/incident/", get="login 200", post="login 200", audit=_FACTS),
    Row(
        "admin/ragsite/incident/add/",
        get="login 200",
        post="login moved",
        body=_OPENED,
        audit={"GET": Nothing("an empty form"), "POST": "incident.open incident:*"},
    ),
    Row(_INCIDENT + "history/", get="login moved | moved", post="login moved | moved"),
    Row(_INCIDENT + "delete/", get="login 403", post="login 403"),
    Row(_INCIDENT + "change/", get="login 200 | moved", post="login 403", audit={"GET": _FACTS}),
    Row(_INCIDENT, get="login moved | moved", post="login moved | moved"),
    Row(
        _INCIDENT + "contain/",
        get="login 200 | moved",
        post="login moved | moved",
        audit={"GET": Nothing("asks first"), "POST": leaves("incident.contain incident:*", given=_open_incident)},
    ),
    Row(
        _INCIDENT + "close/",
        get="login 200 | moved",
        post="login moved | moved",
        body=_CLOSED,
        audit={"GET": Nothing("asks first"), "POST": leaves("incident.close incident:*", given=_open_incident)},
    ),
    Row(
        "admin/ragsite/incident/<int:incident_id>/steps/<int:step_id>/",
        get="login 405 | 405",
        post="login moved | 404",
        body={"how": "done", "words": "by the provider"},
        audit={"POST": leaves("incident.step incident:*", given=_open_incident)},
    ),
    Row(
        "admin/ragsite/incident/<int:incident_id>/note/",
        get="login 405 | 405",
        post="login moved | 404",
        body={"text": "A call at noon."},
        audit={"POST": leaves("incident.note incident:*", given=_open_incident)},
    ),
    Row(
        "admin/ragsite/incident/<int:incident_id>/report/",
        get="login 200 | 404",
        post="login 200 | 404",
        audit="incident.export incident:*",
    ),
    Row("admin/ragsite/oncallcontact/", get="login 200", post="login 200", audit=_FACTS),
    Row(
        "admin/ragsite/oncallcontact/add/",
        get="login 200",
        post="login moved",
        body=_CONTACT,
        audit={"GET": Nothing("an empty form"), "POST": "contact.add contact:*"},
    ),
    Row(_CONTACTS + "history/", get="login moved | moved", post="login moved | moved"),
    Row(_CONTACTS + "delete/", get="login 403", post="login 403"),
    Row(
        _CONTACTS + "change/",
        get="login 200 | moved",
        post="login moved | moved",
        body=_CONTACT,
        audit={"GET": _FACTS, "POST": "contact.change contact:{oncallcontact}"},
    ),
    Row(_CONTACTS, get="login moved | moved", post="login moved | moved"),
    Row(
        _CONTACTS + "remove/",
        get="login 200 | moved",
        post="login moved | moved",
        audit={"GET": Nothing("asks first"), "POST": "contact.delete contact:{oncallcontact}"},
    ),
)

_CLOSED_HERE = {"get": "login login 403", "post": "login login 403"}
_CLOSED_PATHS = (
    "admin/ragsite/incident/",
    "admin/ragsite/incident/add/",
    *(_INCIDENT + end for end in ("history/", "delete/", "change/", "contain/", "close/")),
    "admin/ragsite/oncallcontact/",
    "admin/ragsite/oncallcontact/add/",
    *(_CONTACTS + end for end in ("history/", "delete/", "change/", "remove/")),
)
_LEADS_ON = {"get": "login login moved | moved", "post": "login login moved | moved"}

COMPANY = (
    Row("admin/status/", get="login login 404", post="login login 405"),
    Row(
        "admin/filters/",
        get="login login 405",
        post="login login moved",
        body=_PEOPLE_FILTER,
        audit={"POST": "console.save_filter filter:*"},
    ),
    Row(
        "admin/filters/<int:filter_id>/delete/",
        get="login login 405 | 405",
        post="login login moved | 404",
        audit={"POST": "console.delete_filter filter:{filter}"},
    ),
    *(Row(path, **_CLOSED_HERE) for path in _CLOSED_PATHS),
    Row(_INCIDENT, **_LEADS_ON),
    Row(_CONTACTS, **_LEADS_ON),
    Row("admin/ragsite/incident/<int:incident_id>/steps/<int:step_id>/", get="login login 405", post="login login 403"),
    Row("admin/ragsite/incident/<int:incident_id>/note/", get="login login 405", post="login login 403"),
    Row("admin/ragsite/incident/<int:incident_id>/report/", **_CLOSED_HERE),
)
