"""Tokens under concurrency: real threads, real commits, and cleaning up by hand afterwards."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from conftest import make_person
from hr.models import Employee, RefreshToken
from hr.tests.api_helpers import api, post, sign_in
from tenants import context, keys, rotation
from tenants.models import SigningKey, Tenant

REFRESH = "/api/v1/auth/token/refresh"


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Work that other threads see. The test removes what it makes."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def no_keys(committed: None) -> Iterator[None]:
    kept = list(SigningKey.objects.all())
    SigningKey.objects.all().delete()
    keys.forget_ring()
    yield
    SigningKey.objects.all().delete()
    SigningKey.objects.bulk_create(kept)
    keys.forget_ring()


@pytest.fixture
def dora(committed: None) -> Iterator[Employee]:
    """An employee of acme whom other threads see."""
    acme = Tenant.objects.get(schema_name="acme")
    employee = make_person(acme, email="dora@acme.example", name="Dora", role="employee")
    yield employee
    with context.enter(acme):
        user = employee.user
        employee.delete()
        assert user is not None
        user.delete()


def test_many_threads_make_one_first_key(no_keys: None) -> None:
    kids: list[str] = []

    at_once(8, lambda: (keys.ensure_signing_key(), kids.append(keys.signing_key().kid)))

    assert len(kids) == 8
    assert len(set(kids)) == 1
    assert SigningKey.objects.count() == 1


def test_rotations_at_once_leave_one_active_and_one_next_key(no_keys: None) -> None:
    keys.ensure_signing_key()
    ended: list[str] = []

    def rotate() -> None:
        try:
            ended.append(rotation.rotate(reason="at once", sleep=lambda _: None).kid)
        except rotation.RotatedMeanwhile:
            ended.append("meanwhile")

    at_once(6, rotate)

    assert len(ended) == 6
    assert SigningKey.objects.filter(state="active").count() == SigningKey.objects.filter(state="next").count() == 1
    assert keys.signing_key().kid in ended


def test_of_many_uses_of_one_refresh_token_one_is_first_and_the_rest_are_theft(dora: Employee) -> None:
    acme = Tenant.objects.get(schema_name="acme")
    pair = sign_in(acme, dora)
    statuses: list[int] = []

    at_once(6, lambda: statuses.append(post(api(acme), REFRESH, {"refresh": pair["refresh"]}).status_code))

    assert sorted(statuses) == [200, 401, 401, 401, 401, 401]
    with context.enter(acme):
        own = RefreshToken.objects.filter(employee=dora)
        assert own.count() == 2
        assert not own.filter(revoked_at__isnull=True).exists()


def at_once(count: int, work: Callable[[], Any]) -> None:
    """Run `work` in `count` threads that start together, each with its own connection."""
    start = threading.Barrier(count)

    def run() -> None:
        start.wait()
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
