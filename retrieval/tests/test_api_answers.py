"""The record of an answer and its readers, over the API: for its asker and nobody else."""

import pytest
from django.test import Client

from audit.models import AuditLog
from hr import tokens
from retrieval.answer_serializers import AnswerRecordV1
from retrieval.tests.test_hr_reading import QUESTION, SENSITIVE, asked, handbook, rule
from tenants import context

__all__ = ["handbook", "rule"]


def api(person, host="acme.localhost"):
    token = tokens.issue_access_token(employee=person, reason="test")
    return Client(headers={"host": host, "authorization": f"Bearer {token}"})


@pytest.fixture
def answer(handbook, bob):
    return asked(bob)


def test_asker_reads_how_the_answer_came_about(answer, bob, acme):
    response = api(bob).get(f"/api/v1/queries/{answer.pk}")

    body = response.json()
    assert response.status_code == 200, body
    assert set(body) == set(AnswerRecordV1().fields)
    assert (body["question"], body["outcome"], body["withheld"]) == (QUESTION, "answered", 0)
    assert body["candidates"][0]["fate"] == "cited" and body["hidden_candidates"] == 0
    with context.enter(acme):
        assert AuditLog.objects.filter(verb="answer.open", target=f"query:{answer.pk}").count() == 1


def test_passages_that_were_closed_since_have_neither_words_nor_ids(answer, handbook, bob):
    handbook.is_confidential = True
    handbook.save()

    body = api(bob).get(f"/api/v1/queries/{answer.pk}").json()

    assert (body["candidates"], body["citations"], body["sentences"]) == ([], [], [])
    assert body["hidden_candidates"] > 0 and body["withheld"] == 1
    assert str(handbook.pk) not in str(body) and "80 working days" not in str(body)


def test_somebody_elses_record_is_not_there(answer, alice):
    client = api(alice)

    assert client.get(f"/api/v1/queries/{answer.pk}").status_code == 404
    shared = client.post(f"/api/v1/queries/{answer.pk}/readers", {"lane": "shared"}, content_type="application/json")
    assert shared.status_code == 404


def test_readers_are_chosen_and_told(answer, rule, bob):
    rule("shared")

    body = (
        api(bob)
        .post(f"/api/v1/queries/{answer.pk}/readers", {"lane": "shared"}, content_type="application/json")
        .json()
    )

    assert body == {
        "query_id": str(answer.pk),
        "lane": "shared",
        "readers": "You shared this question and its answer with HR.",
    }


def test_sensitive_message_cannot_be_shared(handbook, bob):
    query = asked(bob, SENSITIVE)

    response = api(bob).post(f"/api/v1/queries/{query.pk}/readers", {"lane": "shared"}, content_type="application/json")

    assert response.status_code == 409
    assert response.json()["errors"][0]["code"] == "not_shareable"
