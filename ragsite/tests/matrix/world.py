"""Two companies, their people and one of everything that an id can name. Made once for all probes."""

import io
import time
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from audit import reasons
from audit import services as audit
from audit.models import AuditLog
from documents import files
from documents.models import Document
from hr import links, tokens
from hr import services as hr
from hr.models import Employee, PayCode
from hr.services.pay import set_pay_details
from hr.signin import marks
from hr.tests.pay_stories import make_paystub
from ragsite.tests.matrix import (
    answer_world,
    console_world,
    leave_world,
    looking_back_world,
    token_world,
    tool_world,
)
from retrieval.tests import stories
from tenants import context, keys
from tenants.kill_switches import services as switches
from tenants.models import KillSwitch, SigningKey, Tenant

BACKEND = "hr.backends.EmployeeBackend"
# Far above what a company of the tests numbers its rows with, so that the id exists at globex only.
FOREIGN_NUMBER = 7_000_001
MISSING_NUMBER = 8_000_001
OPERATOR_PASSWORD = "an operator's long password"

# Who exists, in the order of making: the same numbers at both companies, as far as they go.
ACME = {"bob": "employee", "dave": "manager", "alice": "hr", "erin": "ceo", "dora": "employee"}
GLOBEX = {"charlie": "employee", "gwen": "hr"}


@dataclass(frozen=True)
class Person:
    """Somebody who calls. Operators have no token, and nobody has neither."""

    session: str = ""
    token: str = ""
    employee: Employee | None = None
    user_id: int = 0


@dataclass
class World:
    """`own`, `foreign` and `missing` hold ids by what they name; personal things of `own` by person."""

    acme: Tenant
    globex: Tenant
    people: dict[str, Person] = field(default_factory=lambda: {"anonymous": Person()})
    personal: dict[str, dict[str, Any]] = field(default_factory=dict)
    own: dict[str, Any] = field(default_factory=dict)
    closed: dict[str, Any] = field(default_factory=dict)
    foreign: dict[str, Any] = field(default_factory=dict)
    missing: dict[str, Any] = field(default_factory=dict)


def build() -> World:
    """Inside a transaction that somebody else rolls back, with a file store of its own."""
    world = World(acme=Tenant.objects.get(schema_name="acme"), globex=Tenant.objects.get(schema_name="globex"))
    _same_numbers_from_here()
    for tenant, cast in ((world.acme, ACME), (world.globex, GLOBEX)):
        with context.enter(tenant):
            for name, role in cast.items():
                world.people[name] = _person(tenant, name, role)
                first_id = FOREIGN_NUMBER if tenant == world.globex else 0
                world.personal[name] = _personal(world.people[name]) | console_world.saved(
                    user_id=world.people[name].employee.user_id, page="hr_employee", first_id=first_id
                )
    world.people["operator"] = _operator()
    filters = console_world.saved(user_id=world.people["operator"].user_id, page="tenants_tenant")
    with context.enter_platform():
        # The company's row may have a namesake in the platform's log, when that is long enough.
        world.personal["operator"] = {**world.personal["bob"], **filters, "auditlog": _audit_row().pk}
    world.own = console_world.platforms(world.acme)
    with context.enter(world.acme):
        document, confidential = _document("Travel"), _document("Salaries", is_confidential=True)
        dora = world.people["dora"].employee
        assert dora is not None
        world.own |= {**_names(document), "employee": dora.pk, "auditlog": _audit_row().pk, **_link(dora), **_pay(dora)}
        world.own |= leave_world.stated(dora) | tool_world.called(dora) | answer_world.reported(dora)
        world.own |= looking_back_world.looked_back(document=document)
        world.own |= token_world.issued(by=_employee_of(world, "alice"))
        world.closed = _names(confidential)
    with context.enter(world.globex):
        foreigner = hr.create_employee(email="far@globex.example", first_name="F", last_name="Ar", role="employee")
        Employee.objects.filter(pk=foreigner.pk).update(id=FOREIGN_NUMBER)
        far_document = _document("Foreign")
        world.foreign = {
            **_names(far_document),
            **looking_back_world.looked_back(document=far_document, id=FOREIGN_NUMBER),
            **world.personal["charlie"],
            "employee": FOREIGN_NUMBER,
            "auditlog": _far_audit_row().pk,
            **_link(foreigner),
            **_pay(world.people["charlie"].employee, paycode=FOREIGN_NUMBER),
            **leave_world.stated(world.people["charlie"].employee, id=FOREIGN_NUMBER),
            **tool_world.called(foreigner, id=FOREIGN_NUMBER),
            **answer_world.reported(foreigner, id=FOREIGN_NUMBER),
            **leave_world.renumbered(world.personal["charlie"], number=FOREIGN_NUMBER),
            **token_world.issued(by=_employee_of(world, "gwen"), number=FOREIGN_NUMBER),
        }
    world.own |= {
        "tenant": world.acme.pk,
        **token_world.platforms(),
        "signingkey": SigningKey.objects.get(kid=keys.signing_key().kid).pk,
        "periodictask": _periodic_task().pk,
        "company": world.acme.uuid,
        "factor": 1,  # nobody has one: whatever the number, the answer is the same
        **dict.fromkeys(("killswitch", "switch"), _switch(world.globex).pk),
    }
    world.missing = {
        **{
            name: uuid.uuid4()
            for name in (
                "document",
                "version",
                "conversation",
                "query",
                "paystub",
                "any_paystub",
                "paydetails",
                "proposal",
                "company",
            )
        },
        **dict.fromkeys(("employee", "auditlog", "paycode", "tenant", "signingkey", "periodictask"), MISSING_NUMBER),
        **dict.fromkeys(("killswitch", "switch", "factor"), MISSING_NUMBER),
        **dict.fromkeys(
            (
                *leave_world.NAMES,
                *tool_world.NAMES,
                *answer_world.NAMES,
                *console_world.NAMES,
                *looking_back_world.NAMES,
                *token_world.NAMES,
            ),
            MISSING_NUMBER,
        ),
        "uid": "OTk5OTk5",
        "token": "abcdef-0123456789",
    }
    return world


def _employee_of(world: World, name: str) -> Employee:
    employee = world.people[name].employee
    assert employee is not None
    return employee


def _switch(tenant: Tenant) -> KillSwitch:
    """Something that is off and that no probe needs, switched off by another operator."""
    return switches.engage(
        scope="tenant", feature="language_model", tenant=tenant, by="operator:999", reason="for the route matrix"
    )


def _same_numbers_from_here() -> None:
    """People of the two companies get the same row ids: a wall that looks at ids only would let them through."""
    for table in ("employees", "auth_user"):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT greatest((SELECT coalesce(max(id), 1) FROM acme.{table}),"
                f" (SELECT coalesce(max(id), 1) FROM globex.{table}))"
            )
            highest = cursor.fetchone()[0]
            for schema in ("acme", "globex"):
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [f"{schema}.{table}", highest])


def _person(tenant: Tenant, name: str, role: str) -> Person:
    employee = hr.create_employee(
        email=f"{name}@{tenant.schema_name}.example", first_name=name.title(), last_name="Example", role=role
    )
    return Person(
        session=_session(employee.user),
        token=tokens.issue_access_token(employee=employee, reason="route matrix"),
        employee=employee,
        user_id=employee.user_id or 0,
    )


def _session(user: User | None) -> str:
    client = Client()
    assert user is not None
    client.force_login(user, backend=BACKEND)
    # As after a whole sign-in a moment ago, with a second factor where one is needed.
    session = client.session
    session[marks.CONFIRMED_AT] = session[marks.SECOND_FACTOR_AT] = time.time()
    # And as after the page that asks why somebody reads the log.
    until = (timezone.now() + timedelta(hours=8)).isoformat()
    session[reasons.SESSION_KEY] = {"reason": "for the route matrix", "until": until, "user": user.pk}
    session.save()
    return client.cookies["ragsite_session"].value


def _operator() -> Person:
    user = User.objects.create_superuser("operator@platform.example", "operator@platform.example", OPERATOR_PASSWORD)
    return Person(session=_session(user), user_id=user.pk)


def _personal(person: Person) -> dict[str, Any]:
    assert person.employee is not None
    document = _document(f"Cited by {person.employee.first_name}")
    quote = "Twins: 20 weeks."
    query = stories.make_answer(employee=person.employee, quotes=((document, quote),))
    return {"conversation": query.conversation_id, "query": query.pk, "paystub": make_paystub(person.employee).pk} | (
        leave_world.personal(person.employee) | tool_world.proposed(employee=person.employee, query=query)
    )


def _pay(employee: Employee | None, **values: Any) -> dict[str, Any]:
    """What HR's pages name. One's own paystub is personal and stands with the other personal things."""
    assert employee is not None
    code = PayCode.objects.create(
        code="MATRIX", label="M", kind="earning", explanation="M", **{"id": values["paycode"]} if values else {}
    )
    details = set_pay_details(employee=employee, iban="", national_id="QQ 12 34 56 C")
    return {"any_paystub": make_paystub(employee, month=2).pk, "paycode": code.pk, "paydetails": details.pk}


def _document(title: str, *, is_confidential: bool = False) -> Document:
    document = stories.make_document(title=title, is_confidential=is_confidential)
    version = document.serving_version
    assert version is not None
    version.storage_key = files.key_of_version(version.pk)
    version.save()
    files.store(key=version.storage_key, source=io.BytesIO(b"x"))
    return document


def _names(document: Document) -> dict[str, Any]:
    return {"document": document.pk, "version": document.serving_version_id}


def _link(employee: Employee) -> dict[str, str]:
    uid, token = links.sign_in_path(employee).strip("/").split("/")[-2:]
    return {"uid": uid, "token": token}


def _audit_row() -> AuditLog:
    with transaction.atomic():
        return audit.record(verb="test.row")


def _far_audit_row() -> AuditLog:
    """As nobody else numbers them. Rows after it go on from its place, whatever its hashes are."""
    return AuditLog.objects.create(
        id=FOREIGN_NUMBER,
        sequence=FOREIGN_NUMBER,
        at=timezone.now(),
        actor_kind="system",
        actor="system",
        verb="test.row",
        outcome="success",
        previous_hash=bytes(32),
        row_hash=bytes(32),
    )


def _periodic_task() -> PeriodicTask:
    interval = IntervalSchedule.objects.create(every=1, period="hours")
    return PeriodicTask.objects.create(name="matrix", task="matrix", interval=interval)
