"""Two people at once: the document's lock lets one of them through at a time, and each sees what the other did."""

import threading
from datetime import date

import pytest
from django.db import connection

from documents import services
from documents.models import DocumentVersion
from documents.tests.timelines import make_document, make_version
from documents.windows import Window
from tenants import context
from tenants import services as tenants

JAN = date(2026, 1, 1)


@pytest.fixture
def tenant(committed, monkeypatch):
    monkeypatch.setattr("documents.services.outbox._try_to_send", lambda rows, now: 0)
    return tenants.onboard(name="Initech", domain="initech.localhost", admin_email="owner@initech.example").tenant


def at_once(tenant, *works):
    """Run each in a thread of its own; what it raised, in the order of the arguments."""
    barrier, raised = threading.Barrier(len(works)), [None] * len(works)

    def run(number, work):
        try:
            with context.enter(tenant):
                barrier.wait(10)
                work()
        except Exception as error:
            raised[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return raised


def test_versions_published_at_the_same_moment_never_share_a_day(tenant):
    with context.enter(tenant):
        document = make_document()
        versions = [make_version(document) for _ in range(4)]

    raised = at_once(
        tenant,
        *(lambda one=one: services.publish_version(version=one, window=Window(JAN)) for one in versions),
    )

    assert all(error is None or isinstance(error, services.WindowTaken) for error in raised)
    with context.enter(tenant):
        [left] = DocumentVersion.objects.in_force_on(JAN)
        assert left.number == 4


def test_withdrawn_twice_at_once_is_withdrawn_once(tenant):
    with context.enter(tenant):
        version = make_version(make_document(), first=JAN, publication="published")

    raised = at_once(
        tenant,
        *(lambda: services.withdraw_version(version=DocumentVersion(**vars_of(version)), reason="wrong") for _ in "ab"),
    )

    assert sorted(type(error).__name__ for error in raised) == ["NoneType", "WrongPublication"]


def vars_of(version):
    return {"pk": version.pk, "document_id": version.document_id}
