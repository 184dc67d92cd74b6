"""What time has ended is deleted, in every schema; what has not is kept."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.utils import timezone

from hr.models import Employee, RefreshToken
from hr.tests.api_helpers import api, post, sign_in
from ragsite.celery import app
from ragsite.models import ThrottleCounter
from ragsite.tasks import clear_expired
from tenants import context
from tenants.models import Tenant

pytestmark = pytest.mark.django_db


def counts(tenant: Tenant) -> dict[str, int]:
    with context.enter(tenant):
        rows: tuple[Any, ...] = (RefreshToken, Session, AccessAttempt, ThrottleCounter)
        return {model.__name__: model.objects.count() for model in rows}


def test_expired_rows_go_and_the_others_stay(acme: Tenant, globex: Tenant, bob: Employee, charlie: Employee) -> None:
    for tenant, person in ((acme, bob), (globex, charlie)):
        sign_in(tenant, person)
        post(api(tenant), "/api/v1/auth/token", {"email": "nobody@example.com", "password": "wrong"})
        with context.enter(tenant):
            Session.objects.create(session_key=f"s-{tenant.pk}", expire_date=timezone.now() + timedelta(hours=12))
    before = counts(acme)
    assert all(before.values())

    clear_expired()
    assert counts(acme) == before

    with time_machine.travel(timezone.now() + timedelta(days=8)):
        clear_expired()
    assert set(counts(acme).values()) == set(counts(globex).values()) == {0}


def test_every_scheduled_task_exists(settings: Any) -> None:
    app.loader.import_default_modules()

    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= app.tasks.keys()
