"""The cast and the places that every test may use."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from audit import actors, ownership
from hr import services as hr
from hr.models import Employee
from hr.signin import marks
from tenants import context, keys
from tenants import services as tenants
from tenants.kill_switches import state
from tenants.models import Tenant

REPO_ROOT = Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def hr_data() -> Path:
    """Real handbooks, questions and hostile files; kept beside the repository, never in it."""
    folder = Path(os.environ.get("HR_DATA_DIR") or REPO_ROOT.parent / "shared" / "data")
    if not (folder / "handbooks").is_dir():
        pytest.skip("no handbooks here: set HR_DATA_DIR to a folder with handbooks/, questions/ and hostile/")
    return folder


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> None:
    """Migrate the session's database once and onboard the two companies of the cast."""
    with django_db_blocker.unblock():
        call_command("migrate_schemas", shared=True, interactive=False, verbosity=0)
        # Committed here: a key that one test makes and rolls back would end the tokens of the next.
        keys.ensure_signing_key()
        tenants.onboard(name="Acme Instruments", domain="acme.localhost", admin_email="owner@acme.example")
        tenants.onboard(name="Globex Logistics", domain="globex.localhost", admin_email="owner@globex.example")


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """No transaction around the test: for threads, other processes, and what PostgreSQL does at commit.

    Companies that the test onboards are removed afterwards. What it writes to acme or globex would stay for the next
    test, so it onboards its own.
    """
    with django_db_blocker.unblock():
        yield
        connection.set_schema_to_public()
        for tenant in Tenant.objects.exclude(schema_name__in=["acme", "globex"]):
            ownership.drop_company(schema=tenant.schema_name)
            tenant.domains.all().delete()
            Tenant.objects.filter(pk=tenant.pk).delete()


@pytest.fixture
def acme(db: None) -> Tenant:
    return Tenant.objects.get(schema_name="acme")


@pytest.fixture
def globex(db: None) -> Tenant:
    return Tenant.objects.get(schema_name="globex")


@pytest.fixture
def in_acme(acme: Tenant) -> Iterator[Tenant]:
    """The test's thread works for acme, as in a request on its host."""
    with context.enter(acme), actors.acting_as(actors.SYSTEM):
        yield acme


@pytest.fixture(autouse=True)
def own_switches() -> None:
    """What the test before had switched off was rolled back; this process read it within the last second."""
    state.forget()


@pytest.fixture(autouse=True)
def own_files(tmp_path: Path, settings: Any) -> None:
    """A file store of the test's own: files are not rolled back with the transaction."""
    location = {**settings.STORAGES["default"]["OPTIONS"], "location": str(tmp_path / "files")}
    settings.STORAGES = {**settings.STORAGES, "default": {**settings.STORAGES["default"], "OPTIONS": location}}


PASSWORD = "correct horse battery"


def make_person(tenant: Tenant, *, email: str, name: str, role: str) -> Employee:
    """A person with a login in `tenant`, password PASSWORD."""
    with context.enter(tenant):
        return hr.create_employee(email=email, first_name=name, last_name="Example", role=role, password=PASSWORD)


@pytest.fixture
def alice(acme: Tenant) -> Employee:
    """HR at acme."""
    return make_person(acme, email="alice@acme.example", name="Alice", role="hr")


@pytest.fixture
def bob(acme: Tenant) -> Employee:
    """An employee of acme."""
    return make_person(acme, email="bob@acme.example", name="Bob", role="employee")


@pytest.fixture
def charlie(globex: Tenant) -> Employee:
    """An employee of globex, who must see nothing of acme."""
    return make_person(globex, email="charlie@globex.example", name="Charlie", role="employee")


@pytest.fixture(autouse=True)
def forced_login_is_a_whole_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """`client.force_login` stands for a sign-in a moment ago, with a second factor where one is needed."""
    login = Client._login  # type: ignore[attr-defined]

    def login_and_mark(client: Client, user: Any, backend: str | None = None) -> None:
        login(client, user, backend)
        session = client.session
        session[marks.CONFIRMED_AT] = session[marks.SECOND_FACTOR_AT] = time.time()
        session.save()

    monkeypatch.setattr(Client, "_login", login_and_mark)


@pytest.fixture(autouse=True)
def plain_static_files(settings: Any) -> None:
    """Pages name their files without a manifest: nothing was collected for the tests."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
