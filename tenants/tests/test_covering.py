"""After what must not be cut unseen a checkpoint is written at once, and its failure does not fail the action."""

import pytest
from django.core.files.storage import default_storage
from django.db import connection

from audit import checkpoints, standing
from audit.models import AuditCheckpoint, AuditLog
from hr.models import Employee
from hr.services import people, sessions
from tenants import context, rotation
from tenants import services as tenants


def uncovered(tenant=None):
    """How many rows of the log are younger than its last checkpoint."""
    with context.enter(tenant) if tenant is not None else context.enter_platform():
        return AuditLog.objects.latest("sequence").sequence - standing.of_current_schema().covered


def suspend(acme, bob):
    tenants.suspend(tenant=acme, reason="a suspicion", by="operator:1")


def change_role(acme, bob):
    with context.enter(acme):
        people.change_role(employee=bob, role=Employee.Role.MANAGER, reason="promoted")


def make_link(acme, bob):
    with context.enter(acme):
        sessions.new_sign_in_link(employee=bob, reason="asked for")


@pytest.mark.parametrize("act", [suspend, change_role, make_link])
def test_the_row_is_covered_when_the_action_returns(acme, bob, act, django_capture_on_commit_callbacks):
    before = connection.schema_name
    with django_capture_on_commit_callbacks(execute=True):
        act(acme, bob)

    assert uncovered(acme) == 0
    assert connection.schema_name == before


def test_suspending_and_rotating_cover_the_platforms_log(acme, django_capture_on_commit_callbacks):
    for act in (lambda: suspend(acme, None), lambda: rotation.rotate_in_emergency(reason="known to somebody")):
        with django_capture_on_commit_callbacks(execute=True):
            act()
        assert uncovered() == 0


def test_without_the_file_store_the_action_stands(acme, bob, monkeypatch, django_capture_on_commit_callbacks):
    def away(*args, **options):
        raise OSError("away")

    monkeypatch.setattr(type(default_storage), "exists", away, raising=False)
    with django_capture_on_commit_callbacks(execute=True):
        change_role(acme, bob)

    with context.enter(acme):
        assert Employee.objects.get(pk=bob.pk).role == Employee.Role.MANAGER
        assert not AuditCheckpoint.objects.exists()
        assert checkpoints.numbers(owner=str(acme.uuid)) == []
