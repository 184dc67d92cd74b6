"""Generated requests against the real application: no server error, and nothing that the description does not say.

A smoke test with few examples an operation, the same ones in each run; raise SCHEMATHESIS_EXAMPLES for a long one.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.result import Ok

from hr.models import Employee
from hr.tests.api_helpers import claims_of, signed
from ragsite.api.docs import rendered
from tenants import context
from tenants.models import Tenant

pytestmark = pytest.mark.django_db

_EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "12"))
load_all_checks()
_CHECKS = CHECKS.get_by_names(
    ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
)
_application = get_wsgi_application()
_api = schemathesis.openapi.from_file(rendered("yaml").decode())
_OPERATIONS = {
    operation.ok().label: operation.ok() for operation in _api.get_all_operations() if isinstance(operation, Ok)
}


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """The requests run inside the test's transaction; at their ends Django would close its connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("role", ["employee", "hr"])
@pytest.mark.parametrize("label", _OPERATIONS)
def test_generated_requests_get_documented_answers(
    acme: Tenant, bob: Employee, label: str, role: str, settings: Any
) -> None:
    settings.THROTTLE_RATES_PER_MINUTE = dict.fromkeys(settings.THROTTLE_RATES_PER_MINUTE, 10**6)
    with context.enter(acme):
        Employee.objects.filter(pk=bob.pk).update(role=role)
        bob.refresh_from_db()
        token = signed(claims_of(acme, bob))
    headers = {"Host": "acme.localhost", "Authorization": f"Bearer {token}"}

    @_settings
    @given(case=_OPERATIONS[label].as_strategy())
    def probe(case: Any) -> None:
        case.operation.app = _application
        response = case.call(app=_application, base_url="http://acme.localhost", headers=headers)
        case.validate_response(response, checks=_CHECKS)

    probe()


_settings = hypothesis_settings(
    max_examples=_EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
