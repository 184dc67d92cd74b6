"""Generated requests against the real application: no server error, and nothing that the description does not say.

Every operation of both descriptions, as every kind of caller, half of the requests with ids that exist. A smoke test
with few examples, the same ones in each run; raise SCHEMATHESIS_EXAMPLES for a long one (per operation and caller).
"""

import os
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.result import Ok

from hr.services import service_accounts
from ragsite.api.docs import rendered
from ragsite.tests.matrix.making import made_world
from ragsite.tests.matrix.probing import undone
from ragsite.tests.matrix.world import World
from tenants import context
from tenants.machines import accounts, operators
from tenants.machines.scopes import COMPANY_SCOPES, PLATFORM_SCOPES

# The first test of the module waits until its world is made.
pytestmark = pytest.mark.timeout(600)

_EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "4"))
_COMPANY = ("anonymous", "bob", "dave", "alice", "erin", "program")
_PLATFORM = ("anonymous", "bob", "operator", "platform program")
# Makes a whole company where it may; in a run of the suite only those ask who may not.
_SLOW = ("POST /api/v1/platform/tenants",)
load_all_checks()
_CHECKS = CHECKS.get_by_names(
    ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
)
_application = get_wsgi_application()
_settings = hypothesis_settings(
    max_examples=_EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def _operations(*, of_platform: bool) -> dict[str, Any]:
    api = schemathesis.openapi.from_file(rendered("yaml", of_platform=of_platform).decode())
    return {one.ok().label: one.ok() for one in api.get_all_operations() if isinstance(one, Ok)}


_OPERATIONS = {label: ("acme.localhost", one, _COMPANY) for label, one in _operations(of_platform=False).items()} | {
    label: ("localhost", one, _PLATFORM) for label, one in _operations(of_platform=True).items()
}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), made_world(files=tmp_path_factory.mktemp("generated")) as world:
        yield world


@pytest.fixture(scope="module")
def tokens(world: World) -> Mapping[str, str]:
    """By caller."""
    now = timezone.now()
    names = [scope.name for scope in COMPANY_SCOPES]
    alice, operator = world.people["alice"].employee, User.objects.get(pk=world.people["operator"].user_id)
    assert alice is not None
    with context.enter(world.acme):
        program = service_accounts.create_service_account(name="generated", scopes=names, by=alice, now=now, role="hr")
    everything = [scope.name for scope in PLATFORM_SCOPES]
    of_platform = accounts.create(name="generated", scopes=everything, operator_id=operator.pk, now=now)
    return {
        "anonymous": "",
        "operator": operators.issue_token(operator=operator, now=now),
        "program": program.secret,
        "platform program": of_platform.secret,
        **{name: world.people[name].token for name in ("bob", "dave", "alice", "erin")},
    }


@pytest.fixture(autouse=True)
def own_files(world: World) -> None:
    """Instead of conftest's: the files are those of the module's world."""


@pytest.fixture(autouse=True)
def plain_static_files(world: World) -> None:
    """Instead of conftest's, for the same reason."""


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """The requests run inside the world's transaction; at their ends Django would close its connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("label", _OPERATIONS)
def test_generated_requests_get_documented_answers(world: World, tokens: Mapping[str, str], label: str) -> None:
    host, operation, callers = _OPERATIONS[label]
    if label in _SLOW and "SCHEMATHESIS_EXAMPLES" not in os.environ:
        callers = callers[:2]
    for caller in callers:
        _probe(world, host, operation, caller=caller, token=tokens[caller])


def _probe(world: World, host: str, operation: Any, *, caller: str, token: str) -> None:
    headers = {"Host": host} | ({"Authorization": f"Bearer {token}"} if token else {})
    ids = {**world.own, **world.personal.get(caller, world.personal["bob"])}
    count = 0

    @_settings
    @given(case=operation.as_strategy())
    def probe(case: Any) -> None:
        nonlocal count
        count += 1
        if count % 2:
            for parameter in case.path_parameters or ():
                known = ids.get(parameter.removesuffix("_id"))
                if known is not None:
                    case.path_parameters[parameter] = str(known)
        case.operation.app = _application
        with undone():
            response = case.call(app=_application, base_url=f"http://{host}", headers=headers)
            case.validate_response(response, checks=_CHECKS)

    probe()
