"""Who was shown what: a row for each document or passage, with the read's audit row or not at all."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from audit import actors
from audit.models import AuditLog
from documents.models import DocumentAccess
from documents.services import accesses, originals
from documents.services.accesses import How, Shown
from hr import tokens
from retrieval.tests import stories
from tenants import context


@pytest.fixture
def as_bob(in_acme: Any, bob: Any) -> Any:
    with actors.acting_as(actors.Actor("employee", bob.actor_label)):
        yield bob


def test_passages_of_one_answer_are_one_row_each_and_no_message_more(
    as_bob: Any, django_assert_num_queries: Any
) -> None:
    document = stories.make_document()
    query = stories.make_answer(employee=as_bob)

    with transaction.atomic(), django_assert_num_queries(0):
        accesses.note(
            shown=[Shown(document.pk, document.serving_version_id, query.pk), Shown(document.pk)],
            how=How.ANSWER,
            query_id=query.pk,
        )

    rows = DocumentAccess.objects.order_by("pk").values_list("actor", "how", "document_id", "version_id", "query_id")
    assert list(rows) == [
        (as_bob.actor_label, "answer", document.pk, document.serving_version_id, query.pk),
        (as_bob.actor_label, "answer", document.pk, None, query.pk),
    ]


def test_nothing_shown_is_no_statement(as_bob: Any, django_assert_num_queries: Any) -> None:
    with transaction.atomic(), django_assert_num_queries(0):
        accesses.note(shown=[], how=How.SEARCH)


def test_an_access_needs_the_transaction_of_its_audit_row(committed: None) -> None:
    with pytest.raises(accesses.AccessOutsideTransaction):
        accesses.note(shown=[], how=How.SEARCH)


def test_without_the_audit_row_there_is_no_access(as_bob: Any, monkeypatch: Any) -> None:
    document = stories.make_document()

    with (
        pytest.raises(RuntimeError),
        actors.acting_as(actors.Actor("employee", "x" * 121)),  # no audit row can hold it
    ):
        try:
            with transaction.atomic():
                originals.record_reading(document=document, version=document.serving_version, how=How.PAGE)
        except Exception as error:
            raise RuntimeError from error

    assert not DocumentAccess.objects.exists()


def test_how_is_one_of_the_known_ways(as_bob: Any) -> None:
    with pytest.raises(IntegrityError, match="document_access_how_known"), transaction.atomic():
        accesses.note(shown=[Shown(stories.make_document().pk)], how="guess")


def test_every_door_leaves_its_row(acme: Any, alice: Any, bob: Any) -> None:
    with context.enter(acme):
        document = stories.make_document()
        query = stories.make_answer(employee=bob, quotes=((document, "Twins: 20 weeks."),))
        token = tokens.issue_access_token(employee=bob, reason="test")
    pages, console = Client(HTTP_HOST="acme.localhost"), Client(HTTP_HOST="acme.localhost")
    with context.enter(acme):
        pages.force_login(bob.user, backend="hr.backends.EmployeeBackend")
        console.force_login(alice.user, backend="hr.backends.EmployeeBackend")
    headers = {"authorization": f"Bearer {token}"}

    pages.get(f"/passage/{query.pk}/1/")
    pages.get(f"/d/{document.pk}/")
    pages.get(f"/api/v1/documents/{document.pk}", headers=headers)
    console.get(f"/admin/documents/document/{document.pk}/change/")

    with context.enter(acme):
        rows = list(DocumentAccess.objects.order_by("pk").values_list("how", "actor", "query_id"))
        assert rows == [
            ("passage", bob.actor_label, query.pk),
            ("page", bob.actor_label, None),
            ("api", bob.actor_label, None),
            ("preview", alice.actor_label, None),
        ]
        assert AuditLog.objects.filter(verb="document.read").count() == len(rows)


def test_another_companys_accesses_are_elsewhere(acme: Any, globex: Any, charlie: Any, as_bob: Any) -> None:
    with transaction.atomic():
        accesses.note(shown=[Shown(stories.make_document().pk)], how=How.PAGE)

    with context.enter(globex):
        assert not DocumentAccess.objects.exists()


def test_old_rows_are_forgotten(as_bob: Any) -> None:
    now = timezone.now()
    for days in (10, 500):
        DocumentAccess.objects.create(
            at=now - timedelta(days=days), actor="employee:1", document_id=stories.make_document().pk, how="page"
        )

    assert accesses.forget_before(moment=now - timedelta(days=400)) == 1
    assert DocumentAccess.objects.count() == 1
